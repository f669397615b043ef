"""Borders of other directions, from `funnel new` to a verified bundle, on real land and records.

`make real` runs them to their end; `make test` checks one, and runs one that is made up
(`test_own_areas.py`).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from geo.study import parse

SOURCES = """
[[sources]]
id = "own-incidents"
role = "deaths"
file = "FOLDER/deaths/iom_json"

[[sources]]
id = "own-land"
role = "elevation"
file = "FOLDER/terrain/dted0"

[[sources]]
id = "own-border"
role = "border"
file = "FOLDER/boundaries/land_borders_ne10m.geojson"

[[sources]]
id = "own-places"
role = "places"
file = "FOLDER/boundaries/places_geonames.csv"

[corridors]
strip_km = 30
"""
BORDERS = {
    "evros": ((26.0, 40.7, 26.95, 41.75), 4),
    "belarus-poland": ((23.1, 51.9, 24.4, 53.2), 4),
}


@pytest.mark.real
@pytest.mark.attack
@pytest.mark.parametrize("name", BORDERS)
def test_a_north_south_border_runs_from_a_new_study_to_a_verified_bundle(
    make_funnel, real_data, name
):
    area, least = BORDERS[name]
    funnel = make_funnel(f"border-{name}")
    funnel("new", name, "--area", *map(str, area), "--to", "2024-01-01", "--resolution", "2000")
    study = funnel.folder / f"{name}.toml"
    text = study.read_text("utf-8")
    head, tail = text.split("# Sources: keys of the catalogue")
    assert 'id = "natural-earth-borders"' in tail
    head = re.sub(r"crossing_depth_m = \d+", "crossing_depth_m = 15000", head)
    head = head.replace("exploratory = false", "exploratory = false\npermutations = 199")
    study.write_text(head + SOURCES.replace("FOLDER", str(real_data.resolve())), "utf-8")
    said = funnel("check", f"{name}.toml", "--offline").stderr
    plain = " ".join(said.split())
    assert "strips of about 30 km of border each, perpendicular to the line" in plain
    assert "no record is placed by GPS or address (precision is assumed" in plain
    assert "no problem found" in plain
    answer = json.loads(funnel("run", f"{name}.toml", "--offline", "--plain", "--json").stdout)
    assert "Recorded recoveries" in answer["headline"], "described, not tested"
    assert answer["claim_level"] == "L0"
    assert json.loads(funnel("verify", "latest", "--json").stdout)["problems"] == []
    tables = funnel.bundle(name) / "tables"
    corridors = pd.read_csv(tables / "corridors.csv")
    assert len(corridors) >= least
    assert set(corridors["basis"]) == {"strips"}
    # strips follow each other along the line, from south to north
    along = corridors.sort_values("corridor")["latitude_deg"]
    assert along.is_monotonic_increasing or along.is_monotonic_decreasing
    basis = pd.read_csv(tables / "corridor_basis.csv")
    assert "perpendicular to the line" in basis["sentence"].iloc[0]
    counts = pd.read_csv(tables / "counts.csv").query("source_id == 'own-incidents'")
    by_step = counts.groupby("step")["records"].sum()
    assert by_step["used"] > 0


EXAMPLES = Path(__file__).parents[2] / "docs" / "howto" / "borders"


def test_the_how_tos_example_studies_are_valid_and_offline_files_come_first():
    found = sorted(EXAMPLES.glob("*.toml"))
    assert [p.stem for p in found] == ["belarus-poland", "evros", "rio-grande", "sahara"]
    for path in found:
        study = parse(path.read_text("utf-8"), path.name, lambda name: name)
        assert study.name == path.stem
        assert study.inference.exploratory
        assert study.source("towers") is None
        assert study.source("elevation").file == "terrain/dted0"


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["sahara", *(pytest.param(n, marks=pytest.mark.attack) for n in ("evros", "rio-grande"))],
)
def test_an_example_is_checked_offline_and_says_what_it_cannot_tell(make_funnel, real_data, name):
    funnel = make_funnel(f"example-{name}")
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    (funnel.folder / f"{name}.toml").write_text(text, "utf-8")
    said = funnel("check", f"{name}.toml", "--offline", FUNNEL_LOCAL_DATA=str(real_data)).stderr
    plain = " ".join(said.split())
    assert "no problem found" in plain
    assert "corridors hold the 20 persons" in plain
    assert ("no crossing can be modelled" in plain) == (name == "sahara")
