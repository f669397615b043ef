"""Doses of many draws of towers: placebo sites, or real towers with drawn dates and places.

A dose is the share of a corridor's pre-tower route density in view of at least one active tower,
averaged over the days of a period (the definition of `geo.funnel.dose`). Here it is kept up to
date tower by tower instead of being summed from a surface, so that a thousand draws cost a
thousand walks through time and one look from every distinct site.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import xarray as xr

from geo.grid import grid_of, wrap
from geo.visibility.activity import DateInterval, period_days
from geo.visibility.drawn_views import (
    DoseGround,
    Looking,
    Points,
    Scene,
    dose_of_draws,
    placed_sites,
    time_steps,
    view_key,
    with_points,
)
from geo.visibility.placebo import PlaceboSites
from geo.visibility.sight import LINES, Sight
from geo.visibility.single import REFRACTION, TARGET_M
from geo.visibility.towers import sites_of
from geo.visibility.union import Executor

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
    draws = [placed_sites(placebos, number) for number in range(placebos.draws)]
    ground = DoseGround.of(placebos.elevation, placebos.density, corridors)
    views = looking.views(placebos.elevation, draws)
    scenes = [Scene(draw, looking.sight) for draw in draws]
    doses = dose_of_draws(scenes, views, periods, ground, looking.progress)
    return doses if points is None else with_points(doses, placebos.elevation, scenes, views,
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
    ground = DoseGround.of(elevation, density, corridors)
    views = looking.views(elevation, sites)
    each = sights or [looking.sight] * len(draws)
    scenes = [Scene(draw, sight) for draw, sight in zip(sites, each, strict=True)]
    doses = dose_of_draws(scenes, views, periods, ground, looking.progress)
    return doses if points is None else with_points(doses, elevation, scenes, views, periods,
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
    draws = [placed_sites(placebos, number) for number in range(placebos.draws)]
    looking = Looking(target_height_m, refraction, executor=executor)
    views = looking.views(elevation, draws)
    total = np.array([period_days(p) for p in periods], np.float32)
    for sites in draws:
        towers = np.zeros(elevation.shape, np.int16)
        days = np.zeros((len(periods), *elevation.shape), np.int32)
        for step in time_steps(sites, periods):
            for numbers, sign in ((step.went, -1), (step.came, 1)):
                for view in (views[view_key(sites[i])] for i in numbers):
                    towers[view.patch.slices] += np.int16(sign) * view.seen()
            days[step.period] += step.days * LINES.covered(towers)
        share = (days / total[:, None, None]).astype(np.float32)
        ids = {"period": [p.id for p in periods]}
        yield wrap(share, grid_of(elevation), "in_view", "1", coords=ids)
