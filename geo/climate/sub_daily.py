"""Sub-daily weather: reader of VIC forcing files (Livneh)."""

from __future__ import annotations

import numpy as np
import xarray as xr

from geo import sizes
from geo.climate.gridded import Path, dataset, renamed
from geo.errors import LayoutError
from geo.guard import guarded

_SUB_DAILY = ("temp", "vapor_pressure", "wind", "shortwave")


@guarded("VIC forcings", "file")
def read_vic_forcings(path: Path, elevation: xr.DataArray | float) -> xr.Dataset:
    """Read sub-daily VIC forcings (Livneh) for `from_subdaily`.

    Parameters
    ----------
    path
        netCDF with `temp` [C], `vapor_pressure` [kPa], `wind`, `shortwave` [W m-2], dims (time,
        lat, lon). A step is stamped at its start and holds its mean; where the file says that time
        is local it is taken back to UTC. The wind's unit attribute says "mm s-1"; the values are
        m s-1.
    elevation
        [m]: a number or (y, x) on the cells of the file.

    Returns
    -------
    xr.Dataset
        Dims (time, y, x): air temperature [degC], vapour pressure [kPa], wind [m s-1], solar
        [W m-2]; EPSG:4326.

    Raises
    ------
    LayoutError
        If a variable is missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import pandas as pd
    >>> import xarray as xr
    >>> from geo import climate
    >>> path = Path(tempfile.mkdtemp()) / "forcings.nc"
    >>> value = (("time", "lat", "lon"), np.ones((8, 1, 1)))
    >>> names = ("temp", "vapor_pressure", "wind", "shortwave")
    >>> time = pd.date_range("2004-07-01", periods=8, freq="3h")
    >>> at = {"time": time, "lat": [32.0], "lon": [-111.0]}
    >>> forcings = xr.Dataset(dict.fromkeys(names, value), at)
    >>> written = forcings.to_netcdf(path)
    >>> sorted(climate.read_vic_forcings(path, 800.0))[:2]
    ['air_temperature', 'elevation']
    """
    try:
        with xr.open_dataset(path, engine="netcdf4", **sizes.UNREAD) as claims:
            sizes.judge_gridded(claims, "VIC forcings")
        data = xr.open_dataset(path)
    except LayoutError:
        raise
    except (OSError, RuntimeError, ValueError, OverflowError) as error:
        raise LayoutError(
            f"VIC forcings: this NetCDF cannot be read ({type(error).__name__}); it may be cut "
            "off, or its times cannot be told. Fetch it again"
        ) from error
    absent = [v for v in _SUB_DAILY if v not in data]
    if absent:
        raise LayoutError(
            f"VIC forcings: variable {', '.join(absent)} is missing; give the whole file"
        )
    if data["time"].dtype.kind != "M":
        raise LayoutError("VIC forcings: its times are not in the usual calendar; fetch it again")
    shift = np.median(np.diff(data["time"])) / 2
    if data["time"].attrs.get("standard_name") == "local_time":
        ahead = float(np.asarray(data["lon"]).mean()) / 15.0
        shift = shift - np.timedelta64(round(ahead * 3600), "s")
    data = data.assign_coords(time=data["time"] + shift)
    names = ("air_temperature", "vapour_pressure", "wind", "solar")
    values = {n: renamed(data[v]) for n, v in zip(names, _SUB_DAILY, strict=True)}
    first = values["air_temperature"].isel(time=0, drop=True)
    height = xr.zeros_like(first) + elevation
    return dataset(values, height, "VIC forcings", "EPSG:4326")
