"""A study's weather file: recognised by its content, refused in words, and near its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from flows.workflow.studies import locate
from geo import climate, synthetic
from geo.errors import LayoutError
from geo.synthetic.weather import daymet_csv

LUCKY_HILLS = climate.Place(-110.0522, 31.7438, 1_370.0)
PHOENIX = climate.Place(-112.01, 33.43, 337.0)


def test_the_made_up_file_reads_back_as_the_made_up_climate(tmp_path):
    path = tmp_path / "climate.csv"
    path.write_bytes(daymet_csv(locate("tiny").study))
    assert b"SYNTHETIC" in path.read_bytes()
    found, known = climate.read(path), climate.synthetic()
    assert found.attrs["filled"] == "wind"
    assert float(found["elevation"]) == 700.0
    for name in ("air_temperature", "vapour_pressure", "solar"):
        by_month = [d[name].mean("hour").values for d in (found, known)]
        np.testing.assert_allclose(by_month[0], by_month[1], rtol=0.03, err_msg=name)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "year,yday,tmax\n"])
def test_an_unknown_layout_is_named_with_what_would_do(tmp_path, text):
    path = tmp_path / "weather.csv"
    path.write_text(text)
    with pytest.raises(LayoutError, match=r"weather\.csv.*Daymet"):
        climate.read(path)


def test_a_file_that_states_no_place_asks_for_one(tmp_path):
    path = tmp_path / "tower.txt"
    path.write_text(" ".join(["1"] * 33))
    with pytest.raises(LayoutError, match="add place ="):
        climate.read(path)


def test_every_built_in_made_up_study_brings_weather():
    for name in ("sample", "null", "tiny"):
        source = locate(name).study.source("climate")
        assert source is not None, name
        assert source.file == "climate.csv"
    assert "climate.csv" in synthetic.source_files(locate("tiny").study)


@pytest.mark.real
def test_real_summer_days_agree_through_the_lapse(real_data):
    """One tower, carried down 1,000 m, meets Phoenix within 1 K; a gridded product within 3 K."""
    folder = real_data / "climate"
    hills = climate.summer_mean(climate.read(folder / "ameriflux_US-Whs_daily.txt", LUCKY_HILLS))
    city = climate.summer_mean(climate.read(folder / "KPHX_2014-07_2015-06.csv", PHOENIX))
    carried = climate.at_heights(hills, [PHOENIX.elevation_m]).air_temperature_c[0]
    assert carried == pytest.approx(float(city["air_temperature"]), abs=1.0)
    cells = climate.Place(-110.031, 31.719, 1_401.0)
    forcings = climate.read(folder / "livneh_WalnutGulch_2008_3hourly.nc", cells)
    assert forcings.attrs["filled"] == ""
    gridded = climate.at_heights(climate.summer_mean(forcings), [LUCKY_HILLS.elevation_m])
    assert gridded.air_temperature_c[0] == pytest.approx(float(hills["air_temperature"]), abs=3.0)
