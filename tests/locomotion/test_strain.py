"""Predicted heat strain: against an independent implementation and in its shape."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from pythermalcomfort.models import phs
from pythermalcomfort.psychrometrics import p_sat

from geo.climate import Weather
from geo.errors import UnitsError
from geo.locomotion import (
    CORE_CEILING_C,
    StrainOptions,
    predicted_heat_strain,
    walker,
    within_standard,
)

ADULT = walker("adult-light")


@pytest.mark.parametrize("edition", ["2023", "2004"])
@pytest.mark.parametrize("name", ["adult-light", "adult-unacclimatised"])
def test_agrees_with_an_independent_implementation(edition, name):
    """pythermalcomfort implements both editions; it is given the same clothing and walk."""
    person, rng, count = walker(name), np.random.default_rng(7), 300
    air, wind = rng.uniform(15, 50, count), rng.uniform(0, 3, count)
    radiant, rate = air + rng.uniform(0, 60, count), rng.uniform(100, 250, count)
    humid = rng.uniform(2, 90, count)
    saturated = (
        0.6105 * np.exp(17.27 * air / (air + 237.3)) if edition == "2023" else p_sat(air) / 1000
    )
    ours = predicted_heat_strain(
        person, Weather(air, radiant, saturated * humid / 100, wind), rate, StrainOptions(edition)
    )
    peer = phs(
        tdb=air, tr=radiant, v=wind, rh=humid, met=rate / 58.15, clo=0.6, posture="standing",
        round_output=False, model=f"7933-{edition}", limit_inputs=False, walk_sp=0.8,
        acclimatized=100 * person.acclimatised, weight=person.mass_kg, height=person.height_m,
        a_p=0.0, duration=480,
    )  # fmt: skip
    np.testing.assert_allclose(ours.core_c, np.minimum(peer.t_re, CORE_CEILING_C), atol=0.005)
    np.testing.assert_allclose(ours.water_g, peer.sweat_loss_g, rtol=0.002)
    assert np.quantile(np.abs(ours.minutes_to_limit - peer.d_lim_t_re), 0.98) <= 1


def test_missing_cells_stay_missing():
    air = np.array([30.0, np.nan])
    weather = Weather(air, air + 10, 1.0, 1.0)
    assert np.isnan(predicted_heat_strain(ADULT, weather, 150.0).water_g).tolist() == [False, True]


STEPS = {"air": 1.0, "radiant": 2.0, "vapour": 0.2, "rate": 5.0}
# Core temperature may fall by this much in the standard's own equations [K]: before sweating starts
# a warmer skin takes a larger share of the body's heat, and moist air warms the skin.
FALL = {"air": 0.009, "radiant": 0.012, "vapour": 0.05, "rate": 0.001}


@settings(max_examples=80, deadline=None)
@given(
    air=st.floats(20, 46),
    excess=st.floats(0, 35),
    vapour=st.floats(0.2, 2.2),
    wind=st.floats(0.2, 2.8),
    rate=st.floats(90, 300),
    factor=st.sampled_from(list(STEPS)),
)
def test_strain_rises_with_heat_moisture_and_work(air, excess, vapour, wind, rate, factor):
    def walk(more):
        warm = more.get("air", 0.0)
        sunny = air + excess + warm + more.get("radiant", 0.0)
        weather = Weather(air + warm, sunny, vapour + more.get("vapour", 0.0), wind)
        return predicted_heat_strain(ADULT, weather, rate + more.get("rate", 0.0))

    base, more = walk({}), walk({factor: STEPS[factor]})
    sweating = base.water_g > 1_500 and factor != "vapour"
    assert more.core_c >= base.core_c - (0.0 if sweating else FALL[factor]) - 1e-9
    if factor != "vapour":  # humid air takes less water from the lungs
        assert more.water_g >= base.water_g


def test_moisture_raises_the_core_where_evaporation_is_the_limit():
    vapour = np.array([1.5, 3.25, 3.5, 3.75, 4.0])
    core = predicted_heat_strain(ADULT, Weather(40.0, 55.0, vapour, 0.5), 200.0).core_c
    assert (np.diff(core[1:]) > 0.5).all()
    assert core[-1] - core[0] > 1.0


def test_acclimatisation_helps_where_sweat_is_the_limit():
    noon = Weather(43.0, 70.0, 1.5, 1.0)
    names = ("adult-light", "adult-unacclimatised")
    used, fresh = (predicted_heat_strain(walker(name), noon, 220.0) for name in names)
    assert used.core_c < fresh.core_c
    assert used.minutes_to_limit >= fresh.minutes_to_limit


def test_a_night_in_spring_is_no_strain_and_a_noon_in_july_is():
    night = predicted_heat_strain(ADULT, Weather(15.0, 8.0, 0.6, 1.5), 120.0)
    noon = predicted_heat_strain(ADULT, Weather(45.0, 78.0, 1.8, 1.0), 200.0)
    assert night.core_c < 37.5
    assert night.water_g < 1_500
    assert noon.core_c > 38.0
    assert noon.minutes_to_limit < 240
    assert noon.water_g > 8_000


def test_units_at_the_door():
    with pytest.raises(UnitsError, match="kilopascal"):
        predicted_heat_strain(ADULT, Weather(35.0, 50.0, 15.0, 1.0), 150.0)
    with pytest.raises(UnitsError, match="degrees Celsius"):
        predicted_heat_strain(ADULT, Weather(308.0, 50.0, 1.5, 1.0), 150.0)
    kelvin = xr.DataArray([300.0], attrs={"units": "K"})
    with pytest.raises(UnitsError, match="is in K"):
        predicted_heat_strain(ADULT, Weather(kelvin, 50.0, 1.5, 1.0), 150.0)


def test_range_of_the_standard_is_told():
    assert within_standard(np.array([50.0, 150.0, 300.0])).tolist() == [False, True, False]
    assert within_standard(300.0, "2004")
