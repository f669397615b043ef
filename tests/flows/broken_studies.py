"""Studies that are broken, odd or at odds with themselves, each a change of one small whole one.

Everything is made up. A case of `refused_studies.REFUSED` says which words must come; one of `RUNS`
is a study of which `check` finds nothing wrong, so that a run of it has to end well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from rasterio.transform import from_bounds
from shapely.geometry import LineString, Point, box

AREA = WEST, SOUTH, EAST, NORTH = 26.0, 40.9, 26.4, 41.2
LINE = SOUTH + 0.03
"""Latitude of the border; its road lies as far from the other edge."""
STUDY = """\
name = "{name}"
title = "SYNTHETIC {name}"
as_of = 2026-06-01
seed = 7
crs = "EPSG:32635"
bounds_lonlat = [26.0, 40.9, 26.4, 41.2]
walkers = ["adult-light"]
pre_tower = [2014-01-01, 2017-01-01]

[grid]
resolution_m = 1000
ensemble_m = 1000

[movement]
crossing_depth_m = 15000

[inference]
bins = 3
min_records_before = 5
permutations = 99
imputations = 2

[[periods]]
id = "before"
label = "Before"
start = 2014-01-01
end = 2017-01-01

[[periods]]
id = "after"
label = "After"
start = 2017-01-01
end = 2024-01-01
"""
NOTHING = '{"type": "FeatureCollection", "features": []}'
RULE = """
[[tower_dates]]
programme = "ift"
{area}
interval = "2017"
citation = "SYNTHETIC"
"""


class Broken:
    """A whole small study in a folder, to be changed before it is written."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        folder.mkdir(parents=True)
        self.text = STUDY.format(name=name)
        self.sources: dict[str, str] = {}
        self.raster("elevation", lambda x, y: 300 + 80 * np.sin(x / 9) * np.cos(y / 7))
        self.table("deaths", deaths())
        self.table("towers", towers())
        self.shapes("border", [LineString([(WEST, LINE), (EAST, LINE)])])
        self.shapes("roads", [LineString([(WEST, NORTH - 0.03), (EAST, NORTH - 0.03)])])
        self.shapes("corridors", bands(4))

    def source(self, role: str, file: str, extra: str = "") -> Path:
        self.sources[role] = f'role = "{role}"\nfile = "{file}"\n{extra}'
        return self.folder / file

    def set(self, key: str, value: str) -> None:
        """Give a key of the study another value."""
        self.text, count = re.subn(
            rf"^{key} = .*$", f"{key} = {value}", self.text, flags=re.MULTILINE
        )
        assert count

    def table(self, role: str, frame: pd.DataFrame, extra: str = "") -> None:
        frame.to_csv(self.source(role, f"{role}.csv", extra), index=False)

    def shapes(self, role: str, shapes: list, **columns) -> None:
        given = {"name": [f"SYN {n}" for n in range(len(shapes))], **columns}
        frame = gpd.GeoDataFrame(given, geometry=shapes, crs=4326)
        frame.to_file(self.source(role, f"{role}.geojson"))

    def raster(self, role, fill, *, area=AREA, crs="EPSG:4326", kind="float32", void=-9999) -> None:
        west, south, east, north = area
        width, height = round((east - west) * 100) + 20, round((north - south) * 100) + 20
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        values = np.broadcast_to(fill(x, y), x.shape).astype(kind)
        at = from_bounds(west - 0.1, south - 0.1, east + 0.1, north + 0.1, width, height)
        path = self.source(role, f"{role}.tif")
        with rasterio.open(
            path, "w", driver="GTiff", width=width, height=height, count=1, dtype=kind, crs=crs,
            transform=at, nodata=void,
        ) as out:  # fmt: skip
            out.write(values, 1)

    def cover(self, fill, extra: str = 'legend = "worldcover"\n') -> None:
        """Give a land cover; 60 is bare ground, 80 water."""
        self.raster("landcover", fill, kind="uint8", void=0)
        self.sources["landcover"] += extra

    def drop(self, *roles: str) -> None:
        for role in roles:
            del self.sources[role]

    def write(self) -> str:
        given = "".join(f'\n[[sources]]\nid = "my-{k}"\n{v}' for k, v in self.sources.items())
        (self.folder / f"{self.name}.toml").write_text(self.text + given, "utf-8")
        return f"{self.name}.toml"


def deaths(count: int = 240, **columns) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    found = pd.Timestamp("2014-01-05") + pd.to_timedelta(rng.integers(0, 3_600, count), unit="D")
    place = {
        "latitude": rng.uniform(SOUTH + 0.06, NORTH - 0.02, count),
        "longitude": rng.uniform(WEST + 0.02, EAST - 0.02, count),
    }
    given = {"found_on": found.date, **place, "precision_class": "gps", **columns}
    return pd.DataFrame(given)


def towers(**columns) -> pd.DataFrame:
    given = {
        "tower_id": ["SYN-1", "SYN-2"], "programme": "ift", "status": "active",
        "latitude": SOUTH + 0.15, "longitude": [WEST + 0.08, WEST + 0.16], "height_m": 30,
        "range_m": 6000, "active_from": ["2017-03-01", "2018-05-01"], "citation": "SYNTHETIC",
    }  # fmt: skip
    return pd.DataFrame({**given, **columns})


def bands(count: int) -> list:
    step = (EAST - WEST) / count
    return [box(WEST + n * step, SOUTH, WEST + (n + 1) * step, NORTH) for n in range(count)]


def zone(**columns) -> dict:
    given = {
        "programme": "ift", "span_low_km": 10, "span_high_km": 14, "depth_low_km": 10,
        "depth_high_km": 12, "active_from_earliest": "2017-01-01",
        "active_from_latest": "2017-06-01", "extent": "assumed", "citation": "SYNTHETIC",
    }  # fmt: skip
    return {k: [v] for k, v in {**given, **columns}.items()}


def flux_tower(months: range) -> str:
    days = [(y, m, d) for y in (2008, 2009) for m in months for d in range(1, 29)]
    rows = [[*day, 0, 35, 20, 28, 280, 300, 30, 90, 2, *[-9999] * 21] for day in days]
    return "".join(" ".join(map(str, row)) + "\n" for row in rows)


def incidents() -> str:
    rows = [
        {"web_id": f"2019.MMP{n}", "region": "Europe", "reported_date": f"201{4 + n % 8}-05-11",
         "number_dead": "1", "number_missing": "", "total_dead_and_missing": "1",
         "number_of_survivors": "", "number_of_female": "", "number_of_male": "",
         "number_of_child": "", "cause_death": "Drowning", "country_of_incident": "MADE UP",
         "location_description": "MADE UP", "unsd_geographic_grouping": "",
         "location_coodinates": f"{SOUTH + 0.1 + n / 1000:.4f}, {WEST + 0.1 + n / 500:.4f}",
         "migration_route": "", "information_source": "MADE UP", "url": "", "source_quality": "3"}
        for n in range(120)
    ]  # fmt: skip
    return json.dumps(rows)


Change = Callable[[Broken], object]


def file(role: str, name: str, content: str | bytes, extra: str = "") -> Change:
    def change(one: Broken) -> None:
        raw = content if isinstance(content, bytes) else content.encode()
        one.source(role, name, extra).write_bytes(raw)

    return change


def both(*changes: Change) -> Change:
    return lambda one: [change(one) for change in changes]


def line(*points: tuple[float, float]) -> LineString:
    return LineString(points)


def more(text: str) -> Change:
    def change(one: Broken) -> None:
        one.text += text

    return change


def add_twice(one: Broken) -> None:
    one.sources["again"] = one.sources["deaths"]


def cut(one: Broken) -> None:
    path = one.folder / "elevation.tif"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


WATER_AT_HALF_THE_BORDER = "left out of modelled crossings: segment-01"
RUNS: dict[str, tuple[str, Change]] = {
    "whole": ("", lambda _b: None),
    "highway-touches-the-border": (
        "",
        lambda b: b.shapes(
            "roads", [line((26.2, LINE), (26.2, NORTH)), line((WEST, 41.17), (EAST, 41.17))]
        ),
    ),
    "town-on-the-border": (
        "",
        lambda b: (
            b.drop("roads"),
            b.table("places", pd.DataFrame(
                {"name": ["A", "B"], "latitude": [LINE, 41.15], "longitude": [26.2, 26.2]}
            )),
        ),
    ),
    "no-corridors": ("strips", lambda b: b.drop("corridors")),
    "one-corridor": ("One corridor remains", lambda b: b.shapes("corridors", bands(1))),
    "labels-that-are-not-there": (
        "no precisely placed record carries a corridor label",
        both(lambda b: b.drop("corridors"), more('\n[corridors]\nfrom = "labels"\n')),
    ),
    "no-deaths": ("", lambda b: b.drop("deaths")),
    "one-death": ("No corridor enters", lambda b: b.table("deaths", deaths(1))),
    "deaths-in-one-place": (
        "2 of 4 corridors",
        lambda b: b.table("deaths", deaths(latitude=41.05, longitude=26.2)),
    ),
    "deaths-only-later": (
        "No corridor enters",
        lambda b: b.table("deaths", deaths(found_on="2019-05-06")),
    ),
    "deaths-without-precision": (
        "Map precision_class",
        lambda b: b.table("deaths", deaths().drop(columns="precision_class")),
    ),
    "incidents-as-deaths": ("precision is assumed", file("deaths", "deaths.json", incidents())),
    "towers-without-dates": (
        "2 undated",
        lambda b: b.table("towers", towers(active_from=None)),
    ),
    "towers-elsewhere": (
        "none of its towers lies within its range of the area",
        lambda b: b.table("towers", towers(latitude=10.0)),
    ),
    "towers-planned": ("", lambda b: b.table("towers", towers(status="planned"))),
    "towers-on-a-void": (
        "",
        lambda b: b.raster(
            "elevation",
            lambda x, y: np.where((y > 20) & (y < 30) & (x > 14) & (x < 32), -9999, 300 + x),
        ),
    ),
    "no-roads": ("crossings, doses and remoteness are skipped", lambda b: b.drop("roads")),
    "border-north-south": (
        "",
        lambda b: (
            b.shapes("border", [line((26.03, SOUTH), (26.03, NORTH))]),
            b.shapes("roads", [line((26.37, SOUTH), (26.37, NORTH))]),
        ),
    ),
    "border-half-in-water": (
        WATER_AT_HALF_THE_BORDER,
        lambda b: b.cover(lambda x, y: np.where((y > 33) & (y < 40) & (x < 30), 80, 60)),
    ),
    "flat": ("", lambda b: b.raster("elevation", lambda x, _y: 100 + 0 * x)),
    "worldcover-by-its-codes": (
        "read as worldcover",
        lambda b: b.cover(lambda x, _y: np.choose(x % 3, [20, 30, 60]), ""),
    ),
    "cells-as-wide-as-the-area": ("", lambda b: b.set("resolution_m", "20000")),
    "every-period-open": (
        "",
        lambda b: (
            b.set("as_of", "2017-06-01"),
            b.table("deaths", deaths(found_on="2016-03-04")),
            b.table("towers", towers(active_from="2017-03-01")),
        ),
    ),
    "before-towers-outside-the-periods": (
        "No corridor enters",
        lambda b: b.set("pre_tower", "[2001-01-01, 2002-01-01]"),
    ),
    "theta-next-to-nothing": ("", lambda b: b.set("crossing_depth_m", "15000\ntheta = 1e-9")),
    "planted-without-exposure": (
        "",
        both(lambda b: b.drop("towers"), more("\n[planted]\nrate_ratio = 2.0\n")),
    ),
    "planted-like-six": (
        "No corridor enters",
        both(lambda b: b.table("deaths", deaths(6)), more("\n[planted]\nrate_ratio = 2.0\n")),
    ),
    "finding-that-needs-weather": (
        "",
        lambda b: (b.drop("towers"), b.set("seed", '7\nfinding = "water_l"')),
    ),
    "zones-elsewhere": (
        "",
        lambda b: (b.drop("towers"), b.shapes("zones", [Point(10, 50)], **zone())),
    ),
    "covariates-of-no-corridor": (
        "",
        lambda b: b.table("covariates", pd.DataFrame(
            {"corridor": ["nowhere"], "year": [2015], "name": ["agents"], "value": [3],
             "citation": ["SYNTHETIC"]}
        )),
    ),
}  # fmt: skip
