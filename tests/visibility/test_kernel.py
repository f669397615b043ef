"""The ring-horizon merge against a ray to every cell: not one cell may differ."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.visibility._kernel import sweep

from .reference import r3, rough

BEND = 0.87 * 30.0**2 / (2 * 6_371_000.0)


def compare(z, row, col, height, target, radius2, bend=BEND):
    eye = float(z[row, col]) + height
    ours = sweep(np.ascontiguousarray(z), row, col, (eye, target, bend), radius2).astype(bool)
    theirs = r3(z, row, col, eye, target, radius2, bend)
    differing = np.argwhere(ours != theirs)
    assert not len(differing), f"{len(differing)} cells differ, first {differing[:3].tolist()}"
    return ours


@pytest.mark.parametrize("seed", range(4))
def test_rough_terrain_at_full_range(seed):
    z = rough(801, seed)
    seen = compare(z, 400, 400, 25.0, 1.7, 400.0**2)
    assert 0.005 < seen.mean() < 0.9


@pytest.mark.parametrize("corner", [(0, 0), (0, 399), (399, 7), (200, 0), (3, 398)])
def test_raster_edges(corner):
    compare(rough(400, 11), *corner, 30.0, 1.7, 320.0**2)


def test_voids_hide_nothing_and_are_never_seen():
    z = rough(501, 5)
    rng = np.random.default_rng(5)
    z[rng.random(z.shape) < 0.05] = np.nan
    z[100:180, 200:300] = np.nan
    z[rng.random(z.shape) < 0.001] = np.inf
    z[250, 250] = 700.0
    seen = compare(z, 250, 250, 30.0, 1.7, 240.0**2)
    assert not seen[~np.isfinite(z)].any()


@pytest.mark.parametrize("step_m", [5.0, 20.0, 100.0])
def test_terraces_full_of_ties(step_m):
    z = (np.round(rough(401, 3) / step_m) * step_m).astype(np.float32)
    compare(z, 200, 200, 0.0, 0.0, 200.0**2, bend=0.0)
    compare(z, 200, 200, step_m, step_m, 200.0**2)


def test_flat_inclined_and_checkered_ground():
    i, j = np.mgrid[:201, :201].astype(np.float64)
    for z in (0 * i, 3.0 * i - 7.0 * j, 10.0 * ((i + j) % 2), 0.1 * (i - 100) ** 2):
        compare(z, 100, 100, 0.0, 0.0, 150.0**2, bend=0.0)
        compare(z, 100, 100, 10.0, 0.0, 150.0**2)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_small_raster(data):
    """Hostile rasters: few distinct heights, so that lines of sight graze; voids; any window."""
    rows, cols = data.draw(st.integers(1, 17)), data.draw(st.integers(1, 17))
    seed = data.draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    levels = data.draw(st.integers(1, 6))
    z = rng.integers(0, levels, (rows, cols)).astype(np.float32)
    z[rng.random(z.shape) < data.draw(st.sampled_from([0.0, 0.1, 0.5]))] = np.nan
    row, col = int(rng.integers(rows)), int(rng.integers(cols))
    z[row, col] = 1.0
    compare(
        z,
        row,
        col,
        data.draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])),
        data.draw(st.sampled_from([0.0, 1.0])),
        float(data.draw(st.integers(0, 400))),
        data.draw(st.sampled_from([0.0, 0.01])),
    )
