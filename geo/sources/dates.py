"""Dates as publishers and people write them; day and month are told apart once per column.

`03/04/2015` alone says nothing of its order. A column does: one `25/11/2015` in it proves that its
days stand first. Where no row proves it, the study says it, or the file is refused; nothing is
guessed row by row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import pandas as pd

from geo import date_intervals
from geo.date_intervals import Days
from geo.errors import InputProblems, Problem

Order = Literal["day", "month"]
"""Which of the two numbers of `03/04/2015` stands first."""

PARTED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T].*)?")
YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})(?:[ T].*)?")
DIGITS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
YEAR_AS_FLOAT = re.compile(r"((?:19|20)\d\d)\.0+")
AROUND = re.compile(r"(?<=\d)\s*([/.])\s*(?=\d)")
"""Blanks that people leave around the separators of a date."""
MONTH_YEAR = re.compile(r"([^\W\d_]{3,10})\.?,? (\d{4})")
DAY_MONTH_YEAR = re.compile(r"(\d{1,2})\.? (?:de )?([^\W\d_]{3,10})\.?,? (?:de )?(\d{4})")
MONTH_DAY_YEAR = re.compile(r"([^\W\d_]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
QUARTER = re.compile(r"(?:q([1-4]) (\d{4})|(\d{4})[ -]?q([1-4]))", re.IGNORECASE)
MONTH_OF_YEAR = re.compile(r"(\d{1,2})/(\d{4})")
BETWEEN = re.compile(
    r"\s+(?:to|until|and|a|-|\u2013|\u2014)\s+|\s*[\u2013\u2014]\s*", re.IGNORECASE
)
YEARS_APART = re.compile(r"(\d{4})-(\d{4})")
EPOCH_MS = re.compile(r"-?\d{12,13}")
EPOCH_S = re.compile(r"\d{9,10}")
SERIAL = re.compile(r"([2-5]\d{4})(?:\.\d+)?")
SERIAL_ZERO = date(1899, 12, 30)
"""Definition: day 0 of a spreadsheet's 1900 date system, as it counts after its own leap-year
mistake."""
HIGHEST_MONTH = 12
"""Definition: months of a year."""
BLANK = ("", "-", "?", "na", "n/a", "nan", "nat", "none", "null", "unknown", "not known", "tbd")
"""What people write where they know nothing, in lower case."""
MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "enero"),
    ("february", "febrero"),
    ("march", "marzo"),
    ("april", "abril"),
    ("may", "mayo"),
    ("june", "junio"),
    ("july", "julio"),
    ("august", "agosto"),
    ("september", "septiembre"),
    ("october", "octubre"),
    ("november", "noviembre"),
    ("december", "diciembre"),
)
AMBIGUOUS = "day and month cannot be told apart: in every date of this column both are at most 12"
TORN = "some dates of this column have the day first and some the month"
REMEDY = (
    'Say date_order = "day" (or "month") under this source in the study, or write the dates as '
    "YYYY-MM-DD (`funnel towers FILE` or `funnel deaths FILE`, with `--date-order day`, shows them)"
)


@dataclass(frozen=True)
class Dates:
    """A column of dates, read.

    Attributes
    ----------
    spans
        First and last day that each cell allows; None for blanks and for what is no date.
    lost
        True where a cell holds something that is no date.
    said
        What was decided for the column as a whole, in sentences.
    """

    spans: tuple[Days | None, ...]
    lost: tuple[bool, ...]
    said: tuple[str, ...]


def read_dates(
    cells: pd.Series,
    where: str,
    column: str,
    given: Order | None = None,
    usual: Order | None = None,
) -> Dates:
    """Read a column of dates.

    Parameters
    ----------
    cells
        Text; the index holds row numbers.
    where, column
        File and column, for messages.
    given
        Order that the study states; it decides.
    usual
        Order in which the publisher of a known layout writes, where no row proves another.

    Raises
    ------
    InputProblems
        If day and month of the column cannot be told apart.
    """
    text = cells.astype(str).str.strip().str.replace(r"\s+", " ", regex=True)
    text = text.str.replace(AROUND, r"\1", regex=True)
    filled = ~text.str.lower().isin(BLANK)
    order, said = decide(text, where, column, given, usual)
    found = tuple(one(t, order) if f else None for t, f in zip(text, filled, strict=True))
    lost = tuple(bool(f and s is None) for f, s in zip(filled, found, strict=True))
    return Dates(found, lost, (*said, *_kinds(text[filled], where, column)))


def decide(
    text: pd.Series, where: str, column: str, given: Order | None, usual: Order | None = None
) -> tuple[Order, tuple[str, ...]]:
    """Return which number of a column's dates is the day, and what was said of it.

    Raises
    ------
    InputProblems
        If no row and nobody says, or if rows contradict each other.
    """
    parts = text.str.extract(PARTED)
    first, second = (pd.to_numeric(parts[n], errors="coerce") for n in (0, 2))
    day, month = first > HIGHEST_MONTH, second > HIGHEST_MONTH
    open_ = first.notna() & ~day & ~month & (first != second)
    count = int(first.notna().sum())
    if given is not None or not count:
        return given or usual or "month", ()
    if day.any() and month.any():
        raise InputProblems([_problem(where, column, TORN, int(text.index[month][0]))])
    if day.any() or month.any():
        order: Order = "day" if day.any() else "month"
        proof = int(text.index[day | month][0])
        said = (
            f"{where}, {column}: the {order} stands first in all {count} dates written in numbers "
            f"(row {proof} proves it)."
        )
        return order, (said,) if order != usual else ()
    if usual is not None:  # a publisher's habit is one of writing with slashes
        open_ &= parts[1] != "/"
    if open_.any():
        raise InputProblems([_problem(where, column, AMBIGUOUS, int(text.index[open_][0]))])
    return usual or "month", ()


def _problem(where: str, column: str, what: str, row: int) -> Problem:
    return Problem(where, what, REMEDY, row=row, field=column)


def one(text: str, order: Order = "month") -> Days | None:
    """Return the first and last day that a text allows, or None.

    >>> one("Feb 2010")
    (datetime.date(2010, 2, 1), datetime.date(2010, 2, 28))
    >>> one("2018-2019")
    (datetime.date(2018, 1, 1), datetime.date(2019, 12, 31))
    """
    plain = " ".join(text.split())
    if (found := _single(plain, order)) is not None:
        return found
    if match := YEARS_APART.fullmatch(plain):
        return _joined(match.group(1), match.group(2), order)
    halves = plain.split("/") if plain.count("/") == 1 else BETWEEN.split(plain)
    return _joined(halves[0], halves[1], order) if len(halves) == 2 else None


def _joined(first: str, last: str, order: Order) -> Days | None:
    begin, end = (_single(half.strip(), order) for half in (first, last))
    return (begin[0], end[1]) if begin and end and begin[0] <= end[1] else None


def _single(text: str, order: Order) -> Days | None:
    if (found := date_intervals.iso(text)) is not None:
        return found
    try:
        return _numbered(text, order) or _worded(text) or _counted(text)
    except (ValueError, OverflowError):
        return None


def _numbered(text: str, order: Order) -> Days | None:
    if match := PARTED.fullmatch(text):
        a, b, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
        day, month = (a, b) if order == "day" else (b, a)
        return _day(year, month, day)
    if match := YEAR_FIRST.fullmatch(text):
        return _day(int(match.group(1)), int(match.group(3)), int(match.group(4)))
    if match := DIGITS.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
        return _day(year, month, day)
    if match := YEAR_AS_FLOAT.fullmatch(text):
        return date_intervals.iso(match.group(1))
    if match := MONTH_OF_YEAR.fullmatch(text):
        month = int(match.group(1))
        whole = month <= HIGHEST_MONTH and month
        return date_intervals.month_of(int(match.group(2)), month) if whole else None
    return None


def _worded(text: str) -> Days | None:
    if match := MONTH_YEAR.fullmatch(text):
        number = _month(match.group(1))
        return date_intervals.month_of(int(match.group(2)), number) if number else None
    if match := DAY_MONTH_YEAR.fullmatch(text):
        number = _month(match.group(2))
        return _day(int(match.group(3)), number, int(match.group(1))) if number else None
    if match := MONTH_DAY_YEAR.fullmatch(text):
        number = _month(match.group(1))
        return _day(int(match.group(3)), number, int(match.group(2))) if number else None
    if match := QUARTER.fullmatch(text):
        quarter = int(match.group(1) or match.group(4))
        year = int(match.group(2) or match.group(3))
        begin, end = (
            date_intervals.month_of(year, 3 * quarter - 2),
            date_intervals.month_of(year, 3 * quarter),
        )
        return (begin[0], end[1]) if begin and end else None
    return None


def _counted(text: str) -> Days | None:
    """Read dates that machines count: milliseconds or seconds since 1970, days since 1899."""
    if EPOCH_MS.fullmatch(text):
        day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))).date()
    elif EPOCH_S.fullmatch(text):
        day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text))).date()
    elif match := SERIAL.fullmatch(text):
        day = SERIAL_ZERO + timedelta(days=int(match.group(1)))
    else:
        return None
    return date_intervals.within(day, day)


def _kinds(text: pd.Series, where: str, column: str) -> tuple[str, ...]:
    """Say of a column how many of its cells are dates that machines count."""
    counted: Mapping[str, re.Pattern[str]] = {
        "milliseconds since 1970, UTC": EPOCH_MS,
        "seconds since 1970, UTC": EPOCH_S,
        "day numbers of a spreadsheet (1900 date system)": SERIAL,
    }
    said = []
    for what, pattern in counted.items():
        hit = text[text.str.fullmatch(pattern)]
        day = _counted(hit.iloc[0]) if len(hit) else None
        if day is not None:
            said.append(
                f"{where}, {column}: {len(hit)} cells are read as {what}; row {hit.index[0]} is "
                f"{day[0]}."
            )
    return tuple(said)


def _day(year: int, month: int, day: int) -> Days | None:
    found = date(year, month, day)
    return date_intervals.within(found, found)


def _month(word: str) -> int | None:
    start = "september" if word.lower() == "sept" else word.lower()
    hits = [n for n, names in enumerate(MONTHS, 1) if any(m.startswith(start) for m in names)]
    return hits[0] if len(hits) == 1 else None
