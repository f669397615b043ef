"""Which column of a file of deaths is which, and which hold names or free text and stay unread."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.sources.columns import guess, judge_mapping, plain, said, words_of
from geo.sources.layouts import titled, unknown

GUESSES: Mapping[str, tuple[str, ...]] = {
    "found_on": ("found on", "date found", "found", "date of discovery", "discovery date",
                 "date discovered", "date recovered", "recovery date", "date of recovery",
                 "date body found", "date remains found", "date reported", "reported date",
                 "reporting date", "report date", "reported", "date of report", "incident date",
                 "date of incident", "event date", "date of event", "date", "fecha",
                 "fecha hallazgo", "fecha de hallazgo", "date time", "datetime", "date of death",
                 "death date", "dod"),
    "latitude": ("latitude", "lat", "latitud", "y", "gps latitude", "gps lat", "decimal latitude",
                 "latitude decimal", "lat wgs84", "latitude found", "found latitude"),
    "longitude": ("longitude", "lon", "long", "lng", "longitud", "x", "gps longitude", "gps lon",
                  "gps long", "decimal longitude", "longitude decimal", "lon wgs84",
                  "longitude found", "found longitude"),
    "point": ("wkt", "coordinates", "gps coordinates", "coordenadas", "point", "lat long",
              "lat lon", "gps", "location coordinates"),
    "death_id": ("death id",),
    "pmi_class": ("pmi class", "post mortem interval", "postmortem interval", "pmi",
                  "estimated time since death", "time since death"),
    "sex": ("sex", "gender", "sexo"),
    "age_years": ("age years", "age", "edad", "estimated age"),
    "cause_class": ("cause class", "cause of death", "cause", "cod", "causa", "causa de muerte",
                    "official cause of death"),
    "precision_class": ("precision class", "location precision", "precision", "location accuracy",
                        "accuracy", "accuracy of location", "coordinate accuracy", "gps accuracy",
                        "location quality", "coordinate precision", "place accuracy",
                        "accuracy of place"),
    "precision_m": ("precision m", "location uncertainty", "uncertainty", "error radius",
                    "accuracy radius", "radius"),
    "corridor": ("corridor", "corredor"),
    "land_manager": ("land manager", "surface management", "land ownership"),
    "identified": ("identified", "identification status"),
    "persons": ("persons", "number of persons", "number of dead", "number dead", "number deceased",
                "total dead"),
}  # fmt: skip
"""Field = titles that usually hold it, best first: in lower case, without signs and units."""
KEYS = ("case number", "case no", "case nr", "case id", "case key", "case", "me case number",
        "me case no", "me case", "me number", "ml number", "record id", "record number", "uid",
        "id", "objectid", "fid")  # fmt: skip
"""Titles of case keys: proposed, and used only where the study maps one, since a key stands for a
person in restricted trees and withdrawals."""
NEEDED = ("found_on", "latitude", "longitude")
NAMES = frozenset((
    "name", "names", "first", "last", "middle", "surname", "surnames", "forename", "given",
    "family", "maiden", "alias", "aka", "nombre", "nombres", "apellido", "apellidos", "decedent",
    "deceased", "victim", "person", "kin", "father", "mother", "parent", "spouse", "contact",
    "phone", "telephone", "telefono", "email", "dob", "birth", "birthdate", "birthday",
    "nacimiento", "passport", "ssn", "curp", "tattoo", "tattoos", "investigator", "officer",
    "agent", "reporter",
))  # fmt: skip
"""Words of titles by which a column is one of names, or of what stands for a name."""
FREE_TEXT = frozenset((
    "location", "place", "lugar", "address", "note", "notes", "notas", "narrative", "comment",
    "comments", "description", "descripcion", "remarks", "circumstances", "circumstance",
    "summary", "details", "detail", "url", "link", "article", "title", "source", "sources",
    "property", "effects", "belongings", "clothing", "condition", "history", "text", "manner",
))  # fmt: skip
"""Words of titles by which a column is one of free text."""
POSITION = re.compile(r"column \d+")
"""How a column of a file without titles is called."""


def key_column(header: Sequence[str]) -> str | None:
    """Return the title that looks most like that of case keys, or None."""
    titles = {plain(c): c for c in reversed(header)}
    return next((titles[plain(k)] for k in KEYS if plain(k) in titles), None)


@dataclass(frozen=True)
class Unread:
    """Titles of the columns that no field takes, by why they stay in the file.

    Attributes
    ----------
    names
        Columns of names, or of what stands for a name.
    free_text
        Columns of free text.
    others
        The others.
    """

    names: tuple[str, ...]
    free_text: tuple[str, ...]
    others: tuple[str, ...]


def choose(
    header: Sequence[str], where: str, columns: Mapping[str, str] | None
) -> tuple[dict[str, str], list[str]]:
    """Find the column of each field of a file of deaths: the study's mapping, then usual titles.

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
        If no date or no position can be found.

    Examples
    --------
    >>> from geo.sources import deaths
    >>> deaths.choose(["Last Name", "Date Found", "Lat", "Lon"], "county.csv", None)[0]
    {'found_on': 'Date Found', 'latitude': 'Lat', 'longitude': 'Lon'}
    """
    given = dict(columns or {})
    judge_mapping(header, where, given, list(GUESSES), "record")
    usual = {n: t for n, t in GUESSES.items() if not (n == "point" and _placed(given, header))}
    chosen, guessed = guess(header, given, usual)
    placed = "point" in chosen or {"latitude", "longitude"} <= set(chosen)
    if "found_on" not in chosen or not placed:
        raise unknown(where, list(header), "recorded deaths", NEEDED)
    if {"latitude", "longitude"} <= set(chosen) and "point" not in given:
        chosen.pop("point", None)
        guessed = [g for g in guessed if not g.startswith("point from ")]
    return chosen, said(guessed, where)


def _placed(given: Mapping[str, str], header: Sequence[str]) -> bool:
    return {"latitude", "longitude"} <= set(given) or {"latitude", "longitude"} <= set(header)


def unread(header: Sequence[str], chosen: Mapping[str, str]) -> Unread:
    """Sort the titles of columns that no field takes by why they stay in the file."""
    left = [c for c in header if c not in chosen.values()]
    names = tuple(c for c in left if NAMES & set(words_of(c)))
    texts = tuple(c for c in left if c not in names and FREE_TEXT & set(words_of(c)))
    return Unread(names, texts, tuple(c for c in left if c not in (*names, *texts)))


def by_position(columns: Mapping[str, str]) -> bool:
    """Return whether a mapping names columns by their place: the file has no titles."""
    return bool(columns) and all(POSITION.fullmatch(c) for c in columns.values())


def without_titles(header: Sequence[str]) -> bool:
    """Return whether a first row may be data: no cell of it is a title that is known here."""
    known = {title for usual in GUESSES.values() for title in usual}
    return not any(titled(c) or " ".join(words_of(c)) in known for c in header)
