"""What towers saw, by period and by year."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import xarray as xr

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import Step
from flows.core.store import read_table
from geo import visibility
from geo.records import TOWERS
from geo.study import Period, Study


def run(step: Step) -> None:
    """Compute viewsheds once and their union per period and per study year."""
    towers = read_table(step.done["ingest"], TOWERS.name)
    elevation = read_raster(step.done["terrain"], "elevation")
    if towers.empty or elevation is None:
        return
    for name, intervals in (("in_view", step.study.periods), ("in_view_year", years(step.study))):
        if read_raster(step.folder, name) is None:
            # a temporary name: what a killed attempt left is cleared away before the next one
            work = step.folder / f".{name}.work.zarr"
            write_raster(step.folder, _in_view(step, elevation, towers, intervals, name, work))
            shutil.rmtree(work)


def years(study: Study) -> tuple[Period, ...]:
    """Return the study's years, October to September, as periods."""
    return tuple(
        Period(id=f"y{year}", label=str(year), start=date(year - 1, 10, 1), end=date(year, 10, 1))
        for year in study.years
    )


def _in_view(
    step: Step,
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
        executor=step.executor,
        progress=step.progress,
        store=work,
    )["in_view"]
    seen.name = name
    return seen
