"""Elevation of several tiles on one grid, block by block; voids stay voids and are counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from geo.errors import FunnelError, Problem
from geo.grid import wrap
from geo.terrain.opening import opened

CHUNK = 1024
METRES_PER_DEGREE = 111_320.0
PLAUSIBLE_M = (-500.0, 9_000.0)
"""Land lies between these heights; anything else in a file is a void that was not marked."""
Bounds = tuple[float, float, float, float]
Tile = tuple[Path, Bounds]
SURFACES = (Resampling.average, Resampling.bilinear)
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Elevation:
    """What a source of elevation says of itself: kind, cell side in metres, vertical datum."""

    kind: str
    resolution_m: float
    datum: str
    bounds_lonlat: tuple[float, float, float, float]


def describe(path: Path) -> Elevation:
    """Describe one raster without reading its cells."""
    with opened(path) as (dataset, said):
        to_lonlat = Transformer.from_crs(dataset.crs, "EPSG:4326", always_xy=True)
        bounds = to_lonlat.transform_bounds(*dataset.bounds)
        step_x, step_y = abs(dataset.transform.a), abs(dataset.transform.e)
        if CRS.from_user_input(dataset.crs).is_geographic:
            middle = math.radians((bounds[1] + bounds[3]) / 2)
            step_x *= METRES_PER_DEGREE * math.cos(middle)
            step_y *= METRES_PER_DEGREE
        return Elevation(said.kind, float(math.sqrt(step_x * step_y)), said.datum, bounds)


def native_resolution_m(path: Path) -> float:
    """Return the cell side of a raster in metres (geometric mean of width and height)."""
    return describe(path).resolution_m


def check(paths: Sequence[Path], grid: GeoBox) -> list[Problem]:
    """Return what stands in the way of laying these rasters on a grid, without raising."""
    problems = []
    boxes = []
    for path in paths:
        try:
            boxes.append(describe(path).bounds_lonlat)
        except FunnelError as error:
            what, _, remedy = str(error).removeprefix(f"{path.name}: ").partition(". ")
            problems.append(Problem(path.name, what.rstrip("."), remedy or "Give another file"))
    if problems or not boxes:
        return problems
    to_lonlat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    share = _covered(boxes, to_lonlat.transform_bounds(*grid.boundingbox))
    if share < 0.5:
        what = f"covers {share:.0%} of the study's area"
        remedy = "Give rasters that cover it, or correct bounds_lonlat"
        problems.append(Problem(", ".join(p.name for p in paths), what, remedy))
    return problems


def elevation_on(
    grid: GeoBox, paths: Sequence[Path], *, progress: Progress | None = None
) -> xr.DataArray:
    """Lay rasters of elevation on a grid.

    Parameters
    ----------
    grid
        The study's grid.
    paths
        GeoTIFF, COG, SRTM or gridMET files, of any CRS; where they overlap the first one counts.
    progress
        Called with (blocks done, blocks, label); then the blocks are computed one by one and the
        array returned is in memory. Without it the array is lazy.

    Returns
    -------
    DataArray
        `elevation`, (y, x) float32 metres, NaN where no source has a value; Dask chunks of
        1,024 cells a side. Attributes `resolution_m`, `vertical_datum` and `source_kind` of the
        sources. Cells finer than the source are interpolated between four of its cells, coarser
        ones averaged.

    Raises
    ------
    LayoutError, MissingInputError
        If a file cannot be read.
    """
    said = [describe(path) for path in paths]
    finest = min(s.resolution_m for s in said)
    step = abs(float(grid.resolution.x))
    how = Resampling.average if step > 1.5 * finest else Resampling.bilinear
    array = blocks(grid, tiles_of(paths, said), how, np.float32)
    return wrap(
        array if progress is None else compute(array, progress, "elevation"),
        grid,
        "elevation",
        "m",
        long_name="Elevation",
        resolution_m=round(max(s.resolution_m for s in said), 1),
        vertical_datum=", ".join(sorted({s.datum for s in said})),
        source_kind=", ".join(sorted({s.kind for s in said})),
    )


def compute(array: da.Array, progress: Progress, label: str) -> NDArray[Any]:
    """Compute a Dask array block by block into memory, saying how far it is."""
    out = np.empty(array.shape, array.dtype)
    slices = list(da.core.slices_from_chunks(array.chunks))
    for done, (where, block) in enumerate(zip(slices, array.to_delayed().ravel(), strict=True), 1):
        out[where] = block.compute(scheduler="synchronous")
        progress(done, len(slices), label)
    return out


def tiles_of(paths: Sequence[Path], said: Sequence[Elevation]) -> tuple[Tile, ...]:
    """Return each raster with its bounds, so that a block opens only those that it touches."""
    return tuple((path, s.bounds_lonlat) for path, s in zip(paths, said, strict=True))


def blocks(
    grid: GeoBox, tiles: tuple[Tile, ...], how: Resampling, dtype: type[np.generic]
) -> da.Array:
    """Return the grid as a lazy array, each block of which reads its own windows."""
    rows, cols = grid.shape
    lines = []
    for top in range(0, rows, CHUNK):
        line = []
        for left in range(0, cols, CHUNK):
            shape = (min(CHUNK, rows - top), min(CHUNK, cols - left))
            delayed = dask.delayed(window)(grid, tiles, (top, left), shape, how, dtype)
            line.append(da.from_delayed(delayed, shape, dtype))
        lines.append(line)
    whole: da.Array = da.block(lines)
    return whole


def window(
    grid: GeoBox,
    tiles: tuple[Tile, ...],
    corner: tuple[int, int],
    shape: tuple[int, int],
    how: Resampling,
    dtype: type[np.generic],
) -> NDArray[Any]:
    """Return one block of the grid, filled from the sources in their order.

    Floats get NaN where no source has a value, integers 0.
    """
    floating = np.issubdtype(dtype, np.floating)
    out = np.full(shape, np.nan if floating else 0, dtype)
    todo = np.ones(shape, bool)
    for values, valid in _sources(grid, tiles, corner, shape, how):
        fresh = todo & valid
        out[fresh] = values[fresh].astype(dtype)
        todo &= ~fresh
        if not todo.any():
            break
    return out


def _sources(
    grid: GeoBox,
    tiles: tuple[Tile, ...],
    corner: tuple[int, int],
    shape: tuple[int, int],
    how: Resampling,
) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    transform = Affine(*grid.transform[:6]) @ Affine.translation(corner[1], corner[0])
    right, bottom = transform @ (shape[1], shape[0])
    to_lonlat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    here = to_lonlat.transform_bounds(transform.c, bottom, right, transform.f)
    for path in (p for p, bounds in tiles if touch(bounds, here)):
        with opened(path) as (dataset, _said):
            options = {
                "crs": str(grid.crs),
                "transform": transform,
                "width": shape[1],
                "height": shape[0],
                "resampling": how,
                # whole metres between cells of 30 m would be slopes that are not there
                "dtype": "float32" if how in SURFACES else dataset.dtypes[0],
                "add_alpha": dataset.nodata is None,
            }
            with WarpedVRT(dataset, **options) as warped:
                whole = Window(0, 0, shape[1], shape[0])
                values = warped.read(1, window=whole)
                valid = warped.dataset_mask(window=whole) > 0
            if values.dtype.kind == "f" or how in SURFACES:
                low, high = PLAUSIBLE_M
                with np.errstate(invalid="ignore"):
                    valid &= np.isfinite(values) & (values >= low) & (values <= high)
            yield values, valid


def touch(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes in degrees meet; a margin keeps the cells on the rim."""
    margin = 0.1
    return (
        one[0] - margin <= other[2]
        and other[0] - margin <= one[2]
        and one[1] - margin <= other[3]
        and other[1] - margin <= one[3]
    )


def _covered(
    boxes: Sequence[tuple[float, float, float, float]], area: tuple[float, float, float, float]
) -> float:
    west, south, east, north = area
    x = np.linspace(west, east, 61)[None, :]
    y = np.linspace(south, north, 61)[:, None]
    hit = np.zeros((61, 61), bool)
    for left, bottom, right, top in boxes:
        hit |= (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    return float(hit.mean())
