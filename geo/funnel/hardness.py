"""Hardness of the ground before towers, and its bins.

With the dose of each corridor (`geo.funnel.dose`) these are the exposures of the primary analysis
(docs: statistics, 2.1). None of them ever looks at a recorded death, and hardness never looks at a
tower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from scipy.ndimage import uniform_filter
from scipy.stats import rankdata

from geo.errors import GridError
from geo.grid import grid_of, require_metric, same_grid, wrap
from geo.parameters import load
from geo.strips import by_strips, rows_of, strips

WINDOW_M = float(load("funnel")["hardness_window_m"].value)
"""Side of the neighbourhood over which the energy of a kilometre is taken [m]."""
DIRECTIONS = 16
"""Numerical: directions of travel over which the cost of a slope is averaged."""
OUTSIDE = -1
"""Definition: label of a cell outside every corridor, and bin of a cell without hardness."""
_UNIFORM_SD = 1.0 / np.sqrt(12.0)
"""Definition: standard deviation of ranks spread evenly from 0 to 1."""

Floats = NDArray[np.float64]


def corridor_labels(corridors: gpd.GeoDataFrame, grid: GeoBox) -> xr.DataArray:
    """Say in which corridor every cell lies.

    Parameters
    ----------
    corridors
        Polygons of any CRS with a column `corridor` (`geo.records.CORRIDORS`).
    grid
        Grid of the study.

    Returns
    -------
    xr.DataArray
        (y, x) int16: position of the corridor in `attrs["names"]`, -1 outside every corridor. A
        cell belongs to the corridor that holds its centre.

    Raises
    ------
    GridError
        If no corridor holds a cell of the grid.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import grid_of
    >>> found = funnel.corridor_labels(examples.corridors(), grid_of(examples.elevation()))
    >>> found.attrs["names"], found.values[0, [0, -1]]
    (['West', 'East'], array([0, 1], dtype=int16))
    """
    shapes = corridors.geometry.to_crs(str(grid.crs))
    labels = np.full(tuple(grid.shape), OUTSIDE, np.int16)
    if len(shapes):
        rasterize(
            [(shape, number) for number, shape in enumerate(shapes)],
            out=labels,
            transform=grid.transform,
        )
    if not (labels >= 0).any():
        raise GridError("no corridor lies in the study's area; check its CRS and its bounds")
    return wrap(labels, grid, "corridor", "1", names=list(corridors["corridor"].astype(str)))


def energy_per_km(
    slope: xr.DataArray,
    cost: Callable[[Any], Any],
    friction: xr.DataArray | None = None,
    *,
    window_m: float = WINDOW_M,
) -> xr.DataArray:
    """Return the energy of walking a kilometre here, whatever the direction.

    Parameters
    ----------
    slope
        (y, x) steepest slope, degrees.
    cost
        Energy per horizontal metre [J/m] from signed slope (rise/run).
    friction
        (y, x) factor of that energy; NaN or infinite where nobody walks. None for 1.
    window_m
        Side of the neighbourhood over which the mean is taken, metres.

    Returns
    -------
    xr.DataArray
        (y, x) float64, kJ/km; NaN where there is no slope or nobody walks. That of a wide land is
        made strip by strip when it is read.

    Raises
    ------
    GridError
        If the slope has no metric grid, or friction lies on another.

    Notes
    -----
    Walking in direction phi across a plane of slope s climbs s cos(phi) per metre, so the mean
    over directions is sum cost(s cos(phi_k)) / K. It is tabulated in s and interpolated.

    Examples
    --------
    >>> from geo import examples, funnel, terrain
    >>> slope = terrain.slope(examples.elevation())
    >>> found = funnel.energy_per_km(slope, examples.energy().table)
    >>> found.attrs["units"], round(float(found.max()))
    ('kJ/km', 573)
    """
    cell_m = require_metric(slope)
    if friction is not None:
        same_grid(slope, friction)
    grid, side = grid_of(slope), max(1, round(window_m / cell_m))
    parts_of = list(strips(int(grid.shape[0]), int(grid.shape[1])))
    top = max(float(np.nanmax(_steepness(slope, rows), initial=0.0)) for rows in parts_of)
    knots = np.linspace(0.0, max(top, 0.01), 1025)
    angle = 2.0 * np.pi * (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    table = np.mean([np.asarray(cost(knots * np.cos(a)), float) for a in angle], axis=0)

    def energy_of(rows: slice) -> Floats:
        wide = slice(max(0, rows.start - side), min(grid.shape[0], rows.stop + side))
        steepness = _steepness(slope, wide)
        energy = np.interp(steepness, knots, table)
        energy[np.isnan(steepness)] = np.nan
        if friction is not None:
            energy = energy * rows_of(friction, wide)
            energy[~np.isfinite(energy)] = np.nan
        first = rows.start - wide.start
        return _window_mean(energy, side)[first : first + rows.stop - rows.start]

    return wrap(
        by_strips((int(grid.shape[0]), int(grid.shape[1])), energy_of),
        grid,
        "energy_per_km",
        "kJ/km",
    )


def _steepness(slope: xr.DataArray, rows: slice) -> Floats:
    return np.asarray(np.tan(np.radians(rows_of(slope, rows).astype(np.float64))))


def hardness(
    energy: xr.DataArray, remoteness_h: xr.DataArray | None, corridors: xr.DataArray
) -> xr.DataArray:
    """Rank the ground of each corridor by energy per kilometre times remoteness.

    Parameters
    ----------
    energy
        (y, x) energy of walking a kilometre, kJ/km (`energy_per_km`).
    remoteness_h
        (y, x) walking time to the nearest road or settlement, hours; None ranks by the first alone.
    corridors
        (y, x) labels (`corridor_labels`).

    Returns
    -------
    xr.DataArray
        (y, x) float32, "hardness": rank of the product within the corridor, standardised to mean
        0 and standard deviation 1 (so it lies within -1.732 and 1.732); ties share their mean
        rank. NaN outside corridors and where either part is unknown.

    Raises
    ------
    GridError
        If the rasters lie on different grids.

    Notes
    -----
    Ours: the product of energy and remoteness, ranked, so that neither unit weighs.

    Examples
    --------
    >>> from geo import examples, funnel, terrain
    >>> energy = funnel.energy_per_km(terrain.slope(examples.elevation()), examples.energy().table)
    >>> found = funnel.hardness(energy, examples.remoteness(), examples.labels())
    >>> round(float(found.mean()), 3), round(float(found.std()), 2)
    (0.0, 1.0)
    """
    same_grid(energy, corridors, *([] if remoteness_h is None else [remoteness_h]))
    labels = corridors.values
    out = np.full(labels.shape, np.nan, np.float32)
    for label, product in _products(energy, remoteness_h, labels):
        known = np.isfinite(product)
        if known.any():
            share = (rankdata(product[known]) - 0.5) / known.sum()
            ranks = np.full(product.shape, np.nan, np.float32)
            ranks[known] = (share - 0.5) / _UNIFORM_SD
            out[labels == label] = ranks
    return wrap(out, grid_of(energy), "hardness", "1", names=corridors.attrs.get("names"))


def _products(
    energy: xr.DataArray, remoteness_h: xr.DataArray | None, labels: NDArray[np.integer]
) -> Iterator[tuple[int, Floats]]:
    """Yield the product at every cell of each corridor, in the order of the cells."""
    parts: dict[int, list[Floats]] = {}
    for rows in strips(*labels.shape):
        product = rows_of(energy, rows).astype(np.float64)
        if remoteness_h is not None:
            product *= rows_of(remoteness_h, rows)
        for label in np.unique(labels[rows]):
            if label >= 0:
                parts.setdefault(int(label), []).append(product[labels[rows] == label])
    for label in sorted(parts):
        yield label, np.concatenate(parts.pop(label))


def hardness_bins(hard: xr.DataArray, corridors: xr.DataArray, bins: int) -> xr.DataArray:
    """Cut the ground of each corridor into bins of equal area, easiest first.

    Parameters
    ----------
    hard
        (y, x) `hardness`.
    corridors
        (y, x) labels (`corridor_labels`).
    bins
        Number of bins.

    Returns
    -------
    xr.DataArray
        (y, x) int16, 0 (easiest) to bins - 1; -1 where there is no hardness.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, funnel
    >>> found = funnel.hardness_bins(examples.hard(), examples.labels(), 3)
    >>> np.unique(found.values)
    array([0, 1, 2], dtype=int16)
    """
    same_grid(hard, corridors)
    out = np.full(corridors.shape, OUTSIDE, np.int16)
    for rows in strips(*corridors.shape):
        values = rows_of(hard, rows)
        known = np.isfinite(values) & (corridors.values[rows] >= 0)
        share = values[known].astype(np.float64) * _UNIFORM_SD + 0.5
        out[rows][known] = np.clip((share * bins).astype(np.int16), 0, bins - 1)
    return wrap(out, grid_of(hard), "hardness_bin", "1")


def bin_scores(bins: int) -> Floats:
    """Return H of each bin: its mean rank, standardised to mean 0 and standard deviation 1.

    Parameters
    ----------
    bins
        Number of bins of equal area.

    Returns
    -------
    array
        float64 (bin,), easiest first.

    Examples
    --------
    >>> from geo.funnel import bin_scores
    >>> bin_scores(3).round(3)
    array([-1.225,  0.   ,  1.225])
    """
    rank = np.arange(bins) - (bins - 1) / 2.0
    return np.asarray(rank / rank.std())


def _window_mean(values: Floats, side: int) -> Floats:
    """Mean over a square window of the cells that have a value; NaN stays NaN."""
    known = np.isfinite(values)
    total = uniform_filter(np.where(known, values, 0.0), side, mode="constant")
    count = uniform_filter(known.astype(np.float64), side, mode="constant")
    return np.where(known, total / np.where(known, count, 1.0), np.nan)
