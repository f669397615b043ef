"""From a climatology to the weather of every cell: lapse with height.

Air temperature falls with height by monthly lapse rates, dew point by its own (Liston & Elder 2006,
after Kunkel 1989). Wind and the radiant excess are those of the records: shade of terrain and
vegetation is not modelled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from geo import parameters
from geo.climate.moisture import dew_point, saturation_pressure
from geo.climate.weather import Weather
from geo.errors import LayoutError
from geo.grid import align, assign_crs, grid_of, require_metric

_P = parameters.load("climate")
_MAGNUS = _P["magnus"].value


def lapse_rates(month: int) -> tuple[float, float]:
    """Return the lapse of air temperature and of dew point in a month.

    Parameters
    ----------
    month
        1 to 12.

    Returns
    -------
    air, dew_point
        K km-1, positive where it cools upwards.

    Notes
    -----
    Values and their source: `data/parameters/climate.yaml`.

    Examples
    --------
    >>> from geo.climate import lapse_rates
    >>> air, dew_point = lapse_rates(7)
    >>> air > 0
    True
    """
    vapour = float(_P["vapour_coefficient"].value[month - 1])
    return float(_P["lapse_rate"].value[month - 1]), vapour * _MAGNUS["c"] / _MAGNUS["b"]


def on_land(walk: xr.Dataset, elevation: xr.DataArray) -> Weather:
    """Weather of every cell during a walk.

    Parameters
    ----------
    walk
        From `walk_mean` or `summer_mean`: weather at one place, or on a coarser grid with
        `attrs["crs"]`.
    elevation
        (y, x) [m] on the study's grid, eager or lazy.

    Returns
    -------
    Weather
        Of (y, x) float32 DataArrays; lazy where the elevation is.

    Raises
    ------
    GridError
        If the elevation has no metric grid.
    LayoutError
        If gridded weather carries no CRS.

    Examples
    --------
    >>> from geo import climate, examples
    >>> weather = climate.on_land(climate.summer_mean(climate.synthetic()), examples.elevation())
    >>> weather.air_temperature_c.shape, bool((weather.air_temperature_c > 0).all())
    ((12, 18), True)
    """
    require_metric(elevation)
    source = {k: walk[k] for k in ("air_temperature", "vapour_pressure", "wind", "radiant_excess")}
    source["elevation"] = walk["elevation"]
    if walk["air_temperature"].ndim:
        source = _warped(source, walk, elevation)
    plain = _lapsed(source, walk, elevation)
    return Weather(
        _made(plain.air_temperature_c, "air_temperature", "degC", elevation),
        _made(plain.radiant_temperature_c, "radiant_temperature", "degC", elevation),
        _made(plain.vapour_pressure_kpa, "vapour_pressure", "kPa", elevation),
        _made(plain.wind_m_s, "wind", "m s-1", elevation),
    )


def at_heights(walk: xr.Dataset, heights_m: Any) -> Weather:
    """Weather during a walk at some heights, where it is known at one place.

    Parameters
    ----------
    walk
        From `walk_mean` or `summer_mean`, without y and x.
    heights_m
        (n,) [m].

    Returns
    -------
    Weather
        Of (n,) arrays, by the lapse of `on_land`.

    Raises
    ------
    LayoutError
        If the weather is gridded: then height alone does not say what it is.

    Notes
    -----
    Lapse rates by month with their source in `data/parameters/climate.yaml`.

    Examples
    --------
    >>> from geo import climate
    >>> weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [300.0, 1_300.0])
    >>> weather.air_temperature_c.round(1)
    array([39.7, 31.7])
    """
    if walk["air_temperature"].ndim:
        raise LayoutError("weather of a grid is not a function of height; use on_land")
    heights = xr.DataArray(np.asarray(heights_m, np.float64), dims="height")
    plain = _lapsed({str(k): v for k, v in walk.data_vars.items()}, walk, heights)
    return Weather(
        *(
            np.asarray(field.values, np.float64)
            for field in (
                plain.air_temperature_c,
                plain.radiant_temperature_c,
                plain.vapour_pressure_kpa,
                plain.wind_m_s,
            )
        )
    )


def _lapsed(source: dict[str, xr.DataArray], walk: xr.Dataset, height: xr.DataArray) -> Weather:
    rates = np.array([lapse_rates(int(m)) for m in walk.attrs["months"]])
    air_rate, dew_rate = rates.mean(axis=0)
    climb = (height - source["elevation"]) / 1000.0
    air = source["air_temperature"] - air_rate * climb
    dew = dew_point(source["vapour_pressure"]) - dew_rate * climb
    vapour = saturation_pressure(xr.apply_ufunc(np.minimum, dew, air, dask="allowed"))
    return Weather(air, air + source["radiant_excess"], vapour, source["wind"] + climb * 0.0)


def _warped(
    source: dict[str, xr.DataArray], walk: xr.Dataset, elevation: xr.DataArray
) -> dict[str, xr.DataArray]:
    if "crs" not in walk.attrs:
        raise LayoutError("gridded weather carries no CRS; set attrs['crs']")
    grid = grid_of(elevation)
    out = {}
    for name, raster in source.items():
        full = raster if raster.ndim else raster + 0.0 * walk["air_temperature"]
        plain = full.reset_coords(drop=True).astype(np.float32)
        warped = align(assign_crs(plain, str(walk.attrs["crs"])), grid)
        out[name] = warped.assign_coords(y=elevation["y"], x=elevation["x"])
    return out


def _made(values: Any, name: str, unit: str, like: xr.DataArray) -> xr.DataArray:
    raster: xr.DataArray = values.astype(np.float32).rename(name)
    raster = raster.transpose(*like.dims)
    raster.attrs = {"units": unit, "grid_mapping": "spatial_ref"}
    return raster
