"""Studies that `check` refuses, each with the words that must come."""

from __future__ import annotations

import numpy as np
import pandas as pd
from broken_studies import (
    EAST,
    LINE,
    NORTH,
    NOTHING,
    RULE,
    SOUTH,
    WEST,
    Change,
    add_twice,
    bands,
    both,
    cut,
    deaths,
    file,
    flux_tower,
    line,
    more,
    towers,
)
from shapely.geometry import Point, box

REFUSED: dict[str, tuple[str, Change]] = {
    "unknown-walker": ("walker 'giant' is unknown", lambda b: b.set("walkers", '["giant"]')),
    "unknown-strata": (
        "strata names nowhere, which is no corridor",
        lambda b: b.set("bins", '3\nstrata = { nowhere = "a" }'),
    ),
    "too-deep": ("crossing_depth_m = 27000", lambda b: b.set("crossing_depth_m", "60000")),
    "ensemble-on-one-cell": (
        "on its cells, 2 by 1 for the whole area, no corridor lies in the study's area",
        lambda b: (b.set("ensemble_m", "50000"), b.set("crossing_depth_m", "15000\nmembers = 2")),
    ),
    "published-cells-wider-than-the-area": (
        "surfaces would be published on cells of 1000 km",
        more("\n[privacy]\nsurface_cell_m = 1000000\n"),
    ),
    "before-towers-backwards": (
        "pre_tower must end after it starts",
        lambda b: b.set("pre_tower", "[2017-01-01, 2014-01-01]"),
    ),
    "wrong-crs": ("use EPSG:32635", lambda b: b.set("crs", '"EPSG:32612"')),
    "as-of-too-early": ("after the study's as_of", lambda b: b.set("as_of", "2016-06-01")),
    "rule-of-no-corridor": (
        "the corridor 'nowhere', which has no polygon",
        more(RULE.format(area='corridor = "nowhere"')),
    ),
    "area-of-a-point": (
        "border line does not cross",
        lambda b: b.set("bounds_lonlat", "[26.2, 41.0, 26.2001, 41.0001]"),
    ),
    "planted-like-nothing": (
        "none of its 240 records can be used",
        both(
            lambda b: b.table("deaths", deaths(precision_class="none")),
            more("\n[planted]\nrate_ratio = 2.0\n"),
        ),
    ),
    "deaths-empty": ("no row", lambda b: b.table("deaths", deaths(0))),
    "deaths-without-latitude": (
        "latitude",
        lambda b: b.table("deaths", deaths().drop(columns="latitude")),
    ),
    "deaths-elsewhere": (
        "none of its 240 records can be used: outside the area (240)",
        lambda b: b.table("deaths", deaths(latitude=46.0)),
    ),
    "deaths-outside-the-periods": (
        "outside the periods (240)",
        lambda b: b.table("deaths", deaths(found_on="2001-05-06")),
    ),
    "deaths-of-the-future": (
        "after the study's as_of",
        lambda b: b.table("deaths", deaths(found_on="2029-05-06")),
    ),
    "deaths-twice": ("the same file as my-deaths", add_twice),
    "deaths-binary": ("binary", file("deaths", "deaths.csv", bytes(range(256)) * 20)),
    "towers-of-no-programme": (
        "whose height and range are not known: martian (2)",
        lambda b: b.table("towers", towers(programme="martian", range_m=None)),
    ),
    "towers-empty": ("no row", lambda b: b.table("towers", towers().iloc[:0])),
    "towers-without-latitude": (
        "latitude",
        lambda b: b.table("towers", towers().drop(columns="latitude")),
    ),
    "border-elsewhere": (
        "border line does not cross",
        lambda b: b.shapes("border", [line((0, 50), (1, 50))]),
    ),
    "border-elsewhere-nobody-walks": (
        "border line does not cross",
        lambda b: (b.shapes("border", [line((0, 50), (1, 50))]), b.drop("towers")),
    ),
    "border-empty": ("no shape in it can be used", file("border", "border.geojson", NOTHING)),
    "border-of-areas": (
        "another kind of shape",
        lambda b: b.shapes("border", [box(WEST, SOUTH, EAST, LINE)]),
    ),
    "border-missing": ("has no border line", lambda b: b.drop("border")),
    "border-at-a-corner": (
        "border line does not cross",
        lambda b: b.shapes(
            "border", [line((WEST - 0.1, SOUTH + 5e-4), (WEST + 5e-4, SOUTH - 0.1))]
        ),
    ),
    "border-is-a-table": ("no vector file", file("border", "border.csv", "a,b\n1,2\n")),
    "border-in-water": (
        "it lies on a barrier, such as water",
        lambda b: b.cover(lambda _x, y: np.where((y > 33) & (y < 40), 80, 60)),
    ),
    "roads-elsewhere": (
        "no road and no settlement lies in the study's area",
        lambda b: b.shapes("roads", [line((0, 50), (1, 50))]),
    ),
    "roads-empty": ("no shape in it can be used", file("roads", "roads.geojson", NOTHING)),
    "roads-on-the-border": (
        "no road and no settlement lies 15 km or more",
        lambda b: b.shapes("roads", [line((WEST, LINE), (EAST, LINE))]),
    ),
    "roads-behind-water": (
        "a barrier, or ground without elevation, lies between",
        lambda b: b.cover(lambda _x, y: np.where((y > 20) & (y < 30), 80, 60)),
    ),
    "towns-without-names": (
        "no shape in it can be used",
        lambda b: b.table(
            "places", pd.DataFrame({"name": [""], "latitude": [41.1], "longitude": [26.2]})
        ),
    ),
    "corridors-elsewhere": (
        "no corridor lies in the study's area",
        lambda b: b.shapes("corridors", [box(n, 50, n + 1, 51) for n in range(3)]),
    ),
    "corridors-elsewhere-nobody-walks": (
        "no corridor lies in the study's area",
        lambda b: (b.shapes("corridors", [box(0, 50, 1, 51)]), b.drop("towers")),
    ),
    "corridors-of-points": (
        "no shape in it can be used",
        lambda b: b.shapes("corridors", [Point(26.1, 41.0)]),
    ),
    "corridors-without-names": (
        "no name",
        lambda b: b.shapes("corridors", bands(4), name=[None] * 4),
    ),
    "corridors-in-water": (
        "no corridor holds ground that can be walked on",
        lambda b: (
            b.shapes("corridors", [box(WEST, NORTH - 0.1, WEST + 0.1, NORTH)]),
            b.cover(lambda x, y: np.where((x < 22) & (y < 22), 80, 60)),
        ),
    ),
    "elevation-void": (
        "has a height",
        lambda b: b.raster("elevation", lambda x, _y: -9999 + 0 * x),
    ),
    "elevation-elsewhere": (
        "covers 0% of the study's area",
        lambda b: b.raster("elevation", lambda x, _y: x, area=(0, 50, 1, 51)),
    ),
    "elevation-void-at-the-border": (
        "no elevation is known there",
        lambda b: b.raster("elevation", lambda _x, y: np.where(y > 30, -9999, 300)),
    ),
    "elevation-cut-off": ("cut off or damaged", cut),
    "elevation-without-crs": (
        "does not say its CRS",
        lambda b: b.raster("elevation", np.add, crs=None),
    ),
    "elevation-is-text": ("no raster", file("elevation", "elevation.tif", "heights")),
    "cover-of-another-legend": (
        "do not fit the stated legend nlcd",
        lambda b: b.cover(lambda x, _y: np.choose(x % 3, [20, 30, 60]), 'legend = "nlcd"\n'),
    ),
    "cover-of-no-legend": (
        "do not fit any legend",
        lambda b: b.cover(lambda x, _y: 177 + 0 * x, ""),
    ),
    "weather-of-a-winter": (
        "give all twelve",
        file("climate", "w.txt", flux_tower(range(1, 3)), "place = [26.2, 41.0, 200.0]\n"),
    ),
    "weather-of-nowhere": ("place =", file("climate", "w.txt", flux_tower(range(1, 13)))),
    "zones-without-columns": ("every zone needs", lambda b: b.shapes("zones", [Point(26.2, LINE)])),
    "covariates-of-no-layout": ("corridor", file("covariates", "c.csv", "a,b\n1,2\n")),
    "crosscheck-of-no-layout": (
        "no cell of the first row (2) is a title that is known",
        file("crosscheck", "c.csv", "a,b\n1,2\n"),
    ),
    "vintage-of-nobody": (
        "vintage_of names no deaths",
        file("vintage", "v.csv", "x", 'vintage_of = "nobody"\n'),
    ),
}
EVERY_DAY = (
    "unknown-walker", "deaths-elsewhere", "deaths-twice", "border-empty",
    "corridors-elsewhere-nobody-walks",
)  # fmt: skip
"""Those of them that `make test` asks; `make attack` asks every one."""
