"""Many versions of the route model, so that a number comes with how far it may be wrong.

A member is one choice of metabolic and speed model, walker, theta, avoidance and elevation error.
Members are coarse units of work that know nothing of each other, run at the ensemble's resolution;
what that resolution changes is measured on the reference member and added to every band.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.stats import qmc

from geo import locomotion, parameters
from geo.errors import CostError
from geo.funnel.changes import changes
from geo.funnel.crossings import CrossingQuantity, MovementDomain, avoiding
from geo.funnel.origins_destinations import End
from geo.funnel.spreading import Spread, combine, spread
from geo.grid import aggregate, grid_of, require_metric, wrap
from geo.leastcost import CostModel, Resources
from geo.parameters import load

BAND = tuple(load("funnel")["ensemble_band"].value)
"""Quantiles of the members between which a band lies."""
KILO, HOUR_S = 1e3, 3_600.0
"""Definition: metres of a kilometre, seconds of an hour."""
BEFORE = "no towers"
"""Name of the layer without towers; not a name that a period can have."""
NO_RANGE = "funnel.yaml: {name} has no range to draw members from; add low and high"
Key = tuple[str, str, float, str]
"""Period, segment, avoidance of the study, measure."""
Elevations = Callable[[int], NDArray[np.float32]]


@dataclass(frozen=True)
class Member:
    """One version of the route model.

    Attributes
    ----------
    metabolic, speed, walker
        Names in `geo.locomotion`.
    theta_share
        Theta of an origin as a share of its least undisturbed cost.
    avoidance_ratio
        Factor on every avoidance of the study.
    depth_m
        Least distance of destinations to the border; None for those that the land has.
    draw
        Which elevation error is added; 0 for none.
    """

    metabolic: str
    speed: str
    walker: str
    theta_share: float
    avoidance_ratio: float = 1.0
    draw: int = 0
    depth_m: float | None = None

    def quantities(self, ground: Ground) -> dict[str, CrossingQuantity]:
        """Return what a crossing costs this member: energy and hours, and what the study adds."""
        hours = time_cost(self.speed, ground.time)
        return {
            "energy": CrossingQuantity(self.cost(ground.coefficient), "kJ", KILO),
            "hours": CrossingQuantity(hours, "h", HOUR_S),
            **(ground.further(self) if ground.further else {}),
        }

    def cost(self, coefficient: locomotion.EnergyCoefficient | None) -> CostModel:
        """Return the energy of a horizontal metre, J/m, times what the ground does to it."""
        body = locomotion.walker(self.walker)
        table = locomotion.energy_per_metre(
            body, metabolic=self.metabolic, speed=self.speed, metre="horizontal"
        )
        friction = None
        if coefficient is not None:
            friction = locomotion.energy_friction(
                coefficient, body, metabolic=self.metabolic, speed=self.speed
            )
        return CostModel(table, friction, length="horizontal")


@dataclass(frozen=True)
class Ground:
    """What all members share. Not a collection, so that it travels whole.

    Attributes
    ----------
    land
        Elevation and ends, at the ensemble's resolution (`coarser`).
    coefficient
        What the ground does to energy, on the same grid; None for nothing.
    seen
        Period = (y, x) share of the period in view.
    avoidance
        The study's avoidances, ascending.
    error
        Elevation error of a draw, (y, x) metres; None where elevation counts as exact.
    time
        What the ground does to time, on the same grid; None for nothing.
    further
        Member = more quantities to count along its routes, such as litres; picklable.
    corridors
        (y, x) labels of corridors (`corridor_labels`) on the same grid; None for one corridor.
    along
        (y, x) positions along the border (`BorderLine.along`); None to measure no shift along it.
    """

    land: MovementDomain
    coefficient: locomotion.EnergyCoefficient | None
    seen: Mapping[str, xr.DataArray]
    avoidance: tuple[float, ...]
    error: Elevations | None = None
    time: locomotion.TimeCoefficient | None = None
    further: Callable[[Member], Mapping[str, CrossingQuantity]] | None = None
    corridors: xr.DataArray | None = None
    along: xr.DataArray | None = None


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


def time_cost(speed: str, coefficient: locomotion.TimeCoefficient | None) -> CostModel:
    """Return the time of a horizontal metre, s/m, times what the ground does to it."""
    friction = None
    if coefficient is not None:
        friction = locomotion.time_friction(coefficient, speed=speed)
    table = locomotion.time_per_metre(speed=speed, metre="horizontal")
    return CostModel(table, friction, length="horizontal")


def depths(depth_m: float, deepest_m: float) -> tuple[float, float]:
    """Return the range from which members draw how deep a crossing is.

    Parameters
    ----------
    depth_m
        The study's own depth, metres.
    deepest_m
        What the study allows: `Inland.deepest_m` at that depth, metres.

    Returns
    -------
    low, high
        The range of `crossing_depth_m` in funnel.yaml in proportion to the study's depth, its upper
        end no deeper than the study allows, metres.

    Raises
    ------
    CostError
        If the registered depth has no range.

    Examples
    --------
    >>> from geo.funnel import depths
    >>> depths(30_000.0, 40_000.0)
    (20000.0, 40000.0)
    """
    known = parameters.load("funnel")["crossing_depth_m"]
    if known.low is None or known.high is None:
        raise CostError(NO_RANGE.format(name="crossing_depth_m"))
    low, high = (depth_m * bound / float(known.value) for bound in (known.low, known.high))
    return low, max(depth_m, min(high, deepest_m))


def design(
    reference: Member,
    count: int,
    generator: np.random.Generator,
    depth_range: tuple[float, float] | None = None,
) -> tuple[Member, ...]:
    """Choose the members of an ensemble.

    Parameters
    ----------
    reference
        The study's own choice; it is the first member, on undisturbed elevation.
    count
        Number of members, the reference included.
    generator
        Source of randomness.
    depth_range
        How deep a crossing is, at least and at most, metres (`depths`); None not to draw it.

    Returns
    -------
    tuple of Member
        Points of a scrambled Halton sequence (Halton 1960; Owen 2017) over `funnel.yaml`: models
        and walkers in equal shares, theta, avoidance and depth even in their logarithm. A larger
        ensemble of the same stream starts with the smaller one.

    Raises
    ------
    CostError
        If a drawn parameter has no range.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import funnel
    >>> own = funnel.Member("lcda_backpacking", "tobler_off_path", "adult-light", 0.1)
    >>> members = funnel.design(own, 4, np.random.default_rng(0))
    >>> len(members), members[0] == own, [m.draw for m in members]
    (4, True, [0, 1, 2, 3])
    """
    ranges = parameters.load("funnel")
    points = qmc.Halton(d=6, seed=generator).random(max(count - 1, 0))

    def one_of(name: str, at: float) -> str:
        names = ranges[name].value
        return str(names[int(at * len(names))])

    def between(name: str, at: float) -> float:
        low, high = ranges[name].low, ranges[name].high
        if low is None or high is None:
            raise CostError(NO_RANGE.format(name=name))
        return float(low * (high / low) ** at)

    def depth(at: float) -> float | None:
        if depth_range is None:
            return None
        low, high = depth_range
        return float(low * (high / low) ** at)

    drawn = [
        Member(
            one_of("metabolic", p[0]),
            one_of("speed", p[1]),
            one_of("walker", p[2]),
            between("theta_share", p[3]),
            between("avoidance_ratio", p[4]),
            number + 1,
            depth(p[5]),
        )
        for number, p in enumerate(points)
    ]
    return (reference, *drawn)[:count]


def coarser(
    land: MovementDomain, resolution_m: float, depth_m: float | None = None
) -> MovementDomain:
    """Bring elevation and ends to the ensemble's resolution; origins keep names and weights.

    Parameters
    ----------
    land
        At the study's resolution.
    resolution_m
        Side of the coarse cells, metres; the land is returned as it is where it is no finer.
    depth_m
        Least distance of destinations to the border, where the land knows others
        (`MovementDomain.inland`).

    Returns
    -------
    MovementDomain
        Elevation [m] and ends on square cells of the coarse side.

    Notes
    -----
    A coarse cell is walkable where any fine cell in it is, and an end where any of them is; a
    cell that is an origin is no destination.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> funnel.coarser(examples.crossed_land(), 1_000.0).elevation.shape
    (6, 9)
    """
    if resolution_m <= require_metric(land.elevation):
        return land
    elevation = aggregate(land.elevation, resolution_m).astype(np.float32)
    open_ground = np.isfinite(elevation.values)

    def ends(fine: Sequence[End], kept: NDArray[np.bool_]) -> tuple[End, ...]:
        masks = (aggregate(e.mask.astype(float), resolution_m, "max") > 0 for e in fine)
        return tuple(
            replace(e, mask=wrap(m.values & kept, grid_of(m), "end", "1"))
            for e, m in zip(fine, masks, strict=True)
        )

    origins = ends(land.origins, open_ground)
    kept = open_ground & ~np.logical_or.reduce([np.asarray(o.mask.values) for o in origins])
    coarse = replace(land, elevation=elevation, origins=origins)
    if land.inland is None or depth_m is None:
        return replace(coarse, goals=ends(land.goals, kept))
    return replace(coarse, inland=land.inland.coarser(grid_of(elevation), kept)).deep(depth_m)


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
    base = land.labels(cost)
    before = combine(land, base, base, member.theta_share)
    layers = {BEFORE: before.density.values.astype(np.float32)}
    values: dict[Key, float] = {}

    def crossings(seen: xr.DataArray, avoidance: float) -> Spread:
        if avoidance == 0 or not seen.values.any():
            return before
        dearer = avoiding(cost, seen, avoidance * member.avoidance_ratio)
        return spread(land, dearer, base, member.theta_share)

    for period, seen in ground.seen.items():
        for avoidance in ground.avoidance:
            after = crossings(seen, avoidance)
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
