"""The land on the study's one grid: elevation, slope, relief and land cover.

Sources are read window by window, one block of the study's grid at a time, so that neither a
mosaic nor the grid ever stands in memory as a whole unless the caller asks for it.
"""

from __future__ import annotations

from geo.terrain.elevation_file import Elevation, describe, native_resolution_m
from geo.terrain.folders import absent_degrees, tiles_in, touching
from geo.terrain.inspection import Inspection, check, inspect_elevation, inspect_landcover
from geo.terrain.landcover import landcover_on, legend_of, legend_that_fits
from geo.terrain.mosaic import elevation_on
from geo.terrain.resolution import cell_side_m, coarsest_side_m, warranted_side_m
from geo.terrain.shape import relief, slope
from geo.terrain.tiles import tiles_for

__all__ = [
    "Elevation",
    "Inspection",
    "absent_degrees",
    "cell_side_m",
    "check",
    "coarsest_side_m",
    "describe",
    "elevation_on",
    "inspect_elevation",
    "inspect_landcover",
    "landcover_on",
    "legend_of",
    "legend_that_fits",
    "native_resolution_m",
    "relief",
    "slope",
    "tiles_for",
    "tiles_in",
    "touching",
    "warranted_side_m",
]
