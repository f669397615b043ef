"""Which column of a tower file is which: the study's mapping, then usual names, said aloud."""

from __future__ import annotations

from collections.abc import Mapping

from geo.sources.columns import guess, judge_mapping, said, words_of
from geo.sources.layouts import unknown

GUESSES: Mapping[str, tuple[str, ...]] = {
    "latitude": ("latitude", "lat", "latitud", "y", "lat wgs84", "decimal latitude"),
    "longitude": ("longitude", "lon", "long", "lng", "longitud", "x", "lon wgs84",
                  "decimal longitude"),
    "point": ("wkt", "coordinates", "point", "location coordinates", "lat long"),
    "tower_id": ("tower id", "id", "site id", "objectid", "fid", "name", "site", "tower"),
    "programme": ("programme", "program", "type", "tower type", "system", "model", "structure",
                  "technology", "category", "folder"),
    "status": ("status", "state of site", "stage", "condition"),
    "height_m": ("height", "tower height", "height agl", "altura"),
    "range_m": ("range", "nominal range", "radius", "detection range", "viewing range", "alcance",
                "radio"),
    "active_from": ("active from", "installed", "install date", "installation date",
                    "date installed", "year installed", "built", "date built", "year built",
                    "operational", "operational date", "in service", "start", "start date",
                    "since"),
    "active_from_earliest": ("active from earliest",),
    "active_from_latest": ("active from latest",),
    "active_to": ("active to", "removed", "removal date", "date removed", "decommissioned", "end",
                  "end date", "until"),
    "active_to_earliest": ("active to earliest",),
    "active_to_latest": ("active to latest",),
    "replaces": ("replaces", "predecessor"),
    "location_uncertainty_m": ("location uncertainty", "uncertainty", "accuracy"),
    "citation": ("citation", "source", "sources", "reference", "evidence", "url", "link"),
    "verified_by": ("verified by", "verified", "confirmations"),
}  # fmt: skip
"""Field = titles that usually hold it, best first: in lower case, without signs and units."""
LENGTHS = {"height_m": ("height", "altura"), "range_m": ("range", "radius", "alcance")}
"""Words by which a column of lengths is known even where its title is none of the usual ones."""
EXAMPLE = ("latitude", "longitude", "status", "active_from")


def choose(
    header: list[str], where: str, columns: Mapping[str, str] | None
) -> tuple[dict[str, str], list[str]]:
    """Find the column of each field: the study's mapping first, then usual names.

    Parameters
    ----------
    header
        Columns of the file.
    where
        Name of the file in messages.
    columns
        Contract column = column of the file, as the study maps them.

    Returns
    -------
    dict
        Field = column of the file.
    list of str
        A sentence that names every guess.

    Raises
    ------
    InputProblems
        If the mapping names a field or a column that does not exist.
    LayoutError
        If no position can be found.

    Examples
    --------
    >>> from geo.sources import towers
    >>> towers.choose(["Lat", "Lon", "Program"], "towers.csv", None)[0]
    {'latitude': 'Lat', 'longitude': 'Lon', 'programme': 'Program'}
    """
    given = dict(columns or {})
    judge_mapping(header, where, given, list(GUESSES), "tower")
    chosen, guessed = guess(header, given, GUESSES)
    if "point" not in chosen and not {"latitude", "longitude"} <= set(chosen):
        raise unknown(where, header, "towers", EXAMPLE)
    return chosen, [*said(guessed, where), *_unread(header, where, chosen)]


def _unread(header: list[str], where: str, chosen: Mapping[str, str]) -> list[str]:
    """Say which columns of lengths are not read, so that none is passed over in silence."""
    return [
        f'{where}: "{title[:40]}" looks like a column of lengths and is not read; map it to {name} '
        "if it is one, with its unit (m, ft, yd, km, mi, nmi) in its title."
        for name, words in LENGTHS.items()
        if name not in chosen
        for title in header
        if set(words) & set(words_of(title)) and title not in chosen.values()
    ]
