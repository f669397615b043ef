"""ISO dates of any precision: a day, a month, a year, or an interval whose ends may be open."""

from __future__ import annotations

import calendar
import re
from datetime import date

DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
MONTH = re.compile(r"(\d{4})-(\d{1,2})")
YEAR = re.compile(r"(\d{4})")
YEARS = range(1950, 2100)
"""Guard: years that a date of a tower, a zone or a study may have."""
OPEN = ("", "..")
"""How an open end of an interval is written (ISO 8601-2)."""

Days = tuple[date, date]


def iso(text: str) -> Days | None:
    """Return the first and last day that a day, month or year allows; None for anything else."""
    try:
        if match := DAY.fullmatch(text):
            year, month, day = (int(g) for g in match.groups())
            return within(date(year, month, day), date(year, month, day))
        if match := MONTH.fullmatch(text):
            return month_of(int(match.group(1)), int(match.group(2)))
        if match := YEAR.fullmatch(text):
            return within(date(int(text), 1, 1), date(int(text), 12, 31))
    except (ValueError, calendar.IllegalMonthError):
        return None
    return None


def month_of(year: int, month: int) -> Days | None:
    """Return the first and last day of a month; None outside the years that records have."""
    last = calendar.monthrange(year, month)[1]
    return within(date(year, month, 1), date(year, month, last))


def within(first: date, last: date) -> Days | None:
    """Return the pair where it lies in years that records have."""
    return (first, last) if first.year in YEARS and last.year in YEARS else None


def interval(text: str) -> tuple[date | None, date | None] | None:
    """Return the first and last day of an ISO interval, None for an open end; None if it is none.

    `2007` is the whole year, `2015-08/2015-12` the days from the first of August to the end of
    December, `/2024-03` any day up to the end of March 2024, `2020-01/` any day from then on.

    >>> interval("2015-08/2015-12")
    (datetime.date(2015, 8, 1), datetime.date(2015, 12, 31))
    >>> interval("/2024-03")
    (None, datetime.date(2024, 3, 31))
    """
    parts = [part.strip() for part in text.strip().split("/")]
    if len(parts) == 1:
        return iso(parts[0])
    if len(parts) != 2 or all(part in OPEN for part in parts):
        return None
    ends = [None if part in OPEN else iso(part) for part in parts]
    if any(end is None and part not in OPEN for end, part in zip(ends, parts, strict=True)):
        return None
    first = ends[0][0] if ends[0] else None
    last = ends[1][1] if ends[1] else None
    if first is not None and last is not None and first > last:
        return None
    return first, last
