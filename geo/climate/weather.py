"""Weather as a body meets it: four numbers, or four rasters, with their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo import quantities as q


@dataclass(frozen=True)
class Weather:
    """Air, radiation, moisture and wind; numbers, arrays or DataArrays of one shape or broadcast.

    Attributes
    ----------
    air_temperature_c
        [degC].
    radiant_temperature_c
        Mean radiant temperature [degC].
    vapour_pressure_kpa
        [kPa].
    wind_m_s
        At the height of the body [m s-1].
    """

    air_temperature_c: Any
    radiant_temperature_c: Any
    vapour_pressure_kpa: Any
    wind_m_s: Any

    def checked(self) -> tuple[Any, Any, Any, Any]:
        """Return air, radiant temperature, vapour pressure, wind; UnitsError in another unit."""
        return (
            q.TEMPERATURE.check(self.air_temperature_c),
            q.RADIANT.check(self.radiant_temperature_c),
            q.VAPOUR.check(self.vapour_pressure_kpa),
            q.WIND.check(self.wind_m_s),
        )
