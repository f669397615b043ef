"""What weather, hardship, routes and tests refuse, or cannot say."""

from __future__ import annotations

import io
from datetime import date
from functools import partial
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from provoking import Act, Case
from shapely.geometry import LineString, box

from geo import climate, funnel, hardship, parameters
from geo.aggregation import aggregate
from geo.climate import gridded, land, stations, sub_daily
from geo.funnel import crossings, density, inland, members, spreading
from geo.funnel import origins_destinations as ends
from geo.grid import grid_from_bounds, make_grid, same_grid, wrap
from geo.inference.estimation import compare, poisson, uncertainty
from geo.inference.panel import ground
from geo.inference.panel import route_validation as routes
from geo.inference.registered import claims
from geo.inference.robustness import estimators, vintages
from geo.inference.spatial import casecontrol
from geo.leastcost import LeastCostOptions, Resources
from geo.locomotion import energy_per_metre, time_per_metre, walker
from geo.records import RASTERS, SNAPSHOTS

GRID = grid_from_bounds((300_000, 3_300_000, 301_000, 3_301_000), "EPSG:32612", 100)
DATED = pd.DataFrame({"found_on": [pd.Timestamp(2003, 1, 1)], "date_ok": [True]})
COARSE = grid_from_bounds((300_000, 3_300_000, 301_000, 3_301_000), "EPSG:32612", 200)
LAND = wrap(np.zeros((10, 10)), GRID, "elevation", "m")
OTHER = wrap(np.zeros((5, 5)), COARSE, "other", "m")
BARE = xr.DataArray(np.zeros((9, 9)), dims=("y", "x"), name="elevation")
NOWHERE = LAND.where(LAND > 0)
SLOPE = wrap(np.zeros((10, 10)), GRID, "slope", "rad")
ADULT = walker("adult-light")
TIME = time_per_metre()
PLACE = {"latitude": 31.0, "longitude": -111.0, "elevation_m": 500.0}
DAYS = pd.date_range("2010-01-01", periods=3)


def case(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"geo/{file}.py", where, what, act)


def days(*names: str) -> xr.Dataset:
    values = {n: ("time", np.ones(len(DAYS))) for n in names}
    return xr.Dataset(values, {"time": DAYS}).assign(latitude=31.0, longitude=-111.0, elevation=9.0)


def netcdf(folder: Path, name: str = "wrong", size: int = 3) -> Path:
    values = xr.DataArray(np.ones((size, size)), dims=("lat", "lon"))
    at = np.arange(size) + 30.0
    values.assign_coords(lat=at, lon=at - 142).to_dataset(name=name).to_netcdf(folder / "w.nc")
    return folder / "w.nc"


def gridmet(folder: Path) -> object:
    path = netcdf(folder)
    return gridded.read_gridmet({"tmmx": path, "tmmn": path}, path)


def daymet(folder: Path) -> object:
    path = netcdf(folder)
    return gridded.read_daymet({"tmax": path, "tmin": path})


def text(words: str) -> io.StringIO:
    return io.StringIO(words)


ALL_DAILY = ("air_temperature_max", "air_temperature_min", "vapour_pressure", "wind", "solar")
HOURLY = ("air_temperature", "vapour_pressure", "wind", "solar")
PIXEL = "Latitude: 31.0  Longitude: -111.0\nElevation: 500 meters\n"
FAHRENHEIT = "date,actual_min_temp,actual_max_temp\n"
CASES = [
    case("climate/climatology", "daily records", "lack", lambda _: climate.from_daily(days())),
    case("climate/climatology", "daily records", "none of month",
         lambda _: climate.from_daily(days(*ALL_DAILY))),
    case("climate/climatology", "sub-daily records", "lack",
         lambda _: climate.from_subdaily(days())),
    case("climate/climatology", "sub-daily records", "none of month",
         lambda _: climate.from_subdaily(days(*HOURLY))),
    case("climate/walks", "month 13", "cannot be",
         lambda _: climate.walk_mean(climate.synthetic(), 13, 8)),
    case("climate/gridded", "tmmx, tmmn", "missing", lambda f: gridded.read_gridmet({}, f)),
    case("climate/gridded", "gridMET tmmx", "variable", gridmet),
    case("climate/gridded", "gridMET elevation", "missing",
         lambda f: gridded.read_elevation(netcdf(f))),
    case("climate/gridded", "rows or columns", "weather grid",
         lambda f: gridded.read_elevation(netcdf(f, "elevation"), (0, 0, 1, 1))),
    case("climate/gridded", "tmax, tmin", "missing", lambda _: gridded.read_daymet({})),
    case("climate/gridded", "Daymet tmax", "lambert", daymet),
    case("climate/sub_daily", "VIC", "missing",
         lambda f: sub_daily.read_vic_forcings(netcdf(f), 0)),
    case("climate/land", "weather", "no CRS", lambda _: land.on_land(xr.Dataset(
         {n: (("y", "x"), np.ones((2, 2))) for n in (*HOURLY, "radiant_excess", "elevation")},
         attrs={"month": 7}), LAND)),
    case("climate/stations", "weather", "not a daily", lambda _: stations.read_ameriflux(
         text("a b\nc d\n"), **PLACE)),
    case("climate/stations", "weather", "2 columns",
         lambda _: stations.read_ameriflux(text("1 2\n3 4\n"), **PLACE)),
    case("climate/stations", "date", "column", lambda _: stations.read_fahrenheit_days(
         text("a\n1\n"), **PLACE)),
    case("climate/stations", "row 1", "the date is none", lambda _: stations.read_fahrenheit_days(
         text(FAHRENHEIT + "soon,60,80\n"), **PLACE)),
    case("climate/stations", "weather", "no Daymet preamble",
         lambda _: stations.read_daymet_pixel(text("year,yday\n2010,1\n"))),
    case("climate/stations", "tmax", "column", lambda _: stations.read_daymet_pixel(
         text(PIXEL + "year,yday\n2010,1\n"))),
]  # fmt: skip

WALK = hardship.effort
UNITS = wrap(np.ones((10, 10)), GRID, "effort", "kJ km-1")
CASES += [
    case("hardship/components", "hardship", "no raster", lambda _: hardship.components(ADULT)),
    case("hardship/components", "effort", "takes kJ km-1",
         lambda _: hardship.components(ADULT, effort=LAND)),
    case("hardship/components", "energy", "got one of time", lambda _: WALK(SLOPE, TIME)),
    case("hardship/heat", "energy and time", "given: time",
         lambda _: hardship.metabolic_rate(SLOPE, ADULT, TIME, TIME)),
    case("hardship/components", "slope", "got rad",
         lambda _: WALK(SLOPE, energy_per_metre(ADULT))),
    case("hardship/ensemble", "'mean'", "no member",
         lambda _: hardship.spread({"a": xr.Dataset()}, "mean")),
    case("hardship/ensemble", "'effort': 1", "two or more",
         lambda _: hardship.composite(xr.Dataset({"effort": UNITS}), {"effort": 1})),
    case("hardship/tables", "points", "no CRS", lambda _: hardship.sample(
         xr.Dataset({"effort": UNITS}), gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0])))),
    case("hardship/tables", "2025-01-01", "ended", lambda _: hardship.publish(
         xr.Dataset({"effort": UNITS}), period_end=date(2025, 1, 1), as_of=date(2026, 1, 1))),
]  # fmt: skip

END = ends.End("segment-01", LAND > 0, 1.0)
GROUND = crossings.MovementDomain(LAND, (END,), (END,), LeastCostOptions(), Resources(workers=0))
ROUTES = xr.Dataset({"cost": NOWHERE})
STUCK = crossings.Labels(
    {"segment-01": ROUTES}, {"segment-01": ROUTES}, {"segment-01": np.array([np.inf])}
)
CORRIDOR = wrap(np.zeros((10, 10), np.int16), GRID, "corridor", "1", names=["a"])
WALKED = xr.Dataset({"cost": LAND})
REACHED = crossings.Labels(
    {"segment-01": WALKED}, {"segment-01": WALKED}, {"segment-01": np.array([1.0])}
)
AWAY = gpd.GeoDataFrame({"corridor": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=32612)
FREE = crossings.Labels(
    {"segment-01": WALKED}, {"segment-01": WALKED}, {"segment-01": np.array([0.0])}
)
ACROSS = gpd.GeoDataFrame(
    geometry=[LineString([(300_000, 3_300_450), (301_000, 3_300_450)])], crs=32612
)
EDGE = gpd.GeoDataFrame(
    geometry=[LineString([(300_000, 3_300_050), (301_000, 3_300_050)])], crs=32612
)
LINE = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1, 1)])], crs=32612)


def no_range(_folder: Path) -> object:
    bare = {k: SimpleNamespace(value=v.value, low=None, high=None)
            for k, v in parameters.load("funnel").items()}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "load", lambda _name: bare)
        return members.design(None, 2, np.random.default_rng(1))


CASES += [
    case("funnel/catchments", "border", "reaches no cell",
         lambda _: funnel.catchments(NOWHERE, CORRIDOR)),
    case("funnel/spreading", "border", "road or settlement",
         lambda _: spreading.combine(GROUND, STUCK, STUCK, 0.1)),
    case("funnel/spreading", "theta is 0", "positive",
         lambda _: spreading.combine(GROUND, REACHED, REACHED, 0.0)),
    case("funnel/density", "destination", "no cell",
         lambda _: density.shares(NOWHERE.values, NOWHERE.values, 1.0)),
    case("funnel/density", "theta is 0", "positive", lambda _: funnel.route_density(LAND, LAND, 0)),
    case("funnel/density", "destination", "no cell",
         lambda _: density.excess_cost(NOWHERE, NOWHERE)),
    case("funnel/spreading", "segment-01", "every destination",
         lambda _: spreading.combine(GROUND, FREE, FREE, 0.1)),
    case("funnel/border_line", "border", "does not cross",
         lambda _: ends.border_segments(LINE, GRID)),
    case("funnel/inland", "the study", "no road",
         lambda _: inland.destinations([], LINE, GRID, 1.0)),
    case("funnel/inland", "no road", "in the study's area",
         lambda _: inland.destinations([LINE], LINE, GRID, 1.0)),
    case("funnel/inland", "no road", "crossing_depth_m",
         lambda _: inland.destinations([ACROSS], ACROSS, GRID, 1.0)),
    case("funnel/reach", "elevation", "covers the whole area",
         lambda _: funnel.cut_off(NOWHERE, LAND < 1, EDGE, [ACROSS], 100.0)),
    case("funnel/members", "funnel.yaml", "no range", no_range),
    case("funnel/hardness", "no corridor", "area", lambda _: funnel.corridor_labels(AWAY, GRID)),
    case("funnel/dose", "in_view", "labels", lambda _: funnel.dose(LAND, None, LAND)),
    case("grid", "(1, 0, 0, 1)", "empty", lambda _: make_grid((1, 0, 0, 1), "EPSG:32612", 30)),
    case("grid", "EPSG:4326", "not projected", lambda _: make_grid((0, 0, 1, 1), "EPSG:4326", 30)),
    case("grid", "'here'", "unknown", lambda _: make_grid((0, 0, 1, 1), "here", 30)),
    case("grid", "elevation", "no CRS", lambda _: same_grid(BARE)),
    case("grid", "other", "does not lie on", lambda _: same_grid(LAND, OTHER)),
    case("grid", "elevation", "cells of", lambda _: RASTERS["elevation"].check(
         wrap(np.zeros((5, 10)), grid_of_oblong(), "elevation", "m"))),
    case("grid", "name", "does not fit", lambda _: wrap(np.zeros((3, 3)), GRID, "name", "m")),
    case("aggregation", "100.0 m", "finer", lambda _: aggregate(LAND, 50)),
    case("aggregation", "how='median'", "unknown", lambda _: aggregate(LAND, 200, how="median")),
]  # fmt: skip


def grid_of_oblong() -> object:
    from odc.geo.geobox import GeoBox

    return GeoBox.from_bbox((0, 0, 1000, 1000), "EPSG:32612", shape=(5, 10))


ROW = {n: ["x"] for n in SNAPSHOTS.names}
TWICE = {n: ["x", "x"] for n in SNAPSHOTS.names} | {"size": [1, 1]}


def parameter(entry: str, _folder: Path) -> object:
    """Read a parameter file that a contributor wrote."""

    class Shelf:
        def joinpath(self, *_parts: str) -> Shelf:
            return self

        def read_text(self, _encoding: str) -> str:
            return entry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resources, "files", lambda _package: Shelf())
        return parameters.load.__wrapped__("mine")


CASES += [
    case("contract", "hat", "unknown column", lambda _: SNAPSHOTS.conform({"hat": [1]})),
    case("contract", "sha256", "missing", lambda _: SNAPSHOTS.conform({})),
    case("contract", "size", "is no integer", lambda _: SNAPSHOTS.conform(ROW)),
    case("contract", "sha256", "breaks", lambda _: SNAPSHOTS.conform(TWICE)),
    case("contract", "elevation", "dtype", lambda _: RASTERS["elevation"].check(LAND)),
    case("contract", "elevation", "dims", lambda _: RASTERS["elevation"].check(LAND.T)),
    case("contract", "elevation", "units", lambda _: RASTERS["elevation"].check(
         LAND.assign_attrs(units="ft"))),
    case("parameters", "mine.yaml, a", "missing", partial(parameter, "a: {value: 1}")),
    case("parameters", "mine.yaml, a", "confidence is none", partial(
         parameter, "a: {value: 1, unit: m, source: b, confidence: sure}")),
]  # fmt: skip


def design(y: np.ndarray, x: np.ndarray, drift: tuple[int, int] = (0, 0)) -> poisson.Design:
    return poisson.Design(y.astype(float), x[None].astype(float), np.array(drift))


def dosed(*units: int, of: int, drift: tuple[int, int] = (0, 0)) -> poisson.Design:
    x = np.zeros((of, 2, 3))
    x[list(units), 1, 2] = 1
    return design(np.arange(of * 6).reshape(of, 2, 3) % 5 + 3, x, drift)


def in_no_time(_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(poisson, "MAX_ITERATIONS", 0)
        return poisson.fit(dosed(0, of=2))


def separated() -> poisson.Design:
    one = dosed(0, of=2)
    one.y[0, 1, 2] = 0
    return one


def asked(*dose: float, deaths: int = 1) -> object:
    question = SimpleNamespace(dose=np.array(dose), y=np.full(3, deaths))
    return compare.require(question)


def jack(one: poisson.Design) -> object:
    return uncertainty.jackknife(one, np.arange(len(one.y)))


def unsettled(_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimators, "STEPS", 0)
        return estimators.negative_binomial(dosed(0, of=4))


SAME = np.zeros((2, 1)), np.zeros((2, 3, 1))
APART = np.full((2, 1), 1e-3), np.zeros((2, 3, 1))
CASES += [
    case("inference/spatial/casecontrol", "covariate", "do not differ",
         lambda _: casecontrol.conditional_logit(*SAME)),
    case("inference/spatial/casecontrol", "cases and controls", "did not settle",
         lambda _: casecontrol.conditional_logit(*APART)),
    case("inference/robustness/estimators", "negative binomial", "did not settle", unsettled),
    case("inference/registered/claims", "gate luck", "unknown", lambda _: claims.claim(
         SimpleNamespace(estimate=None), {"luck": True}, exploratory=False)),
    case("inference/estimation/compare", "no corridor", "records", lambda _: asked()),
    case("inference/estimation/compare", "one corridor", "compare", lambda _: asked(1)),
    case("inference/estimation/compare", "no tower", "sourced date", lambda _: asked(0, 0)),
    case("inference/estimation/compare", "dose", "the same", lambda _: asked(1, 1)),
    case("inference/estimation/compare", "no record", "compared", lambda _: asked(0, 1, deaths=0)),
    case("inference/robustness/vintages", "then", "whole years", lambda _: vintages.vintage(
         "then", DATED, range(2000, 2020))),
    case("inference/panel/ground", "no cell", "corridor", lambda _: ground.classify_ground(
         NOWHERE, LAND.astype("int16").assign_attrs(names=["a"]), 2)),
    case("inference/estimation/poisson", "the fit", "did not settle", in_no_time),
    case("inference/estimation/poisson", "the data", "separate", lambda _: poisson.fit(separated())),
    case("inference/panel/route_validation", "0 pre-tower", "cannot judge", lambda _: routes.validate_routes(
         LAND + 1, LAND, LAND, np.zeros(0), np.zeros(0))),
    case("inference/estimation/uncertainty", "1 clusters", "needs", lambda _: jack(dosed(0, of=1))),
    case("inference/estimation/uncertainty", "clusters", "one cluster alone",
         lambda _: jack(dosed(0, of=8))),
    case("inference/estimation/uncertainty", "dose", "does not vary",
         lambda _: jack(dosed(*range(8), of=8, drift=(0, 1)))),
]  # fmt: skip
