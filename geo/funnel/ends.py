"""Where crossings start and end: weighted segments of the border, roads and settlements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from geo.errors import GridError
from geo.grid import burn, require_metric
from geo.leastcost import CostModel

SEGMENT_M = 20_000.0
"""Length of a border segment; about one corridor of the Arizona records."""
LIGHT_CELLS = 20_000_000
"""Cells of a mask above which only the marked ones are kept: ends are thin."""
GOAL_M = 40_000.0
"""Width of the strip whose roads and settlements make one destination."""


@dataclass(frozen=True)
class End:
    """Where crossings start, or where they end.

    Attributes
    ----------
    name
        Number along x, west to east.
    mask
        (y, x) boolean source raster.
    weight
        Share of the cells of all ends; the weights sum to 1. Of an origin: share of crossings.
    """

    name: str
    mask: xr.DataArray
    weight: float


def border_segments(
    border: gpd.GeoDataFrame, grid: GeoBox, length_m: float = SEGMENT_M
) -> tuple[End, ...]:
    """Cut the border line into origins of about equal length along x.

    Parameters
    ----------
    border
        Lines of any CRS.
    grid
        Grid of the study.
    length_m
        Segment length along x, metres.

    Returns
    -------
    tuple of End
        Weighted by their length: without counts of crossings nobody knows more.

    Raises
    ------
    GridError
        If the border does not cross the grid.
    """
    cells = burn(border, grid)
    if not cells.values.any():
        raise GridError("the border line does not cross the study's area; check its CRS")
    return _strips(cells, length_m, "segment")


def destinations(
    parts: Sequence[gpd.GeoDataFrame], grid: GeoBox, length_m: float = GOAL_M
) -> tuple[End, ...]:
    """Group highways and settlements into destinations, strip by strip along x.

    Parameters
    ----------
    parts
        Lines and points of any CRS.
    grid
        Grid of the study.
    length_m
        Width of a strip, metres.

    Raises
    ------
    GridError
        If none of them crosses the grid.
    """
    shapes = [p.geometry.to_crs(str(grid.crs)) for p in parts if len(p)]
    if not shapes:
        raise GridError("the study has no road and no settlement to walk to; add such a source")
    cells = burn(gpd.GeoDataFrame(geometry=pd.concat(shapes, ignore_index=True)), grid)
    if not cells.values.any():
        raise GridError("no road and no settlement lies in the study's area; check their CRS")
    return _strips(cells, length_m, "destination")


def light(mask: xr.DataArray) -> xr.DataArray:
    """Return a mask that is remembered by its marked cells and made block by block when read.

    Parameters
    ----------
    mask
        (y, x) boolean; one of `LIGHT_CELLS` or fewer is returned as it is.
    """
    if mask.size <= LIGHT_CELLS:
        return mask
    rows, cols = np.nonzero(mask.values)
    side = 4_096
    chunks = tuple(
        tuple(min(side, n - at) for at in range(0, n, side)) for n in (mask.shape[0], mask.shape[1])
    )
    made = da.map_blocks(
        _marked, rows, cols, chunks=chunks, dtype=bool, meta=np.zeros((0, 0), bool)
    )
    return mask.copy(data=made)


def _marked(rows: Any, cols: Any, block_info: Any = None) -> Any:
    (top, bottom), (left, right) = block_info[None]["array-location"]
    out = np.zeros((bottom - top, right - left), bool)
    inside = (rows >= top) & (rows < bottom) & (cols >= left) & (cols < right)
    out[rows[inside] - top, cols[inside] - left] = True
    return out


def on_open_ground(marks: xr.DataArray, elevation: xr.DataArray, cost: CostModel) -> xr.DataArray:
    """Leave out marked cells on which nobody can walk, where a line crosses water or a void.

    Parameters
    ----------
    marks
        (y, x) boolean.
    elevation
        (y, x) metres; NaN is a barrier.
    cost
        Its friction is a barrier where it is NaN or infinite.

    Returns
    -------
    xr.DataArray
        (y, x) boolean; the engine refuses sources on a barrier.
    """
    walkable = np.isfinite(elevation.values)
    if cost.friction is not None:
        walkable &= np.isfinite(np.asarray(cost.friction.values))
    return marks.copy(data=np.asarray(marks.values) & walkable)


def _strips(cells: xr.DataArray, length_m: float, prefix: str) -> tuple[End, ...]:
    """Cut marked cells into strips of about equal extent along x, empty ones left out."""
    columns = np.flatnonzero(cells.values.any(axis=0))
    span = (columns[-1] - columns[0] + 1) * require_metric(cells)
    count = max(1, round(float(span) / length_m))
    edges = np.linspace(columns[0], columns[-1] + 1, count + 1).round().astype(int)
    total = float(cells.values.sum())
    ends = []
    for n, (left, right) in enumerate(pairwise(edges)):
        mask = cells.copy(data=np.zeros_like(cells.values))
        mask.values[:, left:right] = cells.values[:, left:right]
        if mask.values.any():
            weight = float(mask.values.sum()) / total
            ends.append(End(f"{prefix}-{n + 1:02d}", light(mask), weight))
    return tuple(ends)
