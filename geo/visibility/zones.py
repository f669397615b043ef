"""Programme zones on a raster: where each may reach, when it worked, and its share of every year.

A zone stands in where no tower's place is known. It is the land within a depth of a stretch of
border around a place that a source names, or an area as drawn. Nothing here says what could be
seen from anywhere: land inside a zone is land where a programme worked, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.spatial import cKDTree

from geo.errors import ContractError
from geo.grid import burn, cell_centres, wrap
from geo.parameters import load
from geo.visibility.activity import DateInterval, activity_days, baseline, moments, period_days
from geo.visibility.dating import DateRule, dated

KILO = 1e3
"""Definition: metres of a kilometre."""
STEP_M = 500.0
"""Numerical: spacing of the points that stand for the border [m]; a zone is at least 10 km wide."""
SIDES = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0), "both": (0, 0)}
"""Definition: side of the border = direction (x, y) in which its land lies."""


@dataclass(frozen=True)
class Frontier:
    """The border as points, and the nearest of them from every cell.

    Attributes
    ----------
    grid
        The study's.
    points
        (n, 2) x and y along the line, m.
    nearest, distance
        (y, x) index of the nearest point, and its distance, m.
    """

    grid: GeoBox
    points: NDArray[np.float64]
    nearest: NDArray[np.intp]
    distance: NDArray[np.float64]

    @classmethod
    def of(cls, border: gpd.GeoDataFrame, grid: GeoBox) -> Frontier:
        """Lay the border down.

        Parameters
        ----------
        border
            Lines of any CRS, in pieces or whole, in any direction.
        grid
            Metric grid.

        Raises
        ------
        ContractError
            If there is no line.
        """
        lines = border.geometry[~(border.geometry.is_empty | border.geometry.isna())]
        if lines.empty:
            raise ContractError(
                "programme zones are counted from the border, and the study has no border line; "
                'add a source with role = "border"'
            )
        metric = lines.to_crs(str(grid.crs))
        points = shapely.get_coordinates(shapely.segmentize(metric.to_numpy(), STEP_M))
        x, y = cell_centres(grid)
        centres = np.stack([a.ravel() for a in np.meshgrid(x, y)], axis=1)
        distance, nearest = cKDTree(points).query(centres)
        shape = (y.size, x.size)
        return cls(grid, points, nearest.reshape(shape), distance.reshape(shape))

    def on_side(self, side: str) -> NDArray[np.bool_]:
        """Say of every cell whether it lies on one side of its nearest point of the border."""
        x, y = cell_centres(self.grid)
        east, north = SIDES[side]
        ahead = (x[None, :] - self.points[self.nearest, 0]) * east
        return np.asarray(ahead + (y[:, None] - self.points[self.nearest, 1]) * north >= 0)


@dataclass(frozen=True)
class ZoneExtent:
    """One version of the ground of a zone: a middle on the border, a span and a depth, metres."""

    middle: NDArray[np.float64]
    span_m: float
    depth_m: float

    def cells(self, frontier: Frontier, side: str) -> NDArray[np.bool_]:
        """Mark its cells: those whose nearest border lies within the span, and within the depth."""
        along = np.hypot(*(frontier.points - self.middle).T) <= self.span_m / 2.0
        near = along[frontier.nearest] & (frontier.distance <= self.depth_m)
        return np.asarray(near & frontier.on_side(side))


@dataclass(frozen=True)
class Version:
    """One version of all zones: what each covers, and from when to when it worked.

    Attributes
    ----------
    zones
        Table with settled dates.
    cells
        (zone, y, x) whether a cell lies inside.
    """

    zones: gpd.GeoDataFrame
    cells: NDArray[np.bool_]

    def only(self, keep: NDArray[np.bool_]) -> Version:
        """Return it with some of the zones."""
        return replace(self, zones=self.zones[keep], cells=self.cells[keep])

    def share(self, intervals: Sequence[DateInterval], grid: GeoBox) -> xr.DataArray:
        """Return the share of each interval's days on which a cell lay inside a working zone.

        Returns
        -------
        xr.DataArray
            `in_zone_year` float32 (period, y, x), 0 to 1; a cell of several zones counts once.
        """
        start, end = activity_days(self.zones)
        out = np.zeros((len(intervals), *(int(n) for n in grid.shape)), np.float32)
        for number, interval in enumerate(intervals):
            for first, last in moments([*start, *end], interval):
                at_work = np.flatnonzero((start <= first) & (first < end))
                days = np.float32(int((last - first).astype(int)) / period_days(interval))
                out[number] += days * self.cells[at_work].any(axis=0)
        ids = {"period": [i.id for i in intervals]}
        return wrap(np.minimum(out, 1.0), grid, "in_zone_year", "1", coords=ids)


def version(
    zones: gpd.GeoDataFrame,
    frontier: Frontier,
    window_end: date,
    rule: DateRule = "midpoint",
    generator: np.random.Generator | None = None,
) -> Version:
    """Settle ground and dates of zones.

    Parameters
    ----------
    zones
        Contract `zones`.
    frontier
        The border on the study's grid.
    window_end
        First day after the study: an open start may lie beyond it.
    rule
        "midpoint" of every bound, with the middle at the place named; "widest" or "narrowest" of
        span, depth and dates; "draw" for uniform draws, one for all zones that share the bounds
        of their depth or, within a programme, of their dates, since these share a source.
    generator
        Needed by "draw".
    """
    settled = settle(zones, window_end, rule, generator)
    blank = np.zeros(tuple(int(n) for n in frontier.grid.shape), bool)
    cells: dict[str, NDArray[np.bool_]] = {}
    depths: dict[tuple[float, float], float] = {}
    rooted = [z for z in settled.itertuples() if z.extent_of != "replaced"]
    for zone in rooted:
        cells[zone.zone_id] = _cells(zone, frontier, rule, generator, depths)
    for zone in settled.itertuples():
        if zone.extent_of == "replaced":
            cells[zone.zone_id] = cells.get(_ground_of(zone.zone_id, settled), blank)
    stack = [cells[z] for z in settled["zone_id"]]
    return Version(settled, np.stack(stack) if stack else blank[None][:0])


def settle(
    zones: gpd.GeoDataFrame,
    window_end: date,
    rule: DateRule = "midpoint",
    generator: np.random.Generator | None = None,
) -> gpd.GeoDataFrame:
    """Settle the dates of zones as those of towers (`geo.visibility.dated`).

    An open latest start is put so late that a uniform draw falls beyond the window with the
    registered probability; at its midpoint such a zone has not started within the window.
    """
    table = zones.copy()
    share = float(load("visibility")["open_interval_odds"].value)
    opened = table["active_from_latest"].isna()
    room = pd.Timestamp(window_end) - table["active_from_earliest"]
    far = table["active_from_earliest"] + room.clip(lower=pd.Timedelta(days=1)) / max(
        1.0 - share, 1e-3
    )
    table["active_from_latest"] = table["active_from_latest"].where(~opened, far.dt.ceil("D"))
    asked = table.rename(columns={"zone_id": "tower_id"}).assign(status="deployed")
    done = dated(asked, rule, generator)
    if rule == "narrowest":  # what is certain holds no zone that perhaps never started
        late = np.datetime64("2200-01-01", "us")
        done.loc[opened.to_numpy(), ["active_from_earliest", "active_from_latest"]] = late
    return done.rename(columns={"tower_id": "zone_id"}).drop(columns="status")


def before_towers(zones: gpd.GeoDataFrame, pre_tower_end: date) -> NDArray[np.bool_]:
    """Return which zones surely stood before the study's first tower: baseline, in no dose."""
    return baseline(zones, pre_tower_end)


def _cells(
    zone: object,
    frontier: Frontier,
    rule: DateRule,
    generator: np.random.Generator | None,
    depths: dict[tuple[float, float], float],
) -> NDArray[np.bool_]:
    one = gpd.GeoSeries([zone.geometry], crs="EPSG:4326")  # type: ignore[attr-defined]
    if zone.extent_of == "area":  # type: ignore[attr-defined]
        burnt = burn(gpd.GeoDataFrame(geometry=one), frontier.grid)
        return np.asarray(burnt.values, bool)
    place = shapely.get_coordinates(one.to_crs(str(frontier.grid.crs)).iloc[0])[0]
    gap = np.hypot(*(frontier.points - place).T)
    if gap.min() > float(load("visibility")["zone_place_km"].value) * KILO:
        return np.zeros(frontier.nearest.shape, bool)  # a zone of another border
    middle = frontier.points[gap.argmin()]
    if rule == "draw" and generator is not None:
        off = np.hypot(*(frontier.points - middle).T)
        within = np.flatnonzero(off <= zone.shift_km * KILO)  # type: ignore[attr-defined]
        middle = frontier.points[generator.choice(within)]
    span = _between(zone.span_low_km, zone.span_high_km, rule, generator)  # type: ignore[attr-defined]
    bounds = (zone.depth_low_km, zone.depth_high_km)  # type: ignore[attr-defined]
    if bounds not in depths:
        depths[bounds] = _between(*bounds, rule, generator)
    extent = ZoneExtent(middle, span * KILO, depths[bounds] * KILO)
    return extent.cells(frontier, zone.side)  # type: ignore[attr-defined]


def _between(
    low: float, high: float, rule: DateRule, generator: np.random.Generator | None
) -> float:
    share = {"midpoint": 0.5, "widest": 1.0, "narrowest": 0.0}.get(rule)
    if share is None:
        if generator is None:
            raise ValueError('rule="draw" needs a generator; give one')
        share = float(generator.random())
    return low + share * (high - low)


def _ground_of(zone_id: str, zones: gpd.GeoDataFrame) -> str:
    """Return the zone whose ground a chain of replacements carries on."""
    parent = dict(zip(zones["zone_id"], zones["replaces"], strict=True))
    own = set(zones.loc[zones["extent_of"] != "replaced", "zone_id"])
    at = zone_id
    while at not in own and not pd.isna(parent.get(at)):
        at = parent[at]
    return at
