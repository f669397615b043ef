"""Where crossings start and what an end of them is: segments of the border, and its sides."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo import parameters
from geo.errors import GridError
from geo.funnel.border_line import BorderLine
from geo.funnel.marks import marked
from geo.grid import burn, cell_centres, grid_of
from geo.parameters import load

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
    label = nearest_stretch(line, cuts, grid, rows, cols)
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


def nearest_stretch(
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
