"""The plan, written before towers meet deaths: what `funnel preregister` prints.

The text depends on the study and on the registered parameters only; its hash is what the memo
compares with, and every difference is a deviation that the memo lists.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from geo.inference.estimation.rows import parameters_hash
from geo.inference.registered.analyses import ANALYSES, Registered
from geo.inference.registered.claim_words import LEVEL_2, LEVEL_3, SUPPORT
from geo.inference.registered.claims import ASSUMPTIONS, GATES, PLAN
from geo.inference.registered.headline import RRR
from geo.parameters import Parameter, load, names
from geo.study import Study

CONTROL_CAUSES = tuple(load("inference")["negative_control_causes"].value)
SPECIFICATIONS = 216
"""Definition: 3 bin counts x 3 precisions x 2 sets of causes x 4 windows x 3 intervals to
recovery."""
WORDS = ("title", "title_es", "question", "question_es", "sources", "language")
"""Keys of a study that decide no number, and its sources, which are listed apart."""

HYPOTHESES = (
    (
        "H1. Where and when tower coverage of pre-tower movement grew, recorded deaths "
        "moved to harder "
        "ground, beyond the concurrent change in less covered corridors (ratio of rate "
        "ratios above "
        "1). The test is two-sided; a ratio below 1 is reported as plainly."
    ),
    (
        "H2. Recorded deaths on hard ground that no tower sees rose by themselves. "
        "Without H2, H1 may "
        "be rescue or arrest in view and is not called displacement."
    ),
    "H3. The share of covered corridors in all recorded deaths changed (between corridors).",
)
RULE = (
    "The headline is called supported only if the restricted permutation p is at most 0.05, the "
    "95 % jackknife interval excludes 1, the records can tell, and the sign is the same as "
    "recorded and with records placed by GPS only. p and interval are those of the imputed "
    f"records. Where at least {load('inference')['least_block_assignments'].value} distinct "
    "exchanges of whole programmes exist, their p is the one that decides; else that of corridors "
    "does, and the claim stops at L1. p is two-sided; the one-sided p of H1 is secondary. The "
    "interval by inverting the permutation test is printed beside that of the jackknife and "
    "decides nothing."
)
CHECKS = (
    "A check that is passed by finding nothing counts as run only where its interval reaches no "
    f"further than a ratio of {load('inference')['registered_ratio'].value:g} from its middle: at "
    "least even chances of finding that ratio per unit dose, at the doses reached."
)


def preregistration(study: Study) -> str:
    """Write the plan of a study as Markdown.

    Parameters
    ----------
    study
        The resolved study.

    Returns
    -------
    str
        Rule, model, every analysis, settings and parameters, to commit or deposit before towers
        meet deaths.

    Examples
    --------
    >>> from geo import examples, inference
    >>> inference.preregistration(examples.made_up_study()).splitlines()[0]
    '# Analysis plan: A made-up strip of land'
    """
    parts = [
        f"# Analysis plan: {study.title}",
        (
            f"Study `{study.name}`, stands on {study.as_of}, fingerprint `{study.fingerprint()}`. "
            f"Registered parameters `{parameters_hash()}`."
        ),
        "**Exploratory**: the records were seen while the design was made."
        if study.inference.exploratory
        else "Confirmatory: no tower was joined with a death before this plan.",
        "## Hypotheses",
        *HYPOTHESES,
        *_model(study),
        *_interval(study),
        *_decision(),
        "## Every analysis, all printed",
        "Name, question, estimand and what it decides. `*` stands for what the study adds.",
        *(_analysis(a) for a in ANALYSES),
        (
            f"R12 takes {SPECIFICATIONS} specifications where the study is long enough for "
            "all of its windows; each combines bins, precision, causes, window and interval "
            "to recovery."
        ),
        "## Settings of the study",
        *(f"- `{key}` = {value}" for key, value in _settings(study)),
        "## Registered parameters",
        (
            "Value, unit, range where one is stated, and source. Confidence: read, secondary, "
            "derived or assumed."
        ),
        *(_parameter(file, p) for file in names() for p in load(file).values()),
        "## Deviations",
        (
            "Every difference between this plan and what was run is listed in the memo with its "
            "reason and date."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _model(study: Study) -> list[str]:
    own, settings = study.inference, load("inference")
    strata = ", ".join(f"{c} in {s}" for c, s in sorted(own.strata.items()))
    return [
        "## Estimand and model",
        f"{RRR[0].upper()}{RRR[1:]}.",
        (
            "E[Y_cqt] = exp(a_cq + d_ct + k_qt + b D_ct H_q), with c corridor, q hardness "
            "bin and t "
            f"study year (January to December); {own.bins} bins of equal area; D the share of "
            "pre-tower modelled movement in view; H the standardised rank of hardness within the "
            "corridor, from rasters that date from before the first tower. Reported as exp(b), per "
            "unit dose, and as exp(b x dose) at the coverage reached: "
            f"{settings['reached_dose'].source}. The records cannot tell, and no ratio is quoted, "
            "where at either dose the interval spans more than a factor of "
            f"{settings['largest_span'].value} or the smallest ratio found with "
            f"{100 * settings['power_target'].value:g} % power exceeds "
            f"{settings['largest_detectable'].value}."
        ),
        "## Units and who enters",
        (
            f"Corridors with at least {own.min_records_before} records before their first dose; "
            f"those left out are listed. Deaths by {_words('left_out_causes')} are not part of the "
            f"headline; those by {_words('negative_control_causes')} are negative controls. "
            f"Places of the classes {_words('placed_classes')}."
        ),
        (
            f"Study years {study.years[0]} to {study.years[-1]}. Strata within which doses may be "
            f"exchanged: {strata or 'one, all corridors'}."
        ),
    ]


def _interval(study: Study) -> list[str]:
    own, settings = study.inference, load("inference")
    scale = settings["interval_scale"]
    return [
        "## Interval and p",
        (
            f"{100 * (1 - settings['alpha'].value):g} % interval: leave-one-corridor-out jackknife "
            "(CRV3), b plus and minus t(nu) x scale x standard error. Scale: "
            f"{scale.value}, a' diag(1/mu) a over (G - 1)/G sum_g P_gg under the null model "
            f"({scale.source}). {' '.join(scale.note.split())}"
        ),
        (
            f"Degrees of freedom nu: {settings['degrees_of_freedom'].value}, "
            f"{settings['degrees_of_freedom'].source}; at least "
            f"{settings['degrees_of_freedom_floor'].value}, at most the corridors less one."
        ),
        (
            "p: studentised score, whole dose paths "
            f"exchanged between corridors, {own.permutations:,} random exchanges or all where "
            f"there "
            f"are at most {settings['enumeration_limit'].value:,}; the smallest attainable p is "
            f"printed. {own.imputations} imputations of place, death date and tower date. Seed "
            f"{study.seed}."
        ),
    ]


def _decision() -> list[str]:
    return [
        "## Decision rule",
        f"Plan {PLAN} ({load('inference')['plan'].source}). {load('inference')['plan'].note}",
        RULE,
        CHECKS,
        "Every gate has passed, has failed or was not run; not run never passes.",
        "## Claim ladder",
        "L0 describes, L1 associates. L2 (consistent with displacement) needs a supported ratio "
        "above 1 and: " + _gates(LEVEL_2) + ".",
        "L3 (causal reading under assumptions) needs L2 and: " + _gates(LEVEL_3) + ".",
        "Support needs beside p and interval: " + _gates(("informative", *SUPPORT)) + ".",
        "Exploratory records, and exposures that are not viewsheds, hold the claim at L1.",
        "## Assumptions of L3",
        *ASSUMPTIONS,
    ]


def _words(name: str) -> str:
    return ", ".join(load("inference")[name].value)


def _analysis(one: Registered) -> str:
    ratio = one.estimand or "see the row"
    estimand = "the headline's ratio" if one.estimand == RRR else ratio
    return f"- `{one.name}`: {one.asks}. Estimand: {estimand}. Use: {one.decides}."


def _settings(study: Study) -> Iterator[tuple[str, str]]:
    """Yield every setting of a study but its words and where files lie."""
    yield from _flat("", study.model_dump(mode="json", exclude=set(WORDS)))
    for source in study.sources:
        told = source.model_dump(
            mode="json", exclude={"file", "credit", "note"}, exclude_defaults=True
        )
        yield f"source {source.id}", json.dumps(told, sort_keys=True)


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(f"{prefix}.{key}".lstrip("."), inner)
    elif value is not None:
        yield prefix, json.dumps(value, sort_keys=True)


def _parameter(file: str, one: Parameter) -> str:
    value = one.value if isinstance(one.value, str) else json.dumps(one.value, sort_keys=True)
    span = "" if one.low is None else f" (range {one.low:g} to {one.high:g})"
    unit = "" if one.unit == "1" else f" {one.unit}"
    source = " ".join(one.source.split())
    return f"- `{file}.{one.name}` = {value}{unit}{span}. {source} [{one.confidence}]."


def plan_hash(text: str) -> str:
    """SHA-256 of a plan.

    Parameters
    ----------
    text
        Of `preregistration`.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> from geo import examples, inference
    >>> len(inference.plan_hash(inference.preregistration(examples.made_up_study())))
    64
    """
    return hashlib.sha256(text.encode()).hexdigest()


def deviations(registered: str, now: str) -> list[str]:
    r"""List the paragraphs by which a plan differs from the registered one.

    Parameters
    ----------
    registered, now
        Texts of `preregistration`.

    Returns
    -------
    list of str
        One line a paragraph added or taken away; empty where the plans are equal.

    Examples
    --------
    >>> from geo.inference import deviations
    >>> deviations("# Plan\n\nFive bins.", "# Plan\n\nThree bins.")
    ['no longer: Five bins.', 'instead: Three bins.']
    """
    before = [p for p in registered.split("\n\n") if p.strip()]
    after = [p for p in now.split("\n\n") if p.strip()]
    gone = [f"no longer: {p.strip()}" for p in before if p not in after]
    come = [f"instead: {p.strip()}" for p in after if p not in before]
    return gone + come


def _gates(names: tuple[str, ...]) -> str:
    return "; ".join(GATES[n].asks for n in names)
