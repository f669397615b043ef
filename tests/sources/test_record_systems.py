"""Record systems: who comes first, who would count twice, and what is wrong with a series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pydantic import ValidationError

from geo import examples, sources
from geo.errors import InputProblems
from geo.sources.deaths import border_master
from geo.sources.fitting import CLAIMED, ELSEWHERE
from geo.sources.reading import Hints
from geo.study import Source, parse

STUDY = Path(__file__).parents[2] / "data" / "studies" / "us-mexico.toml"
AREA = (-111.0, 31.0, -110.0, 32.0)
EAST = (-110.5, 31.0, -109.0, 32.0)


def series(*rows):
    """(day, longitude, sex, age, radius in metres) of made-up records at 31.5 N."""
    frame = pd.DataFrame(rows, columns=["day", "lon", "sex", "age_years", "precision_m"])
    frame["found_on"] = pd.to_datetime(frame["day"]).astype("datetime64[us]")
    frame["exclusion_reason"] = None
    points = gpd.points_from_xy(frame["lon"], [31.5] * len(frame))
    return gpd.GeoDataFrame(frame, geometry=points, crs="EPSG:4326")


def declared(*systems):
    found = [
        Source(id=name, role="deaths", system=name, area=area, years=years)
        for name, area, years in systems
    ]
    return examples.made_up_study().model_copy(update={"sources": tuple(found)})


def test_the_studys_order_decides_by_ground_and_day():
    systems = sources.systems_of(declared(("a", AREA, "2000/2009"), ("b", EAST, "2005/2024")))
    assert [s.name for s in systems] == ["a", "b"]
    rows = series(
        ("2006-01-01", -110.2, "male", 30, 100),  # both: a comes first
        ("2012-01-01", -110.2, "male", 30, 100),  # a has ended
        ("2006-01-01", -109.2, "male", 30, 100),  # b alone
        ("2001-01-01", -109.2, "male", 30, 100),  # before b began
        ("2012-01-01", -110.8, "male", 30, 100),  # outside b
    )
    first = sources.divide(rows, "a", systems)["exclusion_reason"]
    second = sources.divide(rows, "b", systems)["exclusion_reason"]
    assert first.fillna("").tolist() == ["", ELSEWHERE, ELSEWHERE, ELSEWHERE, ELSEWHERE]
    assert second.fillna("").tolist() == [CLAIMED, "", "", ELSEWHERE, ELSEWHERE]
    both = first.isna().to_numpy() & second.isna().to_numpy()
    assert not both.any()
    assert sources.divide(rows, "c", systems) is rows


def test_a_system_without_area_or_years_is_refused_beside_another():
    study = declared(("a", AREA, "2000/2009"), ("b", None, None))
    problem = sources.undeclared(study)[0]
    assert (problem.where, problem.field) == ("b", "area")
    assert "no area, no years" in problem.what
    assert not sources.undeclared(declared(("b", None, None)))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"role": "towers", "system": "a"}, "for the role deaths"),
        ({"role": "deaths", "years": "2000/2009"}, "needs the system"),
        ({"role": "deaths", "system": "a", "years": "long"}, "no ISO interval"),
        ({"role": "deaths", "system": "a", "area": (1, 2, 0, 3)}, "west, south, east, north"),
    ],
)
def test_what_a_source_says_of_its_system_is_judged(more, words):
    with pytest.raises(ValidationError, match=words):
        Source(id="x", **more)


def test_records_are_linked_once_each_by_day_place_sex_and_age():
    one = series(
        ("2010-01-01", -110.5000, "male", 30, 100),
        ("2010-01-02", -110.5001, "male", 31, 100),
        ("2010-05-01", -110.5, "female", 30, 100),
        ("2010-06-01", -110.5, "male", 30, 100),
        ("2010-07-01", -110.5, "male", 30, 100),
        ("2010-08-01", -110.5, "male", 30, 100),
    )
    two = series(
        ("2010-01-01", -110.5, "unknown", None, 100),  # the first
        ("2010-05-01", -110.5, "male", 30, 100),  # another sex
        ("2010-06-05", -110.5, "male", 30, 100),  # four days later
        ("2010-07-03", -110.5, "male", 34, 100),  # four years older
        ("2010-08-04", -110.52, "male", 29, 2000),  # 1.9 km off, within 2 km
    )
    assert sources.link(one, two).to_dict() == {0: 0, 5: 4}
    said = sources.linkage({"a": one, "b": two})
    of = "1-4 of 5-9 placed and dated records of"
    assert said == [f"a and b: {of} a and {of} b may be the same people."]


def test_a_series_that_stops_or_changes_is_named():
    days = [f"{y}-0{m}-01" for y in range(2010, 2014) for m in range(1, 7)]
    more = [f"2014-0{m}-1{d}" for m in range(1, 9) for d in range(3)]
    rows = series(*((d, -110.5, "male", 30, 100) for d in [*days, *more, "2015-03-01"]))
    said = sources.series_notes(rows, "own", date(2015, 12, 31))
    assert [s for s in said if "its last record is of 2015-03, before 2015-12-31" in s]
    assert [s for s in said if "many more records in 2014 than in 2013" in s]
    assert len(said) == 2


def test_a_system_of_a_shared_file_is_read_alone(tmp_path):
    path = tmp_path / "m.csv"
    head = "Source,Year,Date,Age,Age_Range,Gender,Nationality,Cause_of_Death,Latitude,Longitude,County,State"  # noqa: E501
    row = "{},2010.0,2010-07-01 00:00:00,30.0,,M,,,27.1234,-98.2345,,"
    offices = ["Brooks County", "Maverick", "Maverick County", "Somebody"]
    path.write_text("\n".join([head, *(row.format(o) for o in offices)]) + "\n", "utf-8")
    found = {
        system: sources.read(path, role="deaths", source_id="x", hints=Hints(system=system))
        for system in ("brooks", "maverick", None)
    }
    assert {s: r.counts["read"] for s, r in found.items()} == {"brooks": 1, "maverick": 2, None: 4}
    assert found["maverick"].records["source_row"].tolist() == [2, 3]
    with pytest.raises(InputProblems, match="no row of the record system 'kenedy'"):
        sources.read(path, role="deaths", source_id="x", hints=Hints(system="kenedy"))


@pytest.mark.real
def test_rows_of_the_whole_borders_systems_add_up_to_the_file(real_data):
    """Every row of the master is read in one system of `us-mexico`, or OGIS's own file has it."""
    text = STUDY.read_text("utf-8")
    study = parse(text, "us-mexico.toml", lambda name: name)
    file = real_data / "deaths" / "no_more_deaths_border_master_2026-04.csv"
    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    systems = sources.systems_of(study)
    assert not sources.undeclared(study)
    rows = {s.name: len(border_master.rows_of(table, "m", s.name, None)) for s in systems}
    assert set(rows) == set(border_master.systems_known())
    unnamed = int(border_master.system_of(table["Source"]).isna().sum())
    assert sum(rows.values()) + unnamed == len(table) == 8832


@pytest.mark.real
def test_ogis_is_found_in_the_masters_pima_rows(real_data):
    folder = real_data / "deaths"
    pima = Hints(system="pima-ome")
    names = {"ogis_migrant_deaths_2024-10.csv": Hints(),
             "no_more_deaths_border_master_2026-04.csv": pima}  # fmt: skip
    one, two = (
        sources.read(folder / n, role="deaths", source_id=n, hints=h).records
        for n, h in names.items()
    )
    found = sources.link(one, two)
    assert len(found) >= 0.99 * len(one)
    assert found.is_unique
    assert len(found) <= 0.967 * 4492
