"""Land cover on the study's grid: class codes as published, the commonest one in a coarse cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling

from geo.grid import wrap
from geo.terrain.mosaic import Progress, blocks, compute, describe, tiles_of

WORLDCOVER = frozenset((10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100))
NLCD = frozenset((11, 12, 21, 22, 23, 24, 31, 41, 42, 43, 51, 52, 71, 72, 73, 74, 81, 82, 90, 95))


def landcover_on(
    grid: GeoBox, paths: Sequence[Path], *, progress: Progress | None = None
) -> xr.DataArray:
    """Lay rasters of land-cover codes on a grid.

    Parameters
    ----------
    grid
        The study's grid.
    paths
        GeoTIFFs of one product, of any CRS; where they overlap the first one counts.
    progress
        As in `elevation_on`.

    Returns
    -------
    DataArray
        `landcover`, (y, x) uint8 codes of the product, 0 where no source has one. Coarse cells
        take the commonest code of their fine ones, fine ones the code they lie in.
    """
    said = [describe(path) for path in paths]
    finest = min(s.resolution_m for s in said)
    step = abs(float(grid.resolution.x))
    how = Resampling.mode if step > 1.5 * finest else Resampling.nearest
    array = blocks(grid, tiles_of(paths, said), how, np.uint8)
    values = array if progress is None else compute(array, progress, "land cover")
    return wrap(values, grid, "landcover", "1", long_name="Land-cover class", resolution_m=finest)


def product_of(codes: frozenset[int]) -> str:
    """Return the product whose legend holds all codes: "worldcover", "nlcd" or "unknown"."""
    present = codes - {0}
    for name, legend in (("worldcover", WORLDCOVER), ("nlcd", NLCD)):
        if present <= legend:
            return name
    return "unknown"
