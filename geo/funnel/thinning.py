"""A land on square groups of its cells, on which the windows of origins are guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from geo.funnel.crossings import block, shape_of
from geo.funnel.marks import marked
from geo.funnel.origins_destinations import End
from geo.grid import grid_of, wrap
from geo.leastcost import CostModel


def thinned(cost: CostModel, factor: int) -> CostModel:
    """Return a model on thinned cells."""
    return cost if cost.friction is None else replace(cost, friction=thin(cost.friction, factor))


def thin(raster: xr.DataArray, factor: int) -> xr.DataArray:
    """Return the means of square groups of cells, NaN not counted, read strip by strip."""
    rows, cols = shape_of(raster)
    if factor == 1:
        return raster
    strips = []
    for top in range(0, rows, factor):
        strip = np.full((factor, -(-cols // factor) * factor), np.nan)
        here = block(raster, (slice(top, min(top + factor, rows)), slice(0, cols)))
        strip[: here.shape[0], :cols] = np.where(np.isfinite(here), here, np.nan)
        groups = strip.reshape(factor, -1, factor)
        known = np.isfinite(groups).sum(axis=(0, 2))
        total = np.nansum(groups, axis=(0, 2))
        strips.append(np.where(known, total / np.maximum(known, 1), np.nan))
    return wrap(np.stack(strips), coarse(grid_of(raster), factor), str(raster.name), "1")


def coarse(grid: GeoBox, factor: int) -> GeoBox:
    """Return a grid of square groups of cells, the last ones reaching over the edge."""
    rows, cols = (-(-int(n) // factor) for n in grid.shape)
    t = grid.transform
    side = Affine(t.a * factor, t.b * factor, t.c, t.d * factor, t.e * factor, t.f)
    return GeoBox((rows, cols), side, grid.crs)


def thin_end(end: End, factor: int) -> End:
    """Return an end on thinned cells: every group that holds one of its cells."""
    if factor == 1:
        return end
    rows, cols = np.nonzero(np.asarray(end.mask.values))
    groups = coarse(grid_of(end.mask), factor)
    return replace(end, mask=marked(groups, rows // factor, cols // factor))
