"""Windows of a wide land: which ground the crossings of each origin can use, found before work.

Nobody walks from one end of a border to the other. A way through cell x costs at least f(x) + H(x),
f the cost from the origin and H that to the nearest destination, and takes a share only up to
`KEPT` theta above the least crossing (`geo.funnel.loading`). The window of an origin holds all such
cells: it is guessed on a coarse land and then checked on the fine one (`closed`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from geo.funnel.crossings import Labels, MovementDomain, shape_of
from geo.funnel.loading import KEPT, Window
from geo.funnel.marks import marked, on_open_ground
from geo.funnel.origins_destinations import End
from geo.funnel.thinning import thin, thin_end, thinned
from geo.grid import grid_of, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources, accumulate
from geo.leastcost.moves import moves

HELD_CELLS = 1 << 25
"""Numerical: cells of all surfaces of joined windows, at most: some 25 bytes each, twice."""
ACROSS = 40
"""Numerical: cells of the coarse land from an origin to the nearest destination, at least."""
MARGIN = 1.1
"""Numerical: by how much more a coarse land's costs may be off; a window is checked afterwards."""
CHEAP = 0.05
"""Numerical: quantile of the cost of ground from which the reach of an origin is guessed."""
WIDER = 4
"""Numerical: a window that does not hold is widened by this part of itself on every side."""
FLOAT32 = 1e-4
"""Numerical: by how much a bound in float32 may lie above the cost it bounds, a share of it."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stretch:
    """Some origins, and the part of the land that their crossings can use.

    Attributes
    ----------
    window
        Rows and columns.
    origins, goals
        Names of ends.
    """

    window: Window
    origins: tuple[str, ...]
    goals: tuple[str, ...]

    @property
    def cells(self) -> int:
        """Cells of the window."""
        rows, cols = self.window
        return int((rows.stop - rows.start) * (cols.stop - cols.start))

    @property
    def work(self) -> int:
        """Cells of all its surfaces."""
        return self.cells * (len(self.origins) + len(self.goals))

    def joined(self, other: Stretch) -> Stretch:
        """Return the stretch of both."""
        window = tuple(
            slice(min(a.start, b.start), max(a.stop, b.stop))
            for a, b in zip(self.window, other.window, strict=True)
        )
        goals = tuple(dict.fromkeys((*self.goals, *other.goals)))
        return Stretch((window[0], window[1]), (*self.origins, *other.origins), goals)

    def wider(self, shape: tuple[int, int], goals: Sequence[str]) -> Stretch:
        """Return a stretch that reaches further on every side, to all destinations in it."""
        rows, cols = (_wider(w, whole) for w, whole in zip(self.window, shape, strict=True))
        return Stretch((rows, cols), self.origins, tuple(goals))


def stretches(
    land: MovementDomain, cost: CostModel, dearest: Callable[[int], CostModel], theta_share: float
) -> list[Stretch]:
    """Guess the windows of a land's origins on a coarse land, joined where that saves work.

    Parameters
    ----------
    land
        Elevation and ends; every origin reaches a destination.
    cost
        Cost of a step without towers.
    dearest
        Factor = the cost of a step at its dearest, on cells thinned by the factor.
    theta_share
        Theta of each origin as a share of its least cost.

    Returns
    -------
    list of Stretch
        In the order of the origins.
    """
    factor = max(1, int(_nearest(land) / ACROSS))
    origins, goals = ([thin_end(e, factor) for e in ends] for ends in (land.origins, land.goals))
    coarse = replace(
        land,
        elevation=thin(land.elevation, factor),
        origins=origins,
        goals=goals,
        run=Resources(workers=0),
    )
    usual, worst = thinned(cost, factor), dearest(factor)
    back, later = (bound_of(coarse, model).values for model in (usual, worst))
    shape, pace = shape_of(land.elevation), _pace(back, goals)
    found: list[Stretch] = []
    for origin in coarse.origins:
        mask = np.asarray(origin.mask.values)
        least, dear = (float(np.nanmin(b[mask], initial=np.inf)) for b in (back, later))
        most = (dear + KEPT * theta_share * least) * MARGIN
        if not np.isfinite(most):  # on the fine land it reaches one
            everywhere = slice(0, shape[0]), slice(0, shape[1])
            found.append(Stretch(everywhere, (origin.name,), tuple(g.name for g in goals)))
            continue
        around = _around(mask, most / pace)
        near = _away(coarse, origin, usual, most, around)
        # a way that starts outside would not be seen to leave: all of the origin lies inside
        inside = (near + back[around] <= most) | mask[around]
        used = [g.name for g in goals if (near[np.asarray(g.mask.values)[around]] <= most).any()]
        found.append(Stretch(_box(inside, around, factor, shape), (origin.name,), tuple(used)))
    return _joined(found)


def _pace(back: Floats, goals: Sequence[End]) -> float:
    """Return a cheap cost of a cell's side: what ground about costs at least to cross."""
    anywhere = np.logical_or.reduce([np.asarray(g.mask.values) for g in goals])
    away = distance_transform_edt(~anywhere)
    known = np.isfinite(back) & (away > 0)
    return float(np.quantile(back[known] / away[known], CHEAP)) if known.any() else 1.0


def _around(mask: NDArray[np.bool_], cells: float) -> Window:
    """Return the rows and columns within some cells of marked ones."""
    found = []
    for axis, whole in enumerate(mask.shape):
        at = np.flatnonzero(mask.any(axis=1 - axis))
        more = int(cells) + 1
        found.append(slice(max(0, int(at[0]) - more), min(whole, int(at[-1]) + 1 + more)))
    return found[0], found[1]


def _away(
    land: MovementDomain, origin: End, cost: CostModel, most: float, around: Window
) -> NDArray[Any]:
    """Return the cost from an origin as far as it is at most this, within a window."""
    options = LeastCostOptions(neighbours=land.options.neighbours, max_cost=most)
    cutter = Cutter(around)
    elevation, model = cutter.raster(land.elevation), cutter.model(cost)
    sources = on_open_ground(cutter.raster(origin.mask), elevation, model)
    found = accumulate(elevation, sources, model, options, run=land.run)["cost"]
    return np.asarray(found.values)


def closed(
    place: Stretch, shape: tuple[int, int], labels: Labels, bound: Floats, most: Mapping[str, float]
) -> bool:
    """Say whether no way that takes a share leaves a window.

    Parameters
    ----------
    place
        The stretch.
    shape
        Rows and columns of the whole land.
    labels
        Of the window, without towers: a later cost is nowhere less.
    bound
        (rows, cols) of the window, the cost to the nearest destination of the whole land.
    most
        Origin = what a way may cost, in whichever period, to take a share.

    Notes
    -----
    A way that leaves the window has a last cell inside before it does. Up to there it costs what
    the label says or more, since it lies inside; from there on it costs the bound or more. That
    cell lies within a longest step of the window's edge. Where the sum is above `most` at every
    such cell, ways that take a share never leave, and labels on them are those of the whole land.
    """
    for name, least in most.items():
        near = labels.away[name]["cost"]
        reach = moves(int(near.attrs["neighbours"])).reach
        edge = _edge(place.window, shape, reach)
        total = near.values[edge] + (1.0 - FLOAT32) * bound[edge]
        if (total <= least).any():
            return False
    return True


def bound_of(land: MovementDomain, cost: CostModel) -> xr.DataArray:
    """Return the cost from every cell to the nearest destination of all, (y, x) float32, or NaN."""
    cells = [np.nonzero(np.asarray(g.mask.values)) for g in land.goals]
    rows, cols = (np.concatenate([c[axis] for c in cells]) for axis in (0, 1))
    goals = marked(grid_of(land.elevation), rows, cols)
    options = LeastCostOptions(neighbours=land.options.neighbours, direction="to")
    run = replace(land.run, store_path=None)
    sources = on_open_ground(goals, land.elevation, cost)
    if not bool(sources.any()):
        nowhere = np.full(land.elevation.shape, np.nan, np.float32)
        return wrap(nowhere, grid_of(land.elevation), "cost", "1")
    return accumulate(land.elevation, sources, cost, options, run=run)["cost"]


def cut(land: MovementDomain, place: Stretch, models: Cutter) -> MovementDomain:
    """Cut a stretch out of a land and read it."""

    def inside(ends: Sequence[End], names: Sequence[str]) -> tuple[End, ...]:
        return tuple(replace(e, mask=models.raster(e.mask)) for e in ends if e.name in names)

    return replace(
        land,
        run=replace(land.run, store_path=None),
        elevation=models.raster(land.elevation),
        origins=inside(land.origins, place.origins),
        goals=inside(land.goals, place.goals),
        quantities={
            name: replace(q, model=models.model(q.model)) for name, q in land.quantities.items()
        },
        inland=None,
    )


class Cutter:
    """Cuts rasters and cost models to one window; a model given twice is cut once."""

    def __init__(self, window: Window) -> None:
        self.rows, self.cols = window
        self._known: dict[int, tuple[CostModel, CostModel]] = {}

    def raster(self, whole: xr.DataArray) -> xr.DataArray:
        """Cut a raster and read it."""
        return whole.isel(y=self.rows, x=self.cols).compute(scheduler="synchronous")

    def model(self, whole: CostModel) -> CostModel:
        """Cut a model's friction."""
        if id(whole) not in self._known:
            friction = whole.friction
            inside = friction if friction is None else self.raster(friction)
            self._known[id(whole)] = whole, replace(whole, friction=inside)
        return self._known[id(whole)][1]


def _nearest(land: MovementDomain) -> float:
    """Return the distance of the nearest destination to the middle of an origin, in cells."""
    goals = cKDTree(np.concatenate([np.argwhere(np.asarray(g.mask.values)) for g in land.goals]))
    cells = [np.argwhere(np.asarray(o.mask.values)) for o in land.origins]
    return float(goals.query([found[len(found) // 2] for found in cells])[0].min())


def _box(inside: NDArray[np.bool_], around: Window, factor: int, shape: tuple[int, int]) -> Window:
    """Return the fine rows and columns of a coarse mask, a coarse cell more on every side."""
    found = []
    for axis, whole in enumerate(shape):
        at = around[axis].start + np.flatnonzero(inside.any(axis=1 - axis))
        first, last = int(at[0]), int(at[-1])
        found.append(slice(max(0, (first - 1) * factor), min(whole, (last + 2) * factor)))
    return found[0], found[1]


def _joined(parts: list[Stretch]) -> list[Stretch]:
    """Join neighbours as long as that makes less work than each by itself, and can be held."""

    def gain(one: Stretch, other: Stretch) -> int:
        both = one.joined(other)
        wide = both.work > HELD_CELLS and both.window not in (one.window, other.window)
        return -1 if wide else one.work + other.work - both.work

    while True:
        gains = [gain(a, b) for a, b in pairwise(parts)]
        if not gains or max(gains) < 0:
            return parts
        at = int(np.argmax(gains))
        parts = [*parts[:at], parts[at].joined(parts[at + 1]), *parts[at + 2 :]]


def _wider(part: slice, whole: int) -> slice:
    more = 1 + (part.stop - part.start) // WIDER
    return slice(max(0, part.start - more), min(whole, part.stop + more))


def _edge(window: Window, shape: tuple[int, int], reach: int) -> NDArray[np.bool_]:
    """Return the cells of a window from which a step may leave it for other land."""
    rows, cols = (w.stop - w.start for w in window)
    edge = np.zeros((rows, cols), bool)
    (y, x), (height, width) = window, shape
    edge[:reach] |= y.start > 0
    edge[-reach:] |= y.stop < height
    edge[:, :reach] |= x.start > 0
    edge[:, -reach:] |= x.stop < width
    return edge
