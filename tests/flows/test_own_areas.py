"""Another border from `funnel new` to a verified bundle: all files are made up here and say so."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, box
from test_new import hills

PLACES = {
    "evros": ((26.0, 40.9, 26.6, 41.3), "EPSG:32635"),
    "agadez": ((7.9, 17.6, 8.5, 18.0), "EPSG:32632"),
    "south-of-the-line": ((29.7, -22.6, 30.3, -22.2), "EPSG:32735"),
}
OWN = """
[[sources]]
id = "made-up-{role}"
role = "{role}"
file = "{file}"
"""


def made_up(folder, area):
    """Write relief, records, towers, border, road and corridors over an area."""
    west, south, east, north = area
    rng = np.random.default_rng(7)
    hills(folder / "hills.tif", area)
    far = 0.05
    x = rng.uniform(west + far, east - far, 400)
    y = rng.uniform(south + far, north - far, 400)
    found = pd.to_datetime("2014-01-05") + pd.to_timedelta(rng.integers(0, 3_600, 400), unit="D")
    pd.DataFrame({"SYNTHETIC": range(400), "found_on": found.date, "latitude": y, "longitude": x,
                  "precision_class": "gps"}).to_csv(folder / "deaths.csv", index=False)  # fmt: skip
    pd.DataFrame(
        {
            "tower_id": ["SYN-1", "SYN-2"],
            "programme": "synthetic",
            "status": "active",
            "latitude": (south + north) / 2,
            "longitude": [west + 0.2, west + 0.3],
            "height_m": 30,
            "range_m": 8000,
            "active_from": ["2017-03-01", "2018-05-01"],
            "citation": "SYNTHETIC",
        }
    ).to_csv(folder / "towers.csv", index=False)
    shapes = {
        "border": [LineString([(west, south + far), (east, south + far)])],
        "roads": [LineString([(west, north - far), (east, north - far)])],
        "corridors": [
            box(west + n * (east - west) / 6, south, west + (n + 1) * (east - west) / 6, north)
            for n in range(6)
        ],
    }
    for name, geometry in shapes.items():
        frame = gpd.GeoDataFrame(
            {"name": [f"SYNTHETIC {n}" for n in range(len(geometry))]},
            geometry=geometry,
            crs=4326,
        )
        frame.to_file(folder / f"{name}.geojson")
    held = [
        (f"SYNTHETIC {corridor}", year, name, rng.integers(100, 900), "made up")
        for name, first in (("agents", 0), ("fence", 1))
        for corridor in range(first, 6)
        for year in range(2000, 2026)
    ]
    columns = ["corridor", "year", "name", "value", "citation"]
    pd.DataFrame(held, columns=columns).to_csv(folder / "covariates.csv", index=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [n if n == "evros" else pytest.param(n, marks=pytest.mark.attack) for n in PLACES]
)
def test_a_border_anywhere_runs_from_a_new_study_to_a_verified_bundle(make_funnel, name):
    area, crs = PLACES[name]
    funnel = make_funnel(f"own-{name}")
    funnel(
        "new", name, "--area", *map(str, area), "--to", "2024-01-01", "--resolution", "500",
        "--periods", "2017-01-01",
    )  # fmt: skip
    study = funnel.folder / f"{name}.toml"
    text = study.read_text("utf-8")
    assert f'crs = "{crs}"' in text
    made_up(funnel.folder, area)
    tables = ("deaths", "towers", "covariates")
    files = {r: f"{r}.csv" for r in tables}
    files |= {r: f"{r}.geojson" for r in ("border", "roads", "corridors")}
    own = "".join(OWN.format(role=r, file=f) for r, f in files.items())
    text = text.replace("exploratory = false", "permutations = 199\nimputations = 2")
    text = text.replace("[movement]\n", "[movement]\nmembers = 2\n")
    assert re.search(r"\ncrossing_depth_m = 1[3-5]000\n", text), "a third of some 44 km"
    words = (f"{name}.toml", "--offline", "--elevation", "hills.tif")
    deep = re.sub(r"crossing_depth_m = \d+", "crossing_depth_m = 60000", text)
    study.write_text(deep + own, "utf-8")
    shallow = funnel("check", *words, code=2).stderr
    assert "movement.crossing_depth_m = 3" in shallow, "the depth that would fit, some 33 km"
    study.write_text(text + own, "utf-8")
    assert "no problem found" in funnel("check", *words).stderr
    answer = json.loads(funnel("run", *words, "--plain", "--json").stdout)
    assert answer["headline"]
    assert answer["skipped"], "land cover was not given, and that must be said"
    assert json.loads(funnel("verify", "latest", "--json").stdout)["problems"] == []
    traced = funnel("explain", "latest", "R9.agents").stdout
    assert "Border Patrol agents by corridor" not in traced, "the table was given"
    assert "no value for SYNTHETIC 0 in" in funnel("explain", "latest", "R9.fence").stdout
    assert len(pd.read_csv(funnel.bundle(name) / "tables" / "covariates.csv")) == 26 * 11
    towers = pd.read_csv(funnel.bundle(name) / "tables" / "towers.csv")
    assert len(towers) == 2
    says_range(funnel, name, words)


def says_range(funnel, name, words):
    """Cells of 500 m are too coarse for lines of sight: that is said everywhere, and caps."""
    bundle = funnel.bundle(name)
    coverage = pd.read_csv(bundle / "tables" / "coverage_by_corridor_year.csv")
    assert set(coverage["exposure"]) == {"range"}
    assert 0 < coverage["area_share"].max() <= 0.45, "a thinned disc, of two towers at most"
    for page in ("index.html", "memo/report.html", "maps/funnel.html"):
        assert "not viewshed" in (bundle / page).read_text("utf-8"), page
    assert "range, not viewshed" in funnel("run", *words, "--plan").stderr
    assert not list((bundle / "rasters").glob("*in_view*")), "a disc is no surface of a view"
    estimates = pd.read_csv(bundle / "tables" / "estimates.csv")
    assert set(estimates["claim_level"].dropna()) <= {"L0", "L1"}
    refused = estimates[estimates["analysis"] == "in_view.all"]["sentence"]
    assert refused.str.contains("range, not viewshed").all()


def test_check_looks_for_destinations_on_the_side_that_a_run_will_take(make_funnel):
    """Strips lie where most records lie; a road on the other side is no way out of them."""
    area, _ = PLACES["evros"]
    west, south, east, north = area
    funnel = make_funnel("one-sided")
    funnel("new", "one-sided", "--area", *map(str, area), "--to", "2024-01-01",
           "--resolution", "500", "--periods", "2017-01-01")  # fmt: skip
    made_up(funnel.folder, area)
    middle = (south + north) / 2
    at = {"border": middle, "roads": north - 0.02}
    for name, lat in at.items():
        line = gpd.GeoDataFrame(geometry=[LineString([(west, lat), (east, lat)])], crs=4326)
        line.to_file(funnel.folder / f"{name}.geojson")
    files = {"deaths": "deaths.csv", "towers": "towers.csv"} | {r: f"{r}.geojson" for r in at}
    own = "".join(OWN.format(role=r, file=f) for r, f in files.items())
    study = funnel.folder / "one-sided.toml"
    text = re.sub(r"crossing_depth_m = \d+", "crossing_depth_m = 10000", study.read_text("utf-8"))
    study.write_text(text + own + '\n[corridors]\nfrom = "strips"\nstrip_km = 10\n', "utf-8")
    records = pd.read_csv(funnel.folder / "deaths.csv")
    words = ("check", "one-sided.toml", "--offline", "--elevation", "hills.tif")
    for side, code in (("north", 0), ("south", 2)):
        way = 1 if side == "north" else -1
        records["latitude"] = middle + way * (records["latitude"] - middle).abs()
        records.to_csv(funnel.folder / "deaths.csv", index=False)
        said = funnel(*words, code=code).stderr
    assert "no road and no settlement lies 10 km or more from the border" in said
    assert "only that side counts" in said
