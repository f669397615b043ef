"""What a member of the ensemble is, and how members are chosen.

A member is one choice of metabolic and speed model, walker, theta, avoidance, elevation error and
depth of crossings; all of them share one ground, at the ensemble's resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import qmc

from geo import locomotion, parameters
from geo.aggregation import aggregate
from geo.errors import CostError
from geo.funnel.crossings import CrossingQuantity, MovementDomain
from geo.funnel.origins_destinations import End
from geo.grid import grid_of, require_metric, wrap
from geo.leastcost import CostModel

KILO, HOUR_S = 1e3, 3_600.0
"""Definition: metres of a kilometre, seconds of an hour."""
NO_RANGE = "funnel.yaml: {name} has no range to draw members from; add low and high"
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
