"""Corridors of the real Arizona study, from the labels of its own records."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import h3
import pytest

from flows.stages.corridors import made_corridors
from flows.workflow.studies import locate
from geo import sources
from geo.records import DEATH_H3, MIN_GROUP, block_name, class_span, count_class
from geo.sources.corridor_cells import as_csv, kept_cells
from validation.corridor_cells import made_anew


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
    assert "made once of all its vintages" in basis["sentence"].iloc[0]
    # this side of the line: Sonoyta and Nogales, Sonora, lie in none
    towns = gpd.GeoSeries.from_xy([-112.85, -110.94], [31.86, 31.30], crs=4326)
    assert not any(polygons.geometry.covers(t).any() for t in towns)


@pytest.mark.real
def test_kept_cells_are_what_all_vintages_make_and_every_vintage_gets_them(real_data):
    kept = (Path(__file__).parents[2] / "data/corridors/arizona.csv").read_text("utf-8")
    study = locate("arizona").study
    assert as_csv(made_anew(study, real_data)) == kept
    line = sources.read(real_data / "boundaries/usmx84.zip", role="border", source_id="line")
    first, last = study.window
    shapes = []
    for vintage in ("2020-06", "2024-10"):
        file = real_data / f"deaths/ogis_migrant_deaths_{vintage}.csv"
        read = sources.read(file, role="deaths", source_id="ogis").records
        deaths = sources.fit(read, study.bounds_lonlat, first, last)
        shapes.append(made_corridors(study, None, [deaths], line.records)[0])
    assert shapes[0].geometry.geom_equals(shapes[1].geometry).all()


def test_kept_cells_are_whole_public_cells_with_a_name_and_nothing_else():
    text = (Path(__file__).parents[2] / "data/corridors/arizona.csv").read_text("utf-8")
    head, *rows = text.splitlines()
    assert head == "cell,corridor"
    cells, names = zip(*(row.split(",") for row in rows), strict=True)
    assert {h3.get_resolution(c) for c in cells} == {DEATH_H3}
    assert len(set(cells)) == len(cells)
    assert not any(character.isdigit() for name in names for character in name)


@pytest.mark.real
def test_kept_cells_make_no_small_count_of_a_block_exact(real_data):
    """Five labels or more in a cell beside the classes of its blocks, all of them known."""
    file = real_data / "deaths/ogis_migrant_deaths_2024-10.csv"
    deaths = sources.read(file, role="deaths", source_id="ogis").records
    deaths = deaths[~deaths.geometry.is_empty & deaths["found_on"].notna()]
    cell = [h3.latlng_to_cell(p.y, p.x, DEATH_H3) for p in deaths.geometry]
    block = deaths["found_on"].dt.year.map(block_name).to_numpy()
    size = deaths.groupby([cell, block]).size()
    asked = 0
    for name in kept_cells("arizona").index:
        spans = [class_span(count_class(int(n))) for n in size[name]]
        for at, (low, high) in enumerate(spans):
            others = [s[1] for n, s in enumerate(spans) if n != at]
            if high == MIN_GROUP - 1 and None not in others:
                asked += 1
                assert max(low, MIN_GROUP - sum(others)) < high
    assert asked > 50
