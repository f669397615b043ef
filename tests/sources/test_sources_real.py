"""The real files: counts equal those that were published with them; no name passes."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from geo import sources
from geo.records import VINTAGES

pytestmark = pytest.mark.real

AREA = (-114.9, 31.2, -109.0, 33.0)
TOTALS = (75, 79, 151, 164, 186, 203, 174, 221, 166, 197, 224, 182, 163, 184, 140, 147, 164, 124,
          128, 144, 223, 225, 173, 200, 129)  # fmt: skip
PRECISION = {"gps": 3065, "directions": 605, "vague": 463, "address": 98, "moved": 36, "none": 33}
PMI = {"day": 1175, "week": 466, "3-weeks": 274, "5-weeks": 373, "3-months": 345, "8-months": 391,
       "longer": 949, "unknown": 327}  # fmt: skip
CORRIDORS = {
    "Bernadino": 48, "Douglas": 44, "Sierra Vista": 48, "Patagonia": 174, "Nogales": 465,
    "Sasabe": 622, "San Miguel": 1573, "Cowlick": 311, "Ajo": 350, "Cabeza Prieta": 452,
    "Goldwater": 46, "Yuma": 13, "North of Corridor Divisions": 152,
}  # fmt: skip


@pytest.fixture(scope="module")
def vintages(real_data):
    return {
        v: sources.read(
            real_data / "deaths" / f"ogis_migrant_deaths_{v}.csv", role="deaths",
            source_id="ogis-deaths", plausible=AREA,
        )
        for v in ("2020-06", "2021-02", "2024-10")
    }  # fmt: skip


def test_every_vintage_is_read_whole(vintages):
    read = {v: (r.reader, r.counts["read"], r.counts["quarantined"]) for v, r in vintages.items()}
    assert read == {
        "2020-06": ("ogis", 3270, 0),
        "2021-02": ("ogis", 3627, 0),
        "2024-10": ("ogis", 4300, 0),
    }


def test_the_newest_vintage_has_the_published_counts(vintages):
    reading = vintages["2024-10"]
    frame, counts = reading.records, reading.counts
    by_year = frame["found_on"].dt.year.value_counts()
    assert tuple(by_year.loc[y] for y in range(2000, 2025)) == TOTALS
    assert (by_year.loc[1990], by_year.loc[1999]) == (9, 23)
    months = frame["found_on"].dt.month.value_counts()
    assert tuple(months.loc[[6, 7, 8, 12]]) == (618, 740, 457, 203)
    assert counts["office_placeholders"] == 70
    assert (frame["precision_class"] == "placeholder").sum() == 70
    assert {k: counts[f"precision_{k}"] for k in PRECISION} == PRECISION
    assert {k: counts[f"pmi_{k}"] for k in PMI} == PMI
    assert frame["corridor"].value_counts().to_dict() == CORRIDORS
    assert frame["corridor"].isna().sum() == 2
    assert (frame["land_manager"] == "Tohono Oodham Nation").sum() == 1715
    assert (frame["land_manager"] == "other").sum() == 0
    assert (~frame["identified"]).sum() == 1571
    assert frame["sex"].value_counts().to_dict() == {"male": 3476, "female": 605, "unknown": 219}
    assert counts["contradicting_positions"] == 1


def test_what_the_real_study_uses_and_what_not(vintages):
    reading = vintages["2024-10"]
    fitted = sources.fit(reading.records, AREA, dt.date(2000, 10, 1), dt.date(2024, 10, 1))
    inside = reading.records.geometry.x.between(AREA[0], AREA[2]) & (
        reading.records.geometry.y.between(AREA[1], AREA[3])
    )
    assert inside.sum() == 4224
    flow = sources.tally(replace(reading, records=fitted))
    assert flow.loc[flow["step"] == "read", "records"].item() == 4300
    assert flow.loc[flow["step"] != "read", "records"].sum() == 4300
    excluded = flow[flow["step"] == "excluded"].set_index("reason")["records"]
    assert excluded["office of a medical examiner, not the place of recovery"] == 70


def test_revisions_between_vintages_are_those_that_were_counted_by_hand(vintages):
    first = sources.revision(vintages["2020-06"].records, vintages["2021-02"].records)
    assert (first.removed, first.added, first.moved) == (5, 362, 32)
    second = sources.revision(vintages["2021-02"].records, vintages["2024-10"].records)
    assert (second.removed, second.added, second.added_late, second.moved) == (148, 821, 127, 6)


def test_a_vintage_keeps_the_keys_of_today(vintages):
    today, then = vintages["2024-10"].records, vintages["2021-02"]
    earlier = sources.as_vintage(then, "older").records
    assert set(earlier["source_id"]) == {"older"}
    assert earlier["death_id"].isin(today["death_id"]).sum() == 3_627 - 148
    VINTAGES.conform(earlier)


def test_no_name_passes_the_reader(vintages):
    for reading in vintages.values():
        for frame in (reading.records, reading.quarantine):
            assert "WITHHELD-NAME" not in frame.to_csv()
        assert "WITHHELD-NAME" not in repr(reading)


def test_incidents_of_the_other_publisher_in_three_layouts(real_data):
    folder = real_data / "deaths"
    years = sources.read(folder / "iom_json", role="crosscheck", source_id="iom")
    assert (years.reader, years.counts["read"]) == ("iom_json", 17_846)
    assert years.counts["no_date"] == 15
    assert years.counts["no_coordinates"] == 1
    assert years.counts["repeated_ids"] == 1_000
    assert years.counts["coarse"] == 167
    turned = years.quarantine["reason"].str.contains("sign of the longitude")
    assert turned.sum() == 3
    webid = sources.read(
        folder / "iom_mmp_webid-layout_2020-01-08.csv", role="crosscheck", source_id="iom"
    )
    assert (webid.reader, webid.counts["read"]) == ("iom_webid", 6_249)
    assert webid.counts["us_mexico"] == 1_600
    mainid = sources.read(
        folder / "iom_mmp_mainid-layout_2022-05.xlsx", role="crosscheck", source_id="iom"
    )
    assert (mainid.reader, mainid.counts["read"]) == ("iom_mainid", 10_606)
    assert mainid.counts["us_mexico"] == 2_761
    assert (mainid.counts["no_date"], mainid.counts["no_coordinates"]) == (15, 36)


def test_test_transmitters_border_roads_and_deserts(real_data):
    path = real_data / "infrastructure" / "fcc_experimental_radio_25km_border_2020-01.csv"
    fcc = sources.read(path, role="infrastructure", source_id="fcc")
    x, y = fcc.records.geometry.x, fcc.records.geometry.y
    here = x.between(-114, -109.5) & y.between(31.2, 32.8)
    assert (fcc.counts["read"], here.sum()) == (3_334, 279)
    assert fcc.records[here].geometry.to_wkb().nunique() == 40
    assert "not deployed towers" in " ".join(fcc.warnings)
    boundaries = real_data / "boundaries"
    border = sources.read(boundaries / "usmx84.zip", role="border", source_id="b")
    assert len(border.records) == 43
    roads = sources.read(boundaries / "tl_2021_04_prisecroads.shp", role="roads", source_id="r")
    assert set(roads.records["kind"]) == {"highway"}
    assert len(roads.records) == 1_320
    deserts = sources.read(boundaries / "deserts_sw.shp", role="corridors", source_id="d")
    assert deserts.records.total_bounds == pytest.approx(
        (-119.946, 31.501, -110.003, 40.022), abs=0.001
    )
