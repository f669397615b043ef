"""Which column of a tower file is which: the study's mapping, then usual names, said aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.errors import InputProblems, Problem
from geo.sources.layouts import shown_titles, unknown

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
UNITS: Mapping[str, tuple[str, float]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "metros", "metro", "mts", "mtrs"),
                    ("m", 1.0)),
    **dict.fromkeys(("ft", "feet", "foot", "pies"), ("ft", 0.3048)),
    **dict.fromkeys(("yd", "yds", "yard", "yards"), ("yd", 0.9144)),
    **dict.fromkeys(("km", "kms", "kilometre", "kilometres", "kilometer", "kilometers",
                     "kilometro", "kilometros"), ("km", 1000.0)),
    **dict.fromkeys(("mi", "mile", "miles", "milla", "millas"), ("mi", 1609.344)),
    **dict.fromkeys(("nm", "nmi", "nautical", "nauticas"), ("nautical mi", 1852.0)),
}  # fmt: skip
"""Definition: word of a title or cell = unit and its metres: those of definition, not measured."""
LITTLE = frozenset(("in", "en", "of", "the", "approx", "approximate"))
"""Words beside a unit that say nothing of a field."""
LENGTHS = {"height_m": ("height", "altura"), "range_m": ("range", "radius", "alcance")}
"""Words by which a column of lengths is known even where its title is none of the usual ones."""
EXAMPLE = ("latitude", "longitude", "status", "active_from")


def words_of(title: str) -> list[str]:
    """Return the words of a column's title in lower case: `Tower_Type` and `towerType` alike."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(title))
    return [w for w in re.split(r"[^a-z0-9]+", parted.lower()) if w]


def plain(title: str) -> str:
    """Return a title without signs and units: `Height (ft)` and `height_m` are both `height`."""
    words = words_of(title)
    return " ".join(w for w in words if w not in UNITS and w not in LITTLE) or " ".join(words)


def unit_of(title: str) -> tuple[str, float] | None:
    """Return the unit that a title states, and its metres."""
    found = [UNITS[w] for w in words_of(title) if w in UNITS]
    return max(found, key=lambda unit: unit[0].startswith("nautical"), default=None)


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
    problems = [
        Problem(where, f"columns maps {k!r}, which no tower has", f"Use one of {list(GUESSES)}")
        for k in given
        if k not in GUESSES
    ]
    problems += [
        Problem(
            where,
            "the column mapped to this field is not in the file",
            f"Map one of {shown_titles(header)}",
            field=k,
        )
        for k, v in given.items()
        if v not in header
    ]
    if problems:
        raise InputProblems(problems)
    titles: dict[str, str] = {}
    for title in header:
        titles.setdefault(plain(title), title)
    chosen, said = dict(given), []
    for name, usual in GUESSES.items():
        if name in chosen:
            continue
        taken = set(chosen.values())
        hit = next((titles[u] for u in usual if u in titles and titles[u] not in taken), None)
        if hit is not None:
            chosen[name] = hit
            if hit != name:
                said.append(f'{name} from "{hit}"')
    if "point" not in chosen and not {"latitude", "longitude"} <= set(chosen):
        raise unknown(where, header, "towers", EXAMPLE)
    text = f"{where}: columns guessed: {', '.join(said)}. Map them in the study to be sure."
    return chosen, [*([text] if said else []), *_unread(header, where, chosen)]


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
