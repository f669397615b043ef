"""Whether crossings can be modelled at all: asked of a coarse grid, before any work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import label

from geo.errors import GridError
from geo.funnel.origins_destinations import End, Inland, border_segments
from geo.grid import LONLAT, cell_centres, grid_of

Mask = NDArray[np.bool_]
EVERY_NEIGHBOUR = np.ones((3, 3), int)


@dataclass(frozen=True)
class Reach:
    """What can be crossed.

    Attributes
    ----------
    segments
        Number of segments of the border.
    cut_off
        A sentence for each that reaches no destination.
    deepest_m
        Depth to which every stretch of border keeps a destination (`Inland.deepest_m`).
    """

    segments: int
    cut_off: tuple[str, ...]
    deepest_m: float


def cut_off(
    elevation: xr.DataArray,
    open_ground: xr.DataArray,
    border: gpd.GeoDataFrame,
    ways_out: Sequence[gpd.GeoDataFrame],
    depth_m: float,
    side: int | None = None,
) -> Reach:
    """Say which segments of the border reach no destination, and why.

    Parameters
    ----------
    elevation
        (y, x) metres on a coarse grid; NaN where no source has a value.
    open_ground
        (y, x) boolean on the same grid: no barrier, such as water.
    border, ways_out
        Lines; highways and settlements; of any CRS.
    depth_m
        Least distance of destinations to the border, metres.
    side
        Side of the border on which the study lies; None for both.

    Returns
    -------
    Reach
        With a sentence for each segment that reaches no destination.

    Raises
    ------
    GridError
        If there is no border or nothing to walk to in the area, or nothing deep enough.

    Notes
    -----
    A segment reaches a destination where both touch one patch of ground that joins its cells side
    by side or corner to corner. Nothing is accumulated, so that the answer takes no time.
    """
    grid = grid_of(elevation)
    known = np.isfinite(elevation.values)
    walkable = known & np.asarray(open_ground.values)
    origins = border_segments(border, grid)
    inland = Inland.of(ways_out, border, grid, side)
    goals = inland.beyond(depth_m)
    patch, _ = label(walkable, EVERY_NEIGHBOUR)
    reached = set(np.unique(patch[_any(goals)])) - {0}
    if not (_any(goals) & known).any():
        raise GridError(
            f"no elevation is known where roads and settlements lie {depth_m / 1e3:g} km or more "
            "from the border; give elevation that covers the whole area"
        )
    sentences = []
    for origin in origins:
        mask = np.asarray(origin.mask.values)
        if not reached & set(np.unique(patch[mask])):
            why = _why(mask, known, walkable)
            sentences.append(f"{origin.name} of the border ({_where(origin)}): {why}")
    return Reach(len(origins), tuple(sentences), inland.deepest_m(depth_m))


def _any(ends: Sequence[End]) -> Mask:
    return np.asarray(np.logical_or.reduce([np.asarray(e.mask.values) for e in ends]))


def _why(mask: Mask, known: Mask, walkable: Mask) -> str:
    if not (mask & known).any():
        return "no elevation is known there"
    if not (mask & walkable).any():
        return "it lies on a barrier, such as water"
    return "a barrier, or ground without elevation, lies between it and every destination"


def _where(end: End) -> str:
    """Return the middle of a segment in degrees, to a tenth."""
    rows, cols = np.nonzero(np.asarray(end.mask.values))
    x, y = cell_centres(grid_of(end.mask))
    middle = rows.size // 2
    to_lonlat = Transformer.from_crs(str(grid_of(end.mask).crs), LONLAT, always_xy=True)
    lon, lat = to_lonlat.transform(x[cols[middle]], y[rows[middle]])
    return f"near {lat:.1f}, {lon:.1f}"
