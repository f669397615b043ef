"""Where crossings end: highways and settlements, by how far behind the border they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo.errors import GridError
from geo.funnel.border_line import BorderLine
from geo.funnel.marks import marked
from geo.funnel.origins_destinations import End, border_cells, length_of, nearest_stretch
from geo.grid import burn, cell_centres, cell_index

WHOLE_M = 1_000.0
"""Display: a depth that is proposed to a person is rounded down to this."""


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
        return cls(grid, rows, cols, distance, nearest_stretch(line, cuts, grid, rows, cols))

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
