"""Crossings from every segment of the border to roads and settlements, spread over the land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.density import shares
from geo.funnel.ends import End
from geo.grid import grid_of, same_grid, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources, accumulate

NOBODY = 1e-4
"""A destination that fewer than this share of an origin's crossings choose is left out."""


@dataclass(frozen=True)
class Land:
    """What does not change between periods and members.

    Attributes
    ----------
    elevation
        (y, x) metres.
    origins, goals
        Where crossings start and end.
    options, run
        For the engine.
    """

    elevation: xr.DataArray
    origins: Sequence[End]
    goals: Sequence[End]
    options: LeastCostOptions
    run: Resources

    def labels(self, cost: CostModel) -> Labels:
        """Accumulate a cost from every origin and to every destination, float64."""
        return Labels(
            {o.name: self._accumulated(o, cost, "from") for o in self.origins},
            {g.name: self._accumulated(g, cost, "to") for g in self.goals},
        )

    def _accumulated(
        self, end: End, cost: CostModel, direction: Literal["from", "to"]
    ) -> xr.DataArray:
        chosen = replace(self.options, direction=direction, dtype="float64")
        found: xr.DataArray = accumulate(self.elevation, end.mask, cost, chosen, run=self.run)[
            "cost"
        ]
        return found.load()


@dataclass(frozen=True)
class Labels:
    """Accumulated cost from every origin and to every destination, by name."""

    forward: Mapping[str, xr.DataArray]
    reverse: Mapping[str, xr.DataArray]

    def least(self, origin: str) -> NDArray[np.float64]:
        """Least cost of a crossing from an origin to each destination; inf if unreachable."""
        away = self.forward[origin].values
        return np.array(
            [
                np.min(total[np.isfinite(total)], initial=np.inf)
                for total in (away + back.values for back in self.reverse.values())
            ]
        )


@dataclass(frozen=True)
class Spread:
    """Where crossings go under one cost.

    Attributes
    ----------
    density
        (y, x) float64, share of all crossings per cell; sums to 1.
    least
        Least cost of a crossing from each origin, unit of the cost times metres.
    expected
        Cost, in the undisturbed model, of the cheapest crossing through a cell, averaged over
        the cells by their density; by origin.
    """

    density: xr.DataArray
    least: Mapping[str, float]
    expected: Mapping[str, float]


def avoiding(cost: CostModel, seen: xr.DataArray, avoidance: float) -> CostModel:
    """Make ground dearer by the probability of being seen there.

    Parameters
    ----------
    cost
        Physiological cost of a step.
    seen
        (y, x) probability or share of time in view, 0 to 1.
    avoidance
        Extra share of the cost where seen with certainty; 0 leaves the cost as it is.

    Returns
    -------
    CostModel
        cost x (1 + avoidance x seen); the factor is averaged over the cells a step crosses.
    """
    factor = 1.0 + avoidance * np.nan_to_num(seen.values.astype(np.float64))
    if cost.friction is not None:
        same_grid(cost.friction, seen)
        factor = factor * cost.friction.values
    friction = wrap(factor.astype(np.float32), grid_of(seen), "friction", "1")
    return replace(cost, friction=friction)


def spread(land: Land, cost: CostModel, base: Labels, theta_share: float) -> Spread:
    """Spread crossings under a cost.

    Parameters
    ----------
    land
        Elevation and ends.
    cost
        Cost of a step in the period.
    base
        Labels of the cost without towers: they set theta and value the routes taken.
    theta_share
        Theta of each origin as a share of its least undisturbed cost.

    Returns
    -------
    Spread
        Each origin's weight is shared among destinations as exp(-least cost / theta), and each
        share is spread over the land with the same theta (`geo.funnel.route_density`).

    Raises
    ------
    CostError
        If no origin reaches a destination.
    """
    return combine(land, land.labels(cost), base, theta_share)


def combine(land: Land, labels: Labels, base: Labels, theta_share: float) -> Spread:
    """Spread crossings whose cost is accumulated already; see `spread`."""
    grid = grid_of(land.elevation)
    total = np.zeros(tuple(grid.shape))
    weight = 0.0
    least: dict[str, float] = {}
    expected: dict[str, float] = {}
    for origin in land.origins:
        usual = base.least(origin.name)
        reach = labels.least(origin.name)
        if not np.isfinite(usual).any() or not np.isfinite(reach).any():
            continue
        theta = theta_share * float(usual.min())
        density, value = _from(origin.name, labels, base, reach, theta)
        total += origin.weight * density
        weight += origin.weight
        least[origin.name], expected[origin.name] = float(reach.min()), value
    if weight == 0:
        raise CostError(
            "no segment of the border reaches a road or settlement; check elevation and barriers"
        )
    return Spread(wrap(total / weight, grid, "density", "1"), least, expected)


def _from(
    origin: str, labels: Labels, base: Labels, reach: NDArray[np.float64], theta: float
) -> tuple[NDArray[np.float64], float]:
    """Density of one origin's crossings, and what they cost without towers."""
    share = np.exp(-(reach - reach.min()) / theta)
    share = np.where(share / share.sum() < NOBODY, 0.0, share)
    share /= share.sum()
    out = np.zeros(labels.forward[origin].shape)
    value = 0.0
    for goal, part in zip(labels.reverse, share, strict=True):
        if part == 0:
            continue
        density = shares(labels.forward[origin].values, labels.reverse[goal].values, theta)
        usual = base.forward[origin].values + base.reverse[goal].values
        value += part * float((density * np.where(np.isfinite(usual), usual, 0.0)).sum())
        out += part * density
    return out, value
