"""How a file of deaths was read, for its owner: columns, dates, words, gaps, what stays behind.

Nothing of a record passes but numbers, dates and the contract's own words: no cell is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import InputProblems
from geo.sources import iom, mapped, recognise, vocabulary
from geo.sources.cells import Bounds
from geo.sources.dates import read_dates
from geo.sources.deaths.columns import (
    NEEDED,
    Unread,
    by_position,
    choose,
    key_column,
    unread,
    without_titles,
)
from geo.sources.fitting import fit
from geo.sources.hxl import as_incidents
from geo.sources.reading import Hints, Reading, tally
from geo.sources.tabular import read_table

WHOLE_EARTH: Bounds = (-180.0, -90.0, 180.0, 90.0)
"""Definition: west, south, east, north of the earth [degree]."""
EVER = (date(1700, 1, 1), date(2250, 1, 1))
"""Guard: days before and after every record, as far as dates of nanoseconds may reach."""
MOSTLY = 0.5
"""Guard: a column of a file without titles is one of dates or numbers where more of it is."""
MISSING = {
    "death_id": "records are known by their row: withdrawals and earlier states cannot be matched",
    "precision_class": "every place counts as vague, assumed",
    "pmi_class": "the day of death has no earliest bound",
    "cause_class": "every cause is unknown",
    "sex": "not compared",
    "age_years": "not compared",
}
"""Field that a file may lack = what follows."""


@dataclass(frozen=True)
class DeathFileDescription:
    """How a file of deaths was read.

    Attributes
    ----------
    columns
        Field = column of the file.
    guessed
        Fields whose column was guessed from its title, or from its place.
    proposed
        Case key that the mapping proposes and the reading did not use, or None.
    unread
        Titles of the columns that stay in the file.
    words
        Field = count of records by the contract's own word.
    listed
        Cause words of the file that stand in the registered list.
    missing
        Field = what follows from its absence.
    places
        Column = what it holds, of a file without titles; else empty.
    reading
        Records, quarantine, counts and warnings; None where a file without titles leaves open
        which column is which.
    flow
        From `tally`, or None.
    """

    columns: Mapping[str, str]
    guessed: tuple[str, ...]
    proposed: str | None
    unread: Unread
    words: Mapping[str, Mapping[str, int]]
    listed: tuple[str, ...]
    missing: Mapping[str, str]
    places: Mapping[str, str]
    reading: Reading | None
    flow: pd.DataFrame | None


def describe(
    path: Path,
    where: str,
    source_id: str,
    hints: Hints,
    as_of: date | None = None,
    area: Bounds | None = None,
    window: tuple[date, date] | None = None,
) -> DeathFileDescription:
    """Read a file of deaths and say how.

    Parameters
    ----------
    path, where, source_id
        The file, its name in messages, and the identifier of the source.
    hints
        What a study says of the file.
    as_of
        Day on which a study stands.
    area
        West, south, east, north of a study, degrees; the whole earth by default.
    window
        First day of a study, first day after it; all time by default.

    Raises
    ------
    LayoutError, InputProblems
        As `geo.sources.read`.
    """
    table = _table(path, where, hints)
    positions: dict[str, str] = {}
    if by_position(hints.columns) or without_titles([str(c) for c in table.columns]):
        table = read_table(path, where, titles=False)
        positions = _positions(table, where, hints)
        proposal = hints.columns or _proposed(table, positions)
        if not set(NEEDED) <= set(proposal) and "point" not in proposal:
            return DeathFileDescription(
                proposal, tuple(proposal), None, unread(list(positions), proposal), {}, (), {},
                positions, None, None,
            )  # fmt: skip
        hints = replace(hints, columns=proposal)
    reading = recognise.read(
        path, role="deaths", source_id=source_id, as_of=as_of, plausible=area, where=where,
        hints=hints,
    )  # fmt: skip
    records = fit(reading.records, area or WHOLE_EARTH, *(window or EVER))
    reading = replace(reading, records=records)
    header = [str(c) for c in table.columns]
    chosen = _chosen(header, where, hints)
    return DeathFileDescription(
        columns=chosen,
        guessed=_guessed(chosen, hints, reading.reader, positions),
        proposed=_key(table, chosen, reading.reader),
        unread=unread(header, chosen),
        words=_words(records),
        listed=_listed(table, chosen),
        missing=_missing(chosen, reading.reader),
        places=positions,
        reading=reading,
        flow=tally(reading),
    )


def _table(path: Path, where: str, hints: Hints) -> pd.DataFrame:
    """Return the table; one whose first row is plainly data is read without titles."""
    titles = not by_position(hints.columns)
    if titles:
        bare = read_table(path, where, titles=False)
        first = [str(c) for c in bare.iloc[0]] if len(bare) else []
        titles = not without_titles(first)
    return as_incidents(read_table(path, where, titles=titles), where)


def _chosen(header: Sequence[str], where: str, hints: Hints) -> dict[str, str]:
    reader = recognise.reader_of_deaths(header)
    if reader is mapped:
        return choose(header, where, hints.columns)[0]
    layout = iom.layout_of(list(header)) or reader.LAYOUT
    chosen: dict[str, str] = layout.resolve(list(header), where, hints.columns)[0]
    return chosen


def _guessed(
    chosen: Mapping[str, str], hints: Hints, reader: str, positions: Mapping[str, str]
) -> tuple[str, ...]:
    if positions:
        return tuple(chosen)
    if reader != "mapped_deaths":
        return ()
    return tuple(f for f, c in chosen.items() if f not in hints.columns and c != f)


def _key(table: pd.DataFrame, chosen: Mapping[str, str], reader: str) -> str | None:
    """Return a column of case keys that is filled and unique, where none is mapped."""
    column = key_column([str(c) for c in table.columns])
    if reader != "mapped_deaths" or "death_id" in chosen or column is None:
        return None
    keys = table[column].astype(str).str.strip()
    return None if (keys == "").any() or keys.duplicated().any() else column


def _missing(chosen: Mapping[str, str], reader: str) -> dict[str, str]:
    """Say what follows from the fields that a file lacks; a known layout says its own."""
    own = reader == "mapped_deaths"
    return {f: then for f, then in MISSING.items() if own and f not in chosen}


def _words(records: pd.DataFrame) -> dict[str, dict[str, int]]:
    fields = ("cause_class", "pmi_class", "sex")
    counts = {f: records[f].value_counts().to_dict() for f in fields}
    known = records["precision_m"].map(lambda m: "" if pd.isna(m) else f", {m:,.0f} m")
    assumed = records["precision_basis"].map(lambda b: "" if pd.isna(b) else ", assumed")
    counts["precision_class"] = (
        (records["precision_class"] + known + assumed).value_counts().to_dict()
    )
    return {f: {str(k): int(n) for k, n in c.items()} for f, c in counts.items()}


def _listed(table: pd.DataFrame, chosen: Mapping[str, str]) -> tuple[str, ...]:
    if "cause_class" not in chosen:
        return ()
    known = vocabulary.terms("cause_terms")
    return tuple(sorted(set(vocabulary.tidy(table[chosen["cause_class"]])) & set(known)))


def _positions(table: pd.DataFrame, where: str, hints: Hints) -> dict[str, str]:
    return {str(c): _holds(table[c], where, str(c), hints) for c in table.columns}


def _holds(cells: pd.Series, where: str, column: str, hints: Hints) -> str:
    """Say what a column without a title holds; only days are quoted."""
    text = cells.astype(str).str.strip()
    filled = text[text != ""]
    if filled.empty:
        return "blank"
    numbers = pd.to_numeric(filled, errors="coerce")
    if numbers.notna().mean() > MOSTLY:
        low, high = numbers.min(), numbers.max()
        whole = bool((numbers.dropna() == numbers.dropna().round()).all())
        if not whole and low >= -180 and high <= 180:
            return f"decimal numbers, {low:.0f} to {high:.0f}"
        return "whole numbers" if whole else "decimal numbers"
    try:
        days = read_dates(filled, where, column, hints.date_order)
    except InputProblems:
        return "dates, day and month in an order that no row proves"
    known = [s for s in days.spans if s is not None]
    if len(known) > MOSTLY * len(filled):
        return f"dates, {min(s[0] for s in known)} to {max(s[1] for s in known)}"
    return "text, not shown"


def _proposed(table: pd.DataFrame, positions: Mapping[str, str]) -> dict[str, str]:
    """Propose date, latitude and longitude where one column each can be them."""
    dates = [c for c, what in positions.items() if what.startswith("dates")]
    degrees = [c for c, what in positions.items() if what.startswith("decimal numbers, ")]
    found = {"found_on": dates[0]} if len(dates) == 1 else {}
    if len(degrees) == 2:
        middle = {c: float(np.nanmedian(pd.to_numeric(table[c], errors="coerce"))) for c in degrees}
        wide = [c for c in degrees if abs(middle[c]) > 90 or middle[c] < 0]
        if len(wide) == 1:
            other = next(c for c in degrees if c != wide[0])
            found |= {"latitude": other, "longitude": wide[0]}
    return found
