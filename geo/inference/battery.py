"""Everything in its order: headline, parts, imputation, battery, and the claim they allow.

What can be computed is; what lacks an input is a row that says so, and its gate counts as not run,
which the claim says in words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from geo.inference.estimation.agreement import inside, powered, rejects, same_sign, silent
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import Panel, PanelOptions, build_panel
from geo.inference.registered import plans
from geo.inference.registered.blocks import blocks_of
from geo.inference.registered.bounds import detection_bound
from geo.inference.registered.claims import Claim, claim
from geo.inference.registered.gates import ran
from geo.inference.registered.headline import (
    RRR,
    Headline,
    interval_scale,
    primary,
    refusal,
    relocation,
)
from geo.inference.registered.imputation import ImputationOptions, impute_panels
from geo.inference.registered.inputs import Inputs, Progress, Stream, Task
from geo.inference.registered.parts import (
    Parts,
    between_corridors,
    displacement_or_rescue,
    not_told_apart,
)
from geo.inference.registered.pooling import Pooled, pool
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
from geo.inference.robustness.multiverse import specification_curve
from geo.inference.spatial import secondary
from geo.parameters import load

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
    headline, recorded, parts, imputed
        What they were made of: the headline with places and dates imputed, and as recorded.
    panel
        The headline's panel, with its flow of records and the corridors left out.
    """

    rows: list[Estimate]
    claim: Claim
    headline: Headline
    recorded: Headline
    parts: Parts
    imputed: Pooled
    panel: Panel


def analyse(
    inputs: Inputs,
    options: PanelOptions,
    stream: Stream,
    *,
    draws: int | None = None,
    imputations: int = int(load("study")["imputations"].value),
    exploratory: bool = False,
    parents: str = "",
    progress: Progress | None = None,
) -> Analysis:
    """Run the registered analysis.

    Parameters
    ----------
    inputs
        Records and exposures.
    options
        Who enters the panel.
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

    Returns
    -------
    Analysis
        Rows of the contract `estimates`, the headline first, and the claim.

    Notes
    -----
    Which analyses, gates and thresholds are registered: `geo.inference.preregistration` and
    `data/parameters/inference.yaml`, each with its source.

    Examples
    --------
    >>> from functools import partial
    >>> from geo import examples, inference
    >>> from geo.study import stream
    >>> found = inference.analyse(
    ...     examples.inputs(6), examples.options(), partial(stream, 7), draws=9, imputations=1
    ... )
    >>> found.claim.level, found.rows[0].analysis
    ('L0', 'headline')
    """
    tell = progress or (lambda _done, _total, _label: None)
    tell(0, 6, "the records as recorded")
    panel = build_panel(inputs.deaths, inputs.ground, inputs.dose, inputs.years, options)
    recorded = primary(
        panel, stream("headline"), analysis=plans.RECORDED, draws=draws, parents=parents
    )
    task = Task(inputs, options, panel, recorded, stream, draws, parents)
    tell(1, 6, "the registered test: imputing places, dates and towers")
    imputed = _imputed(task, imputations)
    headline = plans.headline_of(imputed, recorded)
    tell(2, 6, "displacement or rescue, and between corridors")
    if inputs.no_view:
        parts = not_told_apart(inputs.no_view, parents)
    else:
        parts = displacement_or_rescue(panel, stream("parts"), draws=draws, parents=parents)
    between = between_corridors(panel, stream("between"), draws=draws, parents=parents)
    tell(3, 6, "variants")
    battery, gates, held = _battery(task, headline)
    tell(4, 6, "the multiverse")
    curve = specification_curve(
        variants.specifications(inputs, options), stream("curve"), draws=draws, parents=parents
    )
    tell(5, 6, "secondary analyses and deaths in view")
    further = secondary.rows(task)
    gates |= _own_gates(task, headline, imputed, parts)
    gates = strata.told(task, gates)
    decided = claim(headline, gates, exploratory=exploratory, caps=inputs.caps, held=held)
    decided = replace(
        decided,
        sentence=decided.sentence + strata.named(panel),
        sentence_es=decided.sentence_es + strata.named(panel, "es"),
    )
    rows = [
        *decided.rows(headline), *strata.rows(task),
        *plans.beside(recorded, headline, decided), *imputed.tests,
        *plans.missing_information(imputed), *interval_scale(recorded, parents),
        *relocation(panel, headline, parents), *parts.rows, *between, *battery,
        curve.estimate, *further,
    ]  # fmt: skip
    rows += _refused(inputs, {r.analysis for r in rows})
    tell(6, 6, "claim")
    stamped = [replace(r, parents=r.parents or parents) for r in rows]
    return Analysis(stamped, decided, headline, recorded, parts, imputed, panel)


def _own_gates(task: Task, headline: Headline, imputed: Pooled, parts: Parts) -> dict[str, Outcome]:
    """Gates of the headline, its parts and the route model."""
    by_name = {r.analysis: r for r in (*parts.rows, *imputed.tests)}
    hard, easy = by_name["parts.hard_out_of_view"], by_name["parts.easy_in_view"]
    alone = by_name["parts.hard_out_of_view.by_itself"]
    falls, recorded = parts.only_in_view_falls, task.recorded.estimate
    blocks = by_name.get("headline.blocks")
    together = rejects([blocks]) if blocks is not None and imputed.by_blocks else None
    own = task.inputs
    return {
        "sign_as_recorded": ran(same_sign(headline.estimate, recorded), recorded),
        "block_permutation": ran(together, *([] if blocks is None else [blocks])),
        "hard_out_of_view_rises": ran(parts.hard_rises, hard, alone),
        "more_than_fewer_in_view": ran(None if falls is None else not falls, hard, easy),
        "route_model_validated": Outcome(own.route_model_validated, own.route_model_reason),
    }


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
        # a drawn onset may lie elsewhere: who enters is settled once, as recorded
        options=ImputationOptions(draws=imputations, corridors=tuple(task.panel.corridors)),
    )
    return pool(
        drawn, task.stream("pool"), blocks=blocks_of(task.panel, own.batches), draws=task.draws,
        invert=True, parents=task.parents,
    )  # fmt: skip


def _battery(
    task: Task, headline: Headline
) -> tuple[list[Estimate], dict[str, Outcome], list[str]]:
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


def _refused(inputs: Inputs, done: Collection[str]) -> list[Estimate]:
    """Rows of analyses for which the study lacks an input, each with what would let it run."""
    left = {name: reason for name, reason in inputs.refused.items() if name not in done}
    return [refusal(Estimate(name, RRR), reason) for name, reason in left.items()]
