"""`funnel new` writes a study of any land border that parses, and that `check` accepts."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import from_bounds
from shapely.geometry import LineString

from flows.cli.app import main
from flows.cli.new import scaffold
from flows.cli.study_template import IOM_SINCE, SOURCES, Wanted, study_toml, working_crs
from geo.errors import InputProblems
from geo.study import closed_periods, parse

EVROS = (26.0, 40.6, 27.0, 41.8)
AGADEZ = (7.5, 17.0, 9.0, 19.5)
AS_OF = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("area", "crs"),
    [
        (EVROS, "EPSG:32635"),
        (AGADEZ, "EPSG:32632"),
        ((-114.9, 31.2, -109.0, 33.0), "EPSG:32612"),
        ((28.0, -26.0, 32.0, -22.0), "EPSG:32735"),
    ],
)
def test_crs_is_the_utm_zone_of_the_middle_where_that_keeps_lengths(area, crs):
    assert working_crs(area) == crs
    zone = CRS(crs).area_of_use
    assert zone.west <= (area[0] + area[2]) / 2 <= zone.east


@pytest.mark.parametrize("area", [(27, 40, 26, 41), (0, 0, 30, 10), (10, 80, 12, 88)])
def test_area_no_zone_serves_is_refused_with_a_remedy(area):
    with pytest.raises(InputProblems, match="--area W S E N"):
        working_crs(area)


def test_periods_follow_the_cuts_and_the_first_cut_ends_the_time_before_towers():
    cuts = (date(2017, 3, 1), date(2020, 5, 1))
    text = study_toml(Wanted("evros", EVROS, IOM_SINCE, date(2024, 1, 1), cuts), AS_OF)
    study = parse(text, "evros.toml")
    assert [(p.start, p.end) for p in study.periods] == [
        (IOM_SINCE, cuts[0]),
        (cuts[0], cuts[1]),
        (cuts[1], date(2024, 1, 1)),
    ]
    assert study.pre_tower == (IOM_SINCE, cuts[0])
    assert closed_periods(study) == study.periods
    assert tuple(s.id for s in study.sources) == SOURCES


def test_own_sources_in_the_comments_are_valid_once_uncommented():
    text = study_toml(Wanted("agadez", AGADEZ, IOM_SINCE, date(2024, 1, 1)), AS_OF)
    head, own = text.split("# docs/reference lists the columns.\n#\n")
    opened = "\n".join(line.removeprefix("# ").removeprefix("#") for line in own.splitlines())
    study = parse(head + opened, "agadez.toml")
    roles = {s.role for s in study.sources}
    assert {"deaths", "towers", "border", "roads", "places"} <= roles
    assert tomllib.loads(text)["as_of"] == AS_OF


def test_dates_out_of_order_are_refused():
    wanted = Wanted("evros", EVROS, date(2020, 1, 1), date(2024, 1, 1), (date(2019, 1, 1),))
    with pytest.raises(InputProblems, match="not in order of time"):
        study_toml(wanted, AS_OF)


def test_questions_are_asked_where_there_is_a_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answers = iter(["7.5, 17, 9, 19.5", "2015-01-01", "", "2019-06-01"])
    path = scaffold("agadez", None, None, None, None, 90.0, lambda _question: next(answers))
    study = parse(path.read_text("utf-8"), "agadez.toml")
    assert study.bounds_lonlat == AGADEZ
    assert study.periods[0].start == date(2015, 1, 1)
    assert study.pre_tower[1] == date(2019, 6, 1)
    assert study.grid.resolution_m == 90


@pytest.mark.parametrize(
    ("answers", "said"), [(["here"], "no area"), (["26 40.6 27 41.8", "soon"], "no date")]
)
def test_answers_that_make_no_study_are_refused(tmp_path, monkeypatch, answers, said):
    monkeypatch.chdir(tmp_path)
    given = iter(answers)
    with pytest.raises(InputProblems, match=said):
        scaffold("mine", None, None, None, None, 30.0, lambda _question: next(given))
    assert not list(tmp_path.iterdir())


def hills(path, area):
    """Made-up relief over an area, a hundredth of a degree a cell."""
    west, south, east, north = area
    width, height = round((east - west) * 100) + 40, round((north - south) * 100) + 40
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    values = (300 + 80 * np.sin(x / 9) * np.cos(y / 7)).astype(np.float32)
    margin = from_bounds(west - 0.2, south - 0.2, east + 0.2, north + 0.2, width, height)
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=1,
        dtype="float32", crs="EPSG:4326", transform=margin, nodata=-9999,
    ) as out:  # fmt: skip
        out.write(values, 1)


@pytest.fixture
def funnel(tmp_path, monkeypatch, capsys):
    """The command line in this process, in a folder and a home of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FUNNEL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FUNNEL_LOCAL_DATA", raising=False)

    def call(*words: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as left:
            main(list(words))
        out, err = capsys.readouterr()
        assert left.value.code == code, out + err
        return " ".join((out + err).split())

    return call


@pytest.mark.slow
@pytest.mark.parametrize(("name", "area"), [("evros", EVROS), ("agadez", AGADEZ)])
def test_a_new_study_passes_check_once_elevation_is_there(funnel, tmp_path, name, area):
    assert f"{name}.toml" in funnel("new", name, "--area", *map(str, area), "--to", "2024-01-01")
    hills(tmp_path / "hills.tif", area)
    # what the network would have brought: a border and a town to walk to
    west, south, east, north = area
    middle, deep = (west + east) / 2, west + 0.9 * (east - west)
    line = LineString([(middle, south - 0.1), (middle, north + 0.1)])
    gpd.GeoDataFrame(geometry=[line], crs=4326).to_file(tmp_path / "border.geojson")
    (tmp_path / "towns.csv").write_text(
        f"name,latitude,longitude\nMADE UP,{(south + north) / 2},{deep}\n"
    )
    text = Path(f"{name}.toml").read_text("utf-8")
    for role, file in (("border", "border.geojson"), ("places", "towns.csv")):
        text += f'\n[[sources]]\nid = "my-{role}"\nrole = "{role}"\nfile = "{file}"\n'
    Path(f"{name}.toml").write_text(text, "utf-8")
    said = funnel("check", f"{name}.toml", "--offline", "--elevation", "hills.tif")
    assert "no problem found" in said
    assert "esa-worldcover" in said
    assert "iom-missing-migrants" in said


def test_a_new_study_without_elevation_names_it_and_a_second_one_is_refused(funnel):
    words = ("new", "west", "--area", "-110", "31", "-109", "32", "--to", "2024-01-01",
             "--periods", "2016-01-01", "2019-01-01")  # fmt: skip
    funnel(*words)
    study = parse(Path("west.toml").read_text("utf-8"), "west.toml")
    assert len(study.periods) == 3
    assert "copernicus-glo30" in funnel("check", "west.toml", "--offline", code=2)
    assert "there already" in funnel(*words, code=2)
    assert "--area" in funnel("new", "nowhere", code=2)
    assert "pattern" in funnel("new", "My Study", "--area", "0", "0", "1", "1", code=2)
    assert "built-in" in funnel("new", "tiny", "--area", "0", "0", "1", "1", code=2)


def test_completion_can_be_installed_for_a_shell(funnel, tmp_path):
    script = tmp_path / "funnel.bash"
    funnel("--install-completion", "--shell", "bash", "--output", str(script))
    words = script.read_text("utf-8")
    assert "preregister" in words
    assert "--elevation" in words
