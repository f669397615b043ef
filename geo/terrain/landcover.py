"""Land cover on the study's grid: class codes as published, the commonest one in a coarse cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling

from geo.errors import LayoutError
from geo.grid import wrap
from geo.terrain.elevation_file import describe
from geo.terrain.mosaic import Progress, area_of, blocks, compute, tiles_of, touch
from geo.terrain.survey import codes_in

WORLDCOVER = frozenset((10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100))
"""Definition: codes of ESA WorldCover."""
FILLS = frozenset((0, 250, 255))
"""Definition: codes of no class: WorldCover's, Annual NLCD's and older NLCD's fill."""
NLCD = frozenset((11, 12, 21, 22, 23, 24, 31, 41, 42, 43, 51, 52, 71, 72, 73, 74, 81, 82, 90, 95))
"""Definition: codes of the National Land Cover Database."""
LEGENDS = {"worldcover": WORLDCOVER, "nlcd": NLCD}


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

    Raises
    ------
    LayoutError, MissingInputError
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["landcover"]
    >>> np.unique(terrain.landcover_on(grid_of(examples.elevation()), [path]).values)
    array([52, 71], dtype=uint8)
    """
    said = [describe(path) for path in paths]
    finest = min(s.resolution_m for s in said)
    step = abs(float(grid.resolution.x))
    how = Resampling.mode if step > 1.5 * finest else Resampling.nearest
    array = blocks(grid, tiles_of(paths, said), how, np.uint8)
    values = array if progress is None else compute(array, progress, "land cover")
    return wrap(values, grid, "landcover", "1", long_name="Land-cover class", resolution_m=finest)


def legend_of(paths: Sequence[Path], grid: GeoBox, stated: str | None = None) -> str:
    """Return the legend of rasters of one land cover by their codes in a grid's area.

    Parameters
    ----------
    paths
        GeoTIFFs of one product.
    grid
        The study's grid.
    stated
        The legend that the study states; None infers it.

    Returns
    -------
    str
        "worldcover" or "nlcd".

    Raises
    ------
    LayoutError
        As `legend_that_fits`, or if a raster cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["landcover"]
    >>> terrain.legend_of([path], grid_of(examples.elevation()))
    'nlcd'
    """
    area = area_of(grid)
    near = [p for p in paths if touch(describe(p).bounds_lonlat, area)]
    codes: frozenset[int] = frozenset().union(*(codes_in(p, area) for p in near))
    return legend_that_fits(codes, stated)


def legend_that_fits(codes: frozenset[int], stated: str | None = None) -> str:
    """Return the legend of a land cover by its codes.

    Parameters
    ----------
    codes
        Present in the study's area.
    stated
        The legend that the study states; None infers it.

    Returns
    -------
    str
        "worldcover" or "nlcd".

    Raises
    ------
    LayoutError
        If no legend, not the stated one, or more than one holds the codes.

    Examples
    --------
    >>> legend_that_fits(frozenset((10, 20, 60, 0)))
    'worldcover'
    """
    present = codes - FILLS
    fitting = [name for name, legend in LEGENDS.items() if present <= legend]
    if stated in fitting:
        return str(stated)
    if len(fitting) == 1 and stated is None:
        return fitting[0]
    asked = LEGENDS if stated is None else {stated: LEGENDS[stated]}
    lists = "; ".join(f"{name} has {_listed(legend)}" for name, legend in asked.items())
    if not present:
        raise LayoutError(
            "no cell in the study's area has a class. Give a land cover that covers the area, or "
            "correct bounds_lonlat"
        )
    if fitting and stated is None:
        raise LayoutError(
            f"its codes in the area, {_listed(present)}, are those of several products ({lists}). "
            "Set `legend` of the source to the right one"
        )
    unlike = f"the stated legend {stated}" if stated else "any legend that is known here"
    hint = f"State legend = {fitting[0]!r}, or none" if fitting else "Give one of these products"
    raise LayoutError(
        f"its codes in the area, {_listed(present)}, do not fit {unlike} ({lists}). {hint}"
    )


def _listed(codes: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(codes)))
