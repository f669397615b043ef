"""Where crossings start and end: segments of the border; roads and settlements deep behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo import parameters
from geo.errors import GridError
from geo.funnel.border_line import BorderLine
from geo.funnel.marks import marked
from geo.grid import burn, cell_centres, cell_index, grid_of
from geo.parameters import load

WHOLE_M = 1_000.0
"""Display: a depth that is proposed to a person is rounded down to this."""
OWN_SHARE = float(load("funnel")["own_side_share"].value)
"""Share of corridors' ground on one side of the border from which on the study has a side."""
SAMPLE = 20_000
"""Numerical: cells by which that share is judged, roughly."""


@dataclass(frozen=True)
class End:
    """Where crossings start, or where they end.

    Attributes
    ----------
    name
        Number along the border line, west to east or south to north.
    mask
        (y, x) boolean source raster.
    weight
        Of an origin, its share of crossings; of a destination, its share of the cells of all.
        Either sums to 1.
    """

    name: str
    mask: xr.DataArray
    weight: float


def length_of(name: str) -> float:
    """Return `segment_length_m` or `destination_width_m` of data/parameters/funnel.yaml.

    Parameters
    ----------
    name
        `segment_length_m` or `destination_width_m`.

    Returns
    -------
    float
        Metres.

    Examples
    --------
    >>> from geo.funnel import length_of
    >>> length_of("segment_length_m") > 0
    True
    """
    return float(parameters.load("funnel")[name].value)


def border_segments(
    border: gpd.GeoDataFrame, grid: GeoBox, length_m: float | None = None
) -> tuple[End, ...]:
    """Cut the border line into origins of about equal length along the line itself.

    Parameters
    ----------
    border
        Lines of any CRS and direction, in one piece or several.
    grid
        Grid of the study.
    length_m
        Segment length along the line, metres; `segment_length_m` by default.

    Returns
    -------
    tuple of End
        Weighted by their length: without counts of crossings nobody knows more. A cell belongs to
        the segment that holds the point of the line nearest to its centre.

    Raises
    ------
    GridError
        If the border does not cross the grid.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import grid_of
    >>> ends = funnel.border_segments(examples.border(), grid_of(examples.elevation()), 3_000.0)
    >>> len(ends), round(sum(e.weight for e in ends), 3)
    (3, 1.0)
    """
    line = BorderLine.of(border, grid)
    cuts = line.cuts(length_m or length_of("segment_length_m"))
    cells = border_cells(border, grid)
    rows, cols = np.nonzero(cells.values)
    if not rows.size:
        raise GridError("the border line does not cross the study's area; check its CRS")
    label = _stretch(line, cuts, grid, rows, cols)
    length = np.diff(cuts)
    here = np.unique(label)
    whole = float(length[here].sum())
    return tuple(
        End(
            f"segment-{n + 1:02d}",
            marked(grid, rows[label == n], cols[label == n]),
            float(length[n]) / whole,
        )
        for n in here
    )


def border_cells(border: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Return the cells that the border touches, (y, x) boolean."""
    return burn(border, grid)


@dataclass(frozen=True, eq=False)
class Inland:
    """Cells of highways and settlements off the border, and how far behind it they lie.

    Attributes
    ----------
    grid
        Of the cells.
    rows, cols
        (n,) of the cells; no cell that the border touches is among them.
    distance_m
        (n,) distance to the border line, metres.
    stretch
        (n,) number of the stretch of border that is nearest, along the line.
    """

    grid: GeoBox
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    distance_m: NDArray[np.float64]
    stretch: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        parts: Sequence[gpd.GeoDataFrame],
        border: gpd.GeoDataFrame,
        grid: GeoBox,
        side: int | None = None,
        width_m: float | None = None,
    ) -> Inland:
        """Find the cells of highways and settlements.

        Parameters
        ----------
        parts
            Lines and points of any CRS.
        border
            Lines of any CRS.
        grid
            Grid of the study.
        side
            Side of the line on which the study lies (`BorderLine.side`); None for both.
        width_m
            Length of border behind which they make one destination, metres;
            `destination_width_m` by default.

        Raises
        ------
        GridError
            If none of them crosses the grid, or the border does not.
        """
        shapes = [p.geometry.to_crs(str(grid.crs)) for p in parts if len(p)]
        if not shapes:
            raise GridError("the study has no road and no settlement to walk to; add such a source")
        cells = burn(gpd.GeoDataFrame(geometry=pd.concat(shapes, ignore_index=True)), grid).values
        if not cells.any():
            raise GridError("no road and no settlement lies in the study's area; check their CRS")
        line = BorderLine.of(border, grid)
        rows, cols = np.nonzero(cells & ~border_cells(border, grid).values)
        x, y = cell_centres(grid)
        if side is not None:
            own = line.side(x[cols], y[rows]) == side
            rows, cols = rows[own], cols[own]
        cuts = line.cuts(width_m or length_of("destination_width_m"))
        distance = line.distance_m(x[cols], y[rows])
        return cls(grid, rows, cols, distance, _stretch(line, cuts, grid, rows, cols))

    def beyond(self, depth_m: float) -> tuple[End, ...]:
        """Return the destinations: what lies at least this deep, stretch by stretch.

        Parameters
        ----------
        depth_m
            Least distance to the border line, metres.

        Raises
        ------
        GridError
            If nothing lies that deep; with the depth that would fit.
        """
        deep = self.distance_m >= depth_m
        if not deep.any():
            raise GridError(self.too_shallow(depth_m))
        rows, cols, stretch = self.rows[deep], self.cols[deep], self.stretch[deep]
        return tuple(
            End(
                f"destination-{n + 1:02d}",
                marked(self.grid, rows[stretch == n], cols[stretch == n]),
                float((stretch == n).sum()) / stretch.size,
            )
            for n in np.unique(stretch)
        )

    def deepest_m(self, depth_m: float = 0.0) -> float:
        """Return the depth to which every stretch that has a destination at a depth keeps one.

        Parameters
        ----------
        depth_m
            Stretches without anything at least this deep do not count.
        """
        deepest = np.zeros(int(self.stretch.max(initial=0)) + 1)
        np.maximum.at(deepest, self.stretch, self.distance_m)
        found = deepest[(deepest >= depth_m) & (deepest > 0)]
        return float(found.min()) if found.size else 0.0

    def too_shallow(self, depth_m: float) -> str:
        """Say that nothing lies deep enough, and which depth would fit."""
        most = float(self.distance_m.max(initial=0.0))
        fits = np.floor(self.deepest_m() / WHOLE_M) * WHOLE_M
        if not fits:
            fits = np.floor(most / WHOLE_M) * WHOLE_M or np.floor(most)
        remedy = (
            f"set movement.crossing_depth_m = {fits:.0f}, or widen bounds_lonlat inland"
            if fits
            else "widen bounds_lonlat inland, or add roads and settlements behind the border"
        )
        return (
            f"no road and no settlement lies {depth_m / 1e3:g} km or more from the border "
            f"(movement.crossing_depth_m); the deepest lies at {most / 1e3:.1f} km: {remedy}"
        )

    def coarser(self, grid: GeoBox, kept: NDArray[np.bool_]) -> Inland:
        """Bring the cells to a coarser grid: one is as deep as the deepest fine cell in it.

        Parameters
        ----------
        grid
            The coarser grid.
        kept
            (y, x) boolean on it: walkable ground without origins.
        """
        x, y = cell_centres(self.grid)
        rows, cols, _ = cell_index(grid, x[self.cols], y[self.rows])
        # of several fine cells the deepest, of equals the first
        order = np.lexsort((-self.distance_m, rows * grid.shape[1] + cols))
        key = (rows * grid.shape[1] + cols)[order]
        first = order[np.r_[True, key[1:] != key[:-1]]] if key.size else order
        first = first[kept[rows[first], cols[first]]]
        return replace(
            self,
            grid=grid,
            rows=rows[first],
            cols=cols[first],
            distance_m=self.distance_m[first],
            stretch=self.stretch[first],
        )


def destinations(
    parts: Sequence[gpd.GeoDataFrame],
    border: gpd.GeoDataFrame,
    grid: GeoBox,
    depth_m: float,
    *,
    side: int | None = None,
    width_m: float | None = None,
) -> tuple[End, ...]:
    """Group highways and settlements deep behind the border into destinations along it.

    See `Inland.of` and `Inland.beyond`, which this joins.

    Parameters
    ----------
    parts
        Highways and settlements, of any CRS.
    border
        Lines of any CRS.
    grid
        Grid of the study.
    depth_m
        Least distance to the border [m].
    side
        Side of the border on which the study lies (`side_of`); None for both.
    width_m
        Length of border that a destination serves [m]; `destination_width_m` by default.

    Returns
    -------
    tuple of End
        Along the border, of equal weight where nothing else is known.

    Raises
    ------
    GridError
        If nothing lies deep enough.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import grid_of
    >>> grid = grid_of(examples.elevation())
    >>> ends = funnel.destinations([examples.roads()], examples.border(), grid, 4_000.0)
    >>> len(ends), int(ends[0].mask.sum()) > 0
    (1, True)
    """
    return Inland.of(parts, border, grid, side, width_m).beyond(depth_m)


def side_of(corridors: xr.DataArray, border: gpd.GeoDataFrame) -> int | None:
    """Say on which side of the border a study's corridors lie.

    Parameters
    ----------
    corridors
        (y, x) labels of corridors (`corridor_labels`).
    border
        Lines of any CRS.

    Returns
    -------
    int or None
        As `BorderLine.side`; None where less than `OWN_SHARE` of their ground lies on one side.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> funnel.side_of(examples.labels(), examples.border())
    1
    """
    grid = grid_of(corridors)
    rows, cols = np.nonzero(np.asarray(corridors.values) >= 0)
    every = max(1, rows.size // SAMPLE)
    x, y = cell_centres(grid)
    sides = BorderLine.of(border, grid).side(x[cols[::every]], y[rows[::every]])
    mean = float(sides.mean()) if sides.size else 0.0
    return int(np.sign(mean)) if abs(mean) >= 2.0 * OWN_SHARE - 1.0 else None


def _stretch(
    line: BorderLine,
    cuts: NDArray[np.float64],
    grid: GeoBox,
    rows: NDArray[np.intp],
    cols: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Return the number of the stretch of border nearest to each cell."""
    x, y = cell_centres(grid)
    if not rows.size:
        return np.zeros(0, np.intp)
    return np.searchsorted(cuts[1:-1], line.position_m(x[cols], y[rows]), side="right")
