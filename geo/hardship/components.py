"""Components of hardship over land, each a checkable quantity with its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo import quantities as q
from geo.errors import ContractError, UnitsError
from geo.grid import require_metric, same_grid
from geo.locomotion import CORE_LIMIT_C, SlopeCost, Walker

_DIRECTIONS = 32
"""Numerical: directions of travel over which the cost of a slope is averaged."""
_STEEPEST = 2.0
"""Numerical: grade at which tables of slope end; steeper ground costs as much."""


@dataclass(frozen=True)
class Component:
    """One component of hardship: name, unit, meaning, and whether more of it is harder."""

    name: str
    unit: str
    meaning: str
    more_is_harder: bool = True


COMPONENTS: Mapping[str, Component] = {
    c.name: c
    for c in (
        Component("effort", "kJ km-1", "Energy per kilometre, mean over directions of travel"),
        Component("energy_from_border", "MJ", "Least energy from the border"),
        Component("hours_from_border", "h", "Walking time from the border"),
        Component("water_from_border", "L", "Water lost on the way from the border"),
        Component("water_ratio", "1", "Water lost against water carried at the start"),
        Component("water_per_walk", "L", "Water lost in a walk of the stated hours"),
        Component(
            "core_margin", "K", "Core temperature under the work limit", more_is_harder=False
        ),
        Component("hours_to_road", "h", "Walking time to a road or town"),
    )
}
"""Every component by name."""


def components(
    walker: Walker,
    *,
    effort: xr.DataArray | None = None,
    energy_from_border: xr.DataArray | None = None,
    hours_from_border: xr.DataArray | None = None,
    water_from_border: xr.DataArray | None = None,
    water_per_walk: xr.DataArray | None = None,
    core_temperature: xr.DataArray | None = None,
    hours_to_road: xr.DataArray | None = None,
) -> xr.Dataset:
    """Gather the components of hardship of one walker over land.

    Parameters
    ----------
    walker
        Sets the water carried.
    effort
        (y, x) [kJ km-1], from `effort`.
    energy_from_border, hours_from_border, water_from_border
        (y, x) accumulated along the least-cost way [MJ, h, L]; NaN or infinite where none leads.
    water_per_walk, core_temperature
        (y, x) at the end of a walk in that cell [L, degC], from `heat`.
    hours_to_road
        (y, x) accumulated [h].

    Returns
    -------
    xr.Dataset
        One variable per component that could be computed, each with `units` and `long_name`;
        `attrs["missing"]` names the others, `attrs["walker"]` the scenario.

    Raises
    ------
    UnitsError
        If a raster is in another unit.
    GridError
        If rasters lie on different grids.
    ContractError
        If no raster is given.

    Examples
    --------
    >>> from geo import examples, hardship
    >>> found = hardship.components(examples.walker(), hours_to_road=examples.remoteness())
    >>> list(found), found["hours_to_road"].attrs["units"]
    (['hours_to_road'], 'h')
    """
    given = {
        "effort": (effort, "kJ km-1"),
        "energy_from_border": (energy_from_border, "MJ"),
        "hours_from_border": (hours_from_border, "h"),
        "water_from_border": (water_from_border, "L"),
        "water_per_walk": (water_per_walk, "L"),
        "core_temperature": (core_temperature, "degC"),
        "hours_to_road": (hours_to_road, "h"),
    }
    rasters = {k: _checked(v, k, unit) for k, (v, unit) in given.items() if v is not None}
    if not rasters:
        raise ContractError("hardship: no raster given; compute at least one component first")
    same_grid(*rasters.values())
    core = rasters.pop("core_temperature", None)
    if core is not None:
        rasters["core_margin"] = CORE_LIMIT_C - core
    if "water_from_border" in rasters:
        rasters["water_ratio"] = rasters["water_from_border"] / walker.water_l
    found = {k: _labelled(rasters[k], COMPONENTS[k]) for k in COMPONENTS if k in rasters}
    missing = " ".join(k for k in COMPONENTS if k not in found)
    return xr.Dataset(
        found,
        attrs={
            "walker": walker.name,
            "extrapolated": int(walker.is_extrapolated),
            "missing": missing,
        },
    )


def _checked(raster: xr.DataArray, name: str, unit: str) -> xr.DataArray:
    given = raster.attrs.get("units")
    if given is None or q.canonical(str(given)) != unit:
        raise UnitsError(f"{name} takes {unit}, got {given or 'no unit'}; convert it first")
    require_metric(raster)
    return raster.where(np.isfinite(raster))


def _labelled(raster: xr.DataArray, component: Component) -> xr.DataArray:
    raster = raster.rename(component.name)
    raster.attrs = {
        "units": component.unit,
        "long_name": component.meaning,
        "grid_mapping": "spatial_ref",
    }
    return raster


def effort(
    slope_deg: xr.DataArray, cost: SlopeCost, friction: xr.DataArray | None = None
) -> xr.DataArray:
    """Compute the energy per kilometre of each cell, mean over all directions of travel.

    Parameters
    ----------
    slope_deg
        (y, x) steepest slope [degree].
    cost
        Energy slope table.
    friction
        (y, x) multiplier of `geo.locomotion.energy_friction` [1].

    Returns
    -------
    xr.DataArray
        (y, x) float32 [kJ km-1] (which is J per m); lazy if the slope is.

    Raises
    ------
    UnitsError
        If the slope is not in degrees or the table is not one of energy.

    Examples
    --------
    >>> from geo import examples, hardship, terrain
    >>> found = hardship.effort(terrain.slope(examples.elevation()), examples.energy().table)
    >>> found.attrs["units"], round(float(found.max()))
    ('kJ km-1', 642)
    """
    if cost.kind != "energy":
        raise UnitsError(f"effort takes a slope table of energy, got one of {cost.kind}; give that")
    result = over_directions(slope_deg, lambda slopes: cost(slopes).mean(axis=-1))
    if friction is not None:
        same_grid(slope_deg, friction)
        result = result * friction.astype(np.float32)
    return _labelled(result, COMPONENTS["effort"])


def over_directions(
    slope_deg: xr.DataArray, mean: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> xr.DataArray:
    """Apply a mean over directions of travel, tabulated once over the steepest slope."""
    if slope_deg.attrs.get("units") != "degree":
        raise UnitsError(
            f"slope is taken in degree, got {slope_deg.attrs.get('units')}; convert it"
        )
    steepest = np.linspace(0.0, _STEEPEST, 2001)
    turn = np.cos(2.0 * np.pi * (np.arange(_DIRECTIONS) + 0.5) / _DIRECTIONS)
    means = mean(steepest[:, None] * turn[None, :])

    def kernel(degrees: NDArray[Any]) -> NDArray[np.float32]:
        rise = np.tan(np.radians(np.asarray(degrees, np.float64)))
        return np.asarray(np.interp(rise, steepest, means), np.float32)

    result: xr.DataArray = xr.apply_ufunc(
        kernel, slope_deg, dask="parallelized", output_dtypes=[np.float32]
    )
    return result
