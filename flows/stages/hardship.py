"""Exact exposures of every record: terrain, distance, effort, hardness, view. Restricted."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table, write_table
from flows.stages.recorded import recorded
from flows.stages.sight import read_sight
from geo.grid import cell_index, grid_of
from geo.records import EXPOSURES, LINES
from geo.sources.fitting import OUTSIDE_PERIODS
from geo.strips import read
from geo.study import study_years

SAMPLED = {
    "slope_deg": ("terrain", "slope"),
    "energy_mj": ("movement", "energy_from_border"),
    "hours": ("movement", "hours_from_border"),
    "water_l": ("movement", "water_from_border"),
    "core_c": ("movement", "core_temperature"),
    "hardness": ("funnel", "hardness"),
}
"""Column of the exposures = step and raster it is read from."""


def run(step: StageContext) -> None:
    """Read every raster at every place that may be used, and measure distances exactly."""
    deaths = recorded(step)
    table = deaths[["death_id", "source_id", "source_row", "corridor", "precision_class"]].copy()
    table["parents"] = deaths["death_id"]
    found = [None if pd.isna(d) else d.date() for d in deaths["found_on"]]
    table["year"] = [None if d is None else d.year for d in found]
    table["period_id"] = [_period(step, d) for d in found]
    # those of a day outside the periods too: public tables hold whole blocks of years
    reason = deaths["exclusion_reason"]
    usable = (deaths["place_ok"] & (reason.isna() | (reason == OUTSIDE_PERIODS))).to_numpy()
    for column, (stage, raster) in SAMPLED.items():
        values = read_raster(step.done[stage], raster)
        table[column] = _sampled(values, deaths, usable)
    lines = read_table(step.done["ingest"], LINES.name)
    for column, is_border in (("border_km", True), ("road_km", False)):
        kind = lines[(lines["kind"] == "border") == is_border]
        table[column] = _distance_km(step, deaths, kind, usable)
    table["seen"] = _seen(step, deaths, table["year"], usable)
    write_table(step.folder, EXPOSURES.name, table)


def _period(step: StageContext, day: date | None) -> str | None:
    if day is None:
        return None
    return next((p.id for p in step.study.periods if p.start <= day < p.end), None)


def _sampled(
    raster: xr.DataArray | None, deaths: gpd.GeoDataFrame, usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    out = np.full(len(deaths), np.nan)
    if raster is None or not usable.any():
        return out
    grid = grid_of(raster)
    points = deaths.geometry[usable].to_crs(str(grid.crs))
    row, col, inside = cell_index(grid, points.x.to_numpy(), points.y.to_numpy())
    # of a wide raster only the blocks with records are read
    values = read(raster.data.vindex[row, col]).astype(np.float64)
    out[usable] = np.where(inside, values, np.nan)
    return out


def _seen(
    step: StageContext, deaths: gpd.GeoDataFrame, year: pd.Series, usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    out = np.full(len(deaths), np.nan)
    in_view = read_raster(step.done["visibility"], "in_view_year")
    # within range is not in view: a component of that name would say what is not known
    if in_view is None or read_sight(step.done["visibility"]).by_range:
        return out
    for own in study_years(step.study):
        here = usable & (year == own.start.year).to_numpy()
        if here.any():
            out[here] = _sampled(in_view.sel(period=own.id), deaths, here)[here]
    return out


def _distance_km(
    step: StageContext, deaths: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, usable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    out = np.full(len(deaths), np.nan)
    if lines.empty or not usable.any():
        return out
    metric = lines.geometry.to_crs(step.study.crs)
    points = deaths.geometry[usable].to_crs(step.study.crs)
    _, distance = metric.sindex.nearest(points, return_all=False, return_distance=True)
    out[usable] = distance / 1_000.0
    return out
