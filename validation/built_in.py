"""The built-in studies with other draws of their records, read and decided as the pipeline does.

Land, towers and coverage are those of the study and made once a process; each simulation draws
its own deaths and records from them, writes the publisher's file, reads it back, judges the route
model on it and runs the decision rule. Towers' dates are the true ones.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from flows.workflow.studies import locate
from geo import funnel, inference, sources
from geo.aggregation import aggregate
from geo.errors import IdentificationError
from geo.grid import distance_km, grid_of
from geo.inference.estimation.agreement import same_sign
from geo.inference.estimation.rows import Estimate
from geo.inference.panel import route_validation as routes
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.registered.pooling import pool
from geo.records import DEATHS
from geo.synthetic.death_file import deaths_csv
from geo.synthetic.deaths import draw
from geo.synthetic.ground_truth import GroundTruth, world

DRAWS = 10
"""Imputations."""
Outcome = dict[str, float]


@dataclass(frozen=True)
class BuiltIn:
    """A built-in study whose records are drawn anew."""

    study: str
    rate_ratio: float


@dataclass(frozen=True)
class Made:
    """What every draw of a study shares."""

    world: GroundTruth
    ground: xr.Dataset
    doses: pd.DataFrame
    border_km: xr.DataArray
    road_km: xr.DataArray
    density: xr.DataArray


@cache
def made(name: str) -> Made:
    """Make up land, towers and coverage once."""
    one = world(locate(name).study)
    coarse = aggregate(one.routes, one.study.privacy.surface_cell_m, "sum")
    goals = pd.concat([one.land.roads, one.land.places])
    by_year = one.in_view
    return Made(
        one,
        inference.classify_ground(one.hardness, one.labels, one.study.inference.bins, by_year),
        funnel.dose(by_year, one.routes, one.labels),
        distance_km(one.land.border, grid_of(coarse)),
        distance_km(goals, grid_of(coarse)),
        coarse,
    )


def built_in(plan: BuiltIn, rng: np.random.Generator) -> Outcome:
    """Draw the records of a study and decide."""
    own = made(plan.study)
    study = own.world.study
    deaths = _read(own.world, rng)
    believed = _believed(own, deaths)
    dose = own.doses if believed else own.doses.assign(dose=own.doses["area_share"])
    dose = dose[["corridor", "year", "dose"]]
    options = inference.PanelOptions(min_records_before=study.inference.min_records_before)

    def asked(options: inference.PanelOptions, draws: int) -> inference.Headline:
        panel = inference.build_panel(deaths, own.ground, dose, study.years, options)
        return inference.primary(panel, rng, draws=draws, invert=False)

    found = asked(options, 999)
    if found.answer is None:
        return {"estimated": 0.0, "supported": 0.0}
    gps = asked(replace(options, precision=("gps",)), 99)
    drawn = impute_panels(
        deaths, own.ground, [dose], study.years, rng, prior=own.world.routes if believed else None,
        panel_options=options, options=ImputationOptions(draws=DRAWS),
    )  # fmt: skip
    imputed = pool(drawn, rng, draws=199)
    gates = {
        "sign_gps_only": same_sign(imputed.estimate, gps.estimate),
        "sign_as_recorded": same_sign(imputed.estimate, found.estimate),
    }
    truth = float(np.log(plan.rate_ratio))
    low, high = found.answer.interval.bounds()
    return {
        "estimated": 1.0,
        "log_ratio": float(found.answer.interval.beta[0]),
        "covered": float(low <= truth <= high),
        "imputed_log_ratio": imputed.beta,
        "imputed_covered": _covers(imputed.estimate, truth),
        "supported": float(inference.claim(imputed.headline, gates).supported),
        "route_validated": float(believed),
    }


def _covers(estimate: Estimate, truth: float) -> float:
    if estimate.low is None or estimate.high is None:
        return 0.0
    return float(np.log(estimate.low) <= truth <= np.log(estimate.high))


def _read(made_up: GroundTruth, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Write the publisher's file of a new draw and read it as any other."""
    study = made_up.study
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deaths.csv"
        path.write_bytes(deaths_csv(made_up, draw(made_up, rng)))
        read = sources.read(
            path, role="deaths", source_id="synthetic", as_of=study.as_of,
            plausible=study.bounds_lonlat,
        )  # fmt: skip
    first, last = study.periods[0].start, study.periods[-1].end
    deaths: gpd.GeoDataFrame = DEATHS.conform(
        sources.fit(read.records, study.bounds_lonlat, first, last)
    )
    return deaths


def _believed(own: Made, deaths: gpd.GeoDataFrame) -> bool:
    study = own.world.study
    start, end = (pd.Timestamp(day) for day in study.pre_tower)
    early = (deaths["found_on"] >= start) & (deaths["found_on"] < end)
    judge = early & (deaths["precision_class"] == "gps") & deaths["exclusion_reason"].isna()
    points = deaths.geometry[judge].to_crs(study.crs)
    try:
        judged = routes.validate_routes(
            own.density, own.border_km, own.road_km, points.x.to_numpy(), points.y.to_numpy()
        )
    except IdentificationError:
        return False
    return judged.validated
