"""The robustness analyses R1 to R10 and R13 in their order, and the gates they decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr

from geo.inference.estimation.agreement import inside, powered, rejects, same_sign, silent
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import build_panel
from geo.inference.registered.bounds import detection_bound
from geo.inference.registered.gates import ran
from geo.inference.registered.headline import Headline, refusal
from geo.inference.registered.inputs import Task
from geo.inference.robustness import (
    covariates,
    estimators,
    monthly,
    neighbours,
    robustness,
    strata,
    variants,
    vintages,
)
from geo.inference.robustness.controls import FRESH, fresh_against_skeletal

SEPARATED = ("fence", "agents")
"""Covariates that the gate `controls_separable` asks for by name."""


def battery(task: Task, headline: Headline) -> tuple[list[Estimate], dict[str, Outcome], list[str]]:
    """Run R1 to R10 and R13; return rows, the gates they decide, and the covariates held."""
    panel, recorded, draws, parents = task.panel, task.recorded, task.draws, task.parents
    stream = task.stream
    rows = robustness.variants(variants.panels(task), stream("variants"), draws=draws)
    rows = vintages.floored(variants.noted(rows, task))
    by_name = {r.analysis: r for r in rows}
    left = robustness.leave_one_out(panel, recorded, task.inputs.batches)
    dates = robustness.placebo_dates(panel, stream("placebo"), draws=draws, parents=parents)
    trend = robustness.pre_trend(panel, stream("trend"), draws=draws, parents=parents)
    towers = robustness.placebo_towers(
        panel, recorded, task.inputs.placebo_doses, stream("placebo towers"), parents=parents
    )
    if towers.analysis in task.inputs.refused:
        towers = refusal(towers, task.inputs.refused[towers.analysis])
    tilt = _tilt(task)
    bound, enough = detection_bound(headline, tilt, parents)
    held = covariates.adjusted(
        panel, _covariates(task), stream("adjusted"), draws=draws, parents=parents
    )
    gps, control = by_name["R4.gps"], by_name["R3.negative_control_causes"]
    gates = {
        "sign_gps_only": ran(same_sign(headline.estimate, gps), gps),
        "precision": ran(inside(headline.estimate, gps), gps),
        "leave_one_out": ran(robustness.same_side(left), *left),
        "placebo_dates": ran(silent(dates), *dates),
        "pre_trends_flat": ran(silent([trend]), trend),
        "placebo_towers": ran(rejects([towers]), towers),
        "search_did_not_tilt": ran(silent([tilt]), tilt),
        "corridor_trends": _trends(headline, held["R9.corridor_trends"]),
        "negative_controls": ran(silent([control]), control),
        "detection_bound": ran(enough, bound, tilt),
        "controls_separable": _separable(task, headline, held),
    }
    rows = [
        *left, *dates, towers, *rows, *variants.by_component(rows, parents),
        variants.left_out(panel, parents), tilt, trend,
        *estimators.rows(task), *monthly.rows(task), *(h.estimate for h in held.values()), bound,
        neighbours.spill_over(
            panel, neighbours.neighbours_dose(panel, task.inputs.ground), stream("neighbours"),
            parents,
        ),
    ]  # fmt: skip
    return rows, gates, _held(headline, held)


def _tilt(task: Task) -> Estimate:
    own, panel = task.inputs, task.panel
    if without := strata.lacking(task, "pmi_class"):
        panel = strata.of_systems(panel, [s for s in panel.systems if s not in without])
    fresh = build_panel(
        own.deaths, own.ground, own.dose, own.years,
        replace(task.options, pmi=FRESH, min_records_before=0),
    ).data.sel(corridor=panel.data["corridor"])  # fmt: skip
    counts = np.asarray(fresh["deaths"].sum("ground").values, float)
    return fresh_against_skeletal(
        panel, counts, task.stream("tilt"), draws=task.draws, parents=task.parents
    )


def _covariates(task: Task) -> dict[str, xr.DataArray]:
    """Add what the records themselves say: precision by year (R4), trends, land, Title 42 (R9)."""
    own, placed = task.inputs, task.placed()
    return {
        "R4.precision_by_year": covariates.precise_share(own.deaths, task.panel, placed),
        "R9.corridor_trends": covariates.trends(task.panel),
        neighbours.HELD: neighbours.neighbours_dose(task.panel, own.ground),
        **covariates.policies(own.deaths, task.panel, placed, own.land),
        **{f"R9.{name}": values for name, values in own.covariates.items()},
    }


def _trends(headline: Headline, found: covariates.Adjusted) -> Outcome:
    """Whether the interval excludes no effect, on the headline's side, with trends held."""
    row = found.estimate
    if row.low is None or row.high is None:
        return ran(None, row)
    if not row.low <= 1.0 <= row.high:
        return Outcome(same_sign(headline.estimate, row))
    return Outcome(passed=False) if powered(row) else ran(None, row)


def _separable(task: Task, headline: Headline, held: Mapping[str, covariates.Adjusted]) -> Outcome:
    """Whether fence and agents are separable from dose and keep the sign."""
    found, lost = [], []
    for name in (f"R9.{n}" for n in SEPARATED):
        one = held.get(name)
        if one is None:
            lost.append(f"{name}: {task.inputs.refused.get(name, 'the study gives no values')}")
        elif one.absorbed or not one.separable:
            found.append(one.absorbed)
        elif (sign := same_sign(headline.estimate, one.estimate)) is not None:
            found.append(sign)
        else:
            lost.append(f"{name}: {one.estimate.refused}")
    if False in found:
        return Outcome(passed=False)
    return Outcome(None, "; ".join(lost)) if lost else Outcome(passed=True)


def _held(headline: Headline, held: Mapping[str, covariates.Adjusted]) -> list[str]:
    """Covariates beside which the headline was estimated and kept its sign, in words."""
    return [
        covariates.in_words(name.partition(".")[2])
        for name, one in held.items()
        if one.separable and same_sign(headline.estimate, one.estimate)
    ]
