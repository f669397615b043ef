"""How large the area of a study is, and how deep crossings of it can be taken to be."""

from __future__ import annotations

from geo import parameters
from geo.grid import make_grid

KM = 1_000.0
"""Definition: metres of a kilometre, in which areas are measured and depths are rounded."""


def crossing_depth_m(bounds_lonlat: tuple[float, float, float, float], crs: str) -> float:
    """Return how deep crossings of an area can be taken to be, wherever its border runs, metres.

    The registered depth where the area has room for it, else the registered share of its smaller
    extent, in whole kilometres.

    Parameters
    ----------
    bounds_lonlat
        West, south, east, north, degrees.
    crs
        Projected CRS in metres.

    Returns
    -------
    float
        Depth, metres.

    Raises
    ------
    GridError
        If the area is empty, or the CRS is not in metres.

    Examples
    --------
    >>> from geo.study import crossing_depth_m
    >>> crossing_depth_m((-111.6, 31.3, -111.0, 31.6), "EPSG:32612")
    11000.0
    """
    known = parameters.load("funnel")
    room_km = float(known["crossing_depth_share"].value) * smaller_extent_km(bounds_lonlat, crs)
    return min(float(known["crossing_depth_m"].value), KM * max(1.0, float(int(room_km))))


def smaller_extent_km(bounds_lonlat: tuple[float, float, float, float], crs: str) -> int:
    """Return the smaller side of an area in a CRS, whole kilometres.

    Parameters
    ----------
    bounds_lonlat
        West, south, east, north, degrees.
    crs
        Projected CRS in metres.

    Returns
    -------
    int
        Kilometres.

    Raises
    ------
    GridError
        If the area is empty, or the CRS is not in metres.

    Examples
    --------
    >>> from geo.study import smaller_extent_km
    >>> smaller_extent_km((-111.6, 31.3, -111.0, 31.6), "EPSG:32612")
    35
    """
    return int(min(make_grid(bounds_lonlat, crs, KM).shape))
