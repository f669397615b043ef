"""The one grid of a study, and the only place that knows how a raster carries its CRS.

A grid is an odc-geo `GeoBox`: projected CRS, metres, square cells, north up. Everything else in
`geo` asks this module for cell size, coordinates and CRS and never touches an accessor.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, cast

import geopandas as gpd
import numpy as np
import odc.geo.xr as odc_xr
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from odc.geo.geobox import GeoBox
from odc.geo.geom import BoundingBox
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.features import rasterize
from rasterio.features import shapes as cell_areas
from shapely import points
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geo.errors import GridError
from geo.strips import WIDE_CELLS

LONLAT = "EPSG:4326"
DIMS = ("y", "x")


def make_grid(
    bounds_lonlat: tuple[float, float, float, float], crs: str, resolution_m: float
) -> GeoBox:
    """Lay the grid of a study over an area.

    Parameters
    ----------
    bounds_lonlat
        West, south, east, north in degrees (EPSG:4326).
    crs
        Projected CRS in metres.
    resolution_m
        Cell side in metres.

    Returns
    -------
    GeoBox
        Smallest grid that covers the area, its edges on multiples of the cell side, so that
        two studies of one CRS and resolution share cells.

    Raises
    ------
    GridError
        If the CRS is not projected in metres or the area is empty.
    """
    metric_crs(crs)
    west, south, east, north = bounds_lonlat
    if not (west < east and south < north):
        raise GridError(
            f"area {bounds_lonlat} is empty; give west, south, east, north with west < east "
            "and south < north"
        )
    to_metric = Transformer.from_crs(LONLAT, crs, always_xy=True)
    left, bottom, right, top = to_metric.transform_bounds(*bounds_lonlat, densify_pts=101)
    return grid_from_bounds((left, bottom, right, top), crs, resolution_m)


def grid_from_bounds(
    bounds: tuple[float, float, float, float], crs: str, resolution_m: float
) -> GeoBox:
    """Lay a grid over metric bounds (left, bottom, right, top), snapped to the cell side."""
    left, bottom, right, top = bounds
    step = float(resolution_m)
    snapped = BoundingBox(
        math.floor(left / step) * step,
        math.floor(bottom / step) * step,
        math.ceil(right / step) * step,
        math.ceil(top / step) * step,
        crs,
    )
    return GeoBox.from_bbox(snapped, resolution=step, tight=True)


def metric_crs(crs: Any) -> CRS:
    """Return the CRS if it is projected in metres, else raise GridError."""
    try:
        parsed = CRS.from_user_input(crs)
    except CRSError as error:
        raise GridError(f"CRS {crs!r} is unknown; give an EPSG code such as EPSG:32612") from error
    if not parsed.is_projected or any(a.unit_name != "metre" for a in parsed.axis_info[:2]):
        raise GridError(
            f"CRS {crs} is not projected in metres; choose a UTM zone such as EPSG:32612"
        )
    return parsed


def grid_of(array: xr.DataArray) -> GeoBox:
    """Return the grid an array lies on; GridError if it has no CRS or is not (y, x)."""
    if array.size > WIDE_CELLS:
        # an accessor and its raster hold each other, which would keep it until the collector runs
        array = array.copy(deep=False, data=np.broadcast_to(np.False_, array.shape))
    box = array.odc.geobox
    if not isinstance(box, GeoBox) or box.crs is None:
        raise GridError(
            f"raster {array.name or ''} has no CRS or no regular y, x coordinates; "
            "make it with geo.grid.wrap"
        )
    return box


def require_metric(array: xr.DataArray) -> float:
    """Check that an array lies on square metric cells, north up.

    Parameters
    ----------
    array
        Raster with dims (..., y, x).

    Returns
    -------
    float
        Cell side in metres.

    Raises
    ------
    GridError
        If the CRS is geographic or not in metres, or cells are not square and north up.
    """
    box = grid_of(array)
    metric_crs(str(box.crs))
    step_x, step_y = float(box.resolution.x), float(box.resolution.y)
    if step_x <= 0 or step_y >= 0 or not math.isclose(step_x, -step_y, rel_tol=1e-6):
        raise GridError(
            f"raster {array.name or ''} has cells of {step_x} x {step_y} m; resample it to "
            "square cells, north up"
        )
    return step_x


def same_grid(*arrays: xr.DataArray) -> None:
    """Raise GridError unless all arrays lie on the same cells."""
    first = grid_of(arrays[0])
    for other in arrays[1:]:
        if grid_of(other) != first:
            raise GridError(
                f"raster {other.name or ''} does not lie on the grid of {arrays[0].name or ''}; "
                "align it with geo.grid.align first"
            )


def wrap(values: ArrayLike, grid: GeoBox, name: str, units: str, **attrs: Any) -> xr.DataArray:
    """Give plain or Dask values of shape (y, x) or (period, y, x) their grid, name and units.

    A third, leading dimension is called `period` unless `dims=` says otherwise.
    """
    dims = attrs.pop("dims", None)
    coords = attrs.pop("coords", {})
    shape = np.shape(values)
    if dims is None:
        dims = DIMS if len(shape) == len(DIMS) else ("period", *DIMS)
    if tuple(shape[-2:]) != tuple(grid.shape):
        raise GridError(
            f"{name}: shape {shape} does not fit the grid {tuple(grid.shape)}; resample it"
        )
    if dims == DIMS and not coords:
        array = _blank(grid).copy(deep=False, data=values)
    else:
        every = {**odc_xr.xr_coords(grid, dims=DIMS), **coords}
        array = xr.DataArray(values, dims=dims, coords=every)
    array.name = name
    array.attrs = {"units": units, **attrs, "grid_mapping": "spatial_ref"}
    return array


@lru_cache(maxsize=8)
def _blank(grid: GeoBox) -> xr.DataArray:
    """Coordinates of a grid; made once, since an ensemble wraps thousands of rasters."""
    nothing = np.broadcast_to(np.float32(0), tuple(grid.shape))
    return xr.DataArray(nothing, dims=DIMS, coords=odc_xr.xr_coords(grid, dims=DIMS))


def cell_centres(grid: GeoBox) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of the cell centres, 1-D, in the unit of the grid's CRS."""
    vertical, horizontal = grid.coordinates.values()
    return np.asarray(horizontal.values, float), np.asarray(vertical.values, float)


def cell_index(
    grid: GeoBox, x: ArrayLike, y: ArrayLike
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Find the cell of each point.

    Parameters
    ----------
    x, y
        (n,) metres in the grid's CRS.

    Returns
    -------
    row, col, inside
        (n,) each; row and col are clipped to the grid where `inside` is false.
    """
    box = grid.boundingbox
    col = np.floor((np.asarray(x, float) - box.left) / grid.resolution.x)
    row = np.floor((np.asarray(y, float) - box.top) / grid.resolution.y)
    rows, cols = grid.shape
    inside = (col >= 0) & (row >= 0) & (col < cols) & (row < rows)
    return (
        np.clip(np.nan_to_num(row), 0, rows - 1).astype(np.intp),
        np.clip(np.nan_to_num(col), 0, cols - 1).astype(np.intp),
        inside,
    )


def burn(shapes: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Mark every cell that a shape touches.

    Parameters
    ----------
    shapes
        Points, lines or polygons of any CRS.

    Returns
    -------
    xr.DataArray
        (y, x) boolean.
    """
    geometry = shapes.geometry.to_crs(str(grid.crs)) if len(shapes) else shapes.geometry
    geometry = geometry[~(geometry.is_empty | geometry.isna())]
    cells = np.zeros(tuple(grid.shape), np.uint8)
    if len(geometry):
        rasterize(geometry, out=cells, transform=grid.transform, all_touched=True)
    return wrap(cells.astype(bool), grid, "burnt", "1")


def outline(marked: NDArray[np.bool_], grid: GeoBox, tolerance_m: float) -> BaseGeometry:
    """Return the area of marked cells with its corners cut, in the CRS of the grid.

    Parameters
    ----------
    marked
        (y, x) boolean.
    tolerance_m
        How far the outline may lie from the cells', m.
    """
    found = cell_areas(marked.astype(np.uint8), mask=marked, transform=grid.transform)
    return unary_union([shape(geometry) for geometry, _ in found]).simplify(tolerance_m)


def distance_km(shapes: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Return the distance of every cell centre to the nearest shape.

    Parameters
    ----------
    shapes
        Points, lines or polygons of any CRS.

    Returns
    -------
    xr.DataArray
        (y, x) float64, km; NaN everywhere if there is no shape.
    """
    x, y = cell_centres(grid)
    out = np.full((y.size, x.size), np.nan)
    geometry = shapes.geometry[~(shapes.geometry.is_empty | shapes.geometry.isna())]
    if len(geometry):
        centres = points(*(a.ravel() for a in np.meshgrid(x, y)))
        index = geometry.to_crs(str(grid.crs)).sindex
        _, distance = index.nearest(centres, return_all=False, return_distance=True)
        out = distance.reshape(out.shape) / 1_000.0
    return wrap(out, grid, "distance", "km")


def coarse_grid(grid: GeoBox, resolution_m: float) -> GeoBox:
    """Return the coarser grid on which a study's rasters are published or aggregated."""
    box = grid.boundingbox
    return grid_from_bounds((box.left, box.bottom, box.right, box.top), str(grid.crs), resolution_m)


def align(array: xr.DataArray, grid: GeoBox, how: str = "bilinear") -> xr.DataArray:
    """Warp a raster onto a grid.

    Parameters
    ----------
    array
        Raster of any CRS that carries it.
    grid
        Target grid.
    how
        GDAL resampling name: "bilinear" for surfaces, "nearest" or "mode" for classes,
        "average" when the source is finer.
    """
    fill = np.nan if np.issubdtype(array.dtype, np.floating) else None
    warped = array.odc.reproject(grid, resampling=how, dst_nodata=fill)
    warped.attrs.update({k: v for k, v in array.attrs.items() if k in ("units", "long_name")})
    renamed = {d: n for d, n in zip(warped.dims[-2:], DIMS, strict=True) if d != n}
    return cast("xr.DataArray", warped.rename(renamed))


def assign_crs(array: xr.DataArray, crs: str) -> xr.DataArray:
    """Attach a CRS to a raster that has coordinates but carries none."""
    return cast("xr.DataArray", array.odc.assign_crs(crs))
