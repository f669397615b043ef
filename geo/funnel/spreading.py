"""Crossings from every segment of the border to roads and settlements, spread over the land."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.crossing_parts import Distribution, Part, summarise
from geo.funnel.crossings import Labels, MovementDomain, block, shape_of
from geo.funnel.density import BANDS
from geo.funnel.loading import Loading, Tally, Window, blocks, tally
from geo.grid import grid_of, wrap
from geo.leastcost import CostModel, Resources

NOBODY = 1e-4
"""Numerical: a destination that fewer than this share of an origin's crossings choose is left out.
"""
NOBODY_CROSSES = (
    "no segment of the border reaches a road or settlement; check elevation and barriers"
)


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


def spread(
    land: MovementDomain, cost: CostModel, base: Labels, theta_share: float, name: str = "after"
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
        Theta of each origin as a share of its least undisturbed cost that is not 0.
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

    Notes
    -----
    The shares of destinations are assumed to follow a logit of their least costs; see
    `geo.funnel.route_density` for the spread over land.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land, cost = examples.crossed_land(), examples.energy()
    >>> base = land.labels(cost)
    >>> dearer = funnel.avoiding(cost, examples.in_view()[-1], 1.0)
    >>> after = funnel.spread(land, dearer, base, 0.1)
    >>> round(float(after.density.sum()), 6)
    1.0
    """
    return combine(land, land.labels(cost, base, name), base, theta_share)


def combine(land: MovementDomain, labels: Labels, base: Labels, theta_share: float) -> Spread:
    """Spread crossings whose cost is accumulated already; see `spread`.

    Parameters
    ----------
    land
        Elevation and ends.
    labels
        Accumulated costs in the period (`MovementDomain.labels`).
    base
        Those without towers: they set theta.
    theta_share
        Theta of each origin as a share of its least undisturbed cost that is not 0.

    Returns
    -------
    Spread
        As `spread`.

    Raises
    ------
    CostError
        If no origin reaches a destination.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land = examples.crossed_land()
    >>> base = land.labels(examples.energy())
    >>> round(float(funnel.combine(land, base, base, 0.1).density.sum()), 6)
    1.0
    """
    part = load(land, labels, base, theta_share)
    if not part.weights:
        raise CostError(NOBODY_CROSSES)
    density = wrap(part.mass / part.whole, grid_of(land.elevation), "density", "1")
    return Spread(density, part.least, summarise(land.quantities, [part]))


def load(land: MovementDomain, labels: Labels, base: Labels, theta_share: float) -> Part:
    """Spread the crossings of a land's origins, not yet weighed against those of other lands.

    Arguments as for `combine`; an origin that reaches no destination takes no part.
    """
    started = [o for o in land.origins if o.name in labels.away and o.name in base.away]
    flows = {o.name: _loadings(labels, base, o.name, theta_share) for o in started}
    flows = {name: loadings for name, loadings in flows.items() if loadings}
    weights = {o.name: o.weight for o in land.origins if o.name in flows}
    mass = np.zeros(shape_of(land.elevation))
    tallies = {name: {q: Tally() for q in land.quantities} for name in flows}
    with _each(land.run) as each:
        for window in blocks(shape_of(land.elevation)):
            ends = _Cut(labels, window, each, flows, ["cost"])
            list(each(partial(_weigh, ends), flows, flows.values()))
        for window in blocks(shape_of(land.elevation)):
            ends = _Cut(labels, window, each, flows, ["cost", *land.quantities])
            placed = each(partial(_place, ends), flows, flows.values(), tallies.values())
            for name, share in zip(flows, placed, strict=True):
                mass[window] += weights[name] * share
    least = {name: float(labels.reach[name].min()) for name in flows}
    reached = {name: float(found.min()) for name, found in labels.reach.items()}
    packed = {name: {q: t.packed() for q, t in own.items()} for name, own in tallies.items()}
    return Part(mass, weights, least, packed, reached)


@contextmanager
def _each(run: Resources) -> Iterator[Callable[..., Iterator[Any]]]:
    """Give a `map` over origins: on threads, whose number changes no bit, or in this one."""
    if run.workers == 0:
        yield map
        return
    with ThreadPoolExecutor(run.workers) as pool:
        yield pool.map


class _Cut:
    """One block of every surface that the flows need, each read once."""

    def __init__(
        self,
        labels: Labels,
        window: Window,
        each: Callable[..., Iterator[Any]],
        flows: Mapping[str, Mapping[str, Loading]],
        layers: Sequence[str],
    ) -> None:
        goals = dict.fromkeys(goal for loadings in flows.values() for goal in loadings)
        rasters = {("away", name, w): labels.away[name][w] for name in flows for w in layers}
        rasters |= {("back", goal, w): labels.back[goal][w] for goal in goals for w in layers}
        found = each(lambda raster: block(raster, window), rasters.values())
        self._read: dict[tuple[str, str, str], Any] = dict(zip(rasters, found, strict=True))

    def away(self, origin: str, what: str = "cost") -> NDArray[np.floating]:
        """Block of what adds up from an origin."""
        return np.asarray(self._read["away", origin, what])

    def back(self, goal: str, what: str = "cost") -> NDArray[np.floating]:
        """Block of what adds up to a destination."""
        return np.asarray(self._read["back", goal, what])


def _weigh(ends: _Cut, origin: str, loadings: Mapping[str, Loading]) -> None:
    """Weigh a block for the crossings of one origin."""
    for goal, loading in loadings.items():
        loading.weigh(ends.away(origin), ends.back(goal))


def _place(
    ends: _Cut, origin: str, loadings: Mapping[str, Loading], tallies: Mapping[str, Tally]
) -> Any:
    """Return the share of an origin's crossings in each cell of a block; add up what they cost."""
    total: Any = 0.0
    for goal, loading in loadings.items():
        share = loading.place(ends.away(origin), ends.back(goal))
        total = total + share
        for name, found in tallies.items():
            both = ends.away(origin, name), ends.back(goal, name)
            tally(share, *both, found.count, found.value)
    return total


def _loadings(labels: Labels, base: Labels, origin: str, theta_share: float) -> dict[str, Loading]:
    """Share an origin's crossings among the destinations; empty if it reaches none."""
    usual, reach = base.reach[origin], labels.reach[origin]
    if not np.isfinite(usual).any() or not np.isfinite(reach).any():
        return {}
    dear = usual[np.isfinite(usual) & (usual > 0)]
    if not dear.size:
        raise CostError(
            f"{origin} lies on every destination that it reaches, so that a crossing costs "
            "nothing; take destinations farther from the border (movement.crossing_depth_m)"
        )
    theta = theta_share * float(dear.min())
    if not theta > 0:
        raise CostError(f"theta is {theta}; give a positive one, in the unit of the costs")
    cheapest = float(reach.min())
    share = np.exp(-(reach - cheapest) / theta)
    share = np.where(share / share.sum() < NOBODY, 0.0, share)
    share /= share.sum()
    return {
        goal: Loading.of(theta, float(part), BANDS, cheapest)
        for goal, part in zip(labels.back, share, strict=True)
        if part > 0
    }
