"""On the real records: nearly every one stands in a symbol that a reader can see and read."""

from __future__ import annotations

import io
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import maps
from geo import sources
from geo.evidence import Findings, public_tables
from geo.records import TABLES
from geo.study import parse
from maps import lettering, locator, orientation

pytestmark = [pytest.mark.real, pytest.mark.browser]

LEAST_SHOWN = 0.95
BARE = "off=towers.sites.places.corridors"
DEATH = np.array([107, 18, 48])


def test_each_step_shows_nearly_every_record(
    real_data: Path, chromium: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = parse(files("data").joinpath("studies/arizona.toml").read_text(), "arizona")
    path = real_data / "deaths" / "ogis_migrant_deaths_2024-10.csv"
    read = sources.read(path, role="deaths", source_id="ogis-deaths", as_of=study.as_of)
    first, last = study.periods[0].start, study.periods[-1].end
    deaths = sources.fit(read.records, study.bounds_lonlat, first, last)
    findings = Findings(study, "r", "c", {"deaths": deaths})
    made = {k: v for k, v in public_tables(findings).items() if k in TABLES}
    page_path = tmp_path / "arizona.html"
    page_path.write_text(maps.page(maps.MapInputs(study, "r", "c", study.as_of, made)), "utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
    lines = []
    blocks = made["deaths_by_cell_block"]
    for block in sorted(blocks["block"].unique()):
        page.goto(f"{page_path.as_uri()}#period={block}&{BARE}")
        page.reload()
        page.wait_for_selector("html[data-ready]", state="attached")
        share = shown_share(page, deaths, blocks[blocks["block"] == block])
        lines.append(f"{block}: {share:.1%} of the records of the block can be seen")
        assert share >= LEAST_SHOWN
    page.close()
    with capsys.disabled():
        print("\n" + "\n".join(lines))


def test_real_places_find_their_place_on_the_map(real_data: Path) -> None:
    study = parse(files("data").joinpath("studies/arizona.toml").read_text(), "arizona")
    given = {
        "places": "places_geonames.csv",
        "roads": "tl_2021_04_prisecroads.shp",
        "border": "usmx84.zip",
        "areas": "az_counties_plotly_fips.geojson",
    }
    found = {
        role: sources.read(real_data / "boundaries" / name, role=role, source_id=role).records
        for role, name in given.items()
    }
    tables = {
        "places": found["places"],
        "areas": found["areas"],
        "lines": TABLES["lines"].conform(pd.concat([found["border"], found["roads"]])),
    }
    inputs = maps.MapInputs(study, "r", "c", study.as_of, tables)
    names = orientation.labels(inputs)
    assert [n["name"] for n in names if n["kind"] == "town"][:2] == ["Phoenix", "Tucson"]
    assert {"Pima County", "Cochise County"} <= {n["name"] for n in names}
    assert {"I-10", "I-19", "SR 85"} <= {n.text for n in lettering.names(inputs)}
    where = locator.locator(inputs)
    assert where
    assert where.border
    assert orientation.told(inputs, located=True) == (
        "No protected land, no tribal land: the study names no source."
    )


def shown_share(page: Any, deaths: Any, rows: Any) -> float:
    """Return the share of a block's records whose cell has a symbol that is drawn and read."""
    during = deaths["found_on"].dt.year.between(rows["first_year"].min(), rows["last_year"].max())
    reason = deaths["exclusion_reason"]
    here = deaths[during & ~reason.eq("outside the area")]
    # blocks count the whole file: what a study's periods leave out is shown all the same
    shown = here["exclusion_reason"].isna() | here["exclusion_reason"].eq("outside the periods")
    placed = here[shown].sjoin(rows[["cell_id", "geometry"]])
    centres = rows.set_index("cell_id").geometry.representative_point()
    drawn = seen_symbols(page, {k: [p.y, p.x] for k, p in centres.items()})
    return placed["cell_id"].isin(drawn).sum() / len(here)


def seen_symbols(page: Any, centres: dict[str, list[float]]) -> list[str]:
    """Return the cells at whose centre the screen really has the colour of a symbol."""
    address = dict(part.split("=") for part in page.evaluate("location.hash")[1:].split("&"))
    lat, lon, zoom = (float(v) for v in address["view"].split("_"))
    picture = Image.open(io.BytesIO(page.locator("#map_main").screenshot())).convert("RGB")
    pixels = np.asarray(picture).astype(int)
    middle = world(lat, lon, zoom)
    found = []
    for cell, place in centres.items():
        across, down = world(*place, zoom) - middle + np.array(picture.size) / 2
        if 0 <= across < picture.width and 0 <= down < picture.height:
            colour = pixels[int(down), int(across)]
            if np.abs(colour - DEATH).sum() < 90:
                found.append(cell)
    return found


def world(lat: float, lon: float, zoom: float) -> np.ndarray[Any, Any]:
    """Return the place of a point on the world's Web Mercator picture [pixel]."""
    up = math.asinh(math.tan(math.radians(lat))) / math.pi
    return np.array([(lon / 360 + 0.5), (1 - up) / 2]) * 256 * 2**zoom
