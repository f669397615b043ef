"""Which recorded deaths a study can use, and why not the others."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import ContractError

PLACEHOLDER = "office of a medical examiner, not the place of recovery"
MOVED = "moved before or after death"
NO_LOCATION = "no location"
CONTRADICTED = "two positions that contradict each other"
OUTSIDE_AREA = "outside the area"
NO_DATE = "no date"
OUTSIDE_PERIODS = "outside the periods"
ELSEWHERE = "outside the area or the years of its record system"
CLAIMED = "where an earlier record system of the study answers for the same ground and day"
UNTOLD = "any reason; those of an earlier state are not told apart"
"""The one reason of earlier states: beside today's, each reason would tell of single records."""
WITHHELD = "withheld on request"
USABLE_PLACES = (OUTSIDE_AREA, NO_DATE, OUTSIDE_PERIODS, ELSEWHERE, CLAIMED)
"""Reasons of records whose place is known all the same."""


def fit(
    deaths: gpd.GeoDataFrame,
    bounds_lonlat: tuple[float, float, float, float],
    start: date,
    end: date,
    withheld: frozenset[str] = frozenset(),
) -> gpd.GeoDataFrame:
    """Say for every record whether a study can use it.

    Parameters
    ----------
    deaths
        Contract `deaths`, EPSG:4326.
    bounds_lonlat
        West, south, east, north of the study, degrees.
    start, end
        First day of the first period, first day after the last one.
    withheld
        `death_id` of records withheld on request.

    Returns
    -------
    GeoDataFrame
        The same rows. `exclusion_reason` is the first reason that holds, in the order withheld,
        placeholder, moved, no location, contradicting positions, outside the area, no date,
        outside the periods; None for rows that are used. `place_ok` and `date_ok` follow from it.

    Raises
    ------
    ContractError
        If the frame is not in EPSG:4326.

    Examples
    --------
    >>> from datetime import date
    >>> from geo import examples, sources
    >>> west = (-111.0, 31.6, -110.95, 31.7)
    >>> found = sources.fit(examples.deaths(), west, date(2000, 10, 1), date(2012, 10, 1))
    >>> found["exclusion_reason"].isna().sum() < len(found)
    np.True_
    """
    if deaths.crs is None or deaths.crs.to_epsg() != 4326:
        raise ContractError("deaths must carry EPSG:4326; read them with geo.sources.read")
    west, south, east, north = bounds_lonlat
    x, y = deaths.geometry.x.to_numpy(float), deaths.geometry.y.to_numpy(float)
    with np.errstate(invalid="ignore"):
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    precision = deaths["precision_class"]
    found = deaths["found_on"]
    in_time = (found >= pd.Timestamp(start)) & (found < pd.Timestamp(end))
    reasons = {
        WITHHELD: deaths["death_id"].isin(withheld),
        PLACEHOLDER: precision == "placeholder",
        MOVED: precision == "moved",
        NO_LOCATION: (precision == "none") | ~np.isfinite(x),
        CONTRADICTED: ~deaths["place_ok"],
        OUTSIDE_AREA: ~inside,
        NO_DATE: found.isna(),
        OUTSIDE_PERIODS: ~in_time,
    }
    chosen = np.select([np.asarray(m, bool) for m in reasons.values()], list(reasons), default="")
    fitted = deaths.copy()
    reason = pd.Series(chosen, index=deaths.index).astype(object)
    fitted["exclusion_reason"] = reason.where(reason != "", None).astype("str")
    placed = ~np.isin(chosen, [WITHHELD, PLACEHOLDER, MOVED, NO_LOCATION, CONTRADICTED])
    fitted["place_ok"] = placed & inside
    fitted["date_ok"] = (deaths["date_ok"] & found.notna()).to_numpy(bool)
    return fitted
