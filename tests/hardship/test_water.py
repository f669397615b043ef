"""Litres of a step: the slope table times a friction against the full model, and their parts."""

from __future__ import annotations

import numpy as np
import pytest

from geo import climate, hardship, terrain
from geo.errors import LayoutError, UnitsError
from geo.grid import grid_from_bounds, wrap
from geo.locomotion import (
    EnergyCoefficient,
    TimeCoefficient,
    energy_friction,
    energy_per_metre,
    predicted_heat_strain,
    time_friction,
    time_per_metre,
    walker,
    water_per_metre,
)

GRID = grid_from_bounds((400_000, 3_500_000, 412_000, 3_509_000), "EPSG:32612", 100.0)
ADULT = walker("adult-light")
DAY = climate.summer_mean(climate.synthetic())
HOURS = 8.0


def raster(name, unit, values):
    return wrap(np.asarray(values, np.float32), GRID, name, unit)


@pytest.fixture(scope="module")
def land():
    rng = np.random.default_rng(4)
    y, x = np.mgrid[: GRID.shape[0], : GRID.shape[1]]
    height = 900 + 350 * np.sin(x / 17) * np.cos(y / 13) + 25 * np.sin(x / 3 + y / 4)
    elevation = raster("elevation", "m", height)
    costlier, slower = rng.uniform(1.0, 2.0, GRID.shape), rng.uniform(1.67, 1.9, GRID.shape)
    return hardship.SummerLand(
        DAY,
        elevation,
        terrain.slope(elevation),
        EnergyCoefficient(raster("terrain_energy", "1", costlier)),
        TimeCoefficient(raster("terrain_time", "1", slower)),
    )


@pytest.fixture(scope="module")
def strain(land):
    return land.strain(ADULT)


def test_strain_over_heights_is_that_of_the_minute_steps(strain):
    rng = np.random.default_rng(1)
    height, power = rng.uniform(530, 1_270, 3_000), rng.uniform(90, 500, 3_000)
    exact = predicted_heat_strain(ADULT, climate.at_heights(DAY, height), power)
    found = strain(height, power)
    np.testing.assert_allclose(found.water_g, exact.water_g, rtol=0.005)
    assert float(np.abs(found.core_c - exact.core_c).max()) < 0.1


def test_separated_water_is_that_of_the_full_model(land, strain):
    """Steps in random directions: 5 to 95 % within 6 %, their sum within 1 %."""
    found = land.litres(ADULT, strain, "lcda_graded", "irmischer_clarke_off_path")
    rng = np.random.default_rng(2)
    at = rng.integers(0, GRID.shape[0] * GRID.shape[1], 4_000)
    angle = rng.uniform(0, 2 * np.pi, at.size)
    slope = np.tan(np.radians(land.slope.values.ravel()[at])) * np.cos(angle)
    costlier = np.asarray(energy_friction(land.energy, ADULT)).ravel()[at]
    slower = np.asarray(time_friction(land.time)).ravel()[at]
    seconds = time_per_metre()(slope) * slower
    power = energy_per_metre(ADULT)(slope) * costlier / seconds / ADULT.surface_m2
    weather = climate.at_heights(DAY, land.elevation.values.ravel()[at])
    grams = predicted_heat_strain(ADULT, weather, power).water_g / (HOURS * 3_600.0) * seconds
    separated = found.cost.table(slope) * found.cost.friction.values.ravel()[at]
    ratio = separated / grams
    low, high = np.quantile(ratio, (0.05, 0.95))
    assert 0.94 < low < high < 1.06
    assert separated.sum() / grams.sum() == pytest.approx(1.0, abs=0.01)


def test_level_even_ground_in_the_mean_weather_has_friction_one():
    flat = raster("elevation", "m", np.full(GRID.shape, 700.0))
    slope = raster("slope", "degree", np.zeros(GRID.shape))
    plain = hardship.SummerLand(DAY, flat, slope, None, None)
    found = plain.litres(ADULT, plain.strain(ADULT), "lcda_graded", "tobler_off_path")
    np.testing.assert_allclose(found.cost.friction, 1.0, rtol=0.002)
    per_second = found.water_per_walk.values[0, 0] * 1_000.0 / (HOURS * 3_600.0)
    level = per_second * time_per_metre(speed="tobler_off_path")(0.0)
    assert found.cost.table(0.0) == pytest.approx(level, rel=0.002)


def test_hotter_lower_ground_costs_more_water_and_harder_ground_too(land, strain):
    found = land.litres(ADULT, strain, "lcda_graded", "irmischer_clarke_off_path")
    friction = found.cost.friction.values
    warm = land.elevation.values < np.quantile(land.elevation.values, 0.1)
    cool = land.elevation.values > np.quantile(land.elevation.values, 0.9)
    assert friction[warm].mean() > friction[cool].mean()
    soft = land.energy.values.values > 1.9
    firm = land.energy.values.values < 1.1
    assert friction[soft].mean() > friction[firm].mean()


def test_what_does_not_fit_is_refused(land, strain):
    found = land.litres(ADULT, strain, "lcda_graded", "irmischer_clarke_off_path")
    with pytest.raises(UnitsError, match="water and time"):
        hardship.water_friction(
            land.slope, found.water_per_walk, HOURS, energy_per_metre(ADULT), time_per_metre()
        )
    weather = climate.Weather(35.0, 60.0, 1.5, 1.0)
    with pytest.raises(UnitsError, match="in L"):
        hardship.water_friction(
            land.slope, land.elevation, HOURS, water_per_metre(ADULT, weather), time_per_metre()
        )
    with pytest.raises(LayoutError, match="function of height"):
        climate.at_heights(DAY.expand_dims(x=[0.0]), [500.0])
