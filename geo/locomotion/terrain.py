"""Terrain coefficients: what ground does to energy, and what it does to time.

The two tables answer different questions and have different values for the same ground (loose sand
costs 2.1 times the energy and 1.19 times the time). They are two types here, and a formula of one
kind refuses the other (de Gruchy, Caswell & Edwards 2017, Internet Archaeology 45.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr

from geo import parameters
from geo import quantities as q
from geo.errors import UnitsError

LEGENDS = ("nlcd", "worldcover")
"""Land cover legends with a table of coefficients."""
Bound = Literal["value", "low", "high"]


@dataclass(frozen=True)
class EnergyCoefficient:
    """Multiplier of the walking term of a metabolic equation: a number, array or raster [1]."""

    values: Any


@dataclass(frozen=True)
class TimeCoefficient:
    """Multiplier of a walking time: a number, array or raster [1]."""

    values: Any


def energy_values(coefficient: Any) -> Any:
    """Return the numbers of an energy coefficient.

    Raises
    ------
    UnitsError
        If it is one of time, as a type or as a raster that says so in `attrs["coefficient"]`.
    """
    return _values(coefficient, "energy", EnergyCoefficient, TimeCoefficient)


def time_values(coefficient: Any) -> Any:
    """Return the numbers of a time coefficient; UnitsError if it is one of energy."""
    return _values(coefficient, "time", TimeCoefficient, EnergyCoefficient)


def _values(coefficient: Any, kind: str, mine: type[Any], other: type[Any]) -> Any:
    if isinstance(coefficient, other) or _says(coefficient) not in (None, kind):
        raise UnitsError(
            f"a terrain coefficient of {_says(coefficient) or other.__name__} cannot stand in a "
            f"formula of {kind}; take it from the {kind} table"
        )
    return q.RATIO.check(coefficient.values if isinstance(coefficient, mine) else coefficient)


def _says(coefficient: Any) -> str | None:
    raster = getattr(coefficient, "values", None)
    for candidate in (coefficient, raster):
        if isinstance(candidate, xr.DataArray):
            kind = candidate.attrs.get("coefficient")
            return None if kind is None else str(kind)
    return None


def energy_coefficients(
    land_cover: xr.DataArray, legend: str, bound: Bound = "value"
) -> EnergyCoefficient:
    """Energy coefficient of each cell.

    Parameters
    ----------
    land_cover
        (y, x) class codes.
    legend
        "nlcd" or "worldcover".
    bound
        "value", or "low" or "high" end of the assumed range of scrub, brush, washes and rock.

    Returns
    -------
    EnergyCoefficient
        (y, x) float32 [1]; NaN on water, ice and cells without a class.

    Raises
    ------
    UnitsError
        If the legend is unknown or a code is not in it.

    Notes
    -----
    Soule & Goldman 1972; Pandolf et al. 1977. Which class has which coefficient is assumed.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> found = locomotion.energy_coefficients(examples.land_cover(), "nlcd")
    >>> found.values.dtype, float(found.values[0, 0]), float(found.values[-1, 0])
    (dtype('float32'), 1.100000023841858, 1.2999999523162842)
    """
    table = dict(parameters.load("terrain_coefficients")["energy"].value)
    if bound != "value":
        table |= parameters.load("terrain_coefficients")[f"energy_{bound}"].value
    return EnergyCoefficient(_lookup(land_cover, legend, table, 0, "energy"))


def time_coefficients(land_cover: xr.DataArray, legend: str) -> TimeCoefficient:
    """Time coefficient of each cell.

    Parameters
    ----------
    land_cover
        (y, x) class codes.
    legend
        "nlcd" or "worldcover".

    Returns
    -------
    TimeCoefficient
        (y, x) float32 [1]; NaN on water, ice and cells without a class.

    Raises
    ------
    UnitsError
        If the legend is unknown or a code is not in it.

    Notes
    -----
    de Gruchy, Caswell & Edwards 2017. Which class has which coefficient is assumed.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> found = locomotion.time_coefficients(examples.land_cover(), "nlcd")
    >>> float(found.values[0, 0])
    1.350000023841858
    """
    table = parameters.load("terrain_coefficients")["time"].value
    return TimeCoefficient(_lookup(land_cover, legend, table, 1, "time"))


def _lookup(
    land_cover: xr.DataArray, legend: str, table: Mapping[str, float], column: int, kind: str
) -> xr.DataArray:
    if legend not in LEGENDS:
        raise UnitsError(f"land cover legend {legend!r} is unknown; use one of {LEGENDS}")
    classes = parameters.load("terrain_coefficients")[legend].value
    lookup = np.full(256, -1.0, np.float32)
    lookup[[0, 250, 255]] = np.nan
    for code, names in classes.items():
        lookup[int(code)] = np.nan if names is None else table[names[column]]

    def kernel(codes: Any) -> Any:
        whole = np.nan_to_num(np.asarray(codes, np.float64), nan=255.0)
        inside = (whole >= 0) & (whole <= 255) & (whole == np.floor(whole))
        found = lookup[np.where(inside, whole, 1).astype(np.uint8)]
        if np.any(found < 0):
            strange = np.unique(whole[found < 0])[:5]
            raise UnitsError(
                f"land cover has codes that {legend} does not: {strange.tolist()}; "
                "check whether the legend is another product's"
            )
        return found

    raster: xr.DataArray = xr.apply_ufunc(
        kernel, land_cover, dask="parallelized", output_dtypes=[np.float32]
    )
    raster.name = f"terrain_{kind}"
    raster.attrs.update({"units": "1", "coefficient": kind, "legend": legend})
    if "grid_mapping" in land_cover.attrs:
        raster.attrs["grid_mapping"] = land_cover.attrs["grid_mapping"]
    return raster


def snow_coefficient(sinkage_cm: Any) -> EnergyCoefficient:
    """Energy coefficient of snow by the depth of the footprint.

    Parameters
    ----------
    sinkage_cm
        Depth of the footprint [cm], any shape.

    Returns
    -------
    EnergyCoefficient
        [1], of the shape of the depth.

    Notes
    -----
    Cubic of the US Army Engineer Research and Development Center (ERDC), with its source in
    `data/parameters/terrain_coefficients.yaml: snow_energy`.

    Examples
    --------
    >>> from geo.locomotion import snow_coefficient
    >>> snow_coefficient([0.0, 15.0]).values.round(2)
    array([1.26, 4.58])
    """
    cubic = parameters.load("terrain_coefficients")["snow_energy"].value
    return EnergyCoefficient(np.polyval(cubic, np.asarray(sinkage_cm, float)))
