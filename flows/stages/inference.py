"""From recorded deaths and coverage to estimates, each with its null, interval and sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table, write_table
from flows.stages import sight
from flows.stages import zones as programme_zones
from flows.stages.covariates import covariates
from flows.stages.exposures import exposures
from flows.stages.ground import StudyGround, doses_of, route_models
from flows.stages.recorded import recorded
from flows.stages.route_judgement import judge, weighed
from flows.stages.vintages import vintages
from geo import inference, sources
from geo.inference.panel import route_validation as routes
from geo.inference.panel.eligibility import TOWERS
from geo.inference.robustness.variants import WITHOUT_WATCHED, watched_before
from geo.records import COVARIATES, ESTIMATES, LINES
from geo.strips import held
from geo.study import stream

PARENTS = "step:ingest step:visibility step:funnel"


def run(step: StageContext) -> None:
    """Judge the route model, then run the registered analysis; nothing without an exposure."""
    in_view = read_raster(step.done["visibility"], "in_view_year")
    zones = read_raster(step.done["visibility"], "in_zone_year")
    by_year = in_view if zones is None else zones
    if by_year is None:
        write_table(step.folder, ESTIMATES.name, ESTIMATES.empty())
        return
    deaths = recorded(step)
    by_year = _by_number(by_year)
    judged = judge(step)
    weight, dose = weighed(step, judged)
    density = judged.density.load() if judged.density is not None and judged.believed else None
    coarse = _known_coarsely(step, by_zones=zones is not None)
    land = StudyGround.of(step, deaths, None if coarse.no_view else by_year)
    if zones is None:
        drawn = exposures(step, deaths, weight, land.labels)
    else:
        drawn = programme_zones.zone_exposures(step, weight, land.labels)
    again = land.variants(by_year, weight)
    models = route_models(step) if judged.believed else {}
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
            month_dose=drawn.months,
            in_view=drawn.in_view,
            placebos=drawn.placebos,
            covariates=held.known,
            variants=again.known
            | {name: inference.Variant(dose=d) for name, d in drawn.changed.items()}
            | doses_of(models, by_year, land.labels)
            | _without_watched(land, dose)
            | earlier.known,
            refused=earlier.refused | held.refused | again.refused | drawn.refused,
            route_model_validated=None if judged.found is None else judged.found.validated,
            route_model_reason=judged.reason,
            no_view=coarse.no_view,
            caps=coarse.caps,
        ),
        _options(step, land, coarse),
        partial(_stream, step.study.seed),
        draws=step.study.inference.permutations,
        imputations=step.study.inference.imputations,
        exploratory=step.study.inference.exploratory,
        parents=PARENTS,
        progress=step.progress,
    )
    rows = list(found.rows)
    if judged.found is not None:
        rows.append(routes.as_estimate(judged.found, PARENTS, weighs=weight is not None))
    write_table(step.folder, ESTIMATES.name, inference.estimates_table(rows))


def _options(step: StageContext, land: StudyGround, coarse: _Coarse) -> inference.PanelOptions:
    """Return who enters the panel, and in which words."""
    return inference.PanelOptions(
        min_records_before=step.study.inference.min_records_before,
        strata=dict(step.study.inference.strata),
        coverage=coarse.words,
        sources={s.source_id: s.name for s in sources.systems_of(step.study)},
        described=_described(step, land),
    )


def _described(step: StageContext, land: StudyGround) -> dict[str, str]:
    """Return the record systems that are described only, and why; none where there is only one."""
    if not land.systems:
        return {}
    lines = read_table(step.done["ingest"], LINES.name)
    return sources.behind_crossings(
        land.systems, land.corridors, lines[lines["kind"] == "border"],
        step.study.movement.crossing_depth_m, step.study.crs,
    )  # fmt: skip


@dataclass(frozen=True)
class _Coarse:
    """Why ground is not told apart by view, what covers it instead, what holds the claim down."""

    no_view: str = ""
    words: str = TOWERS
    caps: tuple[tuple[str, str], ...] = ()


def _known_coarsely(step: StageContext, *, by_zones: bool) -> _Coarse:
    if by_zones:
        caps = (("L1", programme_zones.CAP_REASON),)
        return _Coarse(programme_zones.NO_VIEW, programme_zones.COVERAGE_WORDS, caps)
    if sight.read_sight(step.done["visibility"]).by_range:
        return _Coarse(sight.NO_VIEW, sight.COVERAGE_WORDS, (("L1", sight.CAP_REASON),))
    return _Coarse()


def _without_watched(land: StudyGround, coverage: pd.DataFrame) -> dict[str, inference.Variant]:
    """Return the headline without corridors that older zones watched; none where there are none."""
    marked = watched_before(coverage)
    if not marked:
        return {}
    note = (
        "Without the corridors that cameras older than the study's towers watched: "
        f"{', '.join(marked)}."
    )
    return {WITHOUT_WATCHED: land.without(set(marked), note)}


def _stream(seed: int, name: str) -> np.random.Generator:
    return stream(seed, f"inference {name}")


def _by_number(by_year: xr.DataArray) -> xr.DataArray:
    years = [int(str(name).removeprefix("y")) for name in by_year["period"].values]
    named = by_year.assign_coords(period=years).rename(period="year")
    return held(named)
