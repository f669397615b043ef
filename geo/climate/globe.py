"""Wet-bulb globe temperature after Liljegren: heat as a heat-stress monitor would show it.

A descriptor of hazard, not a model of a body. The two heat balances (globe, wetted wick) are solved
by bisection, so that a result always exists and does not depend on a first guess.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo import parameters
from geo import quantities as q
from geo.climate.moisture import air_pressure, saturation_pressure
from geo.climate.sun import direct_share

Array = NDArray[np.float64]
_P = parameters.load("climate")
_GLOBE, _WICK = _P["globe"].value, _P["wick"].value
_SURFACE, _WEIGHTS, _SKY = (
    _P["wbgt_surface"].value,
    _P["wbgt_weights"].value,
    _P["sky_emissivity"].value,
)
_LOW_SUN = float(_P["direct_share"].value["low_sun"])
_SIGMA = 5.6696e-8
"""Definition: Stefan-Boltzmann constant as Liljegren et al. (2008) round it [W m-2 K-4]."""
_HEAT, _AIR, _WATER, _GAS = 1003.5, 28.97, 18.015, 8314.34
"""Definition: heat capacity of dry air [J kg-1 K-1], molar masses of dry air and of water [kg
kmol-1], gas constant [J kmol-1 K-1], as Liljegren et al. (2008) take them."""
_PRANDTL = _HEAT / (_HEAT + 1.25 * _GAS / _AIR)
"""Definition: Prandtl number of air by Eucken's relation, as Liljegren et al. (2008) take it."""
_STEPS = 40
"""Numerical: steps after which the temperature of globe and wick has long settled."""


def wbgt(
    air_temperature_c: Any,
    vapour_pressure_kpa: Any,
    wind_m_s: Any,
    solar_w_m2: Any,
    sun_cosine: Any,
    elevation_m: Any = 0.0,
) -> Any:
    """Wet-bulb globe temperature outdoors [degC].

    Parameters
    ----------
    air_temperature_c, vapour_pressure_kpa
        Air [degC] and moisture [kPa].
    wind_m_s
        At 2 m [m s-1]; at least 0.13 is used.
    solar_w_m2
        Global radiation on the flat [W m-2].
    sun_cosine
        Cosine of the zenith angle, from `geo.climate.sun.sun_height`.
    elevation_m
        Sets air pressure [m].

    Returns
    -------
    float, ndarray or DataArray
        0.7 natural wet bulb + 0.2 globe + 0.1 air.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Liljegren et al. 2008, J Occup Environ Hyg 5:645-655. Ground is taken at air temperature.

    Examples
    --------
    >>> from geo.climate import wbgt
    >>> round(float(wbgt(40.0, 1.5, 2.0, 900.0, 0.9)), 1)
    31.8
    """
    values = (
        q.TEMPERATURE.check(air_temperature_c),
        q.VAPOUR.check(vapour_pressure_kpa),
        q.WIND.check(wind_m_s),
        q.FLUX.check(solar_w_m2),
        q.SUN.check(sun_cosine),
        q.ELEVATION.check(elevation_m),
    )
    return q.apply(_wbgt, *values, unit="degC", name="wbgt")


def globe_temperature(
    air_k: Array, vapour_kpa: Array, wind: Array, solar: Array, sun: Array, pressure_kpa: Array
) -> Array:
    """Temperature of a 50 mm black globe [K] (Liljegren et al. 2008, eq. 15-17)."""
    share = direct_share(solar, sun)
    height = np.maximum(sun, _LOW_SUN)
    gain = (1.0 - _GLOBE["albedo"]) * solar / (2.0 * _SIGMA * _GLOBE["emissivity"])
    gain = gain * (share * (1.0 / (2.0 * height) - 1.0) + 1.0 + _SURFACE["albedo"])
    longwave = _surroundings(air_k, vapour_kpa)

    def balance(globe: Array) -> Array:
        film = 0.5 * (globe + air_k)
        reynolds = _reynolds(film, wind, pressure_kpa, _GLOBE["diameter"])
        nusselt = 2.0 + 0.6 * np.sqrt(reynolds) * _PRANDTL ** (1.0 / 3.0)
        loss = nusselt * _conductivity(film) / _GLOBE["diameter"] * (globe - air_k)
        return np.asarray(globe**4 - longwave - gain + loss / (_SIGMA * _GLOBE["emissivity"]))

    return _root(balance, air_k - 40.0, air_k + 120.0)


def natural_wet_bulb(
    air_k: Array, vapour_kpa: Array, wind: Array, solar: Array, sun: Array, pressure_kpa: Array
) -> Array:
    """Temperature of a wetted wick in sun and wind [K] (Liljegren et al. 2008, eq. 6-14)."""
    share = direct_share(solar, sun)
    tangent = np.tan(np.arccos(np.clip(np.maximum(sun, _LOW_SUN), 0.0, 1.0)))
    ends = 0.25 * _WICK["diameter"] / _WICK["length"]
    light = (1.0 - share) * (1.0 + ends) + share * (tangent / np.pi + ends) + _SURFACE["albedo"]
    gain = (1.0 - _WICK["albedo"]) * solar * light
    longwave = _surroundings(air_k, vapour_kpa)

    def balance(wick: Array) -> Array:
        film = 0.5 * (wick + air_k)
        reynolds = _reynolds(film, wind, pressure_kpa, _WICK["diameter"])
        nusselt = 0.281 * reynolds**0.6 * _PRANDTL**0.44
        transfer = nusselt * _conductivity(film) / _WICK["diameter"]
        radiation = _SIGMA * _WICK["emissivity"] * (longwave - wick**4) + gain
        at_wick = 1.004 * saturation_pressure(wick - 273.15)
        schmidt = _viscosity(film) / (
            _density(film, pressure_kpa) * _diffusivity(film, pressure_kpa)
        )
        latent = (313.15 - film) / 30.0 * -71100.0 + 2.4073e6
        cooling = latent / (_HEAT * _AIR / _WATER) * (_PRANDTL / schmidt) ** 0.56
        cooling = cooling * (at_wick - vapour_kpa) / (pressure_kpa - at_wick)
        return np.asarray(wick - air_k + cooling - radiation / transfer)

    return _root(balance, air_k - 60.0, air_k + 30.0)


def _wbgt(air: Array, vapour: Array, wind: Array, solar: Array, sun: Array, height: Array) -> Array:
    air, vapour, wind, solar, sun, height = np.broadcast_arrays(
        air, vapour, wind, solar, sun, height
    )
    moving = np.maximum(wind, _SURFACE["least_wind"])
    lit = np.where(sun > _LOW_SUN, np.maximum(solar, 0.0), 0.0)
    state = (air + 273.15, vapour, moving, lit, sun, air_pressure(height))
    wet, globe = natural_wet_bulb(*state) - 273.15, globe_temperature(*state) - 273.15
    return np.asarray(
        _WEIGHTS["natural_wet_bulb"] * wet + _WEIGHTS["globe"] * globe + _WEIGHTS["air"] * air
    )


def _surroundings(air_k: Array, vapour_kpa: Array) -> Array:
    sky = _SKY["a"] * np.maximum(10.0 * vapour_kpa, 0.01) ** _SKY["b"]
    return np.asarray(0.5 * (sky + _SURFACE["emissivity"]) * air_k**4)


def _viscosity(air_k: Array) -> Array:
    omega = (air_k / 97.0 - 2.9) / 0.4 * -0.034 + 1.048
    return np.asarray(2.6693e-6 * np.sqrt(_AIR * air_k) / (3.617**2 * omega))


def _conductivity(air_k: Array) -> Array:
    return np.asarray((_HEAT + 1.25 * _GAS / _AIR) * _viscosity(air_k))


def _density(air_k: Array, pressure_kpa: Array) -> Array:
    return np.asarray(1000.0 * pressure_kpa / (_GAS / _AIR * air_k))


def _reynolds(air_k: Array, wind: Array, pressure_kpa: Array, diameter: float) -> Array:
    return np.asarray(wind * _density(air_k, pressure_kpa) * diameter / _viscosity(air_k))


def _diffusivity(air_k: Array, pressure_kpa: Array) -> Array:
    """Of water vapour in air [m2 s-1] (Bird, Stewart & Lightfoot, p. 505)."""
    critical = (36.4 * 218.0) ** (1 / 3) * (132.0 * 647.3) ** (5 / 12)
    masses = np.sqrt(1 / _AIR + 1 / _WATER)
    scaled = 3.640e-4 * (air_k / np.sqrt(132.0 * 647.3)) ** 2.334
    return np.asarray(scaled * critical * masses / (pressure_kpa / 101.325) * 1e-4)


def _root(balance: Any, low: Array, high: Array) -> Array:
    """Zero of a balance that rises with temperature, by bisection to 1e-10 of the bracket."""
    low, high = np.array(low, float), np.array(high, float)
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        above = balance(middle) > 0.0
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return 0.5 * (low + high)
