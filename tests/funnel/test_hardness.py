from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geo import examples, terrain
from geo.errors import ContractError, GridError
from geo.funnel import (
    bin_scores,
    corridor_labels,
    dose,
    energy_per_km,
    hardness,
    hardness_bins,
)
from geo.grid import grid_from_bounds, wrap

GRID = grid_from_bounds((0, 0, 4000, 2000), "EPSG:32612", 100)
CORRIDORS = gpd.GeoDataFrame(
    {"corridor": ["west", "east"]},
    geometry=[box(0, 0, 2000, 2000), box(2000, 0, 3000, 2000)],
    crs="EPSG:32612",
)


def raster(values, name="thing", units="1", **attrs):
    return wrap(np.broadcast_to(values, (20, 40)).copy(), GRID, name, units, **attrs)


def test_cells_belong_to_the_corridor_that_holds_their_centre():
    labels = corridor_labels(CORRIDORS, GRID)
    assert labels.attrs["names"] == ["west", "east"]
    assert (labels.values == 0).sum() == 400
    assert (labels.values == 1).sum() == 200
    assert (labels.values == -1).sum() == 200
    far = CORRIDORS.translate(1e6)
    with pytest.raises(GridError, match="no corridor"):
        corridor_labels(gpd.GeoDataFrame({"corridor": ["a", "b"]}, geometry=far), GRID)


def test_energy_on_flat_ground_and_on_a_plane_is_the_cost_itself():
    def cost(slope):
        return 300.0 * (1.0 + 4.0 * np.square(slope))

    flat = energy_per_km(raster(0.0, "slope", "degree"), cost)
    np.testing.assert_allclose(flat, 300.0)
    steep = energy_per_km(raster(np.degrees(np.arctan(0.5)), "slope", "degree"), cost)
    # the mean of cos^2 over directions is one half
    np.testing.assert_allclose(steep, 300.0 * (1.0 + 4.0 * 0.25 / 2), rtol=1e-6)


def test_ground_nobody_walks_on_has_no_energy_and_does_not_spoil_its_neighbours():
    friction = raster(2.0)
    friction.values[5, 5] = np.nan
    energy = energy_per_km(raster(0.0), lambda s: 300.0 + 0.0 * s, friction)
    assert np.isnan(energy.values[5, 5])
    assert np.isfinite(energy.values).sum() == 799
    np.testing.assert_allclose(energy.values[5, 6], 600.0)


@given(st.integers(0, 1000), st.integers(2, 10))
def test_hardness_is_a_standardised_rank_within_each_corridor(seed, bins):
    rng = np.random.default_rng(seed)
    labels = corridor_labels(CORRIDORS, GRID)
    energy = raster(rng.gamma(2.0, 100.0, (20, 40)))
    hours = raster(rng.gamma(2.0, 2.0, (20, 40)))
    hard = hardness(energy, hours, labels)
    for label in (0, 1):
        here = hard.values[labels.values == label]
        assert abs(here.mean()) < 1e-6
        assert here.std() == pytest.approx(1.0, abs=1e-4)
        product = (energy.values * hours.values)[labels.values == label]
        assert (np.argsort(product) == np.argsort(here)).all()
    again = hardness(energy * 7.0, hours.copy(data=hours.values * 3.0), labels)
    np.testing.assert_array_equal(hard, again)
    assert np.isnan(hard.values[labels.values < 0]).all()
    number = hardness_bins(hard, labels, bins)
    for label, cells in ((0, 400), (1, 200)):
        counts = np.bincount(number.values[labels.values == label], minlength=bins)
        assert abs(counts - cells / bins).max() <= 1
    assert (number.values[labels.values < 0] == -1).all()


def test_equal_ground_is_equally_hard():
    labels = corridor_labels(CORRIDORS, GRID)
    hard = hardness(raster(5.0), raster(1.0), labels)
    np.testing.assert_allclose(hard.values[labels.values >= 0], 0.0, atol=1e-7)


@pytest.mark.parametrize("bins", [2, 3, 5, 10])
def test_scores_have_mean_zero_and_unit_spread(bins):
    scores = bin_scores(bins)
    assert scores.mean() == pytest.approx(0.0)
    assert scores.std() == pytest.approx(1.0)
    assert (np.diff(scores) > 0).all()


def test_dose_is_the_share_of_route_density_in_view():
    labels = corridor_labels(CORRIDORS, GRID)
    seen = np.zeros((2, 20, 40))
    seen[1, :, :10] = 1.0
    seen[1, :, 20:30] = 0.5
    view = wrap(seen, GRID, "in_view", "1", dims=("year", "y", "x"), coords={"year": [2001, 2002]})
    weight = raster(0.0)
    weight.values[:, 5:15] = 3.0
    found = dose(view, weight, labels).set_index(["corridor", "year"])
    assert found.loc[("west", 2002), "area_share"] == pytest.approx(0.5)
    assert found.loc[("west", 2002), "dose"] == pytest.approx(0.5)
    assert found.loc[("east", 2002), "dose"] == pytest.approx(0.5)
    weight.values[:, :5] = 9.0
    found = dose(view, weight, labels).set_index(["corridor", "year"])
    assert found.loc[("west", 2002), "dose"] == pytest.approx((45 + 15) / (45 + 30))
    assert (found.xs(2001, level="year")[["area_share", "dose"]] == 0).all().all()
    plain = dose(view, None, labels)
    assert (plain["dose"] == plain["area_share"]).all()
    with pytest.raises(ContractError, match="period, y, x"):
        dose(weight, None, labels)


def test_strips_of_a_wide_land_are_ranked_as_the_whole_is(monkeypatch):
    slope, labels = terrain.slope(examples.elevation()), examples.labels()
    hours = examples.remoteness()
    energy = energy_per_km(slope, examples.energy().table, window_m=3_000.0)

    def ranked() -> list[xr.DataArray]:
        hard = hardness(energy, hours, labels)
        return [hard, hardness(energy, None, labels), hardness_bins(hard, labels, 5)]

    whole = ranked()
    monkeypatch.setattr("geo.strips.STRIP_CELLS", 2 * slope.shape[1])
    for one, other in zip(whole, ranked(), strict=True):
        np.testing.assert_array_equal(other, one)
    again = energy_per_km(slope, examples.energy().table, window_m=3_000.0)
    np.testing.assert_allclose(again, energy, rtol=1e-12)
