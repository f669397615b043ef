"""What one raster of elevation says of itself: kind, cell side, vertical datum, voids."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from geo.errors import LayoutError
from geo.terrain.heights import METRES, Heights
from geo.terrain.opening import opened
from geo.terrain.survey import PLAUSIBLE_M, Bounds, lonlat_bounds

METRES_PER_DEGREE = 111_320.0
"""Definition: length of a degree of latitude on a sphere of the earth's radius at the equator."""
ONE_VOID = -1e6
"""Numerical: stands for every void of a raster that has several; no height reaches it."""
SURFACES = (Resampling.average, Resampling.bilinear)


@dataclass(frozen=True)
class Elevation:
    """What a source of elevation says of itself: kind, cell side in metres, vertical datum."""

    kind: str
    resolution_m: float
    datum: str
    bounds_lonlat: tuple[float, float, float, float]


def describe(path: Path) -> Elevation:
    """Describe one raster without reading its cells.

    Parameters
    ----------
    path
        A raster of elevation.

    Returns
    -------
    Elevation
        Kind, cell side [m], vertical datum.

    Raises
    ------
    LayoutError, MissingInputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> terrain.describe(path).resolution_m
    500.0
    """
    with opened(path) as (dataset, said):
        bounds = lonlat_bounds(dataset)
        if not all(math.isfinite(edge) for edge in bounds):
            raise LayoutError(
                f"{path.name}: its corners lie nowhere on the Earth. Correct the raster's CRS or "
                "its geotransform."
            )
        transform = dataset.transform
        step_x = math.hypot(transform.a, transform.d)
        step_y = math.hypot(transform.b, transform.e)
        crs = CRS.from_user_input(dataset.crs)
        if crs.is_geographic:
            middle = math.radians((bounds[1] + bounds[3]) / 2)
            step_x *= METRES_PER_DEGREE * math.cos(middle)
            step_y *= METRES_PER_DEGREE
        else:  # a state plane counts in feet
            step_x *= crs.axis_info[0].unit_conversion_factor
            step_y *= crs.axis_info[1].unit_conversion_factor
        return Elevation(said.kind, float(math.sqrt(step_x * step_y)), said.datum, bounds)


def native_resolution_m(path: Path) -> float:
    """Return the cell side of a raster in metres (geometric mean of width and height).

    Parameters
    ----------
    path
        A raster of any CRS.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    LayoutError, MissingInputError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> round(terrain.native_resolution_m(path))
    500
    """
    return describe(path).resolution_m


@dataclass(frozen=True)
class Tile:
    """A raster with its bounds, so that a block opens only those that it touches.

    Attributes
    ----------
    path, bounds
        The file; west, south, east, north, degrees.
    heights
        How its numbers become metres.
    void
        A value that the file does not mark as void and that is one; None where there is none.
    floor_m
        What lies lower is void, m.
    mixed
        Whether it holds voids of several values, so that all are masked before resampling.
    """

    path: Path
    bounds: Bounds
    heights: Heights = METRES
    void: float | None = None
    floor_m: float = PLAUSIBLE_M[0]
    mixed: bool = False


@contextmanager
def masked(tile: Tile) -> Iterator[tuple[Any, float | None]]:
    """Open a raster so that its voids have one value, and return it with that value.

    Voids of several values would mix into the land beside them where cells are resampled. They
    are mapped to one by a table that GDAL reads through, window by window.
    """
    with opened(tile.path) as (dataset, _said):
        if not tile.mixed:
            yield dataset, dataset.nodata if tile.void is None else tile.void
            return
        ends = [(edge - tile.heights.offset) / tile.heights.scale
                for edge in (tile.floor_m, PLAUSIBLE_M[1])]  # fmt: skip
        text = _with_one_void(dataset, *sorted(ends))
        with MemoryFile(text, ext=".vrt") as memory, memory.open() as mapped:
            yield mapped, ONE_VOID


def _with_one_void(dataset: Any, low: float, high: float) -> bytes:
    a, b, c, d, e, f = dataset.transform[:6]
    void, step = ONE_VOID, (high - low) * 1e-9
    table = f"{low - step!r}:{void},{low!r}:{low!r},{high!r}:{high!r},{high + step!r}:{void}"
    marked = "" if dataset.nodata is None else f"<NODATA>{dataset.nodata!r}</NODATA>"
    high_, wide = dataset.shape
    return (
        f'<VRTDataset rasterXSize="{wide}" rasterYSize="{high_}">'
        f"<SRS>{escape(dataset.crs.to_wkt())}</SRS>"
        f"<GeoTransform>{c!r},{a!r},{b!r},{f!r},{d!r},{e!r}</GeoTransform>"
        f'<VRTRasterBand dataType="Float64" band="1"><NoDataValue>{void}</NoDataValue>'
        f'<ComplexSource><SourceFilename relativeToVRT="0">{escape(_named(dataset))}'
        f"</SourceFilename><SourceBand>1</SourceBand>{marked}<LUT>{table}</LUT></ComplexSource>"
        "</VRTRasterBand></VRTDataset>"
    ).encode()


def _named(dataset: Any) -> str:
    name = str(dataset.name)
    return name if name.startswith("/vsi") else str(Path(name).absolute())
