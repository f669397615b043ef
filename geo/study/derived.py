"""What follows from a study: closed periods, years, its grid, and its random streams."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from datetime import date
from typing import Any

import numpy as np

from geo.grid import make_grid
from geo.study.model import Study
from geo.study.sections import (
    Period,
)


def closed_periods(study: Study) -> tuple[Period, ...]:
    """Return the periods that ended at least `closed_months` before `as_of`.

    Parameters
    ----------
    study
        Whose periods, day and floor count.

    Returns
    -------
    tuple of Period
        Those of which surfaces may be published.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.study import closed_periods
    >>> [p.id for p in closed_periods(examples.made_up_study())]
    ['before', 'after']
    """
    return tuple(
        p for p in study.periods if add_months(p.end, study.privacy.closed_months) <= study.as_of
    )


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month.

    Parameters
    ----------
    day
        Where counting starts.
    months
        How many; negative ones count back.

    Returns
    -------
    date
        The day.

    Raises
    ------
    AssertionError
        If the year counted to is none that a date can have, 1 to 9999.

    Examples
    --------
    >>> from datetime import date
    >>> from geo.study import add_months
    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def study_years(study: Study) -> tuple[Period, ...]:
    """Return the study's calendar years as periods `y2001`, `y2002`, ...

    Parameters
    ----------
    study
        Whose window is divided.

    Returns
    -------
    tuple of Period
        Half-open, 1 January to 1 January.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.study import study_years
    >>> study_years(examples.made_up_study())[0].id
    'y2001'
    """
    return tuple(
        Period(id=f"y{year}", label=str(year), start=date(year, 1, 1), end=date(year + 1, 1, 1))
        for year in study.years
    )


def stream(seed: int, step: str) -> np.random.Generator:
    """Return the random stream of one named step.

    Two steps never share draws, and adding a step changes no other step's draws.

    Parameters
    ----------
    seed
        The study's.
    step
        Any name.

    Returns
    -------
    numpy.random.Generator
        The same one for the same seed and name.

    Examples
    --------
    >>> from geo.study import stream
    >>> bool(stream(1, "towers").random() == stream(1, "towers").random())
    True
    """
    key = int.from_bytes(hashlib.sha256(step.encode()).digest()[:8], "big")
    return np.random.default_rng(np.random.SeedSequence([seed, key]))


def study_grid(study: Study) -> Any:
    """Return the study's one grid.

    Parameters
    ----------
    study
        Whose bounds, CRS and resolution make it.

    Returns
    -------
    odc.geo.geobox.GeoBox
        Square cells, metres, north up.

    Raises
    ------
    GridError
        If the area is empty.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.study import study_grid
    >>> study_grid(examples.made_up_study()).resolution.x
    500.0
    """
    return make_grid(study.bounds_lonlat, study.crs, study.grid.resolution_m)
