"""Corridors of a study, as polygons and as a raster."""

from __future__ import annotations

import geopandas as gpd
import xarray as xr
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from flows.core.rasters import read_raster
from flows.core.stage import Step
from flows.core.store import read_table
from geo import funnel
from geo.grid import grid_of
from geo.records import CORRIDORS


def corridors(step: Step) -> gpd.GeoDataFrame:
    """Return the study's corridors (`CORRIDORS`); one where it draws none."""
    drawn: gpd.GeoDataFrame = read_table(step.done["ingest"], CORRIDORS.name)
    if not drawn.empty:
        return drawn
    return gpd.GeoDataFrame(
        {"corridor": [funnel.EVERYWHERE]},
        geometry=[box(*step.study.bounds_lonlat)],
        crs=CORRIDORS.crs,
    )


def draws_corridors(step: Step) -> bool:
    """Say whether the study has corridors, which lie on its own side of the border."""
    return not read_table(step.done["ingest"], CORRIDORS.name).empty


def corridor_labels(step: Step, grid: GeoBox | None = None) -> xr.DataArray:
    """Return the corridor of every cell; one corridor where the study draws none.

    Parameters
    ----------
    step
        A step after terrain.
    grid
        The study's own by default.
    """
    if grid is None:
        elevation = read_raster(step.done["terrain"], "elevation")
        assert elevation is not None  # noqa: S101 - the movement step would have failed
        grid = grid_of(elevation)
    return funnel.corridor_labels(corridors(step), grid)
