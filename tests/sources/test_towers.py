"""Tower files of anybody read alike, whatever they are wrapped in."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from geo import sources
from geo.errors import InputProblems, LayoutError
from geo.sources.dates import one as span
from geo.sources.towers.words import programme

TOWERS = pd.DataFrame(
    {
        "Tower": ["a", "b", "c"],
        "Type": ["Integrated Fixed Tower (IFT)", "RVSS", "SBInet, Ajo-1"],
        "Status": ["Existing", "Proposed", "Removed"],
        "Height (ft)": ["120", "80", ""],
        "Installed": ["2015-09", "", "2010-08-01/2010-09-30"],
        "Removed": ["", "", "2019"],
        "Source": ["GAO-18-119", "EA 2012", "GAO-14-368"],
        "Lat": ["31.5", "31.4", "32.1"],
        "Lon": ["-111.1", "-110.9", "-112.7"],
    }
)


def points():
    shapes = [Point(float(x), float(y)) for x, y in zip(TOWERS["Lon"], TOWERS["Lat"], strict=True)]
    return gpd.GeoDataFrame(TOWERS.drop(columns=["Lat", "Lon"]), geometry=shapes, crs=4326)


def kml(rows=TOWERS):
    marks = "".join(
        f"<Placemark><name>{r['Tower']}</name><ExtendedData>"
        + "".join(
            f'<Data name="{k}"><value>{v}</value></Data>'
            for k, v in r.items()
            if k not in ("Tower", "Lat", "Lon")
        )
        + f"</ExtendedData><Point><coordinates>{r['Lon']},{r['Lat']},0</coordinates></Point>"
        "</Placemark>"
        for r in rows.to_dict("records")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>Towers</name>{marks}</Folder></Document></kml>"
    )


def write_all(folder):
    TOWERS.to_csv(folder / "t.csv", index=False)
    TOWERS.to_csv(folder / "semicolons.csv", index=False, sep=";", encoding="utf-8-sig")
    TOWERS.to_excel(folder / "t.xlsx", index=False)
    (folder / "t.geojson").write_text(points().to_json(drop_id=True))
    points().to_crs(32612).to_file(folder / "t.gpkg")
    (folder / "t.kml").write_text(kml())
    with zipfile.ZipFile(folder / "t.kmz", "w") as archive:
        archive.writestr("doc.kml", kml())
    (folder / "t.json").write_text(json.dumps(TOWERS.to_dict("records")))
    return sorted(p for p in folder.iterdir())


def test_every_wrapping_gives_the_same_towers(tmp_path):
    readings = {
        p.name: sources.read(p, role="towers", source_id="eff") for p in write_all(tmp_path)
    }
    assert len(readings) == 8
    plain = readings["t.csv"].records
    for name, reading in readings.items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(reading.records.drop(columns="geometry")),
            pd.DataFrame(plain.drop(columns="geometry")),
            obj=name,
        )
        assert list(reading.records.geometry.x) == pytest.approx(list(plain.geometry.x)), name
        assert list(reading.records.geometry.y) == pytest.approx(list(plain.geometry.y)), name


def test_what_a_tower_file_means(tmp_path):
    reading = sources.read(write_all(tmp_path)[-1], role="towers", source_id="eff")
    towers = reading.records
    assert list(towers["programme"]) == ["ift", "rvss", "sbinet_ajo1"]
    assert list(towers["status"]) == ["deployed", "planned", "replaced"]
    assert towers["height_m"][0] == pytest.approx(36.576)
    assert list(towers["active_from_earliest"].dt.strftime("%F").fillna("")) == [
        "2015-09-01", "", "2010-08-01",
    ]  # fmt: skip
    assert towers["active_from_latest"][2] == pd.Timestamp(2010, 9, 30)
    assert towers["active_to_latest"][2] == pd.Timestamp(2019, 12, 31)
    said = " ".join(reading.warnings)
    assert 'latitude from "Lat"' in said
    assert "1 of 3 towers have no start" in said
    score = sources.completeness(towers)
    assert score["start"] == 1.0
    assert score["start_within_a_year"] == 1.0
    assert score["height"] == 0.5
    assert score["verified"] == 0.0


def test_bad_towers_are_set_aside_and_bad_mappings_are_listed(tmp_path):
    rows = pd.concat([TOWERS] * 3, ignore_index=True)
    rows["Tower"] = [f"t{n}" for n in range(9)]
    rows.loc[1, "Height (ft)"] = "9000"
    rows.loc[2, "Installed"] = "soon"
    rows.loc[3, "Lat"] = ""
    rows.loc[4, "Status"] = "mysterious"
    rows.loc[5, "Tower"] = "t0"
    rows.to_csv(tmp_path / "t.csv", index=False)
    reading = sources.read(tmp_path / "t.csv", role="towers", source_id="x")
    assert reading.counts["quarantined"] == 2
    whole = reading.quarantine["scope"].isna()
    assert set(reading.quarantine["source_row"][whole]) == {4, 5}
    assert set(reading.quarantine["source_row"][~whole]) == {2, 3}, "the towers stay"
    tally = sources.tally(reading)
    assert tally.loc[tally["step"] == "used", "records"].tolist() == [7]
    with pytest.raises(InputProblems) as caught:
        sources.read(
            tmp_path / "t.csv", role="towers", source_id="x",
            columns={"latitude": "nope", "colour": "Type"},
        )  # fmt: skip
    assert len(caught.value.problems) == 2
    TOWERS.drop(columns=["Lat"]).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(LayoutError, match="latitude"):
        sources.read(tmp_path / "t.csv", role="towers", source_id="x")


def test_a_start_after_as_of_is_no_deployed_tower(tmp_path):
    TOWERS.assign(Installed="2030-01-01").to_csv(tmp_path / "t.csv", index=False)
    reading = sources.read(
        tmp_path / "t.csv", role="towers", source_id="x", as_of=dt.date(2026, 1, 1)
    )
    assert list(reading.quarantine["source_row"]) == [1]


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml>&a;</kml>',
        '<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><kml>&b;</kml>',
        '<?xml version="1.0"?><kml><Placemark>',
        '<?xml version="1.0"?><kml></kml>',
    ],
    ids=["outside file", "bomb", "cut off", "empty"],
)
def test_kml_that_bites_is_refused(tmp_path, content):
    (tmp_path / "t.kml").write_text(content)
    with pytest.raises(LayoutError, match="KML"):
        sources.read(tmp_path / "t.kml", role="towers", source_id="x")


def test_a_vector_file_cannot_send_the_library_elsewhere(tmp_path):
    """A virtual layer that names another file or a URL is not opened at all."""
    (tmp_path / "v.geojson").write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/http://127.0.0.1/x'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    for role in ("border", "roads", "places", "corridors"):
        with pytest.raises(LayoutError, match="no vector file of a known kind"):
            sources.read(tmp_path / "v.geojson", role=role, source_id="x")


@given(st.text(max_size=24))
def test_any_text_is_an_interval_or_nothing(text):
    found = span(text)
    assert found is None or found[0] <= found[1]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2008", "2008-01-01", "2008-12-31"),
        ("2008-02", "2008-02-01", "2008-02-29"),
        ("6/16/2007", "2007-06-16", "2007-06-16"),
        ("2007-06-16/2008-02", "2007-06-16", "2008-02-29"),
    ],
)
def test_intervals_keep_what_a_source_leaves_open(text, first, last):
    assert span(text) == (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert span("2009/2008") is None


def test_programmes_are_those_of_the_parameters():
    from geo.parameters import load

    known = {p.extra["programme"] for p in load("tower_programmes").values()}
    assert {programme(name) for name in known} == known
    assert programme("Some New Thing!") == "some_new_thing"
