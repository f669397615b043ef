"""Land on the grid: corners, voids, mosaics, slopes of known planes, other programs' answers."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from geo import records, terrain
from geo.errors import GridError, LayoutError, MissingInputError
from geo.grid import cell_centres, grid_from_bounds, make_grid, wrap
from geo.terrain import legend_that_fits

UTM = "EPSG:32612"


def write(path: Path, values, transform, crs="EPSG:4326", **profile):
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype.name, crs=crs, transform=transform, **profile,
    ) as out:  # fmt: skip
        out.write(values, 1)
    return path


def tilted(name, west, north, side, path, *, size=1.0, void=None):
    """A tile whose height is 100 x (lat - 30) + 10 x (lon + 120): a plane across tiles."""
    step = size / side
    lon = west + (np.arange(side) + 0.5) * step
    lat = north - (np.arange(side) + 0.5) * step
    values = (100 * (lat[:, None] - 30) + 10 * (lon[None, :] + 120)).astype(np.float32)
    if void is not None:
        values[void] = -9999
    return write(path / name, values, from_origin(west, north, step, step), nodata=-9999)


def plane_at(grid):
    from pyproj import Transformer

    x, y = np.meshgrid(*cell_centres(grid))
    lon, lat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True).transform(x, y)
    return 100 * (lat - 30) + 10 * (lon + 120)


def test_corners_of_the_products_are_not_mixed_up():
    here = (-111.5, 31.5, -111.5, 31.5)
    names = {p: [n for n, *_ in terrain.tiles_for(p, here)] for p in
             ("copernicus", "srtm", "3dep", "worldcover")}  # fmt: skip
    assert names == {
        "copernicus": ["N31_00_W112_00"],
        "srtm": ["N31W112"],
        "3dep": ["n32w112"],
        "worldcover": ["N30W114"],
    }
    area = (-114.0, 31.2, -109.5, 32.8)
    assert [n for n, *_ in terrain.tiles_for("3dep", area)] == [
        f"n{n}w{w}" for n in (32, 33) for w in (114, 113, 112, 111, 110)
    ]
    assert [n for n, *_ in terrain.tiles_for("worldcover", area)] == ["N30W114", "N30W111"]
    study = (-114.9, 31.2, -109.0, 33.0)
    assert len(terrain.tiles_for("copernicus", study)) == 12
    with pytest.raises(GridError, match="use one of"):
        terrain.tiles_for("nasadem", study)


@example(lon=-5e-324, lat=-5e-324)
@settings(max_examples=60, deadline=None)
@given(lon=st.floats(-179.9, 179.9), lat=st.floats(-55, 55))
def test_a_point_lies_in_the_tile_that_is_named_for_it(lon, lat):
    for product, step in (("copernicus", 1), ("srtm", 1), ("3dep", 1), ("worldcover", 3)):
        ((_, south, west),) = terrain.tiles_for(product, (lon, lat, lon, lat))
        assert south <= lat < south + step
        assert west <= lon < west + step


def test_a_mosaic_has_no_seam_and_its_voids_stay_voids(tmp_path):
    hole = (slice(100, 110), slice(100, 110))
    paths = [
        tilted("a.tif", -112, 32, 300, tmp_path),
        tilted("b.tif", -111, 32, 300, tmp_path, void=hole),
    ]
    grid = make_grid((-111.9, 31.1, -110.1, 31.9), UTM, 500)
    land = terrain.elevation_on(grid, paths)
    records.RASTERS["elevation"].check(land)
    truth = plane_at(grid)
    values = land.values
    inside = np.isfinite(values)
    assert inside.mean() > 0.95
    assert np.nanmax(np.abs(values - truth)) < 0.3
    steps = np.nanmax(np.abs(np.diff(values, axis=1)))
    assert steps < 1.0, "no step where one tile ends and the next begins"
    filled = terrain.elevation_on(grid, [*paths, tilted("c.tif", -111, 32, 300, tmp_path)])
    assert np.isnan(filled.values).sum() < np.isnan(values).sum(), "a second source fills the hole"


@pytest.mark.slow
def test_blocks_threads_and_progress_give_the_same_bytes(tmp_path):
    paths = [tilted("a.tif", -112, 32, 200, tmp_path)]
    grid = make_grid((-111.9, 31.3, -111.3, 31.7), UTM, 30)
    lazy = terrain.elevation_on(grid, paths)
    assert lazy.data.numblocks == (2, 2)
    calls: list[tuple[int, int, str]] = []
    eager = terrain.elevation_on(grid, paths, progress=lambda *a: calls.append(a))
    assert calls == [(n, 4, "elevation") for n in range(1, 5)]
    np.testing.assert_array_equal(lazy.compute(scheduler="threads").values, eager.values)
    np.testing.assert_array_equal(terrain.slope(lazy).values, terrain.slope(eager).values)


@pytest.mark.parametrize("packing", ["hgt", "gz", "zip"])
def test_srtm_tiles_are_big_endian_and_named_by_their_south_west_corner(tmp_path, packing):
    side = 1201
    lat = 32 - np.arange(side) / (side - 1)
    values = np.repeat((1000 * (lat - 31))[:, None], side, axis=1).astype(">i2")
    values[600:620, 600:620] = -32768
    raw = values.tobytes()
    path = tmp_path / {"hgt": "N31W112.hgt", "gz": "N31W112.hgt.gz", "zip": "N31W112.zip"}[packing]
    if packing == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("N31W112.hgt", raw)
    else:
        path.write_bytes(gzip.compress(raw) if packing == "gz" else raw)
    assert terrain.native_resolution_m(path) == pytest.approx(85.6, abs=1)
    grid = make_grid((-111.9, 31.1, -111.1, 31.9), UTM, 1000)
    land = terrain.elevation_on(grid, [path])
    assert land.attrs["vertical_datum"] == "EGM96"
    gap = np.abs(land.values - 1000 * (_lat(grid) - 31))
    assert np.nanmedian(gap) < 0.6
    assert np.nanmax(gap) < 4, "beside a void the mean is of what is left"
    assert (land.values % 1 > 0).any(), "heights are not cut to whole metres"
    assert 0 < np.isnan(land.values).sum() < 30
    (tmp_path / "elsewhere.hgt").write_bytes(raw)
    with pytest.raises(LayoutError, match="by its name only"):
        terrain.elevation_on(grid, [tmp_path / "elsewhere.hgt"])


def _lat(grid):
    from pyproj import Transformer

    x, y = np.meshgrid(*cell_centres(grid))
    return Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True).transform(x, y)[1]


@pytest.mark.parametrize("gradient", [0.0, 0.05, 0.1, 0.577, 1.0])
@pytest.mark.parametrize("azimuth", [0.0, 30.0, 45.0, 90.0, 210.0])
def test_the_slope_of_a_plane_is_its_angle_everywhere(gradient, azimuth):
    grid = grid_from_bounds((500_000, 3_500_000, 501_500, 3_501_200), UTM, 30)
    x, y = np.meshgrid(*cell_centres(grid))
    turned = np.radians(azimuth)
    z = gradient * ((x - 5e5) * np.sin(turned) + (y - 3.5e6) * np.cos(turned))
    land = wrap(z.astype(np.float32), grid, "elevation", "m")
    slope = terrain.slope(land)
    records.RASTERS["slope"].check(slope)
    assert slope.values[1:-1, 1:-1] == pytest.approx(np.degrees(np.arctan(gradient)), abs=0.02)
    assert np.isfinite(slope.values).all()


def test_slope_agrees_with_an_independent_implementation():
    from xrspatial import slope as peer

    grid = grid_from_bounds((500_000, 3_500_000, 503_000, 3_503_000), UTM, 30)
    rough = np.random.default_rng(7).normal(size=grid.shape).cumsum(0).cumsum(1)
    land = wrap((rough / 5).astype(np.float32), grid, "elevation", "m")
    plain = xr.DataArray(land.values, dims=("y", "x"), attrs={"res": (30, 30)})
    ours, theirs = terrain.slope(land).values, peer(plain).values
    np.testing.assert_allclose(ours[1:-1, 1:-1], theirs[1:-1, 1:-1], atol=2e-3)


def test_a_void_has_no_slope_and_does_not_spread():
    grid = grid_from_bounds((0, 0, 600, 600), UTM, 30)
    z = np.full(grid.shape, 100, np.float32)
    z[10, 10] = np.nan
    slope = terrain.slope(wrap(z, grid, "elevation", "m")).values
    assert np.isnan(slope).sum() == 1
    assert np.nanmax(slope) == 0


def test_land_cover_keeps_codes_and_takes_the_commonest(tmp_path):
    codes = np.random.default_rng(3).choice(np.array([10, 20, 60], np.uint8), (400, 400))
    codes[:200] = 60
    path = write(tmp_path / "wc.tif", codes, from_origin(-112, 32, 1 / 400, 1 / 400), nodata=0)
    for step in (100, 2000):
        grid = make_grid((-111.9, 31.1, -111.1, 31.9), UTM, step)
        cover = terrain.landcover_on(grid, [path])
        assert cover.dtype == np.uint8
        assert set(np.unique(cover.values)) <= {0, 10, 20, 60}
        north = cover.values[: grid.shape[0] // 3]
        assert (north[north > 0] == 60).all()
    assert legend_that_fits(frozenset((10, 20, 60))) == "worldcover"
    assert legend_that_fits(frozenset((11, 42, 52, 255))) == "nlcd"
    assert legend_that_fits(frozenset((90, 95)), "nlcd") == "nlcd"
    for codes, stated, words in (
        ((1, 2), None, "1, 2, do not fit any legend"),
        ((10, 20), "nlcd", "10, 20, do not fit the stated legend nlcd (nlcd has 11, 12"),
        ((90, 95), None, "several products"),
        ((0,), None, "no cell"),
    ):
        with pytest.raises(LayoutError) as refusal:
            legend_that_fits(frozenset(codes), stated)
        assert words in str(refusal.value)


def test_what_cannot_be_land_is_said_in_a_sentence(tmp_path):
    grid = make_grid((-111.9, 31.1, -111.1, 31.9), UTM, 1000)
    whole = tilted("whole.tif", -112, 32, 200, tmp_path)
    (tmp_path / "cut.tif").write_bytes(whole.read_bytes()[:60])
    (tmp_path / "page.tif").write_bytes(b"<!DOCTYPE html><html>login</html>")
    (tmp_path / "virtual.tif").write_bytes(b"<VRTDataset><SourceFilename>/vsicurl/http://x")
    values = np.zeros((10, 10), np.float32)
    write(tmp_path / "nocrs.tif", values, from_origin(0, 10, 1, 1), crs=None)
    cases = {
        "cut.tif": "cannot be opened",
        "page.tif": "web page",
        "virtual.tif": "no raster that is known",
        "nocrs.tif": "does not say its CRS",
    }
    for name, message in cases.items():
        (problem,) = terrain.check([tmp_path / name], grid)
        assert message in problem.what
        assert problem.remedy
    with pytest.raises(MissingInputError):
        terrain.native_resolution_m(tmp_path / "nowhere.tif")
    far = tilted("far.tif", 10, 50, 100, tmp_path)
    (problem,) = terrain.check([far], grid)
    assert "covers 0%" in problem.what
    assert terrain.check([whole], grid) == []


def test_heights_that_no_land_has_are_voids(tmp_path):
    values = np.full((100, 100), 500, np.float32)
    values[:50] = -32767
    path = write(tmp_path / "unmarked.tif", values, from_origin(-112, 32, 0.01, 0.01))
    grid = make_grid((-111.9, 31.1, -111.1, 31.9), UTM, 2000)
    land = terrain.elevation_on(grid, [path]).values
    assert np.isnan(land[: grid.shape[0] // 3]).all()
    assert np.nanmin(land) > 450


def test_relief_is_coarse():
    grid = grid_from_bounds((0, 0, 6000, 6000), UTM, 30)
    land = wrap(np.full(grid.shape, 7, np.float32), grid, "elevation", "m")
    coarse = terrain.relief(land, 1000)
    records.RASTERS["relief"].check(coarse)
    assert coarse.shape == (6, 6)


@pytest.mark.real
def test_real_elevations_of_known_places(real_data):
    path = real_data / "terrain" / "gridmet_metdata_elevationdata.nc"
    grid = make_grid((-114.0, 31.2, -109.5, 32.8), UTM, 4000)
    land = terrain.elevation_on(grid, [path])
    assert 4000 < land.attrs["resolution_m"] < 4400
    places = {"Tucson": (-110.97, 32.22, 723), "Sasabe": (-111.54, 31.48, 1112),
              "Ajo": (-112.86, 32.37, 542), "Nogales": (-110.94, 31.34, 1173)}  # fmt: skip
    from pyproj import Transformer

    from geo.grid import cell_index

    to_utm = Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    for name, (lon, lat, metres) in places.items():
        row, col, inside = cell_index(grid, *to_utm.transform(lon, lat))
        assert inside
        assert float(land.values[row, col]) == pytest.approx(metres, abs=120), name
    whole = make_grid((-124.0, 32.0, -105.0, 40.0), "EPSG:5070", 8000)
    west = terrain.elevation_on(whole, [path]).values
    assert np.nanmax(west) < 4400, "wrapped and saturated cells are voids"
    assert np.nanmin(west) >= 0


@pytest.mark.real
def test_real_pair_of_elevation_and_land_cover(real_data):
    grid = make_grid((-113.2, 37.15, -112.9, 37.45), UTM, 90)
    land = terrain.elevation_on(grid, [real_data / "terrain" / "zion_srtm.tif"]).values
    cover = terrain.landcover_on(grid, [real_data / "landcover" / "zion_nlcd2011.tif"]).values
    assert np.isfinite(land).all()
    assert 1024 <= land.min() < land.max() <= 2892
    assert (cover > 0).all()
    assert legend_that_fits(frozenset(np.unique(cover).tolist())) == "nlcd"
