"""Recorded deaths as classed counts on one geography and calendar, the same for every study.

A place is published as its H3 cell of resolution 5, assigned directly, and a date as its block of
five calendar years. Counts come from the whole file before area, periods or corridors select, so
that no choice of a study moves a record from one count to another; a study only chooses which
whole cells and blocks it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
from shapely.geometry import Point, Polygon, box

from geo import records
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.sources.fitting import (
    CLAIMED,
    ELSEWHERE,
    NO_DATE,
    OUTSIDE_AREA,
    OUTSIDE_PERIODS,
    WITHHELD,
)

TABLE = "deaths_by_cell_block"
SHARE_FROM = 100
"""Safeguard: a share of records is told from this many on, so that whole percent gives away no one.
"""
OF_THE_STUDY = (OUTSIDE_AREA, NO_DATE, OUTSIDE_PERIODS, ELSEWHERE, CLAIMED)
"""Reasons that say nothing of whether a record's own place may be used."""


def dated(findings: Findings) -> pd.DataFrame:
    """Return every record that may be counted by date: all of the file, but those withheld."""
    deaths = pd.DataFrame(findings.table("deaths"))
    if deaths.empty:
        return deaths
    use = deaths["date_ok"] & deaths["found_on"].notna()
    return deaths[use & (deaths["exclusion_reason"] != WITHHELD)]


def last_years(findings: Findings) -> dict[str, int]:
    """Return source = last calendar year that its records cover whole.

    A year is covered whole where a record stands on its last day or after it: what a file holds
    of the year in which it stops is in no count, so that two states of a file never differ by a
    part of a year.
    """
    deaths = dated(findings)
    last = deaths.groupby("source_id")["found_on"].max()
    return {str(s): (d + pd.Timedelta(days=1)).year - 1 for s, d in last.items()}


def placed(findings: Findings) -> pd.DataFrame:
    """Return the records that may be counted by place and date, with cell and year.

    Returns
    -------
    DataFrame
        source_id, death_id, cell_id (H3 index, resolution 5), year, block; of the whole file,
        up to the last whole year of each source.
    """
    deaths = dated(findings)
    if deaths.empty:
        return pd.DataFrame({n: [] for n in ("source_id", "death_id", "cell_id", "year", "block")})
    reason = deaths["exclusion_reason"]
    deaths = deaths[reason.isna() | reason.isin(OF_THE_STUDY)]
    at = gpd.GeoSeries(deaths["geometry"], crs="EPSG:4326")
    deaths = deaths[(at.notna() & ~at.is_empty).to_numpy(bool)]
    whole = deaths["source_id"].map(last_years(findings))
    year = deaths["found_on"].dt.year
    deaths, year = deaths[year <= whole], year[year <= whole]
    points = zip(
        *(gpd.GeoSeries(deaths["geometry"]).get_coordinates()[c] for c in "yx"), strict=True
    )
    return pd.DataFrame(
        {
            "source_id": deaths["source_id"].to_numpy(object),
            "death_id": deaths["death_id"].to_numpy(object),
            "cell_id": [h3.latlng_to_cell(y, x, records.DEATH_H3) for y, x in points],
            "year": year.to_numpy(int),
            "block": [records.block_name(y) for y in year],
        }
    )


def by_cell(findings: Findings, parents: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Count recorded deaths by cell and block.

    Returns
    -------
    GeoDataFrame
        `deaths_by_cell_block`, EPSG:4326: whole cells that touch the study's area and whole
        blocks that its periods touch; cells with no record are left out.
    DataFrame
        `id`, `death_id`: which record stands in which row (restricted).
    """
    deaths = placed(findings)
    table = records.TABLES[TABLE]
    shapes = {c: cell_shape(c) for c in sorted(set(deaths["cell_id"]))}
    area = box(*findings.study.bounds_lonlat)
    shown = {c for c, shape in shapes.items() if shape.intersects(area)}
    deaths = deaths[deaths["cell_id"].isin(shown) & deaths["block"].isin(blocks(findings))]
    if deaths.empty:
        return table.empty(), members([], [])
    last = last_years(findings)
    ids = [row_id(TABLE, *k) for k in deaths[list(table.key)].itertuples(index=False, name=None)]
    size = deaths.groupby(list(table.key), sort=True).size()
    rows = []
    keyed: list[tuple[Any, int]] = list(size.items())  # type: ignore[arg-type]
    for key, n in keyed:
        source, cell, block = map(str, key)
        first, end = records.block_years(block)
        rows.append(
            {
                "source_id": source,
                "cell_id": cell,
                "block": block,
                "first_year": first,
                "last_year": min(end, last[source]),
                "area_km2": round(h3.cell_area(cell, "km^2"), 1),
                "deaths_class": records.count_class(n),
                "row_id": row_id(TABLE, source, cell, block),
                "parents": parents,
                "geometry": shapes[cell],
            }
        )
    frame = gpd.GeoDataFrame(rows, crs="EPSG:4326").sort_values(["block", "source_id", "cell_id"])
    return table.conform(frame), members(ids, deaths["death_id"])


def by_corridor(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the classes of whole cells by corridor and block; a cell belongs where its centre lies.

    Returns
    -------
    DataFrame
        `deaths_by_corridor_block`: the least and the most that the classes of the cells allow.
        Corridors without a shape have no row.
    DataFrame
        `id`, `death_id`: which record stands in which row (restricted).
    """
    name = "deaths_by_corridor_block"
    table = records.TABLES[name]
    deaths = in_corridors(findings)
    deaths = deaths[deaths["block"].isin(blocks(findings))]
    if deaths.empty:
        return table.empty(), members([], [])
    size = deaths.groupby(["source_id", "corridor", "block", "cell_id"]).size()
    spans = pd.DataFrame([records.class_span(records.count_class(int(n))) for n in size],
                         index=size.index, columns=["low", "high"])  # fmt: skip
    spans["high"] = spans["high"].astype(float)  # no upper end of a class is NaN
    last = last_years(findings)
    rows = [
        {
            "source_id": source,
            "corridor": name_of,
            "block": block,
            "first_year": records.block_years(block)[0],
            "last_year": min(records.block_years(block)[1], last[source]),
            "cells": len(part),
            "deaths_at_least": int(part["low"].sum()),
            "deaths_at_most": part["high"].sum(skipna=False),
            "row_id": row_id(name, source, name_of, block),
            "parents": parents,
        }
        for (source, name_of, block), part in _grouped(spans)
    ]
    key = deaths[list(table.key)].itertuples(index=False, name=None)
    ids = [row_id(name, *k) for k in key]
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, members(ids, deaths["death_id"])


def in_corridors(findings: Findings) -> pd.DataFrame:
    """Return the placed records that a corridor holds, with it: that of their cell's centre.

    Whole cells belong to a corridor, so that no shape of a corridor parts the records of a cell;
    a publisher's label, which few files have, is not asked.
    """
    corridors, deaths = findings.table("corridors"), placed(findings)
    cells = sorted(set(deaths["cell_id"]))
    if not len(corridors) or not cells:
        return deaths.iloc[:0].assign(corridor=[])
    centres = gpd.GeoDataFrame(
        {"cell_id": cells}, geometry=[_centre(c) for c in cells], crs="EPSG:4326"
    )
    shapes = gpd.GeoDataFrame(corridors)[["corridor", "geometry"]]
    inside = centres.sjoin(shapes, predicate="within").drop_duplicates("cell_id")
    corridor = dict(zip(inside["cell_id"], inside["corridor"], strict=True))
    deaths = deaths.assign(corridor=deaths["cell_id"].map(corridor))
    return deaths[deaths["corridor"].notna()]


def _grouped(spans: pd.DataFrame) -> Iterable[tuple[Any, pd.DataFrame]]:
    return spans.groupby(["source_id", "corridor", "block"])


def located_share(findings: Findings) -> dict[str, float]:
    """Return block = share of the file's records of it that stand in a cell, in whole percent.

    Parameters
    ----------
    findings
        What a run found.

    Returns
    -------
    dict of str to float
        Block of five years = share of the file's records of it that stand in a cell, in whole
        percent.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> sorted(evidence.located_share(examples.findings()))
    []
    """
    every = dated(findings)
    if every.empty:
        return {}
    every = every[every["found_on"].dt.year <= every["source_id"].map(last_years(findings))]
    total = every["found_on"].dt.year.map(records.block_name).value_counts()
    found = placed(findings)["block"].value_counts()
    return {
        str(block): int(100 * int(found.get(block, 0)) / n) / 100
        for block, n in total.items()
        if n >= SHARE_FROM
    }


def blocks(findings: Findings) -> tuple[str, ...]:
    """Return the blocks that the study's periods touch, in order of time."""
    return tuple(dict.fromkeys(records.block_name(y) for y in findings.study.years))


def spans_by_block(deaths: pd.DataFrame) -> Mapping[tuple[str, str], tuple[int, bool]]:
    """Return (source, block) = least sum of all cells' classes, and whether one is the lowest."""
    size = deaths.groupby(["source_id", "block", "cell_id"]).size()
    found: dict[tuple[str, str], tuple[int, bool]] = {}
    keyed: list[tuple[Any, int]] = list(size.items())  # type: ignore[arg-type]
    for key, n in keyed:
        own = str(key[0]), str(key[1])
        low, _high = records.class_span(records.count_class(n))
        least, small = found.get(own, (0, False))
        found[own] = (least + low, small or low == 1)
    return found


def cell_shape(cell: str) -> Polygon:
    """Return the outline of an H3 cell, EPSG:4326."""
    return Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def members(ids: object, deaths: object) -> pd.DataFrame:
    """Return which record stands in which row."""
    return pd.DataFrame({"id": np.asarray(ids, object), "death_id": np.asarray(deaths, object)})


def _centre(cell: str) -> Point:
    lat, lon = h3.cell_to_latlng(cell)
    return Point(lon, lat)
