from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from funnel_cases import land, on_grid

from geo import funnel, parameters
from geo import grid as g

REFERENCE = funnel.Member("lcda_graded", "tobler_off_path", "adult", 0.05)


def error(draw):
    return np.random.default_rng(draw).normal(0, 3, (20, 30)).astype(np.float32)


@pytest.fixture(scope="module")
def ground():
    rng = np.random.default_rng(2)
    rough = on_grid(rng.normal(0, 5, (40, 60)).cumsum(0).astype(np.float32), name="elevation")
    fine = land(rough, (-1, slice(None)), (0, slice(None)))
    coarse = funnel.coarser(fine, 200.0)
    seen = np.zeros(coarse.elevation.shape)
    seen[8:12, 10:25] = 1.0
    return funnel.Ground(
        coarse,
        None,
        {"quiet": on_grid(seen * 0, 200.0), "watched": on_grid(seen, 200.0)},
        (0.0, 1.0),
        error,
    )


def test_the_design_is_the_same_again_grows_at_its_end_and_stays_in_the_ranges():
    small, large = (funnel.design(REFERENCE, n, np.random.default_rng(7)) for n in (9, 200))
    assert small == large[:9]
    assert small[0] == REFERENCE
    assert funnel.design(REFERENCE, 0, np.random.default_rng(7)) == ()
    assert sorted(m.draw for m in large) == list(range(200))
    for name in ("theta_share", "avoidance_ratio"):
        known = parameters.load("funnel")[name]
        values = np.array([getattr(m, name) for m in large[1:]])
        assert known.low <= values.min() < known.low * 1.1
        assert known.high / 1.1 < values.max() <= known.high
    for name in ("metabolic", "speed", "walker"):
        wanted = parameters.load("funnel")[name].value
        share = [np.mean([getattr(m, name) == w for m in large]) for w in wanted]
        assert share == pytest.approx([1 / len(wanted)] * len(wanted), abs=0.03)


def test_members_say_the_same_at_any_worker_count_and_their_band_lies_within_them(ground):
    members = funnel.design(REFERENCE, 6, np.random.default_rng(7))
    alone = [funnel.run_member(ground, m) for m in members]
    with ThreadPoolExecutor(2) as pool:
        found = list(funnel.run_members(ground, members, pool, 3))
    assert [m for m, _ in found] == list(members)
    for (_, one), other in zip(found, alone, strict=True):
        assert one.values == other.values
        assert all((one.layers[k] == other.layers[k]).all() for k in other.layers)
    bands = funnel.bands([o.values for o in alone], alone[0].values)
    key = ("watched", funnel.EVERYWHERE, 1.0, "moved")
    low, high = bands[key]
    assert 0 < low < high < 1
    assert bands["quiet", funnel.EVERYWHERE, 1.0, "moved"] == (0.0, 0.0)
    for k, (lowest, highest) in bands.items():
        known = [o.values[k] for o in alone if k in o.values]
        assert min(known) <= lowest <= highest <= max(known)
    shifted = dict(alone[0].values)
    shifted[key] += 0.3
    assert funnel.bands([o.values for o in alone], shifted)[key] == (low, pytest.approx(high + 0.3))
    layer = funnel.surfaces([o.layers["watched"] for o in alone], g.grid_of(ground.land.elevation))
    assert float(layer["mean"].sum()) == pytest.approx(1.0, abs=1e-4)
    assert (layer["low"] <= layer["high"]).all()
    assert float(layer["agreement"].min()) >= 0.5
    same = funnel.surfaces([alone[0].layers["watched"]] * 3, g.grid_of(ground.land.elevation))
    assert (same["agreement"] == 1).all()


@pytest.mark.slow
def test_the_truth_of_made_up_crossings_lies_in_the_bands(ground):
    """Who made the land up walked as the reference does, on the fine grid."""
    rng = np.random.default_rng(2)
    rough = on_grid(rng.normal(0, 5, (40, 60)).cumsum(0).astype(np.float32), name="elevation")
    seen = {name: np.kron(s.values, np.ones((2, 2))) for name, s in ground.seen.items()}
    fine = replace(
        ground,
        land=land(rough, (-1, slice(None)), (0, slice(None))),
        seen={name: on_grid(s) for name, s in seen.items()},
    )
    truth = funnel.run_member(fine, REFERENCE).values
    members = funnel.design(REFERENCE, 40, np.random.default_rng(7))
    bands = funnel.bands([funnel.run_member(ground, m).values for m in members], truth)
    held = [low <= truth[key] <= high for key, (low, high) in bands.items()]
    assert len(held) > 20
    assert np.mean(held) >= 0.9


def test_one_choice_at_a_time_changes_what_it_should(ground):
    plain = funnel.run_member(ground, REFERENCE)
    area = ("watched", funnel.EVERYWHERE, 0.0, "effective_area")
    moved = ("watched", funnel.EVERYWHERE, 1.0, "moved")
    knowing, wander = (
        funnel.run_member(ground, replace(REFERENCE, theta_share=t)) for t in (0.01, 0.3)
    )
    assert 1.2 * knowing.values[area] < plain.values[area] < wander.values[area]
    shy = funnel.run_member(ground, replace(REFERENCE, avoidance_ratio=2.0))
    assert shy.values[moved] > plain.values[moved]
    assert shy.values[area] == plain.values[area]
    drawn = funnel.run_member(ground, replace(REFERENCE, draw=3))
    assert drawn.values[moved] != plain.values[moved]
    heavy = funnel.run_member(ground, replace(REFERENCE, walker="adult-heavy"))
    energy = ("watched", "segment-01", 1.0, "added_energy")
    assert heavy.values[energy] != plain.values[energy]


def test_a_coarser_ground_keeps_its_ends_and_its_walls():
    height = np.zeros((12, 12), np.float32)
    height[4:8, :8] = np.nan
    fine = land(on_grid(height, name="elevation"), (-1, slice(None)), (0, 3))
    coarse = funnel.coarser(fine, 400.0)
    assert coarse.elevation.shape == (3, 3)
    assert np.isnan(coarse.elevation.values).tolist() == [
        [False] * 3,
        [True, True, False],
        [False] * 3,
    ]
    assert coarse.goals[0].mask.values.tolist() == [[True, False, False], [False] * 3, [False] * 3]
    assert [e.name for e in coarse.origins] == [e.name for e in fine.origins]
    assert funnel.coarser(fine, 100.0) is fine
