"""Mean weather of a walk, from a climatology: hours of one month, or of a summer's days."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo import parameters
from geo.errors import StudyError

_SUMMER = parameters.load("climate")["summer_walk"].value


def walk_mean(climatology: xr.Dataset, month: int, start_hour: int, hours: int = 8) -> xr.Dataset:
    """Mean weather of a walk: some hours from a start hour on, over midnight if need be.

    Parameters
    ----------
    climatology
        Dims (month, hour[, y, x]).
    month
        1 to 12.
    start_hour
        0 to 23, local solar time.
    hours
        Whole hours walked, 1 to 24.

    Returns
    -------
    xr.Dataset
        Means over the hours walked, dims ([y, x]); `attrs["month"]` and the hours.

    Raises
    ------
    StudyError
        If month, hour or length is out of range.

    Examples
    --------
    >>> from geo import climate
    >>> night = climate.walk_mean(climate.synthetic(), 7, 22)
    >>> day = climate.walk_mean(climate.synthetic(), 7, 10)
    >>> bool(night["air_temperature"] < day["air_temperature"])
    True
    """
    if not (1 <= month <= 12 and 0 <= start_hour <= 23 and 1 <= hours <= 24):
        raise StudyError(
            f"a walk of month {month}, start hour {start_hour} and {hours} hours cannot be; give "
            "a month 1-12, a start hour 0-23 and 1-24 hours"
        )
    mean = climatology.sel(month=month).isel(hour=_walked(start_hour, hours))
    return _mean_walk(mean.mean("hour", keep_attrs=True), climatology, [month], start_hour, hours)


def summer_mean(climatology: xr.Dataset) -> xr.Dataset:
    """Mean weather of a summer day's walk, by months and hours of `climate.yaml: summer_walk`.

    Parameters
    ----------
    climatology
        Dims (month, hour[, y, x]).

    Returns
    -------
    xr.Dataset
        As `walk_mean` returns it; every month counts the same.

    Examples
    --------
    >>> from geo import climate
    >>> round(float(climate.summer_mean(climate.synthetic())["air_temperature"]), 1)
    36.5
    """
    months, start = _SUMMER["months"], int(_SUMMER["start_hour"])
    hours = int(_SUMMER["hours"])
    chosen = climatology.sel(month=months).isel(hour=_walked(start, hours))
    mean = chosen.mean(["month", "hour"], keep_attrs=True)
    return _mean_walk(mean, climatology, months, start, hours)


def _walked(start_hour: int, hours: int) -> NDArray[np.intp]:
    return np.asarray((start_hour + np.arange(hours)) % 24, np.intp)


def _mean_walk(
    mean: xr.Dataset, climatology: xr.Dataset, months: list[int], start_hour: int, hours: int
) -> xr.Dataset:
    mean = mean.drop_vars("month", errors="ignore")
    when = {"months": months, "start_hour": start_hour, "hours": hours}
    mean.attrs = {**climatology.attrs, **when}
    return mean
