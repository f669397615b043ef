"""OpenStreetMap extracts by their tags: PBF, GeoPackage, Geofabrik's shapefiles, GeoJSON."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import pyogrio
import pytest
from made_up_osm import AREA, write_pbf
from shapely.geometry import LineString, Point, Polygon

from geo import sources
from geo.errors import LayoutError
from geo.sources import osm


@pytest.fixture(scope="module")
def extracts(tmp_path_factory):
    """One made-up extract as a PBF, as ogr2ogr's GeoPackage and as Geofabrik's shapefiles."""
    folder = tmp_path_factory.mktemp("osm")
    pbf = write_pbf(folder / "extract.osm.pbf")
    for layer in ("points", "lines"):
        frame = pyogrio.read_dataframe(pbf, layer=layer)
        frame.to_file(folder / "extract.gpkg", layer=layer, driver="GPKG")
    roads = pyogrio.read_dataframe(pbf, layer="lines").rename(columns={"highway": "fclass"})
    towns = pyogrio.read_dataframe(pbf, layer="points").rename(columns={"place": "fclass"})
    with zipfile.ZipFile(folder / "free.shp.zip", "w") as archive:
        for name, frame in (("roads", roads), ("places", towns), ("pois", towns)):
            stem = f"gis_osm_{name}_free_1"
            frame[["osm_id", "fclass", "name", "geometry"]].to_file(folder / f"{stem}.shp")
            for path in folder.glob(f"{stem}.*"):
                archive.write(path, path.name)
    return folder


@pytest.mark.parametrize("name", ["extract.osm.pbf", "extract.gpkg", "free.shp.zip"])
def test_roads_and_towns_are_chosen_by_their_tags(extracts, name):
    roads = sources.read(extracts / name, role="roads", source_id="r", plausible=AREA)
    kinds = sorted(roads.records["kind"])
    assert kinds == ["highway", "highway", "road"], "no track, no footway, no river, none far away"
    assert roads.counts["read"] == len(kinds)
    assert "ODbL" in roads.warnings[0]
    places = sources.read(extracts / name, role="places", source_id="p", plausible=AREA)
    assert list(places.records["name"]) == ["MADE UP Town"]
    assert list(places.records["kind"]) == ["town"]


@pytest.mark.parametrize("name", ["extract.osm.pbf", "extract.gpkg"])
def test_the_border_is_level_two_on_land(extracts, name):
    border = sources.read(extracts / name, role="border", source_id="b", plausible=AREA)
    assert len(border.records) == 1, "neither a county's line nor the sea's"
    assert list(border.records["kind"]) == ["border"]
    assert border.records.geometry.iloc[0].bounds == pytest.approx((26.0, 40.93, 26.4, 40.935))


def test_without_the_tags_it_is_said_what_was_looked_for(extracts, tmp_path):
    with pytest.raises(LayoutError, match="boundary = administrative, admin_level = 2"):
        sources.read(extracts / "extract.gpkg", role="border", source_id="b",
                     plausible=(0.0, 0.0, 1.0, 1.0))  # fmt: skip
    (problem,) = sources.check(extracts / "free.shp.zip", "border")
    assert "vector layers" in problem.what
    (problem,) = sources.check(extracts / "extract.osm.pbf", "corridors")
    assert "roads, places or border" in problem.remedy
    broken = tmp_path / "cut.osm.pbf"
    broken.write_bytes((extracts / "extract.osm.pbf").read_bytes()[:-200])
    (problem,) = sources.check(broken, "roads")
    assert "damaged" in problem.remedy + problem.what


def test_where_pbf_cannot_be_read_the_way_to_a_geopackage_is_said(extracts, monkeypatch):
    monkeypatch.setattr(osm, "can_read_pbf", lambda: False)
    (problem,) = sources.check(extracts / "extract.osm.pbf", "roads")
    assert "cannot read OpenStreetMap's PBF" in problem.what
    assert "ogr2ogr -f GPKG" in problem.remedy


def test_outlines_of_countries_serve_where_no_line_is_tagged(tmp_path):
    countries = gpd.GeoDataFrame(
        {"osm_id": ["1", "2"], "name": ["SYN A", "SYN B"], "boundary": "administrative",
         "admin_level": ["2", "4"], "other_tags": None},
        geometry=[Polygon([(0, 0), (1, 0), (1, 1)]), Polygon([(2, 0), (3, 0), (3, 1)])], crs=4326,
    )  # fmt: skip
    river = gpd.GeoDataFrame(
        {"osm_id": ["3"], "highway": [None], "other_tags": ['"waterway"=>"river"']},
        geometry=[LineString([(0, 0), (1, 1)])],
        crs=4326,
    )
    river.to_file(tmp_path / "c.gpkg", layer="lines", driver="GPKG")
    countries.to_file(tmp_path / "c.gpkg", layer="multipolygons", driver="GPKG")
    border = sources.read(tmp_path / "c.gpkg", role="border", source_id="b")
    assert list(border.records.geom_type) == ["LineString"]
    assert "multipolygons" in border.warnings[0]


def test_the_answer_of_a_query_is_sorted_by_tags_and_other_files_are_left_alone(tmp_path):
    mixed = gpd.GeoDataFrame(
        {"@id": ["way/1", "way/2", "node/3"], "name": ["a", "b", "c"],
         "highway": ["trunk", None, None], "boundary": [None, "administrative", None],
         "admin_level": [None, "2", None], "place": [None, None, "village"]},
        geometry=[LineString([(0, 0), (1, 0)]), LineString([(0, 1), (1, 1)]), Point(0, 2)],
        crs=4326,
    )  # fmt: skip
    mixed.to_file(tmp_path / "q.geojson")
    for role, name in (("roads", ["a"]), ("border", []), ("places", ["c"])):
        reading = sources.read(tmp_path / "q.geojson", role=role, source_id="q")
        assert len(reading.records) == 1
        assert list(reading.records["name"].dropna()) == name
    own = mixed.drop(columns="@id").iloc[:1]
    own.to_file(tmp_path / "own.geojson")
    reading = sources.read(tmp_path / "own.geojson", role="roads", source_id="q")
    assert reading.warnings == ()


def test_of_several_layers_none_is_taken_silently(tmp_path):
    line = gpd.GeoDataFrame({"a": [1]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4326)
    for layer in ("first", "second"):
        line.to_file(tmp_path / "two.gpkg", layer=layer, driver="GPKG")
    (problem,) = sources.check(tmp_path / "two.gpkg", "border")
    assert "2 layers (first, second)" in problem.what
