from __future__ import annotations

import numpy as np
import pytest

from geo import grid as g
from geo.aggregation import aggregate
from geo.errors import GridError
from geo.scale import below, public_side


def test_arizona_grid_covers_the_box_on_multiples_of_the_cell():
    box = g.make_grid((-114.9, 31.2, -109.0, 33.0), "EPSG:32612", 30)
    assert box.boundingbox.left % 30 == 0
    assert box.boundingbox.top % 30 == 0
    x, y = g.cell_centres(box)
    assert x[1] - x[0] == 30
    assert y[0] - y[1] == 30


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2223", "EPSG:999999"])
def test_crs_that_is_not_metric_is_refused(crs):
    with pytest.raises(GridError, match="EPSG"):
        g.make_grid((-111, 31, -110, 32), crs, 30)


def test_aggregate_keeps_mass_and_mean_and_ignores_gaps():
    fine = g.grid_from_bounds((0, 0, 3000, 2000), "EPSG:32612", 100)
    values = np.arange(600, dtype=float).reshape(20, 30)
    values[0, 0] = np.nan
    raster = g.wrap(values, fine, "thing", "1")
    total = aggregate(raster, 1000, "sum")
    assert total.shape == (2, 3)
    assert np.nansum(total) == np.nansum(values)
    mean = aggregate(raster, 1000)
    assert mean.values[0, 0] == pytest.approx(np.nanmean(values[:10, :10]))
    with pytest.raises(GridError, match="finer"):
        aggregate(raster, 50)


def test_points_find_their_cell_and_outsiders_are_told():
    box = g.grid_from_bounds((0, 0, 300, 200), "EPSG:32612", 100)
    row, col, inside = g.cell_index(box, [50, 299, -1, np.nan], [150, 1, 50, 50])
    assert row[:2].tolist() == [0, 1]
    assert col[:2].tolist() == [0, 2]
    assert inside.tolist() == [True, True, False, False]


def test_a_warped_surface_keeps_its_values():
    lonlat = g.GeoBox.from_bbox((-111, 31, -110, 32), "EPSG:4326", resolution=0.01)
    x, _ = g.cell_centres(lonlat)
    plane = g.wrap(np.tile(x, (lonlat.shape[0], 1)), lonlat, "elevation", "m")
    metric = g.make_grid((-110.7, 31.3, -110.3, 31.7), "EPSG:32612", 500)
    warped = g.align(plane, metric)
    assert warped.dims == ("y", "x")
    inner = warped.values[2:-2, 2:-2]
    assert np.isfinite(inner).all()
    assert g.require_metric(warped) == 500


def test_public_cells_hold_the_floor_on_ground_also_at_the_corners_of_a_wide_crs():
    arizona = g.make_grid((-114.9, 31.2, -109.0, 34.0), "EPSG:32612", 800)
    assert public_side(arizona, 1_000.0) == 1_000.0
    assert public_side(arizona, 500.0) == 800.0
    border = g.make_grid((-117.35, 25.7, -97.0, 33.1), "EPSG:3085", 800)
    assert below(g.coarse_grid(border, 1_000.0), 1_000.0), "the floor itself is less on ground"
    side = public_side(border, 1_000.0)
    assert 1_000.0 < side < 1_200.0
    assert not below(g.coarse_grid(border, side), 1_000.0)
