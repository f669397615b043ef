"""How uncertain dates of towers are settled, and how a replacement continues a dose."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputProblems, Problem

DOSE_STATUSES = ("deployed", "replaced")
DATES = (
    "active_from_earliest",
    "active_from_latest",
    "active_to_earliest",
    "active_to_latest",
)
DateRule = Literal["midpoint", "widest", "narrowest", "draw"]
_FRACTIONS = {"midpoint": (0.5, 0.5), "widest": (0.0, 1.0), "narrowest": (1.0, 0.0)}
"""Definition: where within the bounds of start and end a tower is taken to begin and to stop."""


def dated(
    towers: gpd.GeoDataFrame,
    rule: DateRule = "midpoint",
    generator: np.random.Generator | None = None,
) -> gpd.GeoDataFrame:
    """Settle the uncertain dates of towers, and let replacements continue a dose.

    A tower `replaces` another without a gap where the sources allow it, that is unless the last
    possible end of the old one lies before the first possible start of the new one: the old
    tower then stays active until the new one starts, and no longer. A gap that is sourced stays.

    Parameters
    ----------
    towers
        Table of towers (`geo.records.TOWERS`).
    rule
        "midpoint" of each interval; "widest" for the longest activity the sources allow;
        "narrowest" for what is certain; "draw" for a uniform draw, one for all towers of a
        programme that share an interval, since they share a source (and an order).
    generator
        Needed by "draw".

    Returns
    -------
    gpd.GeoDataFrame
        Copy whose earliest and latest dates are equal (an open end stays null), with `lineage`,
        the first tower of a chain of replacements, and `onset`, its start. Settling twice changes
        nothing.

    Raises
    ------
    InputProblems
        If dates are in the wrong order, a replaced tower is unknown, or replacements go round.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> settled = visibility.dated(examples.towers())
    >>> settled["lineage"].tolist(), settled["onset"].dt.year.tolist()
    (['east', 'west'], [2007.0, nan])
    """
    _check_dates(towers)
    table = towers.copy()
    first, last, end_first, end_last = (days_of(table, column) for column in DATES)
    from_share, to_share = _shares(table, rule, generator)
    start = _between(first, last, from_share)
    end_first = np.where(np.isnat(end_first) & ~np.isnat(end_last), start, end_first)
    end = _between(end_first, end_last, to_share)
    if rule != "widest":
        end = np.where(np.isnat(end), end_first, end)
    end = np.where(end < start, start, end)
    end = _continue(table, start, end)
    for column, days in zip(DATES, (start, start, end, end), strict=True):
        table[column] = pd.Series(days.astype("datetime64[us]"), index=table.index)
    lineage = _lineage(table)
    table["lineage"] = lineage
    by_id = pd.Series(table["active_from_latest"].to_numpy(), index=table["tower_id"])
    table["onset"] = by_id.reindex(lineage).to_numpy()
    return table


def enters_dose(towers: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which towers enter a dose: deployed or replaced, with a sourced active_from.

    Parameters
    ----------
    towers
        Table of towers (`geo.records.TOWERS`).

    Returns
    -------
    array
        bool (tower,).

    Examples
    --------
    >>> from geo import examples, visibility
    >>> visibility.enters_dose(examples.towers())
    array([ True, False])
    """
    built = towers["status"].isin(DOSE_STATUSES).to_numpy()
    sourced = towers[["active_from_earliest", "active_from_latest"]].notna().all(axis=1)
    return np.asarray(built & sourced.to_numpy())


def days_of(table: gpd.GeoDataFrame, column: str) -> NDArray[np.datetime64]:
    """Return a column of dates as whole days, (n,) datetime64[D]."""
    values = pd.to_datetime(table[column]).to_numpy()
    return np.asarray(values.astype("datetime64[D]"))


def _between(
    first: NDArray[np.datetime64], last: NDArray[np.datetime64], share: NDArray[np.float64]
) -> NDArray[np.datetime64]:
    """Return the day at a share of [first, last]; null where either is."""
    known = ~(np.isnat(first) | np.isnat(last))
    span = np.where(known, (last - first).astype("timedelta64[D]").astype(np.int64), 0)
    days = first + np.floor(span * share).astype("timedelta64[D]")
    return np.asarray(np.where(known, days, np.datetime64("NaT", "D")))


def _shares(
    table: gpd.GeoDataFrame, rule: DateRule, generator: np.random.Generator | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = len(table)
    if rule in _FRACTIONS:
        from_share, to_share = _FRACTIONS[rule]
        return np.full(n, from_share), np.full(n, to_share)
    if rule != "draw" or generator is None:
        raise ValueError(
            f"rule={rule!r} is not possible; use midpoint, widest, narrowest, or draw with a "
            "generator"
        )
    shares = []
    for pair in (DATES[:2], DATES[2:]):
        batch = table.groupby(["programme", *pair], dropna=False, sort=True).ngroup().to_numpy()
        shares.append(generator.random(batch.max(initial=-1) + 1)[batch])
    return shares[0], shares[1]


def _continue(
    table: gpd.GeoDataFrame, start: NDArray[np.datetime64], end: NDArray[np.datetime64]
) -> NDArray[np.datetime64]:
    """End each replaced tower where its replacement starts, unless a gap is sourced."""
    position = {tower: i for i, tower in enumerate(table["tower_id"])}
    last_end, first_start = days_of(table, DATES[3]), days_of(table, DATES[0])
    active = enters_dose(table)
    out = end.copy()
    handed_over: dict[int, np.datetime64] = {}
    for new, replaced in enumerate(table["replaces"]):
        if pd.isna(replaced) or not active[new]:
            continue
        old = position[replaced]
        if np.isnat(last_end[old]) or last_end[old] >= first_start[new]:
            handed_over[old] = min(handed_over.get(old, start[new]), start[new])
    for old, day in handed_over.items():
        out[old] = max(day, start[old]) if not np.isnat(start[old]) else day
    return out


def _lineage(table: gpd.GeoDataFrame) -> list[str]:
    parent = dict(zip(table["tower_id"], table["replaces"], strict=True))
    roots: list[str] = []
    for tower in table["tower_id"]:
        root = tower
        while not pd.isna(parent[root]):
            root = parent[root]
        roots.append(root)
    return roots


def _check_dates(table: gpd.GeoDataFrame) -> None:
    problems = []
    first, last, end_first, end_last = (days_of(table, column) for column in DATES)
    rows = table["source_row"].to_numpy()
    for i, row in enumerate(rows):
        if last[i] < first[i]:
            problems.append(_problem(row, "active_from_latest", "is before active_from_earliest"))
        if end_last[i] < end_first[i]:
            problems.append(_problem(row, "active_to_latest", "is before active_to_earliest"))
        if end_last[i] < first[i]:
            problems.append(_problem(row, "active_to_latest", "is before active_from_earliest"))
    parent = dict(zip(table["tower_id"], table["replaces"], strict=True))
    if len(parent) < len(table):
        problems.append(Problem("towers", "tower_id is not unique", "Give every tower its own id"))
    for row, tower in zip(rows, table["tower_id"], strict=True):
        seen, at = {tower}, parent[tower]
        while not pd.isna(at) and at in parent and at not in seen:
            seen.add(at)
            at = parent[at]
        if not pd.isna(at):
            what = (
                "goes round in a circle" if at in parent else f"names no tower of the table: {at}"
            )
            problems.append(_problem(row, "replaces", what))
    if problems:
        raise InputProblems(problems)


def _problem(row: int, field: str, what: str) -> Problem:
    return Problem("towers", what, "Correct the row of the towers", row=int(row), field=field)
