"""Where crossings start and end: weighted segments of the border, roads and settlements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from geo.errors import GridError
from geo.grid import burn, cell_centres

SEGMENT_M = 20_000.0
"""Length of a border segment; about one corridor of the Arizona records."""


@dataclass(frozen=True)
class Origin:
    """A segment of the border from which people set out.

    Attributes
    ----------
    name
        Segment, west to east.
    mask
        (y, x) boolean source raster.
    weight
        Share of all crossings, proportional to its length; the weights of a study sum to 1.
    """

    name: str
    mask: xr.DataArray
    weight: float


def border_segments(
    border: gpd.GeoDataFrame, grid: GeoBox, length_m: float = SEGMENT_M
) -> tuple[Origin, ...]:
    """Cut the border line into segments of about equal length along x.

    Parameters
    ----------
    border
        Lines of any CRS.
    grid
        Grid of the study.
    length_m
        Segment length along x, metres.

    Raises
    ------
    GridError
        If the border does not cross the grid.
    """
    cells = burn(border, grid)
    columns = np.flatnonzero(cells.values.any(axis=0))
    if not columns.size:
        raise GridError("the border line does not cross the study's area; check its CRS")
    x, _ = cell_centres(grid)
    span = x[columns[-1]] - x[columns[0]]
    count = max(1, round(float(span) / length_m))
    edges = np.linspace(columns[0], columns[-1] + 1, count + 1).round().astype(int)
    total = float(cells.values.sum())
    origins = []
    for n, (left, right) in enumerate(pairwise(edges)):
        mask = cells.copy(data=np.zeros_like(cells.values))
        mask.values[:, left:right] = cells.values[:, left:right]
        if mask.values.any():
            weight = float(mask.values.sum()) / total
            origins.append(Origin(f"segment-{n + 1:02d}", mask, weight))
    return tuple(origins)


def destinations(parts: Sequence[gpd.GeoDataFrame], grid: GeoBox) -> xr.DataArray:
    """Burn highways and settlements into one boolean raster.

    Raises
    ------
    GridError
        If none of them crosses the grid.
    """
    shapes = [p.geometry.to_crs(str(grid.crs)) for p in parts if len(p)]
    if not shapes:
        raise GridError("the study has no road and no settlement to walk to")
    cells = burn(gpd.GeoDataFrame(geometry=pd.concat(shapes, ignore_index=True)), grid)
    if not cells.values.any():
        raise GridError("no road and no settlement lies in the study's area; check their CRS")
    return cells
