"""Dates by the rules of a study, for towers that have none of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import intersects
from shapely.geometry.base import BaseGeometry

from geo import records
from geo.errors import ContractError
from geo.tower_dates import TowerDates

BUILT = ("deployed", "replaced")
OWN, UNDATED = "its own source", "undated"
"""What stands for a date of the file's own, and for none, where towers are counted."""


def date_by_rules(
    towers: gpd.GeoDataFrame,
    rules: Sequence[TowerDates],
    window: tuple[date, date],
    corridors: Mapping[str, BaseGeometry] | None = None,
) -> gpd.GeoDataFrame:
    """Give towers without a start the bounds of the first rule that fits them.

    A rule fits a tower that stands or stood, of its programme, whose place touches its area. A
    tower with a start of its own, however vague, keeps it. A tower whose last day lies before
    the rule's first is not one that the rule speaks of.

    Parameters
    ----------
    towers
        Contract `towers`, EPSG:4326.
    rules
        In the order of the study.
    window
        First day of the study, first day after it; open ends are closed beyond it.
    corridors
        Polygons of the study's corridors by name, EPSG:4326.

    Returns
    -------
    GeoDataFrame
        The same towers; `dated_by` names the rule, and is null for the others.

    Raises
    ------
    ContractError
        If the frame is not in EPSG:4326.

    Examples
    --------
    >>> from datetime import date
    >>> from geo import examples, sources
    >>> from geo.tower_dates import TowerDates
    >>> undated = examples.towers().assign(active_from_earliest=None, active_from_latest=None)
    >>> rule = TowerDates(
    ...     programme="ift", interval="2006-08/2006-12", citation="made up", name="one",
    ...     box=(-111.0, 31.6, -110.9, 31.7),
    ... )
    >>> found = sources.date_by_rules(undated, [rule], (date(2000, 10, 1), date(2012, 10, 1)))
    >>> found["dated_by"].fillna("").tolist()
    ['one', '']
    """
    if towers.crs is None or towers.crs.to_epsg() != 4326:
        raise ContractError("towers must carry EPSG:4326; read them with geo.sources.read")
    table = towers.copy()
    label = table["dated_by"].astype(object).where(table["dated_by"].notna(), None)
    for rule in rules:
        ground = rule.ground(corridors)
        if ground is None:
            continue
        first, last = (np.datetime64(day, "us") for day in rule.bounds(window))
        ends = table["active_to_latest"].to_numpy("datetime64[us]")
        open_ = undated(table) & ~(ends < first)
        hit = open_ & (table["programme"] == rule.programme).to_numpy()
        hit &= np.asarray(intersects(table.geometry.to_numpy(), ground), bool)
        table.loc[hit, "active_from_earliest"] = first
        table.loc[hit, "active_from_latest"] = last
        late = hit & (ends < last)
        table.loc[late, "active_from_latest"] = ends[late]
        label[hit] = rule.label
    table["dated_by"] = label
    return gpd.GeoDataFrame(records.TOWERS.conform(table))


def undated(towers: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which towers stand or stood and have no start."""
    built = towers["status"].isin(BUILT)
    start = towers[["active_from_earliest", "active_from_latest"]].notna().any(axis=1)
    return np.asarray(built & ~start)


def dating(towers: pd.DataFrame, rules: Sequence[TowerDates]) -> pd.DataFrame:
    """Count towers that stand or stood by what dates them (contract `tower_dating`).

    Parameters
    ----------
    towers
        Contract `towers`.
    rules
        In the order of the study.

    Returns
    -------
    DataFrame
        source_id, programme, dated_by ("its own source", a rule's name, or "undated"), towers,
        earliest and latest start, citation of the rule.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.dating(examples.towers(), [])[["dated_by", "towers"]].values.tolist()
    [['its own source', 1]]
    """
    built = towers[towers["status"].isin(BUILT)]
    by = built["dated_by"].astype(object).where(built["dated_by"].notna(), OWN)
    by = by.mask(undated(built), UNDATED)
    grouped = built.assign(dated_by=by).groupby(["source_id", "programme", "dated_by"], sort=True)
    table = grouped.agg(
        towers=("tower_id", "size"),
        earliest=("active_from_earliest", "min"),
        latest=("active_from_latest", "max"),
    ).reset_index()
    cited = {rule.label: rule.citation for rule in rules}
    table["citation"] = table["dated_by"].map(cited)
    return table


def sentence(counts: pd.DataFrame) -> str:
    """Return the counts of `dating` in words: "12 dated by source, 41 by rule, 14 undated".

    Parameters
    ----------
    counts
        From `dating`.

    Returns
    -------
    str
        Such as "12 dated by source, 41 by rule, 14 undated".

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.sentence(sources.dating(examples.towers(), []))
    '1 dated by source, 0 by rule, 0 undated'
    """
    own = int(counts.loc[counts["dated_by"] == OWN, "towers"].sum())
    none = int(counts.loc[counts["dated_by"] == UNDATED, "towers"].sum())
    ruled = int(counts["towers"].sum()) - own - none
    return f"{own} dated by source, {ruled} by rule, {none} undated"
