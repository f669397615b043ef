"""Incidents of the Missing Migrants Project as the recorded deaths of a study."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from geo import sources

EVROS = (25.9, 40.6, 27.0, 41.9)
COLUMNS = [
    "web_id", "region", "reported_date", "number_dead", "number_missing", "total_dead_and_missing",
    "cause_death", "location_description", "location_coodinates", "migration_route",
    "information_source", "url", "source_quality",
]  # fmt: skip


def row(n, place, dead="1", quality="5", point="41.12345, 26.34567"):
    return [f"2020.MADE{n}", "Europe", "2020-05-01", dead, "2", "3", "Drowning", place, point,
            "", "made up", "", quality]  # fmt: skip


def read(tmp_path, rows):
    pd.DataFrame(rows, columns=COLUMNS).to_csv(tmp_path / "iom.csv", index=False)
    return sources.read(tmp_path / "iom.csv", role="deaths", source_id="iom", plausible=EVROS)


def test_dead_are_counted_and_not_the_missing_and_precision_is_assumed_and_said(tmp_path):
    text = "Near the well of SECRETPLACE"
    reading = read(
        tmp_path,
        [
            row(1, text, dead="4"),
            row(2, "Unspecified location on the border", quality="1"),
            row(3, "Hospital in SECRETPLACE"),
            row(4, "SECRETPLACE, Greece", point="41.1, 26.3"),
            row(5, "SECRETPLACE", dead=""),
            row(5, "SECRETPLACE"),
            row(6, "Sahara Desert", quality=""),
            row(7, "SECRETPLACE", point="41, 26"),
        ],
    )
    found = reading.records.set_index("source_row")
    assert found["persons"].to_dict() == {1: 4, 2: 1, 3: 1, 4: 1, 6: 1, 7: 1, 8: 1}
    assert found["precision_class"].to_dict() == {
        1: "directions", 2: "vague", 3: "moved", 4: "directions", 6: "directions", 7: "vague",
        8: "vague",
    }  # fmt: skip
    assert found.loc[1, "precision_m"] == 5_000
    assert found.loc[2, "precision_m"] == 30_000
    assert found.loc[4, "precision_m"] == pytest.approx(5_566, rel=1e-3), "half a tenth of a degree"
    assert found.loc[8, "precision_m"] == pytest.approx(55_660, rel=1e-3), "whole degrees"
    assert not found.loc[3, "place_ok"]
    assert set(found["precision_basis"]) == {"assumed"}
    assert found["death_id"].is_unique
    assert list(reading.quarantine["reason"]) == ["no dead, only missing persons"]
    assert "SECRETPLACE" not in reading.records.to_csv() + reading.quarantine.to_csv()
    assert any("assumed" in w for w in reading.warnings)
    tally = sources.tally(reading).set_index("step")["records"]
    assert tally["read"] == tally["quarantined"] + tally["used"]


def test_a_second_series_of_the_same_people_is_refused_and_one_alone_is_not():
    assert sources.same_people({"iom": "iom_json"}) == []
    assert sources.same_people({"county": "ogis", "other": "mapped_deaths"}) == []
    (found,) = sources.same_people({"iom": "iom_webid", "county": "ogis"})
    assert (found.where, found.field) == ("iom", "role")
    assert "county" in found.what
    assert "crosscheck" in found.remedy
    (found,) = sources.same_people({"iom": "iom_webid", "newer": "iom_json"})
    assert found.where == "newer"


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "reader", "least"),
    [
        ("iom_mmp_webid-layout_2020-01-08.csv", "iom_webid", 50),
        ("iom_mmp_mainid-layout_2022-05.xlsx", "iom_mainid", 110),
        ("iom_json", "iom_json", 150),
    ],
)
def test_three_real_layouts_are_read_as_deaths_on_the_evros(real_data, name, reader, least):
    reading = sources.read(
        real_data / "deaths" / name, role="deaths", source_id="iom", as_of=date(2026, 10, 1),
        plausible=EVROS,
    )  # fmt: skip
    assert reading.reader == reader
    here = reading.records.cx[EVROS[0] : EVROS[2], EVROS[1] : EVROS[3]]
    assert len(here) >= least
    assert {"directions", "vague"} <= set(here["precision_class"])
    assert here["persons"].sum() > len(here)
    assert not here["precision_class"].eq("gps").any()
    assert reading.counts["read"] == reading.counts["kept"] + reading.counts["quarantined"]


def test_towns_of_a_table_are_places_and_one_without_a_point_is_set_aside(tmp_path):
    text = 'geonameid,name,latitude,longitude\n1,Ours,41.2,26.3\n2,"Far, away",,\n3,Odd,x,26\n'
    text += "4,Two,41.3,26.3\n5,Three,41.4,26.3\n"
    (tmp_path / "towns.csv").write_text(text)
    reading = sources.read(tmp_path / "towns.csv", role="places", source_id="t")
    assert list(reading.records["name"]) == ["Ours", "Two", "Three"]
    assert list(reading.quarantine["source_row"]) == [2, 3]
