"""Sun, moisture, climatology, lapse over land, and wet-bulb globe temperature."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from geo import climate
from geo.climate import sun
from geo.climate.globe import globe_temperature, natural_wet_bulb
from geo.climate.moisture import (
    air_pressure,
    dew_point,
    saturation_pressure,
    vapour_of_specific_humidity,
)
from geo.errors import LayoutError, StudyError, UnitsError
from geo.grid import grid_from_bounds, wrap

GRID = grid_from_bounds((400_000, 3_500_000, 406_000, 3_504_000), "EPSG:32612", 500.0)
WEATHER = climate.synthetic()


def elevation(low=300.0, high=2_300.0):
    values = np.linspace(low, high, GRID.shape[0] * GRID.shape[1]).reshape(GRID.shape)
    return wrap(values.astype(np.float32), GRID, "elevation", "m")


def test_moisture_reference_points():
    assert saturation_pressure(20.0) == pytest.approx(2.338, abs=0.005)
    assert saturation_pressure(40.0) == pytest.approx(7.381, abs=0.02)
    assert air_pressure(0.0) == pytest.approx(101.325)
    assert air_pressure(1_500.0) == pytest.approx(84.56, abs=0.05)
    assert vapour_of_specific_humidity(0.010, 100.0) == pytest.approx(1.598, abs=0.002)


@given(st.floats(-20, 45))
def test_dew_point_inverts_saturation(temperature):
    assert dew_point(saturation_pressure(temperature)) == pytest.approx(temperature, abs=1e-6)


def test_sun_stands_where_astronomy_puts_it():
    # Latitude 32: noon heights of the solstices are 90 - 32 +- 23.1 degrees on the mean days.
    summer, winter = (np.degrees(np.arcsin(sun.sun_height(m, 12, 32.0))) for m in (6, 12))
    assert summer == pytest.approx(81.1, abs=0.4)
    assert winter == pytest.approx(35.0, abs=0.4)
    assert sun.day_length(3, 32.0) == pytest.approx(12.0, abs=0.25)
    assert sun.sun_height(7, 0, 32.0) == 0.0


def test_desert_noon_is_radiant_and_a_clear_night_is_not():
    noon = sun.radiant_temperature(40.0, 1.0, 950.0, 0.97)
    night = sun.radiant_temperature(25.0, 1.0, 0.0, 0.0)
    assert 60 < noon < 90
    assert 10 < night < 22


def test_synthetic_climatology_says_so_and_keeps_its_extremes():
    assert WEATHER.attrs["synthetic"] == 1
    assert "made up" in WEATHER.attrs["source"]
    july = WEATHER["air_temperature"].sel(month=7)
    assert float(july.max()) == pytest.approx(40.0, abs=0.3)
    assert 24.9 <= float(july.min()) <= 26.5
    assert int(np.argmax(july.values)) in (13, 14, 15)
    assert int(np.argmin(july.values)) in (4, 5, 6)
    daily = WEATHER["solar"].sel(month=7).mean()
    assert float(daily) == pytest.approx(295.0)
    assert (WEATHER["vapour_pressure"] <= saturation_pressure(WEATHER["air_temperature"])).all()


def test_walk_over_midnight_is_cooler_than_by_day():
    night, day = climate.walk_mean(WEATHER, 7, 20), climate.walk_mean(WEATHER, 7, 8)
    assert float(night["air_temperature"]) < float(day["air_temperature"])
    assert float(night["solar"]) == 0.0
    hours = WEATHER["air_temperature"].sel(month=7, hour=[20, 21, 22, 23, 0, 1, 2, 3])
    assert float(night["air_temperature"]) == pytest.approx(float(hours.mean()))
    with pytest.raises(StudyError, match="month 1-12"):
        climate.walk_mean(WEATHER, 13, 8)


def test_air_and_dew_point_fall_with_height_by_the_cited_lapse():
    walk = climate.walk_mean(WEATHER, 7, 8)
    land = climate.on_land(walk, elevation())
    air, vapour = land.air_temperature_c.values, land.vapour_pressure_kpa.values
    climb = (elevation().values - 700.0) / 1000.0
    np.testing.assert_allclose(air, float(walk["air_temperature"]) - 8.1 * climb, atol=1e-3)
    dew = dew_point(vapour)
    assert np.polyfit(climb.ravel(), dew.ravel(), 1)[0] == pytest.approx(
        -0.33 * 240.97 / 17.502, abs=0.01
    )
    assert land.air_temperature_c.attrs["units"] == "degC"
    assert (vapour <= saturation_pressure(air) + 1e-6).all()


def test_land_stays_lazy():
    lazy = elevation().chunk({"y": 4, "x": 6})
    land = climate.on_land(climate.walk_mean(WEATHER, 1, 8), lazy)
    assert all(field.chunks is not None for field in land.checked())
    whole = climate.on_land(climate.walk_mean(WEATHER, 1, 8), elevation())
    np.testing.assert_array_equal(land.wind_m_s.values, whole.wind_m_s.values)
    np.testing.assert_array_equal(
        land.radiant_temperature_c.values, whole.radiant_temperature_c.values
    )


def test_climatology_of_constant_days_is_constant():
    days = np.arange("2010-01-01", "2011-01-01", dtype="datetime64[D]").astype("datetime64[ns]")
    daily = xr.Dataset(
        {
            "air_temperature_max": ("time", np.full(days.size, 30.0)),
            "air_temperature_min": ("time", np.full(days.size, 30.0)),
            "vapour_pressure": ("time", np.full(days.size, 1.0)),
            "wind": ("time", np.full(days.size, 3.0)),
            "solar": ("time", np.full(days.size, 250.0)),
        },
        coords={"time": days},
    ).assign(latitude=32.0, elevation=500.0)
    hourly = climate.from_daily(daily)
    assert hourly.sizes == {"month": 12, "hour": 24}
    np.testing.assert_allclose(hourly["air_temperature"], 30.0)
    np.testing.assert_allclose(hourly["solar"].mean("hour"), 250.0)
    with pytest.raises(LayoutError, match="wind"):
        climate.from_daily(daily.drop_vars("wind"))
    with pytest.raises(LayoutError, match="month 11, 12"):
        climate.from_daily(daily.isel(time=slice(0, 300)))
    filled = climate.from_daily(daily.drop_vars(["wind", "solar"]), fallback=WEATHER)
    assert filled.attrs["filled"] == "wind solar"


def test_subdaily_records_return_their_own_course():
    steps = np.arange("2008-01-01", "2009-01-01", np.timedelta64(3, "h"), dtype="datetime64[h]")
    hour = (steps.astype(int)) % 24
    local = (hour - 7) % 24  # longitude -105 is seven hours behind UTC
    wave = 20.0 + 10.0 * np.cos(2 * np.pi * (local - 15) / 24)
    records = xr.Dataset(
        {
            "air_temperature": ("time", wave),
            "vapour_pressure": ("time", np.full(wave.size, 0.8)),
            "wind": ("time", np.full(wave.size, 2.0)),
            "solar": ("time", np.clip(800 * np.cos(2 * np.pi * (local - 12) / 24), 0, None)),
        },
        coords={"time": steps.astype("datetime64[ns]")},
    ).assign(latitude=32.0, longitude=-105.0, elevation=1_000.0)
    hourly = climate.from_subdaily(records)
    assert hourly.sizes == {"month": 12, "hour": 24}
    course = hourly["air_temperature"].sel(month=7)
    expected = 20.0 + 10.0 * np.cos(2 * np.pi * (np.arange(24) - 15) / 24)
    np.testing.assert_allclose(course, expected, atol=1.0)  # linear between three-hourly steps
    assert not hourly["solar"].isnull().any()


def test_gridded_weather_is_carried_to_land_through_its_own_height():
    """Air that follows the lapse on the coarse grid follows it on the fine one."""
    lat, lon = np.linspace(32.0, 31.2, 17), np.linspace(-112.4, -111.4, 21)
    height = 500.0 + 1_000.0 * (lat[:, None] - 31.2) + 0.0 * lon[None, :]
    coords = {"y": lat, "x": lon}
    ground = xr.DataArray(height, dims=("y", "x"), coords=coords)
    base = 30.0 - 8.1 * ground / 1000.0
    walk = xr.Dataset(
        {
            "air_temperature": base,
            "vapour_pressure": 0.0 * base + 1.0,
            "wind": 0.0 * base + 2.0,
            "solar": 0.0 * base + 500.0,
            "radiant_excess": 0.0 * base + 20.0,
            "elevation": ground,
        },
        attrs={"months": [7], "crs": "EPSG:4326"},
    )
    land = climate.on_land(walk, elevation())
    np.testing.assert_allclose(land.air_temperature_c, 30.0 - 8.1 * elevation() / 1000.0, atol=0.02)
    with pytest.raises(LayoutError, match="CRS"):
        climate.on_land(
            walk.assign_attrs(crs=None).drop_attrs().assign_attrs(months=[7]), elevation()
        )


def test_globe_and_wick_close_their_balances():
    state = tuple(np.array([v]) for v in (308.15, 1.5, 2.0, 800.0, 0.8, 95.0))
    globe, wick = globe_temperature(*state), natural_wet_bulb(*state)
    assert 308.15 + 5 < globe[0] < 308.15 + 30
    assert 288 < wick[0] < 308.15
    dark = (*state[:3], np.array([0.0]), np.array([0.0]), state[5])
    assert globe_temperature(*dark)[0] < 308.15  # it radiates to a clear sky


def damped(step, start):
    """Fixed point by damping, the way the published program solves its balances."""
    value = start
    for _ in range(4_000):
        value = 0.9 * value + 0.1 * step(value)
    return value


@pytest.mark.parametrize(
    ("air", "vapour", "wind", "solar", "height"),
    [(25.0, 1.5, 1.0, 500.0, 0.7), (40.0, 1.0, 2.0, 950.0, 0.95), (35.0, 2.5, 0.5, 700.0, 0.5)],
)
def test_globe_and_wick_agree_with_the_published_iteration(air, vapour, wind, solar, height):
    """Written a second time, in the published units (hPa) and the published order of terms."""
    ta, pressure, e, sigma = air + 273.15, 950.0, 10 * vapour, 5.6696e-8
    top = min(solar / (1367 * height), 0.85)
    share = min(np.exp(3 - 1.34 * top - 1.65 / top), 0.9)
    prandtl = 1003.5 / (1003.5 + 1.25 * 8314.34 / 28.97)
    sky = 0.5 * (0.575 * e**0.143 + 0.999) * ta**4

    def viscosity(t):
        return 2.6693e-6 * np.sqrt(28.97 * t) / (3.617**2 * ((t / 97 - 2.9) / 0.4 * -0.034 + 1.048))

    def conductivity(t):
        return (1003.5 + 1.25 * 8314.34 / 28.97) * viscosity(t)

    def density(t):
        return pressure * 100 / (8314.34 / 28.97 * t)

    def globe_step(tg):
        film = 0.5 * (tg + ta)
        reynolds = wind * density(film) * 0.0508 / viscosity(film)
        h = (2 + 0.6 * np.sqrt(reynolds) * prandtl**0.3333) * conductivity(film) / 0.0508
        sun_gain = solar / (2 * sigma * 0.95) * 0.95 * (share * (1 / (2 * height) - 1) + 1.45)
        return (sky - h / (sigma * 0.95) * (tg - ta) + sun_gain) ** 0.25

    def wick_step(tw):
        film = 0.5 * (tw + ta)
        reynolds = wind * density(film) * 0.007 / viscosity(film)
        h = 0.281 * reynolds**0.6 * prandtl**0.44 * conductivity(film) / 0.007
        ends, slant = 0.25 * 0.007 / 0.0254, np.tan(np.arccos(height)) / np.pi
        light = (1 - share) * (1 + ends) + share * (slant + ends) + 0.45
        radiation = sigma * 0.95 * (sky - tw**4) + 0.6 * solar * light
        spread = 3.640e-4 * (film / np.sqrt(132 * 647.3)) ** 2.334 * (36.4 * 218) ** (1 / 3)
        spread *= (132 * 647.3) ** (5 / 12) * np.sqrt(1 / 28.97 + 1 / 18.015)
        spread = spread / (pressure / 1013.25) * 1e-4
        schmidt = viscosity(film) / (density(film) * spread)
        latent = (313.15 - film) / 30 * -71100 + 2.4073e6
        wet = 1.004 * 6.1121 * np.exp(17.502 * (tw - 273.15) / (tw - 32.18))
        psychrometer = latent / (1003.5 * 28.97 / 18.015) * (prandtl / schmidt) ** 0.56
        return ta - psychrometer * (wet - e) / (pressure - wet) + radiation / h

    state = tuple(np.array([v]) for v in (ta, vapour, wind, solar, height, 95.0))
    assert globe_temperature(*state)[0] == pytest.approx(damped(globe_step, ta), abs=0.02)
    assert natural_wet_bulb(*state)[0] == pytest.approx(damped(wick_step, ta - 10), abs=0.02)


def test_wbgt_of_saturated_still_dark_air_is_near_air_temperature():
    value = climate.wbgt(30.0, saturation_pressure(30.0) * 1.004, 1.0, 0.0, 0.0)
    assert value == pytest.approx(30.0, abs=0.5)


@pytest.mark.slow
@given(
    air=st.floats(15, 45),
    vapour=st.floats(0.3, 1.5),
    wind=st.floats(0.3, 6),
    solar=st.floats(0, 900),
)
def test_wbgt_is_monotone(air, vapour, wind, solar):
    base = climate.wbgt(air, vapour, wind, solar, 0.8)
    assert climate.wbgt(air + 1, vapour, wind, solar, 0.8) > base
    assert climate.wbgt(air, vapour + 0.1, wind, solar, 0.8) > base
    assert climate.wbgt(air, vapour, wind, solar + 50, 0.8) > base - 1e-6
    assert base < air + 12


def test_units_at_the_door():
    with pytest.raises(UnitsError, match="kilopascal"):
        climate.wbgt(30.0, 20.0, 1.0, 500.0, 0.8)
