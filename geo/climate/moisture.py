"""Vapour pressure, dew point and air pressure.

Saturation after Buck 1981 (eq. 3); pressure of the standard atmosphere (ISO 2533).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo import parameters

_MAGNUS = parameters.load("climate")["magnus"].value
_A, _B, _C = float(_MAGNUS["a"]), float(_MAGNUS["b"]), float(_MAGNUS["c"])
_DRY_TO_VAPOUR = 0.622
"""Definition: ratio of the molar masses of water and dry air."""


def saturation_pressure(temperature_c: Any) -> Any:
    """Saturation vapour pressure over water [kPa] at a temperature [degC] (Buck 1981)."""
    return _A * np.exp(_B * temperature_c / (temperature_c + _C))


def dew_point(vapour_pressure_kpa: Any) -> Any:
    """Dew point [degC] of a vapour pressure [kPa], the inverse of `saturation_pressure`."""
    level = np.log(np.maximum(vapour_pressure_kpa, 1e-4) / _A)
    return _C * level / (_B - level)


def vapour_of_specific_humidity(specific_humidity: Any, pressure_kpa: Any) -> Any:
    """Vapour pressure [kPa] of specific humidity [kg/kg] at a pressure [kPa]."""
    share = _DRY_TO_VAPOUR + (1.0 - _DRY_TO_VAPOUR) * specific_humidity
    return specific_humidity * pressure_kpa / share


def air_pressure(elevation_m: Any) -> Any:
    """Pressure [kPa] of the standard atmosphere at an elevation [m] (ISO 2533)."""
    return 101.325 * (1.0 - 2.25577e-5 * np.asarray(elevation_m)) ** 5.25588
