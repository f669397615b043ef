"""Accumulated cost against geometry that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from geo import grid
from geo.leastcost import CostModel, SlopeTable, accumulate, corridor

CELL = 30.0


def raster(values, name="elevation"):
    rows, cols = np.shape(values)
    box = GeoBox.from_bbox((0, 0, cols * CELL, rows * CELL), "EPSG:32612", resolution=CELL)
    return grid.wrap(np.asarray(values), box, name, "1")


def at(shape, *cells):
    marked = np.zeros(shape, bool)
    for cell in cells:
        marked[cell] = True
    return raster(marked, "sources")


@pytest.mark.parametrize(("neighbours", "most"), [(8, 8.24), (16, 2.75), (32, 1.31)])
def test_flat_ground_is_a_cone_within_the_known_error(neighbours, most):
    shape = (101, 101)
    flat = raster(np.zeros(shape, np.float32))
    cost = accumulate(flat, at(shape, (50, 50)), lambda s: 1.0 + 0 * s, neighbours=neighbours).cost
    y, x = np.mgrid[-50:51, -50:51]
    distance = np.hypot(y, x) * CELL
    excess = 100 * (cost.values / np.where(distance, distance, 1) - 1)[distance > 0]
    assert excess.min() > -1e-4
    assert most - 0.1 < excess.max() < most + 0.01


def test_uphill_and_downhill_differ_as_the_cost_says():
    shape = (5, 41)
    slope = 0.2
    plane = raster(np.tile(np.arange(41) * CELL * slope, (5, 1)))
    table = SlopeTable((-1.0, 0.0, 1.0), (1.5, 1.0, 6.0))
    model = CostModel(table, length="horizontal")
    up = accumulate(plane, at(shape, (2, 0)), model).cost.values[2, 40]
    down = accumulate(plane, at(shape, (2, 40)), model).cost.values[2, 0]
    np.testing.assert_allclose([up, down], [40 * CELL * 2.0, 40 * CELL * 1.1], rtol=1e-6)
    back = accumulate(plane, at(shape, (2, 40)), model, direction="to").cost.values[2, 0]
    np.testing.assert_allclose(back, up, rtol=1e-6)


def test_corridor_is_zero_on_the_cheapest_way():
    shape = (21, 21)
    flat = raster(np.zeros(shape, np.float32))
    strip = corridor(flat, at(shape, (10, 0)), at(shape, (10, 20)), lambda s: 1.0 + 0 * s)
    assert float(strip.min()) == 0
    np.testing.assert_array_equal(strip.values[10], 0)
    assert (strip.values[0] > 0).all()
