"""What towers saw, by period and by year; where no towers are, what programme zones covered."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import xarray as xr

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.sight import sight, write_sight
from flows.stages.zones import write_zones
from geo import visibility
from geo.grid import grid_of
from geo.records import LINES, TOWERS, ZONES
from geo.study import Period, study_years


def run(step: StageContext) -> None:
    """Compute views once and their union per period and per study year.

    Zones stand in only where the study has no tower at all: beside a tower file, dated or not,
    they would mix two kinds of exposure.
    """
    towers = read_table(step.done["ingest"], TOWERS.name)
    elevation = read_raster(step.done["terrain"], "elevation")
    if elevation is None:
        return
    if towers.empty:
        zones = read_table(step.done["ingest"], ZONES.name)
        if len(zones):
            lines = read_table(step.done["ingest"], LINES.name)
            write_zones(step, zones, lines[lines["kind"] == "border"], grid_of(elevation))
        return
    write_sight(step.folder, sight(step.study))
    # what stood before the study's first tower is in view, and is baseline, not dose
    end = step.study.pre_tower[1]
    older = towers[visibility.baseline(towers, end)]
    years = study_years(step.study)
    asked: list[tuple[str, gpd.GeoDataFrame, Sequence[Period]]] = [
        ("in_view", towers, step.study.periods),
        ("in_view_year", visibility.dosed(towers, end), years),
    ]
    before = [year for year in years if year.end <= end]
    if len(older) and before:
        asked.append(("view_before", older, before[-1:]))
    for name, table, intervals in asked:
        if read_raster(step.folder, name) is None:
            # a temporary name: what a killed attempt left is cleared away before the next one
            work = step.folder / f".{name}.work.zarr"
            write_raster(step.folder, _in_view(step, elevation, table, intervals, name, work))
            shutil.rmtree(work)


def _in_view(
    step: StageContext,
    elevation: xr.DataArray,
    towers: gpd.GeoDataFrame,
    intervals: Sequence[Period],
    name: str,
    work: Path,
) -> xr.DataArray:
    seen = visibility.coverage(
        elevation,
        towers,
        intervals,
        sight=sight(step.study),
        executor=step.executor,
        progress=step.progress,
        store=work,
    )["in_view"]
    seen.name = name
    return seen
