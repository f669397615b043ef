"""Daily gridded weather: readers of gridMET and Daymet files.

Each returns a Dataset with dims (time, y, x), the variables the climatology takes, `latitude`,
`longitude` and `elevation`, and `attrs["crs"]`. Files are opened lazily; a study's area is cut out
with `bounds_lonlat` before anything is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import netCDF4  # noqa: F401 - what xarray reads these files with: part of every step that does
import numpy as np
import xarray as xr
from pyproj import CRS, Transformer

from geo.climate.climatology import DAILY
from geo.climate.moisture import air_pressure, vapour_of_specific_humidity
from geo.climate.stations import daylight_to_day
from geo.errors import LayoutError
from geo.guard import guarded

Path = str | PathLike[str]
Bounds = tuple[float, float, float, float]
_GRIDMET = {
    "tmmx": "air_temperature",
    "tmmn": "air_temperature",
    "vs": "wind_speed",
    "srad": "surface_downwelling_shortwave_flux_in_air",
    "sph": "specific_humidity",
}
_KELVIN = 273.15
"""Definition: 0 degC in kelvin."""
_SATURATED_ELEVATION_M = 3276.0
"""Definition: where the int16 decimetres of gridMET's own elevation end [m]."""


@guarded("gridMET", "set of files")
def read_gridmet(
    files: Mapping[str, Path], elevation: Path, bounds_lonlat: Bounds | None = None
) -> xr.Dataset:
    """Read daily gridMET files.

    Parameters
    ----------
    files
        Path by gridMET variable: `tmmx`, `tmmn`, and where there is one `vs`, `srad`, `sph`.
    elevation
        Path of `metdata_elevationdata.nc`.
    bounds_lonlat
        West, south, east, north; None for all.

    Returns
    -------
    xr.Dataset
        degC, kPa, m s-1 (10 m), W m-2 (24-hour mean); EPSG:4326.

    Raises
    ------
    LayoutError
        If a file lacks its variable, or temperatures are not given.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geo import climate
    >>> from geo.errors import LayoutError
    >>> try:
    ...     climate.read_gridmet({}, Path("metdata_elevationdata.nc"))
    ... except LayoutError as problem:
    ...     print(problem)
    gridMET: file of tmmx, tmmn is missing; give it too
    """
    absent = [k for k in ("tmmx", "tmmn") if k not in files]
    if absent:
        raise LayoutError(f"gridMET: file of {', '.join(absent)} is missing; give it too")
    found = {k: _gridmet_variable(k, files[k], bounds_lonlat) for k in _GRIDMET if k in files}
    height = read_elevation(elevation, bounds_lonlat)
    values = {
        "air_temperature_max": found["tmmx"] - _KELVIN,
        "air_temperature_min": found["tmmn"] - _KELVIN,
    }
    height = height.interp(
        y=values["air_temperature_max"]["y"], x=values["air_temperature_max"]["x"]
    )
    if "sph" in found:
        pressure = xr.apply_ufunc(air_pressure, height)
        values["vapour_pressure"] = vapour_of_specific_humidity(found["sph"], pressure)
    if "vs" in found:
        values["wind"] = found["vs"]
    if "srad" in found:
        values["solar"] = found["srad"]
    return dataset(values, height, "gridMET", "EPSG:4326")


@guarded("gridMET elevation", "file")
def read_elevation(path: Path, bounds_lonlat: Bounds | None = None) -> xr.DataArray:
    """Read the elevation that gridMET is computed on; wrapped and saturated cells are NaN.

    Parameters
    ----------
    path
        `metdata_elevationdata.nc`.
    bounds_lonlat
        West, south, east, north, degrees; None for all.

    Returns
    -------
    xr.DataArray
        (y, x) [m], EPSG:4326.

    Raises
    ------
    LayoutError
        If the file has no variable `elevation`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import xarray as xr
    >>> from geo import climate
    >>> path = Path(tempfile.mkdtemp()) / "elevation.nc"
    >>> height = xr.Dataset(
    ...     {"elevation": (("lat", "lon"), [[700.0, 800.0]])},
    ...     coords={"lat": [32.0], "lon": [-111.0, -110.9]},
    ... )
    >>> written = height.to_netcdf(path)
    >>> climate.read_elevation(path).values
    array([[700., 800.]])
    """
    data = xr.open_dataset(path)
    if "elevation" not in data:
        raise LayoutError(
            "gridMET elevation: variable elevation is missing; give gridMET's own elevation file"
        )
    height = _cut(renamed(data["elevation"]), bounds_lonlat)
    if "day" in height.dims:
        height = height.isel(day=0)
    return height.where(height < _SATURATED_ELEVATION_M)


@guarded("Daymet", "set of files")
def read_daymet(files: Mapping[str, Path], elevation: xr.DataArray | None = None) -> xr.Dataset:
    """Read daily Daymet tiles or mosaics in netCDF.

    Parameters
    ----------
    files
        Path by Daymet variable: `tmax`, `tmin`, and where there is one `vp`, `srad` with `dayl`.
    elevation
        (y, x) [m] on the cells of the files, which do not carry it; 0 where None.

    Returns
    -------
    xr.Dataset
        Dims (time, y, x): highest and lowest air temperature [degC], and vapour pressure [kPa] and
        solar [W m-2] where given; Lambert conformal, metres.

    Raises
    ------
    LayoutError
        If a file lacks its variable or its Lambert conformal grid.

    Examples
    --------
    >>> from geo import climate
    >>> from geo.errors import LayoutError
    >>> try:
    ...     climate.read_daymet({})
    ... except LayoutError as problem:
    ...     print(problem)
    Daymet: file of tmax, tmin is missing; give it too
    """
    absent = [k for k in ("tmax", "tmin") if k not in files]
    if absent:
        raise LayoutError(f"Daymet: file of {', '.join(absent)} is missing; give it too")
    opened = {k: xr.open_dataset(path) for k, path in files.items()}
    for name, data in opened.items():
        if name not in data or "lambert_conformal_conic" not in data:
            raise LayoutError(
                f"Daymet {name}: {name} or lambert_conformal_conic is missing; give Daymet's "
                "own file"
            )
    crs = CRS.from_cf(opened["tmax"]["lambert_conformal_conic"].attrs)
    values = {
        "air_temperature_max": opened["tmax"]["tmax"],
        "air_temperature_min": opened["tmin"]["tmin"],
    }
    if "vp" in opened:
        values["vapour_pressure"] = opened["vp"]["vp"] / 1000.0
    if {"srad", "dayl"} <= set(opened):
        values["solar"] = daylight_to_day(opened["srad"]["srad"], opened["dayl"]["dayl"])
    first = values["air_temperature_max"]
    height = xr.zeros_like(first.isel(time=0, drop=True)) if elevation is None else elevation
    return dataset(values, height, "Daymet", crs.to_wkt())


def _gridmet_variable(name: str, path: Path, bounds: Bounds | None) -> xr.DataArray:
    data = xr.open_dataset(path)
    if _GRIDMET[name] not in data:
        raise LayoutError(
            f"gridMET {name}: variable {_GRIDMET[name]} is missing; give gridMET's own file"
        )
    return _cut(renamed(data[_GRIDMET[name]]).rename(day="time"), bounds)


def renamed(array: xr.DataArray) -> xr.DataArray:
    """Return an array whose dims are called y and x, whatever its file calls them."""
    known = {"lat": "y", "lon": "x", "latitude": "y", "longitude": "x"}
    return array.rename({k: v for k, v in known.items() if k in array.dims})


def _cut(array: xr.DataArray, bounds: Bounds | None) -> xr.DataArray:
    if bounds is None:
        return array
    west, south, east, north = bounds
    rows = np.flatnonzero((array["y"] >= south) & (array["y"] <= north))
    cols = np.flatnonzero((array["x"] >= west) & (array["x"] <= east))
    if rows.size < 2 or cols.size < 2:
        raise LayoutError(
            f"weather grid has under two rows or columns inside {bounds}; widen the bounds"
        )
    return array.isel(y=slice(rows[0], rows[-1] + 1), x=slice(cols[0], cols[-1] + 1))


def dataset(
    values: dict[str, xr.DataArray], height: xr.DataArray, source: str, crs: str
) -> xr.Dataset:
    """Return variables of one grid as the climatology takes them, with units and places."""
    units = {**DAILY, "air_temperature": "degC"}
    data = xr.Dataset({k: v.reset_coords(drop=True) for k, v in values.items()})
    for name in data.data_vars:
        data[name].attrs = {"units": units[str(name)]}
    x, y = np.meshgrid(np.asarray(data["x"], float), np.asarray(data["y"], float))
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    grid: dict[str, Any] = {"latitude": lat, "longitude": lon}
    for name, degrees in grid.items():
        data[name] = (("y", "x"), degrees, {"units": "degree"})
    data["elevation"] = height.reset_coords(drop=True).assign_attrs(units="m")
    data.attrs = {"source": source, "crs": crs}
    return data
