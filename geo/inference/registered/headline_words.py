"""How the headline is worded: a shift, none, or that there is no number and why."""

from __future__ import annotations

from geo.inference.estimation.rows import Estimate
from geo.inference.panel.eligibility import TOWERS
from geo.inference.registered.phrases import PHRASES, Language, in_language
from geo.inference.registered.reached import Reached, cannot_tell, informative, numbers

EMPTY = {
    "read": "no recorded death was read",
    "placed": "no record has a place of a precision class that enters",
    "dated": "no record with a place has a date",
    "of the causes asked for": "no placed and dated record is of the causes asked for",
    "in window": "no record of these causes falls into the study years",
    "in a corridor": "no record lies in a corridor",
}
"""Why nothing can be estimated, by the first step of a panel's flow that no record passes."""


def refused_words(reason: str, language: Language = "en") -> str:
    """Say that there is no number, and why."""
    return str(PHRASES[language]["refused"].format(reason=in_language(reason, language)))


def sentence(
    row: Estimate,
    bounds: tuple[float, float] | None = None,
    own: Reached | None = None,
    coverage: str = TOWERS,
    language: Language = "en",
) -> str:
    """Word a ratio of rate ratios at level L1: the same words for either direction.

    Parameters
    ----------
    row
        Ratio per unit dose.
    bounds
        Interval by inverting the permutation test, log ratio per unit dose.
    own
        The coverage at which it is quoted; per unit dose where None.
    coverage
        What the dose is the growth of, in words.
    language
        Of the sentence.
    """
    if informative(row, own).passed is False:
        return cannot_tell(row, own, coverage=coverage, language=language)
    say, grown = PHRASES[language], in_language(coverage, language)
    said = numbers(row, own, bounds, language=language)
    if not row.significant:
        return str(say["none"].format(coverage=grown, numbers=said))
    way = say["ways"][not (row.estimate is not None and row.estimate > 1.0)]
    return str(say["shift"].format(coverage=grown, way=way, numbers=said))
