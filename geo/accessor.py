"""A library in three lines: heights on a metric grid, and what walks and looks across them.

`open_elevation` gives a DataArray; its accessor `.funnel` asks the usual questions of it without
a study, with longitudes and latitudes for places. Everything here only calls the rooms of `geo`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import xarray as xr

from geo import leastcost, locomotion, terrain, visibility
from geo.errors import GridError
from geo.grid import burn, cell_index, grid_of, make_grid, require_metric, wrap
from geo.parameters import load

COSTS = {
    "energy": ("Energy of the way", "kJ", 1e3),
    "time": ("Time of the way", "h", 3600.0),
}
"""Definition: what a way can cost: label, unit, and how much of the table's unit times metres make
one."""


def open_elevation(
    path: str | Path | Sequence[str | Path],
    *,
    bounds_lonlat: tuple[float, float, float, float] | None = None,
    crs: str | None = None,
    resolution_m: float | None = None,
) -> xr.DataArray:
    """Open rasters of heights on one metric grid.

    Parameters
    ----------
    path
        One file or several, of any CRS, in any format that `geo.terrain` reads.
    bounds_lonlat
        West, south, east, north in degrees (EPSG:4326); the first raster's extent if None.
    crs
        Projected CRS in metres; the UTM zone of the area's middle if None.
    resolution_m
        Cell side [m]; that of the finest raster, to whole metres, if None.

    Returns
    -------
    xr.DataArray
        `elevation`, (y, x) float32 [m] in `crs`, lazy; NaN where no raster has a value. Its
        accessor `.funnel` is a `FunnelAccessor`.

    Raises
    ------
    GridError
        If the CRS is not in metres or the area is empty.
    LayoutError, MissingInputError
        If a file cannot be read.

    Examples
    --------
    >>> land = open_elevation("dem.tif", resolution_m=90)  # doctest: +SKIP
    >>> land.funnel.slope().plot()                          # doctest: +SKIP
    """
    paths = [Path(p) for p in ([path] if isinstance(path, str | Path) else path)]
    if not paths:
        raise GridError("no raster is named; give the path of one")
    first = terrain.describe(paths[0])
    area = bounds_lonlat or first.bounds_lonlat
    finest = min(terrain.native_resolution_m(p) for p in paths)
    side = float(resolution_m) if resolution_m is not None else float(max(1, math.ceil(finest)))
    return terrain.elevation_on(make_grid(area, crs or utm_of(area), side), paths)


def utm_of(bounds_lonlat: tuple[float, float, float, float]) -> str:
    """Return the EPSG code of the UTM zone in the middle of an area in degrees.

    Examples
    --------
    >>> utm_of((-112.0, 31.0, -110.0, 32.0))
    'EPSG:32612'
    """
    west, south, east, north = bounds_lonlat
    zone = min(60, int(((west + east) / 2 + 180.0) // 6) + 1)
    return f"EPSG:{326 if south + north >= 0 else 327}{zone:02d}"


@xr.register_dataarray_accessor("funnel")
class FunnelAccessor:
    """What can be asked of heights: who is seen, what ways cost, how steep it is.

    Parameters
    ----------
    elevation
        (y, x) [m], projected CRS in metres, square cells, as `open_elevation` returns.
    """

    def __init__(self, elevation: xr.DataArray) -> None:
        self._elevation = elevation

    def slope(self) -> xr.DataArray:
        """Return the steepness of every cell, (y, x) [degree]; see `geo.terrain.slope`."""
        return terrain.slope(self._elevation).assign_attrs(long_name="Slope")

    def viewshed(
        self, lon: float, lat: float, *, height_m: float, range_m: float | None = None
    ) -> xr.DataArray:
        """Return the cells in which a walking person can be seen from a tower.

        Parameters
        ----------
        lon, lat
            Place of the tower, degrees (EPSG:4326).
        height_m
            Height of the eye above ground [m].
        range_m
            Greatest horizontal distance [m]; the distance to the horizon over a level sea,
            sqrt(2 R h / (1 - k)), if None.

        Returns
        -------
        xr.DataArray
            `viewshed`, (y, x) bool; see `geo.visibility.viewshed`.

        Raises
        ------
        GridError
            If the tower lies outside the raster or on a cell without height.
        """
        known = load("visibility")
        bend = 1.0 - float(known["refraction"].value)
        horizon = math.sqrt(2.0 * float(known["earth_radius_m"].value) * height_m / bend)
        seen = visibility.viewshed(
            self._elevation,
            self._places([(lon, lat)])[0],
            observer_height_m=height_m,
            range_m=horizon if range_m is None else range_m,
        )
        return seen.assign_attrs(long_name="In view")

    def cost_from(
        self,
        points: Sequence[tuple[float, float]] | gpd.GeoDataFrame,
        *,
        walker: str = "adult",
        cost: Literal["energy", "time"] = "energy",
        to: bool = False,
        **choices: Any,
    ) -> xr.DataArray:
        """Return the least cost of walking from the nearest of some points.

        Parameters
        ----------
        points
            (longitude, latitude) pairs in degrees, or points or lines of any CRS.
        walker
            A name of `geo.locomotion.walkers()`.
        cost
            "energy" [kJ] or "time" [h].
        to
            Cost of walking to the points instead.
        **choices
            As `geo.leastcost.accumulate` takes, such as `neighbours=8`.

        Returns
        -------
        xr.DataArray
            `energy` or `time`, (y, x); NaN where nobody arrives.

        Raises
        ------
        GridError
            If a point lies outside the raster.
        StudyError
            If the walker is unknown.
        """
        person = locomotion.walker(walker)
        label, unit, per_unit = COSTS[cost]
        table = locomotion.energy_per_metre(person) if cost == "energy" else (
            locomotion.time_per_metre()
        )  # fmt: skip
        found = leastcost.accumulate(
            self._elevation,
            self._marked(points),
            leastcost.CostModel(table),
            direction="to" if to else "from",
            **choices,
        )
        out = (found["cost"] / per_unit).rename(cost)
        return out.assign_attrs(units=unit, long_name=label, walker=person.name)

    def _places(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        lon, lat = zip(*points, strict=True)
        there = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326")
        there = there.to_crs(str(grid_of(self._elevation).crs))
        return [(float(p.x), float(p.y)) for p in there]

    def _marked(self, points: Sequence[tuple[float, float]] | gpd.GeoDataFrame) -> xr.DataArray:
        grid = grid_of(self._elevation)
        require_metric(self._elevation)
        if isinstance(points, gpd.GeoDataFrame):
            return burn(points, grid)
        x, y = np.array(self._places(points)).T
        rows, cols, inside = cell_index(grid, x, y)
        if not inside.all():
            lost = points[int(np.flatnonzero(~inside)[0])]
            raise GridError(
                f"the point {lost} lies outside the raster; give longitude before latitude, and "
                "points inside it"
            )
        marks = np.zeros(tuple(grid.shape), bool)
        marks[rows, cols] = True
        return wrap(marks, grid, "sources", "1")
