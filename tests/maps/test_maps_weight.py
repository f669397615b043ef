"""What the bytes of a page weigh, and whom they do not give away."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from madeup import CRS, inputs, ridges, study
from madeup_tables import BOUNDS, conform, death_cells, tables
from PIL import Image
from shapely.geometry import LineString

import maps
from geo.evidence import Findings, public_tables
from geo.records import TABLES
from maps import shapes, surfaces

MB = 1_000_000


@pytest.mark.slow
def test_a_sample_stays_under_its_weight(pages: dict[str, Path]) -> None:
    assert pages["page"].stat().st_size < 1.5 * MB
    assert pages["embed"].stat().st_size < 0.7 * MB


def test_five_thousand_records_stay_under_theirs() -> None:
    cells = death_cells(records=5_000)
    page = maps.page(inputs(tables=tables() | {"deaths_by_cell_block": cells}))
    assert len(page.encode()) < 3 * MB


def test_what_no_reader_sees_weighs_nothing() -> None:
    wide = {side: picture_width(ridges(side)) for side in (2_000, 500)}
    assert wide[2_000] < wide[500] <= 2 * ridges(500).sizes["x"] + 1, "two to a cell, and a rim"
    common = {"source_id": "h", "kind": "highway"}
    west, south = BOUNDS[:2]
    rows = [
        common | {"line_id": name, "source_row": n, "name": name,
                  "geometry": LineString([(west, south), (west + long, south + 0.1234567 * long)])}
        for n, (name, long) in enumerate({"I-8": 0.5, "ramp 7": 0.003}.items(), 1)
    ]  # fmt: skip
    drawn = shapes.lines(inputs(tables={"lines": conform("lines", rows)}), ("highway",))
    assert [f["properties"]["name"] for f in drawn["features"]] == ["I-8"]
    assert drawn["features"][0]["geometry"]["coordinates"][1] == [-112.4, 31.662]


def picture_width(land: xr.DataArray) -> int:
    """Return how wide the shaded relief of a page is [pixel]."""
    picture = surfaces.relief(land, BOUNDS)
    return Image.open(io.BytesIO(base64.b64decode(picture.url.partition(",")[2]))).width


def test_no_record_can_be_found_by_its_position() -> None:
    random = np.random.default_rng(5)
    lon, lat = random.uniform(BOUNDS[0], BOUNDS[2], 400), random.uniform(BOUNDS[1], BOUNDS[3], 400)
    frame = gpd.GeoDataFrame(
        {
            "death_id": [f"d{i:04d}" for i in range(400)], "source_id": "made",
            "source_row": range(1, 401), "pmi_class": "unknown",
            "found_on": ["2009-05-05"] * 399 + ["2010-05-05"],
            "sex": "unknown", "cause_class": "unknown", "precision_class": "gps",
            "identified": False, "persons": 1, "place_ok": True, "date_ok": True,
            "cause_ok": False,
        },
        geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326",
    )  # fmt: skip
    made = public_tables(Findings(study(), "r", "c", {"deaths": TABLES["deaths"].conform(frame)}))
    page = maps.page(inputs(tables={k: v for k, v in made.items() if k in TABLES}))
    assert page.count('"c":[') > 50
    pairs = set(re.findall(r"(-?\d+\.\d+)[,\s]+(-?\d+\.\d+)", page))
    assert len(pairs) > 150
    east, north = gpd.GeoSeries(frame.geometry).to_crs(CRS).get_coordinates().to_numpy().T
    for places in (2, 4, 5, 6):
        for x, y in ((east, north), (lon, lat))[: 1 if places == 2 else 2]:
            said = {(f"{a:.{places}f}", f"{b:.{places}f}") for a, b in zip(x, y, strict=True)}
            assert not pairs & (said | {pair[::-1] for pair in said})
    assert not re.search(r"\bd0\d{3}\b", page)
