"""Weather by month and hour of day, from daily or sub-daily records.

A climatology is a Dataset with dims (month, hour[, y, x]): `air_temperature` [degC],
`vapour_pressure` [kPa], `wind` [m s-1, at body height], `solar` [W m-2] and `radiant_excess` [K],
mean radiant minus air temperature. Hours are local solar time. `elevation` [m] is that of the
records, so that land at other heights can be corrected. `attrs["synthetic"]` is 1 for made-up
weather.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from geo import parameters
from geo.climate import sun
from geo.climate.moisture import saturation_pressure
from geo.errors import LayoutError

_P = parameters.load("climate")
_DIURNAL = _P["diurnal"].value
_WIND_FACTOR = float(_P["wind_height_factor"].value)
DAILY = {
    "air_temperature_max": "degC",
    "air_temperature_min": "degC",
    "vapour_pressure": "kPa",
    "wind": "m s-1",
    "solar": "W m-2",
}
"""Variables of daily records and their units; wind at 10 m, solar as mean over 24 hours."""
HOURLY = {
    "air_temperature": "degC",
    "vapour_pressure": "kPa",
    "wind": "m s-1",
    "solar": "W m-2",
    "radiant_excess": "K",
}
"""Variables of a climatology and their units; wind at the height of the body."""
_HOURS = np.arange(24)
"""Definition: the hours of a day."""


def from_daily(daily: xr.Dataset, fallback: xr.Dataset | None = None) -> xr.Dataset:
    r"""Make a climatology of daily records.

    Parameters
    ----------
    daily
        Dims (time[, y, x]); variables of `DAILY`, `latitude` [degree] and `elevation` [m].
    fallback
        Climatology at one place, from which variables that the records lack are taken;
        `attrs["filled"]` names them.

    Returns
    -------
    xr.Dataset
        Dims (month, hour[, y, x]).

    Raises
    ------
    LayoutError
        If temperatures are missing, or another variable is and there is no fallback, or a month
        has no record.

    Notes
    -----
    Day course of temperature: Parton & Logan 1981. Radiation follows the height of the sun;
    vapour pressure and wind are constant over the day, vapour held at saturation.

    Examples
    --------
    >>> import io
    >>> from geo import climate
    >>> rows = "".join(f"2014-{month}-1,60,90\n" for month in range(1, 13))
    >>> file = io.StringIO("date,actual_min_temp,actual_max_temp\n" + rows)
    >>> place = {"latitude": 32.0, "longitude": -111.0, "elevation_m": 800.0}
    >>> daily = climate.read_fahrenheit_days(file, **place)
    >>> found = climate.from_daily(daily, climate.synthetic())
    >>> dict(found.sizes), round(float(found["air_temperature"].max()), 1)
    ({'hour': 24, 'month': 12}, 32.2)
    """
    absent = [k for k in DAILY if k not in daily]
    if {"air_temperature_max", "air_temperature_min"} & set(absent) or (
        absent and fallback is None
    ):
        raise LayoutError(
            f"daily records of {daily.attrs.get('source', 'unknown source')} lack "
            f"{', '.join(absent)}; give a fallback climatology for what is not temperature"
        )
    present = [k for k in DAILY if k in daily]
    monthly = daily[present].groupby("time.month").mean("time")
    _every_month(monthly)
    hourly = {"air_temperature": _day_course(monthly, daily["latitude"])}
    if "vapour_pressure" in monthly:
        hourly["vapour_pressure"] = monthly["vapour_pressure"].expand_dims(hour=_HOURS)
    if "wind" in monthly:
        hourly["wind"] = monthly["wind"].expand_dims(hour=_HOURS) * _WIND_FACTOR
    if "solar" in monthly:
        hourly["solar"] = _sun_course(monthly["solar"], daily["latitude"])
    return _finish(hourly, daily, fallback)


def from_subdaily(records: xr.Dataset) -> xr.Dataset:
    """Make a climatology of hourly or three-hourly records.

    Parameters
    ----------
    records
        Dims (time[, y, x]), time in UTC; `air_temperature`, `vapour_pressure`, `wind` (10 m),
        `solar`, and `latitude`, `longitude` [degree], `elevation` [m].

    Returns
    -------
    xr.Dataset
        Dims (month, hour[, y, x]); hours of local solar time.

    Raises
    ------
    LayoutError
        If a variable or a month is missing.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import xarray as xr
    >>> from geo import climate
    >>> time = pd.date_range("2014-01-01", "2014-12-31 21:00", freq="3h")
    >>> one = ("time", np.ones(time.size))
    >>> records = xr.Dataset(
    ...     {"air_temperature": one, "vapour_pressure": one, "wind": one, "solar": one},
    ...     coords={"time": time},
    ... ).assign(latitude=32.0, longitude=-111.0, elevation=800.0)
    >>> dict(climate.from_subdaily(records).sizes)
    {'hour': 24, 'month': 12}
    """
    absent = [k for k in HOURLY if k not in records and k != "radiant_excess"]
    if absent:
        raise LayoutError(f"sub-daily records lack {', '.join(absent)}; give files that hold them")
    ahead = float(np.asarray(records["longitude"]).mean()) / 15.0
    local = records.assign_coords(time=records["time"] + np.timedelta64(round(ahead * 3600), "s"))
    names = ["air_temperature", "vapour_pressure", "wind", "solar"]
    when = local["time"].dt
    minute = when.hour * 60 + when.minute
    frame = local[names].assign_coords(slot=("time", (when.month * 10_000 + minute).values))
    slots = frame.groupby("slot").mean("time")
    parts = []
    for number in range(1, 13):
        inside = slots.where(slots["slot"] // 10_000 == number, drop=True)
        if inside.sizes["slot"] == 0:
            raise LayoutError(f"sub-daily records have none of month {number}; give all twelve")
        inside = inside.assign_coords(hour=("slot", (inside["slot"] % 10_000).values / 60.0))
        parts.append(_whole_day(inside.swap_dims(slot="hour").drop_vars("slot")))
    joined = xr.concat(parts, dim=xr.Variable("month", np.arange(1, 13)))
    hourly = {str(k): v for k, v in joined.data_vars.items()}
    hourly["wind"] = hourly["wind"] * _WIND_FACTOR
    return _finish(hourly, records, None)


def synthetic() -> xr.Dataset:
    """Return the made-up climatology of the sample studies, dims (month, hour).

    The numbers stand in `data/parameters/climate.yaml` and describe no place and no year.

    Returns
    -------
    xr.Dataset
        Dims (month, hour): air temperature [degC], vapour pressure [kPa], wind [m s-1] and solar
        [W m-2].

    Examples
    --------
    >>> from geo import climate
    >>> dict(climate.synthetic().sizes)
    {'hour': 24, 'month': 12}
    """
    site = _P["synthetic_site"].value
    keys = ("max", "min", "vapour", "wind", "solar")
    values = {
        name: ("month", np.asarray(_P[f"synthetic_{key}"].value, float))
        for name, key in zip(DAILY, keys, strict=True)
    }
    monthly = xr.Dataset(values, coords={"month": np.arange(1, 13)})
    records = xr.Dataset(
        {"latitude": site["latitude"], "elevation": site["elevation_m"]},
        attrs={"source": "synthetic, made up for the sample studies", "synthetic": 1},
    )
    hourly = {
        "air_temperature": _day_course(monthly, records["latitude"]),
        "vapour_pressure": monthly["vapour_pressure"].expand_dims(hour=_HOURS),
        "wind": monthly["wind"].expand_dims(hour=_HOURS) * _WIND_FACTOR,
        "solar": _sun_course(monthly["solar"], records["latitude"]),
    }
    return _finish(hourly, records, None)


def _every_month(monthly: xr.Dataset) -> None:
    absent = sorted(set(range(1, 13)) - set(np.asarray(monthly["month"]).tolist()))
    if absent:
        raise LayoutError(
            f"daily records have none of month {', '.join(map(str, absent))}; give all twelve"
        )


def _whole_day(part: xr.Dataset) -> xr.Dataset:
    """Fill the hours between sub-daily steps, around midnight too."""
    before = part.assign_coords(hour=part["hour"] - 24)
    after = part.assign_coords(hour=part["hour"] + 24)
    ring = xr.concat([before, part, after], dim="hour").sortby("hour")
    return ring.interp(hour=_HOURS)


def _day_course(monthly: xr.Dataset, latitude: xr.DataArray) -> xr.DataArray:
    low, high = monthly["air_temperature_min"], monthly["air_temperature_max"]
    hour = xr.DataArray(_HOURS, dims="hour", coords={"hour": _HOURS})
    day = xr.apply_ufunc(sun.day_length, low["month"], latitude)
    rise, fall = 12.0 - day / 2.0 + _DIURNAL["min_lag"], 12.0 + day / 2.0
    since = hour - rise
    span = day + 2.0 * _DIURNAL["max_lag"]

    def light(elapsed: xr.DataArray) -> Any:
        return low + (high - low) * np.sin(np.pi * elapsed / span)

    night = 24.0 - (fall - rise)
    dark = (hour - fall) % 24.0
    at_sunset = light(fall - rise)
    cooled = low + (at_sunset - low) * np.exp(-_DIURNAL["night"] * dark / night)
    course: xr.DataArray = xr.where((hour >= rise) & (hour <= fall), light(since), cooled)
    return course


def _sun_course(mean: xr.DataArray, latitude: xr.DataArray) -> xr.DataArray:
    hour = xr.DataArray(_HOURS, dims="hour", coords={"hour": _HOURS})
    height = xr.apply_ufunc(sun.sun_height, mean["month"], hour, latitude)
    course: xr.DataArray = mean * height / height.mean("hour")
    return course


def _finish(
    hourly: dict[str, xr.DataArray], records: xr.Dataset, fallback: xr.Dataset | None
) -> xr.Dataset:
    filled = [k for k in HOURLY if k not in hourly and k != "radiant_excess"]
    for name in filled:
        assert fallback is not None  # noqa: S101 checked by the caller; for the type checker
        hourly[name] = fallback[name]
    air, north = hourly["air_temperature"], records["latitude"]
    vapour = xr.apply_ufunc(np.minimum, hourly["vapour_pressure"], saturation_pressure(air))
    height = xr.apply_ufunc(sun.sun_height, air["month"], air["hour"], north)
    radiant = xr.apply_ufunc(
        sun.radiant_temperature, air, vapour, hourly["solar"], height, dask="parallelized"
    )
    data = {**hourly, "vapour_pressure": vapour, "radiant_excess": radiant - air}
    lead = ("month", "hour")
    result = xr.Dataset({k: data[k].transpose(*lead, ...) for k in HOURLY})
    for name, unit in HOURLY.items():
        result[name].attrs = {"units": unit}
    result["elevation"] = records["elevation"].assign_attrs(units="m")
    result.attrs = {
        "source": str(records.attrs.get("source", "unknown")),
        "synthetic": int(records.attrs.get("synthetic", 0)),
        "filled": " ".join(filled),
    }
    if "crs" in records.attrs:
        result.attrs["crs"] = records.attrs["crs"]
    return result
