"""Wide rasters, some rows at a time, so that no float64 copy of a whole one is held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

STRIP_CELLS = 1 << 23
"""Numerical: cells of a wide raster that are worked on at once."""


def strips(rows: int, cols: int) -> Iterator[slice]:
    """Yield the rows of a raster in strips; one that is not wide is a single strip.

    Parameters
    ----------
    rows, cols
        Of the raster.

    Yields
    ------
    slice
        Rows of a strip, from the top.

    Examples
    --------
    >>> from geo.strips import strips
    >>> list(strips(4, 3))
    [slice(0, 4, None)]
    """
    deep = max(1, STRIP_CELLS // max(1, cols))
    for top in range(0, rows, deep):
        yield slice(top, min(top + deep, rows))


def rows_of(raster: xr.DataArray, rows: slice) -> NDArray[Any]:
    """Read some rows of a (y, x) raster, lazy or not, in this thread.

    Parameters
    ----------
    raster
        (y, x).
    rows
        Which.

    Returns
    -------
    array
        (rows, x).

    Examples
    --------
    >>> from geo import examples
    >>> from geo.strips import rows_of
    >>> rows_of(examples.elevation(), slice(0, 2)).shape[0]
    2
    """
    return read(raster.data[rows])


def read(values: Any) -> NDArray[Any]:
    """Return an array, computed in this thread where it is lazy."""
    return np.asarray(
        values.compute(scheduler="synchronous") if hasattr(values, "dask") else values
    )
