from __future__ import annotations

import io
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from rasterio.io import MemoryFile

from geo import sources, synthetic
from geo.funnel import corridor_labels
from geo.grid import burn, grid_of
from geo.records import DEATHS, TOWERS
from geo.sources import fitting
from geo.synthetic import earlier
from geo.synthetic.files import geojson

KINDS = {"border", "highway", "road", "town"}


@pytest.fixture(scope="module")
def deaths(files):
    return pd.read_csv(io.BytesIO(files["deaths.csv"]), dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def read(files, tiny, tmp_path_factory):
    """Return the readings of the files, by role."""
    folder = tmp_path_factory.mktemp("published")
    readings = {}
    for source in tiny.sources:
        path = folder / source.file
        path.write_bytes(files[source.file])
        if source.role not in ("elevation", "landcover", "climate"):
            readings[source.role] = sources.read(
                path,
                role=source.role,
                source_id=source.id,
                as_of=tiny.as_of,
                plausible=tiny.bounds_lonlat,
            )
    return readings


def test_the_same_study_gives_the_same_bytes(files, tiny):
    again = synthetic.source_files(tiny)
    assert list(again) == list(files) == [s.file for s in tiny.sources]
    for name, content in files.items():
        assert again[name] == content, name


def test_rasters_lie_on_the_grid_of_the_study(files, small_world):
    for name, array in (
        ("elevation.tif", small_world.land.elevation),
        ("landcover.tif", small_world.land.landcover),
    ):
        with MemoryFile(files[name]) as memory, memory.open() as raster:
            np.testing.assert_array_equal(raster.read(1), array.values)
            assert raster.crs.to_epsg() == 32612
            assert raster.transform == grid_of(array).transform
            assert "SYNTHETIC" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]


@pytest.mark.parametrize("name", ["tiny", "sample"])
def test_published_shapes_burn_the_cells_that_the_truth_was_made_with(name, built_in):
    land = synthetic.landscape(built_in(name))
    grid = grid_of(land.elevation)
    for frame in (land.border, land.roads, land.places):
        back = gpd.read_file(io.BytesIO(geojson(frame)))
        np.testing.assert_array_equal(burn(back, grid), burn(frame, grid))
        assert geojson(back) == geojson(frame)
    back = gpd.read_file(io.BytesIO(geojson(land.corridors)))
    np.testing.assert_array_equal(
        corridor_labels(back, grid), corridor_labels(land.corridors, grid)
    )


def test_nothing_resembles_a_real_person_or_place(files, deaths):
    names = set(deaths["Name"])
    assert all(n == "Unidentified" or re.fullmatch(r"SYNTHETIC person \d{5}", n) for n in names)
    assert len(names) > 50
    for column in ("State", "County", "Surface Management", "Location", "Corridor"):
        assert all(v == "" or v.startswith("SYNTHETIC") for v in set(deaths[column])), column
    for name in ("border", "roads", "places", "corridors"):
        layer = json.loads(files[f"{name}.geojson"])
        assert layer["name"] == "SYNTHETIC"
        for feature in layer["features"]:
            for value in feature["properties"].values():
                assert value in KINDS or value.startswith("SYNTHETIC"), value
    towers = pd.read_csv(io.BytesIO(files["towers.csv"]))
    assert towers["tower_id"].str.startswith("SYN-").all()
    assert towers["programme"].str.startswith("synthetic_").all()
    assert (towers["citation"] == "SYNTHETIC").all()


def test_the_death_file_has_the_layout_and_the_words_of_the_publisher(files, deaths, real_data):
    published = real_data / "deaths" / "ogis_migrant_deaths_2024-10.csv"
    header = published.read_text("utf-8-sig").splitlines()[0]
    assert files["deaths.csv"].decode().splitlines()[0] == header
    real = pd.read_csv(published, dtype=str, keep_default_na=False)
    for column in ("Location Precision", "Post Mortem Interval", "Body Condition", "Sex"):
        assert set(deaths[column]) <= set(real[column]) | {""}, column


def test_every_broken_row_is_found_and_every_other_row_is_kept(read, tiny, small_world, deaths):
    true = synthetic.truth(tiny, small_world)
    reading, broken = read["deaths"], true["broken"]
    assert true["rows"] == len(deaths) == reading.counts["read"]
    found = reading.quarantine.groupby("field").size()
    assert found.to_dict() == {
        "Reporting Date": broken["date that does not exist"]
        + broken["date that is no date"]
        + broken["date in the future"],
        "Latitude": broken["latitude and longitude exchanged"]
        + broken["coordinate that is no number"],
        "Longitude": broken["longitude without its sign"],
        "ML Number": broken["key of an earlier row"],
    }
    fitted = sources.fit(
        reading.records, tiny.bounds_lonlat, tiny.periods[0].start, tiny.periods[-1].end
    )
    why = fitted["exclusion_reason"].value_counts()
    assert why[fitting.PLACEHOLDER] == true["offices"]
    assert why[fitting.CONTRADICTED] == broken["positions that contradict each other"]
    assert why[fitting.NO_DATE] == broken["no date"]
    assert why[fitting.OUTSIDE_AREA] == (
        broken["place outside the area"] + broken["coordinates of zero"]
    )
    early = (reading.records["found_on"] < pd.Timestamp(tiny.periods[0].start)).sum()
    assert early == true["earlier_rows"]
    assert set(fitted["precision_class"]) == {
        *("gps", "address", "directions", "vague", "moved", "none", "placeholder")
    }
    DEATHS.validate(reading.records)


def test_recorded_places_and_dates_are_as_far_off_as_their_class_says(tiny, small_world):
    drawn = synthetic.draw(small_world, np.random.default_rng(3))
    where, record = drawn.truth, drawn.recorded
    off = np.hypot(where["x"] - record["x"], where["y"] - record["y"])
    worst = off.groupby(record["precision"]).max()
    assert worst["gps"] <= 100
    assert 300 < worst["directions"] <= 2_000
    assert 2_000 < worst["vague"] <= 15_000
    assert (record["found_on"] >= where["died_on"]).all()
    waited = (record["found_on"] - where["died_on"]).dt.days
    assert waited[record["pmi"] == 0].max() < 1
    assert waited[record["pmi"] == 6].min() >= 244
    assert (where["died_on"].dt.year == where["year"]).all()
    gps = (record["precision"] == "gps").groupby(where["year"] < 2012).mean()
    assert gps[False] > gps[True]
    corridors = small_world.land.corridors
    spots = gpd.GeoSeries(gpd.points_from_xy(where["x"], where["y"]), crs=corridors.crs)
    home = corridors.geometry.iloc[where["corridor"]].reset_index(drop=True)
    # a cell belongs to the corridor of its centre, so a spot in it may lie just outside
    assert spots.distance(home).max() <= tiny.grid.resolution_m


def test_towers_read_back_with_their_odd_ones(read, tiny, small_world):
    towers = read["towers"].records
    TOWERS.validate(towers)
    assert read["towers"].quarantine.empty
    status = synthetic.truth(tiny, small_world)["towers"]
    assert towers["status"].value_counts().to_dict() == status
    assert status["replaced"] == 1
    new = towers[towers["replaces"].notna()]
    old = towers[towers["tower_id"].isin(new["replaces"])]
    assert list(old["status"]) == ["replaced"]
    assert old.geometry.iloc[0].equals(new.geometry.iloc[0])
    built = towers[towers["status"] == "deployed"]
    assert built["active_from_earliest"].isna().sum() == 1
    controls = towers["status"].isin(["planned", "cancelled"])
    assert controls.any()
    assert towers.loc[controls, "active_from_latest"].isna().all()


@pytest.mark.slow
def test_the_earlier_file_was_revised_at_the_real_rates(built_in, tmp_path):
    sample = built_in("sample")
    whole = synthetic.source_files(sample)
    readings = []
    for name in ("deaths_earlier.csv", "deaths.csv"):
        path = tmp_path / name
        path.write_bytes(whole[name])
        readings.append(sources.read(path, role="deaths", source_id="made-up").records)
    found = sources.revision(*readings)
    assert readings[0]["found_on"].max() < readings[1]["found_on"].max() - pd.Timedelta(days=1_000)
    for share, changed in (
        (earlier.LATE, found.added_late),
        (earlier.GONE, found.removed),
        (earlier.MOVED, found.moved),
        (earlier.RECLASSIFIED, found.reclassified),
    ):
        expected = share * found.before
        assert abs(changed - expected) <= 4 * np.sqrt(expected) + 1
    assert (found.redated, found.identified) == (0, 0)
