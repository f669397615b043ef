"""Made-up records on the land of a study, `[planted]`: planted, read and decided as a run does.

The walk up to the dose is made once on the real land and kept in the store of `FUNNEL_HOME`. Each
registered seed then plants its own records and asks the registered test of them. A seed is that of
`[planted]` in a study, so any one of these draws can be run again with `funnel run`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from flows.core.settings import home
from flows.core.stage import RunSpec, StageContext
from flows.core.store import StepStore, read_table
from flows.stages import zones as programme_zones
from flows.stages.recorded import generator, planting
from flows.stages.route_judgement import judge, weighed
from flows.workflow.prepare import Options, prepare
from flows.workflow.runner import execute, plan
from geo import inference
from geo.errors import ContractError
from geo.inference.estimation.agreement import same_sign
from geo.inference.estimation.rows import alpha
from geo.inference.estimation.uncertainty import ConfidenceInterval
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.registered.pooling import Pooled, pool
from geo.records import DEATHS
from geo.study import Study
from geo.synthetic.planted import plant
from geo.synthetic.planted_intensity import Planting

IMPUTATIONS = 10
PERMUTATIONS = 999
FEW_PERMUTATIONS = 199
"""For rows of which the rule reads the sign alone."""
LAST = "funnel"
"""Last step that does not know of planted records."""
Outcome = dict[str, float]


@dataclass(frozen=True)
class PlantedLand:
    """A study with `[planted]`, the ratio in it and the registered seeds.

    Attributes
    ----------
    study
        A built-in study, or the path of one.
    rate_ratio
        Planted in it.
    seeds
        One a simulation, registered before the first run.
    seed
        The one of this simulation.
    """

    study: str
    rate_ratio: float
    seeds: tuple[int, ...]
    seed: int | None = None

    def at(self, index: int) -> PlantedLand:
        """Return it with the seed of one simulation."""
        return replace(self, seed=self.seeds[index])


@dataclass(frozen=True)
class Walked:
    """What every seed of a study shares: recorded deaths, land, exposure and its draws."""

    study: Study
    recorded: gpd.GeoDataFrame
    on: Planting
    ground: xr.Dataset
    drawn: Sequence[pd.DataFrame]
    density: xr.DataArray | None


def walk_key(named: str) -> str:
    """Return what the walk of a study depends on: inputs, settings and code of its steps."""
    place = home()
    planned = plan(_question(named), StepStore(place.store))
    return next(p.fingerprint for p in planned if p.stage.name == LAST)


def planted_land(planned: PlantedLand, rng: np.random.Generator) -> Outcome:
    """Plant the records of one registered seed and decide."""
    own = walked(planned.study)
    if own.on.rate_ratio != planned.rate_ratio or planned.seed is None:
        raise ContractError(
            f"{planned.study} plants {own.on.rate_ratio:g}; give the gate that ratio, and a seed"
        )
    deaths = plant(own.recorded, own.on, generator(_seeded(own.study, planned.seed)))
    known = {"seed": float(planned.seed), "records": float(len(deaths))}
    options = inference.PanelOptions(
        min_records_before=own.study.inference.min_records_before,
        strata=dict(own.study.inference.strata),
    )

    def asked(options: inference.PanelOptions, draws: int) -> inference.Headline:
        panel = inference.build_panel(deaths, own.ground, own.on.dose, own.on.years, options)
        return inference.primary(panel, rng, draws=draws, invert=False)

    found = asked(options, PERMUTATIONS)
    if found.answer is None:
        return {**known, "estimated": 0.0, "supported": 0.0}
    gps = asked(replace(options, precision=("gps",)), FEW_PERMUTATIONS)
    drawn = impute_panels(
        deaths, own.ground, own.drawn, own.on.years, rng, prior=own.density,
        panel_options=options, options=ImputationOptions(draws=IMPUTATIONS),
    )  # fmt: skip
    imputed = pool(drawn, rng, draws=FEW_PERMUTATIONS)
    gates = {
        "sign_gps_only": same_sign(imputed.estimate, gps.estimate),
        "sign_as_recorded": same_sign(imputed.estimate, found.estimate),
    }
    decided = inference.claim(imputed.headline, gates)
    truth = math.log(planned.rate_ratio)
    return {
        **known,
        **_tested(found, truth),
        **_pooled(imputed, truth),
        "supported": float(decided.supported),
        "informative": float(decided.gates["informative"] is True),
    }


def power(interval: ConfidenceInterval, truth: float) -> float:
    """Return the chance that an interval of this width excludes no effect where `truth` holds.

    The power whose inverse is the smallest detectable ratio (`Interval.mde`, Bloom 1995). It is the
    same at every dose, which scales log ratio and standard error alike.

    Parameters
    ----------
    truth
        Log ratio per unit dose.
    """
    asked = float(stats.t.ppf(1.0 - alpha() / 2.0, interval.df))
    return float(stats.t.cdf(abs(truth) / interval.se - asked, interval.df))


def _tested(found: inference.Headline, truth: float) -> Outcome:
    assert found.answer is not None  # noqa: S101 - asked before
    interval = found.answer.interval
    low, high = interval.bounds()
    permuted, excluded = found.answer.p <= alpha(), not low <= 0.0 <= high
    return {
        "estimated": 1.0,
        "corridors": float(interval.clusters),
        "log_ratio": float(interval.beta[0]),
        "se": interval.se,
        "p": found.answer.p,
        "reached_dose": 0.0 if found.reached is None else found.reached.dose,
        "covered": float(low <= truth <= high),
        "permutation_rejects": float(permuted),
        "interval_rejects": float(excluded),
        "rejects": float(permuted and excluded),
        "power": power(interval, truth),
    }


def _pooled(imputed: Pooled, truth: float) -> Outcome:
    row, covers = imputed.estimate, False
    if row.low is not None and row.high is not None:
        covers = math.log(row.low) <= truth <= math.log(row.high)
    return {"imputed_log_ratio": imputed.beta, "imputed_covered": float(covers)}


@cache
def walked(named: str) -> Walked:
    """Walk the land of a study, or find the walk in the store, and class its ground.

    Raises
    ------
    ContractError
        If the study plants nothing, or its exposure is not by zones.
    """
    place, question = home(), _question(named)
    done: dict[str, Path] = {}
    with ThreadPoolExecutor(1) as threads, TemporaryDirectory() as folder:
        for planned in plan(question, StepStore(place.store)):
            name = planned.stage.name
            done[name] = execute(planned, question, done, place, threads, 1, _silent)
            if name == LAST:
                break
        step = StageContext(question, Path(folder), done, _silent, threads, 1, Path(folder))
        return _classed(step)


def _classed(step: StageContext) -> Walked:
    study, deaths = step.study, read_table(step.done["ingest"], DEATHS.name)
    judged = judge(step)
    weight, dose = weighed(step, judged)
    if study.planted is None or set(dose["exposure"]) != {"zones"}:
        raise ContractError(
            f"{study.name}: give a study with [planted] whose exposure is by programme zones"
        )
    on = planting(step, str(deaths["source_id"].iloc[0]))
    fewer = study.inference.model_copy(update={"imputations": IMPUTATIONS})
    few = replace(step.question, study=study.model_copy(update={"inference": fewer}))
    return Walked(
        study,
        deaths,
        on,
        inference.classify_ground(on.hardness, on.labels, on.bins),
        programme_zones.zone_exposures(replace(step, question=few), weight, on.labels).draws,
        judged.density if judged.believed else None,
    )


def _question(named: str) -> RunSpec:
    return prepare(named, home(), Options(offline=True), _silent)


def _seeded(study: Study, seed: int) -> Study:
    assert study.planted is not None  # noqa: S101 - asked in `_classed`
    return study.model_copy(update={"planted": study.planted.model_copy(update={"seed": seed})})


def _silent(_done: int, _total: int, _label: str) -> None:
    pass
