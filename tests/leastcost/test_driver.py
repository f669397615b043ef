"""The same bits from any tiles, threads, chunks, executor, store, interrupted or not."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from distributed import Client
from leastcost_cases import at, raster, rough

from geo.errors import CostError
from geo.leastcost import CostModel, Resources, accumulate, kernel, store
from geo.leastcost import field as solver

SHAPE = (150, 170)
Z, F, SOURCES = rough(SHAPE, 11)


def kinked(slope):
    return 1 + np.exp(3.5 * np.abs(slope + 0.05)) / 9


MODEL = CostModel(kinked, raster(F, "friction"))
CHOICES = {"neighbours": 16, "allocation": True}


@pytest.fixture(scope="module")
def whole():
    """One tile, one thread."""
    return accumulate(raster(Z), SOURCES, MODEL, workers=0, **CHOICES)


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", 40)
    monkeypatch.setattr(solver, "SIDE_STORED", 40)


@pytest.mark.parametrize(("side", "workers"), [(7, 0), (32, 3), (64, 1), (100, 2)])
def test_same_bits_for_any_tiles_and_threads(monkeypatch, whole, side, workers):
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", side)
    xr.testing.assert_identical(
        accumulate(raster(Z), SOURCES, MODEL, workers=workers, **CHOICES), whole
    )


@pytest.mark.parametrize("neighbours", [8, 32])
def test_same_bits_for_other_neighbourhoods(monkeypatch, neighbours):
    one = accumulate(raster(Z), SOURCES, MODEL, neighbours=neighbours)
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", 21)
    many = accumulate(raster(Z), SOURCES, MODEL, neighbours=neighbours, workers=2)
    xr.testing.assert_identical(many, one)


def test_same_bits_from_lazy_inputs_into_a_store(tmp_path, whole, small_tiles):
    lazy = [r.chunk({"y": 33, "x": 50}) for r in (raster(Z), SOURCES, raster(F, "friction"))]
    path = tmp_path / "run.zarr"
    found = accumulate(
        lazy[0], lazy[1], CostModel(kinked, lazy[2]), store_path=path, memory_limit=2**20, **CHOICES
    )
    assert found.cost.chunks is not None
    for name in ("cost", "allocation"):
        np.testing.assert_array_equal(found[name].compute(), whole[name])


def test_same_bits_from_a_cluster_and_from_a_pool(tmp_path, whole, small_tiles):
    with ThreadPoolExecutor(2) as pool:
        shipped = accumulate(raster(Z), SOURCES, MODEL, executor=pool, **CHOICES)
    xr.testing.assert_identical(shipped, whole)
    with Client(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
    ) as client:
        stored = accumulate(
            raster(Z), SOURCES, MODEL, executor=client, store_path=tmp_path / "c.zarr", **CHOICES
        )
    for name in ("cost", "allocation"):
        np.testing.assert_array_equal(stored[name].compute(), whole[name])


class Killed(Exception):
    """The process ended here."""


def test_a_killed_run_goes_on_from_what_is_stored(tmp_path, monkeypatch, whole, small_tiles):
    path, write, done = tmp_path / "run.zarr", store.Stored.write, []

    def die(block, values):
        if len(done) == 12:
            raise Killed
        done.append(block)
        return write(block, values)

    with monkeypatch.context() as patch:
        patch.setattr(store.Stored, "write", die)
        with pytest.raises(Killed):
            accumulate(raster(Z), SOURCES, MODEL, store_path=path, workers=1, **CHOICES)
    settled = []
    spread = kernel.spread
    monkeypatch.setattr(kernel, "spread", lambda *a: settled.append(spread(*a)))
    found = accumulate(raster(Z), SOURCES, MODEL, store_path=path, workers=1, **CHOICES)
    for name in ("cost", "allocation"):
        np.testing.assert_array_equal(found[name].compute(), whole[name])
    fresh, settled[:] = sum(settled), []
    accumulate(raster(Z), SOURCES, MODEL, store_path=tmp_path / "new.zarr", workers=1, **CHOICES)
    assert fresh < sum(settled), "resuming settled as many cells as starting again"
    with pytest.raises(CostError, match="other rasters"):
        accumulate(raster(Z + 1), SOURCES, MODEL, store_path=path, **CHOICES)


def test_a_full_disk_is_named_and_nothing_is_lost(tmp_path, monkeypatch, whole, small_tiles):
    """The writes of zarr fail as the operating system makes them fail on a full disk."""
    import zarr

    path, set_item, count = tmp_path / "run.zarr", zarr.Array.__setitem__, []

    def no_space(array, window, values):
        if len(count) >= 6:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count.append(window)
        set_item(array, window, values)

    with monkeypatch.context() as patch:
        patch.setattr(zarr.Array, "__setitem__", no_space)
        with pytest.raises(CostError, match=r"no space left .* run again"):
            accumulate(raster(Z), SOURCES, MODEL, store_path=path, **CHOICES)
    found = accumulate(raster(Z), SOURCES, MODEL, store_path=path, **CHOICES)
    np.testing.assert_array_equal(found.cost.compute(), whole.cost)


class KilledWorker(Exception):
    """What distributed raises under this name."""


class Unreliable(ThreadPoolExecutor):
    """Loses every `each`-th call after doing it, as a worker that dies before it answers."""

    def __init__(self, each: int) -> None:
        super().__init__(2)
        self.each, self.calls = each, 0

    def submit(self, function, /, *args):
        self.calls += 1
        if self.calls % self.each:
            return super().submit(function, *args)
        lost: Future = Future()
        function(*args)
        lost.set_exception(KilledWorker())
        return lost


def test_a_lost_worker_changes_nothing_and_no_workers_is_an_error(whole, small_tiles):
    with Unreliable(4) as pool:
        found = accumulate(raster(Z), SOURCES, MODEL, executor=pool, **CHOICES)
    xr.testing.assert_identical(found, whole)
    with Unreliable(1) as pool, pytest.raises(CostError, match="workers of the executor were lost"):
        accumulate(raster(Z), SOURCES, MODEL, executor=pool, **CHOICES)


def test_an_altered_store_fails_the_certificate(tmp_path, small_tiles):
    import zarr

    path = tmp_path / "run.zarr"
    accumulate(raster(Z), SOURCES, MODEL, store_path=path)
    stored = zarr.open_group(str(path))["cost"]
    values = stored[:]
    cell = tuple(np.argwhere(values > np.nanmedian(values))[3])
    stored[cell] = values[cell] * 2
    with pytest.raises(CostError, match="can still be improved"):
        accumulate(raster(Z), SOURCES, MODEL, store_path=path)


def test_progress_tells_tiles_done(small_tiles):
    told = []
    run = Resources(workers=0, progress=lambda *a: told.append(a))
    accumulate(raster(Z), SOURCES, MODEL, run=run)
    assert {label for *_, label in told} == {"surveying", "accumulating cost", "verifying"}
    assert all(0 < done <= total == 20 for done, total, _ in told)


BOUNDS = """
import numpy as np
from leastcost_cases import raster, rough
from geo.leastcost import CostModel, accumulate
from geo.leastcost import field as solve, tiles
z, f, sources = rough((23, 19), 2)
def run(neighbours):
    accumulate(
        raster(z), sources, CostModel(np.ones_like, raster(f, "friction")),
        neighbours=neighbours, allocation=True, workers=0,
    )
for side in (3, 8, 40):
    solve.SIDE_IN_MEMORY = side
    for neighbours in (8, 16, 32):
        run(neighbours)
print("inside")
tiles.Job.reach = property(lambda job: job.moves.reach - 1)
try:
    run(32)
except IndexError:
    print("outside is caught")
"""


@pytest.mark.slow
def test_no_index_leaves_the_arrays(tmp_path):
    """Compiled again with bounds checks, which do catch a halo narrower than the longest step."""
    here = Path(__file__).parent
    environment = {
        **os.environ,
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(here), str(here.parents[1])]),
    }
    ended = subprocess.run(
        [sys.executable, "-c", BOUNDS], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.stdout.split("\n")[:2] == ["inside", "outside is caught"], ended.stderr[-2000:]


def test_a_step_over_the_arrays_edge_would_be_caught(monkeypatch, whole):
    """What the halo is for: without it, labels come out wrong, so the tests above would see it."""
    monkeypatch.setattr(solver, "SIDE_IN_MEMORY", 40)
    monkeypatch.setattr("geo.leastcost.tiles.paste", lambda *a: None)
    with pytest.raises((CostError, AssertionError)):
        xr.testing.assert_identical(
            accumulate(raster(Z), SOURCES, MODEL, workers=0, **CHOICES), whole
        )


def test_sources_everywhere_cost_nothing():
    everywhere = raster(np.ones((50, 60), bool), "sources")
    assert not accumulate(raster(np.zeros((50, 60))), everywhere, kinked).cost.values.any()
    assert at((2, 2), (0, 0)).values.sum() == 1
