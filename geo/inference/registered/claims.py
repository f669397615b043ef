"""The claim ladder: one level and one fixed sentence, computed from gates.

L0 describes; L1 associates; L2 is consistent with displacement; L3 reads causally under stated
assumptions. A gate has passed, has failed or was not run; only one that passed lets a claim rise. A
cap holds a claim down whatever the gates say. The sentence names what was run and what was not, and
nothing else. Results against the hypothesis are worded as plainly, and stand as high, as results
for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate, alpha
from geo.inference.registered.claim_words import (
    LANGUAGES,
    LEVEL_2,
    LEVEL_3,
    capped,
    claim_sentence,
    missing_gates,
)
from geo.inference.registered.gates import GATES, Cap, barring
from geo.inference.registered.headline import Headline
from geo.inference.registered.headline_words import refused_words
from geo.inference.registered.phrases import PHRASES
from geo.inference.registered.reached import at_reached, informative
from geo.parameters import load
from geo.records import CLAIMS

PLAN = int(load("inference")["plan"].value)
"""Version of the registered plan."""

RESCUE = str(PHRASES["en"]["rescue"])
EXPLORATORY = Cap(
    "L1",
    "these records were seen while the design was made (exploratory), so p values and intervals do "
    "not have their nominal error rates",
)
ALWAYS = (
    "The records are recoveries: a lower bound of deaths, at the places where people were found.",
    (
        "Absence of evidence is not evidence of absence; the smallest effect that would have been "
        "found stands beside every result."
    ),
    "A p value refers to the set of assignments named beside it and to nothing else.",
    (
        f"Decided by plan {PLAN}: places and dates imputed (`headline`). Plan 1, records as "
        "recorded, stands beside it as `headline.as_recorded`, with what it would have concluded."
    ),
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
    sentence, sentence_es
        The one sentence, and the same in Spanish, from the same numbers.
    supported
        Whether the registered decision rule calls the headline supported.
    gates, reasons
        Every gate with True (passed), False (failed) or None (not run); why those were not run.
    missing
        Gates and caps that bar the next level, in words.
    caps
        What holds the claim down whatever the gates say.
    """

    level: str
    sentence: str
    supported: bool
    gates: Mapping[str, bool | None]
    missing: tuple[str, ...]
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    caps: tuple[Cap, ...] = ()
    sentence_es: str = ""

    def row(self, headline: Headline) -> Estimate:
        """Return the headline's row with level, sentence and gates of the claim."""
        return replace(
            headline.estimate, level=self.level, sentence=self.sentence,
            sentence_es=self.sentence_es, gates=self.gates, reasons=self.reasons,
        )  # fmt: skip

    def rows(self, headline: Headline) -> list[Estimate]:
        """Return the headline's row per unit dose, and the one at the coverage reached."""
        first = self.row(headline)
        if headline.reached is None or first.estimate is None:
            return [first]
        plain = replace(first, gates=MappingProxyType({}), reasons=MappingProxyType({}))
        return [first, at_reached(plain, headline.reached)]


def claim(
    headline: Headline,
    gates: Mapping[str, bool | Outcome | None],
    *,
    exploratory: bool = False,
    caps: Iterable[tuple[str, str]] = (),
    held: Sequence[str] = (),
) -> Claim:
    """Decide what may be said.

    Parameters
    ----------
    headline
        From `primary`.
    gates
        Gates run, by the names of `GATES`: True, False or None, or an `Outcome`, which says why a
        gate was not run. Those absent count as not run.
    exploratory
        Whether the records were seen while the design was made: a cap at L1.
    caps
        (level, reason): the claim goes no higher, and its sentence gives the reason.
    held
        Covariates beside which the headline was estimated and kept its sign.

    Returns
    -------
    Claim
        Level (L0 to L3) and the sentence that goes with it.

    Raises
    ------
    KeyError
        If a gate or the level of a cap has an unknown name.

    Examples
    --------
    >>> from geo.inference import GATES, Estimate, claim
    >>> from geo.inference.registered.headline import Headline
    >>> row = Estimate("headline", "ratio", 2.0, 1.5, 2.7, 0.001, mde=1.5, sentence="A shift.")
    >>> passed = dict.fromkeys(GATES, True)
    >>> claim(Headline(row), passed, caps=[("L1", "zones, not towers")]).level
    'L1'
    """
    limits = _limits(caps, exploratory=exploratory)
    row = headline.estimate
    known = _outcomes(gates)
    if headline.refused or row.estimate is None:
        known = {name: _why(o, headline.refused) for name, o in known.items()}
        texts = (row.sentence, refused_words(headline.refused, "es") if headline.refused else "")
        return _claim("L0", texts, known, limits, supported=False, missing=(headline.refused,))
    known |= _own_gates(row) | {"informative": informative(row, headline.reached)}
    passed = {name: outcome.passed for name, outcome in known.items()}
    supported = all(passed[g] for g in barring("support"))
    earned = _level(passed, supported=supported, raised=row.estimate > 1.0)
    level = min([earned, *(c.level for c in limits)], key=CLAIMS.index)
    english, spanish = (
        claim_sentence(headline, passed, level, held, language, supported=supported)
        for language in LANGUAGES
    )
    missing = missing_gates(known, level)
    if level != earned:
        missing += tuple(f"no claim above {c.level}: {c.reason}" for c in limits)
    return _claim(level, (english, spanish), known, limits, supported=supported, missing=missing)


def _claim(
    level: str,
    texts: tuple[str, str],
    known: Mapping[str, Outcome],
    limits: tuple[Cap, ...],
    *,
    supported: bool,
    missing: tuple[str, ...],
) -> Claim:
    passed = {name: outcome.passed for name, outcome in known.items()}
    reasons = {n: o.reason for n, o in known.items() if o.passed is None and o.reason}
    english, spanish = (
        text + capped(limits, language) if text else ""
        for text, language in zip(texts, LANGUAGES, strict=True)
    )
    return Claim(level, english, supported, passed, missing, reasons, limits, spanish)


def _limits(caps: Iterable[tuple[str, str]], *, exploratory: bool) -> tuple[Cap, ...]:
    every = dict.fromkeys([*(Cap(*c) for c in caps), *([EXPLORATORY] if exploratory else [])])
    unknown = sorted({c.level for c in every} - set(CLAIMS))
    if unknown:
        raise KeyError(f"unknown level {', '.join(unknown)}; use one of {', '.join(CLAIMS)}")
    return tuple(every)


def _outcomes(gates: Mapping[str, bool | Outcome | None]) -> dict[str, Outcome]:
    unknown = sorted(set(gates) - set(GATES))
    if unknown:
        raise KeyError(f"unknown gate {', '.join(unknown)}; use one of {', '.join(GATES)}")
    given = {n: o if isinstance(o, Outcome) else Outcome(o) for n, o in gates.items()}
    return {name: given.get(name, Outcome(None)) for name in GATES}


def _why(outcome: Outcome, reason: str) -> Outcome:
    return outcome if outcome.passed is not None or outcome.reason else Outcome(None, reason)


def _own_gates(row: Estimate) -> dict[str, Outcome]:
    """Return the gates that the headline's own row decides."""
    permuted = Outcome(None, "no permutation was made")
    excluded = Outcome(None, "no interval was computed")
    if row.p is not None:
        permuted = Outcome(row.p <= alpha())
    if row.low is not None and row.high is not None:
        excluded = Outcome(not row.low <= 1.0 <= row.high)
    return {"permutation": permuted, "interval": excluded}


def _level(gates: Mapping[str, bool | None], *, supported: bool, raised: bool) -> str:
    if gates["informative"] is False:
        return "L0"
    if not (supported and raised) or not all(gates[g] for g in LEVEL_2):
        return "L1"
    return "L3" if all(gates[g] for g in LEVEL_3) else "L2"
