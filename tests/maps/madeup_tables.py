"""Every table that the made-up map reads; `text` stands wherever a publisher's words stand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, Polygon, box

from geo.records import TABLES, block_years, count_class

BOUNDS = (-112.9, 31.6, -110.5, 32.3)
BLOCKS = ("2000-04", "2005-09", "2010-14", "2015-19", "2020-24")
LAST_YEAR = 2022


def tables(text: str = "plain") -> dict[str, pd.DataFrame]:
    """Return every table a page reads; `text` stands wherever a publisher's words stand."""
    return recorded(text) | on_the_land(text) | results(text)


def recorded(text: str) -> dict[str, pd.DataFrame]:
    """Return deaths, their flow, and the file they came in."""
    snapshot = {
        "source_id": "deaths",
        "role": "deaths",
        "title": f"Records {text}",
        "publisher": text,
        "licence": text,
        "citation": f"Made up {text}",
        "url": None,
        "retrieved_at": "2025-11-01T10:00:00Z",
        "size": 10,
        "sha256": "ab" * 32,
        "reader": "x",
        "note": text,
    }
    years = [("made", 2001 + i, 12 + 7 * i) for i in range(22)]
    return {
        "deaths_by_cell_block": death_cells(),
        "deaths_by_year": conform(
            "deaths_by_year",
            [
                {
                    "source_id": s,
                    "year": y,
                    "deaths_class": count_class(n),
                    "deaths": n if n > 19 else None,
                }
                for s, y, n in years
            ],
        ),
        "deaths_by_corridor_block": conform(
            "deaths_by_corridor_block",
            [
                {
                    "source_id": "deaths",
                    "corridor": f"{text} {c}",
                    "block": block,
                    "first_year": block_years(block)[0],
                    "last_year": block_years(block)[1],
                    "cells": 3,
                    "deaths_at_least": 7,
                    "deaths_at_most": 17 if c else None,
                }
                for c in range(4)
                for block in BLOCKS[:2]
            ],
        ),
        "snapshots": conform("snapshots", [snapshot]),
        "counts": conform(
            "counts",
            [
                {"source_id": "deaths", "step": "read", "reason": "", "records": 3010},
                {
                    "source_id": "deaths",
                    "step": "excluded",
                    "reason": f"placeholder {text}",
                    "records": 10,
                },
            ],
        ),
    }


def on_the_land(text: str) -> dict[str, pd.DataFrame]:
    """Return what is drawn beside deaths."""
    border = LineString([(-113.2, 31.75), (-111.07, 31.66), (-110.2, 31.66)])
    highway = LineString([(-112.9, 32.1), (-112, 32.2), (-111, 32.15), (-110.5, 32.25)])
    return {
        "towers": towers(text),
        "lines": conform(
            "lines",
            [
                {
                    "line_id": "b",
                    "source_id": "b",
                    "source_row": 1,
                    "kind": "border",
                    "name": text,
                    "geometry": border,
                },
                {
                    "line_id": "h",
                    "source_id": "h",
                    "source_row": 1,
                    "kind": "highway",
                    "name": text[:300],
                    "geometry": highway,
                },
            ],
        ),
        "places": conform(
            "places",
            [
                {
                    "place_id": f"p{i}",
                    "source_id": "p",
                    "source_row": i + 1,
                    "name": f"{text[:200]} {i}",
                    "kind": "town",
                    "geometry": Point(-112.6 + 0.5 * i, 31.9),
                }
                for i in range(4)
            ],
        ),
        "areas": areas(text),
        "corridors": conform(
            "corridors",
            [
                {
                    "source_id": "c",
                    "source_row": i + 1,
                    "corridor": f"{text[:60]} {i}",
                    "basis": "study",
                    "geometry": box(
                        BOUNDS[0] + 0.6 * i, BOUNDS[1], BOUNDS[0] + 0.6 * (i + 1), BOUNDS[3]
                    ),
                }
                for i in range(4)
            ],
        ),
        "sites": conform(
            "sites",
            [
                {
                    "site_id": f"s{i}",
                    "source_id": "s",
                    "source_row": i + 1,
                    "kind": f"{text} licence",
                    "operator": text,
                    "from_date": "2004-01-01",
                    "geometry": Point(-112.5 + 0.3 * i, 31.72),
                }
                for i in range(5)
            ],
        ),
    }


def results(text: str) -> dict[str, pd.DataFrame]:
    """Return what a run found."""
    return {
        "hardness_by_corridor": hardness(text),
        "coverage_by_corridor_year": conform(
            "coverage_by_corridor_year",
            [
                {
                    "corridor": f"{text} 0",
                    "year": 2010,
                    "exposure": "view",
                    "area_share": 0.31,
                    "dose": 0.2,
                }
            ],
        ),
        "hardship_by_block": conform(
            "hardship_by_block",
            [
                {
                    "block": block,
                    "first_year": block_years(block)[0],
                    "last_year": block_years(block)[1],
                    "group": g,
                    "component": c,
                    "statistic": "mean",
                    "value": v + 0.4 * i,
                    "low": v + 0.4 * i - 0.5,
                    "high": v + 0.4 * i + 0.5,
                    "unit": u,
                    "records_class": "20+",
                }
                for i, block in enumerate(BLOCKS)
                for c, u, v in (("slope", "degree", 3.0), (f"border {text}", "km", 20.0))
                for g in ("all", "gps", "land")
            ],
        ),
        "funnel_measures": conform(
            "funnel_measures",
            [
                {
                    "period_id": "first",
                    "segment": "all",
                    "avoidance": 1.0,
                    "measure": text,
                    "value": 1.2,
                    "low": 1.0,
                    "high": 1.4,
                    "unit": "1",
                    "definition": text,
                }
            ],
        ),
        "estimates": conform(
            "estimates",
            [
                {
                    "analysis": "headline",
                    "estimand": text,
                    "estimate": 2.1,
                    "low": 1.2,
                    "high": 3.4,
                    "p": 0.01,
                    "reference_set": "9,999 exchanges",
                    "n": 3000,
                    "clusters": 12,
                    "mde": 1.5,
                    "gates": None,
                    "parameters_hash": "x",
                    "claim_level": "L1",
                    "sentence": "Greater tower coverage was accompanied by a higher share of "
                    f"recorded deaths on hard ground: {text}",
                    "sentence_es": "El aumento de la cobertura de torres vino acompañado de una "
                    f"mayor parte de muertes registradas en terreno duro: {text}",
                }
            ],
        ),
    }


def areas(text: str = "") -> pd.DataFrame:
    """Return two states that reach beyond the land, and within it a county, a nation, a refuge."""
    west, south, east, north = BOUNDS
    shapes = {
        ("state", "west"): box(west - 6, south, -111.7, north + 4),
        ("state", "east"): box(-111.7, south, east + 5, north + 4),
        ("county", "county"): box(west - 1, 32.0, -111.7, north + 1),
        ("tribal", "nation"): Point(-112.2, 31.9).buffer(0.25),
        ("protected", "refuge"): Point(-111.1, 32.0).buffer(0.2),
    }
    return conform(
        "areas",
        [
            {"area_id": f"a{n}", "source_id": "a", "source_row": n + 1, "kind": kind,
             "name": f"{text[:200]} {name}".strip(), "geometry": shape}
            for n, ((kind, name), shape) in enumerate(shapes.items())
        ],
    )  # fmt: skip


def death_cells(seed: int = 3, records: int = 3000) -> gpd.GeoDataFrame:
    """Return classed H3 cells of made-up records, by block of years."""
    random = np.random.default_rng(seed)
    rows = []
    for number, block in enumerate(BLOCKS):
        lon = random.uniform(BOUNDS[0], BOUNDS[2], records // len(BLOCKS))
        lat = BOUNDS[1] + np.abs(random.normal(0.1 + 0.04 * number, 0.17, lon.size))
        pile = np.round(lon / 0.4) * 0.4 + random.normal(0, 0.03, lon.size)
        lon = np.where(random.random(lon.size) < 0.5, pile, lon)
        lat = np.minimum(lat, BOUNDS[3])
        found = pd.Series([h3.latlng_to_cell(y, x, 5) for y, x in zip(lat, lon, strict=True)])
        first, last = block_years(block)
        for cell, n in found.value_counts(sort=False).items():
            rows.append(
                {
                    "source_id": "deaths",
                    "cell_id": cell,
                    "block": block,
                    "first_year": first,
                    "last_year": min(last, LAST_YEAR),
                    "area_km2": round(h3.cell_area(cell, "km^2"), 1),
                    "deaths_class": count_class(n),
                    "row_id": f"cell-{cell}-{block}",
                    "parents": "deaths",
                    "geometry": Polygon([(x, y) for y, x in h3.cell_to_boundary(cell)]),
                }
            )
    return TABLES["deaths_by_cell_block"].conform(gpd.GeoDataFrame(rows, crs="EPSG:4326"))


def towers(text: str = "Integrated towers") -> pd.DataFrame:
    """Return towers of two programmes, some with uncertain dates, one planned, one undated."""
    rows = []
    for i in range(14):
        start = pd.Timestamp(2008 if i < 6 else 2016, 3, 1)
        rows.append(
            {
                "tower_id": f"t{i:02d}",
                "source_id": "towers",
                "source_row": i + 1,
                "programme": text,
                "status": "planned" if i == 12 else "deployed",
                "height_m": 24.0,
                "range_m": 8000.0,
                "active_from_earliest": None if i == 13 else start,
                "active_from_latest": None
                if i == 13
                else start + pd.DateOffset(years=4 * (i % 3 == 0)),
                "location_uncertainty_m": 100.0,
                "citation": f"{text}, p. {i}",
                "geometry": Point(-112.7 + 0.16 * i, 31.75 + 0.05 * (i % 4)),
            }
        )
    return conform("towers", rows)


ENDS = ((50, 64, 0.8, 0.82), (60, 70, 0.4, 0.9), (55, 59, 0.02, 0.02), (40, 46, 0.0, 0.0))
"""Hardness before and at the end, routes and land covered, of the four corridors."""


def hardness(text: str = "plain") -> pd.DataFrame:
    """Return the comparison by corridor, one corridor of which has too few records."""
    rows: list[dict[str, Any]] = []
    for i, (before, end, dose, land) in enumerate((*ENDS, (None, None, 0.3, 0.3))):
        for window, first, value in (("before", 2000, before), ("end", 2020, end)):
            rows.append(
                {
                    "corridor": f"{text[:60]} {i}",
                    "window": window,
                    "first_year": first,
                    "last_year": min(first + 4, LAST_YEAR),
                    "value": value,
                    "low": None if value is None else value - 4,
                    "high": None if value is None else value + 4,
                    "records_class": "25-34" if value else "5-14",
                    "dose": dose,
                    "area_share": land,
                }
            )
    return conform("hardness_by_corridor", rows)


def conform(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a table of a contract; row_id and parents are filled in where it has them."""
    table = TABLES[name]
    if "row_id" in table.names:
        rows = [{"row_id": f"{name}-{i}", "parents": "x", **r} for i, r in enumerate(rows)]
    return table.conform(gpd.GeoDataFrame(rows, crs=table.crs) if table.crs else rows)
