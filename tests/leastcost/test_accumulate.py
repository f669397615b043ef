"""Accumulated cost against geometry that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from leastcost_cases import CELL, at, raster

from geo.leastcost import CostModel, SlopeTable, accumulate, corridor, plan


def even(slope):
    """Cost 1 per metre at any slope."""
    return np.ones_like(slope)


@pytest.mark.parametrize(("neighbours", "most"), [(8, 8.24), (16, 2.75), (32, 1.31)])
def test_flat_ground_is_a_cone_within_the_known_error(neighbours, most):
    shape = (101, 101)
    cost = accumulate(
        raster(np.zeros(shape)), at(shape, (50, 50)), even, neighbours=neighbours
    ).cost
    y, x = np.mgrid[-50:51, -50:51]
    distance = np.hypot(y, x) * CELL
    excess = 100 * (cost.values / np.where(distance, distance, 1) - 1)[distance > 0]
    assert excess.min() > -1e-4
    assert most - 0.1 < excess.max() < most + 0.01


@pytest.mark.parametrize("length", ["surface", "horizontal"])
def test_a_plane_costs_what_its_slope_says(length):
    """Along the fall line of a plane there is one slope, so cost = distance x T(slope)."""
    shape, slope = (5, 41), 0.2
    plane = raster(np.tile(np.arange(41) * CELL * slope, (5, 1)))
    model = CostModel(SlopeTable((-1.0, 0.0, 1.0), (1.5, 1.0, 6.0)), length=length)
    metres = 40 * CELL * (np.hypot(1, slope) if length == "surface" else 1)
    up = accumulate(plane, at(shape, (2, 0)), model).cost.values[2, 40]
    down = accumulate(plane, at(shape, (2, 40)), model).cost.values[2, 0]
    back = accumulate(plane, at(shape, (2, 40)), model, direction="to").cost.values[2, 0]
    np.testing.assert_allclose([up, down, back], metres * np.array([2.0, 1.1, 2.0]), rtol=1e-6)


def test_a_cone_is_climbed_straight():
    """On a cone with cost rising in slope, the axes to the top are walked straight up."""
    y, x = np.mgrid[-30:31, -30:31]
    cone = raster(-0.3 * CELL * np.hypot(y, x))
    model = CostModel(lambda s: np.exp(2 * np.abs(s)), length="horizontal")
    cost = accumulate(cone, at((61, 61), (30, 30)), model, neighbours=8).cost.values
    straight = np.exp(0.6) * CELL * np.arange(31)
    np.testing.assert_allclose(cost[30, 30:], straight, rtol=2e-6)
    np.testing.assert_allclose(cost[30::-1, 30], straight, rtol=2e-6)


def test_a_ridge_is_crossed_at_its_pass():
    """One low cell in a ridge draws every way through it."""
    z = np.zeros((31, 31))
    z[:, 15], z[10, 15] = 300.0, 0.0
    model = CostModel(lambda s: 1 + 50 * np.abs(s))
    cost = corridor(raster(z), at(z.shape, (10, 0)), at(z.shape, (10, 30)), model)
    assert cost.values[10, 15] == 0
    assert np.nanmin(np.delete(cost.values[:, 15], 10)) > 100


@pytest.mark.parametrize("neighbours", [8, 16, 32])
def test_a_wall_with_one_gap_lets_all_through_the_gap(neighbours):
    f = np.ones((21, 41), np.float32)
    f[:, 20], f[3, 20] = np.nan, 1
    model = CostModel(even, friction=raster(f, "friction"))
    flat, start = raster(np.zeros(f.shape)), at(f.shape, (15, 5))
    cost = accumulate(flat, start, model, neighbours=neighbours).cost.values
    alone = accumulate(flat, at(f.shape, (3, 20)), model, neighbours=neighbours).cost.values
    # A step of three columns may pass the gap without stopping in it, which is a little shorter.
    slack = 1e-6 if neighbours < 32 else 2e-3
    np.testing.assert_allclose(cost[:, 21:], cost[3, 20] + alone[:, 21:], rtol=slack)
    assert np.isnan(cost[:, 20]).sum() == 20


@pytest.mark.parametrize("neighbours", [8, 16, 32])
@pytest.mark.parametrize("made_of", ["friction", "elevation"])
def test_no_step_jumps_a_wall_one_cell_thick(neighbours, made_of):
    z, f = np.zeros((15, 21)), np.ones((15, 21))
    (f if made_of == "friction" else z)[:, 10] = np.nan
    model = CostModel(even, friction=raster(f, "friction"))
    cost = accumulate(raster(z), at(z.shape, (7, 2)), model, neighbours=neighbours).cost
    assert np.isfinite(cost.values[:, :10]).all()
    assert np.isnan(cost.values[:, 10:]).all()
    assert "no source reaches" in cost.attrs["unreached"]


def test_reverse_equals_forward_with_the_slope_sign_flipped():
    z = np.random.default_rng(1).normal(0, 9, (40, 50))
    start = at(z.shape, (20, 20))

    def graded(slope):
        return 1 + np.exp(3 * slope)

    to = accumulate(raster(z), start, graded, direction="to").cost.values
    flipped = accumulate(raster(z), start, lambda s: graded(-s)).cost.values
    np.testing.assert_allclose(to, flipped, rtol=1e-6)
    upside_down = accumulate(raster(-z), start, graded).cost.values
    np.testing.assert_array_equal(to, upside_down)
    assert np.abs(to - accumulate(raster(z), start, graded).cost.values).max() > 1


def test_bounds_and_max_cost_only_cut_off():
    shape = (30, 30)
    flat, start = raster(np.zeros(shape)), at(shape, (15, 15))
    whole = accumulate(flat, start, even).cost.values
    capped = accumulate(flat, start, even, max_cost=300.0).cost.values
    np.testing.assert_array_equal(capped, np.where(whole <= 300, whole, np.nan))
    box = (10 * CELL, 0.0, 20 * CELL, 30 * CELL)
    inside = accumulate(flat, start, even, bounds=box, allocation=True)
    assert np.isfinite(inside.cost.values[:, 10:20]).all()
    assert np.isnan(np.delete(inside.cost.values, np.s_[10:20], axis=1)).all()
    assert set(np.unique(inside.allocation)) == {-1, 15 * 30 + 15}


def test_allocation_is_the_cheapest_source_and_ties_go_to_the_first():
    shape = (1, 9)
    flat = raster(np.zeros(shape))
    found = accumulate(flat, at(shape, (0, 0), (0, 8)), even, allocation=True)
    np.testing.assert_array_equal(found.allocation.values[0], [0, 0, 0, 0, 0, 8, 8, 8, 8])
    np.testing.assert_allclose(found.cost.values[0], CELL * np.array([0, 1, 2, 3, 4, 3, 2, 1, 0]))


def test_corridor_is_zero_on_the_cheapest_way_and_mirrors():
    shape = (21, 21)
    flat = raster(np.zeros(shape))
    strip = corridor(flat, at(shape, (10, 0)), at(shape, (10, 20)), even)
    assert float(strip.min()) == 0
    np.testing.assert_array_equal(strip.values[10], 0)
    np.testing.assert_allclose(strip.values, strip.values[::-1], atol=1e-3)
    assert (strip.values[0] > 0).all()


def test_plan_counts_cells_and_needs_no_values():
    shape = (200, 300)
    estimate = plan(raster(np.zeros(shape)), at(shape, (0, 0)), even, neighbours=8, workers=1)
    assert estimate.cells == 60_000
    assert estimate.seconds == pytest.approx(60_000 / estimate.cells_per_second)
    assert estimate.bytes >= 4 * 60_000
