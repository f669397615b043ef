"""Towers that never were: the same towers on matched sites, drawn for a test and kept in memory.

A placebo site is a place where a tower could stand. The sites therefore exist only while a test
runs: they cannot be pickled and are not printed, and what a test takes from them is the dose each
draw would have given each corridor (`placebo_dose`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter
from scipy.spatial import cKDTree

from geo.errors import ContractError
from geo.grid import grid_of, require_metric, same_grid
from geo.strips import rows_of, strips
from geo.visibility._kernel import keep_apart
from geo.visibility.towers import Site, sites_of


@dataclass(frozen=True)
class Matching:
    """How alike a placebo site must be.

    Attributes
    ----------
    prominence_m
        Half-width of the window over which a cell's height above its surroundings is taken
        (topographic position index of Weiss 2001) and their relief (standard deviation), m.
    density_m
        Half-width of the window over which pre-tower route density is averaged, m.
    exclusion_m
        No placebo stands closer than this to a tower of the table, m.
    step_m
        Spacing of the candidates, m.
    pool
        Number of best candidates kept for each tower.
    """

    prominence_m: float = 1_000.0
    density_m: float = 5_000.0
    exclusion_m: float = 2_000.0
    step_m: float = 240.0
    pool: int = 40


@dataclass(frozen=True, repr=False)
class PlaceboSites:
    """Draws of matched sites; in memory only.

    Attributes
    ----------
    draws, towers
        Their numbers.
    balance
        Per feature: mean over the towers, mean over all draws, and their difference in standard
        deviations of the feature over the candidates.
    elevation, density, sites, cells
        The ground, the towers imitated, and row and column of each draw (draws, towers, 2).
    """

    draws: int
    towers: int
    balance: pd.DataFrame
    elevation: xr.DataArray
    density: xr.DataArray
    sites: tuple[Site, ...]
    cells: NDArray[np.int64]

    def __repr__(self) -> str:
        return f"PlaceboSites(draws={self.draws}, towers={self.towers})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("placebo sites cannot be pickled, stored or sent; keep them in memory")


def placebo_sites(
    elevation: xr.DataArray,
    towers: gpd.GeoDataFrame,
    density: xr.DataArray,
    *,
    draws: int,
    generator: np.random.Generator,
    matching: Matching | None = None,
    feasible: xr.DataArray | None = None,
) -> PlaceboSites:
    """Draw sites that resemble those of the towers in terrain and pre-tower route density.

    Candidates are ranked by prominence, relief and route density around them; a tower's pool are
    the candidates nearest to it in these ranks. Every draw takes one site per tower, in the order
    of the table, without taking a site twice or, where the pool allows it, crowding them closer
    than half the towers' own median spacing. Height, range, programme and dates stay the tower's.

    Parameters
    ----------
    elevation
        (y, x) metres on square metric cells.
    towers
        Table of towers; those that enter a dose are imitated, all are kept clear of.
    density
        (y, x) modelled route density before the first tower, on the same grid.
    draws
        Number of draws.
    generator
        Source of randomness.
    matching
        How alike; None takes the defaults.
    feasible
        (y, x) bool, where a tower could be stood at all (this side of the border, say); None
        allows every cell with elevation.

    Returns
    -------
    PlaceboSites
        To be handed to `placebo_dose`.

    Raises
    ------
    ContractError
        If no tower enters a dose, or fewer candidates are left than towers.
    GridError
        If the rasters do not share a metric grid.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> sites = visibility.placebo_sites(
    ...     examples.elevation(), examples.towers(), examples.remoteness(), draws=2,
    ...     generator=np.random.default_rng(0), matching=visibility.Matching(exclusion_m=1_000.0),
    ... )
    >>> sites.draws, sites.towers
    (2, 1)
    """
    same_grid(elevation, density, *([feasible] if feasible is not None else []))
    matching = matching or Matching()
    grid = grid_of(elevation)
    cell = require_metric(elevation)
    sites, _ = sites_of(towers, grid)
    known = np.concatenate([np.isfinite(rows_of(elevation, r)) for r in strips(*elevation.shape)])
    sites = [s for s in sites if known[s.row, s.col]]
    allowed = known
    if feasible is not None:
        allowed &= np.asarray(feasible.values, bool)
    at = np.array([(s.row, s.col) for s in sites], dtype=np.int64).reshape(-1, 2)
    candidates = _candidates(allowed, at, cell, matching)
    if not sites or len(candidates) < len(sites):
        raise ContractError(
            f"{len(sites)} towers enter a dose and {len(candidates)} placebo candidates are left; "
            "widen the raster, or lower exclusion_m or step_m of the matching"
        )
    values = _features(elevation, density, candidates, matching)
    towers_at = _features(elevation, density, at, matching)
    pools = _pools(values, towers_at, matching.pool)
    chosen = _choose(candidates, pools, _spacing(at), draws, generator)
    return PlaceboSites(
        draws,
        len(sites),
        _balance(values, towers_at, values[:, _numbers(candidates, chosen)]),
        elevation,
        density,
        tuple(sites),
        chosen,
    )


def _features(
    elevation: xr.DataArray, density: xr.DataArray, at: NDArray[np.int64], matching: Matching
) -> NDArray[np.float64]:
    """Return prominence, relief and route density around some cells, (3, n); strip by strip."""
    rows, cols = elevation.shape
    cell = require_metric(elevation)
    side, wide = (
        2 * max(1, round(m / cell)) + 1 for m in (matching.prominence_m, matching.density_m)
    )
    middle, halo = _mean_height(elevation), max(side, wide) // 2
    found = np.empty((3, len(at)))
    for part in strips(rows, cols):
        here = (at[:, 0] >= part.start) & (at[:, 0] < part.stop)
        if not here.any():
            continue
        more = slice(max(0, part.start - halo), min(rows, part.stop + halo))
        heights = rows_of(elevation, more).astype(np.float64)
        heights[~np.isfinite(heights)] = middle
        mean = uniform_filter(heights, side, mode="nearest")
        square = uniform_filter(heights**2, side, mode="nearest")
        routes = np.nan_to_num(rows_of(density, more).astype(np.float64))
        routes = uniform_filter(routes, wide, mode="constant")
        spot = at[here, 0] - more.start, at[here, 1]
        relief = np.sqrt(np.maximum(square[spot] - mean[spot] ** 2, 0.0))
        found[:, here] = [heights[spot] - mean[spot], relief, routes[spot]]
    return found


def _mean_height(elevation: xr.DataArray) -> float:
    total, count = 0.0, 0
    for part in strips(*elevation.shape):
        heights = rows_of(elevation, part).astype(np.float64)
        known = heights[np.isfinite(heights)]
        total, count = total + float(known.sum()), count + known.size
    return total / count if count else 0.0


def _numbers(candidates: NDArray[np.int64], chosen: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the numbers of chosen cells among the candidates, which ascend row by row."""
    columns = int(candidates[:, 1].max()) + 1
    keys = candidates[:, 0] * columns + candidates[:, 1]
    return np.searchsorted(keys, chosen[..., 0] * columns + chosen[..., 1])


def _candidates(
    allowed: NDArray[np.bool_], at: NDArray[np.int64], cell_m: float, matching: Matching
) -> NDArray[np.int64]:
    """List every nth allowed cell that keeps clear of the towers, (n, 2)."""
    step = max(1, round(matching.step_m / cell_m))
    cells = np.argwhere(allowed[step // 2 :: step, step // 2 :: step]) * step + step // 2
    if not len(at) or not len(cells):
        return cells
    distance, _ = cKDTree(at).query(cells)
    return np.asarray(cells[distance * cell_m > matching.exclusion_m])


def _pools(
    values: NDArray[np.float64], towers: NDArray[np.float64], pool: int
) -> NDArray[np.int64]:
    """Return for each tower the candidates nearest in the ranks of all features, (towers, pool)."""
    ordered = np.sort(values, axis=1)
    count = values.shape[1]
    ranks = [np.searchsorted(o, v) / count for o, v in zip(ordered, values, strict=True)]
    wanted = [np.searchsorted(o, v) / count for o, v in zip(ordered, towers, strict=True)]
    # a pool must at least hold one site for each tower, in case all towers look alike
    size = min(count, max(pool, towers.shape[1]))
    _, nearest = cKDTree(np.stack(ranks, axis=1)).query(np.stack(wanted, axis=1), k=size)
    return np.asarray(nearest, np.int64).reshape(towers.shape[1], size)


def _spacing(at: NDArray[np.int64]) -> float:
    """Return half the median distance of a tower to its nearest neighbour, in cells."""
    if len(at) < 2:
        return 0.0
    distance, _ = cKDTree(at).query(at, k=2)
    return float(np.median(distance[:, 1]) / 2.0)


def _choose(
    candidates: NDArray[np.int64],
    pools: NDArray[np.int64],
    spacing: float,
    draws: int,
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Take one site per tower and draw, (draws, towers, 2), keeping them apart where possible."""
    towers, size = pools.shape
    out = np.empty((draws, towers, 2), np.int64)
    order = generator.permuted(np.tile(np.arange(size), (draws, towers, 1)), axis=2)
    for draw in range(draws):
        keep_apart(candidates, pools, order[draw], spacing, out[draw])
    return out


def _balance(
    values: NDArray[np.float64], towers: NDArray[np.float64], placebos: NDArray[np.float64]
) -> pd.DataFrame:
    spread = values.std(axis=1)
    real, drawn = towers.mean(axis=1), placebos.mean(axis=(1, 2))
    return pd.DataFrame(
        {
            "feature": ["prominence_m", "relief_m", "route_density"],
            "towers": real,
            "placebos": drawn,
            "difference_sd": (drawn - real) / np.where(spread > 0, spread, 1.0),
        }
    )
