"""The question as given, checked: rasters on one metric grid, and the part that is walked on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from geo import grid
from geo.errors import CostError, GridError
from geo.leastcost.model import CostModel
from geo.leastcost.options import LeastCostOptions


@dataclass(frozen=True)
class CostProblem:
    """Rasters, cost model and options, and the rows and columns within the bounds."""

    elevation: xr.DataArray
    sources: xr.DataArray | None
    model: CostModel
    options: LeastCostOptions
    cell: float
    rows: slice
    cols: slice

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that are walked on."""
        return self.rows.stop - self.rows.start, self.cols.stop - self.cols.start

    def block(self, raster: xr.DataArray | None, window: tuple[slice, slice]) -> Any:
        """Cut a window, counted from the first walked row and column, without reading it."""
        rows, cols = (
            slice(part.start + start, part.stop + start)
            for part, start in zip(window, (self.rows.start, self.cols.start), strict=True)
        )
        if raster is None:
            return np.broadcast_to(np.float32(1), (rows.stop - rows.start, cols.stop - cols.start))
        if not self.is_lazy(raster):
            return raster.data[rows, cols]
        variable = raster.variable[rows, cols]
        return variable.data if raster.chunks else variable

    @staticmethod
    def is_lazy(raster: xr.DataArray | None) -> bool:
        """Say whether a raster is read only when needed."""
        return raster is not None and not raster.variable._in_memory  # noqa: SLF001 - .data would read


def make_problem(
    elevation: xr.DataArray,
    sources: xr.DataArray | None,
    model: CostModel,
    options: LeastCostOptions,
    quantities: Mapping[str, CostModel] | None = None,
) -> CostProblem:
    """Check the rasters and find the part within the bounds; nothing is read yet."""
    given = {"elevation": elevation, "sources": sources, "friction": model.friction}
    given |= {f"friction of {name}": m.friction for name, m in (quantities or {}).items()}
    for name, raster in given.items():
        if raster is not None and raster.dims != grid.DIMS:
            raise GridError(f"{name} has dims {raster.dims}; give (y, x)")
    cell = grid.require_metric(elevation)
    for name, raster in given.items():
        if raster is not None and not _fits_bare(elevation, raster):
            _same_cells(elevation, raster, name)
    if sources is not None and sources.dtype != np.bool_:
        raise CostError(
            f"sources are {sources.dtype}, not boolean; pass e.g. `sources > 0` to say which cells"
        )
    rows, cols = _within(elevation, options.bounds)
    return CostProblem(elevation, sources, model, options, cell, rows, cols)


def _fits_bare(elevation: xr.DataArray, raster: xr.DataArray) -> bool:
    """Say whether a raster without coordinates has the elevation's shape, as masks often do."""
    return not raster.coords and raster.shape == elevation.shape


def _same_cells(elevation: xr.DataArray, raster: xr.DataArray, name: str) -> None:
    """Raise GridError, naming the raster, unless it lies on the cells of the elevation."""
    try:
        grid.same_grid(elevation, raster)
    except GridError as error:
        raise GridError(f"{name}: {error}") from error


def _within(
    elevation: xr.DataArray, bounds: tuple[float, float, float, float] | None
) -> tuple[slice, slice]:
    """Rows and columns whose centres lie within the bounds."""
    n_rows, n_cols = elevation.shape
    if bounds is None:
        return slice(0, n_rows), slice(0, n_cols)
    left, bottom, right, top = bounds
    x, y = grid.cell_centres(grid.grid_of(elevation))
    cols = np.flatnonzero((x >= left) & (x <= right))
    rows = np.flatnonzero((y >= bottom) & (y <= top))
    if not (cols.size and rows.size and all(map(math.isfinite, bounds))):
        raise GridError(
            f"bounds {bounds} hold no cell centre; give left, bottom, right, top in metres of the "
            "elevation's CRS"
        )
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
