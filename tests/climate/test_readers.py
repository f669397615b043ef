"""Readers of weather files: layouts as published, hostile input, real files."""

from __future__ import annotations

import io

import numpy as np
import pytest
import xarray as xr

from geo import climate
from geo.errors import LayoutError

LUCKY_HILLS = {"latitude": 31.7438, "longitude": -110.0522, "elevation_m": 1_370.0}
PHOENIX = {"latitude": 33.43, "longitude": -112.01, "elevation_m": 337.0}
DAYMET = """Latitude: 31.9 Longitude: -111.9
X & Y on Lambert Conformal Conic: -1086222.17 -1045222.17
Tile: 11015
Elevation: 911 meters
All years; all variables; Daymet Software Version 4.0
year,yday,dayl (s),srad (W/m^2),tmax (deg c),tmin (deg c),vp (Pa)
2010,1,36000.00,300.00,18.50,2.00,500.00
2010,182,51000.00,520.00,40.00,24.00,1500.00
"""


def flux_row(day, highest=36.0):
    values = [2008, 7, day, 0.0, highest, 20.0, 28.0, 300.0, -9999.0, 40.0, 86.0, 3.0]
    return " ".join(str(v) for v in values + [-9999.0] * 21)


def test_flux_tower_days():
    text = "\n".join([flux_row(1), flux_row(2, highest=-9999.0)])
    days = climate.read_ameriflux(io.StringIO(text), **LUCKY_HILLS)
    assert days["air_temperature_max"].values[0] == 36.0
    assert np.isnan(days["air_temperature_max"].values[1])
    assert days["vapour_pressure"].values[0] == pytest.approx(0.4 * 3.78, abs=0.02)
    assert float(days["elevation"]) == 1_370.0


@pytest.mark.parametrize(
    "text", ["1 2 3\n", "a b c\n", flux_row(1).replace("2008 7 1", "2008 13 1"), ""]
)
def test_flux_tower_layout_is_enforced(text):
    with pytest.raises(LayoutError, match="weather"):
        climate.read_ameriflux(io.StringIO(text), **LUCKY_HILLS)


def test_airport_list_is_converted_from_fahrenheit():
    text = "date,actual_min_temp,actual_max_temp\n2014-7-1,86,109\n"
    days = climate.read_fahrenheit_days(io.StringIO(text), **PHOENIX)
    assert days["air_temperature_max"].values == pytest.approx([42.7778], abs=1e-3)
    assert days["time"].values[0] == np.datetime64("2014-07-01")
    with pytest.raises(LayoutError, match="actual_max_temp"):
        climate.read_fahrenheit_days(io.StringIO("date,actual_min_temp\n2014-7-1,86\n"), **PHOENIX)


def test_daymet_pixel():
    days = climate.read_daymet_pixel(io.StringIO(DAYMET))
    assert float(days["elevation"]) == 911.0
    assert float(days["latitude"]) == 31.9
    assert days["time"].values[1] == np.datetime64("2010-07-01")
    assert days["vapour_pressure"].values.tolist() == [0.5, 1.5]
    assert days["solar"].values[0] == pytest.approx(300 * 36_000 / 86_400)
    with pytest.raises(LayoutError, match="preamble"):
        climate.read_daymet_pixel(io.StringIO("year,yday,tmax (deg c)\n2010,1,20\n"))


def gridmet(path, name, variable, values):
    lat, lon = np.linspace(32.2, 31.2, 25), np.linspace(-112.5, -111.5, 25)
    days = np.arange("2010-01-01", "2011-01-01", dtype="datetime64[D]").astype("datetime64[ns]")
    full = np.broadcast_to(values[:, None, None], (days.size, 25, 25))
    data = xr.Dataset(
        {variable: (("day", "lat", "lon"), full.astype(np.float32))},
        coords={"day": days, "lat": lat, "lon": lon},
    )
    data.to_netcdf(path / f"{name}_2010.nc")
    return path / f"{name}_2010.nc"


def test_gridmet_days_become_a_climatology(tmp_path):
    season = 15.0 * np.cos(2 * np.pi * (np.arange(365) - 200) / 365)
    files = {
        "tmmx": gridmet(tmp_path, "tmmx", "air_temperature", 300.0 + season),
        "tmmn": gridmet(tmp_path, "tmmn", "air_temperature", 285.0 + season),
        "sph": gridmet(tmp_path, "sph", "specific_humidity", np.full(365, 0.006)),
        "vs": gridmet(tmp_path, "vs", "wind_speed", np.full(365, 3.0)),
        "srad": gridmet(
            tmp_path, "srad", "surface_downwelling_shortwave_flux_in_air", np.full(365, 250.0)
        ),
    }
    height = xr.Dataset(
        {"elevation": (("lat", "lon"), np.full((25, 25), 800.0))},
        coords={"lat": np.linspace(32.2, 31.2, 25), "lon": np.linspace(-112.5, -111.5, 25)},
    )
    height.to_netcdf(tmp_path / "elevation.nc")
    bounds = (-112.3, 31.4, -111.7, 32.0)
    days = climate.read_gridmet(files, tmp_path / "elevation.nc", bounds)
    assert days["air_temperature_max"].dims == ("time", "y", "x")
    assert days["x"].values.min() >= -112.3
    hourly = climate.from_daily(days)
    july = hourly["air_temperature"].sel(month=7)
    assert float(july.max()) == pytest.approx(300 - 273.15 + 15, abs=1.0)
    assert hourly.attrs["crs"] == "EPSG:4326"
    assert not hourly["radiant_excess"].isnull().any()
    with pytest.raises(LayoutError, match="tmmn"):
        climate.read_gridmet({"tmmx": files["tmmx"]}, tmp_path / "elevation.nc")
    with pytest.raises(LayoutError, match="specific_humidity"):
        climate.read_gridmet({**files, "sph": files["vs"]}, tmp_path / "elevation.nc")


def test_daymet_tiles(tmp_path):
    days = np.arange("2010-01-01", "2010-01-05", dtype="datetime64[D]").astype("datetime64[ns]")
    mapping = {
        "grid_mapping_name": "lambert_conformal_conic", "longitude_of_central_meridian": -100.0,
        "latitude_of_projection_origin": 42.5, "false_easting": 0.0, "false_northing": 0.0,
        "standard_parallel": [25.0, 60.0], "semi_major_axis": 6378137.0,
        "inverse_flattening": 298.257223563,
    }  # fmt: skip
    eastings = [-1.080e6, -1.079e6, -1.078e6]
    files = {}
    for name, value in (("tmax", 20.0), ("tmin", 5.0), ("vp", 700.0)):
        data = xr.Dataset(
            {
                name: (("time", "y", "x"), np.full((4, 3, 3), value)),
                "lambert_conformal_conic": ((), 0, mapping),
            },
            coords={
                "time": days,
                "y": [-1.044e6, -1.045e6, -1.046e6],
                "x": eastings,
            },
        )
        files[name] = tmp_path / f"{name}.nc"
        data.to_netcdf(files[name])
    tile = climate.read_daymet(files)
    assert tile["vapour_pressure"].values.max() == pytest.approx(0.7)
    assert 31 < float(tile["latitude"].mean()) < 34
    with pytest.raises(LayoutError, match="tmin"):
        climate.read_daymet({"tmax": files["tmax"]})


@pytest.mark.real
def test_real_flux_towers(real_data):
    path = real_data / "climate" / "ameriflux_US-Whs_daily.txt"
    days = climate.read_ameriflux(path, **LUCKY_HILLS)
    assert days.sizes["time"] == 2_013
    july = days["air_temperature_max"].groupby("time.month").mean().sel(month=7)
    assert float(july) == pytest.approx(31.5, abs=0.2)
    hourly = climate.from_daily(days)
    assert not hourly["air_temperature"].isnull().any()
    assert 30 < float(hourly["air_temperature"].sel(month=6).max()) < 36


@pytest.mark.real
def test_real_airport_list(real_data):
    days = climate.read_fahrenheit_days(
        real_data / "climate" / "KPHX_2014-07_2015-06.csv", **PHOENIX
    )
    assert days.sizes["time"] == 365
    hourly = climate.from_daily(days, fallback=climate.synthetic())
    assert 39 < float(hourly["air_temperature"].sel(month=7).max()) < 43
    assert hourly.attrs["filled"] == "vapour_pressure wind solar"


@pytest.mark.real
def test_real_three_hourly_forcings(real_data):
    """The wind's unit attribute is wrong, and time is local, whatever one expects."""
    path = real_data / "climate" / "livneh_WalnutGulch_2008_3hourly.nc"
    records = climate.read_vic_forcings(path, 1_400.0)
    assert 0.5 < float(records["wind"].mean()) < 6
    hourly = climate.from_subdaily(records)
    june = hourly["air_temperature"].sel(month=6).mean(("y", "x"))
    assert 14 <= int(np.argmax(june.values)) <= 17
    assert 0 <= int(np.argmin(june.values)) <= 5
    assert 30 < float(june.max()) < 38
    sunlight = hourly["solar"].sel(month=6).mean(("y", "x"))
    assert float(sunlight.sel(hour=0)) < 30
    np.testing.assert_allclose(sunlight.sel(hour=9), sunlight.sel(hour=15), rtol=0.15)


@pytest.mark.real
def test_real_gridmet_elevation_masks_wrapped_and_saturated_cells(real_data):
    path = real_data / "terrain" / "gridmet_metdata_elevationdata.nc"
    area = climate.read_elevation(path, (-114.0, 31.2, -109.5, 32.8))
    assert float(area.max()) == pytest.approx(2_860, abs=60)
    assert not area.isnull().any()
    assert float(climate.read_elevation(path).max()) < 3_277


@pytest.mark.real
def test_day_course_made_of_extremes_is_near_the_measured_one(real_data):
    """Livneh 2008: the course rebuilt from its own daily extremes is within 2.5 K on average."""
    path = real_data / "climate" / "livneh_WalnutGulch_2008_3hourly.nc"
    records = climate.read_vic_forcings(path, 1_400.0)
    measured = climate.from_subdaily(records)["air_temperature"]
    by_day = (
        records["air_temperature"]
        .assign_coords(time=records["time"] - np.timedelta64(7, "h"))
        .resample(time="1D")
    )
    daily = xr.Dataset(
        {"air_temperature_max": by_day.max(), "air_temperature_min": by_day.min()},
        attrs={"source": "VIC forcings"},
    ).assign(latitude=records["latitude"], elevation=records["elevation"])
    rebuilt = climate.from_daily(daily, fallback=climate.synthetic())["air_temperature"]
    assert float(np.abs(rebuilt - measured).mean()) < 2.5
