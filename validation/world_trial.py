"""One panel of a world: what plan 2 concludes of it, and plan 1 beside it."""

from __future__ import annotations

import numpy as np

from geo.inference import claim, displacement_or_rescue, primary
from geo.inference.estimation.agreement import inside, powered, rejects, same_sign, silent
from geo.inference.estimation.outcomes import Outcome as Passed
from geo.inference.estimation.rows import alpha
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import Headline
from geo.inference.registered.pooling import Pooled, pool
from geo.inference.robustness import covariates, robustness
from geo.inference.robustness.controls import fresh_against_skeletal
from geo.synthetic.worlds import WorldPlan, simulate_world
from validation.recorded import impute_world
from validation.trials import DRAWS, Outcome, panel_of

IMPUTATIONS = 5
"""Draws of places and dates."""
GATES = (
    "block_permutation", "search_did_not_tilt", "corridor_trends", "pre_trends_flat",
    "hard_out_of_view_rises", "leave_one_out", "placebo_dates", "precision",
)  # fmt: skip
"""Gates of L2 that records decide, told where the headline is supported and above one."""


def world(plan: WorldPlan, rng: np.random.Generator) -> Outcome:
    """Analyse one panel of a world; gates of L2 are asked only where the headline is supported."""
    data = simulate_world(plan, rng)
    panel, truth = panel_of(data), float(data.attrs["log_ratio"])
    names = data.sel(corridor=panel.corridors)["programme"].values
    blocks = [str(p) or c for p, c in zip(names, panel.corridors, strict=True)]
    recorded = primary(panel, rng, draws=DRAWS, invert=False)
    gps = primary(panel_of(data, "gps"), rng, draws=99, invert=False)
    pooled = pool(impute_world(data, rng, IMPUTATIONS), rng, blocks=blocks, draws=DRAWS)
    found, row = pooled.headline, pooled.estimate
    if recorded.answer is None or row.low is None or row.high is None:
        return {"estimated": 0.0, "supported": 0.0, "level_1": 0.0, "level_2": 0.0,
                "recorded_supported": 0.0}  # fmt: skip
    signs = {
        "sign_gps_only": same_sign(row, gps.estimate),
        "sign_as_recorded": same_sign(row, recorded.estimate),
    }
    decided = claim(found, signs)
    level, gates = decided.level, {}
    if decided.supported and pooled.beta > 0.0:
        gates = _gates(panel, recorded, found, pooled, gps, rng)
        level = claim(found, signs | gates).level
    low, high = recorded.answer.interval.bounds()
    bounds = np.log([row.low, row.high])
    return {
        "estimated": 1.0,
        "rejects": float(row.p is not None and row.p <= alpha()),
        "interval_rejects": float(not bounds[0] <= 0.0 <= bounds[1]),
        "covered": float(bounds[0] <= truth <= bounds[1]),
        "log_ratio": pooled.beta,
        "recorded_covered": float(low <= truth <= high),
        "recorded_log_ratio": float(recorded.answer.interval.beta[0]),
        "recorded_supported": float(claim(recorded, signs).supported),
        "supported": float(decided.supported),
        "level_1": float(level != "L0"),
        "level_2": float(level in ("L2", "L3")),
        "blocks_decide": float(pooled.by_blocks),
        **{name: float(gates[name].passed is True) for name in GATES if name in gates},
    }


def _gates(
    panel: Panel,
    recorded: Headline,
    found: Headline,
    pooled: Pooled,
    gps: Headline,
    rng: np.random.Generator,
) -> dict[str, Passed]:
    """Every gate of L2 that records decide; the route model is taken as validated."""
    split = displacement_or_rescue(panel, rng, draws=DRAWS)
    left = robustness.leave_one_out(panel, recorded)
    falls = split.only_in_view_falls
    (whole,) = (r for r in pooled.tests if r.analysis == "headline.blocks")
    tilt = fresh_against_skeletal(
        panel, np.asarray(panel.data["fresh"].sum("ground").values, float), rng, draws=DRAWS
    )
    name = "R9.corridor_trends"
    trends = covariates.adjusted(panel, {name: covariates.trends(panel)}, rng, draws=99)[name]
    own = trends.estimate
    excluded = None
    if own.low is not None and own.high is not None:
        excluded = not own.low <= 1.0 <= own.high and same_sign(found.estimate, own)
        excluded = excluded or (False if powered(own) else None)
    decided = {
        "block_permutation": rejects([whole]) if pooled.by_blocks else None,
        "search_did_not_tilt": silent([tilt]),
        "corridor_trends": excluded,
        "pre_trends_flat": silent([robustness.pre_trend(panel, rng, draws=DRAWS)]),
        "hard_out_of_view_rises": split.hard_rises,
        "more_than_fewer_in_view": None if falls is None else not falls,
        "route_model_validated": True,
        "leave_one_out": robustness.same_side(left) if left else None,
        "placebo_dates": silent(robustness.placebo_dates(panel, rng, draws=DRAWS)),
        "precision": inside(found.estimate, gps.estimate),
    }
    return {name: Passed(passed) for name, passed in decided.items()}
