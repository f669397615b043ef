"""Dates as sources give them: a day, a month, a year, or an interval between two of these."""

from __future__ import annotations

import calendar
import re
from datetime import date

DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T.*)?")
AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
MONTH = re.compile(r"(\d{4})-(\d{1,2})")
YEAR = re.compile(r"(\d{4})")
YEARS = range(1950, 2100)


def span(text: str) -> tuple[date, date] | None:
    """Return the first and last day that a text allows, or None.

    `2007` is the whole year, `2007-06` the whole month, `2007-06-16/2008-02-22` the days between
    the first day of the former and the last day of the latter.
    """
    plain = text.strip()
    parts = plain.split("/")
    if len(parts) == 2:
        first, last = _one(parts[0]), _one(parts[1])
        return (first[0], last[1]) if first and last and first[0] <= last[1] else None
    return _one(plain)


def _one(text: str) -> tuple[date, date] | None:
    plain = text.strip()
    try:
        if match := DAY.fullmatch(plain):
            day = date(*(int(g) for g in match.groups()))
            found = (day, day)
        elif match := AMERICAN.fullmatch(plain):
            month, number, year = (int(g) for g in match.groups())
            day = date(year, month, number)
            found = (day, day)
        elif match := MONTH.fullmatch(plain):
            year, month = (int(g) for g in match.groups())
            found = (
                date(year, month, 1),
                date(year, month, calendar.monthrange(year, month)[1]),
            )
        elif match := YEAR.fullmatch(plain):
            year = int(match.group(1))
            found = (date(year, 1, 1), date(year, 12, 31))
        else:
            return None
    except (ValueError, calendar.IllegalMonthError):
        return None
    return found if found[0].year in YEARS else None
