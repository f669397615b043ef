"""Where along a border something lies, whatever the border's direction: linear referencing.

A border is put together from its pieces in the order in which they follow each other. A position
is the length of line up to the nearest point of it; gaps between pieces have no length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely import LineString, STRtree

from geo.errors import GridError
from geo.grid import LONLAT, cell_centres, coarse_grid, wrap

AROUND_M = 150_000.0
"""Numerical: line this far outside the area still counts for distances: more than the deepest
crossing."""
ALONG_M = 1_000.0
"""Numerical: cells on which positions of a whole area are taken: fine against segments, quick on
any grid."""
AXIS_M = 1_000.0
"""Numerical: spacing of the points of a line that say in which direction it runs."""
MILLIMETRE = 3
"""Numerical: decimals of a position."""
DIAGONAL = 0.999
"""Numerical: of two equal shares of a direction, rounding decides nothing."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BorderLine:
    """A border in a projected CRS, metres.

    Attributes
    ----------
    pieces
        Lines within the study's area, in order, each oriented along the border: from west to
        east, or from south to north where the border runs so.
    around
        The same pieces and what goes on outside the area, for distances.
    """

    pieces: tuple[LineString, ...]
    around: tuple[LineString, ...]

    @classmethod
    def of(cls, border: gpd.GeoDataFrame, grid: GeoBox) -> BorderLine:
        """Put a border together.

        Parameters
        ----------
        border
            Lines (of polygons, their outlines) of any CRS, in any order and direction.
        grid
            Grid of the study.

        Raises
        ------
        GridError
            If the border does not cross the grid.
        """
        around = _merged(_near(border, grid))
        box = grid.boundingbox
        inside = _merged(shapely.clip_by_rect(around, *box.bbox))
        if not inside:
            raise GridError("the border line does not cross the study's area; check its CRS")
        return cls(_in_order(inside), around)

    @cached_property
    def length_m(self) -> float:
        """Length within the area, metres."""
        return float(sum(p.length for p in self.pieces))

    def cuts(self, length_m: float) -> Floats:
        """Return the positions at which stretches of about equal length begin and end.

        Parameters
        ----------
        length_m
            Wanted length of a stretch, metres. Pieces whose gap is at most half of it share
            stretches; across wider gaps no stretch reaches.

        Returns
        -------
        (n + 1,) metres, from 0 to the length of the line.
        """
        ends = np.cumsum([p.length for p in self.pieces])
        wide = [shapely.distance(one, other) > length_m / 2 for one, other in pairwise(self.pieces)]
        bounds = [0.0, *ends[:-1][wide], float(ends[-1])]
        found = [0.0]
        for low, high in pairwise(bounds):
            count = max(1, round((high - low) / length_m))
            found += np.linspace(low, high, count + 1)[1:].tolist()
        return np.array(found)

    def position_m(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the position along the line of the point of it nearest to each point, metres."""
        edges = self._edges
        points = np.column_stack([np.ravel(x), np.ravel(y)]).astype(float)
        nearest = edges.tree.nearest(shapely.points(points))
        step, length = edges.step[nearest], edges.length[nearest]
        share = ((points - edges.start[nearest]) * step).sum(axis=1) / length**2
        position = edges.position[nearest] + np.clip(share, 0.0, 1.0) * length
        # what a transformation of coordinates leaves in the last bits must not break ties
        return np.asarray(np.round(position, MILLIMETRE))

    def distance_m(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance of each point to the line, inside the area and around it, metres."""
        points = shapely.points(np.column_stack([np.ravel(x), np.ravel(y)]).astype(float))
        _, found = self._around.query_nearest(points, return_distance=True, all_matches=False)
        return np.asarray(found, float)

    def side(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.int8]:
        """Return on which side of the line each point lies: 1 left of its direction, -1 right.

        Notes
        -----
        Of a point nearest to a bend, the mean direction of both edges decides, which is right in
        bends of any angle (Baerentzen and Aanaes 2005, in the plane).
        """
        edges = self._edges
        points = np.column_stack([np.ravel(x), np.ravel(y)]).astype(float)
        nearest = edges.tree.nearest(shapely.points(points))
        step, length = edges.step[nearest], edges.length[nearest]
        away = points - edges.start[nearest]
        share = (away * step).sum(axis=1) / length**2
        at = np.where(share <= 0.0, edges.into[nearest], np.where(share >= 1.0, edges.out[nearest],
                      nearest))  # fmt: skip
        heading = step / length[:, None] + edges.step[at] / edges.length[at][:, None]
        foot = np.clip(share, 0.0, 1.0)[:, None] * step
        cross = heading[:, 0] * (away - foot)[:, 1] - heading[:, 1] * (away - foot)[:, 0]
        return np.where(cross >= 0, 1, -1).astype(np.int8)

    def along(self, grid: GeoBox) -> xr.DataArray:
        """Return the position of every cell of an area, (y, x) metres, on cells of 1 km or more."""
        coarse = coarse_grid(grid, max(ALONG_M, float(grid.resolution.x)))
        x, y = np.meshgrid(*cell_centres(coarse))
        values = self.position_m(x, y).reshape(x.shape)
        return wrap(values, coarse, "along", "m")

    @cached_property
    def _edges(self) -> _Edges:
        return _Edges.of(self.pieces)

    @cached_property
    def _around(self) -> STRtree:
        return _Edges.of(self.around).tree


@dataclass(frozen=True, eq=False)
class _Edges:
    """Straight edges of a line: start, step, length, position, and the edges before and after."""

    start: Floats
    step: Floats
    length: Floats
    position: Floats
    into: NDArray[np.intp]
    out: NDArray[np.intp]
    tree: STRtree

    @classmethod
    def of(cls, pieces: tuple[LineString, ...]) -> _Edges:
        starts, steps, into, out = [], [], [], []
        count = 0
        for piece in pieces:
            at = shapely.get_coordinates(piece)
            at = at[np.r_[True, (np.diff(at, axis=0) != 0).any(axis=1)]]
            number = np.arange(count, count + len(at) - 1)
            before, after = np.roll(number, 1), np.roll(number, -1)
            if not piece.is_ring:
                before[0], after[-1] = number[0], number[-1]
            starts.append(at[:-1])
            steps.append(np.diff(at, axis=0))
            into.append(before)
            out.append(after)
            count += len(number)
        start, step = np.concatenate(starts), np.concatenate(steps)
        length = np.hypot(*step.T)
        lines: Any = shapely.linestrings(np.stack([start, start + step], axis=1))
        tree = STRtree(lines)
        position = np.cumsum(length) - length
        return cls(start, step, length, position, np.concatenate(into), np.concatenate(out), tree)


def _near(border: gpd.GeoDataFrame, grid: GeoBox) -> Any:
    """Return the lines in and around the area, in the grid's CRS."""
    box = grid.boundingbox.buffered(AROUND_M)
    to_lonlat = Transformer.from_crs(str(grid.crs), LONLAT, always_xy=True)
    bounds = to_lonlat.transform_bounds(*box.bbox, densify_pts=21)
    # what lies half a world away has no coordinates in the grid's CRS
    shapes = border.geometry.to_crs(LONLAT)
    shapes = shapes[~(shapes.is_empty | shapes.isna())]
    lines = [s.boundary if s.geom_type.endswith("Polygon") else s for s in shapes]
    clipped = shapely.clip_by_rect(np.array(lines, object), *bounds)
    return gpd.GeoSeries(clipped, crs=LONLAT).to_crs(str(grid.crs)).to_numpy()


def _merged(shapes: Any) -> tuple[LineString, ...]:
    """Join what touches; what is drawn twice counts once."""
    if not len(shapes):
        return ()
    joined = shapely.line_merge(shapely.union_all(shapes))
    return tuple(
        p for p in shapely.get_parts(joined) if p.geom_type == "LineString" and p.length > 0
    )


def _in_order(pieces: tuple[LineString, ...]) -> tuple[LineString, ...]:
    """Order and orient pieces along the direction in which they vary most, pointing east."""
    sample = np.concatenate(
        [shapely.get_coordinates(shapely.segmentize(p, AXIS_M)) for p in pieces]
    )
    _, _, axes = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)
    # of a border that runs neither way more, from west to east
    leading = 0 if abs(axes[0][0]) >= DIAGONAL * abs(axes[0][1]) else 1
    axis = axes[0] * np.sign(axes[0][leading])
    oriented = sorted((_oriented(p, axis) for p in pieces), key=lambda p: _middle(p, axis))
    return tuple(oriented)


def _middle(piece: LineString, axis: Floats) -> float:
    return float(shapely.get_coordinates(piece.interpolate(0.5, normalized=True))[0] @ axis)


def _oriented(piece: LineString, axis: Floats) -> LineString:
    """Let a piece begin at its low end; a loop begins at its lowest point, anticlockwise."""
    at = shapely.get_coordinates(piece)
    if piece.is_ring:
        at = at if shapely.is_ccw(piece) else at[::-1]
        at = np.roll(at[:-1], -int(np.argmin(at[:-1] @ axis)), axis=0)
        return LineString([*at.tolist(), at[0].tolist()])
    return LineString(at if at[0] @ axis <= at[-1] @ axis else at[::-1])
