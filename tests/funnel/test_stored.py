"""Surfaces on disk: the same bits as in memory, at any tile side, and a killed member goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from funnel_cases import crossings, land, on_grid, steep

from geo import funnel
from geo.funnel import loading, marks
from geo.leastcost import CostModel, Resources

THETA = 0.2


@pytest.fixture(scope="module")
def ground():
    rng = np.random.default_rng(5)
    rough = rng.normal(0, 4, (90, 70)).cumsum(0).astype(np.float32)
    cost = CostModel(steep, on_grid(np.exp(rng.normal(0, 0.3, rough.shape)).astype(np.float32)))
    south, north = (-1, slice(None)), (0, slice(None))
    return land(on_grid(rough, name="elevation"), south, north, energy=cost), cost


def watched(cost):
    seen = np.zeros((90, 70))
    seen[40:60, 10:50] = 1.0
    return funnel.avoiding(cost, on_grid(seen), 1.5)


def both(ground, cost):
    base = ground.labels(cost)
    before = funnel.combine(ground, base, base, THETA)
    return before, crossings(ground, watched(cost), THETA, base)


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.density.values, b.density.values)
        assert a.spent == b.spent
        assert a.least == b.least


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("memory", [None, 200_000])
def test_stored_surfaces_spread_to_the_bits_of_those_in_memory(ground, tmp_path, workers, memory):
    inside, cost = ground
    run = Resources(workers=workers, store_path=tmp_path, memory_limit=memory)
    assert_same(both(inside, cost), both(replace(inside, run=run), cost))


def test_what_is_brought_up_to_date_is_what_is_found_afresh(ground):
    inside, cost = ground
    base = inside.labels(cost)
    afresh = funnel.combine(inside, inside.labels(watched(cost)), base, THETA)
    assert_same([crossings(inside, watched(cost), THETA, base)], [afresh])
    cheaper = CostModel(steep, on_grid(np.full((90, 70), 0.1, np.float32)))
    afresh = funnel.combine(inside, inside.labels(cheaper), base, THETA)
    assert_same([crossings(inside, cheaper, THETA, base)], [afresh])


class Killed(Exception):
    """The process ended."""


def test_a_member_killed_between_surfaces_goes_on_from_disk(ground, tmp_path):
    inside, cost = ground
    left = [25]

    def life(_done, _total, _label):
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    stored = Resources(workers=0, store_path=tmp_path, memory_limit=200_000)
    with pytest.raises(Killed):
        both(replace(inside, run=replace(stored, progress=life)), cost)
    kept = {p.name for p in tmp_path.iterdir()}
    assert kept
    assert_same(both(inside, cost), both(replace(inside, run=stored), cost))


def test_blocks_of_any_side_spread_alike(ground, monkeypatch):
    inside, cost = ground
    whole = both(inside, cost)
    monkeypatch.setattr(loading, "SIDE", 16)
    for a, b in zip(whole, both(inside, cost), strict=True):
        np.testing.assert_allclose(a.density.values, b.density.values, rtol=1e-12)


def test_a_light_mask_marks_the_same_cells(monkeypatch):
    monkeypatch.setattr(marks, "LIGHT_CELLS", 100)
    cells = np.random.default_rng(2).random((90, 70)) < 0.02
    mask = on_grid(cells, name="end")
    made = marks.light(mask)
    assert made.chunks is not None
    np.testing.assert_array_equal(made.values, cells)
    assert marks.light(mask[:5, :5]) is not made
