"""Tower files as people have them: awkward wrappings, words, units and dates, each read aright."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from geo import sources
from geo.errors import InputProblems, LayoutError
from geo.sources.dates import one
from geo.sources.towers.description import describe, written

HEADER = "tower_id,programme,status,latitude,longitude,"
ROW = "ift,deployed,31.{n}5,-110.95,"


def table(path, column, values):
    rows = [f"t{n},{ROW.format(n=n)}{v}" for n, v in enumerate(values)]
    path.write_text("\n".join([HEADER + column, *rows]) + "\n")
    return path


def read(path, **more):
    return sources.read(path, role="towers", source_id="x", **more)


def starts(reading):
    towers = reading.records
    pairs = zip(towers["active_from_earliest"], towers["active_from_latest"], strict=True)
    return ["" if pd.isna(a) else written(a.date(), b.date()) for a, b in pairs]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("Feb 2010", "2010-02"), ("feb. 2010", "2010-02"), ("5 February 2010", "2010-02-05"),
        ("February 5, 2010", "2010-02-05"), ("2018-2019", "2018/2019"), ("2015", "2015"),
        ("2015-09 to 2016-02", "2015-09/2016-02"), ("Feb 2010 - Mar 2011", "2010-02/2011-03"),
        ("Q3 2015", "2015-07-01/2015-09-30"), ("1441065600000", "2015-09-01"),
        ("42248", "2015-09-01"), ("25/11/2015", None), ("09/2015", "2015-09"),
        ("septiembre 2015", "2015-09"), ("ma 2015", None), ("2015-13", None), ("soon", None),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text, means):
    found = one(text, "month")
    expected = {"2015-07-01/2015-09-30": "2015-07/2015-09"}.get(means, means)
    assert (found and written(*found)) == expected


def test_the_order_of_dates_is_decided_once_a_column(tmp_path):
    proved = table(tmp_path / "a.csv", "active_from", ["01/09/2015", "02.10.2015", "25/11/2015"])
    reading = read(proved)
    assert starts(reading) == ["2015-09-01", "2015-10-02", "2015-11-25"]
    assert any("day stands first in all 3" in w and "row 3" in w for w in reading.warnings)
    twice = ["01/09/2015,03/04/2020", "02/10/2015,05/06/2020"]
    open_ = table(tmp_path / "b.csv", "active_from,active_to", twice)
    with pytest.raises(InputProblems, match="date_order") as caught:
        read(open_)
    assert [p.field for p in caught.value.problems] == ["active_from", "active_to"], "all at once"
    for order, first in (("day", "2015-09-01"), ("month", "2015-01-09")):
        assert starts(read(open_, hints=sources.Hints(date_order=order)))[0] == first
    torn = table(tmp_path / "c.csv", "active_from", ["25/11/2015", "11/25/2015", "01/02/2015"])
    with pytest.raises(InputProblems, match="some dates of this column have the day first"):
        read(torn)
    same = table(tmp_path / "d.csv", "active_from", ["05/05/2015", "06/06/2016"])
    assert starts(read(same)) == ["2015-05-05", "2016-06-06"], "either order says the same"


def test_units_of_cells_and_titles_and_what_has_none(tmp_path):
    values = ["160 ft,7.5", "30 m,12", "80,0", "tall,?"]
    reading = read(table(tmp_path / "a.csv", "Tower Height,range_miles", values))
    height, reach = (list(reading.records[c].round(1)) for c in ("height_m", "range_m"))
    assert height[:3] == [48.8, 30.0, 80.0]
    assert reach[:2] == [12070.1, 19312.1]
    assert reading.counts["kept"] == 4, "a bad field never costs the tower"
    assert sorted(reading.quarantine["reason"]) == ["no range of a tower", "not a number"]
    assert any("state no unit, read as metres" in w for w in reading.warnings)
    bare = read(table(tmp_path / "b.csv", "range", ["7.5", "12"]))
    assert set(bare.quarantine["reason"]) == {"no unit, and too small for metres"}


def test_esri_json_and_arcgis_geojson(tmp_path):
    attributes = {
        "OBJECTID": 1,
        "Tower_Type": "Integrated Fixed Tower",
        "Install_Date": 1441065600000,
    }
    esri = {
        "geometryType": "esriGeometryPoint",
        "spatialReference": {"wkid": 102100, "latestWkid": 3857},
        "features": [
            {"attributes": attributes, "geometry": {"x": -12350898.5, "y": 3678346.7}},
            {"attributes": {**attributes, "OBJECTID": 2}, "geometry": {"x": "NaN", "y": "NaN"}},
        ],
    }
    (tmp_path / "esri.json").write_text(json.dumps(esri))
    reading = read(tmp_path / "esri.json")
    assert (reading.counts["kept"], reading.counts["quarantined"]) == (1, 1)
    tower = reading.records.iloc[0]
    assert (round(tower.geometry.x, 2), round(tower.geometry.y, 2)) == (-110.95, 31.35)
    assert (tower["programme"], starts(reading)) == ("ift", ["2015-09-01"])
    del esri["spatialReference"]
    (tmp_path / "esri.json").write_text(json.dumps(esri))
    with pytest.raises(LayoutError, match="does not say its CRS"):
        read(tmp_path / "esri.json")
    several = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": attributes,
                "geometry": {"type": "MultiPoint", "coordinates": [[-110.9, 31.4], [-111, 31.5]]},
            }
        ],
    }
    (tmp_path / "gis.geojson").write_text(json.dumps(several))
    reading = read(tmp_path / "gis.geojson")
    assert starts(reading) == ["2015-09-01"] * 2
    assert reading.records["tower_id"].is_unique
    assert any("hold several points" in w for w in reading.warnings)


def test_titles_blank_rows_and_nameless_columns(tmp_path):
    body = "Towers of somebody,,,,,,\n\n" + HEADER + "active_from,\n"
    body += "a,ift,deployed,31.35,-110.95,2015-09,\n,,,,,,\n"
    body += "b,ift,deployed,31.4,-111.1,2015-09,\n,,,,,,\n"
    (tmp_path / "a.csv").write_text(body)
    reading = read(tmp_path / "a.csv")
    assert list(reading.records["source_row"]) == [1, 3], "rows keep their numbers"
    assert any("above the header" in w for w in reading.warnings)
    (tmp_path / "b.csv").write_bytes(body.encode("utf-16"))
    assert len(read(tmp_path / "b.csv").records) == 2
    (tmp_path / "c.csv").write_text(body.replace("2015-09,\n,", "2015-09,,too,many\n,"))
    with pytest.raises(LayoutError, match="cells, but the header has"):
        read(tmp_path / "c.csv")


def test_words_of_ones_own_and_programmes_nothing_is_known_of(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"t{n},{w},deployed,31.{n}5,-110.95,2015" for n, w in enumerate(["Eye", "Eye", "Owl"])]
    path.write_text("\n".join([HEADER + "active_from", *rows]))
    (problem,) = sources.unknown_programmes(read(path).records, "a.csv")
    assert "eye (2), owl (1)" in problem.what
    assert "programmes = " in problem.remedy
    own = sources.Hints(programmes={"eye": "ift", "OWL": "rvss"})
    towers = read(path, hints=own).records
    assert list(towers["programme"]) == ["ift", "ift", "rvss"]
    assert sources.unknown_programmes(towers, "a.csv") == []


EFF = """\
Name,Type,Status,Latitude,Longitude,Contact e-mail,Notes
North,Integrated Fixed Tower,Existing,31.35,-110.95,jane@example.org,call 520 555 0100
South,Remote Video Surveillance System,Existing,31.40,-111.05,,
West,ask jane@example.org,Proposed,31.45,-110.83,,
"""


def test_a_description_shows_no_person_and_its_form_reads_alike(tmp_path):
    (tmp_path / "eff.csv").write_text(EFF)
    found = describe(tmp_path / "eff.csv", "eff.csv", "x", sources.Hints())
    assert found.unread == ("Contact e-mail", "Notes")
    shown = repr(found.words) + found.form.to_csv() + repr(found.reading.warnings)
    assert "555" not in shown
    assert "jane@" not in repr(found.words)
    assert ("programme", "Integrated Fixed Tower", "ift", 1) in found.words
    found.form.to_csv(tmp_path / "form.csv", index=False)
    again = read(tmp_path / "form.csv")
    for column in ("programme", "status", "height_m", "active_from_latest"):
        pd.testing.assert_series_equal(again.records[column], found.reading.records[column])
    assert not any("guessed" in w for w in again.warnings)


INPUTS = Path(os.environ.get("FUNNEL_LOCAL_DATA", "")) / "inputs"


@pytest.mark.skipif(
    not (INPUTS / "tow_ok.csv").is_file(), reason="needs FUNNEL_LOCAL_DATA with its folder inputs"
)
@pytest.mark.parametrize(
    ("name", "kept", "aside", "start"),
    [
        ("tow_ok.csv", 3, 0, "2015-09"), ("tow_dmy_mixed.csv", 3, 0, "2015-09-01"),
        ("tow_excel_serial.csv", 3, 0, "2015-09-01"), ("tow_merged_title.xlsx", 3, 0, "2015-09"),
        ("tow_mymaps_address_only.kml", 1, 2, ""), ("tow_mymaps_same_names.kml", 3, 0, ""),
        ("tow_kml_extdata_after_point.kml", 3, 0, ""), ("tow_multipoint.geojson", 3, 0, "2015-09"),
        ("tow_trailing_commas.csv", 3, 0, "2015-09"), ("tow_utf16.csv", 3, 0, "2015-09"),
        ("tow_trailing_blank_rows.csv", 3, 0, "2015-09"), ("tow_range_miles.csv", 3, 0, "2015-09"),
    ],
)  # fmt: skip
def test_awkward_files_that_people_complain_of(name, kept, aside, start):
    reading = read(INPUTS / name)
    assert (reading.counts["kept"], reading.counts["quarantined"]) == (kept, aside)
    assert set(reading.records["programme"]) == {"ift"}
    assert starts(reading)[0] == start
    assert round(reading.records.geometry.x[0], 2) == -110.95


def test_placemarks_without_a_point_and_repeated_ones_are_counted_as_rows(tmp_path):
    marks = [
        ("A", "<Point><coordinates>-111,31.5</coordinates></Point>"),
        ("A", "<Point><coordinates>-111.2,31.6</coordinates></Point>"),
        ("A", "<Point><coordinates>-111,31.5</coordinates></Point>"),
        ("B", "<address>Sasabe</address>"),
        ("C", "<LineString><coordinates>-111,31 -112,32</coordinates></LineString>"),
        ("D", "<Point><coordinates>-211,31</coordinates></Point>"),
    ]
    body = "".join(f"<Placemark><name>{n}</name>{place}</Placemark>" for n, place in marks)
    path = tmp_path / "pins.kml"
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    )
    counts = sources.tally(read(path)).set_index(["step", "reason"])["records"].to_dict()
    assert counts == {
        ("read", ""): 6,
        ("quarantined", "no coordinates"): 2,
        ("quarantined", "no such place on earth"): 1,
        ("quarantined", "the same key and place as an earlier row"): 1,
        ("used", ""): 2,
    }
