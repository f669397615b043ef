"""Elevation of several tiles on one grid, block by block; voids stay voids and are counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from geo.grid import wrap
from geo.terrain.elevation_file import SURFACES, Elevation, Tile, describe, masked
from geo.terrain.heights import heights_in
from geo.terrain.opening import opened
from geo.terrain.survey import PLAUSIBLE_M, Bounds, shift_into, survey

CHUNK = 1024
"""Numerical: side of the chunks of the output, in cells."""
Progress = Callable[[int, int, str], None]


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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> land = terrain.elevation_on(grid_of(examples.elevation()), [path])
    >>> land.dtype, bool(abs(land - examples.elevation()).max() < 0.01)
    (dtype('float32'), True)
    """
    said = [describe(path) for path in paths]
    finest = min(s.resolution_m for s in said)
    step = abs(float(grid.resolution.x))
    how = Resampling.average if step > 1.5 * finest else Resampling.bilinear
    area = area_of(grid)
    tiles = tuple(_tile(path, s, area) for path, s in zip(paths, said, strict=True))
    array = blocks(grid, tiles, how, np.float32)
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
    """Return each raster with its bounds."""
    return tuple(Tile(path, s.bounds_lonlat) for path, s in zip(paths, said, strict=True))


def _tile(path: Path, said: Elevation, area: Bounds) -> Tile:
    with opened(path) as (dataset, _):
        heights = heights_in(dataset, path.name)
        marked = dataset.nodata is not None
    found = survey(path, area, heights)
    void = None if marked else found.unmarked
    mixed = len(found.odd) > (0 if marked else 1)
    return Tile(path, said.bounds_lonlat, heights, void, found.floor_m, mixed)


def area_of(grid: GeoBox) -> Bounds:
    """Return west, south, east, north of a grid, degrees."""
    to_lonlat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    west, south, east, north = to_lonlat.transform_bounds(*grid.boundingbox)
    return west, south, east, north


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
    for tile in (t for t in tiles if touch(t.bounds, here)):
        with masked(tile) as (dataset, void):
            turn = shift_into(tile.bounds, here) if dataset.crs.is_geographic else 0.0
            options = {
                "src_transform": Affine.translation(turn, 0.0) @ dataset.transform,
                "src_nodata": void,
                "crs": str(grid.crs),
                "transform": transform,
                "width": shape[1],
                "height": shape[0],
                "resampling": how,
                # whole metres between cells of 30 m would be slopes that are not there
                "dtype": "float32" if how in SURFACES else dataset.dtypes[0],
                "add_alpha": void is None,
            }
            with WarpedVRT(dataset, **options) as warped:
                whole = Window(0, 0, shape[1], shape[0])
                values = warped.read(1, window=whole)
                valid = warped.dataset_mask(window=whole) > 0
            if values.dtype.kind == "f" or how in SURFACES:
                values = values * np.float32(tile.heights.scale) + np.float32(tile.heights.offset)
                low, high = tile.floor_m, PLAUSIBLE_M[1]
                with np.errstate(invalid="ignore"):
                    valid &= np.isfinite(values) & (values >= low) & (values <= high)
            yield values, valid


def touch(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes in degrees meet; a margin keeps the cells on the rim."""
    margin = 0.1
    turn = shift_into(one, other)
    return (
        one[0] + turn - margin <= other[2]
        and other[0] - margin <= one[2] + turn
        and one[1] - margin <= other[3]
        and other[1] - margin <= one[3]
    )
