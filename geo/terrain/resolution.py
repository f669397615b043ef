"""How fine the working grid may be: never finer than the elevation that is laid on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pyproj import Geod, Transformer

from geo.errors import GridError
from geo.parameters import load
from geo.terrain.opening import opened

_ELLIPSOID = Geod(ellps="WGS84")


def cell_side_m(path: Path, lonlat: tuple[float, float]) -> float:
    """Return the narrower side of a raster's cells at a place.

    Parameters
    ----------
    path
        A raster that `opened` knows, of any CRS.
    lonlat
        Longitude and latitude, degrees.

    Returns
    -------
    float
        Metres on the WGS84 ellipsoid: of DTED level 0 in Arizona 787, along a parallel.

    Raises
    ------
    LayoutError, MissingInputError
        If the file cannot be read.
    GridError
        If the raster's CRS does not reach to the place.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> round(terrain.cell_side_m(path, (-110.95, 31.65)))
    500
    """
    with opened(path) as (dataset, _said):
        transform, crs = dataset.transform, dataset.crs
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = there.transform(*lonlat)
    corners = [(x, y), (x + transform.a, y + transform.d), (x + transform.b, y + transform.e)]
    back = [there.transform(*corner, direction="INVERSE") for corner in corners]
    if not np.isfinite(back).all():
        raise GridError(
            f"{path.name}: its CRS does not reach to {lonlat[0]:g}, {lonlat[1]:g}. Give a raster "
            "of the study's area."
        )
    sides = [_ELLIPSOID.inv(*back[0], *corner)[2] for corner in back[1:]]
    return float(min(sides))


def warranted_side_m(asked_m: float, native_m: float) -> float:
    """Return the side of the working grid's cells.

    Parameters
    ----------
    asked_m
        Side that the study asks for, m.
    native_m
        Side of the elevation source's cells, m.

    Returns
    -------
    float
        `asked_m` where the source is as fine, else the source's side rounded up, m.

    Examples
    --------
    >>> warranted_side_m(30, 787), warranted_side_m(30, 3907), warranted_side_m(30, 30.9)
    (800.0, 4000.0, 30.0)
    """
    known = load("terrain")
    if native_m <= asked_m * float(known["grid_tolerance"].value):
        return float(asked_m)
    step = next(step for below, step in known["grid_rounding"].value if native_m <= below)
    return float(math.ceil(native_m / step) * step)


def coarsest_side_m(
    paths: Sequence[Path], bounds_lonlat: tuple[float, float, float, float]
) -> float:
    """Return the widest of the rasters' cells in the middle of an area.

    Parameters
    ----------
    paths
        Rasters that `opened` knows, of any CRS.
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    float
        Metres (`cell_side_m`).

    Raises
    ------
    LayoutError, MissingInputError
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> round(terrain.coarsest_side_m([path], (-111.0, 31.6, -110.9, 31.7)))
    500
    """
    west, south, east, north = bounds_lonlat
    middle = ((west + east) / 2, (south + north) / 2)
    return max(cell_side_m(path, middle) for path in paths)
