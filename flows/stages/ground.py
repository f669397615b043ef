"""Ground for the tests: hardness of several kinds on several units, and further route models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.stages.corridors import corridor_labels, corridor_systems, corridors, labelled
from flows.stages.ensemble import FOLDER
from flows.stages.movement import energy_cost, energy_table
from geo import funnel, inference
from geo.aggregation import aggregate
from geo.errors import ContractError, GridError
from geo.grid import align, grid_of, same_grid, wrap
from geo.parameters import load
from geo.strips import held

SIDES_M = tuple(load("battery")["cell_sides_m"].value)
"""Sides of the cells on which hardness is taken in turn (R6)."""
KINDS = ("slope_only", "energy_only", "remoteness_only", "temperature")
TYPICAL = (
    "Hardness takes the water lost on a summer day, which grows with work and heat, in place of "
    "energy. Its weather is a typical day's, by height, and may be younger than the first tower."
)
MOST_MODELS = int(load("battery")["route_models"].value)
"""Further route models that S3 and R7 are repeated with."""


@dataclass(frozen=True)
class Again:
    """Variants that can be asked, and why the others cannot."""

    known: dict[str, inference.Variant]
    refused: dict[str, str]


@dataclass(frozen=True)
class StudyGround:
    """What hardness is made of, on the study's grid; what a wide land has is read in strips.

    Attributes
    ----------
    deaths
        Records, whose classes are all that is kept of a variant's ground.
    labels, hardness
        Corridors, and the hardness of the headline.
    slope, energy, remoteness, water
        Degrees; kJ/km; hours to a road or town, None where the study has neither; litres of a
        summer day's walk, None without weather.
    catchments
        Units within corridors, None where the funnel step wrote none.
    corridors
        Polygons, to label coarser cells.
    seen
        (y, x) share in view of towers in the year of most; None where exposure is not by view.
    systems
        Corridor to its record system, where the study has several.
    """

    deaths: gpd.GeoDataFrame
    labels: xr.DataArray
    hardness: xr.DataArray
    slope: xr.DataArray
    energy: xr.DataArray
    remoteness: xr.DataArray | None
    water: xr.DataArray | None
    catchments: xr.DataArray | None
    corridors: gpd.GeoDataFrame
    bins: int
    seen: xr.DataArray | None
    systems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, step: StageContext, deaths: gpd.GeoDataFrame, seen: xr.DataArray | None
    ) -> StudyGround:
        """Read the land from the finished steps; `seen` is (year, y, x)."""
        slope = read_raster(step.done["terrain"], "slope")
        hardness = read_raster(step.done["funnel"], "hardness")
        assert slope is not None and hardness is not None  # noqa: S101, PT018 - always written
        slope, polygons = held(slope), corridors(step)
        remoteness = read_raster(step.done["movement"], "hours_to_road")
        water = read_raster(step.done["movement"], "water_per_walk")
        catchments = read_raster(step.done["funnel"], "catchments")
        return cls(
            deaths,
            corridor_labels(step),
            hardness.load(),
            slope,
            funnel.energy_per_km(slope, energy_table(step.study), energy_cost(step).friction),
            None if remoteness is None else held(remoteness),
            None if water is None else held(water),
            None if catchments is None else held(catchments),
            polygons,
            step.study.inference.bins,
            None if seen is None else seen.max("year").compute(scheduler="synchronous"),
            corridor_systems(step.study, polygons),
        )

    def ground(self) -> xr.Dataset:
        """Return the ground of the headline."""
        return inference.classify_ground(self.hardness, self.labels, self.bins, self.seen)

    def without(self, corridors: Collection[str], note: str) -> inference.Variant:
        """Return the headline without the ground of some corridors."""
        gone = [i for i, n in enumerate(self.labels.attrs["names"]) if n in corridors]
        kept = self.labels.where(~self.labels.isin(gone), -1).astype(self.labels.dtype)
        kept.attrs = dict(self.labels.attrs)
        return self._asked_on(self.hardness, kept, note=note)

    def _asked_on(
        self,
        hard: xr.DataArray,
        labels: xr.DataArray,
        seen: xr.DataArray | None = None,
        **more: Any,
    ) -> inference.Variant:
        """Return the headline on another ground, of which the records' classes are kept."""
        if seen is None:
            seen = self.seen
        ground = inference.classify_ground(hard, labels, self.bins, seen)
        placed = inference.place_records(self.deaths, ground)
        return inference.Variant(ground=xr.Dataset(attrs=ground.attrs), placed=placed, **more)

    def variants(self, by_year: xr.DataArray, density: xr.DataArray | None) -> Again:
        """Return R5 and R6, with a reason for each that cannot be asked."""
        again = Again({}, {})
        for kind in KINDS:
            _try(again, f"R5.{kind}", partial(self._of_kind, kind))
        for side in SIDES_M:
            _try(again, f"R6.cells_{side / 1e3:g}_km", partial(self._coarse, side))
        _try(again, "R6.catchments", partial(self._catchments, by_year, density))
        return again

    def _of_kind(self, kind: str) -> inference.Variant:
        if kind == "temperature":
            return self._of_heat()
        parts = {"slope_only": self.slope, "energy_only": self.energy}
        if kind == "remoteness_only" and self.remoteness is None:
            raise ContractError(
                "the study has no road or town from which remoteness is counted; add such a source"
            )
        part = parts.get(kind, self.remoteness)
        assert part is not None  # noqa: S101 - refused just above
        return self._asked_on(funnel.hardness(part, None, self.labels), self.labels)

    def _of_heat(self) -> inference.Variant:
        if self.water is None:
            raise ContractError("the study has no weather; give a source of role climate")
        hard = funnel.hardness(self.water, self.remoteness, self.labels)
        return self._asked_on(hard, self.labels, note=TYPICAL)

    def _coarse(self, side: float) -> inference.Variant:
        if side <= float(grid_of(self.slope).resolution.x):
            raise GridError(
                f"the study's cells are not finer than {side / 1e3:g} km; make them finer"
            )
        energy = aggregate(self.energy, side)
        hours = None if self.remoteness is None else aggregate(self.remoteness, side)
        labels = labelled(self.corridors, grid_of(energy), self.systems)
        hard = funnel.hardness(energy, hours, labels)
        seen = None if self.seen is None else aggregate(self.seen, side)
        return self._asked_on(hard, labels, seen)

    def _catchments(self, by_year: xr.DataArray, density: xr.DataArray | None) -> inference.Variant:
        labels = self.catchments
        if labels is None:
            raise ContractError(
                "no catchments were computed for this study; check that its border crosses "
                "its corridors"
            )
        same_grid(labels, self.labels)
        labels = labels.compute(scheduler="synchronous")
        hard = funnel.hardness(self.energy, self.remoteness, labels)
        table = funnel.dose(by_year, density, labels)[["corridor", "year", "dose"]]
        homes = dict(zip(labels.attrs["names"], labels.attrs["corridors"], strict=True))
        if self.systems:
            labels = labels.assign_attrs(systems=tuple(self.systems[h] for h in homes.values()))
        return self._asked_on(hard, labels, dose=table, clusters=homes)


def _try(again: Again, name: str, make: Callable[[], inference.Variant]) -> None:
    try:
        again.known[name] = make()
    except (ContractError, GridError) as error:
        again.refused[name] = str(error)


def route_models(step: StageContext) -> dict[str, xr.DataArray]:
    """Return pre-tower densities of further members of the ensemble, on the study's grid."""
    surface = read_raster(step.done["funnel"], "density_mean")
    before = read_raster(step.done["funnel"], "density_before")
    if surface is None or before is None:
        return {}
    found = {}
    for path in sorted((step.done["funnel"] / FOLDER).glob("*.npz"))[1 : MOST_MODELS + 1]:
        with np.load(path) as file:
            layer = file["layers"][list(map(str, file["names"])).index(funnel.BEFORE)]
        coarse = wrap(layer, grid_of(surface), "density", "1")
        found[f"member_{path.stem}"] = align(coarse, grid_of(before), "nearest")
    return found


def doses_of(
    models: dict[str, xr.DataArray], by_year: xr.DataArray, labels: xr.DataArray
) -> dict[str, inference.Variant]:
    """Return R7 with the dose weighed by each further route model."""
    return {
        f"R7.route_{name}": inference.Variant(dose=funnel.dose(by_year, density, labels))
        for name, density in models.items()
    }
