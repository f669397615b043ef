"""Crossings of some origins as a part of those of all, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from geo.funnel.crossings import CrossingQuantity
from geo.funnel.loading import Tally, Window

Scenario = tuple[str, float]
"""A period, and how much ground in view there is avoided."""
EVERYWHERE = "all"
"""Name of all segments together; not a name that a segment can have."""


@dataclass(frozen=True)
class Distribution:
    """What the crossings of an origin cost in one unit.

    Attributes
    ----------
    unit
        Of the numbers.
    low, median, high, mean
        5 %, 50 % and 95 % quantiles and mean over crossings, to 2 parts in 10,000.
    """

    unit: str
    low: float
    median: float
    high: float
    mean: float


@dataclass(frozen=True)
class Part:
    """Crossings of some origins, each by its weight; sums of parts are the crossings of all.

    Attributes
    ----------
    mass
        (y, x), sum over origins of weight x share of its crossings per cell: float64, of a window
        float32.
    weights, least
        Origin = its weight, and the least cost of a crossing; those that reach a destination.
    tallies
        Origin = quantity = how it is distributed over crossings.
    reached
        Origin on open ground = least cost of a crossing; inf where it reaches no destination.
    window
        Rows and columns of the wider land from which the land was cut, if it was.
    """

    mass: NDArray[np.floating]
    weights: Mapping[str, float]
    least: Mapping[str, float]
    tallies: Mapping[str, Mapping[str, Tally]]
    reached: Mapping[str, float] = field(default_factory=dict)
    window: Window = (slice(0, 0), slice(0, 0))

    @property
    def whole(self) -> float:
        """Sum of the weights."""
        return sum(self.weights.values())

    def at(self, window: Window) -> Part:
        """Return the crossings as those of a window of a wider land, in float32."""
        return replace(self, mass=self.mass.astype(np.float32), window=window)


def summarise(
    quantities: Mapping[str, CrossingQuantity], parts: Sequence[Part]
) -> dict[str, dict[str, Distribution]]:
    """Summarise what crossings cost by origin, and over all of them by their weight.

    The order of `parts` is that of the sums.
    """
    spent: dict[str, dict[str, Distribution]] = {EVERYWHERE: {}}
    for part in parts:
        for origin, found in part.tallies.items():
            spent[origin] = {n: _distribution(quantities[n], t) for n, t in found.items()}
    for name, quantity in quantities.items():
        everyone = Tally()
        for part in parts:
            for origin, found in part.tallies.items():
                everyone.add(found[name], part.weights[origin])
        spent[EVERYWHERE][name] = _distribution(quantity, everyone)
    return spent


def _distribution(quantity: CrossingQuantity, found: Tally) -> Distribution:
    low, median, high = (q / quantity.per_unit for q in found.quantiles(0.05, 0.5, 0.95))
    return Distribution(quantity.unit, low, median, high, found.mean() / quantity.per_unit)


class Layer:
    """Density of all parts together, put together for the block that is read."""

    def __init__(self, shape: tuple[int, int], parts: Sequence[Part]) -> None:
        self.shape, self.ndim, self.dtype = shape, 2, np.dtype(np.float32)
        self.parts = parts
        self.whole = sum(part.whole for part in self.parts)

    def __getitem__(self, asked: Window) -> NDArray[np.float32]:
        """Return a block."""
        rows, cols = (range(*part.indices(n)) for part, n in zip(asked, self.shape, strict=True))
        out = np.zeros((len(rows), len(cols)), np.float32)
        for part in self.parts:
            (y, x) = part.window
            top, bottom = max(rows.start, y.start), min(rows.stop, y.stop)
            left, right = max(cols.start, x.start), min(cols.stop, x.stop)
            if top < bottom and left < right:
                here = part.mass[top - y.start : bottom - y.start, left - x.start : right - x.start]
                out[
                    top - rows.start : bottom - rows.start, left - cols.start : right - cols.start
                ] += (np.asarray(here, np.float64) / self.whole).astype(np.float32)
        return out
