"""Text cells to numbers, dates and points; what cannot be read goes to the validator of rows."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely.geometry import Point

from geo.sources.dates import DAY_MONTH_YEAR, PARTED, YEAR_FIRST, Order, decide, one
from geo.sources.reading import WHOLE_FILE, RowValidator

Bounds = tuple[float, float, float, float]

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
WORDS = re.compile(r"[A-Z][a-z]+ \d{1,2}, \d{4}")
WKT = re.compile(r"POINT\s*Z?M?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)[\s\d.-]*\)", re.IGNORECASE)
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
PAIR = re.compile(r"\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*")

SWAPPED = "latitude and longitude look swapped"
SIGN = "the sign of the longitude looks lost"
DECIMAL = "the decimal point of a coordinate looks lost"
OUT_OF_RANGE = "no such place on earth"
NO_NUMBER = "not a number"
MIXED = "date in another format than the rest of the file"
NO_DATE = "not a date"
TOO_MANY = "more persons than one record can have"
MOST_PERSONS = 100_000
"""Guard: beyond any recorded event; what is larger is a slip of columns or damage (assumed)."""
FUTURE = "dated after the study's as_of"

MOST_DIGITS = 10
"""Guard: digits of a coordinate behind which a lost decimal point is looked for."""
NEAR_DEG = 3.0
"""Guard: points of a file this near to its middle are never strange [degree]."""
FAR = 8.0
"""Guard: nor are those within so many median absolute deviations."""

REMEDIES = {
    SWAPPED: "Exchange the two columns, or map latitude and longitude the other way round",
    SIGN: "West of Greenwich is negative: give longitudes such as -111.5",
    DECIMAL: "Give decimal degrees, such as 31.5 and -111.5",
    OUT_OF_RANGE: "Give degrees, latitude -90..90 and longitude -180..180 (EPSG:4326)",
    NO_NUMBER: "Give plain decimal numbers, or map the right column",
    MIXED: "Write every date as YYYY-MM-DD",
    NO_DATE: "Write dates as YYYY-MM-DD, or map the right column",
    FUTURE: "Set as_of to the day on which the file stood, or correct the dates",
}


def numbers(cells: pd.Series, column: str, validator: RowValidator) -> NDArray[np.float64]:
    """Return numbers, NaN for blanks; other text is set aside."""
    text = cells.astype(str).str.strip().str.replace(THOUSANDS, "", regex=True)
    text = text.str.replace("\u2212", "-", regex=False).str.rstrip("\u00b0")  # as typeset
    values = pd.to_numeric(text.where(text != ""), errors="coerce").to_numpy(float)
    validator.drop((text != "") & ~np.isfinite(values), column, NO_NUMBER)
    return np.where(np.isfinite(values), values, np.nan)


def persons(cells: pd.Series, column: str, validator: RowValidator) -> NDArray[np.float64]:
    """Return numbers of persons, NaN for blanks; numbers that no record can have are set aside."""
    values = numbers(cells, column, validator)
    wild = np.abs(values) > MOST_PERSONS
    validator.drop(wild, column, TOO_MANY)
    return np.where(wild, np.nan, values)


def dates(
    cells: pd.Series,
    column: str,
    validator: RowValidator,
    as_of: date | None = None,
    *,
    where: str = "",
    given: Order | None = None,
    usual: Order | None = "month",
) -> pd.Series:
    """Return days, NaT for blanks.

    A file writes its dates in one way: ISO, numbers such as 03/04/2015, or "January 05, 2020". ISO
    is read wherever it stands, because it cannot be misread; numbers only where most of the file is
    written so, and in the one order that `geo.sources.dates.decide` finds for the column: `given`
    by the study, proved by a row, or `usual` for the publisher of a known layout.

    Raises
    ------
    InputProblems
        If day and month cannot be told apart.
    """
    text = cells.astype(str).str.strip()
    filled = text != ""
    iso = text.str.fullmatch(ISO) | text.str.fullmatch(YEAR_FIRST)
    slash = text.str.fullmatch(PARTED)
    mixed = slash & (int(iso.sum()) >= int(slash.sum()))
    days = pd.Series(np.datetime64("NaT", "us"), index=text.index)
    words = text.str.fullmatch(WORDS) | text.str.fullmatch(DAY_MONTH_YEAR)
    numbered = slash & ~mixed
    order, said = decide(text[numbered], where, column, given, usual)
    validator.said += said
    known = iso | numbered | words
    found = [one(t, order) for t in text[known]]
    first = [np.datetime64("NaT" if f is None else f[0], "us") for f in found]
    days[known] = pd.Series(np.array(first, "datetime64[us]"), index=days.index[known])
    shown = text.str.split(r"[T ]", n=1, regex=True).str[0].where(iso | slash)
    validator.drop(mixed, column, MIXED, shown)
    validator.drop(filled & ~mixed & days.isna(), column, NO_DATE, shown)
    if as_of is not None:
        validator.drop(days > pd.Timestamp(as_of), column, FUTURE, shown)
    return days


def split_point(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return longitude and latitude text of WKT `POINT (lon lat)` or `lat, lon` cells."""
    text = cells.astype(str).str.strip()
    wkt = text.str.extract(WKT)
    pair = text.str.extract(PAIR)
    longitude = wkt[0].fillna(pair[1])
    latitude = wkt[1].fillna(pair[0])
    lost = (text != "") & longitude.isna()
    return longitude.fillna("").mask(lost, "?"), latitude.fillna("").mask(lost, "?")


def points(
    longitude: pd.Series,
    latitude: pd.Series,
    validator: RowValidator,
    columns: tuple[str, str] = ("longitude", "latitude"),
    plausible: Bounds | None = None,
) -> gpd.GeoSeries:
    """Return points in EPSG:4326, None for blanks; impossible ones are set aside.

    Parameters
    ----------
    longitude, latitude
        Text cells, degrees.
    validator
        Receives rows whose coordinates are no place on earth, look swapped, or lost their sign or
        decimal point.
    columns
        Names for the quarantine.
    plausible
        West, south, east, north. Where most points are outside and would be inside with their
        coordinates exchanged, or with the sign of the longitude turned, they are set aside, and
        with them the file. A single row is set aside for the same reason by where most rows of
        its own file lie; others are left to `geo.sources.fit`.
    """
    lon = numbers(longitude, columns[0], validator)
    lat = numbers(latitude, columns[1], validator)
    known = np.isfinite(lon) & np.isfinite(lat)
    reachable = known & (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    swapped = known & (np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    sign = np.zeros_like(known)
    # rows are judged by where their own file lies, so that no study's area decides which rows of a
    # file are counted; the area is asked only whether the file as a whole is mirrored
    usual = _where_most_lie(lon, lat, reachable)
    for area, whole in ((usual, False), (plausible, True)):
        if area is None:
            continue
        outside = known & ~_inside(lon, lat, area)
        turned = outside & _inside(lat, lon, area)
        lost = outside & ~turned & _inside(-lon, lat, area)
        if not whole or (turned | lost).sum() > WHOLE_FILE * len(known):
            swapped |= turned
            sign |= lost & ~swapped
    shown = [f"{a:.4f} {b:.4f}" for a, b in zip(lon, lat, strict=True)]
    validator.drop(swapped, columns[1], SWAPPED, shown)
    validator.drop(sign, columns[0], SIGN, shown)
    nowhere = known & ~reachable & ~swapped
    undotted = nowhere & _undotted(lon, lat, usual)
    validator.drop(undotted, columns[1], DECIMAL, shown)
    validator.drop(nowhere & ~undotted, columns[1], OUT_OF_RANGE, shown)
    shapes: list[Any] = [
        Point(a, b) if ok else None for a, b, ok in zip(lon, lat, reachable, strict=True)
    ]
    return gpd.GeoSeries(shapes, index=longitude.index, crs="EPSG:4326")


def _undotted(
    lon: NDArray[np.float64], lat: NDArray[np.float64], area: Bounds | None
) -> NDArray[np.bool_]:
    """Return where a decimal point put back brings a point to where most of its file lies."""
    hit = np.zeros(len(lon), bool)
    if area is None:
        return hit
    for across in range(MOST_DIGITS):
        for up in range(MOST_DIGITS):
            x, y = lon / 10.0**across, lat / 10.0**up
            hit |= _inside(x, y, area) | _inside(-x, y, area)
    return hit


def _where_most_lie(
    lon: NDArray[np.float64], lat: NDArray[np.float64], known: NDArray[np.bool_]
) -> Bounds | None:
    """Return a generous box about the middle of a file's points, None for a file without any."""
    if not known.any():
        return None
    sides = []
    for values in (lon[known], lat[known]):
        middle = float(np.median(values))
        reach = max(NEAR_DEG, FAR * float(np.median(np.abs(values - middle))))
        sides.append((middle - reach, middle + reach))
    (west, east), (south, north) = sides
    return west, south, east, north


def _inside(
    lon: NDArray[np.float64], lat: NDArray[np.float64], bounds: Bounds
) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
