"""Litres of a step: a slope table times a friction, as a least-cost engine takes them.

Water depends on slope, weather and ground at once. The engine takes one function of the signed
slope times one number per cell, so the table is that of the study's mean summer day, and the
friction puts right, in every cell, what its own height and ground make of the mean over all
directions of travel. What is left out is how much more the weather of a cell matters uphill than
downhill; tests hold how little that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.climate import Weather, at_heights
from geo.errors import UnitsError
from geo.grid import same_grid
from geo.hardship.components import over_directions
from geo.hardship.heat import heat, metabolic_rate
from geo.leastcost import CostModel
from geo.locomotion import (
    EnergyCoefficient,
    HeightStrain,
    SlopeCost,
    StrainOptions,
    TimeCoefficient,
    Walker,
    energy_friction,
    energy_per_metre,
    strain_over_heights,
    time_friction,
    time_per_metre,
    water_per_metre,
)
from geo.quantities import is_lazy

SECONDS_PER_HOUR = 3_600.0
"""Definition: seconds of an hour."""
GRAMS_PER_LITRE = 1_000.0
"""Definition: grams of a litre of water."""


def water_friction(
    slope_deg: xr.DataArray,
    water_per_walk: xr.DataArray,
    hours: float,
    water: SlopeCost,
    time: SlopeCost,
    slower: xr.DataArray | None = None,
) -> xr.DataArray:
    """Compute the factor on a water table for the weather and ground of each cell.

    Parameters
    ----------
    slope_deg
        (y, x) steepest slope [degree].
    water_per_walk
        (y, x) [L] lost in a walk about the cell, in its weather and at its metabolic rate (`heat`).
    hours
        Length of that walk [h].
    water
        Water per metre in the study's mean weather [g m-1] (`geo.locomotion.water_per_metre`).
    time
        Time per metre [s m-1], of the same speed.
    slower
        (y, x) friction of time [1]; None for 1.

    Returns
    -------
    xr.DataArray
        (y, x) float32 [1]: water of a metre here, mean over directions, over that of the table.

    Raises
    ------
    UnitsError
        If a table is of another kind, or a raster in another unit.
    GridError
        If rasters lie on different grids.

    Examples
    --------
    >>> from geo import climate, examples, hardship, locomotion, terrain
    >>> weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [800.0])
    >>> noon = type(weather)(*(float(v[0]) for v in weather.checked()))
    >>> water = locomotion.water_per_metre(examples.walker(), noon)
    >>> slope, time = terrain.slope(examples.elevation()), locomotion.time_per_metre()
    >>> litres = (slope * 0 + 6.0).assign_attrs(units="L")
    >>> found = hardship.water_friction(slope, litres, 8.0, water, time)
    >>> found.attrs["units"], bool((found > 0).all())
    ('1', True)
    """
    if (water.kind, time.kind) != ("water", "time") or water.metre != time.metre:
        raise UnitsError(
            f"water_friction takes water and time, got {water.kind}, {time.kind}; give both of the "
            "same metre"
        )
    if water_per_walk.attrs.get("units") != "L":
        raise UnitsError(
            f"water is taken in L, got {water_per_walk.attrs.get('units')}; convert it"
        )
    same_grid(slope_deg, water_per_walk)

    def seconds_per_gram(slopes: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(time(slopes).mean(axis=-1) / water(slopes).mean(axis=-1))

    rate = water_per_walk * np.float32(GRAMS_PER_LITRE / (hours * SECONDS_PER_HOUR))
    friction = over_directions(slope_deg, seconds_per_gram) * rate
    if slower is not None:
        same_grid(slope_deg, slower)
        friction = friction * slower
    friction = friction.astype(np.float32).rename("water_friction")
    friction.attrs = {"units": "1", "grid_mapping": "spatial_ref"}
    return friction


@dataclass(frozen=True, eq=False)
class Litres:
    """Heat of one walker over land on the study's mean summer day.

    Attributes
    ----------
    water_per_walk
        (y, x) [L] lost in a walk about the cell (`geo.climate.summer_mean` says how long).
    core_temperature
        (y, x) [degC] at its end.
    cost
        Water of a horizontal metre [g m-1], for a least-cost engine.
    """

    water_per_walk: xr.DataArray
    core_temperature: xr.DataArray
    cost: CostModel


@dataclass(frozen=True, eq=False)
class SummerLand:
    """Land, its ground and its mean summer day. Not a collection, so that it travels whole.

    Attributes
    ----------
    day
        Weather of one place (`geo.climate.summer_mean`).
    elevation, slope
        (y, x) [m, degree].
    energy, time
        What the ground does; None for nothing.
    """

    day: xr.Dataset
    elevation: xr.DataArray
    slope: xr.DataArray
    energy: EnergyCoefficient | None
    time: TimeCoefficient | None

    def strain(self, walker: Walker) -> HeightStrain:
        """Tabulate heat strain of a walker over the heights of the land."""
        low, high = self._height("min"), self._height("max")
        return strain_over_heights(walker, partial(at_heights, self.day), low, high, self._options)

    def litres(self, walker: Walker, strain: HeightStrain, metabolic: str, speed: str) -> Litres:
        """Compute what a walker loses here.

        Parameters
        ----------
        walker
            Body and load.
        strain
            From `strain`, of a walker with the same body.
        metabolic, speed
            Names in `geo.locomotion`.
        """
        models: dict[str, Any] = {"metabolic": metabolic, "speed": speed}
        energy, time = energy_per_metre(walker, **models), time_per_metre(speed=speed)
        costlier = None if self.energy is None else energy_friction(self.energy, walker, **models)
        slower = None if self.time is None else time_friction(self.time, speed=speed)
        ground = (1.0 if costlier is None else costlier) / (1.0 if slower is None else slower)
        rate = metabolic_rate(self.slope, walker, energy, time, ground)
        water, core = heat(strain, self.elevation, rate)
        middle = at_heights(self.day, [self._height("mean")])
        weather = Weather(*(float(field[0]) for field in middle.checked()))
        table = water_per_metre(walker, weather, **models, options=self._options)
        hours = self._options.minutes / 60.0
        friction = water_friction(self.slope, water, hours, table, time, slower)
        return Litres(water, core, CostModel(table, friction, length="horizontal"))

    def _height(self, which: str) -> float:
        """Return the least, greatest or mean height; of a wide land it is read block by block."""
        if not is_lazy(self.elevation):
            return float(getattr(np, f"nan{which}")(self.elevation.values))
        found = getattr(self.elevation.astype(np.float64), which)(skipna=True)
        return float(found.compute(scheduler="synchronous"))

    @property
    def _options(self) -> StrainOptions:
        return StrainOptions(minutes=60 * int(self.day.attrs["hours"]))
