"""Corridors of the real Arizona study, from the labels of its own records."""

from __future__ import annotations

import geopandas as gpd
import pytest

from flows.stages.corridors import made_corridors
from flows.workflow.studies import locate
from geo import sources


@pytest.mark.real
def test_arizona_gets_its_corridors_from_the_publisher_with_the_accuracy_said(real_data):
    study = locate("arizona").study
    read = sources.read(
        real_data / "deaths/ogis_migrant_deaths_2024-10.csv", role="deaths", source_id="ogis"
    ).records
    first, last = study.periods[0].start, study.periods[-1].end
    deaths = sources.fit(read, study.bounds_lonlat, first, last)
    line = sources.read(real_data / "boundaries/usmx84.zip", role="border", source_id="line")
    polygons, basis = made_corridors(study, None, [deaths], line.records)
    assert set(polygons["basis"]) == {"labels"}
    assert len(polygons) >= 10
    assert not {"Undetermined", "North of Corridor Divisions"} & set(polygons["corridor"])
    told = basis.set_index("aspect")["value"]
    assert told["nearest label agrees"] == pytest.approx(0.97, abs=0.005)
    assert told["nearest label agrees, blocks held out"] == pytest.approx(0.925, abs=0.01)
    assert told["labels from before the towers agree"] == pytest.approx(0.91, abs=0.01)
    assert told["cells agree"] > 0.88
    # this side of the line: Sonoyta and Nogales, Sonora, lie in none
    towns = gpd.GeoSeries.from_xy([-112.85, -110.94], [31.86, 31.30], crs=4326)
    assert not any(polygons.geometry.covers(t).any() for t in towns)
