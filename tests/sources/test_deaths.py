"""Recorded deaths: what is read, set aside, left out and never let through."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo import sources
from geo.errors import InputProblems, LayoutError

AREA = (-114.9, 31.2, -109.0, 33.0)
START, END = dt.date(2000, 10, 1), dt.date(2024, 10, 1)
SECRET = "WITHHELD-NAME-00001"  # noqa: S105 - the mark of a name, no password


def read(path, **options):
    given_ = {"role": "deaths", "source_id": "records", "as_of": dt.date(2024, 10, 1), **options}
    return sources.read(path, **given_)


def everything(reading):
    """Everything a reading lets through, as text."""
    frames = (reading.records, reading.quarantine)
    text = " ".join(f.to_csv() for f in frames)
    return text + " ".join(reading.warnings) + str(dict(reading.counts)) + repr(reading)


def test_words_of_the_publisher_become_classes(ogis):
    path = ogis(
        {"Post Mortem Interval": "> 6-8 months ", "Age": "99", "Name": "Somebody"},
        {"Post Mortem Interval": "< 1 week ", "Cause of Death": "Skeletal Remains", "Age": "0"},
        {"Post Mortem Interval": "", "Sex": "undetermined", "Reporting Date": ""},
        {"Location Precision": "vague physical description (precise to within 10mi/15km)"},
        {"Corridor": "Undetermined", "Surface Management": "a note that nobody expected"},
        {"Cause of Death": "Pending", "Surface Management": ""},
    )
    frame = read(path).records
    assert list(frame["pmi_class"][:3]) == ["longer", "week", "unknown"]
    assert list(frame["identified"][:2]) == [True, False]
    assert frame["age_years"][:2].isna().all()
    assert frame.loc[0, "death_latest"] == pd.Timestamp(2010, 7, 1) - pd.Timedelta(days=183)
    assert pd.isna(frame.loc[0, "death_earliest"]), "unbounded"
    assert frame.loc[1, "death_earliest"] == pd.Timestamp(2010, 6, 24)
    assert frame.loc[1, "death_latest"] == pd.Timestamp(2010, 6, 30)
    assert not frame.loc[2, "date_ok"]
    assert (frame.loc[3, "precision_class"], frame.loc[3, "precision_m"]) == ("vague", 15_000)
    assert pd.isna(frame.loc[4, "corridor"])
    assert frame.loc[4, "land_manager"] == "other"
    assert frame.loc[5, "cause_class"] == "unknown"
    assert not frame.loc[5, "cause_ok"]


def test_offices_are_placeholders_by_place_and_by_label(ogis):
    office = {"Latitude": "32.175119", "Longitude": "-110.928097"}
    elsewhere = {
        "Latitude": "31.9", "Longitude": "-111.1",
        "Surface Management": "Some County Office of the Medical Examiner",
    }  # fmt: skip
    shared = {**elsewhere, "Surface Management": "Private"}
    reading = read(ogis(office, elsewhere, elsewhere, shared, {}))
    assert list(reading.records["precision_class"] == "placeholder") == [True] * 4 + [False]
    assert reading.counts["office_placeholders"] == 4
    assert reading.counts["precision_gps"] == 5, "as published"


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"Reporting Date": "31.12.2010"}, "date in another format", "Reporting Date"),
        ({"Reporting Date": "2010-13-41"}, "not a date", "Reporting Date"),
        ({"Reporting Date": "7/1/2010"}, "date in another format", "Reporting Date"),
        ({"Reporting Date": "2030-01-01"}, "dated after", "Reporting Date"),
        ({"Latitude": "-111.7", "Longitude": "31.7"}, "look swapped", "Latitude"),
        ({"Longitude": "111.7"}, "sign of the longitude", "Longitude"),
        ({"Latitude": "95"}, "no such place", "Latitude"),
        ({"Latitude": "31,7x"}, "not a number", "Latitude"),
        ({"ML Number": "10-00001"}, "earlier row", "ML Number"),
        ({"ML Number": ""}, "no key", "ML Number"),
    ],
)
def test_a_bad_row_is_set_aside_with_row_field_and_reason(ogis, change, reason, field):
    reading = read(ogis({}, {}, change, {}, {}), plausible=AREA)
    (row,) = reading.quarantine.to_dict("records")
    assert (row["source_row"], row["field"]) == (3, field)
    assert reason in row["reason"]
    assert dict(list(reading.counts.items())[:3]) == {"read": 5, "quarantined": 1, "kept": 4}


def test_which_rows_of_a_file_are_set_aside_does_not_hang_on_the_studys_area(ogis):
    path = ogis({"Longitude": "-110.0"}, {}, {"Longitude": "111.7"}, {}, {})
    mirrored = (-AREA[2], AREA[1], -AREA[0], AREA[3])
    kept = [
        set(read(path, plausible=area).records["source_row"])
        for area in (None, AREA, (109.9, 31.0, 110.1, 32.0))
    ]
    assert kept == [{1, 2, 4, 5}] * 3
    with pytest.raises(InputProblems, match="sign"):
        read(path, plausible=mirrored)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"Latitude": "-111.7", "Longitude": "31.7"}, "Exchange the two columns"),
        ({"Longitude": "111.7"}, "West of Greenwich is negative"),
        ({"Reporting Date": "1.7.2010"}, "YYYY-MM-DD"),
        ({"Reporting Date": "2030-01-01"}, "Set as_of"),
    ],
)
def test_a_fault_in_most_rows_is_one_of_the_file(ogis, change, part):
    with pytest.raises(InputProblems, match=part) as caught:
        read(ogis(*[change] * 5), plausible=AREA)
    problem = caught.value.problems[0]
    assert problem.row == 1
    assert problem.field


def test_american_dates_are_read_where_the_file_is_written_so(ogis):
    dates = [{"Reporting Date": f"{m}/{d}/2010"} for m, d in ((1, 2), (12, 31), (2, 30))]
    reading = read(ogis(*dates, {"Reporting Date": "2011-05-06"}, quoting=csv.QUOTE_MINIMAL))
    days = list(reading.records["found_on"].dt.strftime("%Y-%m-%d"))
    assert days == ["2010-01-02", "2010-12-31", "2011-05-06"]
    assert list(reading.quarantine["value"]) == ["2/30/2010"]


def test_two_positions_that_contradict_each_other_leave_spatial_work(ogis):
    reading = read(
        ogis({"UTM X": "433676", "UTM Y": "3507479"}, {"UTM X": "443676", "UTM Y": "3507479"})
    )
    assert list(reading.records["place_ok"]) == [True, False]
    assert "1 row(s)" in reading.warnings[0]


@pytest.mark.parametrize("column", [
    "Name", "Location", "OME Determined COD", "Location Precision", "Cause of Death",
    "Surface Management", "Corridor", "Post Mortem Interval", "Sex", "Age", "Reporting Date",
    "Latitude", "Longitude", "County", "Body Condition", "UTM X",
])  # fmt: skip
def test_a_name_in_any_column_never_leaves_the_reader(ogis, column):
    many = [{}] * 120
    for value in (SECRET, f"2010-01-01 {SECRET}", f"31.5 {SECRET}"):
        path = ogis(*many, {column: value}, {column: value + "b"})
        assert SECRET not in everything(read(path, plausible=AREA))
    for role in ("deaths", "towers", "infrastructure", "crosscheck"):
        try:
            text = everything(sources.read(ogis(*[{column: SECRET}] * 3), role=role, source_id="x"))
        except (InputProblems, LayoutError) as error:
            text = str(error)
        if column != "Corridor":  # a file of three rows with one label each is one label
            assert SECRET not in text, role


def test_a_file_without_header_does_not_show_its_first_row(tmp_path, ogis):
    lines = ogis({"Name": SECRET, "Location": SECRET}, {}).read_text("utf-8").splitlines()
    path = tmp_path / "bare.csv"
    path.write_text("\n".join(lines[1:]), "utf-8")
    with pytest.raises(LayoutError, match="no header") as caught:
        read(path)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("rename", "parts"),
    [
        ({"Reporting Date": "Report Date"}, ['found_on (renamed to "Report Date"?)']),
        ({"Latitude": "Y coordinate"}, ['"Latitude" for latitude', "Y coordinate"]),
    ],
)  # fmt: skip
def test_a_changed_layout_is_named_and_can_be_mapped(ogis, rename, parts):
    path = ogis({}, {}, rename=rename)
    with pytest.raises(LayoutError) as caught:
        read(path)
    assert all(p in str(caught.value) for p in [*parts, "columns = {"])
    contract = {"Reporting Date": "found_on", "Latitude": "latitude"}[next(iter(rename))]
    mapped = read(path, columns={contract: next(iter(rename.values()))})
    assert len(mapped.records) == 2


def test_new_gone_and_retyped_columns_are_said(ogis):
    path = ogis({}, {}, rename={"County": "Nearest aid post"})
    said = " ".join(read(path).warnings)
    assert "County is no longer there" in said
    assert "Nearest aid post" in said
    with pytest.raises(InputProblems, match="not a number, in 2 of 2 rows"):
        read(ogis({"Latitude": "north"}, {"Latitude": "south"}))


def test_a_layout_nobody_described_says_what_to_map(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,when,where_lat,where_lon,comment\n1,2010-05-01,31.5,-111.5,hello\n")
    with pytest.raises(LayoutError, match=r"columns = \{ found_on = ") as caught:
        read(path)
    assert "where_lat" in str(caught.value)
    mapping = {"found_on": "when", "latitude": "where_lat", "longitude": "where_lon"}
    reading = read(path, columns=mapping)
    assert reading.reader == "mapped_deaths"
    assert "hello" not in everything(reading)
    problems = sources.check(path, "deaths", {**mapping, "latitude": "nope", "colour": "id"})
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\x00\x01\x02binary", "binary"),
        (b"a,b,c\n", "no row"),
        (b'a,b\n"1","2"\n"3"\n', "cut off"),
        (b"a,a\n1,2\n", "two columns"),
        (b'[{"a": 1}, {"a"', "cut off"),
        (b'{"a": 1}', "no list"),
        (b"PK\x03\x04nonsense", "damaged or cut off"),
    ],
)
def test_what_is_no_table_ends_in_a_sentence(tmp_path, content, message):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(LayoutError, match=message):
        read(path)
    assert len(sources.check(path, "deaths")) == 1


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "Reporting Date": st.sampled_from(
            ["2010-07-01", "1995-01-01", "2031-01-01", "", "x", "1/2/2010"]
        ),
        "Latitude": st.sampled_from(["31.7", "40.1", "", "x", "-111.7", "32.175119"]),
        "Longitude": st.sampled_from(["-111.7", "111.7", "", "x", "31.7", "-110.928097"]),
        "Location Precision": st.sampled_from(
            ["no location description", "individual moved from where they died", ""]
        ),
        "ML Number": st.sampled_from(["10-1", "10-2", ""]),
    },
)


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(CHANGES, min_size=1, max_size=12))
def test_read_is_used_plus_quarantined_plus_excluded(ogis, changes):
    path = ogis(*changes, *[{"ML Number": f"20-{n}"} for n in range(20)])
    reading = read(path, plausible=AREA)
    fitted = sources.fit(reading.records, AREA, START, END)
    flow = sources.tally(replace(reading, records=fitted)).groupby("step")["records"].sum()
    assert flow["read"] == len(changes) + 20
    assert flow["read"] == flow["used"] + flow.get("quarantined", 0) + flow.get("excluded", 0)
    used = fitted[fitted["exclusion_reason"].isna()]
    assert used["place_ok"].all()
    assert used["date_ok"].all()
    assert used.geometry.notna().all()
    assert set(reading.quarantine["source_row"]).isdisjoint(reading.records["source_row"])


def test_exclusions_have_distinct_reasons_in_a_fixed_order(ogis):
    path = ogis(
        {},
        {"Latitude": "32.175119", "Longitude": "-110.928097"},
        {"Location Precision": "individual moved from location where they originally collapsed"},
        {"Location Precision": "no location description"},
        {"Latitude": "", "Longitude": ""},
        {"Latitude": "33.9"},
        {"Reporting Date": ""},
        {"Reporting Date": "1999-01-01"},
    )
    frame = read(path).records
    fitted = sources.fit(frame, AREA, START, END, withheld=frozenset([frame.loc[0, "death_id"]]))
    starts = ["withheld", "office", "moved", "no location", "no location", "outside the area",
              "no date", "outside the periods"]  # fmt: skip
    for reason, start in zip(fitted["exclusion_reason"], starts, strict=True):
        assert reason.startswith(start)


def test_a_vintage_has_the_keys_of_today_and_rows_without_keys_are_known_as_such(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("case,day,lat,lon\nA,2010-01-01,32,-111\nB,2011-01-01,32.1,-111\n", "utf-8")
    own = {"found_on": "day", "latitude": "lat", "longitude": "lon"}
    today = read(path, columns={**own, "death_id": "case"})
    then = sources.as_vintage(read(path, role="vintage", columns={**own, "death_id": "case"}), "v")
    assert list(then.records["death_id"]) == list(today.records["death_id"])
    assert set(then.records["source_id"]) == {"v"}
    assert sources.keyed(then.records, "records")
    assert not sources.keyed(read(path, columns=own).records, "records")
