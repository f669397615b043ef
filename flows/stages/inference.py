"""From recorded deaths and coverage to estimates, each with its null, interval and sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import Step
from flows.core.store import read_table, write_table
from flows.stages import sight
from flows.stages import zones as programme_zones
from flows.stages.covariates import covariates
from flows.stages.exposures import exposures
from flows.stages.ground import Land, doses_of, flow_classes, route_models
from flows.stages.vintages import vintages
from geo import inference
from geo.errors import IdentificationError
from geo.grid import aggregate, distance_km, grid_of
from geo.inference.panel import route_validation as routes
from geo.inference.robustness.variants import WITHOUT_WATCHED, watched_before
from geo.records import COVARIATES, COVERAGE, DEATHS, ESTIMATES, LINES
from geo.study import stream

PARENTS = "step:ingest step:visibility step:funnel"


def run(step: Step) -> None:
    """Judge the route model, then run the registered analysis; nothing without an exposure."""
    in_view = read_raster(step.done["visibility"], "in_view_year")
    zones = read_raster(step.done["visibility"], "in_zone_year")
    by_year = in_view if zones is None else zones
    density = read_raster(step.done["funnel"], "density_before")
    if by_year is None:
        write_table(step.folder, ESTIMATES.name, ESTIMATES.empty())
        return
    deaths = read_table(step.done["ingest"], DEATHS.name)
    by_year = _by_number(by_year)
    judged, unjudged = _judge(step, deaths, density)
    believed = judged is not None and judged.validated
    dose = read_table(step.done["funnel"], COVERAGE.name)
    weight = density
    if density is None or not (believed or zones is not None):
        # a route model that records do not bear out may not weigh what towers saw; zones have no
        # other measure, since a share of land depends on how far inland a corridor is drawn
        weight, dose = None, dose.assign(dose=dose["area_share"])
    density = density if believed else None
    coarse = _known_coarsely(step, by_zones=zones is not None)
    land = Land.of(step, None if coarse.no_view else by_year)
    if zones is None:
        drawn = exposures(step, deaths, weight, land.labels)
    else:
        drawn = programme_zones.zone_exposures(step, weight, land.labels)
    again = land.variants(by_year, weight)
    models = route_models(step) if believed else {}
    own = read_table(step.done["ingest"], COVARIATES.name)
    held = covariates(own, land.labels.attrs["names"], step.study.years)
    earlier = vintages(step, deaths)
    found = inference.analyse(
        inference.Inputs(
            deaths=deaths,
            ground=land.ground(),
            dose=dose[["corridor", "year", "dose"]],
            years=step.study.years,
            density=density,
            densities=models,
            dose_draws=drawn.draws,
            placebo_doses=drawn.placebo_doses,
            batches=drawn.batches,
            in_view=drawn.in_view,
            placebos=drawn.placebos,
            flow_classes=flow_classes(step) if believed and not coarse.no_view else None,
            covariates=held.known,
            variants=again.known
            | {name: inference.Variant(dose=d) for name, d in drawn.changed.items()}
            | doses_of(models, by_year, land.labels)
            | _without_watched(land, dose)
            | earlier.known,
            refused=earlier.refused | held.refused | again.refused | drawn.refused,
            route_model_validated=None if judged is None else judged.validated,
            route_model_reason=unjudged,
            no_view=coarse.no_view,
            coverage=coarse.words,
            caps=coarse.caps,
        ),
        inference.PanelOptions(
            min_records_before=step.study.inference.min_records_before,
            strata=dict(step.study.inference.strata),
        ),
        partial(_stream, step.study.seed),
        draws=step.study.inference.permutations,
        imputations=step.study.inference.imputations,
        exploratory=step.study.inference.exploratory,
        parents=PARENTS,
        progress=step.progress,
    )
    rows = [
        *found.rows,
        *(
            []
            if judged is None
            else [routes.as_estimate(judged, PARENTS, weighs=weight is not None)]
        ),
    ]
    write_table(step.folder, ESTIMATES.name, inference.estimates_table(rows))


@dataclass(frozen=True)
class _Coarse:
    """Why ground is not told apart by view, what covers it instead, what holds the claim down."""

    no_view: str = ""
    words: str = ""
    caps: tuple[tuple[str, str], ...] = ()


def _known_coarsely(step: Step, *, by_zones: bool) -> _Coarse:
    if by_zones:
        caps = (("L1", programme_zones.CAP_REASON),)
        return _Coarse(programme_zones.NO_VIEW, programme_zones.COVERAGE_WORDS, caps)
    if sight.read_sight(step.done["visibility"]).by_range:
        return _Coarse(sight.NO_VIEW, sight.COVERAGE_WORDS, (("L1", sight.CAP_REASON),))
    return _Coarse()


def _without_watched(land: Land, coverage: pd.DataFrame) -> dict[str, inference.Variant]:
    """Return the headline without corridors that older zones watched; none where there are none."""
    marked = watched_before(coverage)
    if not marked:
        return {}
    note = (
        "Without the corridors that cameras older than the study's towers watched: "
        f"{', '.join(marked)}."
    )
    return {WITHOUT_WATCHED: inference.Variant(ground=land.without(set(marked)), note=note)}


def _stream(seed: int, name: str) -> np.random.Generator:
    return stream(seed, f"inference {name}")


def _judge(
    step: Step, deaths: gpd.GeoDataFrame, density: xr.DataArray | None
) -> tuple[routes.Validation | None, str]:
    """Score the route model on pre-tower GPS records; None, and why, where that is not possible."""
    if density is None:
        return None, "there is no modelled movement before the first tower"
    cell_m = max(step.study.privacy.surface_cell_m, float(grid_of(density).resolution.x))
    coarse = aggregate(density.load(), cell_m, "sum")
    lines = read_table(step.done["ingest"], LINES.name)
    border = lines["kind"] == "border"
    start, end = (pd.Timestamp(day) for day in step.study.pre_tower)
    early = (deaths["found_on"] >= start) & (deaths["found_on"] < end)
    judge = early & (deaths["precision_class"] == "gps") & deaths["exclusion_reason"].isna()
    points = deaths.geometry[judge].to_crs(step.study.crs)
    try:
        return routes.validate_routes(
            coarse,
            distance_km(lines[border], grid_of(coarse)),
            distance_km(lines[~border], grid_of(coarse)),
            points.x.to_numpy(),
            points.y.to_numpy(),
        ), ""
    except IdentificationError as error:
        return None, str(error)


def _by_number(by_year: xr.DataArray) -> xr.DataArray:
    years = [int(str(name).removeprefix("y")) for name in by_year["period"].values]
    return by_year.assign_coords(period=years).rename(period="year").load()
