"""Cost models: cost per metre as a function of signed slope, times friction.

The cost of one step from cell u to cell v is

    length x T(slope) x mean friction,

slope = (elevation of v - elevation of u) / run, where run is the horizontal distance between the
centres, so uphill is positive in the direction of walking. `length` is the run for "horizontal" and
sqrt(run^2 + rise^2) for "surface". The mean friction is over the cells under the straight line
between the centres, weighted by the length of line in each. A step that touches a barrier (friction
or elevation not finite) is impossible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from geo.errors import CostError

SlopeFunction = Callable[[Any], Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SlopeTable:
    """Cost per metre by signed slope, linear between explicit knots.

    Attributes
    ----------
    slope
        Knots (rise/run), not decreasing. A knot given twice is a jump: the first value ends the
        piece on its left, the second starts the piece on its right and holds at the knot.
    cost
        Cost per metre at each knot, positive and finite.
    outside
        What a steeper step than the knots cover means: "error", "clamp" (the cost of the nearest
        knot) or "barrier".
    """

    slope: tuple[float, ...]
    cost: tuple[float, ...]
    outside: Literal["error", "clamp", "barrier"] = "error"

    def __post_init__(self) -> None:
        slope = tuple(float(s) for s in np.ravel(self.slope))
        cost = tuple(float(c) for c in np.ravel(self.cost))
        object.__setattr__(self, "slope", slope)
        object.__setattr__(self, "cost", cost)
        if len(slope) != len(cost) or len(slope) < 2:
            raise CostError(
                f"slope table has {len(slope)} slopes and {len(cost)} costs; give two or more of "
                "each, one cost per slope"
            )
        if not np.all(np.isfinite(slope)) or np.any(np.diff(slope) < 0) or slope[0] == slope[-1]:
            raise CostError(
                "slopes of a slope table decrease or are not finite; give them in order"
            )
        if any(slope[i] == slope[i + 2] for i in range(len(slope) - 2)):
            raise CostError(
                "a slope stands three times in the slope table; give it twice for a jump"
            )
        check_cost(np.array(slope), np.array(cost))
        if self.outside not in ("error", "clamp", "barrier"):
            raise CostError(
                f"outside={self.outside!r} is not possible; use 'error', 'clamp' or 'barrier'"
            )

    @classmethod
    def sample(
        cls,
        function: SlopeFunction,
        lowest: float,
        highest: float,
        *,
        knots: int = 2049,
        outside: Literal["error", "clamp", "barrier"] = "error",
    ) -> SlopeTable:
        """Sample a function of signed slope at evenly spaced knots between two slopes."""
        slope = np.linspace(lowest, highest, knots)
        return cls(tuple(slope), tuple(evaluate(function, slope)), outside)

    def __call__(self, slope: ArrayLike) -> Floats:
        """Return cost per metre at signed slopes; NaN outside for "error", inf for "barrier"."""
        wanted = np.asarray(slope, float)
        knots, cost = np.array(self.slope), np.array(self.cost)
        inside = np.clip(wanted, knots[0], knots[-1])
        right = np.clip(np.searchsorted(knots, inside, side="right"), 1, knots.size - 1)
        width = knots[right] - knots[right - 1]
        part = np.where(width > 0, (inside - knots[right - 1]) / np.where(width > 0, width, 1), 1.0)
        value = cost[right - 1] + part * (cost[right] - cost[right - 1])
        beyond = {"error": np.nan, "barrier": np.inf}.get(self.outside)
        return value if beyond is None else np.where(inside == wanted, value, beyond)


@dataclass(frozen=True, eq=False)
class CostModel:
    """What a step costs (see the module for the formula).

    Attributes
    ----------
    table
        Cost per metre from signed slope (rise/run): a function, or a `SlopeTable`. A function is
        sampled over the slopes that the elevation has; its kinks and jumps are found and kept.
    friction
        (y, x) factor on the grid of the elevation, positive; NaN or infinite is a barrier. None
        for 1 everywhere.
    length
        "surface" or "horizontal" metres that the table's cost is per.
    """

    table: SlopeFunction | SlopeTable
    friction: xr.DataArray | None = None
    length: Literal["surface", "horizontal"] = "surface"

    def __post_init__(self) -> None:
        if not callable(self.table):
            raise CostError(
                f"cost table is a {type(self.table).__name__}; give a function of signed slope or "
                "a SlopeTable"
            )
        if self.length not in ("surface", "horizontal"):
            raise CostError(
                f"length={self.length!r} is not possible; use 'surface' or 'horizontal'"
            )
        if self.friction is not None and not isinstance(self.friction, xr.DataArray):
            raise CostError("friction is no DataArray; give one on the grid of the elevation")

    def per_run(self, slope: Floats) -> Floats:
        """Cost per horizontal metre at signed slopes, before friction."""
        cost = evaluate(self.table, slope)
        return cost * np.hypot(1.0, slope) if self.length == "surface" else cost


def evaluate(function: SlopeFunction, slope: Floats) -> Floats:
    """Call a cost function on many slopes, whether or not it takes arrays."""
    try:
        cost = np.asarray(function(slope), float)
    except (TypeError, ValueError):
        cost = np.array([function(float(s)) for s in slope], float)
    return np.broadcast_to(cost, slope.shape)


def check_cost(slope: Floats, cost: Floats) -> None:
    """Raise CostError at the first cost that is not positive and finite."""
    wrong = np.flatnonzero(~(np.isfinite(cost) & (cost > 0)))
    if wrong.size:
        at = wrong[0]
        raise CostError(
            f"cost per metre is {cost[at]} at slope {slope[at]:.4g}; it must be positive and "
            "finite. If it ends there, give a SlopeTable with outside='clamp' or 'barrier'"
        )
