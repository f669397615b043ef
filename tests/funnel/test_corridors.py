"""Corridors that a study did not draw: from labels, else strips across the border."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from pyproj import Transformer
from shapely.geometry import LineString, MultiLineString, box

from geo.funnel.border_line import BorderLine
from geo.funnel.border_sides import border_strips, side_ground
from geo.funnel.corridors import CorridorPlan, LabelledPoints, make_corridors
from geo.grid import make_grid
from geo.sources.publisher_corridors import corridors_from_labels

CRS = "EPSG:32635"
AREA = (26.0, 40.5, 27.2, 41.7)
GRID = make_grid(AREA, CRS, 1_000)
BOX = box(*GRID.boundingbox.bbox)
WEST, SOUTH, EAST, NORTH = BOX.bounds
MIDDLE = np.array([(WEST + EAST) / 2, (SOUTH + NORTH) / 2])


def across(*shares):
    """A line through points given as shares of the area, in the grid's CRS."""
    return LineString([(WEST + a * (EAST - WEST), SOUTH + b * (NORTH - SOUTH)) for a, b in shares])


BORDERS = {
    "north-south": across((0.5, -0.1), (0.45, 0.5), (0.5, 1.1)),
    "diagonal": across((-0.1, -0.1), (1.1, 1.1)),
    "two pieces": MultiLineString(
        [across((-0.1, 0.5), (0.4, 0.5)), across((1.1, 0.5), (0.6, 0.5))]
    ),
    "ends inside": across((0.5, 0.2), (0.5, 0.8)),
}


def border(name):
    return gpd.GeoDataFrame(geometry=[BORDERS[name]], crs=CRS)


def points(rng, n, x=(0.05, 0.95), y=(0.05, 0.95)):
    at = rng.uniform([x[0], y[0]], [x[1], y[1]], (n, 2)) * [EAST - WEST, NORTH - SOUTH]
    at += [WEST, SOUTH]
    return Transformer.from_crs(CRS, 4326, always_xy=True).transform(*at.T)


def labelled(lon, lat, label=None, early=None):
    n = len(lon)
    return LabelledPoints(
        np.asarray(lon),
        np.asarray(lat),
        np.full(n, None, object) if label is None else np.asarray(label, object),
        np.ones(n, bool),
        np.zeros(n, bool) if early is None else early,
    )


@pytest.mark.parametrize("name", BORDERS)
def test_a_border_of_any_direction_and_in_pieces_has_two_sides_that_fill_the_area(name):
    line = BorderLine.of(border(name), GRID)
    left, right = (side_ground(line, GRID, s) for s in (1, -1))
    assert left.area + right.area == pytest.approx(BOX.area, rel=1e-6)
    assert left.intersection(right).area < 1
    assert min(left.area, right.area) > 0.4 * BOX.area


@pytest.mark.parametrize("name", BORDERS)
def test_strips_follow_the_line_and_divide_the_ground_of_one_side(name):
    line = BorderLine.of(border(name), GRID)
    ground = side_ground(line, GRID, 1)
    strips = border_strips(line, GRID, 20_000, ground)
    assert len(strips) == len(line.cuts(20_000)) - 1
    assert len(strips) >= 3
    assert strips.area.sum() == pytest.approx(ground.area, rel=1e-6)
    # perpendicular: what touches a strip's own stretch is nearest to it
    first = strips.geometry.iloc[0]
    assert first.distance(line.pieces[0].interpolate(0)) < 2_000
    assert first.distance(line.pieces[-1].interpolate(line.pieces[-1].length)) > 10_000


def test_labels_make_corridors_on_the_side_where_records_lie():
    rng = np.random.default_rng(1)
    lon, lat = points(rng, 2_000, y=(0.55, 0.95))
    early = rng.random(2_000) < 0.3
    label = np.where(lon < 26.6, "west", "east")
    made = make_corridors(
        CorridorPlan(), labelled(lon, lat, label, early), border("two pieces"), AREA, GRID
    )
    assert list(made.polygons["corridor"]) == ["east", "west"]
    assert set(made.polygons["basis"]) == {"labels"}
    shapes = made.polygons.to_crs(CRS)
    assert shapes.bounds["miny"].min() > MIDDLE[1] - 1
    told = made.facts.set_index("aspect")["value"]
    assert told["nearest label agrees"] > 0.99
    assert 0.9 < told["nearest label agrees, blocks held out"] <= told["nearest label agrees"]
    assert told["labels from before the towers agree"] > 0.95
    assert told["labels"] == 2_000
    assert "2,000 precisely placed records" in made.sentence


def test_no_cell_speaks_with_fewer_labels_than_the_floor_and_none_is_no_corridor():
    rng = np.random.default_rng(2)
    lon, lat = points(rng, 1_200)
    label = np.where(lon < 26.6, "west", "North of Corridor Divisions").astype(object)
    assert corridors_from_labels(lon, lat, list(label), AREA, CRS).empty, "one is none"
    label[(lon > 26.6) & (lat < 41.1)] = "south east"
    found = corridors_from_labels(lon, lat, list(label), AREA, CRS).set_index("corridor")
    assert list(found.index) == ["south east", "west"]
    assert found.to_crs(CRS).area.sum() < 0.9 * BOX.area, "land of no corridor stays out"
    few = np.r_[0:4]
    own = list(label)
    for n in few:
        own[n] = "lonely"
    assert "lonely" not in set(corridors_from_labels(lon, lat, own, AREA, CRS)["corridor"])
    assert corridors_from_labels(lon, lat, own, AREA, CRS, least=1_000).empty


def test_records_without_labels_get_strips_and_without_a_line_nothing_which_is_said():
    lon, lat = points(np.random.default_rng(3), 50, x=(0.6, 0.9))
    made = make_corridors(
        CorridorPlan(strip_m=30_000), labelled(lon, lat), border("north-south"), AREA, GRID
    )
    assert set(made.polygons["basis"]) == {"strips"}
    assert made.polygons.to_crs(CRS).bounds["minx"].min() > WEST + 0.4 * (EAST - WEST)
    assert "30 km" in made.sentence
    assert "no precisely placed record carries a corridor label" in made.sentence
    none = make_corridors(
        CorridorPlan(), labelled(lon, lat), border("diagonal").iloc[:0], AREA, GRID
    )
    assert none.polygons.empty
    assert "role corridors or border" in none.sentence
    asked = make_corridors(
        CorridorPlan(basis="labels"), labelled(lon, lat), border("diagonal"), AREA, GRID
    )
    assert asked.polygons.empty
    assert "no precisely placed record" in asked.sentence
