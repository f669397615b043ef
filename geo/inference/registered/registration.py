"""The plan, written before towers meet deaths: what `funnel preregister` prints.

The text depends on the study and on the registered parameters only; its hash is what the memo
compares with, and every difference is a deviation that the memo lists.
"""

from __future__ import annotations

import hashlib

from geo.inference.estimation.rows import parameters_hash
from geo.inference.registered.claims import ASSUMPTIONS, GATES, LEVEL_2, LEVEL_3, SUPPORT
from geo.inference.registered.headline import RRR
from geo.parameters import load
from geo.study import Study

CONTROL_CAUSES = ("vehicle", "homicide", "drowning")
SPECIFICATIONS = 216
"""3 bin counts x 3 precisions x 2 sets of causes x 4 windows x 3 post-mortem classes."""

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
    "95 % jackknife interval excludes 1, the records can tell, and the sign is the same after "
    "imputation and with records placed by GPS only."
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
        Hypotheses, estimand, units, gates and hashes, to commit or deposit before towers meet
        deaths.

    Examples
    --------
    >>> from geo import examples, inference
    >>> inference.preregistration(examples.made_up_study()).splitlines()[0]
    '# Analysis plan: A made-up strip of land'
    """
    own = study.inference
    settings = load("inference")
    parts = [
        f"# Analysis plan: {study.title}",
        (
            f"Study `{study.name}`, stands on {study.as_of}, fingerprint `{study.fingerprint()}`. "
            f"Registered parameters `{parameters_hash()}`."
        ),
        "**Exploratory**: the records were seen while the design was made."
        if own.exploratory
        else "Confirmatory: no tower was joined with a death before this plan.",
        "## Hypotheses",
        *HYPOTHESES,
        "## Estimand and model",
        f"{RRR[0].upper()}{RRR[1:]}.",
        (
            "E[Y_cqt] = exp(a_cq + d_ct + k_qt + b D_ct H_q), with c corridor, q hardness "
            "bin and t "
            f"study year (October to September); {own.bins} bins of equal area; D the share of "
            "pre-tower modelled movement in view; H the standardised rank of hardness within the "
            "corridor, from rasters that date from before the first tower. Reported as exp(b), per "
            "unit dose, and as exp(b x dose) at the coverage reached: "
            f"{settings['reached_dose'].source}. The records cannot tell, and no ratio is quoted, "
            "where at either dose the interval spans more than a factor of "
            f"{settings['largest_span'].value} or the smallest ratio found with 80 % power exceeds "
            f"{settings['largest_detectable'].value}."
        ),
        "## Units and who enters",
        f"Corridors with at least {own.min_records_before} records before their first dose; those "
        "left out are listed. Deaths by " + ", ".join(CONTROL_CAUSES) + " and in hospital are "
        "negative controls and not part of the headline. Places of the classes "
        + ", ".join(settings["placed_classes"].value)
        + ".",
        f"Study years {study.years[0]} to {study.years[-1]}. Strata within which doses may be "
        "exchanged: "
        + (", ".join(f"{c} in {s}" for c, s in sorted(own.strata.items())) or "one, all corridors")
        + ".",
        "## Interval and p",
        (
            "Leave-one-corridor-out jackknife (CRV3) with t quantiles; degrees of freedom: "
            f"{settings['degrees_of_freedom'].value}, "
            f"{settings['degrees_of_freedom'].source}; floor "
            f"{settings['degrees_of_freedom_floor'].value}. p: studentised score, whole dose paths "
            f"exchanged between corridors, {own.permutations:,} random exchanges or all where "
            f"there "
            f"are at most {settings['enumeration_limit'].value:,}; the smallest attainable p is "
            f"printed. {own.imputations} imputations of place, death date and tower date. Seed "
            f"{study.seed}."
        ),
        "## Decision rule",
        RULE,
        "Every gate has passed, has failed or was not run; not run never passes.",
        "## Claim ladder",
        "L0 describes, L1 associates. L2 (consistent with displacement) needs a supported ratio "
        "above 1 and: " + _gates(LEVEL_2) + ".",
        "L3 (causal reading under assumptions) needs L2 and: " + _gates(LEVEL_3) + ".",
        "Support needs beside p and interval: " + _gates(("informative", *SUPPORT)) + ".",
        "Exploratory records, and exposures that are not viewsheds, hold the claim at L1.",
        "## Assumptions of L3",
        *ASSUMPTIONS,
        "## Further analyses, all printed",
        (
            "Two parts of the headline; shift between corridors; deaths in view against the same "
            "ground before activation, modelled movement and placebo towers; S1 alternatives, S2 "
            "event study with bounds, S3 deaths against modelled movement; R1 to R14, of which R12 "
            f"with {SPECIFICATIONS} specifications tested jointly."
        ),
        "## Deviations",
        (
            "Every difference between this plan and what was run is listed in the memo with its "
            "reason and date."
        ),
    ]
    return "\n\n".join(parts) + "\n"


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
