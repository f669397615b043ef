"""A folder of tiles as one source: which of its rasters an area needs, and which it lacks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from geo.errors import FunnelError
from geo.terrain.elevation_file import describe
from geo.terrain.mosaic import touch
from geo.terrain.survey import Bounds

TILES = (".dt0", ".dt1", ".dt2", ".tif", ".tiff", ".hgt", ".hgt.gz")
"""Endings of rasters in a folder; whatever else lies there is no tile."""
DEGREE_TILES = (".dt0", ".dt1", ".dt2", ".hgt", ".hgt.gz")
"""Of products that have one tile a degree, so that a missing one can be named."""
RIM = 0.05
"""Numerical: degrees by which a tile may fall short of its degree."""


def tiles_in(folder: Path, bounds_lonlat: Bounds) -> list[Path]:
    """List the rasters below a folder that an area touches, by name.

    Parameters
    ----------
    folder
        Searched with the folders below it.
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    list of Path
        A raster that cannot be read is in it, so that the check of inputs names it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> folder = Path(tempfile.mkdtemp())
    >>> files = examples.write_files(folder)
    >>> [p.name for p in terrain.tiles_in(folder, (-111.0, 31.6, -110.9, 31.7))]
    ['elevation.tif', 'landcover.tif']
    """
    rasters = sorted(p for p in folder.rglob("*") if p.name.lower().endswith(TILES) and p.is_file())
    return touching(rasters, bounds_lonlat)


def touching(paths: Sequence[Path], bounds_lonlat: Bounds) -> list[Path]:
    """Return those of some rasters that an area touches, and those that cannot be read.

    Parameters
    ----------
    paths
        Rasters of any CRS.
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    list of Path
        In the order given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> terrain.touching([path], (10.0, 50.0, 11.0, 51.0))
    []
    """
    return [path for path in paths if _needed(path, bounds_lonlat)]


def absent_degrees(paths: Sequence[Path], bounds_lonlat: Bounds) -> list[str]:
    """Name the degrees of an area for which a folder of tiles has none.

    Parameters
    ----------
    paths
        Rasters.
    bounds_lonlat
        West, south, east, north, degrees.

    Returns
    -------
    list of str
        Such as "w112 n31"; empty where the rasters are not tiles of one degree.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> terrain.absent_degrees([path], (-112.0, 31.0, -110.0, 32.0))
    []
    """
    if not paths or not all(p.name.lower().endswith(DEGREE_TILES) for p in paths):
        return []
    boxes = [describe(path).bounds_lonlat for path in paths]
    west, south, east, north = bounds_lonlat
    degrees = [
        (lon, lat)
        for lat in range(math.floor(south), math.ceil(north))
        for lon in range(math.floor(west), math.ceil(east))
    ]
    return [_name(lon, lat) for lon, lat in degrees if not any(_holds(b, lon, lat) for b in boxes)]


def _needed(path: Path, bounds_lonlat: Bounds) -> bool:
    try:
        return touch(describe(path).bounds_lonlat, bounds_lonlat)
    except FunnelError:
        return True


def _holds(box: Bounds, lon: int, lat: int) -> bool:
    inside = box[0] <= lon + RIM and box[1] <= lat + RIM
    return inside and box[2] >= lon + 1 - RIM and box[3] >= lat + 1 - RIM


def _name(lon: int, lat: int) -> str:
    east = f"{'e' if lon >= 0 else 'w'}{abs(lon):03d}"
    return f"{east} {'n' if lat >= 0 else 's'}{abs(lat):02d}"
