"""What views, dates of towers and their placebos refuse."""

from __future__ import annotations

import pickle
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from provoking import Act, Case

from geo.grid import grid_from_bounds, wrap
from geo.visibility import (
    Matching,
    PlaceboSites,
    Uncertainty,
    coverage,
    dated,
    placebo_dose,
    placebo_sites,
    publish_share,
    roster,
    viewshed,
)
from geo.visibility.towers import with_defaults

GRID = grid_from_bounds((300_000, 3_300_000, 300_900, 3_300_900), "EPSG:32612", 30)
LAND = wrap(np.zeros((30, 30)), GRID, "elevation", "m")
HOLED = LAND.where(LAND.x > 300_450)
MIDDLE = (300_500.0, 3_300_500.0)
PERIOD = SimpleNamespace(id="a", start=date(2010, 1, 1), end=date(2012, 1, 1))


def towers(**columns: object) -> gpd.GeoDataFrame:
    table = {
        "tower_id": ["t1"], "source_id": "test", "source_row": [1], "programme": "ift",
        "status": "deployed", "height_m": 25.0, "range_m": 300.0,
        "active_from_earliest": "2010-01-01", "active_from_latest": "2010-01-01",
        "active_to_earliest": None, "active_to_latest": None, "replaces": None,
        "location_uncertainty_m": np.nan, "citation": None, "verified_by": None, **columns,
    }  # fmt: skip
    size = len(table["tower_id"])
    x, y = ([v] * size for v in MIDDLE)
    frame = gpd.GeoDataFrame(
        pd.DataFrame(table, index=range(size)), geometry=gpd.points_from_xy(x, y), crs=32612
    )
    for name in (c for c in frame.columns if c.startswith("active_")):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame.to_crs("EPSG:4326")


def seen() -> xr.DataArray:
    return xr.Dataset({"in_view": LAND.expand_dims(period=["a"])})


def look(x: float = MIDDLE[0], y: float = MIDDLE[1], land: xr.DataArray = LAND,
         **more: object) -> object:  # fmt: skip
    return viewshed(land, (x, y), **{"observer_height_m": 20, "range_m": 300, **more})


def placebos(**more: object) -> PlaceboSites:
    options = {"draws": 1, "generator": np.random.default_rng(1), **more}
    return placebo_sites(LAND, towers(), LAND + 1, **options)


NEAR = Matching(exclusion_m=60, step_m=60)


def view(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"geo/visibility/{file}.py", where, what, act)


def faulty(**columns: object) -> Act:
    return partial(_faulty, columns)


def _faulty(columns: dict[str, object], _folder: Path) -> object:
    return roster(towers(**columns), [PERIOD])


CASES = [
    view("dating", "rule='best'", "not possible",
         lambda _: dated(towers(), rule="best")),
    view("dating", "towers, row 1, active_from_latest", "is before",
         faulty(active_from_latest="2009-01-01")),
    view("dating", "towers", "not unique", faulty(tower_id=["t1", "t1"], source_row=[1, 2])),
    view("dating", "replaces", "names no tower", faulty(replaces="t9")),
    view("drawn_views", "corridors", "no names",
         lambda _: placebo_dose(placebos(matching=NEAR), [PERIOD], LAND > 0)),
    view("placebo", "0 placebo candidates", "towers enter",
         lambda _: placebos(matching=Matching(exclusion_m=9e9))),
    view("placebo", "placebo sites", "pickled", lambda _: pickle.dumps(placebos(matching=NEAR))),
    view("publish", "100 m", "too finely", lambda _: publish_share(seen(), 100, closed=["a"])),
    view("publish", "['b']", "do not fit", lambda _: publish_share(seen(), 1000, closed=["b"])),
    view("single", "range_m=-1", "observer_height_m", lambda _: look(range_m=-1)),
    view("single", "observer", "outside the elevation", lambda _: look(x=0)),
    view("single", "observer", "no elevation", lambda _: look(x=300_050, land=HOLED)),
    view("single", "sector", "is none", lambda _: look(sector=(0, np.nan))),
    view("single", "refraction=3", "target_height_m", lambda _: look(refraction=3)),
    view("towers", "towers, row 1, programme", "no entry",
         lambda _: with_defaults(towers(programme="none", height_m=np.nan))),
    view("towers", "towers, row 1, height_m", "not positive",
         lambda _: with_defaults(towers(height_m=-2.0))),
    view("elevation_error", "draws=0", "cannot be drawn", lambda _: Uncertainty(draws=0)),
    view("union", "periods", "cannot be mapped", lambda _: coverage(LAND, towers(), [])),
]  # fmt: skip
