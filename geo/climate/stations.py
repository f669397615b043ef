"""Daily weather of one place: readers of station and single-pixel files.

Each takes a path or an open text file and returns a Dataset with dim `time`, the variables of
`geo.climate.climatology.DAILY` that the layout has, `latitude`, `longitude` and `elevation`. What a
file does not hold (an airport list has no humidity) is left out, and `from_daily` says so.
"""

from __future__ import annotations

import re
from os import PathLike
from typing import IO, Any

import numpy as np
import pandas as pd
import xarray as xr

from geo.climate.climatology import DAILY
from geo.climate.moisture import saturation_pressure
from geo.errors import LayoutError

TextSource = str | PathLike[str] | IO[str]
_AMERIFLUX_COLUMNS = 33
"""Definition: columns of the VIC sample layout."""
_AMERIFLUX_MISSING = -9999.0
"""Definition: what that layout writes where a value is missing."""
_FAHRENHEIT_COLUMNS = ("date", "actual_min_temp", "actual_max_temp")
_NUMBER = r"(-?\d+(?:\.\d*)?)(?![\d.])"
_DAYMET_ROW = re.compile(
    rf"Latitude:\s*{_NUMBER}\s+Longitude:\s*{_NUMBER}.*?Elev(?:ation)?:\s*{_NUMBER}",
    re.IGNORECASE | re.DOTALL,
)


def read_ameriflux(
    source: TextSource, *, latitude: float, longitude: float, elevation_m: float
) -> xr.Dataset:
    """Read a daily flux-tower file in the VIC sample layout.

    Parameters
    ----------
    source
        33 columns without header, separated by blanks: 1-3 date, 5-7 highest, lowest and mean air
        temperature [degC], 8 global radiation [W m-2], 10 relative humidity [%], 12 wind [m s-1];
        -9999 is missing.
    latitude, longitude, elevation_m
        Of the tower, which the file does not state.

    Returns
    -------
    xr.Dataset
        Dim `time`: highest and lowest air temperature [degC], vapour pressure [kPa], wind [m s-1],
        solar [W m-2]; `latitude`, `longitude`, `elevation`.

    Raises
    ------
    LayoutError
        If a row has another number of columns or a value is no number.

    Examples
    --------
    >>> import io
    >>> from geo import climate
    >>> row = ["2004", "7", "1", "0", "38", "24", "31", "300", "0", "30", "0", "2", *["0"] * 21]
    >>> place = {"latitude": 32.0, "longitude": -111.0, "elevation_m": 800.0}
    >>> found = climate.read_ameriflux(io.StringIO(" ".join(row)), **place)
    >>> found["air_temperature_max"].item()
    38.0
    """
    try:
        table = pd.read_csv(source, sep=r"\s+", header=None, dtype=str)
        numbers = table.astype(float).where(lambda t: t != _AMERIFLUX_MISSING)
    except (ValueError, pd.errors.ParserError) as error:
        raise LayoutError(
            f"{_name(source)}: not a daily flux-tower table ({error}); give the publisher's file"
        ) from error
    if numbers.shape[1] != _AMERIFLUX_COLUMNS:
        raise LayoutError(
            f"{_name(source)}: {numbers.shape[1]} columns, a daily flux-tower table has "
            f"{_AMERIFLUX_COLUMNS}; give the publisher's file"
        )
    when = pd.to_datetime(
        {"year": numbers[0], "month": numbers[1], "day": numbers[2]}, errors="coerce"
    )
    saturated = saturation_pressure(numbers[6])
    values = {
        "air_temperature_max": numbers[4],
        "air_temperature_min": numbers[5],
        "vapour_pressure": saturated * numbers[9] / 100.0,
        "wind": numbers[11],
        "solar": numbers[7],
    }
    return _place(values, when, _name(source), latitude, longitude, elevation_m)


def read_fahrenheit_days(
    source: TextSource, *, latitude: float, longitude: float, elevation_m: float
) -> xr.Dataset:
    r"""Read a daily airport list in degrees Fahrenheit (FiveThirtyEight, Weather Underground).

    Parameters
    ----------
    source
        CSV with `date` (not zero-padded), `actual_min_temp`, `actual_max_temp` [degF].
    latitude, longitude, elevation_m
        Of the station, which the file does not state.

    Returns
    -------
    xr.Dataset
        Dim `time`: highest and lowest air temperature [degC]; `latitude`, `longitude`, `elevation`.

    Raises
    ------
    LayoutError
        If a column is missing or a date is none.

    Examples
    --------
    >>> import io
    >>> from geo import climate
    >>> file = io.StringIO("date,actual_min_temp,actual_max_temp\n2014-7-1,77,104\n")
    >>> place = {"latitude": 32.0, "longitude": -111.0, "elevation_m": 800.0}
    >>> climate.read_fahrenheit_days(file, **place)["air_temperature_max"].values
    array([40.])
    """
    try:
        table = pd.read_csv(source)
    except (ValueError, pd.errors.ParserError) as error:
        raise LayoutError(
            f"{_name(source)}: not a table ({type(error).__name__}); a row may have more cells "
            "than the header. Fetch it again"
        ) from error
    absent = [c for c in _FAHRENHEIT_COLUMNS if c not in table]
    if absent:
        raise LayoutError(f"{_name(source)}: column {', '.join(absent)} is missing; add it")
    when = pd.to_datetime(table["date"], format="%Y-%m-%d", errors="coerce")
    high, low = (_numbers(table[c], source) for c in ("actual_max_temp", "actual_min_temp"))
    values = {
        "air_temperature_max": (high - 32.0) / 1.8,
        "air_temperature_min": (low - 32.0) / 1.8,
    }
    return _place(values, when, _name(source), latitude, longitude, elevation_m)


def read_daymet_pixel(source: TextSource) -> xr.Dataset:
    """Read a Daymet single-pixel CSV with its preamble.

    Parameters
    ----------
    source
        Preamble with latitude, longitude and elevation, then columns `year`, `yday`, `tmax (deg
        c)`, `tmin (deg c)`, and where asked for `vp (Pa)`, `srad (W/m^2)` and `dayl (s)`. Daymet
        years have 365 days; 31 December of leap years is missing.

    Returns
    -------
    xr.Dataset
        Dim `time`: highest and lowest air temperature [degC], and vapour pressure [kPa] and solar
        [W m-2] where the file has them; `latitude`, `longitude`, `elevation`.

    Raises
    ------
    LayoutError
        If the preamble or a temperature column is missing.

    Examples
    --------
    >>> import io
    >>> from geo import climate
    >>> text = '''Latitude: 32.0  Longitude: -111.0
    ... Elevation: 800 meters
    ... year,yday,tmax (deg c),tmin (deg c)
    ... 2004,183,38.0,24.0
    ... '''
    >>> climate.read_daymet_pixel(io.StringIO(text))["air_temperature_max"].values
    array([38.])
    """
    text = source.read() if hasattr(source, "read") else _text(source)
    place = _DAYMET_ROW.search(text)
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.lower().startswith("year,yday")), None)
    if place is None or start is None:
        raise LayoutError(
            f"{_name(source)}: no Daymet preamble (Latitude, Longitude, Elev) or header; "
            "fetch it again"
        )
    rows = [line.split(",") for line in lines[start:] if line.strip()]
    ragged = [n for n, row in enumerate(rows) if len(row) != len(rows[0])]
    if ragged:
        raise LayoutError(
            f"{_name(source)}, row {ragged[0]}: {len(rows[ragged[0]])} cells, but the header has "
            f"{len(rows[0])}; a download may have been cut off. Fetch it again"
        )
    table = pd.DataFrame(rows[1:], columns=[c.split(" (")[0].strip() for c in rows[0]])
    absent = [c for c in ("year", "yday", "tmax", "tmin") if c not in table]
    if absent:
        raise LayoutError(f"{_name(source)}: column {', '.join(absent)} is missing; add it")
    if len(rows) < 2 or table.columns.duplicated().any():
        raise LayoutError(
            f"{_name(source)}: no day, or two columns of one name, under the header; fetch it again"
        )
    numbers = table.apply(pd.to_numeric, errors="coerce")
    known = numbers["year"].between(1950, 2100) & numbers["yday"].between(1, 366)
    days = numbers[["year", "yday"]].where(known, 0).astype(int)
    when = pd.to_datetime(
        days["year"].astype(str) + days["yday"].map("{:03d}".format),
        format="%Y%j",
        errors="coerce",
    )
    values = {"air_temperature_max": numbers["tmax"], "air_temperature_min": numbers["tmin"]}
    if "vp" in numbers:
        values["vapour_pressure"] = numbers["vp"] / 1000.0
    if {"srad", "dayl"} <= set(numbers):
        values["solar"] = daylight_to_day(numbers["srad"], numbers["dayl"])
    latitude, longitude, elevation = (float(v) for v in place.groups())
    return _place(values, when, _name(source), latitude, longitude, elevation)


def daylight_to_day(radiation_w_m2: Any, daylight_s: Any) -> Any:
    """Mean over 24 hours of radiation that Daymet gives as mean over daylight."""
    return radiation_w_m2 * daylight_s / 86_400.0


def _place(
    values: dict[str, pd.Series[Any]],
    when: pd.Series[Any],
    source: str,
    latitude: float,
    longitude: float,
    elevation_m: float,
) -> xr.Dataset:
    if not len(when):
        raise LayoutError(f"{source}: the table holds no day; fetch it again")
    if when.isna().any():
        row = int(np.flatnonzero(when.isna())[0]) + 1
        raise LayoutError(f"{source}, row {row}: the date is none; correct it")
    data = xr.Dataset(
        {k: ("time", np.asarray(v, float), {"units": DAILY[k]}) for k, v in values.items()},
        coords={"time": when.to_numpy().astype("datetime64[ns]")},
        attrs={"source": source},
    )
    data["latitude"], data["longitude"] = latitude, longitude
    data["elevation"] = float(elevation_m)
    return data


def _numbers(cells: pd.Series[Any], source: Any) -> pd.Series[Any]:
    """Return numbers, NaN for blanks; refuse other text by its row."""
    values = pd.to_numeric(cells, errors="coerce")
    bad = np.flatnonzero(values.isna() & cells.notna())
    if bad.size:
        raise LayoutError(
            f"{_name(source)}, row {bad[0] + 1}, {cells.name}: not a number; correct it, or leave "
            "the cell empty"
        )
    return values.astype(float)


def _text(source: Any) -> str:
    with open(source, encoding="utf-8") as handle:  # noqa: PTH123 a str or a Path alike
        return handle.read()


def _name(source: Any) -> str:
    """File name without its folder, which is nobody's business in an error or a table."""
    name = getattr(source, "name", source)
    return re.split(r"[\\/]", str(name))[-1] if isinstance(name, (str, PathLike)) else "weather"
