"""The two sides of a border, and strips across it.

The area is cut along the line; where the line begins, ends or is interrupted inside the area, the
cut goes straight on, so that every line, whatever its direction and in however many pieces, has
two sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import shapes
from shapely import LineString, Polygon
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from geo.funnel.border_line import BorderLine
from geo.grid import cell_centres, coarse_grid
from geo.parameters import load

AHEAD_M = float(load("funnel")["line_ahead_m"].value)
"""A line goes on beyond its end in the direction of its last stretch of this length."""
STRIP_CELL_M = 1_000.0
"""Numerical: side of the cells of which strips are put together, at least."""
EDGE_M = 1.0
"""Numerical: a face of the cut area smaller than a square of this side is a rounding error."""

Floats = NDArray[np.float64]


def side_ground(line: BorderLine, grid: GeoBox, side: int) -> BaseGeometry:
    """Return the part of an area that lies on one side of a border.

    Parameters
    ----------
    line
        The border.
    grid
        Grid of the study; its bounding box is the area.
    side
        1 for the left of the line's direction, -1 for its right.

    Returns
    -------
    BaseGeometry
        In the CRS of the grid.
    """
    frame = box(*grid.boundingbox.bbox)
    cut = shapely.node(shapely.union_all([frame.boundary, *line.pieces, *_bridges(line, frame)]))
    faces = [f for f in shapely.get_parts(shapely.polygonize([cut])) if f.area > EDGE_M**2]
    return shapely.union_all([f for f in faces if _side_of(f, line) == side])


def busier_side(line: BorderLine, x: ArrayLike, y: ArrayLike) -> int:
    """Return the side on which more points lie: 1, -1, or 0 where there is none or a draw."""
    if not np.size(x):
        return 0
    return int(np.sign(line.side(x, y).astype(int).sum()))


def border_strips(
    line: BorderLine, grid: GeoBox, length_m: float, ground: BaseGeometry
) -> gpd.GeoDataFrame:
    """Cut ground into strips across a border, each over a stretch of about equal length.

    A place belongs to the stretch that holds the point of the line nearest to it, so that a strip
    runs perpendicular to the line, whatever the line's direction.

    Parameters
    ----------
    line, grid
        The border, and the grid of the study.
    length_m
        Length of border of a strip, metres.
    ground
        Where strips may lie, in the CRS of the grid.

    Returns
    -------
    GeoDataFrame
        `corridor`, "strip 01" and so on along the line, and polygons in the CRS of the grid.
    """
    coarse = coarse_grid(grid, max(STRIP_CELL_M, float(grid.resolution.x)))
    x, y = np.meshgrid(*cell_centres(coarse))
    cuts = line.cuts(length_m)
    number = np.searchsorted(cuts, line.position_m(x, y), side="right") - 1
    stretch = np.clip(number, 0, len(cuts) - 2).astype(np.int16).reshape(x.shape)
    parts: dict[int, list[BaseGeometry]] = {}
    for polygon, value in shapes(stretch, transform=coarse.transform):
        parts.setdefault(int(value), []).append(shape(polygon))
    found = gpd.GeoDataFrame(
        {"corridor": [f"strip {n + 1:02d}" for n in sorted(parts)]},
        geometry=[shapely.union_all(parts[n]).intersection(ground) for n in sorted(parts)],
        crs=str(grid.crs),
    )
    return found[~found.geometry.is_empty].reset_index(drop=True)


def _bridges(line: BorderLine, frame: Polygon) -> Iterator[BaseGeometry]:
    """Yield straight lines across gaps, and from both ends to beyond the area."""
    for one, other in pairwise(line.pieces):
        yield LineString([one.coords[-1], other.coords[0]])
    far = 2.0 * float(np.hypot(*np.subtract(frame.bounds[2:], frame.bounds[:2])))
    for piece, backwards in ((line.pieces[0], True), (line.pieces[-1], False)):
        own = shapely.reverse(piece) if backwards else piece
        end = np.array(own.coords[-1])
        if piece.is_ring or not frame.buffer(-EDGE_M).covers(own.interpolate(own.length)):
            continue
        back = np.array(own.interpolate(max(0.0, own.length - AHEAD_M)).coords[0])
        ahead = (end - back) / np.hypot(*(end - back))
        yield LineString([end, end + far * ahead]).intersection(frame)


def _side_of(face: BaseGeometry, line: BorderLine) -> int:
    """Return the side on which most of a face lies, by points spread over it."""
    west, south, east, north = face.bounds
    steps = np.linspace(0.05, 0.95, 10)
    x, y = np.meshgrid(west + steps * (east - west), south + steps * (north - south))
    inside = shapely.contains_xy(face, x.ravel(), y.ravel())
    points = np.column_stack([x.ravel(), y.ravel()])[inside]
    points = np.vstack([points, face.representative_point().coords[0]])
    return 1 if line.side(points[:, 0], points[:, 1]).astype(int).sum() > 0 else -1
