"""Files of deaths in layouts of other offices: master, county, tags, no titles. Made up."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

from flows.cli.deaths import describe_file
from geo import sources
from geo.errors import FunnelError
from geo.sources.cells import DECIMAL, NO_NUMBER, SIGN, SWAPPED
from geo.sources.deaths import words
from geo.sources.deaths.description import describe
from geo.sources.reading import Hints

SECRET = "WITHHELD-NAME-00017"  # noqa: S105 - stands for a name
MASTER = "Source,Year,Date,Age,Age_Range,Gender,Nationality,Cause_of_Death,Latitude,Longitude,County,State\n"  # noqa: E501
BROOKS, DIEGO = "Brooks County,2010.0,", "San Diego County Office of the,2010.0,"
COUNTY = (
    "Case Number,Last Name,First Name,Date Found,Lat,Long,Accuracy,Sex,Age,Cause of Death,PMI,Notes"
)


def master(path, *rows):
    path.write_text(MASTER + "\n".join(rows) + "\n", "utf-8")
    return path


def county(path, *rows, header=COUNTY):
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def read(path, **more):
    return sources.read(path, role="deaths", source_id="own", **more)


def test_the_master_is_read_office_by_office_and_odd_coordinates_are_told_apart(tmp_path):
    good = [f"{BROOKS}2010-07-{n:02d} 00:00:00,30.0,26-35,M,,Heat stroke,27.1{n}55,-98.2{n}55,," for n in range(1, 9)]  # fmt: skip # noqa: E501
    path = master(
        tmp_path / "m.csv",
        *good,
        f"{DIEGO}2/26/2002,,Unknown,F,,GSW to head,32.59255,-116.84047,,",
        f"{DIEGO}2/8/2002,,Unknown,F,,Skeletal remains,32.53902,-117.07,,",
        f"{BROOKS}2011-01-01 00:00:00,,,M,,,-97.98122,27.01059,,",
        f"{BROOKS}2011-01-02 00:00:00,,,M,,,27.1374,97.95895,,",
        f"{BROOKS}2011-01-03 00:00:00,,,M,,,27.22546,-9820930.0,,",
        f"{BROOKS}2011-01-04 00:00:00,,,M,,,N 27.2,-98.20930,,",
        f"{BROOKS}2011-01-05 00:00:00,,,M,,,,,,",
    )
    reading = read(path)
    assert reading.reader == "border_master"
    reasons = dict(zip(reading.quarantine["source_row"], reading.quarantine["reason"], strict=True))
    assert reasons == {11: SWAPPED, 12: SIGN, 13: DECIMAL, 14: NO_NUMBER}
    assert reading.counts["system_brooks"] == 13
    frame = reading.records
    assert str(frame.loc[frame["source_row"] == 9, "found_on"].iloc[0].date()) == "2002-02-26"
    kinds = dict(zip(frame["source_row"], frame["precision_class"], strict=True))
    assert (kinds[1], kinds[10], kinds[15]) == ("directions", "vague", "none")
    assert frame["precision_basis"].fillna("").tolist() == ["assumed"] * 10 + [""]
    causes = dict(zip(frame["source_row"], frame["cause_class"], strict=True))
    assert (causes[1], causes[9], causes[10]) == ("exposure", "homicide", "skeletal")


def test_a_county_file_is_guessed_and_every_guess_is_said(tmp_path):
    path = county(
        tmp_path / "c.csv",
        f"a1,{SECRET},{SECRET},2014-07-03 14:30:00,31.71,-106.51,2 miles,F,21,Drowned,2-3 weeks,x",
        f"a2,{SECRET},{SECRET},2014-07-04,31.72,-106.52,GPS reading,M,,heat,<24 hours,{SECRET}",
        f"a3,{SECRET},{SECRET},2014-08-04,31.73,-106.53,approximate,M,,{SECRET},> 1 year,x",
    )  # fmt: skip
    reading = read(path)
    frame = reading.records
    assert [w for w in reading.warnings if 'found_on from "Date Found"' in w]
    assert frame["precision_class"].tolist() == ["vague", "gps", "directions"]
    assert frame["precision_m"].tolist() == pytest.approx([3218.688, 100, 2000])
    assert frame["precision_basis"].fillna("").tolist() == ["", "assumed", "assumed"]
    assert frame["pmi_class"].tolist() == ["3-weeks", "day", "longer"]
    assert frame["cause_class"].tolist() == ["drowning", "exposure", "unknown"]
    assert SECRET not in frame.to_csv() + reading.quarantine.to_csv() + " ".join(reading.warnings)
    found = describe(path, "c.csv", "own", Hints())
    assert found.proposed == "Case Number"
    assert found.unread.names == ("Last Name", "First Name")
    assert found.unread.free_text == ("Notes",)
    assert set(found.columns.values()) <= set(COUNTY.split(","))


@pytest.mark.parametrize(
    ("text", "title", "means"),
    [
        ("300 m", "Accuracy", ("address", 300.0, False)),
        ("1", "Accuracy (miles)", ("directions", 1609.344, False)),
        ("mile marker 12", "Accuracy", ("address", 300.0, True)),
        ("Not exact", "Accuracy", ("vague", 15000.0, True)),
        ("county centroid", "Accuracy", ("vague", 15000.0, True)),
        ("GPS Coordinate (precise to within ca. 300ft./100m)", "x", ("gps", 100.0, False)),
    ],
)
def test_words_and_lengths_of_accuracy(text, title, means):
    assert tuple(part.iloc[0] for part in words.accuracy(pd.Series([text]), title)) == means


HXL = ["#event+id", "#region +incident", "#date+reported", "#affected+dead", "#affected+missing",
       "#cause+type", "#geo+lat", "#geo+long", "#meta+source+name", "#loc+description"]  # fmt: skip
INCIDENT = ["i1", "US-Mexico Border", "25/11/2015", "2", "1", "Drowning", "31.4", "-110.9", "x",
            "near Nogales \xf1"]  # fmt: skip


@pytest.mark.parametrize("titles", [True, False])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_incidents_with_hxl_tags(tmp_path, titles, kind):
    rows = [[f"t{n}" for n in range(len(HXL))]] if titles else []
    rows += [HXL, INCIDENT, [*INCIDENT[:2], "03/04/2016", "1", "", "Unknown", "", "", "", ""]]
    path = tmp_path / f"i.{kind}"
    if kind == "csv":
        path.write_bytes("\n".join(",".join(r) for r in rows).encode("latin-1"))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    reading = read(path)
    assert reading.reader == "iom_hxl"
    assert reading.counts["read"] == 2
    frame = reading.records
    assert frame["persons"].tolist() == [2, 1]
    assert [f"{d:%Y-%m-%d}" for d in frame["found_on"]] == ["2015-11-25", "2016-04-03"]
    assert frame.geometry.iloc[0].coords[0] == (-110.9, 31.4)
    assert frame["precision_class"].tolist() == ["directions", "none"]
    cross = sources.read(path, role="crosscheck", source_id="own")
    assert cross.records["persons"].tolist() == [3, 1]


def test_a_file_without_titles_shows_positions_and_is_read_by_them(tmp_path, capsys):
    rows = [f"{SECRET},2014-07-{n:02d},31.7{n},-106.5{n},M" for n in range(1, 10)]
    path = tmp_path / "bare.csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    describe_file(path, None, None, as_json=False)
    said = capsys.readouterr().out
    assert 'found_on                 from "column 2"' in said
    assert "column 1: text, not shown" in said
    assert "9 read = 9 used" in said
    assert SECRET not in said
    mapping = {"found_on": "column 2", "latitude": "column 3", "longitude": "column 4"}
    assert len(read(path, columns=mapping).records) == 9


@pytest.mark.parametrize("at", range(len(COUNTY.split(","))))
def test_a_name_in_any_column_is_on_no_stream(tmp_path, capfd, caplog, at):
    good = "a{n},x,y,2014-07-0{n},31.7{n},-106.5{n},GPS,F,21,Drowning,1 day,z"
    cells = [good.format(n=n).split(",") for n in range(1, 7)]
    for row in cells[:1] if at % 2 else cells:
        row[at] = SECRET
    lines = [",".join(row) for row in cells]
    for header in (COUNTY, None):
        path = tmp_path / "c.csv"
        path.write_text("\n".join([header, *lines] if header else lines) + "\n", "utf-8")
        for as_json in (False, True):
            text = ""
            try:
                describe_file(path, None, None, as_json=as_json)
            except FunnelError as error:
                text = str(error)
            out = capfd.readouterr()
            if as_json and out.out:
                assert json.loads(out.out)["file"] == str(path)
            assert SECRET not in out.out + out.err + text + caplog.text


@pytest.mark.real
def test_the_real_master_adds_up(real_data):
    path = real_data / "deaths" / "no_more_deaths_border_master_2026-04.csv"
    found = describe(path, path.name, "master", Hints())
    reasons = found.reading.quarantine["reason"].value_counts().to_dict()
    assert (reasons[SWAPPED], reasons[SIGN], reasons[DECIMAL], reasons[NO_NUMBER]) == (5, 3, 5, 24)
    counts = found.reading.counts
    assert counts["read"] == 8832 == sum(n for k, n in counts.items() if k.startswith("system_"))
    steps = found.flow.groupby("step")["records"].sum()
    assert steps["read"] == steps["used"] + steps["quarantined"] + steps["excluded"]
    assert steps["used"] == 7253
