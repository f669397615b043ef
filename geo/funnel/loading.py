"""Kernels that load crossings on the land, block by block, and the distribution of what they cost.

Plain arrays. A raster is worked through in blocks of one fixed size, row by row, and every sum
runs in that order: where rasters lie, and who works on them, changes no bit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

SIDE = 1_024
"""Numerical: side of a block in cells: that of a stored tile, each of which is then unpacked once.

One constant, so that sums have one order.
"""
KEPT = 16.0
"""Numerical: excess over the origin's least crossing, in theta, up to which a cell takes a share.

The same at any cell size. Where the ground within an excess E of the least crossing grows no
faster than E squared, as in a plane, what lies beyond K theta is less than e (K^2 + 2K + 2) exp(-K)
of all, 8.9e-5 for 16: what is left out is at most the integral of u^2 exp(-u) beyond K, and the
ground within one theta takes 1/e of its own area or more. Where ground grows faster, as behind a
ridge with one pass, the worst is the number of cells times exp(-K).
"""
PER_OCTAVE = 4_096
"""Numerical: bins of a distribution between a number and its double: 1.7 to 2.4 parts in 10,000."""
LOWEST, HIGHEST = -10, 42
"""Numerical: powers of two between which distributions are resolved: 1e-3 to 4e12 of the model's
unit."""

Floats = NDArray[np.float64]
Window = tuple[slice, slice]
compiled = njit(nogil=True, cache=True, error_model="numpy")


def blocks(shape: tuple[int, int]) -> Iterator[Window]:
    """Yield the windows of a raster in their fixed order."""
    for top in range(0, shape[0], SIDE):
        for left in range(0, shape[1], SIDE):
            yield (
                slice(top, min(top + SIDE, shape[0])),
                slice(left, min(left + SIDE, shape[1])),
            )


@compiled
def weigh(near: Any, far: Any, theta: float, most: float, least: Any, mass: Any) -> None:
    """Add a block to the least crossing of each band and the weight relative to it.

    `near` and `far` are (rows, cols) floats, cost from the origin and to the destination in the
    unit of `theta`, infinite or NaN where nobody gets; a cell whose sum of both is above `most`
    takes nothing; `least` and `mass` (bands,) float64, changed in place. The band of a cell is how
    far along the way it lies. A new least crossing rescales the weight so far, so that one look at
    the land is enough.
    """
    bands = least.size
    rows, cols = near.shape
    for i in range(rows):
        for j in range(cols):
            total = np.float64(near[i, j]) + np.float64(far[i, j])
            if not total <= most:
                continue
            b = min(int(near[i, j] / total * bands), bands - 1) if total > 0 else 0
            excess = (total - least[b]) / theta
            if excess < 0:
                mass[b] = mass[b] * math.exp(excess) + 1.0
                least[b] = total
            else:
                mass[b] += math.exp(-excess)


@compiled
def place(near: Any, far: Any, theta: float, most: float, least: Any, scale: Any, out: Any) -> None:
    """Fill a block with each cell's share: scale of the band x exp(-excess / theta).

    Arguments as for `weigh`, which found `least`; `scale` is (bands,) float64 [1] and `out`
    (rows, cols) float64 [1], overwritten.
    """
    bands = least.size
    rows, cols = near.shape
    for i in range(rows):
        for j in range(cols):
            out[i, j] = 0.0
            total = np.float64(near[i, j]) + np.float64(far[i, j])
            if not total <= most:
                continue
            b = min(int(near[i, j] / total * bands), bands - 1) if total > 0 else 0
            out[i, j] = scale[b] * math.exp(-(total - least[b]) / theta)


@compiled
def tally(share: Any, near: Any, far: Any, count: Any, value: Any) -> None:
    """Add the quantity of the crossings through a block to its distribution.

    `share` is (rows, cols) float64 [1]; `near` and `far` (rows, cols) floats, the quantity from
    the origin and to the destination; `count` and `value` (bins,) float64, those of a `Tally`,
    changed in place.
    """
    rows, cols = share.shape
    for i in range(rows):
        for j in range(cols):
            part = share[i, j]
            if not part > 0:
                continue
            whole = np.float64(near[i, j]) + np.float64(far[i, j])
            fraction, power = math.frexp(whole)
            n = (power - 1 - LOWEST) * PER_OCTAVE + int((fraction - 0.5) * 2 * PER_OCTAVE)
            n = min(max(n, 0), count.size - 1)
            count[n] += part
            value[n] += part * whole


@dataclass
class Tally:
    """Distribution of a quantity over crossings, in bins of equal ratio.

    Attributes
    ----------
    count
        Share of crossings in each bin.
    value
        The same times the quantity, so that the mean is exact, and so is a quantile that falls
        into a bin of one value.
    bins
        Which bins these are, rising; None for all of them.
    """

    count: Floats = field(default_factory=lambda: np.zeros((HIGHEST - LOWEST) * PER_OCTAVE))
    value: Floats = field(default_factory=lambda: np.zeros((HIGHEST - LOWEST) * PER_OCTAVE))
    bins: NDArray[np.intp] | None = None

    def packed(self) -> Tally:
        """Return it without empty bins: a land has one for every origin, quantity and period."""
        used = np.flatnonzero(self.count)
        return Tally(self.count[used], self.value[used], used)

    def add(self, other: Tally, weight: float) -> None:
        """Mix another distribution into this one, which has all bins."""
        bins = slice(None) if other.bins is None else other.bins
        self.count[bins] += weight * other.count
        self.value[bins] += weight * other.value

    def mean(self) -> float:
        """Mean of the quantity."""
        return float(self.value.sum() / self.count.sum())

    def quantiles(self, *at: float) -> tuple[float, ...]:
        """Mean of the bin in which each quantile lies."""
        used = np.flatnonzero(self.count)
        rising = np.cumsum(self.count[used])
        found = used[np.searchsorted(rising, np.array(at) * rising[-1])]
        return tuple(float(self.value[n] / self.count[n]) for n in found)


@dataclass
class Loading:
    """One origin's crossings to one destination: the least crossing and weight of every band.

    `most` is what a way may cost, to whichever destination, to take a share.
    """

    theta: float
    part: float
    most: float
    least: Floats
    mass: Floats

    @classmethod
    def of(cls, theta: float, part: float, bands: int, cheapest: float) -> Loading:
        """Start with nothing weighed; `cheapest` is the origin's least crossing of all."""
        most = cheapest + KEPT * theta
        return cls(theta, part, most, np.full(bands, np.inf), np.zeros(bands))

    def weigh(self, near: Any, far: Any) -> None:
        """Add a block."""
        weigh(near, far, self.theta, self.most, self.least, self.mass)

    def place(self, near: Any, far: Any) -> Floats:
        """Return the share of all crossings of the origin in each cell of a block."""
        used = self.mass > 0
        scale = self.part * np.where(used, 1.0 / np.where(used, self.mass, 1.0), 0.0) / used.sum()
        out = np.empty(near.shape)
        place(near, far, self.theta, self.most, self.least, scale, out)
        return out
