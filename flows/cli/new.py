"""`funnel new`: asks what a new study is to be, and writes its file, ready for `funnel check`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from flows.cli.study_template import IOM_SINCE, Area, Wanted, study_toml
from flows.core.settings import today
from flows.core.store import write_text
from flows.workflow.studies import builtin
from geo.errors import InputProblems, Problem
from geo.records import CLOSED_MONTHS
from geo.study import add_months


def scaffold(
    name: str,
    area: Area | None,
    first: date | None,
    last: date | None,
    cuts: tuple[date, ...] | None,
    resolution_m: float,
    ask: Callable[[str], str] | None = None,
) -> Path:
    """Write `NAME.toml` here and return its path.

    Parameters
    ----------
    name
        Of the study.
    area, first, last, cuts
        As in `Wanted`; what is None is asked for, or takes its default where nobody can be asked.
    resolution_m
        Side of the cells, metres.
    ask
        Puts a question to the user and returns the answer; None where there is no terminal.

    Raises
    ------
    InputProblems
        If a file of that name is there, no area is given, or an answer makes no study.
    """
    path = Path(f"{name}.toml")
    if path.exists():
        remedy = "Choose another name, or remove the file"
        raise InputProblems([Problem(str(path), "this file is there already", remedy)])
    if name in builtin():
        raise InputProblems([Problem(name, "a built-in study has this name", "Choose another")])
    day = today()
    if area is None:
        area = _area(ask)
    first = first or _day(ask, "First day", IOM_SINCE)
    last = last or _day(ask, "Day after the last", add_months(day, -CLOSED_MONTHS).replace(day=1))
    if cuts is None:
        cuts = _cuts(ask)
    if last > day + timedelta(days=1):
        remedy = "A study is retrospective: let it end today or earlier"
        raise InputProblems([Problem("--to", f"{last} is in the future", remedy)])
    write_text(path, study_toml(Wanted(name, area, first, last, cuts, resolution_m), day))
    return path


def terminal() -> Callable[[str], str] | None:
    """Return how to ask the user, or None where nobody sits at a terminal."""
    return input if sys.stdin.isatty() and sys.stdout.isatty() else None


def _area(ask: Callable[[str], str] | None) -> Area:
    if ask is not None:
        given = ask("Area: west south east north, in degrees (26 40.6 27 41.8): ")
        try:
            west, south, east, north = (float(v) for v in given.replace(",", " ").split())
        except ValueError:
            remedy = "Give four numbers: west south east north"
            raise InputProblems([Problem("area", f"{given!r} is no area", remedy)]) from None
        return west, south, east, north
    remedy = "Give --area W S E N in degrees: --area 26 40.6 27 41.8"
    raise InputProblems([Problem("--area", "a study needs an area", remedy)])


def _day(ask: Callable[[str], str] | None, what: str, default: date) -> date:
    given = ask(f"{what} [{default}]: ").strip() if ask else ""
    return _date(given) if given else default


def _cuts(ask: Callable[[str], str] | None) -> tuple[date, ...]:
    if ask is None:
        return ()
    given = ask(
        "First day of each later period; the first of them is that of the first tower [none]: "
    )
    return tuple(_date(word) for word in given.replace(",", " ").split())


def _date(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        remedy = "Write it as year-month-day: 2014-01-01"
        raise InputProblems([Problem("date", f"{given!r} is no date", remedy)]) from None
