"""How far a working CRS stretches the ground: scale over an area, and lengths on the ellipsoid."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Geod, Proj, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info, query_utm_crs_info
from pyproj.enums import PJType
from pyproj.exceptions import CRSError, ProjError

from geo import parameters
from geo.errors import GridError
from geo.grid import coarse_grid

Bounds = tuple[float, float, float, float]
EPSG = re.compile(r"EPSG:\d{4,6}")
POINTS = 21
"""Numerical: points along each side of the area at which the scale is asked."""
WIDER = 0.05
"""Numerical: public cells too small on ground are made larger by this share of the floor."""
GEOD = Geod(ellps="WGS84")


def scale_limit() -> float:
    """Return the registered limit: how far a working CRS may stretch or shrink the ground."""
    return float(parameters.load("working_crs")["working_crs_scale"].value)


@lru_cache(maxsize=64)
def scale_error(crs: str, bounds_lonlat: Bounds) -> float:
    """Return the largest departure of a CRS's scale from 1 over an area, in any direction.

    Parameters
    ----------
    crs
        A projected CRS.
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    float
        max(|k - 1|) over a grid of 21 x 21 points, where k are both semi-axes of Tissot's
        indicatrix (Snyder 1987, USGS Professional Paper 1395, chapter 4); infinite where the
        projection is not defined.
    """
    west, south, east, north = bounds_lonlat
    lon, lat = np.meshgrid(np.linspace(west, east, POINTS), np.linspace(south, north, POINTS))
    try:
        found = Proj(CRS.from_user_input(crs)).get_factors(lon, lat)
    except (CRSError, ProjError):
        return float("inf")
    axes = np.stack([found.tissot_semimajor, found.tissot_semiminor])
    return float(np.abs(axes - 1).max()) if np.isfinite(axes).all() else float("inf")


def require_working_crs(crs: str, bounds_lonlat: Bounds) -> None:
    """Raise GridError unless a CRS is an EPSG code that keeps the ground's lengths over an area.

    Raises
    ------
    GridError
        With a CRS that would do, where there is one.
    """
    if not EPSG.fullmatch(crs):
        raise GridError(
            f"{crs} is no EPSG code, and floors are measured on ground; name a code such as "
            f"{fitting_crs(bounds_lonlat) or 'EPSG:32612'}"
        )
    error = scale_error(crs, bounds_lonlat)
    if error <= scale_limit():
        return
    better = fitting_crs(bounds_lonlat)
    remedy = (
        f"use {better}"
        if better
        else "no EPSG code does better over so wide an area; give a smaller one, or several studies"
    )
    raise GridError(
        f"{crs} stretches or shrinks the ground by up to {100 * error:.2g} % over the area, and "
        f"{100 * scale_limit():g} % is the limit; {remedy}"
    )


@lru_cache(maxsize=64)
def fitting_crs(bounds_lonlat: Bounds) -> str | None:
    """Return the EPSG code to use over an area: its UTM zone, else the least stretching one.

    Returns
    -------
    str or None
        None where no CRS in metres stays within the limit over the whole area.
    """
    west, south, east, north = bounds_lonlat
    x, y = (west + east) / 2, (south + north) / 2
    middle = AreaOfInterest(x, y, x, y)
    zones = sorted(int(z.code) for z in query_utm_crs_info("WGS 84", middle))
    for zone in zones:
        if scale_error(f"EPSG:{zone}", bounds_lonlat) <= scale_limit():
            return f"EPSG:{zone}"
    known = query_crs_info(
        auth_name="EPSG", pj_types=PJType.PROJECTED_CRS, area_of_interest=middle, contains=True
    )
    codes = sorted(f"EPSG:{c.code}" for c in known if not c.deprecated)
    errors = {code: scale_error(code, bounds_lonlat) for code in codes if _metres(code)}
    best = min(errors, key=lambda c: (errors[c], c), default=None)
    return best if best is not None and errors[best] <= scale_limit() else None


def ground_side(grid: GeoBox) -> float:
    """Return the shortest side of a grid's cells on the ellipsoid, metres.

    Sides along x and y are measured as geodesics (WGS84) at the corners, the middles of the
    edges and the centre of the grid, whatever its CRS says they are.
    """
    rows, cols = grid.shape
    at = [(i, j) for i in (0, rows // 2, rows - 1) for j in (0, cols // 2, cols - 1)]
    corners = np.array(
        [[grid.transform * (j + b, i + a) for a, b in ((0, 0), (0, 1), (1, 0))] for i, j in at]
    )
    to_lonlat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    lon, lat = to_lonlat.transform(corners[..., 0], corners[..., 1])
    return float(min(_length(lon, lat, 1).min(), _length(lon, lat, 2).min()))


def below(grid: GeoBox, floor_m: float) -> bool:
    """Say whether cells are smaller on ground than a floor, but for what a working CRS may err."""
    return ground_side(grid) < floor_m * (1 - scale_limit())


def public_side(grid: GeoBox, floor_m: float) -> float:
    """Return the side of cells on which a study's rasters may be published.

    Parameters
    ----------
    grid
        Of the study; its cells are never published finer than they are.
    floor_m
        What no cell may be smaller than on ground, metres.

    Returns
    -------
    float
        The floor or the side of the grid's own cells, whichever is larger; where the working CRS
        shrinks ground beyond its limit, as at the corners of a wide area, more.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.grid import grid_of
    >>> public_side(grid_of(examples.elevation()), 1_000.0)
    1000.0
    """
    side = max(floor_m, float(grid.resolution.x))
    while below(coarse_grid(grid, side), floor_m):
        side += floor_m * WIDER
    return side


def _length(lon: NDArray[np.float64], lat: NDArray[np.float64], end: int) -> NDArray[np.float64]:
    *_, metres = GEOD.inv(lon[:, 0], lat[:, 0], lon[:, end], lat[:, end])
    return np.asarray(metres, float)


def _metres(code: str) -> bool:
    try:
        return all(a.unit_name == "metre" for a in CRS.from_user_input(code).axis_info[:2])
    except CRSError:
        return False
