"""Everything in its order: headline, parts, imputation, battery, and the claim they allow.

What can be computed is; what lacks an input is a row that says so, and its gate counts as not run,
which the claim says in words.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from geo.inference.estimation.agreement import rejects, same_sign
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.eligibility import PanelOptions
from geo.inference.panel.panel import Panel, build_panel
from geo.inference.registered import plans
from geo.inference.registered.blocks import blocks_of
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
    strata,
    variants,
)
from geo.inference.robustness.battery import battery
from geo.inference.robustness.multiverse import specification_curve
from geo.inference.spatial import secondary
from geo.parameters import load


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
    robust, gates, held = battery(task, headline)
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
        *relocation(panel, headline, parents), *parts.rows, *between, *robust,
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


def _refused(inputs: Inputs, done: Collection[str]) -> list[Estimate]:
    """Rows of analyses for which the study lacks an input, each with what would let it run."""
    left = {name: reason for name, reason in inputs.refused.items() if name not in done}
    return [refusal(Estimate(name, RRR), reason) for name, reason in left.items()]
