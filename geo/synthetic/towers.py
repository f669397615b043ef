"""Made-up towers: four programmes, each in its own corridors from its own date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point

from geo import records
from geo.grid import LONLAT, cell_centres, grid_of
from geo.study import Study, stream
from geo.synthetic.landscape import Landscape, Strip, plan, strip

SOURCE_ID = "synthetic-towers"
SNAP_M = 600.0
"""Made up: a tower takes the highest cell within this distance of its place in the row."""
APART = 1.2
"""Made up: spacing of towers, in ranges."""
DOUBT = timedelta(days=45)
"""Made up: sources give the start of a tower this far either way; the true day is the middle."""
WIDEST = 0.42
"""Made up: a range is cut to this share of the corridor's width, so that a tower sees its own only.
"""


@dataclass(frozen=True)
class MadeUpProgramme:
    """A made-up programme of towers.

    Attributes
    ----------
    name
        As in the towers table.
    start
        True day on which its towers began.
    height_m, range_m
        Of the eye above ground; nominal range.
    """

    name: str
    start: date
    height_m: float
    range_m: float


PROGRAMMES = (
    MadeUpProgramme("synthetic_a", date(2007, 2, 15), 36.0, 8_000.0),
    MadeUpProgramme("synthetic_b", date(2010, 7, 15), 30.0, 6_000.0),
    MadeUpProgramme("synthetic_c", date(2015, 2, 15), 24.0, 5_000.0),
    MadeUpProgramme("synthetic_d", date(2018, 7, 15), 24.0, 4_000.0),
)
"""Made up: programmes, none of which exists."""


def treatment(study: Study) -> dict[str, MadeUpProgramme]:
    """Return the programme of each treated corridor, west to east.

    Programmes take turns, so that each has as many corridors as the next; which corridors get
    towers at all is drawn from the seed.
    """
    made_up = plan(study)
    order = stream(study.seed, "synthetic treatment").permutation(made_up.corridors)
    chosen = {
        int(c): PROGRAMMES[n % len(PROGRAMMES)] for n, c in enumerate(order[: made_up.treated])
    }
    return {corridor_name(c): chosen[c] for c in sorted(chosen)}


def corridor_name(number: int) -> str:
    """Return the name of a corridor by its position from the west, 0 first."""
    return f"SYNTHETIC corridor {number + 1:02d}"


def tower_rows(study: Study, land: Landscape) -> pd.DataFrame:
    """Return the towers as a publisher would list them, one row a site.

    Returns
    -------
    DataFrame
        Contract columns of `geo.records.TOWERS` (ids are the publisher's own) and longitude,
        latitude. Besides the towers of the programmes: one that replaces another, one without a
        date, and planned, cancelled and test sites where no tower ever stood.
    """
    treated = treatment(study)
    area = strip(study)
    rows: list[dict[str, Any]] = []
    for number in range(plan(study).corridors):
        programme = treated.get(corridor_name(number))
        shape = land.corridors.geometry.iloc[number]
        left, foot, right, _ = shape.bounds
        if programme is None:
            rows.append(_control(land, (left + right) / 2, _row_y(area, foot, 0.35), len(rows)))
            continue
        reach = min(programme.range_m, WIDEST * (right - left))
        for x, y in _places(left, right, foot, area, reach):
            rows.append(_deployed(_high_ground(land, x, y), programme, reach))
    for n, row in enumerate(rows):
        row["tower_id"] = f"SYN-{n + 1:03d}"
    rows += _oddities(rows)
    frame = pd.DataFrame(rows)
    points = gpd.GeoSeries(frame.pop("point"), crs=str(grid_of(land.elevation).crs)).to_crs(LONLAT)
    frame["longitude"], frame["latitude"] = points.x.round(6), points.y.round(6)
    columns = [c for c in records.TOWERS.names if c in frame]
    return frame[[*columns, "longitude", "latitude"]]


def tower_table(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the rows under the contract `towers`, for computing what they saw."""
    frame = rows.drop(columns=["longitude", "latitude"]).copy()
    frame["source_id"], frame["source_row"] = SOURCE_ID, np.arange(1, len(frame) + 1)
    points = gpd.points_from_xy(rows["longitude"], rows["latitude"], crs=LONLAT)
    table = records.TOWERS.conform(gpd.GeoDataFrame(frame, geometry=points, crs=LONLAT))
    return gpd.GeoDataFrame(table)


def _places(
    left: float, right: float, foot: float, area: Strip, reach: float
) -> list[tuple[float, float]]:
    """Return a lattice of places whose view stays within the corridor."""
    margin = min(reach + SNAP_M, (right - left) / 2)
    span = right - left - 2 * margin
    columns = left + margin + span * _shares(1 + round(span / (APART * reach)))
    top = area.south + area.height
    depth = top - foot
    lines = foot + depth * _shares(max(1, round(depth / (APART * reach))))
    return [(float(x), float(y)) for y in lines for x in columns]


def _shares(count: int) -> Any:
    return (np.arange(count) + 0.5) / count


def _row_y(area: Strip, foot: float, share: float) -> float:
    return foot + share * (area.south + area.height - foot)


def _high_ground(land: Landscape, x: float, y: float) -> Point:
    """Return the centre of the highest cell near a place."""
    grid_x, grid_y = cell_centres(grid_of(land.elevation))
    near_x = np.flatnonzero(np.abs(grid_x - x) <= SNAP_M)
    near_y = np.flatnonzero(np.abs(grid_y - y) <= SNAP_M)
    window = land.elevation.values[np.ix_(near_y, near_x)]
    row, col = np.unravel_index(int(window.argmax()), window.shape)
    return Point(float(grid_x[near_x[col]]), float(grid_y[near_y[row]]))


def _deployed(point: Point, programme: MadeUpProgramme, reach: float) -> dict[str, Any]:
    return {
        "programme": programme.name,
        "status": "deployed",
        "height_m": programme.height_m,
        "range_m": round(reach),
        "active_from_earliest": programme.start - DOUBT,
        "active_from_latest": programme.start + DOUBT,
        "location_uncertainty_m": 25,
        "citation": "SYNTHETIC",
        "point": point,
    }


def _control(land: Landscape, x: float, y: float, number: int) -> dict[str, Any]:
    """Return a site where no tower ever stood: planned, cancelled and test in turn."""
    row = _deployed(_high_ground(land, x, y), PROGRAMMES[0], PROGRAMMES[-1].range_m)
    row["status"] = ("planned", "cancelled", "test")[number % 3]
    row["active_from_earliest"] = row["active_from_latest"] = None
    return row


def _oddities(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let one tower of the first programme be replaced, and list one without a date."""
    first, third = PROGRAMMES[0], PROGRAMMES[2]
    old = next(
        (r for r in rows if r["programme"] == first.name and r["status"] == "deployed"), None
    )
    if old is None:
        return []
    new = {
        **old,
        "tower_id": f"{old['tower_id']}-B",
        "programme": third.name,
        "active_from_earliest": third.start - DOUBT,
        "active_from_latest": third.start + DOUBT,
        "replaces": old["tower_id"],
    }
    undated = {
        **old,
        "tower_id": "SYN-UNDATED",
        "active_from_earliest": None,
        "active_from_latest": None,
    }
    old["status"] = "replaced"
    old["active_to_earliest"], old["active_to_latest"] = third.start - DOUBT, third.start + DOUBT
    return [new, undated]
