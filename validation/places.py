"""Records with planted place and date error, analysed with and without imputation."""

from __future__ import annotations

import numpy as np

from geo.inference import PanelOptions, build_panel, classify_ground, primary
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.registered.pooling import pool
from geo.synthetic.panels import PanelPlan
from geo.synthetic.places import simulate_places

DRAWS = 10
Outcome = dict[str, float]


def imputed(plan: PanelPlan, rng: np.random.Generator) -> Outcome:
    """Analyse as recorded, and imputed ten times."""
    study = simulate_places(plan, rng)
    ground = classify_ground(study.hardness, study.corridors, plan.bins)
    years = range(plan.first_year, plan.first_year + plan.years)
    options = PanelOptions()
    naive = primary(
        build_panel(study.deaths, ground, study.dose, years, options), rng, draws=199, invert=False
    )
    drawn = impute_panels(
        study.deaths,
        ground,
        [study.dose],
        years,
        rng,
        prior=study.density,
        panel_options=options,
        options=ImputationOptions(draws=DRAWS),
    )
    pooled = pool(drawn, rng, draws=199)
    if naive.answer is None or pooled.estimate.low is None or pooled.estimate.high is None:
        return {"estimated": 0.0}
    low, high = naive.answer.interval.bounds()
    truth = study.log_ratio
    bounds = np.log([pooled.estimate.low, pooled.estimate.high])
    return {
        "estimated": 1.0,
        "log_ratio": pooled.beta,
        "covered": float(bounds[0] <= truth <= bounds[1]),
        "naive_log_ratio": float(naive.answer.interval.beta[0]),
        "naive_covered": float(low <= truth <= high),
        "missing_information": pooled.missing_information,
        "supported": float(pooled.estimate.significant),
        "same_sign": float(pooled.beta * naive.answer.interval.beta[0] > 0),
    }
