from __future__ import annotations

import zipfile

import geopandas as gpd
import pytest
from shapely.geometry import LineString, Point, Polygon

from geo import sources
from geo.errors import LayoutError

LINE = LineString([(-111.0, 31.3), (-110.0, 31.4)])


def test_any_crs_and_wrapping_gives_the_same_line(tmp_path):
    lines = gpd.GeoDataFrame({"FULLNAME": ["I- 19"], "MTFCC": ["S1100"]}, geometry=[LINE], crs=4326)
    lines.to_file(tmp_path / "plain.geojson")
    for code in (4269, 32612, 26711, 3857):
        lines.to_crs(code).to_file(tmp_path / f"r{code}.shp")
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        for path in tmp_path.glob("r32612.*"):
            archive.write(path, f"r/{path.name}")
            archive.writestr(f"__MACOSX/r/._{path.name}", b"\x00\x05\x16\x07")
    for path in [*tmp_path.glob("*.geojson"), *tmp_path.glob("*.shp"), tmp_path / "mac.zip"]:
        reading = sources.read(path, role="roads", source_id="roads")
        assert list(reading.records["kind"]) == ["highway"]
        assert list(reading.records["name"]) == ["I- 19"]
        assert reading.records.geometry[0].hausdorff_distance(LINE) < 2e-5, path.name
    assert sources.read(path, role="border", source_id="b").records["kind"][0] == "border"


def test_shapes_of_the_wrong_kind_and_empty_ones_are_set_aside(tmp_path):
    area = Polygon([(0, 0), (1, 0), (1, 1)])
    mixed = gpd.GeoDataFrame(
        {"name": ["a", "b", None, "a", "e"]},
        geometry=[area, Point(0, 0), area, area, area],
        crs=4326,
    )
    mixed.to_file(tmp_path / "m.geojson")
    reading = sources.read(tmp_path / "m.geojson", role="corridors", source_id="c")
    assert list(reading.records["corridor"]) == ["a", "e"]
    assert list(reading.quarantine["source_row"]) == [2, 3, 4]


def test_no_crs_wrong_crs_and_no_layer_are_said(tmp_path):
    lines = gpd.GeoDataFrame({"a": [1]}, geometry=[LINE], crs=4326)
    lines.to_file(tmp_path / "l.shp")
    (tmp_path / "l.prj").unlink()
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as archive:
        for path in tmp_path.glob("l.*"):
            if path.suffix != ".zip":
                archive.write(path, path.name)
    with pytest.raises(LayoutError, match="does not say its CRS"):
        sources.read(tmp_path / "l.zip", role="roads", source_id="x")
    metres = gpd.GeoDataFrame({"a": [1]}, geometry=[LineString([(5e5, 3.5e6), (6e5, 3.6e6)])])
    metres.set_crs(4326).to_file(tmp_path / "wrong.gpkg")
    with pytest.raises(LayoutError, match="beyond 90 degrees"):
        sources.read(tmp_path / "wrong.gpkg", role="roads", source_id="x")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert "no vector layer" in sources.check(tmp_path / "none.zip", "roads")[0].what
    problems = sources.check(tmp_path / "gone.zip", "roads")
    assert "no such file" in problems[0].what
