"""What the columns of a publisher's table are called, and what is said where they are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from geo.errors import LayoutError

TITLES = frozenset((
    "id", "no", "nr", "number", "key", "fid", "objectid", "object id", "case", "case number",
    "record", "row", "name", "nombre", "site", "tower", "type", "tipo", "status", "estado",
    "class", "kind", "category", "date", "fecha", "day", "dia", "month", "mes", "year", "ano",
    "a\xf1o", "time", "reported", "report date", "reporting date", "date found", "found on",
    "date of death", "discovery date", "incident date", "latitude", "longitude", "latitud",
    "longitud", "lat", "lon", "long", "lng", "x", "y", "utm x", "utm y", "easting", "northing",
    "coordinates", "coordenadas", "location", "place", "lugar", "sex", "sexo", "gender", "age",
    "edad", "cause", "causa", "cause of death", "manner", "county", "state", "country", "region",
    "sector", "corridor", "municipality", "municipio", "persons", "dead", "deaths", "count",
    "total", "source", "citation", "reference", "url", "link", "notes", "note", "notas",
    "comments", "description", "height", "range", "elevation", "installed", "program", "programme",
    "value", "unit", "geometry", "wkt", "web id", "mainid", "license id", "callsign", "ml number",
    "post mortem interval",
))  # fmt: skip
"""Titles of columns by which a first row is known to be one of titles, in lower case."""


@dataclass(frozen=True)
class Layout:
    """The columns of one publisher's table.

    Attributes
    ----------
    reader
        Name of the layout.
    needs
        Contract column = publisher's column, those that must be there.
    knows
        Other columns the publisher is known to have; their absence is said, not refused.
    """

    reader: str
    needs: Mapping[str, str]
    knows: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the layout."""
        return (*dict.fromkeys((*self.needs.values(), *self.knows)),)

    def likeness(self, header: Sequence[str]) -> float:
        """Return the share of this layout's columns that the header has."""
        return len(set(header) & set(self.columns)) / len(self.columns)

    def resolve(
        self, header: Sequence[str], where: str, mapping: Mapping[str, str] | None = None
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Find each needed column in the header.

        Returns
        -------
        dict
            Contract column = column of the file.
        tuple of str
            Sentences on columns that are new or gone but not needed.

        Raises
        ------
        LayoutError
            If a needed column is not there, naming what is missing, what is new and how to map.
        """
        chosen = {**self.needs, **{k: v for k, v in (mapping or {}).items() if k in self.needs}}
        missing = {k: v for k, v in chosen.items() if v not in header}
        mapped = set((mapping or {}).values())
        new = [c for c in header if c not in self.columns and c not in mapped]
        if missing and not any(titled(c) for c in header):
            raise unknown(where, header, self.reader, list(self.needs))
        if missing:
            raise LayoutError(_drift(self.reader, where, missing, new))
        said = []
        gone = [c for c in self.knows if c not in header and c not in chosen.values()]
        if gone:
            said.append(f"{where}: column {', '.join(gone)} is no longer there; it is not needed.")
        if new:
            said.append(
                f"{where}: {len(new)} column(s) the {self.reader} reader does not know "
                f"({', '.join(_safe(c) for c in new[:6])}); they are not read."
            )
        return chosen, tuple(said)


def _drift(reader: str, where: str, missing: Mapping[str, str], new: Sequence[str]) -> str:
    parts = []
    for name, column in missing.items():
        close = get_close_matches(column, list(new), n=1, cutoff=0.5)
        hint = f' (renamed to "{_safe(close[0])}"?)' if close else ""
        parts.append(f'"{column}" for {name}{hint}')
    text = f"{where}: this looks like {reader}, but a column is missing: {'; '.join(parts)}. "
    if new:
        text += f"Columns not known before: {', '.join(_safe(c) for c in new[:12])}. "
    example = next(iter(missing))
    return (
        text + "If a column was renamed, name it in the study under this source: "
        f'columns = {{ {example} = "its new name" }}.'
    )


def unknown(where: str, header: Sequence[str], role: str, needed: Sequence[str]) -> LayoutError:
    """Return the error for a layout nobody has described yet."""
    example = ", ".join(f'{n} = "..."' for n in needed)
    if not any(titled(c) for c in header):
        return LayoutError(
            f"{where}: no cell of the first row ({len(header)}) is a title that is known here; it "
            "may be data already and is not shown. Add a row of column names; where it is one, say "
            f"in the study which column is which, under this source: columns = {{ {example} }}."
        )
    shown = ", ".join(_safe(c) for c in header[:30]) or "none"
    return LayoutError(
        f"{where}: no known layout of {role} has these columns: {shown}. Say in the study which "
        f"column is which, under this source: columns = {{ {example} }}."
    )


def titled(cell: str) -> bool:
    """Return whether a cell of the first row is a title that tables of this kind have.

    Where none is, the row may be the first record of a table without titles, and nobody's name is
    shown in a message.
    """
    plain = " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell).lower()))
    return plain in TITLES


def shown_titles(header: Sequence[str]) -> str:
    """Return the titles of a table for a message; none where the first row may be data."""
    if not any(titled(c) for c in header):
        return f"the {len(header)} columns, whose first row may be data and is not shown"
    return ", ".join(_safe(c) for c in header[:30])


def _safe(name: str) -> str:
    return " ".join(str(name).split())[:40]
