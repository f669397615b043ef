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
from geo.strips import STRIP_CELLS, read

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


def aggregate(array: xr.DataArray, resolution_m: float, how: str = "mean") -> xr.DataArray:
    """Aggregate a raster to coarser cells whose edges lie on multiples of their side.

    Parameters
    ----------
    array
        (..., y, x) raster in metres; NaN cells do not count.
    resolution_m
        Side of the coarse cells, at least that of the fine ones.
    how
        "mean", "sum" or "max" of the fine cells whose centre lies in the coarse cell.

    Returns
    -------
    xr.DataArray
        float64, NaN where no fine cell has a value.

    Raises
    ------
    GridError
        If the target is finer than the source, or `how` is unknown.
    """
    step = require_metric(array)
    if resolution_m < step:
        raise GridError(
            f"cannot aggregate {step} m cells to {resolution_m} m, which is finer; give more"
        )
    grid = grid_of(array)
    target = coarse_grid(grid, resolution_m)
    x, y = cell_centres(grid)
    rows = cell_index(target, np.full(y.shape, target.boundingbox.left + 1.0), y)[0]
    cols = cell_index(target, x, np.full(x.shape, target.boundingbox.top - 1.0))[1]
    layers = [array.data[at] for at in np.ndindex(*array.shape[:-2])]
    coarse = np.stack([_by_strips(v, rows, cols, tuple(target.shape), how) for v in layers])
    shape = (*array.shape[:-2], *target.shape)
    extra = {d: array.coords[d] for d in array.dims[:-2] if d in array.coords}
    return wrap(
        coarse.reshape(shape),
        target,
        str(array.name),
        str(array.attrs.get("units", "1")),
        dims=array.dims,
        coords=extra,
    )


def _by_strips(
    layer: Any,
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    shape: tuple[int, ...],
    how: str,
) -> NDArray[np.float64]:
    """Reduce whole coarse rows at a time, so that no wide raster is held as float64."""
    deep = max(1, STRIP_CELLS * shape[0] // max(1, layer.size))
    parts = []
    for top in range(0, shape[0], deep):
        part = (min(deep, shape[0] - top), shape[1])
        fine = slice(*np.searchsorted(rows, (top, top + part[0])))
        parts.append(_reduce(read(layer[fine]).astype(float), rows[fine] - top, cols, part, how))
    return np.concatenate(parts)


def _reduce(
    values: NDArray[np.float64],
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
    shape: tuple[int, ...],
    how: str,
) -> NDArray[np.float64]:
    cell = (rows[:, None] * shape[1] + cols[None, :]).ravel()
    flat = values.ravel()
    valid = np.isfinite(flat)
    cell, flat = cell[valid], flat[valid]
    size = shape[0] * shape[1]
    count = np.bincount(cell, minlength=size)
    if how == "max":
        out = np.full(size, -np.inf)
        np.maximum.at(out, cell, flat)
    elif how in ("sum", "mean"):
        out = np.bincount(cell, weights=flat, minlength=size)
        if how == "mean":
            out = out / np.maximum(count, 1)
    else:
        raise GridError(f"how={how!r} is unknown; use mean, sum or max")
    return np.where(count > 0, out, np.nan).reshape(shape)


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
