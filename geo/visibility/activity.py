"""When each tower stood and watched, and which towers enter a dose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.visibility.dating import DATES, DOSE_STATUSES, dated, days_of, enters_dose

CONTROL_STATUSES = ("planned", "cancelled")
ALWAYS = (np.datetime64("1900-01-01", "D"), np.datetime64("2200-01-01", "D"))
"""First and last day of a site without dates of its own (controls), and of an open end."""


class DateInterval(Protocol):
    """A half-open interval of days [start, end) with a name, such as `geo.study.Period`."""

    @property
    def id(self) -> str:
        """Name."""
        ...

    @property
    def start(self) -> date:
        """First day."""
        ...

    @property
    def end(self) -> date:
        """First day after."""
        ...


def controls(towers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the planned and cancelled sites, as towers that stood all along.

    They never enter a dose. Their coverage, computed from this table, says what would have been
    seen from places that were thought fit for a tower and got none.

    Parameters
    ----------
    towers
        Table of towers (`geo.records.TOWERS`).

    Returns
    -------
    gpd.GeoDataFrame
        Planned and cancelled sites, active on every day of any period; to be given to `coverage`.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> visibility.controls(examples.towers())["tower_id"].tolist()
    ['west']
    """
    sites = towers[towers["status"].isin(CONTROL_STATUSES)].copy()
    sites["status"] = "deployed"
    sites["replaces"] = None
    for column, day in zip(DATES, (ALWAYS[0], ALWAYS[0], ALWAYS[1], ALWAYS[1]), strict=True):
        sites[column] = day.astype("datetime64[us]")
    return sites


def baseline(towers: gpd.GeoDataFrame, pre_tower_end: date) -> NDArray[np.bool_]:
    """Return which towers surely stood before the study's first tower: baseline, in no dose.

    Parameters
    ----------
    towers
        Table of towers.
    pre_tower_end
        First day after the time before the first tower.

    Returns
    -------
    NDArray
        (towers,) bool.

    Examples
    --------
    >>> from datetime import date
    >>> from geo import examples, visibility
    >>> visibility.baseline(examples.towers(), date(2000, 1, 1)).tolist()
    [False, False]
    """
    return np.asarray(towers["active_from_latest"] < pd.Timestamp(pre_tower_end), bool)


def dosed(towers: gpd.GeoDataFrame, pre_tower_end: date) -> gpd.GeoDataFrame:
    """Return the towers without the baseline; a link to a tower of the baseline goes with it.

    Parameters
    ----------
    towers
        Table of towers.
    pre_tower_end
        First day after the time before the first tower.

    Returns
    -------
    GeoDataFrame
        Its towers outside `baseline`, with the columns of the table.

    Examples
    --------
    >>> from datetime import date
    >>> from geo import examples, visibility
    >>> len(visibility.dosed(examples.towers(), date(2000, 1, 1)))
    2
    """
    kept = towers[~baseline(towers, pre_tower_end)]
    linked = kept["replaces"].where(kept["replaces"].isin(kept["tower_id"]), None)
    return kept.assign(replaces=linked)


def roster(towers: gpd.GeoDataFrame, periods: Sequence[DateInterval]) -> pd.DataFrame:
    """Say for every tower and period which share of the days it was active, or why it is left out.

    Parameters
    ----------
    towers
        Table of towers; uncertain dates are settled by `dated` at their midpoints.
    periods
        Objects with id, start and end.

    Returns
    -------
    pd.DataFrame
        tower_id, programme, period_id, active_share (0 to 1, null if the tower is in no dose),
        reason (empty if it is).

    Raises
    ------
    InputProblems
        As `dated`.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> rows = visibility.roster(examples.towers(), examples.made_up_study().periods)
    >>> rows[["tower_id", "period_id", "active_share"]].head(2).values.tolist()
    [['east', 'before', 0.0], ['east', 'after', 1.0]]
    """
    settled = dated(towers)
    inside = enters_dose(settled)
    start, end = activity_days(settled)
    rows = []
    for i, (tower, programme, status) in enumerate(
        zip(settled["tower_id"], settled["programme"], settled["status"], strict=True)
    ):
        reason = "" if inside[i] else _reason(str(status))
        for period in periods:
            share = overlap_days(start[i], end[i], period) / period_days(period)
            rows.append((tower, programme, period.id, share if inside[i] else np.nan, reason))
    columns = ["tower_id", "programme", "period_id", "active_share", "reason"]
    return pd.DataFrame(rows, columns=columns)


def activity_days(
    settled: gpd.GeoDataFrame,
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Return first day and first day after of settled towers; an open end becomes far away."""
    start, end = days_of(settled, DATES[1]), days_of(settled, DATES[2])
    return start, np.where(np.isnat(end), ALWAYS[1], end)


def period_days(period: DateInterval) -> int:
    """Return the number of days of a period."""
    return int((np.datetime64(period.end, "D") - np.datetime64(period.start, "D")).astype(int))


def overlap_days(start: np.datetime64, end: np.datetime64, period: DateInterval) -> int:
    """Return the days that an activity [start, end) shares with a period."""
    if np.isnat(start):
        return 0
    first = max(start, np.datetime64(period.start, "D"))
    last = min(end, np.datetime64(period.end, "D"))
    return max(0, int((last - first).astype(int)))


def moments(
    changes: Iterable[np.datetime64], period: DateInterval
) -> list[tuple[np.datetime64, np.datetime64]]:
    """Cut a period at the days on which a tower starts or ends."""
    first, last = np.datetime64(period.start, "D"), np.datetime64(period.end, "D")
    days = np.array([first, last, *changes], "datetime64[D]")
    return list(pairwise(np.unique(days[(first <= days) & (days <= last)])))


def _reason(status: str) -> str:
    if status in CONTROL_STATUSES:
        return f"{status}: a control, never in a dose"
    if status in DOSE_STATUSES:
        return "no sourced active_from, and no dating rule"
    return f"{status}: not an operating tower"
