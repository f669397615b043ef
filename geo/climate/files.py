"""The climatology of whatever weather file a study names: the layout is told by its content."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from geo import sizes
from geo.climate.climatology import from_daily, from_subdaily, synthetic
from geo.climate.stations import read_ameriflux, read_daymet_pixel, read_fahrenheit_days
from geo.climate.sub_daily import read_vic_forcings
from geo.errors import LayoutError
from geo.guard import guarded

NETCDF = (b"CDF", b"\x89HDF")
LAYOUTS = (
    "a Daymet single-pixel CSV, sub-daily VIC forcings in netCDF, a daily flux-tower table of 33 "
    "columns, or a daily airport list in degrees Fahrenheit"
)


@dataclass(frozen=True)
class Place:
    """Where a record was measured, for layouts that do not state it: degrees and metres."""

    longitude: float
    latitude: float
    elevation_m: float


def read(path: Path, place: Place | None = None) -> xr.Dataset:
    r"""Make a climatology at one place of a weather file.

    Parameters
    ----------
    path
        A Daymet single-pixel CSV, VIC forcings, a daily flux-tower table or a daily airport list.
    place
        Of the record; needed for all but Daymet, which states it. Gridded records are averaged
        over their cells, and its elevation is that of their mean.

    Returns
    -------
    xr.Dataset
        Dims (month, hour). What the file lacks is taken from the made-up climatology, and
        `attrs["filled"]` names it.

    Raises
    ------
    LayoutError
        If the file has no known layout, or the place is needed and not given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import climate
    >>> from geo.climate import Place
    >>> path = Path(tempfile.mkdtemp()) / "airport.csv"
    >>> rows = "".join(f"2014-{month}-1,60,90\n" for month in range(1, 13))
    >>> written = path.write_text("date,actual_min_temp,actual_max_temp\n" + rows)
    >>> climate.read(path, Place(-111.0, 32.0, 800.0)).attrs["filled"]
    'vapour_pressure wind solar'
    """
    with guarded(path.name, "weather file"):
        return _read(path, place)


def _read(path: Path, place: Place | None) -> xr.Dataset:
    with path.open("rb") as file:
        head = file.read(4_096)
    if head.startswith(NETCDF):
        forcings = read_vic_forcings(path, _needed(place, path).elevation_m)
        return from_subdaily(_averaged(forcings))
    with path.open("rb") as file:
        sizes.judge_table(file, path.name, b" ")
    first = head.decode("utf-8", "replace").lstrip().splitlines()[:1]
    line = first[0].strip() if first else ""
    if re.search(r"latitude:", head.decode("utf-8", "replace"), re.IGNORECASE):
        daily = read_daymet_pixel(path)
    elif line.lower().startswith("date,") and "actual_max_temp" in line.lower():
        daily = read_fahrenheit_days(path, **_at(_needed(place, path)))
    elif len(line.split()) > 1 and _numbers(line):
        daily = read_ameriflux(path, **_at(_needed(place, path)))
    else:
        raise LayoutError(f"{path.name}: no known layout of weather; give {LAYOUTS}")
    return from_daily(daily, fallback=synthetic())


def _needed(place: Place | None, path: Path) -> Place:
    if place is None:
        raise LayoutError(
            f"{path.name}: the file does not state where it was measured; add place = [longitude, "
            "latitude, elevation in metres] to its source in the study"
        )
    return place


def _at(place: Place) -> dict[str, float]:
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "elevation_m": place.elevation_m,
    }


def _averaged(records: xr.Dataset) -> xr.Dataset:
    """Return the mean over the cells of gridded records; they are a few cells around a place."""
    mean = records.mean(("y", "x"), keep_attrs=True)
    mean.attrs = {k: v for k, v in records.attrs.items() if k != "crs"}
    return mean


def _numbers(line: str) -> bool:
    try:
        np.array(line.split(), float)
    except ValueError:
        return False
    return True
