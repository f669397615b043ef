"""What the funnel must do where the answer is known on paper, through real accumulated costs."""

from __future__ import annotations

import numpy as np
import pytest
from funnel_cases import CELL, CRS, PER_METRE, crossings, flat, land, on_grid, steep, walled

from geo import funnel
from geo import grid as g
from geo.aggregation import aggregate
from geo.funnel import density as d
from geo.leastcost import CostModel


def test_a_symmetric_valley_with_a_hill_in_it_splits_evenly():
    x, y = np.abs(np.arange(31) - 15), np.arange(40)[:, None] - 19.5
    height = 30.0 * x + 500.0 * np.exp(-(x**2) / 8 - y**2 / 50)
    elevation = on_grid(height.astype(np.float32), name="elevation")
    ground = land(elevation, (-1, 15), (0, 15))
    out = crossings(ground, CostModel(steep), 0.01).density.values
    assert out.sum() == pytest.approx(1.0)
    assert out == pytest.approx(out[:, ::-1], abs=1e-12)
    assert out[19, 15] < 0.1 * out[19].max()


@pytest.mark.parametrize("avoidance", [0.0, 0.5, 2.0])
def test_a_tower_over_one_of_two_equal_passes_moves_the_share_of_the_formula(avoidance):
    elevation, friction = walled((8, 32))
    cost = CostModel(flat, friction)
    ground = land(elevation, (-1, 20), (0, 20), energy=cost)
    seen = np.zeros(elevation.shape)
    seen[58:61, 32] = 1.0
    base = ground.labels(cost)
    share = 0.05
    theta = share * base.least("segment-01").min()
    out = crossings(ground, funnel.avoiding(cost, on_grid(seen), avoidance), share, base)
    deep = out.density.values[30:90]
    # three cells in view, each walked once, cost that much more: E = avoidance c (3 cells)
    expected = 1.0 / (1.0 + np.exp(avoidance * PER_METRE * 3 * CELL / theta))
    assert deep[:, 32].sum() / deep.sum() == pytest.approx(expected, rel=0.05)
    # both passes are equally long: what towers see adds nothing that a walker spends
    spent, least = out.spent["segment-01"]["energy"], float(base.least("segment-01")[0]) / 1e3
    assert spent.median == pytest.approx(least, rel=0.1)


def test_two_gaps_of_unequal_width_and_equal_cost_share_by_width():
    elevation, friction = walled((range(6, 8), range(30, 36)))
    ground = land(elevation, (-1, slice(None)), (0, slice(None)))
    deep = crossings(ground, CostModel(flat, friction), 0.01).density.values[30:90]
    assert deep[:, 6:8].sum() / deep.sum() == pytest.approx(2 / 8, rel=1e-6)


def test_a_wall_with_one_gap_concentrates_everything():
    elevation, friction = walled((12,))
    ground = land(elevation, (-1, slice(None)), (0, slice(None)))
    cost = CostModel(flat, friction)
    out = crossings(ground, cost, 0.02).density
    labels = ground.labels(cost)
    band = d.progress_band(labels.forward["segment-01"], labels.reverse["destination-01"])
    inside = np.unique(band[30:90, 12])
    at_gap = sum(out.values[20:100, 12][band[20:100, 12] == b].sum() for b in inside)
    assert at_gap == pytest.approx(len(inside) / d.BANDS, rel=1e-3)
    before = crossings(ground, CostModel(flat), 0.02).density
    narrow, wide = (funnel.concentration(a)[1].value for a in (out, before))
    assert narrow < 0.6 * wide


def test_mass_is_conserved_band_by_band_and_theta_goes_from_one_line_to_everywhere():
    rng = np.random.default_rng(3)
    rough = rng.normal(0, 3, (60, 40)).cumsum(0).astype(np.float32)
    ground = land(on_grid(rough, name="elevation"), (-1, slice(None)), (0, slice(None)))
    labels = ground.labels(CostModel(steep))
    forward, reverse = labels.forward["segment-01"], labels.reverse["destination-01"]
    band = d.progress_band(forward, reverse, 20)
    excess = d.excess_cost(forward, reverse).values
    for theta in (0.01, 100.0, 1e12):
        out = d.route_density(forward, reverse, theta, bands=20).values
        assert np.bincount(band.ravel(), out.ravel()) == pytest.approx(np.full(20, 0.05))
        for b in range(20):
            here, best = out[band == b], excess[band == b] < excess[band == b].min() + 1.0
            if theta < 1:
                assert here[best].sum() == pytest.approx(0.05)
                assert best.sum() <= 5
            elif theta > 1e9:
                assert np.ptp(here) < 1e-6 * here.mean()


def hills(cell_m):
    """One smooth landscape, 12 km a side, sampled at any cell size."""
    box = g.grid_from_bounds((0, 0, 12_000, 12_000), CRS, cell_m)
    x, y = (a / 1_000.0 for a in g.cell_centres(box))
    height = 150 * np.sin(x[None, :] / 1.5) * np.cos(y[:, None] / 2.0) + 20 * x[None, :]
    elevation = g.wrap(height.astype(np.float32), box, "elevation", "m")
    south, north = np.flatnonzero(y < 0.48), np.flatnonzero(y > 11.52)
    ground = land(elevation, south, north)
    return aggregate(crossings(ground, CostModel(steep), 0.05).density, 1_000, "sum").values


def test_one_landscape_gives_one_density_at_30_60_and_120_m():
    fine, middle, rough = hills(30.0), hills(60.0), hills(120.0)
    assert np.abs(fine - middle).sum() / 2 < 0.05
    assert np.abs(fine - rough).sum() / 2 < 0.05
    uniform = np.full(fine.shape, 1 / fine.size)
    assert np.abs(fine - uniform).sum() / 2 > 0.15


def test_measures_are_zero_when_nothing_changes():
    elevation, friction = walled((8, 32))
    cost = CostModel(flat, friction)
    ground = land(elevation, (-1, 20), (0, 20), energy=cost)
    base = ground.labels(cost)
    before = crossings(ground, cost, 0.05, base)
    unseen = funnel.avoiding(cost, on_grid(np.zeros(elevation.shape)), 3.0)
    seen = on_grid(np.ones(elevation.shape))
    east = on_grid(np.tile(np.arange(elevation.shape[1]) * 100.0, (elevation.shape[0], 1)))
    for other in (unseen, funnel.avoiding(cost, seen, 0.0)):
        after = crossings(ground, other, 0.05, base)
        assert funnel.displacement(before.density, after.density).value == 0.0
        assert [m.value for m in funnel.shift_along(before.density, after.density, east)] == [0, 0]
        assert funnel.new_ground(before.density, after.density).value == 0.0
        assert after.spent == before.spent
        assert after.least == before.least
    assert funnel.share_in_view(before.density, on_grid(seen.values * 0)).value == 0.0
