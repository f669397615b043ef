"""Components of hardship: values, ensemble, records, and what may be published."""

from __future__ import annotations

from datetime import date
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from geo import climate, hardship
from geo.errors import ContractError, GridError, StudyError, UnitsError
from geo.grid import cell_centres, grid_from_bounds, grid_of, wrap
from geo.locomotion import (
    CORE_LIMIT_C,
    METABOLIC_MODELS,
    EnergyCoefficient,
    StrainOptions,
    energy_friction,
    energy_per_metre,
    predicted_heat_strain,
    strain_over_heights,
    time_per_metre,
    walker,
    water_per_metre,
)

GRID = grid_from_bounds((400_000, 3_500_000, 420_000, 3_515_000), "EPSG:32612", 500.0)
ADULT = walker("adult-light")
CENTRAL = energy_per_metre(ADULT)


def raster(name, unit, low, high, seed=0, grid=GRID):
    values = np.random.default_rng(seed).uniform(low, high, grid.shape).astype(np.float32)
    return wrap(values, grid, name, unit)


def gathered(**extra):
    slope = raster("slope", "degree", 0, 30)
    return hardship.components(
        ADULT,
        effort=hardship.effort(slope, CENTRAL),
        energy_from_border=raster("energy", "MJ", 0, 60, 1),
        hours_from_border=raster("hours", "h", 0, 80, 2),
        water_from_border=raster("water", "L", 0, 30, 3),
        **extra,
    )


def test_components_carry_units_and_name_what_is_missing():
    data = gathered(core_temperature=raster("core", "degC", 36.9, 40, 4))
    assert {str(k): v.attrs["units"] for k, v in data.data_vars.items()} == {
        "effort": "kJ km-1",
        "energy_from_border": "MJ",
        "hours_from_border": "h",
        "water_from_border": "L",
        "water_ratio": "1",
        "core_margin": "K",
    }
    assert data.attrs["missing"] == "water_per_walk hours_to_road"
    assert data.attrs["walker"] == "adult-light"
    np.testing.assert_allclose(data["water_ratio"], data["water_from_border"] / ADULT.water_l)
    core = raster("core", "degC", 36.9, 40, 4)
    np.testing.assert_allclose(data["core_margin"], CORE_LIMIT_C - core, rtol=1e-5)


def test_unreachable_land_is_missing_not_infinite():
    energy = raster("energy", "MJ", 0, 60)
    energy[3, 4] = np.inf
    data = hardship.components(ADULT, energy_from_border=energy)
    assert np.isnan(data["energy_from_border"].values[3, 4])
    assert np.isfinite(data["energy_from_border"].values).sum() == energy.size - 1


def test_wrong_units_grids_and_nothing_are_refused():
    with pytest.raises(UnitsError, match="takes MJ, got J"):
        hardship.components(ADULT, energy_from_border=raster("energy", "J", 0, 1))
    other = grid_from_bounds((400_500, 3_500_000, 420_500, 3_515_000), "EPSG:32612", 500.0)
    with pytest.raises(GridError):
        hardship.components(
            ADULT,
            energy_from_border=raster("energy", "MJ", 0, 1),
            hours_from_border=raster("hours", "h", 0, 1, grid=other),
        )
    with pytest.raises(ContractError, match="no raster"):
        hardship.components(ADULT)


def test_effort_is_the_mean_over_directions():
    flat, steep = (wrap(np.full(GRID.shape, d, "f4"), GRID, "slope", "degree") for d in (0.0, 20.0))
    np.testing.assert_allclose(hardship.effort(flat, CENTRAL), CENTRAL(0.0), rtol=1e-5)
    around = np.tan(np.radians(20.0)) * np.cos(np.linspace(0, 2 * np.pi, 721)[:-1])
    np.testing.assert_allclose(hardship.effort(steep, CENTRAL), CENTRAL(around).mean(), rtol=1e-3)
    with pytest.raises(UnitsError, match="time"):
        hardship.effort(flat, time_per_metre())
    with pytest.raises(UnitsError, match="degree"):
        hardship.effort(flat.assign_attrs(units="percent"), CENTRAL)


@given(st.floats(0, 40), st.floats(0.5, 5))
def test_steeper_ground_costs_more(degrees, more):
    pair = np.array([[degrees, degrees + more]])
    grid = grid_from_bounds((0, 0, 1000, 500), "EPSG:32612", 500.0)
    cost = hardship.effort(wrap(pair, grid, "slope", "degree"), CENTRAL).values[0]
    assert cost[1] > cost[0] * (1 - 1e-6)


def test_effort_takes_terrain_as_friction():
    slope = raster("slope", "degree", 0, 20)
    eta = raster("terrain_energy", "1", 1.0, 2.0, 5)
    friction = energy_friction(EnergyCoefficient(eta), ADULT)
    harder = hardship.effort(slope, CENTRAL, friction)
    assert (harder >= hardship.effort(slope, CENTRAL)).all()


def test_metabolic_rate_is_that_of_the_equation_on_the_level():
    flat = wrap(np.zeros(GRID.shape, "f4"), GRID, "slope", "degree")
    rate = hardship.metabolic_rate(flat, ADULT, CENTRAL, time_per_metre())
    expected = CENTRAL(0.0) / time_per_metre()(0.0) / ADULT.surface_m2
    np.testing.assert_allclose(rate, expected, rtol=1e-5)
    assert rate.attrs["units"] == "W m-2"


def strains(walk):
    return strain_over_heights(ADULT, partial(climate.at_heights, walk), 300.0, 1600.0)


def test_heat_of_a_summer_day_is_worse_than_of_a_winter_night():
    slope = raster("slope", "degree", 0, 15)
    height = raster("elevation", "m", 400, 1500, 6)
    rate = hardship.metabolic_rate(slope, ADULT, CENTRAL, time_per_metre())
    found = {}
    for name, month, hour in (("summer", 7, 8), ("winter", 1, 20)):
        walk = climate.walk_mean(climate.synthetic(), month, hour)
        water, core = hardship.heat(strains(walk), height, rate)
        found[name] = hardship.components(ADULT, water_per_walk=water, core_temperature=core)
    assert float(found["summer"]["water_per_walk"].mean()) > 4.0
    assert float(found["winter"]["water_per_walk"].mean()) < 2.0
    assert (found["summer"]["core_margin"] < found["winter"]["core_margin"]).all()


def test_spread_holds_the_central_member_and_names_the_others():
    slope = raster("slope", "degree", 0, 30)
    members = {
        name: hardship.components(
            ADULT, effort=hardship.effort(slope, energy_per_metre(ADULT, metabolic=name))
        )
        for name in METABOLIC_MODELS
    }
    spread = hardship.spread(members, "lcda_graded")
    assert (spread["effort_low"] <= spread["effort"]).all()
    assert (spread["effort"] <= spread["effort_high"]).all()
    assert float((spread["effort_high"] / spread["effort_low"]).max()) < 2.5
    assert spread["effort_low"].attrs["units"] == "kJ km-1"
    assert spread.attrs["members"].split() == sorted(METABOLIC_MODELS)
    with pytest.raises(StudyError, match="no member"):
        hardship.spread(members, "naismith")


def test_water_ensemble_brackets_the_standard():
    slope = raster("slope", "degree", 0, 15)
    height = raster("elevation", "m", 400, 1500, 6)
    walk = climate.walk_mean(climate.synthetic(), 6, 8)
    land = climate.on_land(walk, height)
    rate = hardship.metabolic_rate(slope, ADULT, CENTRAL, time_per_metre())
    water, _ = hardship.heat(strains(walk), height, rate)
    members = {"iso_7933": water, **hardship.water_members(ADULT, land, rate, 8.0)}
    spread = hardship.spread(
        {k: hardship.components(ADULT, water_per_walk=v) for k, v in members.items()}, "iso_7933"
    )
    ratio = spread["water_per_walk_high"] / spread["water_per_walk_low"]
    assert 1.2 < float(ratio.median()) < 4.0
    assert members["piecewise"].attrs["clamped"] == 1
    assert spread.attrs["members"] == "heat_balance iso_7933 ose_corrected piecewise"


def points_in(rows, cols):
    x, y = cell_centres(GRID)
    where = gpd.points_from_xy(x[list(cols)], y[list(rows)])
    return gpd.GeoDataFrame(geometry=where, crs=GRID.crs).to_crs("EPSG:4326")


def test_records_read_their_own_cell():
    data = gathered()
    places = points_in([0, 5, 29], [0, 7, 39])
    outside = gpd.GeoDataFrame(geometry=gpd.points_from_xy([-90.0], [40.0]), crs="EPSG:4326")
    frame = hardship.sample(data, pd.concat([places, outside], ignore_index=True))
    expected = data["energy_from_border"].values[[0, 5, 29], [0, 7, 39]]
    np.testing.assert_allclose(frame["energy_from_border"][:3], expected)
    assert frame.iloc[3].isna().all()
    assert frame.attrs["units"]["effort"] == "kJ km-1"
    with pytest.raises(ContractError, match="no CRS"):
        hardship.sample(data, gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0])))


def test_small_groups_and_lone_quantiles_are_withheld():
    frame = hardship.sample(gathered(), points_in(range(16), range(16)))
    groups = pd.Series(["many"] * 12 + ["few"] * 4)
    table = hardship.by_group(frame, groups, min_group=1)  # the floor holds all the same
    indexed = table.set_index(["group", "component", "statistic"])
    many, few = indexed.loc["many"], indexed.loc["few"]
    assert few["value"].isna().all()
    assert set(few["records_class"]) == {"0-4"}
    assert many.loc[("effort", "mean"), "value"] == pytest.approx(frame["effort"][:12].mean())
    assert many.loc[("effort", "median"), "value"] == pytest.approx(frame["effort"][:12].median())
    assert np.isnan(many.loc[("effort", "q05"), "value"])  # would be the value of one record
    assert np.isnan(many.loc[("effort", "q95"), "value"])


def test_water_sources_only_as_a_mean_over_a_corridor():
    distance = raster("distance", "m", 0, 10_000)
    weight = wrap(np.zeros(GRID.shape), GRID, "corridor", "1")
    weight[:10] = 1.0
    assert hardship.corridor_mean(distance, weight) == pytest.approx(float(distance[:10].mean()))
    assert np.isnan(hardship.corridor_mean(distance, weight * 0.0))


def test_composite_states_its_weights_and_its_sensitivity():
    data = gathered(core_temperature=raster("core", "degC", 36.9, 40, 4))
    whole = hardship.composite(data, {"effort": 1, "energy_from_border": 2, "core_margin": 1})
    assert "0.5 energy_from_border" in whole["composite"].attrs["long_name"]
    assert set(data.data_vars) < set(whole.data_vars)
    inside = whole["composite"].values
    assert ((inside > 0) & (inside <= 1)).all()
    assert (whole["composite_low"] <= whole["composite"] + 1e-9).all()
    assert (whole["composite"] <= whole["composite_high"] + 1e-9).all()
    coolest = np.unravel_index(data["core_margin"].values.argmax(), GRID.shape)
    alone = hardship.composite(data, {"core_margin": 1, "effort": 1e-9})["composite"]
    assert alone.values[coolest] == pytest.approx(1 / inside.size, abs=1e-6)
    for weights in ({"effort": 1}, {"effort": 1, "nothing": 1}, {"effort": 1, "water_ratio": -1}):
        with pytest.raises(StudyError, match="two or more"):
            hardship.composite(data, weights)


def test_surfaces_are_published_coarse_and_late():
    data = gathered()
    public = hardship.publish(data, period_end=date(2019, 1, 1), as_of=date(2021, 1, 1), cell_m=100)
    assert abs(grid_of(public["effort"]).resolution.x) == 1_000.0
    assert public["effort"].attrs["units"] == "kJ km-1"
    with pytest.raises(StudyError, match="2021-01-01 on"):
        hardship.publish(data, period_end=date(2019, 1, 1), as_of=date(2020, 12, 31))


def test_nogales_to_three_points_asks_for_more_water_than_is_carried():
    """Order of magnitude only.

    Campbell-Staton et al. 2021 take some 90 km (press: 58 miles) and two days in summer, and
    report 1.6 to 3.6 gallons (6 to 14 L) in the best case for a child and a pregnant woman. An
    adult who walks by night should be near that, by day above it, neither by ten times.
    """
    day = climate.walk_mean(climate.synthetic(), 7, 6, 12)
    night = climate.walk_mean(climate.synthetic(), 7, 19, 10)
    litres = []
    for walk in (day, night):
        air, excess = float(walk["air_temperature"]), float(walk["radiant_excess"])
        vapour, wind = float(walk["vapour_pressure"]), float(walk["wind"])
        weather = climate.Weather(air, air + excess, vapour, wind)
        litres.append(water_per_metre(ADULT, weather)(0.0) * 93_000 / 1_000)
    assert 4 < litres[1] < 14 < litres[0] < 40
    assert litres[0] > 2 * walker("adult").water_l


def test_units_of_a_walk_agree_with_the_raster():
    """A slope table's water on the level and the raster's water are one model."""
    flat = wrap(np.zeros(GRID.shape, "f4"), GRID, "slope", "degree")
    walk = climate.walk_mean(climate.synthetic(), 5, 8)
    height = wrap(np.full(GRID.shape, 700.0, "f4"), GRID, "elevation", "m")
    land = climate.on_land(walk, height)
    rate = hardship.metabolic_rate(flat, ADULT, CENTRAL, time_per_metre())
    water, _ = hardship.heat(strains(walk), height, rate)
    one = climate.Weather(*(float(field[0, 0]) for field in land.checked()))
    per_metre = water_per_metre(ADULT, one)(0.0)
    metres = StrainOptions().minutes * 60 / time_per_metre()(0.0)
    assert float(water[0, 0]) == pytest.approx(per_metre * metres / 1000, rel=0.02)
    exact = predicted_heat_strain(ADULT, one, float(rate[0, 0]))
    assert float(water[0, 0]) == pytest.approx(float(exact.water_g) / 1000, rel=0.02)


def test_everything_is_lazy_until_asked():
    slope = raster("slope", "degree", 0, 15).chunk({"y": 10, "x": 10})
    height = raster("elevation", "m", 400, 1500).chunk({"y": 10, "x": 10})
    rate = hardship.metabolic_rate(slope, ADULT, CENTRAL, time_per_metre())
    walk = climate.walk_mean(climate.synthetic(), 7, 8)
    water, core = hardship.heat(strains(walk), height, rate)
    data = hardship.components(ADULT, water_per_walk=water, core_temperature=core)
    assert all(v.chunks is not None for v in data.data_vars.values())
    assert isinstance(data.compute(), xr.Dataset)
