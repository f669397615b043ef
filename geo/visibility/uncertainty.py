"""How sure a viewshed is: correlated elevation error and uncertain tower positions.

A deterministic viewshed on a noisy elevation model overstates what is seen (Fisher 1991,
Photogrammetric Engineering & Remote Sensing 57:1321-1327); drawing the error many times turns
yes and no into a probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from shapely import Point, contains_xy
from shapely.geometry.base import BaseGeometry

from geo.grid import cell_centres, cell_index, grid_of, require_metric, wrap
from geo.visibility.elevation_error import Uncertainty, error_field
from geo.visibility.output import CHUNK
from geo.visibility.single import REFRACTION, TARGET_M, Optics, Patch, read_patch
from geo.visibility.towers import Site, View, batches, hull, regions_of
from geo.visibility.union import Executor, Progress


def visibility_probability(
    elevation: xr.DataArray,
    towers: gpd.GeoDataFrame,
    *,
    uncertainty: Uncertainty,
    generator: np.random.Generator,
    target_height_m: float = TARGET_M,
    refraction: float = REFRACTION,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Return how probable it is that any of some towers has a cell in view.

    Every draw adds one error field to the elevation, the same for all towers, and moves each tower
    to a place drawn uniformly within `location_uncertainty_m` of its point, or within its polygon
    if it has one, at a cell with elevation. An uncertainty that is not stated counts as none.

    Parameters
    ----------
    elevation
        (y, x) metres on square metric cells.
    towers
        Table of towers; those that enter a dose count, whatever their dates. Select the ones that
        were active together.
    uncertainty
        Elevation error, number of draws and quantiles.
    generator
        Source of randomness; results do not depend on the executor.
    target_height_m, refraction
        As for `viewshed`.
    executor, progress
        As for `coverage`; progress counts draws.

    Returns
    -------
    xr.Dataset
        `probability` float32 (y, x), share of draws in which the cell is in view;
        `low` bool (y, x), its 5 % quantile: in view in at least 95 % of the draws;
        `high` bool (y, x), its 95 % quantile: in view in at least 5 % of the draws;
        `seen_km2` float64 (draw,), area in view.
        Memory is about seven bytes per cell of the raster.

    Raises
    ------
    GridError, InputProblems
        As `coverage`.

    Notes
    -----
    Monte Carlo over a correlated elevation error, as Fisher 1991 (Photogrammetric Engineering &
    Remote Sensing 57:1321-1327) does.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> found = visibility.visibility_probability(
    ...     examples.elevation(), examples.towers(), generator=np.random.default_rng(0),
    ...     uncertainty=visibility.Uncertainty(draws=4, correlation_m=1_000.0),
    ... )
    >>> found["probability"].dtype, dict(found["seen_km2"].sizes)
    (dtype('float32'), {'draw': 4})
    """
    grid = grid_of(elevation)
    cell = require_metric(elevation)
    regions, outside = regions_of(towers, grid)
    plan = _Plan(
        elevation,
        tuple(_places(elevation, site, region) for site, region in regions),
        Optics.of(cell, target_height_m, refraction),
        uncertainty,
        int(generator.integers(2**62)),
    )
    times = np.zeros(elevation.shape, np.uint16)
    area = np.zeros(uncertainty.draws)
    for number, (patch, bits) in enumerate(_unions(plan, executor)):
        seen = np.unpackbits(bits, axis=1, count=patch.right - patch.left)
        times[patch.slices] += seen
        area[number] = seen.sum() * cell**2 / 1e6
        if progress is not None:
            progress(number + 1, uncertainty.draws, "probability of visibility")
    return _surfaces(times, area, elevation, uncertainty).assign_attrs(
        towers=sum(len(p.cells) > 0 for p in plan.places),
        towers_outside=outside,
        towers_without_elevation=[p.site.tower_id for p in plan.places if not len(p.cells)],
        elevation_sd_m=uncertainty.elevation_sd_m,
        correlation_m=uncertainty.correlation_m,
    )


@dataclass(frozen=True)
class _Places:
    """A site and the cells it may stand on, (n, 2)."""

    site: Site
    cells: NDArray[np.intp]


@dataclass(frozen=True)
class _Plan:
    """What every draw needs. Not a collection, so that it travels whole."""

    elevation: xr.DataArray
    places: tuple[_Places, ...]
    optics: Optics
    uncertainty: Uncertainty
    root: int


def moved(
    towers: gpd.GeoDataFrame, elevation: xr.DataArray, generator: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return towers at places drawn within what is known of their position.

    Parameters
    ----------
    towers
        Table of towers; those that enter a dose and stand on the raster are moved, to the centre
        of a cell with elevation within `location_uncertainty_m` of the point or in the polygon.
    elevation
        (y, x) metres on square metric cells.
    generator
        Source of randomness.

    Returns
    -------
    gpd.GeoDataFrame
        Copy with new points and no uncertainty left, in the CRS of the table.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, visibility
    >>> towers, land = examples.towers(), examples.elevation()
    >>> drawn = visibility.moved(towers, land, np.random.default_rng(0))
    >>> drawn["location_uncertainty_m"].tolist(), towers["location_uncertainty_m"].tolist()
    ([0.0, 0.0], [600.0, 600.0])
    """
    grid = grid_of(elevation)
    x, y = cell_centres(grid)
    table = towers.copy()
    points = table.geometry.to_crs(str(grid.crs))
    position = {str(tower): i for i, tower in enumerate(table["tower_id"])}
    for site, region in regions_of(towers, grid)[0]:
        places = _places(elevation, site, region)
        if len(places.cells):
            row, col = places.cells[generator.integers(len(places.cells))]
            points.iloc[position[site.tower_id]] = Point(x[col], y[row])
    table.geometry = points.to_crs(table.crs)
    table["location_uncertainty_m"] = 0.0
    return table


def _surfaces(
    times: NDArray[np.uint16],
    area: NDArray[np.float64],
    elevation: xr.DataArray,
    uncertainty: Uncertainty,
) -> xr.Dataset:
    grid = grid_of(elevation)
    # the q quantile of n zeros and ones is one when at least (1 - q) n of them are
    least = [max(1, math.ceil((1.0 - q) * uncertainty.draws - 1e-9)) for q in uncertainty.bounds]
    layers = {
        "probability": times / np.float32(uncertainty.draws),
        "low": times >= least[0],
        "high": times >= least[1],
    }
    dataset = xr.Dataset({name: wrap(layer, grid, name, "1") for name, layer in layers.items()})
    dataset["seen_km2"] = ("draw", area, {"units": "km2"})
    return dataset


def _places(elevation: xr.DataArray, site: Site, region: BaseGeometry) -> _Places:
    """List the cells with elevation whose centres lie in the region a tower may stand in."""
    grid = grid_of(elevation)
    left, bottom, right, top = region.bounds
    rows, cols, _ = cell_index(grid, [left, right], [top, bottom])
    patch = Patch(int(rows[0]), int(rows[1]) + 1, int(cols[0]), int(cols[1]) + 1)
    known = np.isfinite(read_patch(elevation, patch))
    x, y = cell_centres(grid)
    across, down = np.meshgrid(x[patch.slices[1]], y[patch.slices[0]])
    within = contains_xy(region, across, down) & known
    cells = np.argwhere(within) + np.array([patch.top, patch.left])
    own = (site.row - patch.top, site.col - patch.left)
    if not len(cells) and known[own]:
        cells = np.array([[site.row, site.col]])
    return _Places(site, cells)


def _unions(plan: _Plan, executor: Executor | None) -> Iterator[tuple[Patch, NDArray[np.uint8]]]:
    numbers = range(plan.uncertainty.draws)
    if executor is None:
        yield from (draw_union(plan, number) for number in numbers)
        return
    futures = [executor.submit(draw_union, plan, number) for number in numbers]
    yield from (future.result() for future in futures)


def draw_union(plan: _Plan, number: int) -> tuple[Patch, NDArray[np.uint8]]:
    """Make one draw: where it looks, and the packed cells that any tower sees."""
    sites = []
    for index, place in enumerate(plan.places):
        if len(place.cells):
            rng = np.random.default_rng([plan.root, number, 0, index])
            row, col = (int(i) for i in place.cells[rng.integers(len(place.cells))])
            sites.append(replace(place.site, row=row, col=col))
    views: list[View] = []
    for batch in batches(plan.elevation, sites, plan.optics, CHUNK):
        error = error_field(batch.patch, plan.optics.cell_m, plan.uncertainty, (plan.root, number))
        views += batch.views(error)
    if not views:
        return Patch(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    whole = hull([v.patch for v in views])
    seen = np.zeros((whole.bottom - whole.top, whole.right - whole.left), bool)
    for view in views:
        seen[view.patch.within(whole)] |= view.seen()
    return whole, np.packbits(seen, axis=1)
