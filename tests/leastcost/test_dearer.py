"""A surface brought up to date has the bits of one accumulated afresh."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from leastcost_cases import raster, rough

from geo.errors import CostError
from geo.leastcost import CostModel, LeastCostOptions, Resources, Surfaces, kernel, store
from geo.leastcost import field as fields


def uphill(slope):
    return 1 + np.exp(3.5 * np.abs(slope + 0.05)) / 9


def slow(slope):
    return 0.7 + 2 * np.abs(slope - 0.1)


class Case:
    """Rough land, and the same with some of it dearer."""

    def __init__(self, shape=(90, 100), seed=3, where=np.s_[30:45, 20:60], **run):
        z, f, self.sources = rough(shape, seed)
        more = f.copy()
        more[where] *= 1.7
        self.usual, self.dear = (
            CostModel(uphill, raster(a, "friction"), "horizontal") for a in (f, more)
        )
        pace = CostModel(slow, raster(np.sqrt(f), "friction"))
        self.land = Surfaces(
            raster(z),
            self.usual,
            LeastCostOptions(dtype="float64"),
            quantities={"energy": self.usual, "hours": pace},
            run=Resources(workers=0, **run),
        )

    def both(self, direction="from", **run):
        """Return the surface brought up to date, and the same afresh in one tile."""
        base = self.land.accumulate(self.sources, direction, run=run.get("first"))
        after = self.land.under(self.dear)
        renewed = after.renew(base, self.land, run=run.get("second"))
        return base, renewed, after.accumulate(self.sources, direction)


def assert_same(one, other):
    for name in ("cost", "energy", "hours"):
        np.testing.assert_array_equal(one.found[name].values, other.found[name].values)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(2, 40), st.integers(2, 40)),
    seed=st.integers(0, 10_000),
    side=st.integers(4, 45),
    corner=st.tuples(st.integers(0, 39), st.integers(0, 39)),
    size=st.integers(0, 20),
    direction=st.sampled_from(["from", "to"]),
)
def test_dearer_ground_changes_what_it_changes_and_nothing_else(
    shape, seed, side, corner, size, direction
):
    if shape[0] * shape[1] < 30:
        shape = (6, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "SIDE_IN_MEMORY", side)
        where = np.s_[corner[0] : corner[0] + size, corner[1] : corner[1] + size]
        case = Case(shape, seed, where)
        _, renewed, fresh = case.both(direction)
    assert_same(renewed, fresh)


def test_only_what_is_spoilt_is_settled_again(monkeypatch):
    settled = []
    spread = kernel.spread
    monkeypatch.setattr(kernel, "spread", lambda *a: settled.append(spread(*a)))
    monkeypatch.setattr(fields, "SIDE_IN_MEMORY", 32)
    case = Case((200, 220), 5, np.s_[150:160, 20:40])
    base = case.land.accumulate(case.sources, "from")
    whole, settled[:] = sum(settled), []
    after = case.land.under(case.dear)
    renewed = after.renew(base, case.land)
    assert 0 < sum(settled) < 0.3 * whole
    changed = renewed.found["cost"].values != base.found["cost"].values
    assert 0 < (changed & np.isfinite(base.found["cost"].values)).sum() <= sum(settled)


class Killed(Exception):
    """The process ended here."""


@pytest.mark.parametrize("life", [1, 4, 9, 14])
def test_a_renewal_in_a_store_survives_a_kill(tmp_path, monkeypatch, life):
    monkeypatch.setattr(fields, "SIDE_STORED", 32)
    case = Case(where=np.s_[20:70, 20:80], store_path=tmp_path)
    first, second = (
        Resources(workers=0, store_path=tmp_path / name) for name in ("usual.zarr", "dear.zarr")
    )
    base = case.land.accumulate(case.sources, "from", run=first)
    after = case.land.under(case.dear)
    write, done = store.Stored.write, []

    def die(block, values):
        if len(done) == life:
            raise Killed
        done.append(block)
        return write(block, values)

    with monkeypatch.context() as patch:
        patch.setattr(store.Stored, "write", die)
        with pytest.raises(Killed):
            after.renew(base, case.land, run=second)
    # a new process finds the earlier surface on disk
    again = Case(where=np.s_[20:70, 20:80], store_path=tmp_path)
    base = again.land.accumulate(again.sources, "from", run=first)
    after = again.land.under(again.dear)
    renewed = after.renew(base, again.land, run=second)
    fresh = Case(where=np.s_[20:70, 20:80]).both()[2]
    assert_same(renewed, fresh)
    chunks = sum(1 for p in (tmp_path / "dear.zarr" / "cost").rglob("*") if p.is_file())
    assert chunks <= 13, "tiles that nothing touches were written again"


def test_cheaper_or_other_ground_is_refused():
    case = Case()
    base = case.land.accumulate(case.sources, "from")
    dear = case.land.under(case.dear)
    with pytest.raises(CostError, match="cheaper somewhere"):
        case.land.renew(dear.renew(base, case.land), dear)
    shut = case.usual.friction.copy(deep=True)
    open_cell = tuple(np.argwhere(np.isfinite(shut.values) & ~case.sources.values)[5])
    shut.values[open_cell] = np.nan
    barred = case.land.under(CostModel(uphill, shut, "horizontal"))
    with pytest.raises(CostError, match="bars other ground"):
        barred.renew(base, case.land)
