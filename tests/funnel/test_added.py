"""What towers add to a crossing, along the routes taken, where the answer is known on paper."""

from __future__ import annotations

import numpy as np
import pytest
from funnel_cases import CELL, PER_METRE, crossings, flat, land, on_grid, steep, walled
from hypothesis import given
from hypothesis import strategies as st

from geo import funnel
from geo.funnel.loading import Tally, tally
from geo.leastcost import CostModel

SEGMENT = "segment-01"


def pace(slope):
    return np.full(np.shape(slope), 0.8)


def added(before, after, seen):
    return {(s, m.name): m.value for s, m in funnel.changes(before, after, on_grid(seen))}


def test_a_wall_of_view_over_the_short_gap_adds_the_way_round_in_every_unit():
    """Theta near 0: everyone walks the best way, so the sum is a difference of two lengths."""
    elevation, friction = walled((20, 35), rows=60, wall=slice(28, 32))
    cost = CostModel(flat, friction)
    ground = land(elevation, (-1, 20), (0, 20), energy=cost, hours=CostModel(pace, friction))
    seen = np.zeros(elevation.shape)
    seen[28:32, 20] = 1.0
    base = ground.labels(cost)
    before = funnel.combine(ground, base, base, 1e-4)
    after = crossings(ground, funnel.avoiding(cost, on_grid(seen), 1e3), 1e-4, base)
    straight = 59 * CELL
    # both halves slant over by 15 columns; 16 neighbours walk them a little long
    round_about = 4 * CELL + 2 * np.hypot(27.5, 15) * CELL
    more = added(before, after, seen)
    energy = more[SEGMENT, "added_energy"]
    assert energy * 1e3 == pytest.approx(PER_METRE * (round_about - straight), rel=0.2)
    assert more[SEGMENT, "added_hours"] == pytest.approx(energy * 0.8 / PER_METRE, rel=1e-3)
    assert more[funnel.EVERYWHERE, "added_energy"] == pytest.approx(energy)
    # what the tower makes dearer is not what the walker spends
    assert after.spent[SEGMENT]["energy"].median * 1e3 < after.least[SEGMENT] * 1.01


def test_towers_over_a_roundabout_way_make_crossings_cheaper():
    """Most of the ways lead through a dear, wide gap; once it is seen, most take the cheap one."""
    elevation, friction = walled((10, range(26, 38)))
    friction.values[20:100, 26:38] = 1.2
    cost = CostModel(flat, friction)
    ground = land(elevation, (-1, slice(None)), (0, slice(None)), energy=cost)
    base = ground.labels(cost)
    before = funnel.combine(ground, base, base, 0.2)
    seen = np.zeros(elevation.shape)
    seen[58:62, 26:38] = 1.0
    after = crossings(ground, funnel.avoiding(cost, on_grid(seen), 20.0), 0.2, base)
    dearer = 0.2 * 80 * CELL * PER_METRE / 1e3
    found = added(before, after, seen)
    assert found[SEGMENT, "added_energy"] == pytest.approx(-dearer, rel=0.05)


def test_seen_everywhere_alike_is_a_smaller_theta():
    rng = np.random.default_rng(3)
    rough = on_grid(rng.normal(0, 3, (60, 40)).cumsum(0).astype(np.float32), name="elevation")
    cost = CostModel(steep)
    ground = land(rough, (-1, slice(None)), (0, slice(None)), energy=cost)
    base = ground.labels(cost)
    before = funnel.combine(ground, base, base, 0.2)
    seen = np.ones(rough.shape)
    everywhere = crossings(ground, funnel.avoiding(cost, on_grid(seen), 1.0), 0.2, base)
    knowing = funnel.combine(ground, base, base, 0.1)
    assert np.abs(everywhere.density.values - knowing.density.values).sum() < 1e-9
    for part in ("low", "median", "high", "mean"):
        one, other = (getattr(s.spent[SEGMENT]["energy"], part) for s in (everywhere, knowing))
        assert one == pytest.approx(other, rel=3e-4)
    found = added(before, everywhere, seen)
    assert found[SEGMENT, "added_energy"] < 0
    assert found[SEGMENT, "added_energy_p95"] < found[SEGMENT, "added_energy_p05"] <= 0.0


def test_with_theta_near_zero_nothing_is_saved():
    rng = np.random.default_rng(4)
    rough = on_grid(rng.normal(0, 3, (50, 60)).cumsum(0).astype(np.float32), name="elevation")
    cost = CostModel(steep)
    ground = land(rough, (-1, 30), (0, 30), energy=cost)
    base = ground.labels(cost)
    before = funnel.combine(ground, base, base, 1e-6)
    for n in range(4):
        seen = np.zeros(rough.shape)
        seen[20:30, 10 * n : 10 * n + 25] = 1.0
        after = crossings(ground, funnel.avoiding(cost, on_grid(seen), 2.0), 1e-6, base)
        least = before.spent[SEGMENT]["energy"].mean
        assert after.spent[SEGMENT]["energy"].mean >= least * (1 - 1e-9)


@given(st.integers(0, 10_000), st.integers(1, 400))
def test_quantiles_are_those_of_a_sort(seed, n):
    rng = np.random.default_rng(seed)
    near, far = rng.gamma(2.0, 1e6, (2, 1, n))
    share = rng.random((1, n)) + 1e-6
    found = Tally()
    tally(share, near, far, found.count, found.value)
    value, weight = (near + far)[0], share[0] / share.sum()
    order = np.argsort(value)
    rising = np.cumsum(weight[order])
    for at in (0.05, 0.5, 0.95):
        exact = value[order][min(np.searchsorted(rising, at), n - 1)]
        neighbours = value[order][[max(np.searchsorted(rising, at) - 1, 0), -1]]
        (got,) = found.quantiles(at)
        assert abs(got - exact) < 2.5e-4 * exact or min(abs(got / neighbours - 1)) < 2.5e-4
    assert found.mean() == pytest.approx(float((value * weight).sum()), rel=1e-12)
