"""Crossings from every segment of the border to roads and settlements, spread over the land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import xarray as xr

from geo.errors import CostError
from geo.funnel.density import route_density
from geo.funnel.ends import Origin
from geo.grid import grid_of, same_grid, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources, accumulate


@dataclass(frozen=True)
class Spread:
    """Where crossings go under one cost.

    Attributes
    ----------
    density
        (y, x) float64, share of all crossings per cell; sums to 1.
    least
        Least cost of a crossing from each segment, unit of the cost times metres.
    expected
        Cost, in the undisturbed model, of the cheapest crossing through a cell, averaged over
        the cells by their density; by segment.
    """

    density: xr.DataArray
    least: Mapping[str, float]
    expected: Mapping[str, float]


@dataclass(frozen=True)
class Undisturbed:
    """Labels of the cost without towers, which every later spread is measured by.

    Attributes
    ----------
    forward
        Segment = (y, x) accumulated cost from it.
    reverse
        (y, x) accumulated cost to the nearest destination.
    """

    forward: Mapping[str, xr.DataArray]
    reverse: xr.DataArray


def undisturbed(
    elevation: xr.DataArray,
    cost: CostModel,
    origins: Sequence[Origin],
    goals: xr.DataArray,
    options: LeastCostOptions,
    run: Resources,
) -> Undisturbed:
    """Accumulate the cost without towers from every segment and to the destinations."""
    labels = {o.name: _labels(elevation, o.mask, cost, options, "from", run) for o in origins}
    return Undisturbed(labels, _labels(elevation, goals, cost, options, "to", run))


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


def spread(
    elevation: xr.DataArray,
    cost: CostModel,
    origins: Sequence[Origin],
    goals: xr.DataArray,
    base: Undisturbed,
    theta_share: float,
    options: LeastCostOptions,
    run: Resources,
) -> Spread:
    """Spread crossings under a cost.

    Parameters
    ----------
    elevation
        (y, x) metres.
    cost
        Cost of a step in the period.
    origins, goals
        Where crossings start and end.
    base
        Labels without towers: they set theta and value the routes taken.
    theta_share
        Theta of each segment as a share of its least undisturbed cost.
    options, run
        For the engine.

    Raises
    ------
    CostError
        If no segment reaches a destination.
    """
    reverse = _labels(elevation, goals, cost, options, "to", run)
    grid = grid_of(elevation)
    total = np.zeros(tuple(grid.shape))
    weight = 0.0
    least: dict[str, float] = {}
    expected: dict[str, float] = {}
    for origin in origins:
        plain = base.forward[origin.name].values.astype(np.float64) + base.reverse.values
        if not np.isfinite(plain).any():
            continue
        forward = _labels(elevation, origin.mask, cost, options, "from", run)
        theta = theta_share * float(np.nanmin(plain))
        density = route_density(forward, reverse, theta).values
        through = np.where(np.isfinite(plain), plain, 0.0)
        least[origin.name] = float(np.nanmin(forward.values.astype(np.float64) + reverse.values))
        expected[origin.name] = float((density * through).sum())
        total += origin.weight * density
        weight += origin.weight
    if weight == 0:
        raise CostError("no segment of the border reaches a road or settlement")
    return Spread(wrap(total / weight, grid, "density", "1"), least, expected)


def _labels(
    elevation: xr.DataArray,
    sources: xr.DataArray,
    cost: CostModel,
    options: LeastCostOptions,
    direction: Literal["from", "to"],
    run: Resources,
) -> xr.DataArray:
    chosen = replace(options, direction=direction, dtype="float64")
    labels: xr.DataArray = accumulate(elevation, sources, cost, chosen, run=run)["cost"]
    return labels.load()
