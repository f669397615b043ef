"""One panel of a world: as recorded and imputed, and what the rule in force concludes."""

from __future__ import annotations

import numpy as np

from geo.inference import claim, displacement_or_rescue, primary
from geo.inference.estimation.agreement import inside, same_sign, silent
from geo.inference.registered.pooling import pool
from geo.inference.robustness import robustness
from geo.synthetic.worlds import WorldPlan, simulate_world
from validation.recorded import impute_world
from validation.trials import DRAWS, Outcome, panel_of

IMPUTATIONS = 5
"""Draws of places and dates."""


def world(plan: WorldPlan, rng: np.random.Generator) -> Outcome:
    """Analyse one panel of a world; gates of L2 are asked only where the headline is supported."""
    data = simulate_world(plan, rng)
    panel, truth = panel_of(data), float(data.attrs["log_ratio"])
    found = primary(panel, rng, draws=DRAWS, invert=False)
    gps = primary(panel_of(data, "gps"), rng, draws=99, invert=False)
    pooled = pool(impute_world(data, rng, IMPUTATIONS), rng, draws=DRAWS)
    row, imputed = found.estimate, pooled.estimate
    if found.answer is None or imputed.low is None or imputed.high is None:
        return {"estimated": 0.0, "supported": 0.0, "level_2": 0.0}
    low, high = found.answer.interval.bounds()
    bounds = np.log([imputed.low, imputed.high])
    gates = {
        "sign_gps_only": same_sign(row, gps.estimate),
        "sign_as_recorded": same_sign(row, imputed),
    }
    decided = claim(found, gates)
    level = decided.level
    if decided.supported and pooled.beta > 0.0:
        split = displacement_or_rescue(panel, rng, draws=DRAWS)
        left = robustness.leave_one_out(panel, found)
        falls = split.only_in_view_falls
        level = claim(found, gates | {
            "hard_out_of_view_rises": split.hard_rises,
            "more_than_fewer_in_view": None if falls is None else not falls,
            "route_model_validated": True,
            "pre_trends_flat": silent([robustness.pre_trend(panel, rng, draws=DRAWS)]),
            "leave_one_out": robustness.same_side(left) if left else None,
            "placebo_dates": silent(robustness.placebo_dates(panel, rng, draws=DRAWS)),
            "precision": inside(row, gps.estimate),
        }).level  # fmt: skip
    return {
        "estimated": 1.0,
        "rejects": float(row.p is not None and row.p <= 0.05),
        "interval_rejects": float(not low <= 0.0 <= high),
        "recorded_covered": float(low <= truth <= high),
        "recorded_log_ratio": float(found.answer.interval.beta[0]),
        "covered": float(bounds[0] <= truth <= bounds[1]),
        "log_ratio": pooled.beta,
        "supported": float(decided.supported),
        "level_1": float(level != "L0"),
        "level_2": float(level in ("L2", "L3")),
    }
