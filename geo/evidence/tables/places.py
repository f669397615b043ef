"""Recorded deaths as classed counts on a fixed grid, the only form in which places are public."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry import box

from geo import parameters, records
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id

TABLE = "deaths_by_cell_period"


def placed(findings: Findings) -> gpd.GeoDataFrame:
    """Return the deaths that may be counted by place and date, in the study's CRS."""
    deaths = findings.table("deaths")
    use = deaths["place_ok"] & deaths["date_ok"] & deaths["exclusion_reason"].isna()
    return gpd.GeoDataFrame(deaths[use]).to_crs(findings.study.crs)


def by_cell(findings: Findings, parents: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Count recorded deaths by cell and period.

    Returns
    -------
    GeoDataFrame
        `deaths_by_cell_period`, EPSG:4326: cells on multiples of `privacy.death_cell_m` in the
        study's CRS, coarser where the land asks for it, counts in classes; cells with no record
        are left out.
    DataFrame
        `id`, `death_id`: which record stands in which row (restricted).
    """
    deaths = placed(findings)
    deaths = deaths.assign(period_id=_period(findings, deaths["found_on"]))
    deaths = deaths[deaths["period_id"].notna()]
    table = records.TABLES[TABLE]
    if deaths.empty:
        return table.empty(), _members([], [])
    column, row, size = _cells(findings, deaths)
    deaths = deaths.assign(
        cell_id=[f"{s / 1000:g}km_{c}_{r}" for c, r, s in zip(column, row, size, strict=True)],
        column=column,
        row=row,
        size=size,
    )
    deaths["row_id"] = [
        row_id(TABLE, c, p) for c, p in zip(deaths["cell_id"], deaths["period_id"], strict=True)
    ]
    groups = deaths.groupby("row_id", sort=True)
    first = groups.first()
    shapes = [
        box(c * s, r * s, (c + 1) * s, (r + 1) * s)
        for c, r, s in zip(first["column"], first["row"], first["size"], strict=True)
    ]
    frame = gpd.GeoDataFrame(
        {
            "cell_id": first["cell_id"],
            "period_id": first["period_id"],
            "cell_km": first["size"] / 1000,
            "deaths_class": groups.size().map(records.count_class),
            "row_id": first.index,
            "parents": parents,
        },
        geometry=shapes,
        crs=findings.study.crs,
    ).sort_values(["period_id", "cell_id"])
    return table.conform(frame), _members(deaths["row_id"], deaths["death_id"])


def _period(findings: Findings, day: pd.Series) -> pd.Series:
    found = pd.Series(None, index=day.index, dtype=object)
    for period in findings.counted:
        inside = (day >= pd.Timestamp(period.start)) & (day < pd.Timestamp(period.end))
        found[inside] = period.id
    return found


def _cells(
    findings: Findings, deaths: gpd.GeoDataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return column, row and side of each record's cell.

    Where any record of a coarse block lies on land that asks for coarser cells, the whole block
    is published as one cell in every period, so that no finer count can be taken from it.
    """
    step = findings.study.privacy.death_cell_m
    x, y = deaths.geometry.x.to_numpy(), deaths.geometry.y.to_numpy()
    side = np.full(len(deaths), step)
    for area in parameters.load("publication").values():
        coarse = math.ceil(float(area.value) / step) * step
        asks = deaths["land_manager"].isin(area.extra["land_managers"]).to_numpy()
        block = np.stack([np.floor(x / coarse), np.floor(y / coarse)], axis=1)
        asked = {tuple(b) for b in block[asks]}
        inside = np.array([tuple(b) in asked for b in block], bool)
        side = np.where(inside, np.maximum(side, coarse), side)
    return np.floor(x / side).astype(np.int64), np.floor(y / side).astype(np.int64), side


def _members(ids: object, deaths: object) -> pd.DataFrame:
    return pd.DataFrame({"id": ids, "death_id": deaths}, dtype=object)
