"""Many versions of the route model, so that a number comes with how far it may be wrong.

Members (`geo.funnel.members`) are coarse units of work that know nothing of each other, run at the
ensemble's resolution; what that resolution changes is measured on the reference member and added
to every band.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo.funnel.changes import changes
from geo.funnel.crossing_runs import WITHOUT, Watch, spread_crossings
from geo.funnel.members import Ground, Member
from geo.grid import wrap
from geo.leastcost import Resources
from geo.parameters import load

BAND = tuple(load("funnel")["ensemble_band"].value)
"""Quantiles of the members between which a band lies."""
BEFORE = WITHOUT[0]
"""Definition: the layer without towers; not a name that a period can have."""
Key = tuple[str, str, float, str]
"""Period, segment, avoidance of the study, measure."""


@dataclass(frozen=True)
class MemberResult:
    """What one member says.

    Attributes
    ----------
    layers
        Period, or `BEFORE` = (y, x) float32 route density at the strongest avoidance.
    values
        Every measure.
    """

    layers: Mapping[str, NDArray[np.float32]]
    values: Mapping[Key, float]


def run_member(ground: Ground, member: Member) -> MemberResult:
    """Spread the crossings of one member in every period, in the calling thread.

    Parameters
    ----------
    ground
        What all members share.
    member
        Whose models, walker, theta and avoidance are used.

    Returns
    -------
    MemberResult
        Route densities (y, x) float32 by period, and every measure.

    Raises
    ------
    CostError
        If no origin reaches a destination.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> seen = {"after": examples.in_view()[-1]}
    >>> ground = funnel.Ground(examples.crossed_land(), None, seen, (1.0,))
    >>> member = funnel.Member("lcda_backpacking", "tobler_off_path", "adult-light", 0.1)
    >>> sorted(funnel.run_member(ground, member).layers)
    ['after', 'no towers']
    """
    elevation = ground.land.elevation
    if member.draw and ground.error is not None:
        elevation = elevation.copy(data=elevation.values + ground.error(member.draw))
    quantities = member.quantities(ground)
    land = replace(
        ground.land, elevation=elevation, run=Resources(workers=0), quantities=quantities
    )
    if member.depth_m is not None:
        land = land.deep(member.depth_m)
    cost = quantities["energy"].model
    watch = Watch(ground.seen, ground.avoidance, member.avoidance_ratio)
    found = spread_crossings(land, cost, watch, member.theta_share)
    before = found.before
    layers = {BEFORE: before.density.values.astype(np.float32)}
    values: dict[Key, float] = {}
    for period, seen in ground.seen.items():
        for avoidance in ground.avoidance:
            after = found.after(period, avoidance)
            layers[period] = after.density.values.astype(np.float32)
            for segment, measure in changes(before, after, seen, ground.corridors, ground.along):
                values[period, segment, avoidance, measure.name] = measure.value
    return MemberResult(layers, values)


def run_members(
    ground: Ground, members: Sequence[Member], executor: Executor, workers: int
) -> Iterator[tuple[Member, MemberResult]]:
    """Run members on an executor, at most `workers` under way, and yield each in turn.

    No member knows of another, so no result depends on where or when it runs.

    Parameters
    ----------
    ground
        What all members share.
    members
        Whose models, walkers, theta and avoidance are used.
    executor
        A `concurrent.futures` one or a Dask Client.
    workers
        Most members under way at once.

    Yields
    ------
    (Member, MemberResult)
        In the order of `members`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from geo import examples, funnel
    >>> seen = {"after": examples.in_view()[-1]}
    >>> ground = funnel.Ground(examples.crossed_land(), None, seen, (1.0,))
    >>> member = funnel.Member("lcda_backpacking", "tobler_off_path", "adult-light", 0.1)
    >>> with ThreadPoolExecutor(1) as pool:
    ...     found = list(funnel.run_members(ground, [member], pool, 1))
    >>> found[0][0] == member
    True
    """
    # the land may hold the executor itself, which does not travel
    inline = replace(ground.land, run=Resources(workers=0))
    ground = replace(ground, land=inline)
    waiting = deque(members)
    under_way: deque[tuple[Member, Future[MemberResult]]] = deque()
    while waiting or under_way:
        while waiting and len(under_way) < max(1, workers):
            member = waiting.popleft()
            under_way.append((member, executor.submit(run_member, ground, member)))
        member, future = under_way.popleft()
        yield member, future.result()


def bands(
    values: Sequence[Mapping[Key, float]], reference: Mapping[Key, float]
) -> dict[Key, tuple[float, float]]:
    """Return the 5 and 95 % quantiles of every measure over the members.

    Parameters
    ----------
    values
        Measures of every member; those of the reference member first.
    reference
        The same measures of the reference member at the study's resolution.

    Returns
    -------
    dict
        Key = (low, high). What the study's resolution changes in the reference member is added
        on the side to which it points. The band need not hold the reference: a study whose own
        choice stands at the edge of what is plausible is shown to stand there. A measure that
        fewer than two members know has no band.

    Examples
    --------
    >>> from geo import funnel
    >>> key = ("after", "all", 1.0, "share_in_view")
    >>> low, high = funnel.bands([{key: 0.10}, {key: 0.20}, {key: 0.30}], {key: 0.10})[key]
    >>> round(low, 3), round(high, 3)
    (0.11, 0.29)
    """
    found = {}
    for key, value in reference.items():
        known = np.array([v[key] for v in values if key in v])
        if known.size < 2 or key not in values[0]:
            continue
        coarse = values[0][key]
        low, high = np.quantile(known, BAND)
        shift = value - coarse
        found[key] = (float(min(low, low + shift)), float(max(high, high + shift)))
    return found


def surfaces(densities: Sequence[NDArray[np.float32]], grid: GeoBox) -> xr.Dataset:
    """Summarise one layer over the members.

    Parameters
    ----------
    densities
        (y, x) route density of every member.
    grid
        Their grid.

    Returns
    -------
    xr.Dataset
        float32 (y, x): `mean`; `low` and `high`, the 5 and 95 % quantiles; `agreement`, the share
        of members on the majority's side of the question whether the cell takes more than an even
        share of the crossings, 0.5 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, funnel
    >>> from geo.grid import grid_of
    >>> density = examples.density()
    >>> layers = [density.values.astype(np.float32)] * 3
    >>> sorted(funnel.surfaces(layers, grid_of(density)))
    ['agreement', 'high', 'low', 'mean']
    """
    stack = np.stack(densities)
    busy = (stack > 1.0 / stack[0].size).mean(axis=0)
    low, high = np.quantile(stack, BAND, axis=0)
    layers = {
        "mean": stack.mean(axis=0, dtype=np.float64),
        "low": low,
        "high": high,
        "agreement": np.maximum(busy, 1.0 - busy),
    }
    return xr.Dataset({n: wrap(a.astype(np.float32), grid, n, "1") for n, a in layers.items()})
