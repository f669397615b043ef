"""Rasters as people have them: converted and said, or refused with what to do, before any work."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.enums import ColorInterp
from rasterio.transform import Affine, from_origin

from geo import terrain
from geo.grid import cell_centres, make_grid

AREA = (-111.9, 31.1, -111.1, 31.9)
GRID = make_grid(AREA, "EPSG:32612", 1000)
STEP = 1 / 120
PLACE = from_origin(-112, 32, STEP, STEP)
CAN_BE_READ = ("elev_ok", "elev_feet_unit", "elev_dm_scale", "elev_9999_undeclared")


def truth(grid=GRID):
    x, y = np.meshgrid(*cell_centres(grid))
    lon, lat = Transformer.from_crs("EPSG:32612", "EPSG:4326", always_xy=True).transform(x, y)
    return height(lon, lat)


def height(lon, lat):
    return 500 + 800 * (lat - 31) + 300 * (lon + 112)


def plane(transform=PLACE, shape=(120, 120)):
    col, row = np.meshgrid(np.arange(shape[1]) + 0.5, np.arange(shape[0]) + 0.5)
    lon, lat = transform @ (col.ravel(), row.ravel())
    lon = np.where(lon > 180, lon - 360, lon)
    return height(lon, lat).reshape(shape).astype(np.float32)


def write(path, values, transform=PLACE, crs="EPSG:4326", nodata=None, **band):
    bands = np.atleast_3d(values) if values.ndim == 2 else np.moveaxis(values, 0, -1)
    with rasterio.open(
        path, "w", driver="GTiff", height=bands.shape[0], width=bands.shape[1],
        count=bands.shape[2], dtype=bands.dtype.name, crs=crs, transform=transform, nodata=nodata,
    ) as out:  # fmt: skip
        for number in range(bands.shape[2]):
            out.write(bands[:, :, number], number + 1)
        if "unit" in band:
            out.units = [band["unit"]]
        if "scale" in band:
            out.scales, out.offsets = [band["scale"]], [band["offset"]]
        if "colour" in band:
            out.colorinterp = band["colour"]
    return path


def holed(void):
    values = plane()
    values[40:60, 40:60] = void
    return values


TURNED = Affine.translation(-112.4, 31.5) @ Affine.rotation(40) @ Affine.scale(STEP, -STEP)
CONVERTED = {
    "feet": ({"values": plane() / 0.3048, "unit": "ft"}, "in ft: converted to metres"),
    "scaled": ({"values": (plane() - 100) / 0.5, "scale": 0.5, "offset": 100}, "scale 0.5"),
    "south-up": (
        {"transform": from_origin(-112, 31, STEP, -STEP),
         "values": plane(from_origin(-112, 31, STEP, -STEP))}, ""),
    "turned": ({"transform": TURNED, "values": plane(TURNED, (200, 200))}, ""),
    "0-360": ({"transform": from_origin(248, 32, STEP, STEP), "values": plane()}, ""),
    "unmarked void": ({"values": holed(-9999)}, "400 cells of -9999 are no heights"),
    "void of a height that land may have": ({"values": holed(-99)}, "400 cells of -99 are no"),
    "void beside a marked one": (
        {"values": holed(-9999), "nodata": -32768}, "beside the marked void -32768"),
    "survey feet": ({"values": plane() * 3937 / 1200, "unit": "US_survey_foot"}, "to metres"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CONVERTED))
def test_what_can_be_converted_is_and_is_said(tmp_path, name):
    given, words = CONVERTED[name]
    path = write(tmp_path / "dem.tif", **given)
    found = terrain.inspect_elevation([path], GRID, ["my dem.tif"])
    assert found.problems == []
    assert words in " ".join(found.said)
    assert all(s.startswith("my dem.tif: ") for s in found.said)
    land = terrain.elevation_on(GRID, [path]).values
    known = np.isfinite(land)
    assert known.mean() > 0.85
    inside = known & (truth() > 560)
    # a void that leaks into the cells beside it would stand thousands of metres low
    assert np.abs(land - truth())[inside].max() < 12
    assert abs(terrain.cell_side_m(path, (-111.5, 31.5)) / 111_000) < 2 * STEP


REFUSED = {
    "picture": ({"values": np.zeros((3, 120, 120), np.uint8)}, "3 bands", "one band"),
    "classes": (
        {"values": np.ones((120, 120), np.uint8), "colour": [ColorInterp.palette]},
        "colour table", "metres"),
    "shade": ({"values": np.full((120, 120), 9, np.uint8)}, "cells are uint8", "metres"),
    "no scale": ({"values": plane(), "scale": 0.0, "offset": 0.0}, "scale 0", "gdal_edit"),
    "local": (
        {"values": plane(), "crs": 'LOCAL_CS["Site grid",UNIT["metre",1]]'}, "Site grid", "a_srs"),
    "unit": ({"values": plane(), "unit": "kelvin"}, "kelvin", "metres"),
    "empty": ({"values": np.full((120, 120), np.nan, np.float32)}, "no cell", "covers the area"),
    "all void": ({"values": np.full((120, 120), -1, np.int16), "nodata": -1}, "no cell", "covers"),
    "elsewhere": (
        {"values": plane(), "transform": from_origin(10, 50, STEP, STEP)},
        "lies at 10.00, 49.00", "bounds_lonlat"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_cannot_be_land_is_refused_with_a_remedy(tmp_path, name):
    given, words, remedy = REFUSED[name]
    path = write(tmp_path / "dem.tif", **given)
    (problem,) = terrain.inspect_elevation([path], GRID, ["my dem.tif"]).problems
    assert problem.where == "my dem.tif"
    assert words in problem.what
    assert remedy in problem.remedy


def test_a_file_that_is_cut_off_is_found_before_work(tmp_path):
    path = write(tmp_path / "dem.tif", plane())
    path.write_bytes(path.read_bytes()[:30_000])
    (problem,) = terrain.inspect_elevation([path], GRID).problems
    assert "cannot be read to the end" in problem.what
    assert "Fetch it again" in problem.remedy


def test_a_land_cover_says_by_its_codes_which_product_it_is(tmp_path):
    codes = np.random.default_rng(1).choice([10, 20, 60], (120, 120)).astype(np.uint8)
    path = write(tmp_path / "cover.tif", codes)
    found = terrain.inspect_landcover([path], GRID)
    assert found.said == ["cover.tif: read as worldcover by its codes"]
    (problem,) = terrain.inspect_landcover([path], GRID, stated="nlcd").problems
    assert "10, 20, 60, do not fit the stated legend nlcd (nlcd has 11, 12, 21" in problem.what
    assert problem.remedy.startswith("State legend = 'worldcover'")


@pytest.mark.real
def test_real_awkward_files_have_their_right_answers(real_data):
    area = (-111.3, 31.25, -110.5, 31.8)
    grid = make_grid(area, "EPSG:32612", 800)
    land = {}
    for name in CAN_BE_READ:
        path = real_data / "inputs" / f"{name}.tif"
        assert terrain.inspect_elevation([path], grid).problems == [], name
        land[name] = terrain.elevation_on(grid, [path]).values
    for name in CAN_BE_READ[1:3]:
        assert np.nanmax(np.abs(land[name] - land["elev_ok"])) < 1.0, name
    assert np.nanmin(land["elev_9999_undeclared"]) >= 629
    for name in ("elev_is_rgb_hillshade", "elev_local_crs"):
        assert terrain.inspect_elevation([real_data / "inputs" / f"{name}.tif"], grid).problems
