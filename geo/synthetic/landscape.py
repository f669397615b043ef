"""A made-up strip of land: relief, land cover, border, roads, towns and corridors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from shapely import transform
from shapely.geometry import LineString, Point, Polygon

from geo.errors import StudyError
from geo.grid import LONLAT, burn, cell_centres, cell_index, grid_of, wrap
from geo.study import Study, Synthetic, stream, study_grid
from geo.synthetic.relief import Relief, land_cover, relief

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Towns are lettered, not named, so that none sounds like a real one."""
TOWN_EVERY_KM = 24.0
"""Made up: distance between towns."""
DIGITS = 7
"""Display: decimals of published longitudes and latitudes, about a centimetre."""


@dataclass(frozen=True)
class Landscape:
    """Made-up land on the grid of a study.

    Attributes
    ----------
    elevation
        (y, x) float32, metres.
    landcover
        (y, x) uint8, NLCD classes.
    border
        Line along the south, `kind` "border".
    roads
        Lines, `kind` "highway" or "road".
    places
        Points, `kind` "town".
    corridors
        Polygons from the border to the northern edge, west to east, column `corridor`.

    Tables are in the CRS of the grid, and every name in them begins with SYNTHETIC.
    """

    elevation: xr.DataArray
    landcover: xr.DataArray
    border: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    corridors: gpd.GeoDataFrame


@dataclass(frozen=True)
class Strip:
    """Where the strip lies on the grid, metres: west and south edge, width and height."""

    west: float
    south: float
    width: float
    height: float


def plan(study: Study) -> Synthetic:
    """Return the synthetic part of a study.

    Raises
    ------
    StudyError
        If the study has none, or treats more corridors than it has.
    """
    made_up = study.synthetic
    if made_up is None:
        raise StudyError(f"study {study.name} has no [synthetic] part; add one")
    if made_up.treated > made_up.corridors:
        raise StudyError(
            f"study {study.name}: synthetic.treated ({made_up.treated}) is more than "
            f"synthetic.corridors ({made_up.corridors}); lower it"
        )
    return made_up


def strip(study: Study) -> Strip:
    """Return the strip of a study, centred on its grid.

    Raises
    ------
    StudyError
        If the strip does not fit into the study's bounds.
    """
    made_up, box = plan(study), study_grid(study).boundingbox
    width, height = made_up.width_km * 1000.0, made_up.height_km * 1000.0
    spare_x, spare_y = box.right - box.left - width, box.top - box.bottom - height
    if min(spare_x, spare_y) < 0:
        raise StudyError(
            f"study {study.name}: synthetic land of {made_up.width_km} x {made_up.height_km} km "
            "does not fit into bounds_lonlat; widen the bounds"
        )
    cell = study.grid.resolution_m  # edges on cell edges, so that no cell centre lies on one
    west, south = (spare // 2 // cell * cell for spare in (spare_x, spare_y))
    return Strip(box.left + west, box.bottom + south, width, height)


def landscape(study: Study) -> Landscape:
    """Make up the land of a study.

    Parameters
    ----------
    study
        A study with a `synthetic` part. The land depends on its seed, bounds, CRS, resolution
        and size, and on nothing else: `null` has the land of `sample`.

    Returns
    -------
    Landscape
        Elevation [m], land cover, border, roads, places and corridors.

    Raises
    ------
    StudyError
        If the study has no synthetic part or the strip does not fit into its bounds.

    Examples
    --------
    >>> from geo import examples, synthetic
    >>> land = synthetic.landscape(examples.made_up_strip())
    >>> land.elevation.shape
    (23, 44)
    """
    area, grid = strip(study), study_grid(study)
    cell_m = study.grid.resolution_m
    shape = (int(grid.shape[0]), int(grid.shape[1]))
    spacing_km = plan(study).width_km / plan(study).corridors
    first_km = (area.west - grid.boundingbox.left) / 1000.0
    land = relief(shape, cell_m, spacing_km, first_km, stream(study.seed, "synthetic relief"))
    elevation = wrap(land.elevation.astype(np.float32), grid, "elevation", "m")
    rng = stream(study.seed, "synthetic network")
    crs = str(grid.crs)
    border = _border(area, rng)
    places = _towns(area, elevation, rng).set_crs(crs)
    roads = _roads(area, places, rng, crs)
    cover = _cover(land, cell_m, places, roads, elevation)
    return Landscape(
        elevation,
        wrap(cover, grid, "landcover", "1"),
        as_published(
            gpd.GeoDataFrame(
                {"name": ["SYNTHETIC border"], "kind": ["border"]}, geometry=[border], crs=crs
            )
        ),
        as_published(roads),
        as_published(places),
        as_published(_corridors(area, border, plan(study).corridors, crs)),
    )


def as_published(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return shapes as they come back from a file: longitude and latitude were rounded.

    What is true must be computed from what is published, or a line along a cell's edge burns
    other cells for the truth than for the reader of the file.
    """
    lonlat = frame.to_crs(LONLAT)
    rounded = lonlat.set_geometry(
        transform(lonlat.geometry.to_numpy(), lambda at: np.round(at, DIGITS)), crs=LONLAT
    )
    return rounded.to_crs(frame.crs)


def _border(area: Strip, rng: np.random.Generator) -> LineString:
    """Surveyed straights of some tens of kilometres, with small bends between."""
    count = max(2, round(area.width / 40_000.0)) + 1
    x = np.linspace(area.west, area.west + area.width, count)
    y = area.south + 0.05 * area.height + rng.uniform(-0.012, 0.012, count) * area.height
    return LineString(np.column_stack([x, y]))


def _towns(area: Strip, elevation: xr.DataArray, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Towns on fair ground in the north."""
    count = max(2, round(area.width / 1000.0 / TOWN_EVERY_KM))
    step = area.width / count
    points = []
    for n in range(count):
        x = area.west + (n + 0.5 + rng.uniform(-0.25, 0.25)) * step
        y = area.south + area.height * rng.uniform(0.86, 0.93)
        points.append(_fair(elevation, x, y, 0.2 * step))
    return gpd.GeoDataFrame(
        {
            "name": [f"SYNTHETIC town {LETTERS[n % len(LETTERS)]}" for n in range(count)],
            "kind": "town",
        },
        geometry=points,
    )


def _fair(elevation: xr.DataArray, x: float, y: float, reach: float) -> Point:
    """Return the lowest fair spot within reach along the same northing."""
    columns = x + np.linspace(-reach, reach, 41)
    grid_x, grid_y = cell_centres(grid_of(elevation))
    row = int(np.abs(grid_y - y).argmin())
    col = np.abs(grid_x[:, None] - columns[None, :]).argmin(axis=0)
    best = col[int(elevation.values[row, col].argmin())]
    return Point(float(grid_x[best]), float(grid_y[row]))


def _roads(
    area: Strip, towns: gpd.GeoDataFrame, rng: np.random.Generator, crs: str
) -> gpd.GeoDataFrame:
    """One highway through the towns, two south to north; country roads between."""
    east, north = area.west + area.width, area.south + area.height
    through = sorted((p.x, p.y) for p in towns.geometry)
    highways = [LineString([(area.west, through[0][1]), *through, (east, through[-1][1])])]
    for share in (0.30, 0.72):
        x = area.west + area.width * (share + rng.uniform(-0.02, 0.02))
        bend = x + rng.uniform(-0.01, 0.01) * area.width
        highways.append(
            LineString([(x, area.south + 0.40 * area.height), (bend, north - 0.2 * area.height),
                        (bend, north)])
        )  # fmt: skip
    roads = []
    for share in (0.12, 0.47, 0.55, 0.90):
        x = area.west + area.width * (share + rng.uniform(-0.03, 0.03))
        foot = area.south + area.height * rng.uniform(0.45, 0.62)
        roads.append(
            LineString([(x, foot), (x + rng.uniform(-2e3, 2e3), north - 0.1 * area.height)])
        )
    rows = [
        (f"SYNTHETIC {kind} {n + 1}", kind, line)
        for kind, lines in (("highway", highways), ("road", roads))
        for n, line in enumerate(lines)
    ]
    names, kinds, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"name": list(names), "kind": list(kinds)}, geometry=list(shapes), crs=crs
    )


def _cover(
    land: Relief,
    cell_m: float,
    towns: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    elevation: xr.DataArray,
) -> NDArray[np.uint8]:
    grid = grid_of(elevation)
    centres = np.zeros(land.elevation.shape, bool)
    row, col, inside = cell_index(grid, towns.geometry.x, towns.geometry.y)
    centres[row[inside], col[inside]] = True
    highways = burn(roads[roads["kind"] == "highway"], grid)
    return land_cover(land, cell_m, centres, highways.values)


def _corridors(area: Strip, border: LineString, count: int, crs: str) -> gpd.GeoDataFrame:
    """Equal strips from the border to the northern edge."""
    north = area.south + area.height
    edges = np.linspace(area.west, area.west + area.width, count + 1)
    line_x, line_y = np.asarray(border.coords).T
    shapes = []
    for left, right in pairwise(edges):
        bends = [(x, y) for x, y in zip(line_x, line_y, strict=True) if left < x < right]
        foot = [
            (left, float(np.interp(left, line_x, line_y))),
            *bends,
            (right, float(np.interp(right, line_x, line_y))),
        ]
        shapes.append(Polygon([*foot, (right, north), (left, north)]))
    return gpd.GeoDataFrame(
        {"corridor": [f"SYNTHETIC corridor {n + 1:02d}" for n in range(count)]},
        geometry=shapes,
        crs=crs,
    )
