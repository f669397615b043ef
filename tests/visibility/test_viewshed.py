"""One tower: cases with an answer on paper, laws that must hold anywhere, mistakes people make."""

from __future__ import annotations

import math

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import GridError, UnitsError
from geo.grid import grid_from_bounds, grid_of, wrap
from geo.visibility import detection_probability, programmes, viewshed
from geo.visibility.single import Optics

from .reference import rough
from .scenes import at, raster

STRAIGHT = 0.999_999_999  # refraction that bends light along with the earth: flat-earth geometry


@pytest.mark.parametrize(
    ("distance_m", "refraction", "drop_m"),
    [(2_400, 0.13, 0.39), (5_000, 0.13, 1.71), (12_000, 0.13, 9.83), (12_000, 0.25, 8.48)],
)
def test_curvature_drop(distance_m, refraction, drop_m):
    optics = Optics.of(30.0, 1.7, refraction)
    assert optics.bend * (distance_m / 30.0) ** 2 == pytest.approx(drop_m, abs=0.005)


def test_horizon_on_a_flat_earth():
    """24.4 m tower, 1.7 m target, k = 0.13: the target sinks at 23.89 km."""
    ground = raster(np.zeros((3, 1000), np.float32))
    seen = viewshed(ground, at(ground, 1, 0), observer_height_m=24.4, range_m=29_000.0)
    reach = math.sqrt(2 * 6_371_000 / 0.87) * (math.sqrt(24.4) + math.sqrt(1.7))
    assert reach == pytest.approx(23_890, abs=10)
    last = np.flatnonzero(seen.values[1])[-1] * 30.0
    assert reach - 30.0 <= last <= reach
    assert seen.values[1, : int(reach // 30)].all()


def test_shadow_of_a_ridge():
    """Eye at 20 m, crest of 60 m at 300 m: level ground lies in shadow behind it for good; with an
    eye at 100 m a 1.7 m target comes back into view at 300 * (100 - 1.7) / (100 - 60) m."""
    z = np.zeros((81, 201), np.float32)
    z[:, 30] = 60.0
    ground = raster(z, 10.0)
    look = {"range_m": 2_000.0, "refraction": STRAIGHT}
    low = viewshed(ground, at(ground, 40, 0), observer_height_m=20.0, **look).values
    assert low[40, :31].all()
    assert not low[40, 31:].any()
    high = viewshed(ground, at(ground, 40, 0), observer_height_m=100.0, **look).values
    end = 300.0 * (100.0 - 1.7) / (100.0 - 60.0)
    first = 31 + int(np.flatnonzero(high[40, 31:])[0])
    assert first - 1 < end / 10.0 <= first
    assert high[40, first:].all()


def test_pit():
    """From a pit of 50 m only pit and rim are seen; into it, only as deep as light falls."""
    z = np.full((61, 61), 50.0, np.float32)
    z[25:36, 25:36] = 0.0
    ground = raster(z, 10.0)
    inside = viewshed(ground, at(ground, 30, 30), observer_height_m=20.0, range_m=300.0).values
    expected = np.zeros_like(inside)
    expected[24:37, 24:37] = True
    np.testing.assert_array_equal(inside, expected)
    # eye 50 m above the rim at 100 m from the far wall: light falls at 45 degrees
    outside = viewshed(
        ground,
        at(ground, 30, 20),
        observer_height_m=50.0,
        target_height_m=0.0,
        range_m=300.0,
        refraction=STRAIGHT,
    ).values
    # crest at 40 m, one cell before the pit: the line falls 50/40 m per m, reaching -50 m at 80 m
    assert outside[30, 20:25].all()
    assert not outside[30, 25:28].any()
    assert outside[30, 28:36].all()


def test_everything_on_a_plane_is_seen_up_to_the_range():
    i, j = np.mgrid[:101, :101]
    ground = raster((3.0 * i - 5.0 * j + 1000.0).astype(np.float32))
    seen = viewshed(
        ground,
        at(ground, 50, 50),
        observer_height_m=0.0,
        target_height_m=0.0,
        range_m=1_200.0,
        refraction=STRAIGHT,
    )
    np.testing.assert_array_equal(seen.values, (i - 50) ** 2 + (j - 50) ** 2 <= 40**2)


SMALL = st.integers(0, 2**31 - 1)


def _random_scene(seed, n=61):
    rng = np.random.default_rng(seed)
    z = rough(n, seed, roughness=float(rng.uniform(1.2, 2.2)), relief_m=float(rng.uniform(20, 900)))
    return raster(z), tuple(int(i) for i in rng.integers(5, n - 5, 2)), rng


@settings(max_examples=40, deadline=None)
@given(SMALL)
def test_higher_targets_and_eyes_and_longer_ranges_see_no_less(seed):
    ground, cell, rng = _random_scene(seed)
    place = at(ground, *cell)
    eye, target, reach = rng.uniform(0, 40), rng.uniform(0, 5), rng.uniform(100, 1_500)
    base = {"observer_height_m": eye, "target_height_m": target, "range_m": reach}
    seen = viewshed(ground, place, **base).values
    for change in (
        {"target_height_m": target + 3.0},
        {"observer_height_m": eye + 15.0},
        {"range_m": reach + 400.0},
    ):
        more = viewshed(ground, place, **{**base, **change}).values
        assert not (seen & ~more).any(), change


@settings(max_examples=25, deadline=None)
@given(SMALL)
def test_who_sees_is_seen(seed):
    """Eye and target change places: the line of sight is the same line."""
    ground, cell, rng = _random_scene(seed, 31)
    seen = viewshed(
        ground, at(ground, *cell), observer_height_m=20.0, target_height_m=2.0, range_m=1_500.0
    ).values
    for row, col in rng.integers(0, 31, (20, 2)):
        back = viewshed(
            ground,
            at(ground, row, col),
            observer_height_m=2.0,
            target_height_m=20.0,
            range_m=1_500.0,
        ).values
        assert back[cell] == seen[row, col]


@settings(max_examples=25, deadline=None)
@given(SMALL)
def test_turning_the_land_turns_the_view(seed):
    ground, (row, col), _ = _random_scene(seed, 41)
    look = {"observer_height_m": 15.0, "range_m": 900.0}
    seen = viewshed(ground, at(ground, row, col), **look).values
    turned = raster(np.rot90(ground.values).copy())
    again = viewshed(turned, at(turned, 40 - col, row), **look).values
    np.testing.assert_array_equal(np.rot90(seen), again)


def test_sectors():
    ground = raster(np.zeros((41, 41), np.float32))
    place = at(ground, 20, 20)
    look = {"observer_height_m": 30.0, "range_m": 500.0}
    whole = viewshed(ground, place, **look).values
    north_east = viewshed(ground, place, **look, sector=(0.0, 90.0)).values
    i, j = np.mgrid[:41, :41]
    np.testing.assert_array_equal(north_east, whole & (i <= 20) & (j >= 20))
    passing_north = viewshed(ground, place, **look, sector=(300.0, 60.0)).values
    rest = viewshed(ground, place, **look, sector=(60.0, 300.0)).values
    assert passing_north[0:20, 20].sum() == whole[0:20, 20].sum()
    np.testing.assert_array_equal(passing_north | rest, whole)
    np.testing.assert_array_equal(
        viewshed(ground, place, **look, sector=(0.0, 360.0)).values, whole
    )


def test_window_lazy_and_integer_rasters_agree():
    ground = raster(np.round(rough(300, 8)))
    place = at(ground, 20, 250)
    look = {"observer_height_m": 25.0, "range_m": 2_000.0}
    seen = viewshed(ground, place, **look)
    window = viewshed(ground, place, **look, extent="window")
    assert window.sizes == {"y": 88, "x": 117}
    np.testing.assert_array_equal(window, seen.sel(y=window.y, x=window.x))
    assert grid_of(seen) == grid_of(ground)
    assert grid_of(window) == grid_of(ground)[0:88, 183:300]
    assert seen.values.sum() == window.values.sum()
    lazy = ground.copy(data=da.from_array(ground.values, chunks=64))
    xr.testing.assert_identical(viewshed(lazy, place, **look), seen)
    whole = ground.astype("int16")
    np.testing.assert_array_equal(viewshed(whole, place, **look), seen)


def test_mistakes_are_named():
    ground = raster(np.zeros((20, 20), np.float32))
    ground.values[3, 3] = np.nan
    look = {"observer_height_m": 25.0, "range_m": 300.0}
    with pytest.raises(GridError, match="outside the elevation raster"):
        viewshed(ground, (0.0, 0.0), **look)
    with pytest.raises(GridError, match="no elevation at the observer"):
        viewshed(ground, at(ground, 3, 3), **look)
    for wrong in ({"range_m": -5.0}, {"range_m": math.nan}, {"observer_height_m": -1.0}):
        with pytest.raises(UnitsError):
            viewshed(ground, at(ground, 5, 5), **{**look, **wrong})
    with pytest.raises(UnitsError, match="refraction"):
        viewshed(ground, at(ground, 5, 5), **look, refraction=13.0)
    with pytest.raises(UnitsError, match="sector"):
        viewshed(ground, at(ground, 5, 5), **look, sector=(math.nan, 5.0))
    oblong = ground.isel(x=slice(None, None, 2))
    with pytest.raises(GridError, match="square"):
        viewshed(oblong, at(ground, 4, 4), **look)
    degrees = wrap(
        np.zeros((4, 4), np.float32),
        grid_from_bounds((-112.0, 31.0, -108.0, 35.0), "EPSG:4326", 1.0),
        "elevation",
        "m",
    )
    with pytest.raises(GridError, match="metres"):
        viewshed(degrees, (-110.0, 33.0), **look)


def test_detection_falls_with_range():
    known = programmes()
    assert {"project_28", "sbinet_tus1", "ift", "rvss", "legacy_rvss", "ast"} <= set(known)
    for programme in known.values():
        reach = float(programme.range_m.value)
        # nearer than a fifth of the range the curve is one to the last digit
        sure = detection_probability(np.linspace(0.2, 3.0, 50) * reach, reach)
        assert (np.diff(sure) < 0).all()
        assert detection_probability(0.0, reach) == pytest.approx(1.0)
        assert detection_probability(reach, reach) == 0.5
    # E = 2.7 + 0.7 * 2 = 4.1 at half the range: 2^4.1 / (1 + 2^4.1)
    assert detection_probability(5_000.0, 10_000.0) == pytest.approx(2**4.1 / (1 + 2**4.1))


def test_parameters_are_complete_and_bracketed():
    for programme in programmes().values():
        for entry in (programme.height_m, programme.range_m):
            assert entry.unit == "m"
            assert entry.source
            low = entry.low if entry.low is not None else entry.value
            high = entry.high if entry.high is not None else entry.value
            assert 0 < low <= entry.value <= high
        if programme.active_from is not None:
            first, last = programme.active_from.value
            assert first <= last
