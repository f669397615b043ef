"""Doses of many draws of towers: placebo sites, or real towers with drawn dates and places.

A dose is the share of a corridor's pre-tower route density in view of at least one active tower,
averaged over the days of a period (the definition of `geo.funnel.dose`). Here it is kept up to
date tower by tower instead of being summed from a surface, so that a thousand draws cost a
thousand walks through time and one look from every distinct site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import ContractError
from geo.grid import cell_index, grid_of, require_metric, same_grid, wrap
from geo.visibility._kernel import tally
from geo.visibility.activity import DateInterval, moments, period_days
from geo.visibility.output import CHUNK
from geo.visibility.placebo import PlaceboSites
from geo.visibility.sight import LINES, Sight
from geo.visibility.single import REFRACTION, TARGET_M, Optics
from geo.visibility.towers import Site, View, batches, sites_of
from geo.visibility.union import Executor, Progress, compute_views

Key = tuple[int, int, float, float]
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


PLAIN = Looking()


def placebo_dose(
    placebos: PlaceboSites,
    periods: Sequence[DateInterval],
    corridors: xr.DataArray,
    *,
    points: Points | None = None,
    looking: Looking = PLAIN,
) -> xr.Dataset:
    """Return the dose that each draw of placebo towers would have given each corridor.

    Parameters
    ----------
    placebos
        Result of `placebo_sites`; its route density weights the dose.
    periods
        Objects with id, start and end.
    corridors
        (y, x) labels, negative outside, on the same grid; attribute `names` holds their names.
    points
        Places of which to say as well when they were in view.
    looking
        Heights, refraction, executor and progress.

    Returns
    -------
    xr.Dataset
        `dose` and `area_share` float64 (draw, period, corridor), 0 to 1; `dose` is `area_share`
        in a corridor without route density. With `points` also `seen` float32 (draw, period,
        point), share of the period's days in view; 0 outside the grid.

    Raises
    ------
    ContractError
        If the labels carry no names.
    GridError
        If the rasters do not share a metric grid.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> sites = visibility.placebo_sites(
    ...     examples.elevation(), examples.towers(), examples.remoteness(), draws=2,
    ...     generator=np.random.default_rng(0), matching=visibility.Matching(exclusion_m=1_000.0),
    ... )
    >>> periods = examples.made_up_study().periods
    >>> found = visibility.placebo_dose(sites, periods, examples.labels())
    >>> found["dose"].dims, float(found["dose"].sel(period="before").max())
    (('draw', 'period', 'corridor'), 0.0)
    """
    draws = [_placed(placebos, number) for number in range(placebos.draws)]
    ground = _Ground.of(placebos.elevation, placebos.density, corridors)
    views = looking.views(placebos.elevation, draws)
    scenes = [_Scene(draw, looking.sight) for draw in draws]
    doses = _doses(scenes, views, periods, ground, looking.progress)
    return doses if points is None else _with_points(doses, placebos.elevation, scenes, views,
                                                     periods, points)  # fmt: skip


def drawn_dose(
    elevation: xr.DataArray,
    draws: Sequence[gpd.GeoDataFrame],
    periods: Sequence[DateInterval],
    density: xr.DataArray | None,
    corridors: xr.DataArray,
    *,
    points: Points | None = None,
    looking: Looking = PLAIN,
    sights: Sequence[Sight] | None = None,
) -> xr.Dataset:
    """Return the dose of each of several versions of a towers table.

    Parameters
    ----------
    elevation
        (y, x) metres on square metric cells.
    draws
        Tables of towers, such as `dated(towers, "draw", generator)` or `moved` ones.
    periods
        Objects with id, start and end.
    density
        (y, x) route density before the first tower; None weights all land alike.
    corridors, points, looking
        As for `placebo_dose`.
    sights
        Of each draw, all of the kind of `looking.sight`; None takes that one for all.

    Returns
    -------
    xr.Dataset
        As `placebo_dose`.

    Raises
    ------
    ContractError
        If the labels carry no names.
    GridError
        If the rasters do not share a metric grid.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> rng = np.random.default_rng(0)
    >>> tables = [visibility.dated(examples.towers(), "draw", rng) for _ in range(2)]
    >>> land, periods = examples.elevation(), examples.made_up_study().periods
    >>> found = visibility.drawn_dose(land, tables, periods, None, examples.labels())
    >>> dict(found.sizes), found["dose"].sel(corridor="West").max().item()
    ({'draw': 2, 'period': 2, 'corridor': 2}, 0.19444444444444445)
    """
    grid = grid_of(elevation)
    sites = [sites_of(table, grid)[0] for table in draws]
    ground = _Ground.of(elevation, density, corridors)
    views = looking.views(elevation, sites)
    each = sights or [looking.sight] * len(draws)
    scenes = [_Scene(draw, sight) for draw, sight in zip(sites, each, strict=True)]
    doses = _doses(scenes, views, periods, ground, looking.progress)
    return doses if points is None else _with_points(doses, elevation, scenes, views, periods,
                                                     points)  # fmt: skip


def placebo_coverage(
    placebos: PlaceboSites,
    periods: Sequence[DateInterval],
    *,
    target_height_m: float = TARGET_M,
    refraction: float = REFRACTION,
    executor: Executor | None = None,
) -> Iterator[xr.DataArray]:
    """Yield, draw by draw, what the placebo towers would have seen; to be consumed, not kept.

    Parameters
    ----------
    placebos
        Result of `placebo_sites`.
    periods
        Objects with id, start and end (half-open).
    target_height_m, refraction, executor
        As for `coverage`.

    Yields
    ------
    xr.DataArray
        `in_view` float32 (period, y, x) as in `coverage`, in memory.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> sites = visibility.placebo_sites(
    ...     examples.elevation(), examples.towers(), examples.remoteness(), draws=2,
    ...     generator=np.random.default_rng(0), matching=visibility.Matching(exclusion_m=1_000.0),
    ... )
    >>> views = visibility.placebo_coverage(sites, examples.made_up_study().periods)
    >>> [v.shape for v in views]
    [(2, 12, 18), (2, 12, 18)]
    """
    elevation = placebos.elevation
    draws = [_placed(placebos, number) for number in range(placebos.draws)]
    looking = Looking(target_height_m, refraction, executor=executor)
    views = looking.views(elevation, draws)
    total = np.array([period_days(p) for p in periods], np.float32)
    for sites in draws:
        towers = np.zeros(elevation.shape, np.int16)
        days = np.zeros((len(periods), *elevation.shape), np.int32)
        for step in _steps(sites, periods):
            for numbers, sign in ((step.went, -1), (step.came, 1)):
                for view in (views[_key(sites[i])] for i in numbers):
                    towers[view.patch.slices] += np.int16(sign) * view.seen()
            days[step.period] += step.days * LINES.covered(towers)
        share = (days / total[:, None, None]).astype(np.float32)
        ids = {"period": [p.id for p in periods]}
        yield wrap(share, grid_of(elevation), "in_view", "1", coords=ids)


@dataclass(frozen=True)
class _Ground:
    """Label and weight of every cell, and what each label adds up to, (label, 2)."""

    labels: NDArray[np.int16]
    weights: NDArray[np.float64]
    totals: NDArray[np.float64]
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, elevation: xr.DataArray, density: xr.DataArray | None, corridors: xr.DataArray
    ) -> _Ground:
        if "names" not in corridors.attrs:
            raise ContractError("corridors carry no names; label them with geo.funnel first")
        same_grid(elevation, corridors, *([density] if density is not None else []))
        names = tuple(corridors.attrs["names"])
        labels = np.ascontiguousarray(corridors.values, np.int16)
        weights: NDArray[np.float64] = np.zeros(labels.shape)
        if density is not None:
            weights = np.nan_to_num(np.array(density.values, float))
        inside = labels >= 0
        routes = np.bincount(labels[inside], weights[inside], len(names))
        # a corridor without any route density falls back to its land
        weights[inside & (routes[np.maximum(labels, 0)] <= 0)] = 1.0
        routes = np.bincount(labels[inside], weights[inside], len(names))
        area = np.bincount(labels[inside], minlength=len(names))
        return cls(labels, weights, np.stack([routes, area], axis=1).astype(float), names)


@dataclass(frozen=True)
class _Scene:
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


def _placed(placebos: PlaceboSites, number: int) -> list[Site]:
    return [
        replace(site, row=int(row), col=int(col))
        for site, (row, col) in zip(placebos.sites, placebos.cells[number], strict=True)
    ]


def _key(site: Site) -> Key:
    return site.row, site.col, site.height_m, site.range_m


def _views(
    elevation: xr.DataArray,
    draws: Sequence[Sequence[Site]],
    optics: Optics,
    executor: Executor | None,
    progress: Progress | None,
) -> dict[Key, View]:
    """Look once from every distinct site."""
    distinct = {_key(site): site for sites in draws for site in sites}
    work = list(batches(elevation, list(distinct.values()), optics, CHUNK))
    # submitted at once: a batch holds no terrain until it runs
    futures = [] if executor is None else [executor.submit(compute_views, b) for b in work]
    views: dict[Key, View] = {}
    for number, batch in enumerate(work):
        found = futures[number].result() if futures else batch.views()
        views |= {_key(v.site): v for v in found}
        if progress is not None:
            progress(number + 1, len(work), "looking out from drawn sites")
    return views


def _steps(sites: Sequence[Site], periods: Sequence[DateInterval]) -> list[_Step]:
    """Cut the periods where a tower starts or ends."""
    steps: list[_Step] = []
    shown: set[int] = set()
    changes = [day for s in sites for day in (s.start, s.end)]
    for index, period in enumerate(periods):
        for first, last in moments(changes, period):
            now = {i for i, s in enumerate(sites) if s.start <= first < s.end}
            days = int((last - first).astype(int))
            steps.append(_Step(index, days, tuple(sorted(now - shown)), tuple(sorted(shown - now))))
            shown = now
    return steps


def _doses(
    draws: Sequence[_Scene],
    views: dict[Key, View],
    periods: Sequence[DateInterval],
    ground: _Ground,
    progress: Progress | None,
) -> xr.Dataset:
    """Walk through time once per draw and sum weight in view times days."""
    towers = np.zeros(ground.labels.shape, np.int16)
    total = np.zeros((len(draws), len(periods), *ground.totals.shape))
    for number, scene in enumerate(draws):
        sums = np.zeros(ground.totals.shape)
        gains = scene.sight.gains(len(scene.sites) + 1)
        seen = [views[_key(site)] for site in scene.sites]
        for step in _steps(scene.sites, periods):
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


def _with_points(
    doses: xr.Dataset,
    elevation: xr.DataArray,
    draws: Sequence[_Scene],
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
        for step in _steps(sites, periods):
            for numbers, sign in ((step.went, -1), (step.came, 1)):
                for i in numbers:
                    towers[seen_by[_key(sites[i])]] += sign
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
