"""Corridors are cut where record systems meet, and ground of nobody is left out."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from geo import sources
from geo.sources.record_systems import RecordSystem
from geo.sources.system_ground import grounds

CRS = "EPSG:32612"
WEST = RecordSystem("a", "one", (-112.0, 31.0, -111.0, 32.0), None, None)
EAST = RecordSystem("b", "two", (-111.2, 31.0, -110.0, 32.0), None, None)


def strips(*edges):
    shapes = [box(west, 31.0, east, 32.5) for west, east in edges]
    names = [f"strip {n}" for n in range(1, len(edges) + 1)]
    return gpd.GeoDataFrame({"corridor": names}, geometry=shapes, crs="EPSG:4326")


def test_each_piece_has_one_system_the_first_in_the_study_coming_first():
    given = strips((-112.0, -111.5), (-111.5, -110.5), (-110.5, -109.5), (-109.5, -109.0))
    cut = sources.cut_by_system(given, (WEST, EAST), CRS)
    assert list(cut["corridor"]) == ["strip 1", "strip 2, one", "strip 2, two", "strip 3"]
    home = sources.systems_of_corridors(cut, (WEST, EAST))
    assert list(home.values()) == ["one", "one", "two", "two"]
    assert cut.total_bounds == pytest.approx([-112.0, 31.0, -110.0, 32.0])
    pieces = cut.geometry.to_list()
    overlap = [a.intersection(b).area for n, a in enumerate(pieces) for b in pieces[:n]]
    assert max(overlap) == pytest.approx(0.0, abs=1e-12)


def test_a_piece_too_small_is_left_out_and_one_system_cuts_nothing():
    given = strips((-112.0, -110.995))
    cut = sources.cut_by_system(given, (WEST, EAST), CRS)
    assert list(cut["corridor"]) == ["strip 1"], "half a kilometre of it in the other system"
    assert sources.cut_by_system(given, (WEST,), CRS) is given
    assert grounds((WEST, RecordSystem("c", "one", (-110.0, 31.0, -109.0, 32.0), None, None))) == {}


def test_a_system_behind_all_crossings_is_described_with_the_distance():
    inland = RecordSystem("c", "inland", (-112.0, 33.0, -111.0, 34.0), None, None)
    given = strips((-112.0, -111.5)).set_geometry([box(-112.0, 31.0, -111.5, 34.0)])
    cut = sources.cut_by_system(given, (WEST, inland), CRS)
    home = sources.systems_of_corridors(cut, (WEST, inland))
    border = gpd.GeoDataFrame(geometry=[LineString([(-113, 31), (-110, 31)])], crs="EPSG:4326")
    why = sources.behind_crossings(home, cut, border, 60_000.0, CRS)
    assert set(why) == {"inland"}
    assert "begins 221 km behind the border" in why["inland"]
    assert "described only" in why["inland"]
