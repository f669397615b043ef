"""The land that crossings walk, and what adds up on it from and to every end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.funnel.inland import Inland
from geo.funnel.loading import Window, blocks
from geo.funnel.marks import on_open_ground
from geo.funnel.origins_destinations import End
from geo.grid import grid_of, same_grid, wrap
from geo.leastcost import CostModel, CostSurface, LeastCostOptions, Resources, Surfaces
from geo.strips import read

Way = tuple[Literal["from", "to"], str]
"""Direction of a surface and the name of its end."""


@dataclass(frozen=True, eq=False)
class CrossingQuantity:
    """What a crossing costs in one unit: added up along the routes taken, whatever chose them.

    Attributes
    ----------
    model
        What a step costs; towers have no part in it.
    unit
        Unit in which it is reported.
    per_unit
        How many of the model's units (cost of its table times metres) make one of `unit`.
    """

    model: CostModel
    unit: str
    per_unit: float


@dataclass(frozen=True)
class MovementDomain:
    """What does not change between periods and members.

    Attributes
    ----------
    elevation
        (y, x) metres.
    origins, goals
        Where crossings start and end.
    options, run
        For the engine. Where `run.store_path` names a folder, surfaces are zarr groups below it
        and are read by blocks; a killed accumulation goes on from there.
    quantities
        Name = what to count along the routes beside their cost ("energy", "hours", "litres").
    inland
        Where other destinations would be at another depth; None where there are no others.
    """

    elevation: xr.DataArray
    origins: Sequence[End]
    goals: Sequence[End]
    options: LeastCostOptions
    run: Resources
    quantities: Mapping[str, CrossingQuantity] = field(default_factory=dict)
    inland: Inland | None = None

    def deep(self, depth_m: float) -> MovementDomain:
        """Return the land with destinations at least this deep behind the border, metres."""
        return self if self.inland is None else replace(self, goals=self.inland.beyond(depth_m))

    def labels(self, cost: CostModel, before: Labels | None = None, name: str = "before") -> Labels:
        """Accumulate a cost from every origin and to every destination, float64.

        Parameters
        ----------
        cost
            Cost of a step.
        before
            Labels of a cost on the same land. Where the new cost is nowhere cheaper and bars the
            same ground, only what lies beyond dearer ground is found again; the bits are the same.
        name
            Names the surfaces in a store.
        """
        old = None if before is None else before.laid
        if old is None:
            laid = Surfaces(
                self.elevation,
                cost,
                replace(self.options, dtype="float64"),
                quantities={name: q.model for name, q in self.quantities.items()},
                run=self.run,
            )
        else:
            laid = old.under(cost)
            old = old if laid.only_dearer_than(old) else None
        surfaces: dict[Way, CostSurface] = {}
        for key, end in self._ends():
            run = self._run_of(f"{name}-{key[0]}-{end.name}")
            if old is not None and before is not None and key in before.surfaces:
                surfaces[key] = laid.renew(before.surfaces[key], old, run=run)
            else:
                marks = on_open_ground(end.mask, self.elevation, cost)
                if not marks.values.any():
                    continue  # nobody starts or ends in water or where no land is known
                surfaces[key] = laid.accumulate(marks, key[0], run=run)
        away = {name: s.found for (way, name), s in surfaces.items() if way == "from"}
        back = {name: s.found for (way, name), s in surfaces.items() if way == "to"}
        return Labels(away, back, self._least(away, back), laid, surfaces)

    def _ends(self) -> Iterator[tuple[Way, End]]:
        yield from ((("from", o.name), o) for o in self.origins)
        yield from ((("to", g.name), g) for g in self.goals)

    def _run_of(self, name: str) -> Resources:
        folder = self.run.store_path
        if folder is None:
            return self.run
        return replace(self.run, store_path=Path(folder) / f"{name}.zarr")

    def _least(
        self, away: Mapping[str, xr.Dataset], back: Mapping[str, xr.Dataset]
    ) -> dict[str, NDArray[np.float64]]:
        """Least cost from every origin to the cells of every destination."""
        goals = [g for g in self.goals if g.name in back]
        least = {name: np.full(len(goals), np.inf) for name in away}
        for window in blocks(shape_of(self.elevation)):
            for n, goal in enumerate(goals):
                here = block(goal.mask, window)
                if not here.any():
                    continue
                for name, found in away.items():
                    cost = block(found["cost"], window)[here]
                    best = np.min(cost[np.isfinite(cost)], initial=np.inf)
                    least[name][n] = min(least[name][n], float(best))
        return least


@dataclass(frozen=True)
class Labels:
    """Accumulated cost, and quantities along its routes, by name of the end.

    Attributes
    ----------
    away, back
        From every origin, and to every destination: `cost` and the quantities, (y, x) each.
    reach
        Origin = least cost of a crossing to each destination; inf if unreachable.
    laid, surfaces
        What a dearer cost is found from; None and empty where it has to be found afresh.
    """

    away: Mapping[str, xr.Dataset]
    back: Mapping[str, xr.Dataset]
    reach: Mapping[str, NDArray[np.float64]]
    laid: Surfaces | None = None
    surfaces: Mapping[Way, CostSurface] = field(default_factory=dict)

    @property
    def forward(self) -> dict[str, xr.DataArray]:
        """Cost from every origin."""
        return {name: found["cost"] for name, found in self.away.items()}

    @property
    def reverse(self) -> dict[str, xr.DataArray]:
        """Cost to every destination."""
        return {name: found["cost"] for name, found in self.back.items()}

    def least(self, origin: str) -> NDArray[np.float64]:
        """Least cost of a crossing from an origin to each destination; inf if unreachable."""
        return self.reach[origin]


def avoiding(cost: CostModel, seen: xr.DataArray, avoidance: float) -> CostModel:
    """Make ground dearer by the probability of being seen there.

    Parameters
    ----------
    cost
        Physiological cost of a step.
    seen
        (y, x) probability or share of time in view, 0 to 1.
    avoidance
        Extra share of the cost where seen with certainty; 0 leaves the cost as it is.

    Returns
    -------
    CostModel
        cost x (1 + avoidance x seen); the factor is averaged over the cells a step crosses.

    Notes
    -----
    How much people avoid being seen is not measured: the factor is assumed, with a range
    (`funnel.yaml: avoidance_ratio`).

    Examples
    --------
    >>> from geo import examples, funnel
    >>> dearer = funnel.avoiding(examples.energy(), examples.in_view()[-1], 0.5)
    >>> float(dearer.friction.min()), float(dearer.friction.max())
    (1.0, 1.5)
    """
    factor = 1.0 + avoidance * np.nan_to_num(seen.values.astype(np.float64))
    if cost.friction is not None:
        same_grid(cost.friction, seen)
        factor = factor * cost.friction.values
    friction = wrap(factor.astype(np.float32), grid_of(seen), "friction", "1")
    return replace(cost, friction=friction)


def shape_of(raster: xr.DataArray) -> tuple[int, int]:
    """Rows and columns of a raster."""
    return raster.shape[0], raster.shape[1]


def block(raster: xr.DataArray, window: Window) -> NDArray[Any]:
    """Read a block of a raster, in memory or lazy, in this thread."""
    return read(raster.data[window])
