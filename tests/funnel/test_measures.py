"""Measures whose value is known on paper."""

from __future__ import annotations

import numpy as np
import pytest
from funnel_cases import on_grid
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo import funnel
from geo.errors import GridError

LABELS = on_grid(np.repeat([[0, 0, 1, 1, 2, 2, -1, -1]], 10, axis=0), name="corridor")
DENSITIES = arrays(float, (10, 8), elements=st.floats(0.01, 1.0))


def where(columns, share=1.0):
    values = np.zeros((10, 8))
    values[:, columns] = share / (10 * len(columns))
    return on_grid(values)


@pytest.mark.parametrize(
    ("columns", "number"), [([0, 1, 2, 3, 4, 5], 3.0), ([0, 1, 2, 3], 2.0), ([4, 6, 7], 1.0)]
)
def test_even_corridors_count_as_many_and_what_lies_outside_does_not_count(columns, number):
    found = funnel.effective_corridors(where(columns), LABELS)
    assert found.value == pytest.approx(number)


def test_uneven_corridors_count_as_their_entropy_says():
    mixed = on_grid(where([0], 0.7).values + where([2], 0.2).values + where([4], 0.1).values)
    shares = np.array([0.7, 0.2, 0.1])
    assert funnel.effective_corridors(mixed, LABELS).value == pytest.approx(
        np.prod(shares**-shares)
    )
    with pytest.raises(GridError):
        funnel.effective_corridors(mixed, LABELS.isel(x=slice(0, 4)))


def test_movement_to_ground_that_held_none_is_all_new_and_within_usual_ground_is_none():
    usual, elsewhere = where([0, 1]), where([5])
    half = on_grid((usual.values + elsewhere.values) / 2)
    # of 20 equal cells the usual ground takes 19; what lay in the last is no news
    assert funnel.new_ground(usual, elsewhere).value == pytest.approx(0.95)
    assert funnel.new_ground(usual, half).value == pytest.approx(0.5 * 0.95)
    wide = on_grid(where([0, 1], 0.96).values + where([5], 0.04).values)
    # 19 cells of 4.8 % hold 91.2 %, so all 20 are usual ground; who was outside came in
    assert funnel.new_ground(wide, usual).value == pytest.approx(-0.04)
    fringe = on_grid(np.where(np.arange(80).reshape(10, 8) < 16, 0.99 / 16, 0.01 / 64))
    shuffled = fringe.values.copy()
    shuffled[:2] = np.linspace(0.5, 1.5, 16).reshape(2, 8) * 0.99 / 16
    assert funnel.new_ground(fringe, on_grid(shuffled)).value == pytest.approx(0.0, abs=1e-12)


@given(DENSITIES, DENSITIES)
def test_new_ground_is_bounded_by_what_moved_and_counts_scale_out(before, after):
    old, new = on_grid(before), on_grid(after)
    found = funnel.new_ground(old, new).value
    assert abs(found) <= funnel.displacement(old, new).value + 1e-12
    assert funnel.new_ground(on_grid(before * 7), new).value == pytest.approx(found, abs=1e-12)
    assert 1.0 <= funnel.effective_corridors(old, LABELS).value <= 3.0 + 1e-12


def test_measures_of_a_wide_land_by_strips_are_those_of_the_whole(monkeypatch):
    rng = np.random.default_rng(4)
    # one decimal: many cells are equal, on both sides of the edge of the usual ground
    old, new = (on_grid(rng.random((10, 8)).round(1)) for _ in range(2))
    seen = on_grid(rng.random((10, 8)))

    def measured():
        found = [*funnel.concentration(new), funnel.effective_corridors(new, LABELS)]
        found += [funnel.share_in_view(new, seen), funnel.displacement(old, new)]
        return [m.value for m in (*found, funnel.new_ground(old, new, 0.5))]

    whole = measured()
    p = old.values.ravel() / old.values.sum()
    usual = np.argsort(-p, kind="stable")
    usual = usual[: int(np.searchsorted(np.cumsum(p[usual]), 0.5)) + 1]
    gone = (new.values.ravel() / new.values.sum() - p)[np.setdiff1d(np.arange(80), usual)]
    assert whole[-1] == pytest.approx(gone.sum())
    monkeypatch.setattr("geo.strips.STRIP_CELLS", 16)
    assert measured() == pytest.approx(whole, rel=1e-12)
