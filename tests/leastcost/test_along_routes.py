"""Quantities along least-cost routes: by hand, against a graph, and the same from any tiles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from leastcost_cases import CELL, at, crossed, raster, rough, steps

from geo.errors import CostError
from geo.leastcost import CostModel, accumulate, store
from geo.leastcost import field as solver


def even(slope):
    return np.ones_like(slope)


def uphill(slope):
    return 1 + np.exp(3.5 * np.abs(slope + 0.05)) / 9


def slow(slope):
    return 0.7 + 2 * np.abs(slope - 0.1)


def model(table, friction):
    return CostModel(table, raster(friction, "friction"), "horizontal")


def test_on_flat_ground_a_quantity_is_the_cost_times_their_ratio():
    shape = (60, 70)
    flat, start = raster(np.zeros(shape)), at(shape, (20, 30))
    thrice = CostModel(lambda s: 3.0 * np.ones_like(s))
    found = accumulate(flat, start, even, quantities={"thrice": thrice}, dtype="float64")
    np.testing.assert_allclose(found.thrice, 3.0 * found.cost, rtol=1e-12)
    assert float(found.thrice.max()) > 3 * 45 * CELL


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("direction", ["from", "to"])
def test_the_same_model_gives_the_cost_bit_for_bit(dtype, direction):
    z, f, sources = rough((90, 80), 3)
    same, twin = model(uphill, f), model(uphill, f)
    found = accumulate(
        raster(z),
        sources,
        same,
        quantities={"same": same, "twin": twin},
        dtype=dtype,
        direction=direction,
    )
    for name in ("same", "twin"):
        np.testing.assert_array_equal(found[name].values, found.cost.values)


def test_of_equal_routes_the_one_from_the_smallest_index_counts():
    """A walled field with a way round above and one below, equally long."""
    wall, above = np.ones((3, 5)), np.ones((3, 5))
    wall[1, 1:4] = np.nan
    above[0] = 2.0
    flat, start = raster(np.zeros(wall.shape)), at(wall.shape, (1, 0))
    whole = 2 * CELL * (1 + np.sqrt(2))
    end_cells = CELL * np.sqrt(2)
    for rows, most in ((slice(None), 2.0), (slice(None, None, -1), 1.0)):
        extra = model(even, above[rows])
        found = accumulate(
            flat, start, model(even, wall), quantities={"extra": extra}, neighbours=8
        )
        assert float(found.cost[1, 4]) == pytest.approx(whole)
        on_top = 2 * CELL * most + end_cells * (1 + most)
        assert float(found.extra[1, 4]) == pytest.approx(on_top)


def by_hand(z, friction, tables, cost, moves):
    """Sum along predecessors found cell by cell in float64."""
    rows, cols = z.shape
    f, other = (np.where(np.isfinite(z) & np.isfinite(a), a, np.nan) for a in friction)
    out = np.where(cost == 0, 0.0, np.nan)

    def price(u, v, table, field):
        mean = sum(
            s * field[u[0] + i, u[1] + j] for (i, j), s in crossed((v[0] - u[0], v[1] - u[1]))
        )
        run = CELL * np.hypot(v[0] - u[0], v[1] - u[1])
        return run * mean * float(table(np.array((z[v] - z[u]) / run)))

    for flat in np.argsort(cost, axis=None, kind="stable"):
        v = divmod(int(flat), cols)
        if not cost[v] > 0:
            continue
        ways = []
        for a, b in sorted(moves):
            u = (v[0] + a, v[1] + b)
            if 0 <= u[0] < rows and 0 <= u[1] < cols and cost[u] < cost[v]:
                whole = cost[u] + price(u, v, tables[0], f)
                ways.append((np.inf if np.isnan(whole) else whole, u))
        best, u = min(ways)
        assert best == pytest.approx(cost[v], rel=1e-5)
        out[v] = out[u] + price(u, v, tables[1], other)
    return out


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), side=st.integers(4, 20), barriers=st.sampled_from([0.0, 0.3]))
def test_quantities_agree_with_a_walk_cell_by_cell_for_any_tiles(seed, side, barriers):
    z, f, sources = rough((17, 15), seed, barriers)
    other = np.exp(np.random.default_rng(seed).normal(0, 1, z.shape)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "SIDE_IN_MEMORY", side)
        found = accumulate(
            raster(z),
            sources,
            model(uphill, f),
            quantities={"other": model(slow, other)},
            neighbours=16,
            dtype="float64",
            workers=0,
        )
    theirs = by_hand(z, (f, other), (uphill, slow), found.cost.values, steps(16))
    np.testing.assert_allclose(found.other.values, theirs, rtol=1e-4)


Z, F, SOURCES = rough((150, 170), 11)
OTHERS = {
    "other": model(slow, np.where(np.isfinite(F), np.sqrt(F), 1.0)),
    "metres": CostModel(even),
}


@pytest.fixture(scope="module")
def whole():
    """One tile, one thread."""
    return accumulate(raster(Z), SOURCES, model(uphill, F), quantities=OTHERS, workers=0)


def assert_same(found, whole):
    for name in ("cost", *OTHERS):
        np.testing.assert_array_equal(found[name].values, whole[name].values)


@pytest.mark.parametrize(("side", "workers"), [(9, 0), (32, 3), (100, 2)])
def test_same_bits_for_any_tiles_and_threads(monkeypatch, whole, side, workers):
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", side)
    found = accumulate(raster(Z), SOURCES, model(uphill, F), quantities=OTHERS, workers=workers)
    xr.testing.assert_identical(found, whole)


def test_same_bits_shipped_to_an_executor_and_through_a_store(tmp_path, monkeypatch, whole):
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", 40)
    monkeypatch.setattr(solver, "SIDE_STORED", 40)
    ask = (raster(Z), SOURCES, model(uphill, F))
    with ThreadPoolExecutor(2) as pool:
        assert_same(accumulate(*ask, quantities=OTHERS, executor=pool), whole)
    assert_same(accumulate(*ask, quantities=OTHERS, store_path=tmp_path / "a.zarr"), whole)
    with pytest.raises(CostError, match="other rasters"):
        accumulate(*ask, store_path=tmp_path / "a.zarr")


class Killed(Exception):
    """The process ended here."""


@pytest.mark.parametrize("life", [20, 45, 60])
def test_a_run_killed_anywhere_goes_on_to_the_same_bits(tmp_path, monkeypatch, whole, life):
    """20 tiles: the steps are written after some 40 visits, then the quantities two by two."""
    monkeypatch.setattr(solver, "SIDE_STORED", 40)
    path, write, done = tmp_path / "run.zarr", store.Stored.write, []

    def die(block, values):
        # twice as many as visits of the cost, so that kills fall into every phase
        if len(done) == life:
            raise Killed
        done.append(block.array.basename)
        return write(block, values)

    ask = (raster(Z), SOURCES, model(uphill, F))
    with monkeypatch.context() as patch:
        patch.setattr(store.Stored, "write", die)
        with pytest.raises(Killed):
            accumulate(*ask, quantities=OTHERS, store_path=path, workers=1)
    assert_same(accumulate(*ask, quantities=OTHERS, store_path=path, workers=1), whole)


def test_a_quantity_must_have_a_value_where_routes_go_and_a_name_of_its_own():
    shut = np.ones(Z.shape)
    shut[70:80] = np.nan
    ask = (raster(Z), SOURCES, model(uphill, F))
    with pytest.raises(CostError, match="over ground that the model of a quantity shuts: litres"):
        accumulate(*ask, quantities={"litres": model(even, shut)})
    with pytest.raises(CostError, match="litres: friction is zero or negative"):
        accumulate(*ask, quantities={"litres": model(even, np.zeros(Z.shape))})
    with pytest.raises(CostError, match="cannot be called cost"):
        accumulate(*ask, quantities={"cost": CostModel(even)})
