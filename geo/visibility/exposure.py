"""The dose that placebo towers would have given each corridor, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.grid import require_metric, same_grid
from geo.visibility._kernel import tally
from geo.visibility.activity import Interval, moments, period_days
from geo.visibility.output import CHUNK
from geo.visibility.placebo import PlaceboSites
from geo.visibility.single import Optics
from geo.visibility.towers import Site, View, batches
from geo.visibility.union import Executor, Progress, compute_views

Ground = tuple[NDArray[np.int16], NDArray[np.float64]]


def placebo_dose(
    placebos: PlaceboSites,
    periods: Sequence[Interval],
    corridors: xr.DataArray,
    *,
    target_height_m: float = 1.7,
    refraction: float = 0.13,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> xr.DataArray:
    """Return the dose that each draw of placebo towers would have given each corridor.

    The dose is that of the real towers: share of a corridor's pre-tower route density in view of at
    least one active tower, averaged over the days of a period (share of its land where it has no
    route density). Every site is looked from once, however many draws use it.

    Parameters
    ----------
    placebos
        Result of `placebo_sites`.
    periods
        Objects with id, start and end.
    corridors
        (y, x) labels, negative outside, on the same grid; attribute `names` holds their names.
    target_height_m, refraction
        As for `viewshed`.
    executor
        Runs the viewsheds. Cells and terrain windows travel to it, never the draws.
    progress
        Called with the number of draws done.

    Returns
    -------
    xr.DataArray
        `dose` float64 (draw, period, corridor), 0 to 1.
    """
    elevation = placebos.elevation
    same_grid(elevation, corridors)
    optics = Optics.of(require_metric(elevation), target_height_m, refraction)
    ground, total = _ground(placebos.density, corridors)
    views = _views(placebos, optics, executor)
    steps = _steps(placebos.sites, periods)
    counts = np.zeros(elevation.shape, np.int16)
    dose = np.zeros((placebos.draws, len(periods), len(total)))
    for draw in range(placebos.draws):
        chosen = [views[_key(s)] for s in _placed(placebos, draw)]
        dose[draw] = _one_draw(chosen, steps, ground, counts, dose[draw])
        if progress is not None:
            progress(draw + 1, placebos.draws, "placebo towers")
    days = np.array([period_days(p) for p in periods], float)
    return xr.DataArray(
        dose / days[:, None] / np.where(total > 0, total, 1.0),
        dims=("draw", "period", "corridor"),
        coords={"period": [p.id for p in periods], "corridor": list(corridors.attrs["names"])},
        name="dose",
        attrs={"units": "1"},
    )


def _ground(density: xr.DataArray, corridors: xr.DataArray) -> tuple[Ground, NDArray[np.float64]]:
    """Return labels and weights of the cells, and each label's total weight."""
    labels = np.ascontiguousarray(corridors.values, np.int16)
    weights: NDArray[np.float64] = np.nan_to_num(np.array(density.values, float))
    names = list(corridors.attrs["names"])
    inside = labels >= 0
    total = np.bincount(labels[inside], weights[inside], len(names))
    # a corridor without any route density falls back to its land
    bare = inside & (total[np.maximum(labels, 0)] <= 0)
    weights[bare] = 1.0
    total = np.bincount(labels[inside], weights[inside], len(names))
    return (labels, weights), np.asarray(total, float)


def _placed(placebos: PlaceboSites, draw: int) -> list[Site]:
    return [
        replace(site, row=int(row), col=int(col))
        for site, (row, col) in zip(placebos.sites, placebos.cells[draw], strict=True)
    ]


def _key(site: Site) -> tuple[int, int, float, float]:
    return site.row, site.col, site.height_m, site.range_m


def _views(
    placebos: PlaceboSites, optics: Optics, executor: Executor | None
) -> dict[tuple[int, int, float, float], View]:
    """Look once from every distinct site."""
    distinct = {_key(s): s for d in range(placebos.draws) for s in _placed(placebos, d)}
    work = batches(placebos.elevation, list(distinct.values()), optics, CHUNK)
    if executor is None:
        return {_key(v.site): v for batch in work for v in batch.views()}
    futures = [executor.submit(compute_views, batch) for batch in work]
    return {_key(v.site): v for future in futures for v in future.result()}


def _steps(
    sites: Sequence[Site], periods: Sequence[Interval]
) -> list[tuple[int, int, list[int], list[int]]]:
    """Return (period, days, towers that came, towers that went) for every moment of the periods."""
    steps: list[tuple[int, int, list[int], list[int]]] = []
    shown: set[int] = set()
    changes = [day for s in sites for day in (s.start, s.end)]
    for index, period in enumerate(periods):
        for first, last in moments(changes, period):
            now = {i for i, s in enumerate(sites) if s.start <= first < s.end}
            days = int((last - first).astype(int))
            steps.append((index, days, sorted(now - shown), sorted(shown - now)))
            shown = now
    return steps


def _one_draw(
    views: Sequence[View],
    steps: Sequence[tuple[int, int, list[int], list[int]]],
    ground: Ground,
    counts: NDArray[np.int16],
    out: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Walk through time once and sum weight in view times days."""
    sums = np.zeros(out.shape[1])
    for index, days, came, went in steps:
        for towers, sign in ((went, -1), (came, 1)):
            for tower in towers:
                view = views[tower]
                if not view.blind:
                    tally(view.bits, view.patch.box, sign, ground, counts, sums)
        out[index] += days * sums
    for view in views:
        counts[view.patch.slices] = 0
    return out
