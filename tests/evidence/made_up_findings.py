"""A small made-up set of findings: random deaths, towers, exposures and rasters."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from geo import identity, records, study
from geo.evidence import Findings
from geo.grid import grid_from_bounds, wrap
from geo.inference import PLAN

STUDY = """
name = "made-up"
title = "A made-up strip of land"
question = "Did recorded deaths move to harder ground when towers went up?"
as_of = 2026-01-01
seed = 7
crs = "EPSG:32612"
bounds_lonlat = [-112.0, 31.4, -111.0, 31.9]
pre_tower = [2001-01-01, 2007-01-01]
[grid]
resolution_m = 500
[[periods]]
id = "before"
label = "Before towers"
start = 2001-01-01
end = 2007-01-01
reason = "No tower stood"
[[periods]]
id = "after"
label = "After towers"
start = 2007-01-01
end = 2017-01-01
reason = "Towers stood in two corridors"
[[periods]]
id = "recent"
label = "Recent"
start = 2017-01-01
end = 2025-01-01
reason = "Not closed for 24 months"
"""
SYNTHETIC = """
[synthetic]
width_km = 90
height_km = 55
corridors = 3
treated = 2
records = 400
rate_ratio = 2.0
first_year = 2001
years = 24
"""
CORRIDORS = ("West", "Middle", "East")
ENVIRONMENT = "python==3.11\narchitecture==x86_64\nnumpy==2.4\n"
STEPS = (
    ("ingest", (), ("deaths",)),
    ("terrain", (), ("elevation",)),
    ("hardship", ("ingest", "terrain"), ()),
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def findings(n: int = 400, *, synthetic: bool = True, seed: int = 1) -> Findings:
    made = study.parse(STUDY + (SYNTHETIC if synthetic else ""), "made-up.toml")
    rng = np.random.default_rng(seed)
    deaths = _deaths(n, rng)
    tables = {
        "deaths": deaths,
        "exposures": _exposures(deaths, made, rng),
        "towers": _towers(),
        "corridors": _corridors(),
        "counts": _counts(n),
        "snapshots": _snapshots(),
        "coverage_by_corridor_year": _coverage(made),
        "funnel_measures": _measures(),
        "estimates": _estimates(),
    }
    run, steps = _identities(made, tables["snapshots"])
    return Findings(
        study=made,
        run_id=run,
        code_version=sha("code"),
        tables=tables,
        rasters=_rasters(made, rng),
        skipped=(
            ("Distance to roads", "a road file", "US Census TIGER/Line; pass it as role roads"),
        ),
        calibration=_calibration(),
        environment=ENVIRONMENT,
        steps=steps,
        case_keys={d: f"{i % 24:02d}-{i:05d}" for i, d in enumerate(deaths["death_id"])},
    )


def _identities(made, snapshots):
    """Run id and steps as a run would state them."""
    inputs = list(zip(snapshots["source_id"], snapshots["sha256"], strict=True))
    run = identity.run_id(made.toml(), sha("code"), ENVIRONMENT, inputs)
    steps = {}
    for name, needs, roles in STEPS:
        facts = {
            "name": name,
            "code": sha(name),
            "distributions": ["numpy"],
            "environment": identity.environment_hash(ENVIRONMENT, ["numpy"]),
            "settings": ["periods", "privacy.min_group"],
            "roles": list(roles),
            "needs": {n: steps[n]["fingerprint"] for n in needs},
            "whole": False,
        }
        mark = identity.step_fingerprint(facts, made.toml(), inputs, run)
        steps[name] = facts | {"fingerprint": mark}
    return run, steps


def _deaths(n, rng):
    longitude = rng.uniform(-111.95, -111.05, n)
    latitude = np.clip(rng.normal(31.6, 0.1, n), 31.42, 31.88)
    found = pd.Timestamp("2001-01-01") + pd.to_timedelta(rng.integers(0, 8760, n), unit="D")
    corridor = np.array(CORRIDORS)[np.clip(((longitude + 112) * 3).astype(int), 0, 2)]
    return records.DEATHS.conform(
        gpd.GeoDataFrame(
            {
                "death_id": [f"d-{sha(f'death {i}')[:16]}" for i in range(n)],
                "source_id": "made-up-deaths",
                "source_row": np.arange(1, n + 1),
                "found_on": found,
                "death_earliest": found - pd.Timedelta(days=30),
                "death_latest": found,
                "pmi_class": rng.choice(records.PMI, n),
                "sex": rng.choice(["male", "female", "unknown"], n),
                "age_years": rng.integers(15, 60, n),
                "cause_class": rng.choice(records.CAUSES, n),
                "precision_class": rng.choice(["gps", "directions", "vague"], n, p=[0.6, 0.3, 0.1]),
                "precision_m": 100.0,
                "corridor": corridor,
                "land_manager": np.where(longitude < -111.8, "Tohono Oodham Nation", "Private"),
                "identified": rng.random(n) < 0.6,
                "persons": 1,
                "place_ok": rng.random(n) < 0.97,
                "date_ok": True,
                "cause_ok": True,
            },
            geometry=gpd.points_from_xy(longitude, latitude),
            crs="EPSG:4326",
        )
    )


def _exposures(deaths, made, rng):
    n = len(deaths)
    found = deaths["found_on"]
    period = pd.Series(None, index=deaths.index, dtype=object)
    for p in made.periods:
        inside = (found >= pd.Timestamp(p.start)) & (found < pd.Timestamp(p.end))
        period[inside] = p.id
    later = (period != "before").to_numpy()
    return records.EXPOSURES.conform(
        pd.DataFrame(
            {
                "death_id": deaths["death_id"],
                "source_id": deaths["source_id"],
                "source_row": deaths["source_row"],
                "period_id": period,
                "year": [d.year for d in found],
                "corridor": deaths["corridor"],
                "precision_class": deaths["precision_class"],
                "slope_deg": rng.gamma(2, 2, n) + later,
                "border_km": rng.uniform(1, 60, n),
                "road_km": np.nan,
                "energy_mj": rng.gamma(4, 4, n) + 3 * later,
                "hours": rng.gamma(4, 3, n),
                "hardness": rng.normal(0, 1, n),
                "seen": np.where(later, rng.random(n), 0.0),
                "parents": "",
            }
        )
    )


def _towers():
    return records.TOWERS.conform(
        gpd.GeoDataFrame(
            {
                "tower_id": [f"t-{i}" for i in range(6)],
                "source_id": "made-up-towers",
                "source_row": range(1, 7),
                "programme": "ift",
                "status": "deployed",
                "height_m": 30.0,
                "range_m": 8000.0,
                "active_from_earliest": pd.Timestamp("2007-01-01"),
                "active_from_latest": pd.Timestamp("2007-12-31"),
                "citation": ["=HYPERLINK(0)", "A", "B", "C", "D", "E"],
            },
            geometry=gpd.points_from_xy(np.linspace(-111.9, -111.4, 6), [31.5] * 6),
            crs="EPSG:4326",
        )
    )


def _corridors():
    return records.CORRIDORS.conform(
        gpd.GeoDataFrame(
            {
                "source_id": "made-up-corridors",
                "source_row": [1, 2, 3],
                "corridor": CORRIDORS,
                "basis": "study",
            },
            geometry=[box(-112 + i / 3, 31.4, -112 + (i + 1) / 3, 31.9) for i in range(3)],
            crs="EPSG:4326",
        )
    )


def _counts(n):
    steps = [("read", "", n + 5), ("quarantined", "date not readable", 5), ("used", "", n)]
    return records.COUNTS.conform(
        pd.DataFrame(
            {
                "source_id": "made-up-deaths",
                "step": [s for s, _, _ in steps],
                "reason": [r for _, r, _ in steps],
                "records": [k for _, _, k in steps],
                "row_id": "",
                "parents": "",
            }
        )
    )


def _snapshots():
    ids = ("made-up-deaths", "made-up-towers", "made-up-corridors", "made-up-terrain")
    roles = ("deaths", "towers", "corridors", "elevation")
    return records.SNAPSHOTS.conform(
        pd.DataFrame(
            {
                "source_id": ids,
                "role": roles,
                "title": [f"Made-up {r}" for r in roles],
                "publisher": "A seed",
                "licence": "CC0-1.0",
                "citation": "This project, made-up records",
                "retrieved_at": "2026-01-01T00:00:00Z",
                "size": 1000,
                "sha256": [sha(i) for i in ids],
                "reader": "synthetic",
                "row_id": "",
                "parents": "",
            }
        )
    )


def _coverage(made):
    rows = [
        {
            "corridor": c,
            "year": y,
            "exposure": "view",
            "area_share": round(min(0.4, max(0, (y - 2006) / 20)) * (i < 2), 3),
            "dose": round(min(0.6, max(0, (y - 2006) / 15)) * (i < 2), 3),
            "row_id": f"cov-{i}-{y}",
            "parents": "step:hardship",
        }
        for i, c in enumerate(CORRIDORS)
        for y in made.years
    ]
    return records.COVERAGE.conform(pd.DataFrame(rows))


def _measures():
    rows = [
        {
            "period_id": p,
            "segment": "all",
            "avoidance": a,
            "measure": m,
            "value": v,
            "low": v * 0.8,
            "high": v * 1.2,
            "unit": u,
            "definition": d,
            "row_id": "",
            "parents": "step:hardship",
        }
        for p in ("before", "after")
        for a in (0.0, 1.0)
        for m, v, u, d in (
            ("added_energy", 1.4 * a, "MJ", "Added energy per crossing against pre-tower, median"),
            ("share_in_view", 0.3, "1", "Share of route density in view"),
        )
    ]
    return records.FUNNEL.conform(pd.DataFrame(rows))


def _estimates():
    rows = [
        {
            "analysis": "headline",
            "estimand": "ratio of rate ratios per unit dose and SD of hardness",
            "estimate": 1.9,
            "low": 1.2,
            "high": 3.0,
            "p": 0.012,
            "reference_set": "all 462 admissible assignments of dose paths to corridors",
            "n": 400,
            "clusters": 12,
            "mde": 1.58,
            "gates": "permutation=pass;pre_trends_flat=pass;route_model_validated=fail",
            "claim_level": "L1",
            "sentence": "Greater tower coverage was accompanied by recorded deaths on harder "
            "ground (ratio of rate ratios 1.9, 95 % interval 1.2 to 3.0).",
        },
        {
            "analysis": "S3",
            "estimand": "change on hard ground out of view",
            "estimate": 1.05,
            "low": 0.8,
            "high": 1.4,
            "p": 0.4,
            "reference_set": "the same assignments",
            "n": 400,
            "clusters": 12,
            "mde": 1.7,
            "gates": "hard_out_of_view_rises=fail",
            "claim_level": "L0",
            "sentence": "Whether people went elsewhere, were stopped or were rescued cannot be "
            "told from these records.",
        },
    ]
    ratio = rows[0]["estimand"]
    for name, value in [("R1.without_West", 1.7), ("R4.gps", 2.2), ("R5.bins_3", 1.4)]:
        rows.append(_estimate(name, f"{ratio}, another choice", value))
    for year, value in zip(range(-3, 4), (1.0, 0.95, 1.05, 1.0, 1.3, 1.6, 1.8), strict=True):
        rows.append(
            _estimate(
                f"S2.years_{'minus_' * (year < 0)}{abs(year)}_to_99",
                "ratio of rate ratios by year",
                value,
            )
        )
    return records.ESTIMATES.conform(
        pd.DataFrame(rows).assign(
            parameters_hash=sha("inference"), row_id="", parents="step:hardship"
        )
    )


def _estimate(name, estimand, value):
    return {
        "analysis": name,
        "estimand": estimand,
        "estimate": value,
        "low": value * 0.7,
        "high": value * 1.4,
        "claim_level": "L1",
        "sentence": f"{name} gives {value}.",
    }


def _calibration():
    rows = [
        ("null-balanced", "permutation_rejects", 0.045, 0.034, 0.060, 1),
        ("null-real", "permutation_rejects", 0.054, 0.042, 0.070, 1),
        ("null-real", "covered", 0.980, 0.969, 0.987, 1),
        ("null-real", "supported", 0.030, 0.021, 0.042, PLAN),
    ]
    frame = pd.DataFrame(rows, columns=["gate", "outcome", "estimate", "low", "high", "plan"])
    return frame.assign(n=1000, goal="at most 0.064", verdict="pass", planted=None)


def _rasters(made, rng):
    grid = grid_from_bounds((405_000, 3_474_000, 495_000, 3_530_000), made.crs, 1_000)
    periods = [p.id for p in study.closed_periods(made)]
    shape = tuple(grid.shape)
    smooth = np.add.outer(np.linspace(0, 1, shape[0]), np.linspace(0, 1, shape[1])) / 2
    view = np.stack([smooth * (i > 0) for i in range(len(periods))]).astype("float32")
    coords = {"period": periods}
    return {
        "in_view_share": wrap(view, grid, "in_view_share", "1", coords=coords),
        "route_density": wrap(view + 0.1, grid, "route_density", "1/km2", coords=coords).astype(
            "float32"
        ),
        "hardship": wrap((smooth * 40).astype("float32"), grid, "hardship", "MJ"),
        "relief": wrap((smooth * 900 + 300).astype("float32"), grid, "relief", "m"),
    }


def without(made: Findings, *names: str) -> Findings:
    """Return the findings without some tables and rasters."""
    return replace(
        made,
        tables={k: v for k, v in made.tables.items() if k not in names},
        rasters={k: v for k, v in made.rasters.items() if k not in names},
    )
