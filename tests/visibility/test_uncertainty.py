"""Probability of visibility: the error field is what it claims, and yes and no are its limits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from geo.errors import UnitsError
from geo.visibility import Uncertainty, coverage, visibility_probability
from geo.visibility.elevation_error import error_field
from geo.visibility.single import Patch

from .reference import rough
from .scenes import CRS, at, period, raster, towers

GROUND = raster(rough(120, 6, relief_m=300.0))
TOWERS = towers(GROUND, [(60, 60), (20, 90)], range_m=1_500.0)


def _probability(**changes):
    given = {
        "uncertainty": Uncertainty(3.0, 200.0, 40),
        "generator": np.random.default_rng(5),
        **changes,
    }
    return visibility_probability(GROUND, given.pop("towers", TOWERS), **given)


def test_error_field_has_the_stated_deviation_and_correlation():
    doubt = Uncertainty(5.0, 300.0, 1)
    whole = Patch(0, 1_500, 0, 1_500)
    field = error_field(whole, 30.0, doubt, (7, 0)).astype(float)
    # about (45 km / 600 m)^2 independent patches: 2 % on the deviation
    assert field.std() == pytest.approx(5.0, rel=0.05)
    for lag in (1, 5, 10, 15):
        expected = np.exp(-((lag * 30.0 / 300.0) ** 2))
        for a, b in ((field[lag:], field[:-lag]), (field[:, lag:], field[:, :-lag])):
            assert (a * b).mean() / 25.0 == pytest.approx(expected, abs=0.06)
    part = error_field(Patch(300, 500, 100, 460), 30.0, doubt, (7, 0))
    np.testing.assert_allclose(part, field[300:500, 100:460], atol=1e-4)
    other = error_field(whole, 30.0, doubt, (7, 1))
    assert abs(np.corrcoef(field.ravel(), other.ravel())[0, 1]) < 0.06


def test_without_doubt_it_is_the_viewshed():
    sure = _probability(uncertainty=Uncertainty(0.0, 300.0, 3))
    ever = coverage(GROUND, TOWERS, [period("p", "2011-01-01", "2012-01-01")]).ever
    for layer in ("probability", "low", "high"):
        np.testing.assert_array_equal(sure[layer], ever)
    assert sure.seen_km2.values == pytest.approx(float(ever.sum()) * 0.0009)


def test_bounds_bracket_the_mean_and_do_not_depend_on_workers():
    found = _probability()
    p = found.probability
    assert ((p > 0) & (p < 1)).mean() > 0.02
    # 40 draws: seen in at least 38 is the 5 % quantile, in at least 2 the 95 % one
    np.testing.assert_array_equal(found.low, p >= 38 / 40 - 1e-6)
    np.testing.assert_array_equal(found.high, p >= 2 / 40 - 1e-6)
    assert found.seen_km2.std() > 0
    np.testing.assert_allclose(found.seen_km2.mean(), float(p.sum()) * 0.0009, rtol=1e-5)
    with ThreadPoolExecutor(3) as pool:
        again = _probability(executor=pool)
    np.testing.assert_array_equal(again.probability, p)
    np.testing.assert_array_equal(again.seen_km2, found.seen_km2)
    assert (_probability(generator=np.random.default_rng(6)).probability != p).any()


def test_noise_takes_away_long_views_over_level_ground():
    """Fisher (1991): a viewshed without error overstates what is seen."""
    flat = raster(np.zeros((161, 161), np.float32))
    one = towers(flat, [(80, 80)], height_m=5.0, range_m=2_400.0)
    noisy = visibility_probability(
        flat, one, uncertainty=Uncertainty(3.0, 150.0, 30), generator=np.random.default_rng(0)
    )
    assert noisy.high.sum() < 80**2 * np.pi + 1
    assert float(noisy.probability.sum()) < 0.6 * 80**2 * np.pi


def test_position_within_a_radius_or_a_polygon():
    still = Uncertainty(0.0, 300.0, 60)
    disc = _probability(uncertainty=still, towers=TOWERS.assign(location_uncertainty_m=200.0))
    fixed = _probability(uncertainty=still)
    assert (disc.probability != fixed.probability).any()
    x, y = at(GROUND, 60, 60)
    field = gpd.GeoSeries([box(x - 200, y - 50, x + 200, y + 50)], crs=CRS).to_crs("EPSG:4326")
    polygon = TOWERS.iloc[:1].assign(geometry=field.values)
    region = _probability(uncertainty=still, towers=polygon)
    # wherever the tower stands it sees its own cell: 13 x 3 cells lie in the polygon
    own = region.probability.values[59:62, 54:67]
    assert (own > 0).all()
    single = _probability(uncertainty=still, towers=TOWERS.iloc[:1])
    assert region.high.sum() >= single.high.sum() * 0.8


@pytest.mark.parametrize(
    "wrong",
    [(-1.0, 300.0, 10), (1.0, 0.0, 10), (1.0, 300.0, 0), (1.0, 300.0, 10, (0.9, 0.1))],
)
def test_impossible_uncertainty_is_refused(wrong):
    with pytest.raises(UnitsError):
        Uncertainty(*wrong)
