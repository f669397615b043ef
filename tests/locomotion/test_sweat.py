"""Sweat regressions: recomputed vectors, the clamp, and the spread of the ensemble."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from geo.climate import Weather
from geo.locomotion import predicted_heat_strain, sweat, walker

ADULT = walker("adult-light")


@pytest.mark.parametrize(
    ("required", "maximal", "expected"),
    [
        (200, 300, (416, 242, 191, 296)),
        (350, 500, (578, 294, 246, 519)),
        (350, 350, (679, 332, 377, 519)),
        (300, 800, (400, 237, 0, 444)),
    ],
)
def test_vectors(required, maximal, expected):
    found = [
        f(required, maximal)
        for f in (sweat.ose, sweat.ose_corrected, sweat.piecewise, sweat.heat_balance)
    ]
    assert [round(v) for v in found] == list(expected)


def test_piecewise_is_clamped_and_says_so():
    pairs = np.array([[300.0, 800.0], [350.0, 350.0]])
    assert sweat.piecewise_clamped(pairs[:, 0], pairs[:, 1]).tolist() == [True, False]
    raster = xr.DataArray(pairs[:, 1], dims="x", attrs={"units": "W m-2"})
    assert sweat.piecewise_clamped(300.0, raster).dtype == bool


def test_all_members_rise_with_the_requirement():
    required = np.linspace(50, 600, 50)
    for rate in (sweat.ose, sweat.ose_corrected, sweat.piecewise):
        assert (np.diff(rate(required, 300.0)) >= 0).all()


def test_ensemble_spans_about_a_factor_of_two_and_holds_the_standard():
    """Desert noon, level walk: the members disagree, and heat strain lies among them."""
    noon, rate = Weather(40.0, 65.0, 1.5, 1.5), 130.0
    flows = sweat.evaporation(noon, rate)
    hourly = [f(*flows) * ADULT.surface_m2 for f in sweat.ENSEMBLE.values()]
    standard = predicted_heat_strain(ADULT, noon, rate).water_g / 8
    assert 1.2 < max(hourly) / min(hourly) < 5
    assert 0.5 * min(hourly) < standard < 2 * max(hourly)


def test_water_is_capped_at_what_a_body_can_sweat():
    assert sweat.water_loss(5_000.0, ADULT, 8) == 8 * sweat.MAX_SWEAT_G_H
    lazy = xr.DataArray([100.0], dims="x", attrs={"units": "g m-2 h-1"}).chunk()
    assert sweat.water_loss(lazy, ADULT, 2).attrs["units"] == "g"


def test_hotter_air_requires_more_and_moister_air_takes_less():
    cool, hot = (sweat.evaporation(Weather(t, t + 20, 1.5, 1.0), 150.0) for t in (25.0, 42.0))
    dry, moist = (sweat.evaporation(Weather(35.0, 50.0, p, 1.0), 150.0) for p in (0.8, 2.5))
    assert hot.required > cool.required
    assert moist.maximal < dry.maximal
