"""Crossings from every segment of the border to roads and settlements, spread over the land."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.density import BANDS
from geo.funnel.ends import End, on_open_ground
from geo.funnel.loading import Loading, Tally, Window, blocks, tally
from geo.grid import grid_of, same_grid, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources, Surface, Surfaces

Way = tuple[Literal["from", "to"], str]
"""Direction of a surface and the name of its end."""
EVERYWHERE = "all"
"""Name of all segments together; not a name that a segment can have."""
NOBODY = 1e-4
"""A destination that fewer than this share of an origin's crossings choose is left out."""


@dataclass(frozen=True, eq=False)
class Quantity:
    """What a crossing costs in one unit: added up along the routes taken, whatever chose them.

    Attributes
    ----------
    model
        What a step costs; towers have no part in it.
    unit
        Unit in which it is reported.
    per_unit
        How many of the model's units (cost of its table times metres) make one of `unit`.
    """

    model: CostModel
    unit: str
    per_unit: float


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
        For the engine. Where `run.store_path` names a folder, surfaces are zarr groups below it
        and are read by blocks; a killed accumulation goes on from there.
    quantities
        Name = what to count along the routes beside their cost ("energy", "hours", "litres").
    """

    elevation: xr.DataArray
    origins: Sequence[End]
    goals: Sequence[End]
    options: LeastCostOptions
    run: Resources
    quantities: Mapping[str, Quantity] = field(default_factory=dict)

    def labels(self, cost: CostModel, before: Labels | None = None, name: str = "before") -> Labels:
        """Accumulate a cost from every origin and to every destination, float64.

        Parameters
        ----------
        cost
            Cost of a step.
        before
            Labels of a cost on the same land. Where the new cost is nowhere cheaper and bars the
            same ground, only what lies beyond dearer ground is found again; the bits are the same.
        name
            Names the surfaces in a store.
        """
        old = None if before is None else before.laid
        if old is None:
            laid = Surfaces(
                self.elevation,
                cost,
                replace(self.options, dtype="float64"),
                quantities={name: q.model for name, q in self.quantities.items()},
                run=self.run,
            )
        else:
            laid = old.under(cost)
            old = old if laid.only_dearer_than(old) else None
        surfaces: dict[Way, Surface] = {}
        for key, end in self._ends():
            run = self._run_of(f"{name}-{key[0]}-{end.name}")
            if old is not None and before is not None:
                surfaces[key] = laid.renew(before.surfaces[key], old, run=run)
            else:
                marks = on_open_ground(end.mask, self.elevation, cost)
                surfaces[key] = laid.accumulate(marks, key[0], run=run)
        away = {o.name: surfaces["from", o.name].found for o in self.origins}
        back = {g.name: surfaces["to", g.name].found for g in self.goals}
        return Labels(away, back, self._least(away), laid, surfaces)

    def _ends(self) -> Iterator[tuple[Way, End]]:
        yield from ((("from", o.name), o) for o in self.origins)
        yield from ((("to", g.name), g) for g in self.goals)

    def _run_of(self, name: str) -> Resources:
        folder = self.run.store_path
        if folder is None:
            return self.run
        return replace(self.run, store_path=Path(folder) / f"{name}.zarr")

    def _least(self, away: Mapping[str, xr.Dataset]) -> dict[str, NDArray[np.float64]]:
        """Least cost from every origin to the cells of every destination."""
        least = {name: np.full(len(self.goals), np.inf) for name in away}
        for window in blocks(shape_of(self.elevation)):
            for n, goal in enumerate(self.goals):
                here = block(goal.mask, window)
                if not here.any():
                    continue
                for name, found in away.items():
                    cost = block(found["cost"], window)[here]
                    best = np.min(cost[np.isfinite(cost)], initial=np.inf)
                    least[name][n] = min(least[name][n], float(best))
        return least


@dataclass(frozen=True)
class Labels:
    """Accumulated cost, and quantities along its routes, by name of the end.

    Attributes
    ----------
    away, back
        From every origin, and to every destination: `cost` and the quantities, (y, x) each.
    reach
        Origin = least cost of a crossing to each destination; inf if unreachable.
    laid, surfaces
        What a dearer cost is found from; None and empty where it has to be found afresh.
    """

    away: Mapping[str, xr.Dataset]
    back: Mapping[str, xr.Dataset]
    reach: Mapping[str, NDArray[np.float64]]
    laid: Surfaces | None = None
    surfaces: Mapping[Way, Surface] = field(default_factory=dict)

    @property
    def forward(self) -> dict[str, xr.DataArray]:
        """Cost from every origin."""
        return {name: found["cost"] for name, found in self.away.items()}

    @property
    def reverse(self) -> dict[str, xr.DataArray]:
        """Cost to every destination."""
        return {name: found["cost"] for name, found in self.back.items()}

    def least(self, origin: str) -> NDArray[np.float64]:
        """Least cost of a crossing from an origin to each destination; inf if unreachable."""
        return self.reach[origin]


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
class Spread:
    """Where crossings go under one cost, and what they cost.

    Attributes
    ----------
    density
        (y, x) float64, share of all crossings per cell; sums to 1.
    least
        Least cost of a crossing from each origin, unit of the cost times metres.
    spent
        Origin, or `EVERYWHERE` for all = quantity = its distribution over crossings. A crossing
        through x is charged what adds up along the least-cost route under this cost from the
        origin to x and on to the destination, weighted by the density at x.
    """

    density: xr.DataArray
    least: Mapping[str, float]
    spent: Mapping[str, Mapping[str, Distribution]]


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
    land: Land, cost: CostModel, base: Labels, theta_share: float, name: str = "after"
) -> Spread:
    """Spread crossings under a cost.

    Parameters
    ----------
    land
        Elevation and ends.
    cost
        Cost of a step in the period.
    base
        Labels of the cost without towers: they set theta.
    theta_share
        Theta of each origin as a share of its least undisturbed cost.
    name
        Names the surfaces in a store.

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
    return combine(land, land.labels(cost, base, name), base, theta_share)


def combine(land: Land, labels: Labels, base: Labels, theta_share: float) -> Spread:
    """Spread crossings whose cost is accumulated already; see `spread`."""
    grid = grid_of(land.elevation)
    flows = {o.name: _loadings(labels, base, o.name, theta_share) for o in land.origins}
    flows = {name: loadings for name, loadings in flows.items() if loadings}
    if not flows:
        raise CostError(
            "no segment of the border reaches a road or settlement; check elevation and barriers"
        )
    weight = {o.name: o.weight for o in land.origins if o.name in flows}
    whole = sum(weight.values())
    for window in blocks(shape_of(land.elevation)):
        ends = _Cut(labels, window)
        for name, loadings in flows.items():
            for goal, loading in loadings.items():
                loading.weigh(ends.away(name), ends.back(goal))
    total = np.zeros(tuple(grid.shape))
    tallies = {name: {q: Tally() for q in land.quantities} for name in flows}
    for window in blocks(shape_of(land.elevation)):
        ends = _Cut(labels, window)
        for name, loadings in flows.items():
            for goal, loading in loadings.items():
                share = loading.place(ends.away(name), ends.back(goal))
                total[window] += weight[name] / whole * share
                for q, tally_of in tallies[name].items():
                    both = ends.away(name, q), ends.back(goal, q)
                    tally(share, *both, tally_of.count, tally_of.value)
    least = {name: float(labels.reach[name].min()) for name in flows}
    spent = _spent(land.quantities, tallies, weight)
    return Spread(wrap(total, grid, "density", "1"), least, spent)


class _Cut:
    """One block of every surface, each read once."""

    def __init__(self, labels: Labels, window: Window) -> None:
        self._labels, self._window = labels, window
        self._read: dict[tuple[str, str, str], NDArray[np.floating]] = {}

    def away(self, origin: str, what: str = "cost") -> NDArray[np.floating]:
        """Block of what adds up from an origin."""
        return self._of("away", self._labels.away, origin, what)

    def back(self, goal: str, what: str = "cost") -> NDArray[np.floating]:
        """Block of what adds up to a destination."""
        return self._of("back", self._labels.back, goal, what)

    def _of(
        self, side: str, found: Mapping[str, xr.Dataset], name: str, what: str
    ) -> NDArray[np.floating]:
        key = side, name, what
        if key not in self._read:
            self._read[key] = block(found[name][what], self._window)
        return self._read[key]


def _loadings(labels: Labels, base: Labels, origin: str, theta_share: float) -> dict[str, Loading]:
    """Share an origin's crossings among the destinations; empty if it reaches none."""
    usual, reach = base.reach[origin], labels.reach[origin]
    if not np.isfinite(usual).any() or not np.isfinite(reach).any():
        return {}
    theta = theta_share * float(usual.min())
    if not theta > 0:
        raise CostError(f"theta is {theta}; give a positive one, in the unit of the costs")
    share = np.exp(-(reach - reach.min()) / theta)
    share = np.where(share / share.sum() < NOBODY, 0.0, share)
    share /= share.sum()
    return {
        goal: Loading.of(theta, float(part), BANDS)
        for goal, part in zip(labels.back, share, strict=True)
        if part > 0
    }


def _spent(
    quantities: Mapping[str, Quantity],
    tallies: Mapping[str, Mapping[str, Tally]],
    weight: Mapping[str, float],
) -> dict[str, dict[str, Distribution]]:
    """Summarise by origin, and over all of them by their weight."""
    spent: dict[str, dict[str, Distribution]] = {EVERYWHERE: {}}
    spent |= {
        origin: {name: _distribution(quantities[name], t) for name, t in found.items()}
        for origin, found in tallies.items()
    }
    for name, quantity in quantities.items():
        everyone = Tally()
        for origin, found in tallies.items():
            everyone.add(found[name], weight[origin])
        spent[EVERYWHERE][name] = _distribution(quantity, everyone)
    return spent


def _distribution(quantity: Quantity, found: Tally) -> Distribution:
    low, median, high = (q / quantity.per_unit for q in found.quantiles(0.05, 0.5, 0.95))
    return Distribution(quantity.unit, low, median, high, found.mean() / quantity.per_unit)


def shape_of(raster: xr.DataArray) -> tuple[int, int]:
    """Rows and columns of a raster."""
    return raster.shape[0], raster.shape[1]


def block(raster: xr.DataArray, window: Window) -> NDArray[Any]:
    """Read a block of a raster, in memory or lazy, in this thread."""
    values = raster.data[window]
    return np.asarray(
        values.compute(scheduler="synchronous") if hasattr(values, "dask") else values
    )
