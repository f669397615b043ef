"""A page whose exposure is by programme zones shows zones, names them, and claims no tower."""

from __future__ import annotations

import re

import geopandas as gpd
from madeup import inputs
from madeup_tables import BOUNDS, tables
from shapely.geometry import box

import maps
from geo.records import TABLES


def zoned() -> maps.MapInputs:
    """Return the made-up map without towers, with a zone of the second period and a legacy one."""
    common = {
        "source_id": "z", "programme": "ift", "span_low_km": 20.0, "span_high_km": 30.0,
        "depth_low_km": 10.0, "depth_high_km": 30.0, "shift_km": 5.0, "side": "north",
        "extent": "assumed", "extent_of": "span", "citation": "report, p. 3", "confirmations": 1,
    }  # fmt: skip
    rows = [
        common | {"zone_id": "a", "source_row": 1, "name": "New zone",
                  "active_from_earliest": "2007-07-01", "active_from_latest": "2008-02-01"},
        common | {"zone_id": "b", "source_row": 2, "name": "Old zone",
                  "active_from_earliest": "1996-01-01", "active_from_latest": "2004-09-30"},
    ]  # fmt: skip
    west, south, east, _ = BOUNDS
    shapes = [box(west, south, west + 0.4, south + 0.2), box(east - 0.4, south, east, south + 0.2)]
    table = TABLES["zones"].conform(gpd.GeoDataFrame(rows, geometry=shapes, crs=4326))
    own = {n: t for n, t in tables().items() if n not in ("towers", "coverage_by_corridor_year")}
    coverage = TABLES["coverage_by_corridor_year"].conform(
        [{"corridor": "a", "year": 2010, "exposure": "zones", "area_share": 0.1, "dose": 0.2,
          "row_id": "cov-1", "parents": "study"}]
    )  # fmt: skip
    rasters = {n: r for n, r in inputs().rasters.items() if n == "relief"}
    return inputs(
        tables=own | {"zones": table, "coverage_by_corridor_year": coverage}, rasters=rasters
    )


def test_the_page_draws_zones_and_never_counts_towers_that_are_not_there() -> None:
    html = maps.page(zoned())
    assert "Programme zones, not towers" in html
    assert "older than the study&#39;s first tower: not counted" in html
    assert "Inside programme zones, by corridor and year" in html
    assert "1 programme zones were at work. No towers were given." in html
    assert 'value="towers" checked> Programme zones, not towers<' in html
    assert "Towers (and perhaps)" not in html
    assert not re.search(r"\b0 towers", html)


def test_the_still_picture_draws_them_too() -> None:
    assert maps.picture(zoned())[:8] == b"\x89PNG\r\n\x1a\n"
