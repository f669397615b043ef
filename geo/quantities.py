"""Units at the door: what a number must be before a formula touches it.

A DataArray says its unit in `attrs["units"]` and is refused in any other. A plain number cannot say
it, so it is refused where only another unit explains it (a grade of 8 is percent, not rise over
run). Lazy arrays are checked by unit alone, so that nothing is computed early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from geo.errors import UnitsError

_SPELLINGS = {
    "m/s": "m s-1", "m s^-1": "m s-1", "m s**-1": "m s-1",
    "": "1", "dimensionless": "1", "m m-1": "1", "m/m": "1", "unitless": "1",
    "W/kg": "W kg-1", "W/m2": "W m-2", "W m^-2": "W m-2", "W m**-2": "W m-2",
    "C": "degC", "Celsius": "degC", "celsius": "degC", "degrees C": "degC", "°C": "degC",
    "J/m": "J m-1", "s/m": "s m-1", "g/m": "g m-1",
}  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """What a formula takes: name, unit, and the range outside which the unit must be wrong.

    Attributes
    ----------
    name, unit
        Argument name and unit.
    low, high
        Closed range of plausible values, in `unit`; NaN passes as missing.
    hint
        Which mistake a value outside the range points to.
    """

    name: str
    unit: str
    low: float
    high: float
    hint: str

    def check(self, value: Any) -> Any:
        """Return the value as it came (DataArray) or as float64; UnitsError if it cannot be this.

        Raises
        ------
        UnitsError
            If a DataArray has no or another unit, or a number lies outside the range.
        """
        if isinstance(value, xr.DataArray):
            self._check_unit(value)
            if value.chunks is not None:
                return value
            self._check_range(value.values)
            return value
        numbers = np.asarray(value, dtype=np.float64)
        self._check_range(numbers)
        return numbers

    def _check_unit(self, array: xr.DataArray) -> None:
        given = array.attrs.get("units")
        if given is None or canonical(str(given)) != self.unit:
            raise UnitsError(
                f"{self.name} takes {self.unit}; the array {array.name or ''} is in "
                f"{given or 'no unit at all'}. Convert it and set attrs['units'] = '{self.unit}'"
            )

    def _check_range(self, values: Any) -> None:
        if np.any(values < self.low) or np.any(values > self.high):
            worst = float(values.flat[np.nanargmax(np.abs(values))])
            raise UnitsError(
                f"{self.name} takes {self.unit} between {self.low:g} and {self.high:g}, got "
                f"{worst:g}; {self.hint}"
            )


def canonical(unit: str) -> str:
    """Return the spelling of a unit that this project uses ("m/s" becomes "m s-1")."""
    return _SPELLINGS.get(unit.strip(), unit.strip())


SPEED = Quantity("speed_m_s", "m s-1", 0.0, 6.0, "give metres per second, not km/h")
"""Guard: beyond these bounds a unit or a column is mistaken."""
GRADE = Quantity("grade", "1", -4.0, 4.0, "give rise over run (0.08), not percent or degrees")
"""Guard: beyond these bounds a unit or a column is mistaken."""
MASS = Quantity("mass_kg", "kg", 5.0, 250.0, "give kilograms, not pounds or grams")
"""Guard: beyond these bounds a unit or a column is mistaken."""
LOAD = Quantity("load_kg", "kg", 0.0, 120.0, "give kilograms, not pounds or grams")
"""Guard: beyond these bounds a unit or a column is mistaken."""
PERCENTILE = Quantity("percentile", "1", 1.0, 99.0, "give a percentile between 1 and 99")
"""Guard: beyond these bounds a unit or a column is mistaken."""
RATIO = Quantity("terrain_coefficient", "1", 0.5, 6.0, "give the multiplier of the table")
"""Guard: beyond these bounds a unit or a column is mistaken."""
TEMPERATURE = Quantity("air_temperature_c", "degC", -60.0, 65.0, "give degrees Celsius")
"""Guard: beyond these bounds a unit or a column is mistaken."""
RADIANT = Quantity("radiant_temperature_c", "degC", -80.0, 150.0, "give degrees Celsius")
"""Guard: beyond these bounds a unit or a column is mistaken."""
VAPOUR = Quantity("vapour_pressure_kpa", "kPa", 0.0, 12.0, "give kilopascal, not hPa or Torr")
"""Guard: beyond these bounds a unit or a column is mistaken."""
WIND = Quantity("wind_m_s", "m s-1", 0.0, 60.0, "give metres per second")
"""Guard: beyond these bounds a unit or a column is mistaken."""
METABOLIC = Quantity("metabolic_w_m2", "W m-2", 0.0, 2000.0, "give watts per square metre")
"""Guard: beyond these bounds a unit or a column is mistaken."""
FLUX = Quantity("flux_w_m2", "W m-2", -500.0, 3000.0, "give watts per square metre")
"""Guard: beyond these bounds a unit or a column is mistaken."""
SUN = Quantity("sun_cosine", "1", 0.0, 1.0, "give the cosine of the zenith angle")
"""Guard: beyond these bounds a unit or a column is mistaken."""
ELEVATION = Quantity("elevation_m", "m", -500.0, 9000.0, "give metres, not feet")
"""Guard: beyond these bounds a unit or a column is mistaken."""


def apply(
    kernel: Callable[..., Any],
    *values: Any,
    unit: str,
    outputs: int = 1,
    name: str | None = None,
    dtype: type = np.float64,
) -> Any:
    """Run a kernel on plain arrays over numbers, arrays, or eager or lazy DataArrays.

    Parameters
    ----------
    kernel
        Elementwise function of float64 arrays.
    values
        Checked arguments.
    unit
        Unit of the result, written into `attrs["units"]` of a DataArray.
    outputs
        Number of arrays the kernel returns; with more than one, `unit` applies to none of them.
    name
        Name of a DataArray result.
    dtype
        Of the result.
    """
    if not any(isinstance(v, xr.DataArray) for v in values):
        result = kernel(*values)
        return float(result) if outputs == 1 and np.ndim(result) == 0 else result
    core: list[list[str]] = [[] for _ in range(outputs)]
    result = xr.apply_ufunc(
        kernel,
        *values,
        output_core_dims=core,
        dask="parallelized",
        output_dtypes=[dtype] * outputs,
    )
    if outputs == 1:
        result = result.rename(name)
        result.attrs["units"] = unit
    return result


def is_lazy(value: Any) -> bool:
    """Return whether a value is a DataArray that has not been computed."""
    return isinstance(value, xr.DataArray) and value.chunks is not None


def label(value: Any, name: str, unit: str) -> Any:
    """Write name and unit onto a DataArray; return anything else as it came."""
    if isinstance(value, xr.DataArray):
        value = value.rename(name)
        value.attrs["units"] = unit
    return value
