"""From the cells of a raster to coarser ones, a strip at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import GridError
from geo.grid import cell_centres, cell_index, coarse_grid, grid_of, require_metric, wrap
from geo.strips import STRIP_CELLS, read


def aggregate(array: xr.DataArray, resolution_m: float, how: str = "mean") -> xr.DataArray:
    """Aggregate a raster to coarser cells whose edges lie on multiples of their side.

    Parameters
    ----------
    array
        (..., y, x) raster in metres; NaN cells do not count.
    resolution_m
        Side of the coarse cells, at least that of the fine ones.
    how
        "mean", "sum" or "max" of the fine cells whose centre lies in the coarse cell.

    Returns
    -------
    xr.DataArray
        float64, NaN where no fine cell has a value.

    Raises
    ------
    GridError
        If the target is finer than the source, or `how` is unknown.
    """
    step = require_metric(array)
    if resolution_m < step:
        raise GridError(
            f"cannot aggregate {step} m cells to {resolution_m} m, which is finer; give more"
        )
    grid = grid_of(array)
    target = coarse_grid(grid, resolution_m)
    x, y = cell_centres(grid)
    rows = cell_index(target, np.full(y.shape, target.boundingbox.left + 1.0), y)[0]
    cols = cell_index(target, x, np.full(x.shape, target.boundingbox.top - 1.0))[1]
    layers = [array.data[at] for at in np.ndindex(*array.shape[:-2])]
    coarse = np.stack([_by_strips(v, rows, cols, tuple(target.shape), how) for v in layers])
    shape = (*array.shape[:-2], *target.shape)
    extra = {d: array.coords[d] for d in array.dims[:-2] if d in array.coords}
    return wrap(
        coarse.reshape(shape),
        target,
        str(array.name),
        str(array.attrs.get("units", "1")),
        dims=array.dims,
        coords=extra,
    )


def _by_strips(
    layer: Any,
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    shape: tuple[int, ...],
    how: str,
) -> NDArray[np.float64]:
    """Reduce whole coarse rows at a time, so that no wide raster is held as float64."""
    deep = max(1, STRIP_CELLS * shape[0] // max(1, layer.size))
    parts = []
    for top in range(0, shape[0], deep):
        part = (min(deep, shape[0] - top), shape[1])
        fine = slice(*np.searchsorted(rows, (top, top + part[0])))
        parts.append(_reduce(read(layer[fine]).astype(float), rows[fine] - top, cols, part, how))
    return np.concatenate(parts)


def _reduce(
    values: NDArray[np.float64],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    shape: tuple[int, ...],
    how: str,
) -> NDArray[np.float64]:
    cell = (rows[:, None] * shape[1] + cols[None, :]).ravel()
    flat = values.ravel()
    valid = np.isfinite(flat)
    cell, flat = cell[valid], flat[valid]
    size = shape[0] * shape[1]
    count = np.bincount(cell, minlength=size)
    if how == "max":
        out = np.full(size, -np.inf)
        np.maximum.at(out, cell, flat)
    elif how in ("sum", "mean"):
        out = np.bincount(cell, weights=flat, minlength=size)
        if how == "mean":
            out = out / np.maximum(count, 1)
    else:
        raise GridError(f"how={how!r} is unknown; use mean, sum or max")
    return np.where(count > 0, out, np.nan).reshape(shape)
