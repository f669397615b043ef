"""Plan 2 and, beside it, what plan 1 says of the same records.

Plan 1 took the records as recorded: a record whose place or date is uncertain counted where and
when it was written down. Plan 2 draws both within their bounds and pools. Which decides was
registered before any check was run under it (`plan` of inference.yaml).
"""

from __future__ import annotations

from dataclasses import replace

from geo.inference.estimation.rows import Estimate
from geo.inference.registered.claims import PLAN, Claim
from geo.inference.registered.headline import Headline
from geo.inference.registered.pooling import Pooled
from geo.inference.registered.reached import at_reached

RECORDED = "headline.as_recorded"
"""Row of the headline of plan 1."""
SHARE = "share of information missing because places and dates are uncertain"


def headline_of(imputed: Pooled, recorded: Headline) -> Headline:
    """Return the headline of plan 2; refused with plan 1's reason where that was refused."""
    if recorded.refused:
        row = replace(recorded.estimate, analysis=imputed.estimate.analysis)
        return replace(recorded, estimate=row)
    return imputed.headline


def beside(recorded: Headline, headline: Headline, decided: Claim) -> list[Estimate]:
    """Return the headline of plan 1, also at the coverage reached, and where the plans differ.

    Support by plan 1 asks the same of its own numbers: p and interval exclude no effect, the
    records can tell, and the sign is that of the imputed and of the GPS records.
    """
    row = recorded.estimate
    if recorded.refused:
        return [row.says(f"Plan 1: {row.sentence}")]
    signs = all(decided.gates[g] for g in ("sign_as_recorded", "sign_gps_only"))
    supported = recorded.supported and recorded.told and signs
    differ = [
        f"{what} ({'yes' if one else 'no'} by plan 1, {'yes' if two else 'no'} by plan {PLAN})"
        for what, one, two in (
            ("p at most the level", _rejects(recorded), _rejects(headline)),
            ("interval excludes no effect", _excludes(row), _excludes(headline.estimate)),
            ("records can tell", recorded.told, headline.told),
            ("called supported", supported, decided.supported),
        )
        if one is not two
    ]
    said = f"On these records the plans differ in: {'; '.join(differ)}." if differ else (
        f"On these records plan {PLAN} decides as plan 1 does."
    )  # fmt: skip
    own = row.says(f"Plan 1, records as recorded: {row.sentence} {said}")
    return [own, *([] if recorded.reached is None else [at_reached(own, recorded.reached)])]


def missing_information(imputed: Pooled) -> list[Estimate]:
    """State what uncertain places and dates cost; empty where nothing was estimated."""
    own = imputed.estimate
    if own.estimate is None:
        return []
    row = Estimate(
        "headline.missing_information", SHARE, imputed.missing_information, n=own.n,
        clusters=own.clusters, level="L0", parents=own.parents,
    )  # fmt: skip
    return [
        row.says(
            f"{imputed.missing_information:.0%} of the information is missing because places, "
            "dates of death and dates of exposure are uncertain; each was drawn within its bounds."
        )
    ]


def _rejects(found: Headline) -> bool:
    own = replace(found.estimate, low=0.0, high=0.0)
    return own.significant


def _excludes(row: Estimate) -> bool:
    return row.low is not None and row.high is not None and not row.low <= 1.0 <= row.high
