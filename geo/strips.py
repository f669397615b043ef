"""Wide rasters, some rows at a time, so that no float64 copy of a whole one is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dask
import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray

WIDE_CELLS = 1 << 20
"""Numerical: cells of a layer above which it is read in strips, not at once."""
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


def held(raster: xr.DataArray) -> xr.DataArray:
    """Read a raster at once, unless it is so wide that it is read in strips.

    Parameters
    ----------
    raster
        (..., y, x).

    Returns
    -------
    xr.DataArray
        The same; as it is where a layer has more than `WIDE_CELLS`.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.strips import held
    >>> held(examples.elevation().chunk()).chunks is None
    True
    """
    wide = raster.shape[-2] * raster.shape[-1] > WIDE_CELLS
    return raster if wide else raster.compute(scheduler="synchronous")


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


def by_strips(shape: Sequence[int], make: Callable[[slice], NDArray[np.float64]]) -> Any:
    """Return a raster made of strips: at once, or of a wide one each strip when it is read.

    Parameters
    ----------
    shape
        Rows and columns.
    make
        Makes the float64 cells of some rows.

    Returns
    -------
    array
        float64 (y, x): of NumPy where one strip is the whole, of Dask otherwise.

    Examples
    --------
    >>> import numpy as np
    >>> from geo.strips import by_strips
    >>> by_strips((2, 3), lambda rows: np.ones((rows.stop - rows.start, 3))).sum()
    np.float64(6.0)
    """
    rows, cols = (int(n) for n in shape)
    parts = list(strips(rows, cols))
    if len(parts) == 1:
        return make(parts[0])
    later = dask.delayed(make, pure=False)
    return da.concatenate(
        [da.from_delayed(later(r), (r.stop - r.start, cols), np.float64) for r in parts]
    )
