"""Everything in its order: headline, parts, imputation, battery, and the claim they allow.

What can be computed is; what lacks an input is a row that says so, and its gate counts as not run,
which the claim says in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from geo.inference.estimation.agreement import inside, same_sign, silent
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import Panel, PanelOptions, build_panel
from geo.inference.registered.bounds import detection_bound, e_value
from geo.inference.registered.claims import Claim, claim
from geo.inference.registered.headline import RRR, Headline, primary, refusal, relocation
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.registered.inputs import Inputs, Progress, Stream, Task
from geo.inference.registered.parts import Parts, between_corridors, displacement_or_rescue
from geo.inference.registered.pooling import Pooled, pool
from geo.inference.robustness import covariates, estimators, robustness, variants, vintages
from geo.inference.robustness.controls import FRESH, fresh_against_skeletal
from geo.inference.robustness.multiverse import specification_curve
from geo.inference.spatial import secondary

SEPARATED = ("fence", "agents")
"""Covariates that the gate `controls_separable` asks for by name."""


@dataclass(frozen=True)
class Analysis:
    """Everything found.

    Attributes
    ----------
    rows
        Rows of `estimates`, the headline first.
    claim
        Level and sentence.
    headline, parts, imputed
        What they were made of.
    panel
        The headline's panel, with its flow of records and the corridors left out.
    """

    rows: list[Estimate]
    claim: Claim
    headline: Headline
    parts: Parts
    imputed: Pooled
    panel: Panel


def analyse(
    inputs: Inputs,
    options: PanelOptions,
    stream: Stream,
    *,
    draws: int | None = None,
    imputations: int = 50,
    exploratory: bool = False,
    parents: str = "",
    progress: Progress | None = None,
) -> Analysis:
    """Run the registered analysis.

    Parameters
    ----------
    inputs, options
        Records and exposures; who enters.
    stream
        Random stream of a named step, as `geo.study.stream` with the seed filled in.
    draws, imputations
        Permutations where not all can be listed; imputations.
    exploratory
        Whether the records were seen while the design was made.
    parents
        Identifiers of the inputs, for every row.
    progress
        Called with (done, total, label).
    """
    tell = progress or (lambda _done, _total, _label: None)
    tell(0, 6, "the registered test")
    panel = build_panel(inputs.deaths, inputs.ground, inputs.dose, inputs.years, options)
    headline = primary(panel, stream("headline"), draws=draws, parents=parents)
    tell(1, 6, "displacement or rescue, and between corridors")
    parts = displacement_or_rescue(panel, stream("parts"), draws=draws, parents=parents)
    between = between_corridors(panel, stream("between"), draws=draws, parents=parents)
    task = Task(inputs, options, panel, headline, stream, draws, parents)
    tell(2, 6, "imputing places, dates and towers")
    imputed = _imputed(task, imputations)
    tell(3, 6, "variants")
    battery, gates = _battery(task)
    tell(4, 6, "the multiverse")
    curve = specification_curve(
        variants.specifications(inputs, options), stream("curve"), draws=draws, parents=parents
    )
    tell(5, 6, "secondary analyses and deaths in view")
    further = secondary.rows(task, imputations)
    gates |= {
        "sign_after_imputation": same_sign(headline.estimate, imputed.estimate),
        "hard_out_of_view_rises": parts.hard_rises,
        "more_than_fewer_in_view": (
            None if parts.only_in_view_falls is None else not parts.only_in_view_falls
        ),
        "route_model_validated": inputs.route_model_validated,
    }
    decided = claim(headline, gates, exploratory=exploratory)
    rows = [
        decided.row(headline), *relocation(panel, headline, parents), *parts.rows, *between,
        imputed.estimate, *battery, curve.estimate, *further, *_refused(inputs),
    ]  # fmt: skip
    tell(6, 6, "claim")
    stamped = [replace(r, parents=r.parents or parents) for r in rows]
    return Analysis(stamped, decided, headline, parts, imputed, panel)


def _imputed(task: Task, imputations: int) -> Pooled:
    own = task.inputs
    drawn = impute_panels(
        own.deaths,
        own.ground,
        own.dose_draws or [own.dose],
        own.years,
        task.stream("imputation"),
        prior=own.density,
        panel_options=task.options,
        options=ImputationOptions(draws=imputations),
    )
    return pool(drawn, task.stream("pool"), draws=task.draws, parents=task.parents)


def _battery(task: Task) -> tuple[list[Estimate], dict[str, bool | None]]:
    """Run R1 to R11 and R13; return rows and the gates they decide."""
    panel, headline, draws, parents = task.panel, task.headline, task.draws, task.parents
    stream = task.stream
    rows = robustness.variants(variants.panels(task), stream("variants"), draws=draws)
    rows = vintages.floored(variants.noted(rows, task))
    by_name = {r.analysis: r for r in rows}
    left = robustness.leave_one_out(panel, headline, task.inputs.batches)
    dates = robustness.placebo_dates(panel, stream("placebo"), draws=draws, parents=parents)
    trend = robustness.pre_trend(panel, stream("trend"), draws=draws, parents=parents)
    towers = robustness.placebo_towers(
        panel, headline, task.inputs.placebo_doses, stream("placebo towers"), parents=parents
    )
    tilt = _tilt(task)
    bound, enough = detection_bound(headline, tilt, parents)
    held = covariates.adjusted(
        panel, _covariates(task), stream("adjusted"), draws=draws, parents=parents
    )
    gps, control = by_name["R4.gps"], by_name["R3.negative_control_causes"]
    gates: dict[str, bool | None] = {
        "sign_gps_only": same_sign(headline.estimate, gps),
        "precision": inside(headline.estimate, gps),
        "leave_one_out": robustness.same_side(left) if left else None,
        "placebo_dates": silent(dates),
        "pre_trends_flat": silent([trend]),
        "placebo_towers": None if towers is None else silent([towers], want=False),
        "negative_controls": silent([control, tilt]),
        "detection_bound": enough if tilt.estimate else None,
        "controls_separable": _separable(headline, held),
    }
    rows = [
        *left, *dates, *([towers] if towers else []), *rows, tilt, trend,
        *estimators.rows(task), *(h.estimate for h in held.values()), bound,
        *e_value(headline, parents),
    ]  # fmt: skip
    return rows, gates


def _tilt(task: Task) -> Estimate:
    own, panel = task.inputs, task.panel
    fresh = build_panel(
        own.deaths, own.ground, own.dose, own.years,
        replace(task.options, pmi=FRESH, min_records_before=0),
    ).data.sel(corridor=panel.data["corridor"])  # fmt: skip
    counts = np.asarray(fresh["deaths"].sum("ground").values, float)
    return fresh_against_skeletal(
        panel, counts, task.stream("tilt"), draws=task.draws, parents=task.parents
    )


def _covariates(task: Task) -> dict[str, xr.DataArray]:
    """Add what the records themselves say: precision by year (R4), land and Title 42 (R9)."""
    own, placed = task.inputs, task.placed()
    return {
        "R4.precision_by_year": covariates.precise_share(own.deaths, task.panel, placed),
        **covariates.policies(own.deaths, task.panel, placed, own.land),
        **{f"R9.{name}": values for name, values in own.covariates.items()},
    }


def _separable(headline: Headline, held: Mapping[str, covariates.Adjusted]) -> bool | None:
    """Whether fence and agents are separable from dose and keep the sign; None without both."""
    asked = [held.get(f"R9.{name}") for name in SEPARATED]
    known = [h for h in asked if h is not None]
    if len(known) < len(asked):
        return None
    return all(h.separable and same_sign(headline.estimate, h.estimate) is not False for h in known)


def _refused(inputs: Inputs) -> list[Estimate]:
    """Rows of analyses for which the study lacks an input, each with what would let it run."""
    return [refusal(Estimate(name, RRR), reason) for name, reason in inputs.refused.items()]
