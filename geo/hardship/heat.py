"""What a walk on a summer day takes in each cell: water and core temperature."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.climate import Weather
from geo.errors import UnitsError
from geo.hardship.components import over_directions
from geo.locomotion import HeightStrain, SlopeCost, Walker, sweat


def metabolic_rate(
    slope_deg: xr.DataArray,
    walker: Walker,
    energy: SlopeCost,
    time: SlopeCost,
    ground: xr.DataArray | float = 1.0,
) -> xr.DataArray:
    """Compute the mean metabolic rate of walking about in each cell, in all directions.

    Parameters
    ----------
    slope_deg
        (y, x) steepest slope [degree].
    walker
        Sets body surface.
    energy, time
        Slope tables of one speed model.
    ground
        (y, x) friction of energy over friction of time [1]: softer ground raises the rate where it
        costs more energy than time.

    Returns
    -------
    xr.DataArray
        (y, x) float32 [W m-2]: energy over time of equal distances in every direction.

    Raises
    ------
    UnitsError
        If the slope is not in degrees or a table is of another kind.

    Examples
    --------
    >>> from geo import examples, hardship, locomotion, terrain
    >>> energy, time = examples.energy().table, locomotion.time_per_metre()
    >>> slope = terrain.slope(examples.elevation())
    >>> rate = hardship.metabolic_rate(slope, examples.walker(), energy, time)
    >>> rate.attrs["units"], round(float(rate.min()))
    ('W m-2', 130)
    """
    if (energy.kind, time.kind) != ("energy", "time"):
        raise UnitsError(
            f"metabolic_rate takes energy and time; check what was given: {energy.kind}, "
            f"{time.kind}"
        )

    def rate(slopes: NDArray[np.float64]) -> NDArray[np.float64]:
        power = energy(slopes).mean(axis=-1) / time(slopes).mean(axis=-1)
        return np.asarray(power / walker.surface_m2)

    result = (over_directions(slope_deg, rate) * ground).astype(np.float32)
    result.name = "metabolic_rate"
    result.attrs = {"units": "W m-2", "grid_mapping": "spatial_ref"}
    return result


def heat(
    strain: HeightStrain, elevation_m: Any, metabolic_w_m2: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Water lost [L] and core temperature [degC] of each cell at the end of a walk there.

    Parameters
    ----------
    strain
        Of the walker, from `geo.locomotion.strain_over_heights`.
    elevation_m
        (y, x) elevation [m].
    metabolic_w_m2
        (y, x) from `metabolic_rate`.

    Returns
    -------
    water_per_walk, core_temperature
        (y, x) float32 [L] and [degC], lazy where the inputs are; what `components` takes.

    Notes
    -----
    ISO 7933:2023, Annex E (`geo.locomotion.predicted_heat_strain`).

    Examples
    --------
    >>> from functools import partial
    >>> from geo import climate, examples, hardship, locomotion, terrain
    >>> weather = partial(climate.at_heights, climate.summer_mean(climate.synthetic()))
    >>> strain = locomotion.strain_over_heights(examples.walker(), weather, 700.0, 1_300.0)
    >>> energy, time = examples.energy().table, locomotion.time_per_metre()
    >>> land = examples.elevation()
    >>> rate = hardship.metabolic_rate(terrain.slope(land), examples.walker(), energy, time)
    >>> water, core = hardship.heat(strain, land, rate)
    >>> water.attrs["units"], bool((water > 0).all()), core.attrs["units"]
    ('L', True, 'degC')
    """
    core, grams = strain(elevation_m, metabolic_w_m2)
    water = (grams / np.float32(1000.0)).rename("water_per_walk")
    for raster, unit in ((water, "L"), (core, "degC")):
        raster.attrs = {"units": unit, "grid_mapping": "spatial_ref"}
    return water, core


def water_members(
    walker: Walker, weather: Weather, metabolic_w_m2: xr.DataArray, hours: float
) -> dict[str, xr.DataArray]:
    """Water lost in a walk by each of the regressions beside predicted heat strain.

    Parameters
    ----------
    walker
        Sets body surface.
    weather, metabolic_w_m2
        (y, x) rasters as for `heat`.
    hours
        Length of the walk.

    Returns
    -------
    dict of str to xr.DataArray
        (y, x) [L] by member of `geo.locomotion.sweat.ENSEMBLE`; they differ by about a factor of
        two, which is part of the result. `attrs["clamped"]` is 1 for a member that is held at zero
        in hot dry air.

    Notes
    -----
    Shapiro, Pandolf & Goldman 1982; Gonzalez et al. 2009 (`geo.locomotion.sweat`).

    Examples
    --------
    >>> import xarray as xr
    >>> from geo import climate, examples, hardship
    >>> land = examples.elevation()
    >>> weather = climate.on_land(climate.summer_mean(climate.synthetic()), land)
    >>> rate = (land * 0 + 250.0).assign_attrs(units="W m-2")
    >>> sorted(hardship.water_members(examples.walker(), weather, rate, 8.0))
    ['heat_balance', 'ose_corrected', 'piecewise']
    """
    flows = sweat.evaporation(weather, metabolic_w_m2)
    members = {}
    for name, rate in sweat.ENSEMBLE.items():
        grams = sweat.water_loss(rate(*flows), walker, hours)
        litres = (grams / 1000.0).astype(np.float32).rename("water_per_walk")
        litres.attrs = {
            "units": "L",
            "grid_mapping": "spatial_ref",
            "clamped": int(name == "piecewise"),
        }
        members[name] = litres
    return members
