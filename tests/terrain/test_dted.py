"""DTED tiles: posts at degrees, folders that lack a tile, and cells never finer than the source."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from rasterio import shutil as raster_files
from rasterio.transform import from_origin

from flows.core.settings import Home
from flows.workflow.prepare import Options, prepare
from geo import terrain
from geo.grid import cell_index, make_grid

POSTS = 121
STUDY = """
extends = "arizona"
name = "corner"
bounds_lonlat = [-112.9, 31.2, -111.1, 32.4]
[[sources]]
id = "own-tiles"
role = "elevation"
file = "tiles"
"""


def tile(path, west, south, void=None):
    """Write a tile of level 0 whose height is 100 m a degree north of 30 and 10 m east of -120."""
    step = 1 / (POSTS - 1)
    lat = south + 1 - np.arange(POSTS) * step
    lon = west + np.arange(POSTS) * step
    heights = np.rint(1000 * (lat[:, None] - 30) + 10 * (lon[None, :] + 120)).astype(np.int16)
    if void is not None:
        heights[void] = -32767
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".tif")
    corner = from_origin(west - step / 2, south + 1 + step / 2, step, step)
    with rasterio.open(
        made, "w", driver="GTiff", height=POSTS, width=POSTS, count=1, dtype="int16",
        crs="EPSG:4326", transform=corner, nodata=-32767,
    ) as out:  # fmt: skip
        out.write(heights, 1)
    raster_files.copy(made, path, driver="DTED")
    made.unlink()
    return path


def test_posts_lie_on_degrees_and_a_void_stays_one(tmp_path):
    hole = (slice(50, 60), slice(50, 60))
    paths = [tile(tmp_path / "a.dt0", -112, 31, hole), tile(tmp_path / "b.dt0", -111, 31)]
    grid = make_grid((-111.9, 31.1, -110.1, 31.9), "EPSG:32612", 800)
    land = terrain.elevation_on(grid, paths)
    known = np.isfinite(land.values)
    assert 60 < np.isnan(land.values[5:-5, 5:-5]).sum() < 140, "ten posts a side, and no more"
    from pyproj import Transformer

    x, y = np.meshgrid(land["x"].values, land["y"].values)
    lon, lat = Transformer.from_crs("EPSG:32612", "EPSG:4326", always_xy=True).transform(x, y)
    truth = 1000 * (lat - 30) + 10 * (lon + 120)
    # a post taken for a corner would be half a cell out: 4 m here
    assert np.median(np.abs(land.values - truth)[known]) < 1.0
    assert land.attrs["source_kind"] == "dted"


def test_only_the_tiles_of_the_area_are_taken_and_a_missing_one_is_named(tmp_path):
    for west, south in ((-113, 31), (-113, 32), (-112, 31), (-110, 31)):
        tile(tmp_path / f"w{-west}" / f"n{south}.dt0", west, south)
    (tmp_path / "w112" / "n31.dt0.aux.xml").write_text("<PAMDataset/>")
    area = (-112.9, 31.2, -111.1, 32.4)
    found = terrain.tiles_in(tmp_path, area)
    assert [f"{p.parent.name} {p.stem}" for p in found] == ["w112 n31", "w113 n31", "w113 n32"]
    assert terrain.absent_degrees(found, area) == ["w112 n32"]


@pytest.mark.parametrize(
    ("asked", "native", "side"),
    [
        (30, 26, 30),
        (30, 30.9, 30),
        (30, 787, 800),
        (30, 3907, 4000),
        (30, 79, 80),
        (4000, 787, 4000),
    ],
)
def test_cells_are_never_finer_than_their_source(asked, native, side):
    assert terrain.warranted_side_m(asked, native) == side


@pytest.mark.slow
def test_a_folder_of_tiles_is_one_source_and_decides_the_grid(tmp_path, monkeypatch):
    for west, south in ((-113, 31), (-113, 32), (-112, 31), (-111, 31)):
        tile(tmp_path / "tiles" / f"w{-west}" / f"n{south}.dt0", west, south)
    (tmp_path / "corner.toml").write_text(STUDY, "utf-8")
    monkeypatch.delenv("FUNNEL_LOCAL_DATA", raising=False)
    home = Home(root=tmp_path / "home", out=tmp_path / "runs")
    question = prepare(str(tmp_path / "corner.toml"), home, Options(offline=True), lambda *_a: None)
    names = [i.path.name for i in question.of("elevation")]
    assert names == ["w111_n31.dt0", "w112_n31.dt0", "w113_n31.dt0", "w113_n32.dt0"]
    assert len({i.sha256 for i in question.of("elevation")}) == 4
    grid = question.study.grid
    assert (grid.resolution_m, grid.ensemble_m) == (800, 800)
    assert "own-tiles" in grid.reason
    assert "resolution_m = 800" in question.study.toml(), "the resolved study says it"
    assert [s.what for s in question.missing] == ["land in w112 n32, which is left void"]


@pytest.mark.real
def test_real_heights_on_both_sides_of_the_line(real_data):
    area = (-114.9, 31.2, -109.0, 34.0)
    tiles = terrain.tiles_in(real_data / "terrain" / "dted0", area)
    assert terrain.absent_degrees(tiles, area) == []
    assert terrain.coarsest_side_m(tiles, area) == pytest.approx(782, abs=3)
    grid = make_grid(area, "EPSG:32612", 800)
    land = terrain.elevation_on(grid, tiles)
    places = {
        "Tucson": (-110.97, 32.22, 736),
        "Sasabe": (-111.54, 31.48, 1077),
        "Sonoyta": (-112.85, 31.86, 418),
    }
    from pyproj import Transformer

    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32612", always_xy=True)
    for name, (lon, lat, metres) in places.items():
        row, col, inside = cell_index(grid, *to_utm.transform(lon, lat))
        assert inside
        assert float(land.values[row, col]) == pytest.approx(metres, abs=130), name
    assert np.isfinite(land.values).mean() > 0.97
