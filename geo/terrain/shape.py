"""Slope of the land, and a coarse relief for the map's shading."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.aggregation import aggregate
from geo.grid import grid_of, require_metric, wrap


def slope(elevation: xr.DataArray) -> xr.DataArray:
    """Return the slope of the land.

    Parameters
    ----------
    elevation
        (y, x) metres on square metric cells.

    Returns
    -------
    DataArray
        `slope`, (y, x) float32 degrees, lazy if the input is. At the edge, and beside a void, the
        missing neighbour is taken level with the cell itself; a void has no slope.

    Raises
    ------
    GridError
        If the cells are not square and metric.

    Notes
    -----
    Horn, B. K. P. (1981), Hill shading and the reflectance map, Proc. IEEE 69(1), 14-47: weighted
    differences of the eight neighbours.

    Examples
    --------
    >>> from geo import examples, terrain
    >>> slope = terrain.slope(examples.elevation())
    >>> slope.attrs["units"], round(float(slope.max()), 1)
    ('degree', 17.8)
    """
    step = require_metric(elevation)
    data = elevation.data
    if isinstance(data, da.Array):
        values = da.map_overlap(
            _horn,
            data,
            depth=1,
            boundary=np.nan,
            dtype=np.float32,
            step=step,
            trim=True,
            meta=np.empty((0, 0), np.float32),
        )
    else:
        padded = np.pad(np.asarray(data, np.float32), 1, constant_values=np.nan)
        values = _horn(padded, step)[1:-1, 1:-1]
    return wrap(values, grid_of(elevation), "slope", "degree", long_name="Slope")


def relief(elevation: xr.DataArray, resolution_m: float) -> xr.DataArray:
    """Return mean elevation on coarse cells, for shading.

    Parameters
    ----------
    elevation
        (y, x) [m] on square metric cells.
    resolution_m
        Side of the coarse cells [m].

    Returns
    -------
    xr.DataArray
        (y, x) float32 [m].

    Raises
    ------
    GridError
        If the elevation has no metric grid.

    Examples
    --------
    >>> from geo import examples, terrain
    >>> terrain.relief(examples.elevation(), 1_000.0).shape
    (6, 9)
    """
    coarse = aggregate(elevation, resolution_m)
    return wrap(coarse.values.astype(np.float32), grid_of(coarse), "relief", "m")


def _horn(block: NDArray[Any], step: float) -> NDArray[np.float32]:
    """Slope in degrees of a block with a margin of one cell; the margin's own values are waste."""
    z = np.pad(block.astype(np.float64), 1, constant_values=np.nan)
    centre = z[1:-1, 1:-1]

    def shifted(down: int, right: int) -> NDArray[np.float64]:
        rows, cols = centre.shape
        part = z[1 + down : 1 + down + rows, 1 + right : 1 + right + cols]
        return np.where(np.isnan(part), centre, part)

    a, b, c = shifted(-1, -1), shifted(-1, 0), shifted(-1, 1)
    d, f = shifted(0, -1), shifted(0, 1)
    g, h, i = shifted(1, -1), shifted(1, 0), shifted(1, 1)
    east = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * step)
    north = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * step)
    degrees = np.degrees(np.arctan(np.hypot(east, north)))
    return np.where(np.isnan(centre), np.nan, degrees).astype(np.float32)
