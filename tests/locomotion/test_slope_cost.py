"""Slope tables: what a cost engine is given."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.climate import Weather
from geo.errors import StudyError, UnitsError
from geo.locomotion import (
    METABOLIC_MODELS,
    SPEED_MODELS,
    EnergyCoefficient,
    TimeCoefficient,
    Walker,
    energy_friction,
    energy_per_metre,
    time_friction,
    time_per_metre,
    walker,
    walkers,
    water_per_metre,
)

ADULT = walker("adult-light")
BARE = Walker("bare", 70.0, 1.75, 0.0, 0.0, acclimatised=True)
NOON = Weather(40.0, 60.0, 1.5, 1.5)


@pytest.mark.parametrize("speed", SPEED_MODELS)
@pytest.mark.parametrize("metabolic", METABOLIC_MODELS)
def test_every_pair_gives_a_positive_continuous_table(metabolic, speed):
    cost = energy_per_metre(ADULT, metabolic=metabolic, speed=speed)
    slopes = np.linspace(-1.0, 1.0, 20_001)
    values = cost(slopes)
    assert np.isfinite(values).all()
    assert values.min() > 0
    jump = 30.0 if metabolic == "pandolf_santee" else 1.5
    near = np.abs(slopes[1:]) < 0.45
    assert np.abs(np.diff(values))[near].max() < jump


def test_critical_slopes_are_the_known_ones():
    assert time_per_metre(speed="tobler").critical_slope == pytest.approx(0.267, abs=0.002)
    constant = energy_per_metre(BARE, speed=1.34)
    assert constant.critical_slope == pytest.approx(0.46, abs=0.01)
    coupled = energy_per_metre(BARE, speed="tobler")
    assert coupled.critical_slope == pytest.approx(0.29, abs=0.02)
    assert energy_per_metre(
        BARE, metabolic="pandolf_santee", speed="tobler"
    ).critical_slope == pytest.approx(0.31, abs=0.02)
    assert -1.0 < coupled.critical_descent < -0.1


def test_horizontal_and_surface_metres_differ_by_the_length_along_the_ground():
    flat, ground = energy_per_metre(ADULT), energy_per_metre(ADULT, metre="surface")
    slopes = np.array([-0.4, 0.0, 0.75])
    np.testing.assert_allclose(flat(slopes), ground(slopes) * np.hypot(1, slopes))
    assert flat.critical_slope == pytest.approx(ground.critical_slope)


def test_energy_is_power_times_time():
    cost, pace = energy_per_metre(BARE, speed=1.34), time_per_metre(speed=1.34)
    assert cost(0.0) == pytest.approx(309.0 / 1.34, abs=0.05)
    assert pace(0.0) == pytest.approx(1 / 1.34)
    assert (cost.unit, pace.unit) == ("J m-1", "s m-1")


def test_uphill_costs_more_than_downhill():
    cost = energy_per_metre(ADULT)
    slopes = np.linspace(0.01, 0.6, 60)
    assert (cost(slopes) > cost(-slopes)).all()


def test_table_survives_a_pickle():
    cost = water_per_metre(ADULT, NOON)
    again = pickle.loads(pickle.dumps(cost))  # noqa: S301 our own bytes
    assert again(0.123) == cost(0.123)


def test_water_grows_with_heat_and_slope():
    noon = water_per_metre(ADULT, NOON)
    night = water_per_metre(ADULT, Weather(27.0, 20.0, 1.5, 1.5))
    slopes = np.linspace(-0.4, 0.4, 41)
    assert (noon(slopes) > night(slopes)).all()
    assert (np.diff(noon(slopes[slopes >= 0])) > 0).all()
    assert noon.unit == "g m-1"
    litres_per_hour = noon(0.0) / time_per_metre()(0.0) * 3.6
    assert 0.4 < litres_per_hour < 1.5


def test_water_takes_one_weather():
    with pytest.raises(StudyError, match="four numbers"):
        water_per_metre(ADULT, Weather(np.array([30.0, 31.0]), 40.0, 1.0, 1.0))


@pytest.mark.parametrize(
    "call",
    [
        lambda: energy_per_metre(ADULT, metabolic="naismith"),
        lambda: energy_per_metre(ADULT, speed="fast"),
        lambda: time_per_metre(speed=0.0),
        lambda: time_friction(TimeCoefficient(1.2), speed="fast"),
        lambda: walker("man"),
    ],
)
def test_unknown_models_are_named(call):
    with pytest.raises(StudyError):
        call()


@pytest.mark.parametrize("metabolic", ["lcda_graded", "lcda_backpacking", "pandolf_santee"])
def test_energy_friction_is_exact_on_the_level_and_close_on_slopes(metabolic):
    """The engine multiplies whole costs; the equations multiply the walking term."""
    model = METABOLIC_MODELS[metabolic].power
    eta, slopes = 1.5, np.linspace(-0.12, 0.2, 33)
    speeds = SPEED_MODELS["irmischer_clarke_off_path"].function(slopes)
    ones = np.ones_like(slopes)
    body = (ADULT.mass_kg * ones, ADULT.load_kg * ones, speeds, slopes)
    exact = model(*body, eta * ones) / model(*body, ones)
    factor = energy_friction(EnergyCoefficient(eta), ADULT, metabolic=metabolic)
    level = np.argmin(np.abs(slopes))
    assert factor == pytest.approx(exact[level], rel=1e-3)
    assert np.abs(factor / exact - 1).max() < 0.25


def test_energy_and_time_coefficients_cannot_be_mixed():
    with pytest.raises(UnitsError, match="energy table"):
        energy_friction(TimeCoefficient(1.2), ADULT)
    with pytest.raises(UnitsError, match="time table"):
        time_friction(EnergyCoefficient(1.2))


def test_time_friction_is_relative_to_the_ground_the_speed_was_measured_on():
    assert time_friction(TimeCoefficient(1.67)) == pytest.approx(1.0)
    assert time_friction(TimeCoefficient(1.67), speed="tobler") == pytest.approx(1.67)


@given(load=st.floats(0, 30), more=st.floats(1, 10), slope=st.floats(-0.45, 0.45))
def test_load_raises_cost_everywhere(load, more, slope):
    light = Walker("a", 70.0, 1.75, load, 0.0, acclimatised=True)
    heavy = Walker("b", 70.0, 1.75, load + more, 0.0, acclimatised=True)
    if slope > -0.1:
        assert energy_per_metre(heavy)(slope) > energy_per_metre(light)(slope)


def test_named_walkers_are_scenarios():
    everyone = walkers()
    assert {"adult-light", "adult", "adult-heavy", "child"} <= {w.name for w in everyone}
    assert all(0.5 < w.surface_m2 < 2.5 for w in everyone)
    assert [w.name for w in everyone if w.is_extrapolated] == ["child"]
    with pytest.raises(StudyError, match="whole load"):
        Walker("wet", 70.0, 1.75, 1.0, 5.0, acclimatised=True)
