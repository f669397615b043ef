"""The text of a commented study file for any land border."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from flows.fetch.catalogue import load
from geo import parameters
from geo.errors import InputProblems, Problem
from geo.records import CLOSED_MONTHS
from geo.scale import fitting_crs, scale_limit
from geo.study import add_months, crossing_depth_m, parse, smaller_extent_km

Area = tuple[float, float, float, float]
IOM = "iom-missing-migrants"
OWN_DEATHS = """\
# The one worldwide series. It states no precision: radii are assumed. With a better series of the
# same people, give this one the role "crosscheck"; the two are never added.
"""
IOM_SINCE = date(2014, 1, 1)
"""First day of the Missing Migrants Project, the one worldwide series of recorded deaths."""
QUESTION = (
    "When surveillance towers went up, did recorded deaths move to harder ground, "
    "beyond what would have happened anyway?"
)
PERIODS = """\
# Periods are half-open and chosen before results are seen: write down why each begins where it
# does, with the source of the date."""
SOURCES = (
    *("copernicus-glo30", "esa-worldcover", "iom-missing-migrants"),
    *("natural-earth-borders", "natural-earth-roads", "natural-earth-places"),
)
"""Catalogue entries that cover any land."""


@dataclass(frozen=True)
class Wanted:
    """What a new study is to be.

    Attributes
    ----------
    name
        Small letters, digits and hyphens.
    area
        West, south, east, north, degrees.
    first, last
        First day of the first period, and the day after the last one.
    cuts
        First days of the later periods; the first of them is when the first tower of any kind
        went up. Empty where no date of a tower is known.
    resolution_m
        Side of the study's cells, metres.
    """

    name: str
    area: Area
    first: date
    last: date
    cuts: tuple[date, ...] = ()
    resolution_m: float = 30.0


def working_crs(area: Area) -> str:
    """Return the EPSG code that keeps lengths over an area: its UTM zone, else the best other one.

    Raises
    ------
    InputProblems
        If the area is not on the map, outside UTM, or so wide that no code keeps its lengths.
    """
    west, south, east, north = area
    fault, crs = "", None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        fault = f"{area} is not west, south, east, north in degrees"
    elif south < -80 or north > 84:
        fault = "the area reaches beyond 84 N or 80 S, where UTM ends"
    else:
        crs = fitting_crs(area)
    if crs is None:
        limit = f"{100 * scale_limit():g} %"
        fault = fault or f"no CRS keeps the lengths of so wide an area within {limit}"
        remedy = "Give --area W S E N, some 8 degrees wide at most: --area 26 40.6 27 41.8"
        raise InputProblems([Problem("--area", fault, remedy)])
    return crs


def study_toml(wanted: Wanted, as_of: date) -> str:
    """Return a commented study file; `geo.study.parse` has read it.

    Raises
    ------
    InputProblems
        With every fault of what is wanted.
    """
    days = (wanted.first, *wanted.cuts, wanted.last)
    if any(a >= b for a, b in pairwise(days)):
        said = ", ".join(map(str, days))
        remedy = "Give --from first, then the dates of --periods in order, and --to last"
        raise InputProblems([Problem("--periods", f"{said} are not in order of time", remedy)])
    text = "\n".join(
        [_head(wanted, as_of), *_periods(wanted, as_of), *_sources(wanted), _own_sources()]
    )
    parse(text, f"{wanted.name}.toml")
    return text


def _head(wanted: Wanted, as_of: date) -> str:
    bounds = ", ".join(f"{v:g}" for v in wanted.area)
    before = wanted.cuts[0] if wanted.cuts else wanted.last
    title = f"{wanted.name}, {wanted.first} to {wanted.last}"
    towers = (
        "up to the first tower of any kind"
        if wanted.cuts
        else "no date of a tower is known: nothing is tested until one is, shorten it then"
    )
    return f"""\
# A study of recorded deaths and the land they were found on, in retrospect.
#
#   funnel check {wanted.name}.toml      every problem of this file and its inputs at once
#   funnel fetch {wanted.name}.toml      snapshot the sources (the only step that needs a network)
#   funnel run {wanted.name}.toml        the main job
#
# Everything a result depends on stands here, besides the bytes of the sources and the code.

name = {json.dumps(wanted.name)}
title = {json.dumps(title)}  # for readers: say it better
question = "{QUESTION}"

# What a run without dated towers reports first: a component of the recorded places, such as
# road_km, border_km, hours, energy_mj or slope_deg. Name it before the first run.
finding = "road_km"

# The day on which the study stands. Surfaces of a period are published {CLOSED_MONTHS} months
# after it ended.
as_of = {as_of}

# Any whole number. The same seed, sources and code give the same bytes.
seed = {as_of:%Y%m%d}

# UTM zone of the middle of the area: metres, so that slopes and distances are right.
crs = "{working_crs(wanted.area)}"

# West, south, east, north, in degrees. Leave room: people walk in from outside the records.
bounds_lonlat = [{bounds}]

# Who walks; the profiles stand in data/parameters/walkers.yaml.
walkers = ["adult-light"]

# Half-open: {towers}.
pre_tower = [{wanted.first}, {before}]

[grid]
resolution_m = {wanted.resolution_m:g}  # side of a cell; the elevation default has 30 m
ensemble_m = {max(120.0, 4 * wanted.resolution_m):g}  # coarser cells, for repeated draws

[movement]
# Modelled crossings end on highways and in settlements at least this deep behind the border,
# metres{_why_depth(wanted)}.
# `funnel check` says where nothing lies so deep, and which depth would fit. Choose it before
# results are seen.
crossing_depth_m = {_depth_m(wanted):.0f}

[privacy]
# The floors of what is published. A study may raise them and never lower them. Deaths stand on
# the same cells and in the same blocks of years in every study.
surface_cell_m = 1000

[inference]
# true where records were seen while the study was designed; results are then exploratory.
exploratory = false
"""


def _depth_m(wanted: Wanted) -> float:
    return crossing_depth_m(wanted.area, working_crs(wanted.area))


def _why_depth(wanted: Wanted) -> str:
    if _depth_m(wanted) >= float(parameters.load("funnel")["crossing_depth_m"].value):
        return " (the registered depth)"
    extent = smaller_extent_km(wanted.area, working_crs(wanted.area))
    return f": a third of the area's smaller extent of {extent} km, as no border is given yet"


def _periods(wanted: Wanted, as_of: date) -> list[str]:
    days = (wanted.first, *wanted.cuts, wanted.last)
    parts = [PERIODS]
    for n, (start, end) in enumerate(pairwise(days)):
        if not wanted.cuts:
            key, label = "all", "All years"
        else:
            key = "before" if n == 0 else f"period-{n}"
            label = "Before towers" if n == 0 else f"Period {n}"
        parts.append(
            f'[[periods]]\nid = "{key}"\nlabel = "{label}"\nstart = {start}\nend = {end}\n'
            'reason = ""  # why these bounds, and where the dates come from\n'
        )
    open_until = add_months(wanted.last, CLOSED_MONTHS)
    if open_until > as_of:
        parts.append(f"# The last period stays out of published surfaces until {open_until}.\n")
    return parts


def _sources(wanted: Wanted) -> list[str]:
    catalogue = load()
    parts = ["# Sources: keys of the catalogue (`funnel sources`), or files of yours."]
    for name in SOURCES:
        entry = catalogue[name]
        required = "" if entry.role == "elevation" else "required = false\n"
        role, note = entry.role, f"# {entry.note}\n" if entry.note else ""
        if name == IOM:
            role, note = "deaths", OWN_DEATHS
        parts.append(
            f"# {entry.title}, {entry.publisher}. {entry.licence}.\n{note}"
            f'[[sources]]\nid = "{name}"\nrole = "{role}"\n{required}'
        )
    if wanted.first < IOM_SINCE:
        parts.append(f"# The Missing Migrants Project begins on {IOM_SINCE}.\n")
    return parts


def _own_sources() -> str:
    return """\
# Files of yours: take the marks away from those you have. Paths are absolute, beside this
# file, or in the folder FUNNEL_LOCAL_DATA. `columns` maps a contract's column to yours;
# docs/reference lists the columns.
#
# [[sources]]
# id = "my-deaths"
# role = "deaths"
# file = "deaths.csv"
#
# [[sources]]
# id = "my-deaths-2021" # an earlier state of the same file: the headline is asked of it again
# role = "vintage"
# file = "deaths-2021.csv"
# vintage_of = "my-deaths"
#
# [[sources]]
# id = "my-towers"      # `funnel towers FILE` shows how it is read; dates: data/towers
# role = "towers"
# file = "towers.csv"
#
# [[sources]]
# id = "my-border"      # a line of any direction, also in pieces: routes start on it
# role = "border"
# file = "border.geojson"
#
# [[sources]]
# id = "my-roads"
# role = "roads"
# file = "roads.geojson"
#
# [[sources]]
# id = "my-places"      # towns: routes end in them; a CSV with latitude, longitude, name serves
# role = "places"
# file = "places.geojson"
#
# [[sources]]
# id = "my-areas"       # only drawn on the map: areas with a name and a kind, which is country,
# role = "areas"        # state, county, protected or tribal; the catalogue has public ones
# file = "areas.geojson"
# required = false
#
## An OpenStreetMap extract serves for all three, as PBF, GeoPackage or Geofabrik's shapefiles: the
## border by boundary = administrative, admin_level = 2; roads by highway = motorway to tertiary;
## places by place = city, town, village. Take out the other source of the same role.
#
# [[sources]]
# id = "osm-border"
# role = "border"
# file = "greece-latest.osm.pbf"
# credit = "OpenStreetMap contributors, ODbL 1.0"
#
# [[sources]]
# id = "osm-roads"
# role = "roads"
# file = "greece-latest.osm.pbf"
# credit = "OpenStreetMap contributors, ODbL 1.0"
#
# [[sources]]
# id = "osm-places"
# role = "places"
# file = "greece-latest.osm.pbf"
# credit = "OpenStreetMap contributors, ODbL 1.0"
#
# [[sources]]
# id = "my-corridors"   # polygons with a name each: the units that are compared
# role = "corridors"
# file = "corridors.geojson"
#
## Without polygons corridors are made: from the corridor labels of the records where there are
## enough, else as strips across the border line. `funnel check` says which, and how well they fit.
#
# [corridors]
# from = "strips"       # or "labels"
# strip_km = 20         # length of border of one strip
"""
