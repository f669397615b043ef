"""Against programs that others wrote, on synthetic and on real terrain.

The peers answer a slightly different question: r.viewshed interpolates along a radial sweep,
gdal_viewshed carries the horizon from cell to cell. So the sets differ at their edges, and the
test also shows that they differ there only: a cell on which we disagree would change sides if the
target stood a few metres higher or lower.
"""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from geo.grid import align, grid_from_bounds, wrap
from geo.visibility._kernel import sweep

from .peers import HAS_GDAL, HAS_GRASS, gdal_viewshed, grass_viewshed, iou, write_elevation
from .reference import r3, rough

BEND = 0.87 * 30.0**2 / (2 * 6_371_000.0)
LOOK = (25.0, 1.7, 12_000.0)


def _ours(z, row, col, target=1.7):
    sight = (float(z[row, col]) + 25.0, target, BEND)
    return sweep(np.ascontiguousarray(z), row, col, sight, 400.0**2).astype(bool)


def _edge_only(z, row, col, ours, theirs, metres):
    """Share of the disputed cells that `metres` of target height would settle."""
    missed = ours & ~theirs & ~_ours(z, row, col, 1.7 - metres)
    added = theirs & ~ours & _ours(z, row, col, 1.7 + metres)
    return (missed | added).sum() / max(1, (ours ^ theirs).sum())


@pytest.mark.skipif(not HAS_GRASS, reason="GRASS is not installed")
@pytest.mark.parametrize("seed", [0, 1])
def test_grass_r_viewshed(tmp_path, seed):
    z = rough(801, seed)
    write_elevation(tmp_path / "z.tif", z, 30.0)
    ours = _ours(z, 400, 400)
    theirs = grass_viewshed(tmp_path, 30.0, 400, 400, *LOOK, 0.13)
    assert iou(ours, theirs) > 0.95
    assert _edge_only(z, 400, 400, ours, theirs, 10.0) > 0.95


@pytest.mark.skipif(not HAS_GDAL, reason="gdal_viewshed is not installed")
@pytest.mark.parametrize("seed", [0, 1])
def test_gdal_viewshed(tmp_path, seed):
    z = rough(801, seed)
    write_elevation(tmp_path / "z.tif", z, 30.0)
    ours = _ours(z, 400, 400)
    theirs = gdal_viewshed(tmp_path, 30.0, 400, 400, *LOOK, 0.87)
    assert iou(ours, theirs) > 0.90
    assert _edge_only(z, 400, 400, ours, theirs, 20.0) > 0.90


@pytest.mark.real
def test_real_terrain(real_data, tmp_path):
    """Zion (SRTM): walls of 700 m. Equal to a ray to every cell; peers within their bounds."""
    with rasterio.open(real_data / "terrain" / "zion_srtm.tif") as file:
        degrees = np.where(file.read(1) == 65_535, np.nan, file.read(1)).astype(np.float32)
        bounds, shape = file.bounds, file.shape
    west, south, east, north = bounds
    source = wrap_degrees(degrees, (west, south, east, north), shape)
    grid = grid_from_bounds((308_000.0, 4_114_000.0, 338_000.0, 4_150_000.0), "EPSG:32612", 30.0)
    z = align(source, grid).values
    assert np.isfinite(z).mean() > 0.9
    for row, col in ((300, 300), (600, 500), (900, 700), (150, 850)):
        eye = float(z[row, col]) + 25.0
        expected = r3(z, row, col, eye, 1.7, 400.0**2, BEND)
        np.testing.assert_array_equal(_ours(z, row, col), expected)
    row, col = 600, 500
    write_elevation(tmp_path / "z.tif", z, 30.0)
    ours = _ours(z, row, col)
    if HAS_GRASS:
        assert iou(ours, grass_viewshed(tmp_path, 30.0, row, col, *LOOK, 0.13)) > 0.95
    if HAS_GDAL:
        assert iou(ours, gdal_viewshed(tmp_path, 30.0, row, col, *LOOK, 0.87)) > 0.90


def wrap_degrees(values, bounds, shape):
    """Give degrees raster its grid, as a reader of the file would."""
    from odc.geo.geobox import GeoBox

    return wrap(values, GeoBox.from_bbox(bounds, "EPSG:4326", shape=shape), "elevation", "m")
