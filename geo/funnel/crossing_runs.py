"""Crossings of a land in every period: whole, or window by window where the land is wide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.crossing_parts import Layer, Part, Scenario, summarise
from geo.funnel.crossings import Labels, MovementDomain, avoiding, shape_of
from geo.funnel.loading import KEPT, SIDE, Window
from geo.funnel.marks import on_open_ground
from geo.funnel.origins_destinations import End
from geo.funnel.spreading import NOBODY_CROSSES, Spread, combine, load
from geo.funnel.thinning import thin, thinned
from geo.funnel.windows import Cutter, Stretch, bound_of, closed, cut, stretches
from geo.grid import grid_of, wrap
from geo.leastcost import CostModel
from geo.strips import WIDE_CELLS

WINDOWED_CELLS = WIDE_CELLS
"""Numerical: cells of a land above which crossings are worked out window by window."""
WITHOUT: Scenario = ("no towers", 0.0)
"""Definition: the land without towers; not a name that a period can have."""
Report = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Watch:
    """What is in view in every period, and how much dearer that makes ground.

    Attributes
    ----------
    seen
        Period = (y, x) share of the period in view, 0 to 1.
    avoidance
        Of the study, each at least 0.
    ratio
        Factor on every avoidance.
    """

    seen: Mapping[str, xr.DataArray]
    avoidance: tuple[float, ...]
    ratio: float = 1.0

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Those that differ from the land without towers."""
        viewed = [period for period, seen in self.seen.items() if bool((seen > 0).any())]
        return tuple((period, a) for period in viewed for a in self.avoidance if a > 0)

    def cost(self, usual: CostModel, seen: xr.DataArray, avoidance: float) -> CostModel:
        """Return the cost of a step where ground in view is avoided."""
        return avoiding(usual, seen, avoidance * self.ratio)

    def dearest(self, usual: CostModel, factor: int) -> CostModel:
        """Return the cost, on thinned cells, of the dearest that any scenario makes a cell."""
        if not self.scenarios:
            return thinned(usual, factor)
        layers = [thin(self.seen[period], factor) for period in {p for p, _ in self.scenarios}]
        most = layers[0].copy(data=np.fmax.reduce([layer.values for layer in layers]))
        return self.cost(thinned(usual, factor), most, max(self.avoidance))


class Keeper(Protocol):
    """Where finished windows are put, so that a killed run goes on behind them."""

    def get(self, number: int) -> Mapping[Scenario, Part] | None:
        """Return the parts of a stretch, None where they are not there."""

    def put(self, number: int, parts: Mapping[Scenario, Part]) -> Mapping[Scenario, Part]:
        """Keep the parts of a stretch and return them as `get` would."""


class Crossings(Protocol):
    """Crossings of a land in every scenario."""

    @property
    def before(self) -> Spread:
        """Without towers."""

    @property
    def reached(self) -> Mapping[str, float]:
        """Origin on open ground = least cost of a crossing without towers; inf if none is found."""

    def after(self, period: str, avoidance: float) -> Spread:
        """Return the crossings of a period."""


def spread_crossings(
    land: MovementDomain,
    cost: CostModel,
    watch: Watch,
    theta_share: float,
    keeper: Keeper | None = None,
    report: Report | None = None,
) -> Crossings:
    """Spread the crossings of a land without towers and in every period.

    Parameters
    ----------
    land
        Elevation and ends.
    cost
        Cost of a step without towers.
    watch
        What is in view, and how much that is avoided.
    theta_share
        Theta of each origin as a share of its least undisturbed cost that is not 0.
    keeper
        Where finished windows are put; by default they are held in memory.
    report
        Called as `report(done, total, label)` as windows are finished.

    Returns
    -------
    Crossings
        Above `WINDOWED_CELLS` densities are float32 and made block by block when read.

    Raises
    ------
    CostError
        If no origin reaches a destination.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land, seen = examples.crossed_land(), {"after": examples.in_view()[-1]}
    >>> watch = funnel.Watch(seen, (0.0, 1.0))
    >>> found = funnel.spread_crossings(land, examples.energy(), watch, 0.1)
    >>> round(float(found.after("after", 1.0).density.sum()), 6)
    1.0
    """
    if land.elevation.size <= WINDOWED_CELLS:
        return Whole(land, cost, watch, theta_share)
    return Windowed(land, cost, watch, theta_share, keeper, report)


class Whole:
    """Crossings worked out on the whole land at once, each scenario when it is asked for."""

    def __init__(
        self, land: MovementDomain, cost: CostModel, watch: Watch, theta_share: float
    ) -> None:
        self.land, self.cost, self.watch, self.theta_share = land, cost, watch, theta_share
        self.base = land.labels(cost)
        self.before = combine(land, self.base, self.base, theta_share)
        self.reached = {name: float(least.min()) for name, least in self.base.reach.items()}

    def after(self, period: str, avoidance: float) -> Spread:
        """Return the crossings of a period."""
        if (period, avoidance) not in self.watch.scenarios:
            return self.before
        dearer = self.watch.cost(self.cost, self.watch.seen[period], avoidance)
        labels = self.land.labels(dearer, self.base, f"{period}-{avoidance:g}")
        return combine(self.land, labels, self.base, self.theta_share)


class Windowed:
    """Crossings worked out window by window, each in every scenario.

    Windows come one after the other, in the order of the border, and sums of them run in that
    order; the tiles of one are shared among the workers.
    """

    def __init__(
        self,
        land: MovementDomain,
        cost: CostModel,
        watch: Watch,
        theta_share: float,
        keeper: Keeper | None,
        report: Report | None,
    ) -> None:
        self.land, self.cost, self.watch, self.theta_share = land, cost, watch, theta_share
        self._bound = bound_of(land, cost)
        self._goal_cells = {g.name: np.nonzero(np.asarray(g.mask.values)) for g in land.goals}
        able, self._cut_off = self._sorted()
        if not able:
            raise CostError(NOBODY_CROSSES)
        posed = replace(land, origins=able)
        self.places = stretches(posed, cost, lambda f: watch.dearest(cost, f), theta_share)
        self.parts: list[Mapping[Scenario, Part]] = []
        for number, place in enumerate(self.places):
            if report is not None:
                report(number, len(self.places), "windows of crossings")
            parts = keeper.get(number) if keeper else None
            if parts is None:
                parts = self._work(place)
                parts = keeper.put(number, parts) if keeper else parts
            self.parts.append(parts)
        if not any(part[WITHOUT].weights for part in self.parts):
            raise CostError(NOBODY_CROSSES)
        self.before = self._spread(WITHOUT)

    @property
    def reached(self) -> Mapping[str, float]:
        """Origin on open ground = least cost of a crossing without towers; inf if none is found."""
        found = [part[WITHOUT].reached for part in self.parts]
        return {name: least for part in (*found, self._cut_off) for name, least in part.items()}

    def after(self, period: str, avoidance: float) -> Spread:
        """Return the crossings of a period."""
        if (period, avoidance) not in self.watch.scenarios:
            return self.before
        return self._spread((period, avoidance))

    def _spread(self, scenario: Scenario) -> Spread:
        parts = [known[scenario] for known in self.parts]
        layer = Layer(shape_of(self.land.elevation), parts)
        density = da.from_array(layer, chunks=(SIDE, SIDE), meta=np.zeros((0, 0), np.float32))
        least = {name: value for part in parts for name, value in part.least.items()}
        found = wrap(density, grid_of(self.land.elevation), "density", "1")
        return Spread(found, least, summarise(self.land.quantities, parts))

    def _sorted(self) -> tuple[list[End], dict[str, float]]:
        """Tell origins that reach a destination from those on open ground that reach none."""
        able, lost = [], {}
        for origin in self.land.origins:
            marks = on_open_ground(origin.mask, self.land.elevation, self.cost)
            rows, cols = np.nonzero(np.asarray(marks.values))
            if not rows.size:
                continue
            if np.isfinite(self._bound.values[rows, cols]).any():
                able.append(origin)
            else:
                lost[origin.name] = np.inf
        return able, lost

    def _work(self, place: Stretch) -> dict[Scenario, Part]:
        """Work out a stretch in a window that proves wide enough."""
        shape = shape_of(self.land.elevation)
        while True:
            parts, base = self._try(place)
            most = self._most(parts, base)
            inside = self._goals_hold(place, base, most)
            if inside and closed(place, shape, base, self._bound_in(place.window), most):
                return parts
            del parts, base
            place = place.wider(shape, [g.name for g in self.land.goals])

    def _try(self, place: Stretch) -> tuple[dict[Scenario, Part], Labels]:
        cutter = Cutter(place.window)
        inside, usual = cut(self.land, place, cutter), cutter.model(self.cost)
        base = inside.labels(usual)
        parts = {WITHOUT: load(inside, base, base, self.theta_share).at(place.window)}
        for period, avoidance in self.watch.scenarios:
            seen = cutter.raster(self.watch.seen[period])
            labels = inside.labels(self.watch.cost(usual, seen, avoidance), base)
            found = load(inside, labels, base, self.theta_share)
            parts[period, avoidance] = found.at(place.window)
            del labels, found  # before those of the next are made
        return parts, base

    def _most(self, parts: Mapping[Scenario, Part], base: Labels) -> dict[str, float]:
        """Return what a way may cost in any scenario to take a share, by origin.

        Infinite where none is found: such an origin may reach a destination outside its window.
        """
        most = {}
        for name, least in base.reach.items():
            dearest = max(p.reached[name] for p in parts.values())
            most[name] = dearest + KEPT * self.theta_share * float(least.min())
        return most

    def _goals_hold(self, place: Stretch, base: Labels, most: Mapping[str, float]) -> bool:
        """Say whether no destination that was left out is as near as one that takes a share.

        A later cost is nowhere less: what is too far without towers is too far with them.
        """
        y, x = place.window
        for goal in self._goal_cells.keys() - set(place.goals):
            rows, cols = self._goal_cells[goal]
            here = (rows >= y.start) & (rows < y.stop) & (cols >= x.start) & (cols < x.stop)
            if not here.any():
                continue
            at = rows[here] - y.start, cols[here] - x.start
            if any((base.away[n]["cost"].values[at] <= least).any() for n, least in most.items()):
                return False
        return True

    def _bound_in(self, window: Window) -> NDArray[np.float64]:
        """Return the cost to the nearest destination of all, within a window."""
        return np.asarray(self._bound.values[window], np.float64)
