"""Sums over a density and its order, a strip at a time: nothing else of a wide land is held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.strips import rows_of, strips
from geo.typing import Floats


def parts(
    raster: xr.DataArray, dtype: type[np.generic] | None = np.float64
) -> Iterator[NDArray[Any]]:
    """Yield the cells of a raster in the order of the grid, a strip at a time."""
    for rows in strips(raster.shape[0], raster.shape[1]):
        values = rows_of(raster, rows).ravel()
        yield values if dtype is None else values.astype(dtype)


def total(density: xr.DataArray) -> float:
    """Return the sum of a density."""
    return float(sum(values.sum() for values in parts(density)))


def both(before: xr.DataArray, after: xr.DataArray) -> Iterator[tuple[Floats, Floats]]:
    """Yield the shares of two densities on the same cells."""
    was, now = total(before), total(after)
    for old, new in zip(parts(before), parts(after), strict=True):
        yield old / was, new / now


def p_log_p(p: Floats) -> float:
    """Return the sum of p ln p over what is not 0."""
    used = p[p > 0]
    return float((used * np.log(used)).sum())


def usual_ground(density: xr.DataArray, share: float) -> tuple[float, int]:
    """Return the least density on the fewest cells with a share, and how many have just that.

    Sorted as they are, without a number for every cell: of a wide land that is half a gigabyte
    in place of five.
    """
    whole, ranked = total(density), np.sort(density.values, axis=None)[::-1]
    wanted = share * max(rising[-1] for _, rising in _rising(ranked, whole))
    reached = (
        start + np.searchsorted(r, wanted) for start, r in _rising(ranked, whole) if r[-1] >= wanted
    )
    count = int(next(reached)) + 1
    least = ranked[count - 1]
    higher = ranked.size - int(np.searchsorted(ranked[::-1], least, side="right"))
    return least, count - higher


def _rising(ranked: Floats, whole: float) -> Iterator[tuple[int, Floats]]:
    """Yield the running sum of shares, a strip at a time, and the number of its first cell."""
    so_far = 0.0
    for at in strips(ranked.size, 1):
        rising = np.cumsum(np.r_[so_far, ranked[at].astype(np.float64) / whole])[1:]
        so_far = float(rising[-1])
        yield at.start, rising


def gini(density: xr.DataArray) -> float:
    """Return the Gini coefficient over all cells."""
    ranked = np.sort(density.values, axis=None)
    n, weighed = ranked.size, 0.0
    for at in strips(n, 1):
        values = ranked[at].astype(np.float64)
        weighed += float((2 * np.arange(at.start + 1, at.stop + 1) - n - 1) @ values)
    return weighed / (n * total(density))
