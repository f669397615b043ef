"""Rasters that mark a few cells of many: where crossings start and where they end."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo.grid import wrap
from geo.leastcost import CostModel
from geo.strips import WIDE_CELLS

LIGHT_CELLS = WIDE_CELLS
"""Numerical: cells of a mask above which only the marked ones are kept: ends are thin."""


def marked(grid: GeoBox, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> xr.DataArray:
    """Mark cells by their numbers.

    Parameters
    ----------
    grid
        Grid of the raster.
    rows, cols
        (n,) of the marked cells.

    Returns
    -------
    xr.DataArray
        (y, x) boolean; above `LIGHT_CELLS` made block by block when read.
    """
    shape = (int(grid.shape[0]), int(grid.shape[1]))
    if shape[0] * shape[1] > LIGHT_CELLS:
        return wrap(_lazy(shape, rows, cols), grid, "end", "1")
    values = np.zeros(shape, bool)
    values[rows, cols] = True
    return wrap(values, grid, "end", "1")


def light(mask: xr.DataArray) -> xr.DataArray:
    """Return a mask that is remembered by its marked cells and made block by block when read.

    Parameters
    ----------
    mask
        (y, x) boolean; one of `LIGHT_CELLS` or fewer is returned as it is.
    """
    if mask.size <= LIGHT_CELLS:
        return mask
    return mask.copy(data=_lazy((mask.shape[0], mask.shape[1]), *np.nonzero(mask.values)))


def _lazy(shape: tuple[int, int], rows: Any, cols: Any) -> Any:
    """Return a boolean raster that is made block by block when read."""
    side = 4_096
    chunks = tuple(tuple(min(side, n - at) for at in range(0, n, side)) for n in shape)
    return da.map_blocks(
        _marked, rows, cols, chunks=chunks, dtype=bool, meta=np.zeros((0, 0), bool)
    )


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
        (y, x) boolean, lazy where one of the rasters is; the engine refuses sources on a barrier.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land = examples.elevation()
    >>> land[0, 0] = float("nan")
    >>> int(funnel.on_open_ground(land * 0 == land * 0, land, examples.energy())[0, :2].sum())
    1
    """
    open_marks = marks.data & np.isfinite(elevation.data)
    if cost.friction is not None:
        open_marks = open_marks & np.isfinite(cost.friction.data)
    return marks.copy(data=open_marks)
