"""The claim ladder: one level and one fixed sentence, computed from gates.

L0 describes; L1 associates; L2 is consistent with displacement; L3 reads causally under stated
assumptions. A gate that was not run counts as not passed. Results against the hypothesis are worded
as plainly, and stand as high, as results for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.registered.headline import Headline

SUPPORT = ("sign_after_imputation", "sign_gps_only")
LEVEL_2 = (
    "hard_out_of_view_rises",
    "route_model_validated",
    "pre_trends_flat",
    "leave_one_out",
    "placebo_dates",
    "precision",
)
LEVEL_3 = ("placebo_towers", "negative_controls", "detection_bound", "controls_separable")

GATES: Mapping[str, str] = MappingProxyType(
    {
        "permutation": "restricted permutation p at most 0.05",
        "interval": "95 % jackknife interval excludes no effect",
        "sign_after_imputation": "same sign after imputing places and dates",
        "sign_gps_only": "same sign with records placed by GPS only",
        "hard_out_of_view_rises": "recorded deaths on hard ground out of view rise by themselves",
        "more_than_fewer_in_view": "recorded deaths do not merely fall on easy ground in "
        "view while the hard ground out of view stays as it was",
        "route_model_validated": "the route model predicts pre-tower records better than distance "
        "to border and roads",
        "pre_trends_flat": "no movement before the first dose",
        "leave_one_out": "same sign without any one corridor, year or batch of towers (R1)",
        "placebo_dates": "no effect at dates moved three and five years earlier (R2)",
        "placebo_towers": "no effect of matched placebo towers (R2)",
        "negative_controls": "no effect on deaths by vehicle, homicide or drowning, and fresh and "
        "skeletal records agree (R3)",
        "precision": "same sign by precision class (R4)",
        "detection_bound": "search would have to tilt twice as much as the largest tilt observed",
        "controls_separable": "fence and agents, each times hardness, are separable from dose",
    }
)
"""Every gate and what it asks. `more_than_fewer_in_view` chooses a sentence and bars L2."""

RESCUE = (
    "Recorded deaths fell where towers could see; whether people went elsewhere, were stopped or "
    "were rescued cannot be told from these records."
)
CONSISTENT = (
    "Recorded deaths moved to harder ground as tower coverage grew: ratio of rate ratios {ratio} "
    "(95 % interval {low} to {high}; permutation {p}). This is what the funnel hypothesis predicts "
    "and is not explained by border-wide drift, corridor volume, location precision or the "
    "covariates listed."
)
CAUSAL = (
    "If hardness gradients would otherwise have moved in parallel (assumptions A1-A5), tower "
    "coverage moved recorded deaths to harder ground: ratio of rate ratios {ratio} (95 % interval "
    "{low} to {high}; permutation {p})."
)
AGAINST = (
    "Recorded deaths moved to easier ground as tower coverage grew: ratio of rate ratios {ratio} "
    "(95 % interval {low} to {high}; permutation {p}). This is against the funnel hypothesis."
)
UNSTABLE = (
    " The decision rule registered beforehand also asks for the same sign after imputation and "
    "with GPS records only; {which}, so the result is not called supported."
)
EXPLORATORY = (
    " Exploratory: these records were seen while the design was made, so p values and intervals "
    "do not have their nominal error rates."
)
ALWAYS = (
    "The records are recoveries: a lower bound of deaths, at the places where people were found.",
    (
        "Absence of evidence is not evidence of absence; the smallest effect that would have been "
        "found stands beside every result."
    ),
    "A p value refers to the set of assignments named beside it and to nothing else.",
)
"""Sentences that stand under every claim."""
ASSUMPTIONS = (
    (
        "A1. Without towers, the gradient of recorded deaths with hardness would have moved in "
        "parallel in corridors with more and with less coverage."
    ),
    "A2. No corridor's records respond to another corridor's towers within the gradient.",
    "A3. Dates and places of towers are within the stated bounds.",
    (
        "A4. Search and recovery did not tilt to harder ground with coverage by more than the "
        "stated detection bound."
    ),
    (
        "A5. Hardness and route density, computed from the land before the first tower, order the "
        "ground as it was walked."
    ),
)


@dataclass(frozen=True)
class Claim:
    """The level reached and the sentence printed.

    Attributes
    ----------
    level
        "L0" to "L3".
    sentence
        The one sentence.
    supported
        Whether the registered decision rule calls the headline supported.
    gates
        Every gate with True, False or None (not run).
    missing
        Gates that bar the next level, in words.
    """

    level: str
    sentence: str
    supported: bool
    gates: Mapping[str, bool | None]
    missing: tuple[str, ...]

    def row(self, headline: Headline) -> Estimate:
        """Return the headline's row with level, sentence and gates of the claim."""
        return replace(
            headline.estimate, level=self.level, sentence=self.sentence, gates=self.gates
        )


def claim(
    headline: Headline, gates: Mapping[str, bool | None], *, exploratory: bool = False
) -> Claim:
    """Decide what may be said.

    Parameters
    ----------
    headline
        From `primary`.
    gates
        Gates run, by the names of `GATES`; those absent count as not run.
    exploratory
        Whether the records were seen while the design was made.

    Raises
    ------
    KeyError
        If a gate has an unknown name.
    """
    unknown = sorted(set(gates) - set(GATES))
    if unknown:
        raise KeyError(f"unknown gate {', '.join(unknown)}; use one of {', '.join(GATES)}")
    row = headline.estimate
    known: dict[str, bool | None] = {name: gates.get(name) for name in GATES}
    if headline.refused or row.estimate is None:
        return Claim("L0", row.sentence, supported=False, gates=known, missing=(headline.refused,))
    known |= _own_gates(row)
    supported = all(known[g] for g in ("permutation", "interval", *SUPPORT))
    level = _level(known, supported=supported, raised=row.estimate > 1.0)
    text = _sentence(row, known, level, supported=supported)
    if exploratory:
        text += EXPLORATORY
    return Claim(level, text, supported, known, _missing(known, level))


def _own_gates(row: Estimate) -> dict[str, bool]:
    permuted = row.p is not None and row.p <= alpha()
    excluded = row.low is not None and row.high is not None and not row.low <= 1.0 <= row.high
    return {"permutation": permuted, "interval": excluded}


def _level(gates: Mapping[str, bool | None], *, supported: bool, raised: bool) -> str:
    if not (supported and raised) or gates["more_than_fewer_in_view"] is False:
        return "L1"
    if not all(gates[g] for g in LEVEL_2):
        return "L1"
    return "L3" if all(gates[g] for g in LEVEL_3) else "L2"


def _sentence(
    row: Estimate, gates: Mapping[str, bool | None], level: str, *, supported: bool
) -> str:
    assert row.estimate is not None and row.p is not None  # noqa: S101, PT018 - estimated rows only
    numbers = {
        "ratio": ratio_words(row.estimate),
        "low": ratio_words(row.low if row.low is not None else float("nan")),
        "high": ratio_words(row.high if row.high is not None else float("nan")),
        "p": p_words(row.p),
    }
    if level in ("L2", "L3"):
        return (CAUSAL if level == "L3" else CONSISTENT).format(**numbers)
    if supported and row.estimate < 1.0:
        return AGAINST.format(**numbers)
    text = row.sentence
    if gates["more_than_fewer_in_view"] is False:
        return f"{text} {RESCUE}"
    if row.significant and not supported:
        which = " and ".join(
            GATES[g].replace("same sign", "the sign")
            + (" was not checked" if gates[g] is None else " changed")
            for g in SUPPORT
            if not gates[g]
        )
        text += UNSTABLE.format(which=which)
    return text


def _missing(gates: Mapping[str, bool | None], level: str) -> tuple[str, ...]:
    ask = {
        "L1": ("permutation", "interval", *SUPPORT, *LEVEL_2),
        "L2": LEVEL_3,
        "L3": (),
    }[level]
    state = {False: "failed", None: "not run"}
    return tuple(f"{GATES[g]}: {state[gates[g]]}" for g in ask if not gates[g])
