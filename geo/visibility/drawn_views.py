"""What drawn towers see, and for how long: a look from every site, a walk through time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import ContractError
from geo.grid import cell_index, grid_of, require_metric, same_grid
from geo.strips import strips
from geo.visibility._kernel import tally
from geo.visibility.activity import DateInterval, moments, period_days
from geo.visibility.output import CHUNK
from geo.visibility.placebo import PlaceboSites
from geo.visibility.sight import LINES, Sight
from geo.visibility.single import REFRACTION, TARGET_M, Optics
from geo.visibility.towers import Site, View, batches
from geo.visibility.union import Executor, Progress, compute_views

Key = tuple[int, int, float, float]
Floating = NDArray[np.floating]
Points = tuple[NDArray[np.float64], NDArray[np.float64]]
"""x and y of some places in the CRS of the grid, (point,) each."""


@dataclass(frozen=True)
class Looking:
    """How drawn sites look out, and who does the work.

    Attributes
    ----------
    target_height_m, refraction
        As for `viewshed`.
    sight
        As for `coverage`.
    executor
        Runs the viewsheds. Windows of terrain travel to it, never the draws.
    progress
        Called with what is done.
    """

    target_height_m: float = TARGET_M
    refraction: float = REFRACTION
    sight: Sight = LINES
    executor: Executor | None = None
    progress: Progress | None = None

    def views(self, elevation: xr.DataArray, draws: Sequence[Sequence[Site]]) -> dict[Key, View]:
        """Look once from every distinct site."""
        cell_m, by_range = require_metric(elevation), self.sight.by_range
        optics = Optics.of(cell_m, self.target_height_m, self.refraction, by_range=by_range)
        return _views(elevation, draws, optics, self.executor, self.progress)


@dataclass(frozen=True)
class DoseGround:
    """Label and weight of every cell, and what each label adds up to, (label, 2)."""

    labels: NDArray[np.int16]
    weights: Floating
    totals: NDArray[np.float64]
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, elevation: xr.DataArray, density: xr.DataArray | None, corridors: xr.DataArray
    ) -> DoseGround:
        """Lay density and (y, x) labels of corridors on the grid of the elevation."""
        if "names" not in corridors.attrs:
            raise ContractError("corridors carry no names; label them with geo.funnel first")
        same_grid(elevation, corridors, *([density] if density is not None else []))
        names = tuple(corridors.attrs["names"])
        labels = np.ascontiguousarray(corridors.values, np.int16)
        weights: Floating = np.zeros(labels.shape, np.float32)
        if density is not None:
            weights = np.nan_to_num(density.values)
        routes = _by_label(labels, weights, len(names))
        # a corridor without any route density falls back to its land
        for bare in np.flatnonzero(routes <= 0):
            weights[labels == bare] = 1.0
        routes = _by_label(labels, weights, len(names))
        area = _by_label(labels, None, len(names))
        return cls(labels, weights, np.stack([routes, area], axis=1).astype(float), names)


def _by_label(
    labels: NDArray[np.int16], weights: Floating | None, count: int
) -> NDArray[np.float64]:
    """Add up weights, or cells, by label; strip by strip."""
    total = np.zeros(count)
    for part in strips(*labels.shape):
        inside = labels[part] >= 0
        own = None if weights is None else weights[part][inside]
        total += np.bincount(labels[part][inside], own, count)
    return total


@dataclass(frozen=True)
class Scene:
    """The sites of one draw, and how their views are told."""

    sites: Sequence[Site]
    sight: Sight


@dataclass(frozen=True)
class _Step:
    """A stretch of days of a period, and the towers that came or went before it."""

    period: int
    days: int
    came: tuple[int, ...]
    went: tuple[int, ...]


def placed_sites(placebos: PlaceboSites, number: int) -> list[Site]:
    """Return the sites of one draw at the cells drawn for them."""
    return [
        replace(site, row=int(row), col=int(col))
        for site, (row, col) in zip(placebos.sites, placebos.cells[number], strict=True)
    ]


def view_key(site: Site) -> Key:
    """Return what two sites share that see the same: cell, height and range."""
    return site.row, site.col, site.height_m, site.range_m


def _views(
    elevation: xr.DataArray,
    draws: Sequence[Sequence[Site]],
    optics: Optics,
    executor: Executor | None,
    progress: Progress | None,
) -> dict[Key, View]:
    """Look once from every distinct site."""
    distinct = {view_key(site): site for sites in draws for site in sites}
    work = list(batches(elevation, list(distinct.values()), optics, CHUNK))
    # submitted at once: a batch holds no terrain until it runs
    futures = [] if executor is None else [executor.submit(compute_views, b) for b in work]
    views: dict[Key, View] = {}
    for number, batch in enumerate(work):
        found = futures[number].result() if futures else batch.views()
        views |= {view_key(v.site): v for v in found}
        if progress is not None:
            progress(number + 1, len(work), "looking out from drawn sites")
    return views


def time_steps(sites: Sequence[Site], periods: Sequence[DateInterval]) -> list[_Step]:
    """Cut the periods where a tower starts or ends."""
    steps: list[_Step] = []
    start = np.array([s.start for s in sites], "datetime64[D]")
    end = np.array([s.end for s in sites], "datetime64[D]")
    shown = np.zeros(len(sites), bool)
    changes = [*start, *end]
    for index, period in enumerate(periods):
        for first, last in moments(changes, period):
            now = (start <= first) & (first < end)
            came, went = (np.flatnonzero(a & ~b).tolist() for a, b in ((now, shown), (shown, now)))
            steps.append(_Step(index, int((last - first).astype(int)), tuple(came), tuple(went)))
            shown = now
    return steps


def dose_of_draws(
    draws: Sequence[Scene],
    views: dict[Key, View],
    periods: Sequence[DateInterval],
    ground: DoseGround,
    progress: Progress | None,
) -> xr.Dataset:
    """Walk through time once per draw and sum weight in view times days."""
    towers = np.zeros(ground.labels.shape, np.int16)
    total = np.zeros((len(draws), len(periods), *ground.totals.shape))
    for number, scene in enumerate(draws):
        sums = np.zeros(ground.totals.shape)
        gains = scene.sight.gains(len(scene.sites) + 1)
        seen = [views[view_key(site)] for site in scene.sites]
        for step in time_steps(scene.sites, periods):
            for numbers, sign in ((step.went, -1), (step.came, 1)):
                for view in (seen[i] for i in numbers if not seen[i].blind):
                    land = (ground.labels, ground.weights)
                    tally(view.bits, view.patch.box, sign, land, towers, sums, gains)
            total[number, step.period] += step.days * sums
        for view in seen:
            towers[view.patch.slices] = 0
        if progress is not None:
            progress(number + 1, len(draws), "doses of drawn towers")
    days = np.array([period_days(p) for p in periods], float)[:, None, None]
    share = total / days / np.where(ground.totals > 0, ground.totals, 1.0)
    dims = ("draw", "period", "corridor")
    return xr.Dataset(
        {
            "dose": (dims, share[..., 0], {"units": "1"}),
            "area_share": (dims, share[..., 1], {"units": "1"}),
        },
        coords={"period": [p.id for p in periods], "corridor": list(ground.names)},
    )


def with_points(
    doses: xr.Dataset,
    elevation: xr.DataArray,
    draws: Sequence[Scene],
    views: dict[Key, View],
    periods: Sequence[DateInterval],
    points: Points,
) -> xr.Dataset:
    """Add the share of each period in which points were in view of at least one tower."""
    row, col, inside = cell_index(grid_of(elevation), *points)
    seen_by = {key: _points_seen(view, row, col, inside) for key, view in views.items()}
    share = np.zeros((len(draws), len(periods), len(row)), np.float32)
    total = np.array([period_days(p) for p in periods], np.float32)
    for number, scene in enumerate(draws):
        towers = np.zeros(len(row), np.int32)
        sites = scene.sites
        for step in time_steps(sites, periods):
            for numbers, sign in ((step.went, -1), (step.came, 1)):
                for i in numbers:
                    towers[seen_by[view_key(sites[i])]] += sign
            share[number, step.period] += np.float32(step.days) * scene.sight.covered(towers)
    return doses.assign(seen=(("draw", "period", "point"), share / total[:, None], {"units": "1"}))


def _points_seen(
    view: View, row: NDArray[np.intp], col: NDArray[np.intp], inside: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return which points a site sees."""
    box = view.patch
    near = inside & (row >= box.top) & (row < box.bottom) & (col >= box.left) & (col < box.right)
    at = np.flatnonzero(near)
    if view.blind or not len(at):
        return at[:0]
    across = col[at] - box.left
    bit = view.bits[row[at] - box.top, across // 8] >> (7 - across % 8) & 1
    return np.asarray(at[bit.astype(bool)], np.intp)
