"""Small made-up inputs, so that the example of every function runs as it stands.

A strip of 9 by 6 km on made-up ground: a ridge across the middle, the border along the south, a
road along the north, two corridors, and a tower in the eastern one from 2007 on. No place, date or
record of it is real.

>>> from geo import examples
>>> examples.elevation().shape, len(examples.deaths())
((12, 18), 60)
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from shapely.geometry import LineString, box

from geo import (
    evidence,
    funnel,
    identity,
    leastcost,
    locomotion,
    records,
    study,
    synthetic,
    terrain,
)
from geo.evidence import Findings, write_bundle, write_restricted
from geo.grid import grid_from_bounds, grid_of, wrap
from geo.inference import Estimate, Inputs, Panel, PanelOptions, classify_ground
from geo.inference.registered.headline import Headline, primary
from geo.locomotion import Walker
from geo.synthetic.panels import PanelPlan, simulate

CRS = "EPSG:32612"
LEFT, BOTTOM, ROWS, COLUMNS, CELL_M = 500_000.0, 3_500_000.0, 12, 18, 500.0
"""Made up: corner, cells and side of the land of examples."""
RIGHT, TOP = LEFT + COLUMNS * CELL_M, BOTTOM + ROWS * CELL_M
MIDDLE = (LEFT + RIGHT) / 2
"""Made up: where the line through the middle of that land runs."""
YEARS = tuple(range(2001, 2013))
"""Made up: study years of the examples."""
FIRST_TOWER = 2007
"""Made up: year of their first tower."""

STUDY = """
name = "made-up"
title = "A made-up strip of land"
question = "Did recorded deaths move to harder ground when a tower went up?"
as_of = 2026-01-01
seed = 7
crs = "EPSG:32612"
bounds_lonlat = [-111.0, 31.63, -110.9, 31.69]
pre_tower = [2001-01-01, 2007-01-01]
[grid]
resolution_m = 500
[[periods]]
id = "before"
label = "Before the tower"
start = 2001-01-01
end = 2007-01-01
reason = "No tower stood"
[[periods]]
id = "after"
label = "After the tower"
start = 2007-01-01
end = 2013-01-01
reason = "The tower stood"
[synthetic]
width_km = 9
height_km = 6
corridors = 2
treated = 1
records = 60
rate_ratio = 2.0
first_year = 2001
years = 12
"""

TOWER_FILE = """\
tower_id,latitude,longitude,programme,status,height_m,range_m,active_from,citation
A,31.68,-110.93,ift,deployed,25,12000,2007-10,made up
B,31.68,-110.97,ift,planned,25,12000,,made up
"""
DEATH_FILE = """\
key,latitude,longitude,found
c-1,31.65,-110.98,2004-07-01
c-2,31.66,-110.94,2008-07-15
c-3,31.67,-110.92,2011-08-02
"""
DEATH_COLUMNS = {
    "death_id": "key", "latitude": "latitude", "longitude": "longitude", "found_on": "found",
}  # fmt: skip


def made_up_study() -> study.Study:
    """Return a study of two periods, before and after a tower."""
    return study.parse(STUDY, "made-up.toml")


def elevation() -> xr.DataArray:
    """Return (y, x) heights [m] in EPSG:32612, cells of 500 m: a ridge across the middle."""
    row, column = np.mgrid[0:ROWS, 0:COLUMNS]
    ridge = 300.0 * np.exp(-(((row - 5.5) / 2.0) ** 2)) * (1.0 + 0.5 * np.sin(column / 2.0))
    grid = grid_from_bounds((LEFT, BOTTOM, RIGHT, TOP), CRS, CELL_M)
    return wrap((800.0 + ridge).astype(np.float32), grid, "elevation", "m")


def land_cover() -> xr.DataArray:
    """Return (y, x) NLCD codes: scrub (52), grass (71) in the north."""
    codes = np.full((ROWS, COLUMNS), 52, np.uint8)
    codes[:4] = 71
    return wrap(codes, grid_of(elevation()), "landcover", "1")


def border() -> gpd.GeoDataFrame:
    """Return the border, a line along the southern edge."""
    line = LineString([(LEFT, BOTTOM + 250.0), (RIGHT, BOTTOM + 250.0)])
    return gpd.GeoDataFrame({"name": ["border"]}, geometry=[line], crs=CRS)


def roads() -> gpd.GeoDataFrame:
    """Return a road along the northern edge."""
    line = LineString([(LEFT, TOP - 250.0), (RIGHT, TOP - 250.0)])
    return gpd.GeoDataFrame({"name": ["road"]}, geometry=[line], crs=CRS)


def corridors() -> gpd.GeoDataFrame:
    """Return the two corridors."""
    halves = [box(LEFT, BOTTOM, MIDDLE, TOP), box(MIDDLE, BOTTOM, RIGHT, TOP)]
    return gpd.GeoDataFrame({"corridor": ["West", "East"]}, geometry=halves, crs=CRS)


def towers() -> gpd.GeoDataFrame:
    """Return two towers: one of 2007 that enters a dose, one that was planned and cancelled."""
    day = pd.Timestamp(FIRST_TOWER, 1, 1)
    frame = pd.DataFrame(
        {
            "tower_id": ["east", "west"],
            "source_id": "made-up",
            "source_row": [1, 2],
            "programme": "ift",
            "status": ["deployed", "cancelled"],
            "height_m": [25.0, 25.0],
            "range_m": [4_000.0, 4_000.0],
            "active_from_earliest": [day, pd.NaT],
            "active_from_latest": [day, pd.NaT],
            "location_uncertainty_m": 600.0,
            "citation": ["made up", None],
        }
    )
    at = gpd.points_from_xy([MIDDLE + 2_250.0, MIDDLE - 2_250.0], [BOTTOM + 4_750.0] * 2, crs=CRS)
    return records.TOWERS.conform(gpd.GeoDataFrame(frame, geometry=at).to_crs("EPSG:4326"))


def deaths(count: int = 60) -> gpd.GeoDataFrame:
    """Return made-up records of the contract `deaths`, EPSG:4326."""
    rng = np.random.default_rng(1)
    x, y = rng.uniform(LEFT, RIGHT, count), rng.uniform(BOTTOM, TOP, count)
    found = pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 4_380, count), unit="D")
    frame = pd.DataFrame(
        {
            "death_id": [f"d-{i:04d}" for i in range(count)],
            "source_id": "made-up",
            "source_row": np.arange(1, count + 1),
            "found_on": found,
            "death_earliest": found - pd.Timedelta(days=30),
            "death_latest": found,
            "pmi_class": rng.choice(records.PMI, count),
            "sex": rng.choice(["male", "female", "unknown"], count),
            "age_years": rng.integers(15, 60, count),
            "cause_class": "exposure",
            "precision_class": "gps",
            "precision_m": 100.0,
            "corridor": np.where(x < MIDDLE, "West", "East"),
            "identified": rng.random(count) < 0.6,
            "persons": 1,
            "place_ok": True,
            "date_ok": True,
            "cause_ok": True,
        }
    )
    at = gpd.points_from_xy(x, y, crs=CRS).to_crs("EPSG:4326")
    return records.DEATHS.conform(gpd.GeoDataFrame(frame, geometry=at))


def walker() -> Walker:
    """Return the lightest named walker of `data/parameters/walkers.yaml`."""
    return locomotion.walker("adult-light")


def energy() -> leastcost.CostModel:
    """Return what a horizontal metre costs the walker [J], by signed slope."""
    return leastcost.CostModel(locomotion.energy_per_metre(walker()), length="horizontal")


def crossed_land() -> funnel.MovementDomain:
    """Return the land with where people start and where they go."""
    land = elevation()
    grid = grid_of(land)
    return funnel.MovementDomain(
        land,
        funnel.border_segments(border(), grid, 3_000.0),
        funnel.destinations([roads()], border(), grid, 4_000.0),
        leastcost.LeastCostOptions(neighbours=8),
        leastcost.Resources(workers=0),
    )


def labels() -> xr.DataArray:
    """Return (y, x) corridor of every cell."""
    return funnel.corridor_labels(corridors(), grid_of(elevation()))


def remoteness() -> xr.DataArray:
    """Return (y, x) hours to the road, as the crow flies at 4 km/h."""
    hours = np.repeat(np.arange(ROWS)[:, None] * CELL_M / 4_000.0, COLUMNS, axis=1)
    return wrap(hours, grid_of(elevation()), "hours_to_road", "h")


def hard() -> xr.DataArray:
    """Return (y, x) hardness of the ground within its corridor."""
    slope = terrain.slope(elevation())
    return funnel.hardness(funnel.energy_per_km(slope, energy().table), remoteness(), labels())


def in_view() -> xr.DataArray:
    """Return (year, y, x) share of the year in view: the low ground of the East, from 2007 on."""
    seen = (elevation().values < 900.0) & (labels().values == 1)
    stack = np.stack([seen * (year >= FIRST_TOWER) for year in YEARS]).astype(np.float32)
    one = wrap(stack[0], grid_of(elevation()), "in_view", "1")
    return one.expand_dims(year=list(YEARS)).copy(data=stack)


def density() -> xr.DataArray:
    """Return (y, x) route density without towers."""
    land = crossed_land()
    known = land.labels(energy())
    return funnel.combine(land, known, known, 0.1).density


def dose() -> pd.DataFrame:
    """Return the dose of each corridor and year."""
    return funnel.dose(in_view(), None, labels())


def ground() -> xr.Dataset:
    """Return corridor, hardness bin and view of every cell (`geo.inference.classify_ground`)."""
    return classify_ground(hard(), labels(), 3, in_view())


def inputs(count: int = 60) -> Inputs:
    """Return what the registered analysis is given."""
    return Inputs(deaths(count), ground(), dose(), YEARS)


def options() -> PanelOptions:
    """Return who enters: every corridor with a record before its first dose."""
    return PanelOptions(min_records_before=1)


def panel() -> Panel:
    """Return a simulated panel of eight corridors in which the shift is planted (ratio 3)."""
    plan = PanelPlan(corridors=8, bins=3, years=12, records=1_200, treated=5, rate_ratio=3.0)
    data = simulate(plan, np.random.default_rng(2))
    flow = pd.DataFrame({"step": ["used"], "records": [int(data["deaths"].sum())]})
    return Panel(data, pd.DataFrame(columns=["corridor", "records", "reason"]), flow)


def headline() -> Headline:
    """Return the headline of `panel`, with few permutations."""
    return primary(panel(), np.random.default_rng(0), draws=99, invert=False)


def estimate() -> Estimate:
    """Return a row of the table of estimates."""
    return Estimate("headline", "ratio", 2.0, 1.5, 2.7, 0.001, mde=1.5, sentence="A shift.")


def findings() -> Findings:
    """Return what a run of the made-up study found: records and how many were read."""
    own = made_up_study()
    rows = deaths()
    counts = pd.DataFrame(
        {
            "row_id": ["n-0001", "n-0002"],
            "parents": "",
            "source_id": "made-up",
            "step": ["read", "used"],
            "reason": "",
            "records": len(rows),
        }
    )
    code, packages = sha256(b"code").hexdigest(), "python==3.11\n"
    return Findings(
        own,
        identity.run_id(own.toml(), code, packages, []),
        code,
        tables={"deaths": rows, "counts": records.TABLES["counts"].conform(counts)},
        environment=packages,
    )


def write_files(folder: Path) -> dict[str, Path]:
    """Write elevation.tif, landcover.tif, towers.csv and deaths.csv into a folder.

    Parameters
    ----------
    folder
        Where to; it must exist.

    Returns
    -------
    dict of str to Path
        elevation, landcover, towers, deaths.
    """
    paths = {
        name: folder / f"{name}.{end}"
        for name, end in (
            ("elevation", "tif"), ("landcover", "tif"), ("towers", "csv"), ("deaths", "csv"),
        )
    }  # fmt: skip
    for name, raster in (("elevation", elevation()), ("landcover", land_cover())):
        write_raster(paths[name], raster)
    paths["towers"].write_text(TOWER_FILE, "utf-8")
    paths["deaths"].write_text(DEATH_FILE, "utf-8")
    return paths


def write_raster(path: Path, raster: xr.DataArray) -> None:
    """Write a (y, x) raster as a GeoTIFF on its own grid."""
    grid = grid_of(raster)
    profile = {
        "driver": "GTiff", "height": raster.shape[0], "width": raster.shape[1], "count": 1,
        "dtype": str(raster.dtype), "crs": CRS, "transform": grid.affine,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(raster.values, 1)


@cache
def bundle() -> Path:
    """Return the public bundle of `findings`, written into a temporary folder once."""
    return write_bundle(Path(mkdtemp()) / "run", findings(), {}, public_tables())


@cache
def restricted_tree() -> Path:
    """Return the restricted tree of `findings`, written into a temporary folder once."""
    return write_restricted(Path(mkdtemp()) / "run", findings())


def made_up_strip() -> study.Study:
    """Return the built-in study `tiny` on coarse cells: a strip of 42 by 21 km."""
    folder = resources.files("data").joinpath("studies")

    def text(name: str) -> str:
        return folder.joinpath(f"{name}.toml").read_text("utf-8")

    coarse = {"grid": {"resolution_m": 1_000, "ensemble_m": 1_000}}
    return study.parse(text("tiny"), "tiny.toml", text, coarse)


@cache
def made_up_world() -> synthetic.GroundTruth:
    """Return everything that is true of `made_up_strip`, made once."""
    return synthetic.world(made_up_strip())


@cache
def public_tables() -> dict[str, pd.DataFrame]:
    """Return the public tables of `findings`, made once."""
    return evidence.public_tables(findings())
