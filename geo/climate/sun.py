"""Where the sun stands, and what it and the ground do to a body.

Hours are local solar time. Months are represented by the day on which the sun stands closest to
its monthly mean (Klein 1977).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo import parameters

_P = parameters.load("climate")
_SOLAR_CONSTANT = float(_P["solar_constant"].value)
_DIRECT = _P["direct_share"].value
_BODY = _P["body"].value
_GROUND = _P["ground"].value
_SKY = _P["sky_emissivity"].value
_SIGMA = 5.67e-8
"""Definition: Stefan-Boltzmann constant [W m-2 K-4]."""
_MEAN_DAY = np.array([17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344])
"""Definition: day of the year that stands for each month (Klein 1977, as Duffie & Beckman give it).
"""


def declination(month: Any) -> Any:
    """Declination of the sun [radian] on the mean day of a month, 1 to 12 (Cooper 1969)."""
    day = _MEAN_DAY[np.asarray(month, int) - 1]
    return np.radians(23.45) * np.sin(2.0 * np.pi * (284 + day) / 365.0)


def day_length(month: Any, latitude: Any) -> Any:
    """Hours between sunrise and sunset."""
    cosine = -np.tan(np.radians(latitude)) * np.tan(declination(month))
    return 24.0 / np.pi * np.arccos(np.clip(cosine, -1.0, 1.0))


def sun_height(month: Any, hour: Any, latitude: Any) -> Any:
    """Cosine of the zenith angle at an hour of local solar time; 0 below the horizon."""
    tilt, north = declination(month), np.radians(latitude)
    angle = np.radians(15.0 * (np.asarray(hour, float) - 12.0))
    cosine = np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * np.cos(angle)
    return np.maximum(cosine, 0.0)


def direct_share(solar_w_m2: Any, sun_cosine: Any) -> NDArray[np.float64]:
    """Share of global radiation that is direct beam, 0 when the sun is down.

    Liljegren et al. 2008, J Occup Environ Hyg 5:645-655, at the mean distance of the sun.
    """
    d = _DIRECT
    height = np.asarray(sun_cosine, float)
    up = height > d["low_sun"]
    top = _SOLAR_CONSTANT * np.where(up, height, 1.0)
    normal = np.clip(np.asarray(solar_w_m2, float) / top, 1e-3, d["most_normal"])
    share = np.exp(d["a"] - d["b"] * normal - d["c"] / normal)
    return np.where(up, np.clip(share, 0.0, d["top"]), 0.0)


def radiant_temperature(
    air_temperature_c: Any, vapour_pressure_kpa: Any, solar_w_m2: Any, sun_cosine: Any
) -> NDArray[np.float64]:
    """Mean radiant temperature of a standing person in the open [degC].

    Parameters
    ----------
    air_temperature_c, vapour_pressure_kpa, solar_w_m2
        Air [degC], moisture [kPa], global radiation on the flat [W m-2].
    sun_cosine
        Cosine of the zenith angle, from `sun_height`.

    Notes
    -----
    Six-direction radiation balance in the form of VDI 3787 Part 2 (2008): half the longwave from
    the sky, half from the ground; direct beam on the projected area of a standing person
    (Jendritzky et al. 1990), diffuse and reflected radiation from their half spaces. Ground
    temperature is air temperature plus an assumed share of radiation.
    """
    air = np.asarray(air_temperature_c, float)
    solar = np.maximum(np.asarray(solar_w_m2, float), 0.0)
    height = np.asarray(sun_cosine, float)
    share = direct_share(solar, height)
    beam = np.minimum(share * solar / np.maximum(height, 0.05), _SOLAR_CONSTANT)
    elevation = np.degrees(np.arcsin(np.clip(height, 0.0, 1.0)))
    projected = 0.308 * np.cos(np.radians(elevation * (1.0 - elevation**2 / 48402.0)))
    ground = air + np.where(solar > 0, _GROUND["heating"] * solar, -_GROUND["cooling"])
    sky_share = (
        _SKY["a"] * np.maximum(10.0 * np.asarray(vapour_pressure_kpa, float), 0.1) ** _SKY["b"]
    )
    longwave = (
        0.5
        * _SIGMA
        * (sky_share * (air + 273.15) ** 4 + _GROUND["emissivity"] * (ground + 273.15) ** 4)
    )
    shortwave = (
        projected * beam + 0.5 * (1.0 - share) * solar + 0.5 * _GROUND["albedo"] * solar
    ) * (_BODY["absorption"] / _BODY["emissivity"])
    return np.asarray(((longwave + shortwave) / _SIGMA) ** 0.25 - 273.15)
