"""Towers on a raster: the cells they stand on and the packed set of cells each one sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from geo.errors import InputProblems, Problem
from geo.grid import cell_index
from geo.visibility.activity import activity_days
from geo.visibility.dating import dated, enters_dose
from geo.visibility.programmes import programmes
from geo.visibility.single import Optics, Patch, read_patch, see

TOGETHER = 8
"""Numerical: sites that one batch works on, at most; any number gives the same coverage."""


@dataclass(frozen=True)
class Site:
    """A tower on a raster.

    Attributes
    ----------
    tower_id
        Its id.
    row, col
        Its cell.
    height_m, range_m
        Of the eye above ground, and nominal.
    reach
        Whole cells within range.
    start, end
        First day of activity, and first day after it.
    """

    tower_id: str
    row: int
    col: int
    height_m: float
    range_m: float
    reach: int
    start: np.datetime64
    end: np.datetime64

    def patch(self, shape: tuple[int, int]) -> Patch:
        """Return the window the tower can see at most."""
        return Patch.around(self.row, self.col, self.reach, shape)


@dataclass(frozen=True)
class View:
    """The cells a site sees, one bit each; `blind` where the site has no elevation."""

    site: Site
    patch: Patch
    bits: NDArray[np.uint8]
    blind: bool = False

    def seen(self) -> NDArray[np.bool_]:
        """Return the patch as booleans."""
        width = self.patch.right - self.patch.left
        shape = (self.patch.bottom - self.patch.top, width)
        if self.blind:
            return np.zeros(shape, bool)
        return np.unpackbits(self.bits, axis=1, count=width).astype(bool)


@dataclass(frozen=True)
class Batch:
    """Neighbouring sites whose terrain is read at once. Not a collection, so it travels whole."""

    elevation: xr.DataArray
    sites: tuple[Site, ...]
    optics: Optics

    @property
    def patch(self) -> Patch:
        """Return the smallest window that holds all the sites' windows."""
        shape = (int(self.elevation.shape[0]), int(self.elevation.shape[1]))
        return hull([s.patch(shape) for s in self.sites])

    def views(self, error: NDArray[np.float32] | None = None) -> list[View]:
        """Compute what each site sees, on terrain with an error (of the batch's patch) added."""
        shape = (int(self.elevation.shape[0]), int(self.elevation.shape[1]))
        whole = self.patch
        terrain = read_patch(self.elevation, whole)
        if error is not None:
            terrain = terrain + error
        found = []
        for site in self.sites:
            patch = site.patch(shape)
            z = np.ascontiguousarray(terrain[patch.within(whole)])
            row, col = site.row - patch.top, site.col - patch.left
            if not np.isfinite(z[row, col]):
                found.append(View(site, patch, np.empty((0, 0), np.uint8), blind=True))
                continue
            seen = see(z, row, col, site.height_m, site.range_m, self.optics)
            found.append(View(site, patch, np.packbits(seen, axis=1)))
        return found


def with_defaults(towers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give towers without a sourced height or range that of their programme.

    Parameters
    ----------
    towers
        Table of towers (`geo.records.TOWERS`).

    Returns
    -------
    gpd.GeoDataFrame
        Copy in which `height_m` and `range_m` [m] are never empty.

    Raises
    ------
    InputProblems
        If a programme is unknown, or a height or range is not positive.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> bare = examples.towers().assign(height_m=float("nan"))
    >>> bool(visibility.with_defaults(bare)["height_m"].notna().all())
    True
    """
    table = towers.copy()
    known = programmes()
    problems = [
        Problem(
            "towers",
            f"programme {name!r} has no entry in data/parameters/tower_programmes.yaml",
            f"Give height_m and range_m, or one of {', '.join(known)}",
            row=int(row),
            field="programme",
        )
        for row, name, height, reach in table[
            ["source_row", "programme", "height_m", "range_m"]
        ].itertuples(index=False)
        if name not in known and (pd.isna(height) or pd.isna(reach))
    ]
    if problems:
        raise InputProblems(problems)
    for column in ("height_m", "range_m"):
        usual = {name: float(getattr(p, column).value) for name, p in known.items()}
        table[column] = table[column].astype(float).fillna(table["programme"].map(usual))
        problems += [
            Problem("towers", f"{value} m is not positive", "Correct it", int(row), column)
            for row, value in zip(table["source_row"], table[column], strict=True)
            if not (0 < value < np.inf)
        ]
    if problems:
        raise InputProblems(problems)
    return table


def hull(patches: Sequence[Patch]) -> Patch:
    """Return the smallest patch that holds all of some."""
    return Patch(
        min(p.top for p in patches),
        max(p.bottom for p in patches),
        min(p.left for p in patches),
        max(p.right for p in patches),
    )


def sites_of(towers: gpd.GeoDataFrame, grid: GeoBox) -> tuple[list[Site], list[str]]:
    """Place the towers that enter a dose on a raster.

    Returns
    -------
    sites, outside
        The sites, in the order of the table, and the ids of towers off the raster, whose ground
        is unknown. A tower given as a polygon stands at a point inside it.
    """
    regions, outside = regions_of(towers, grid)
    return [site for site, _ in regions], outside


def regions_of(
    towers: gpd.GeoDataFrame, grid: GeoBox
) -> tuple[list[tuple[Site, BaseGeometry]], list[str]]:
    """Place the towers that enter a dose, each with the region it may stand in.

    The region is the tower's polygon, or a disc of `location_uncertainty_m` around its point, in
    the raster's CRS.
    """
    settled = dated(towers)
    settled = with_defaults(settled[enters_dose(settled)])
    areas = settled.geometry.to_crs(str(grid.crs))
    radius = settled["location_uncertainty_m"].astype(float).fillna(0.0).to_numpy()
    points = areas.representative_point()
    rows, cols, inside = cell_index(grid, points.x.to_numpy(), points.y.to_numpy())
    start, end = activity_days(settled)
    cell = float(grid.resolution.x)
    regions: list[tuple[Site, BaseGeometry]] = []
    outside: list[str] = []
    for i, tower in enumerate(settled["tower_id"]):
        if not inside[i]:
            outside.append(str(tower))
            continue
        range_m = float(settled["range_m"].iloc[i])
        site = Site(
            str(tower),
            int(rows[i]),
            int(cols[i]),
            float(settled["height_m"].iloc[i]),
            range_m,
            int(range_m / cell * (1.0 + 1e-12)),
            start[i],
            end[i],
        )
        area = areas.iloc[i]
        if area.geom_type == "Point" and radius[i] > 0:
            area = area.buffer(radius[i])
        regions.append((site, area))
    return regions, outside


def batches(
    elevation: xr.DataArray, sites: Sequence[Site], optics: Optics, side: int, most: int = TOGETHER
) -> Iterator[Batch]:
    """Group sites by the tile of `side` cells they stand in, from north to south."""
    order = sorted(sites, key=lambda s: (s.row // side, s.col // side, s.row, s.col, s.tower_id))
    group: list[Site] = []
    for site in order:
        tile = (site.row // side, site.col // side)
        if group and (len(group) == most or tile != (group[0].row // side, group[0].col // side)):
            yield Batch(elevation, tuple(group), optics)
            group = []
        group.append(site)
    if group:
        yield Batch(elevation, tuple(group), optics)
