"""What speaks against the headline or its hypothesis: one rule for every row of `estimates`.

A row is adverse when its interval excludes the headline's ratio, its sign is another, it lies on
the side that the hypothesis does not expect, or a registered check fails. What a check must do to
pass stands in the table of gates; what other analyses are expected to show, here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from geo.inference.estimation.outcomes import read
from geo.inference.estimation.rows import alpha, p_words, ratio_words
from geo.inference.registered.gates import GATES
from geo.inference.registered.headline import RRR
from geo.parameters import load

HEADLINE = "headline"
EXPECTED: Mapping[str, bool] = MappingProxyType(
    {
        "parts.hard_out_of_view": True,
        "parts.hard_out_of_view.by_itself": True,
        "parts.easy_in_view": False,
        "parts.easy_in_view.by_itself": False,
        "in_view.all.before": False,
    }
)
"""Analysis = whether the hypothesis expects a ratio above one (True) or below (False)."""
SCHEMES = "R14."
"""Beginning of the rows that put the headline to other exchanges of dose."""


def adverse(row: Any, headline: Any | None) -> list[str]:
    """Return why a row speaks against the headline or the hypothesis; empty where it does not.

    Parameters
    ----------
    row
        Row of the table `estimates`, by attribute.
    headline
        The headline's row; None where the run has none.
    """
    why = [f"does not pass: {GATES[g].asks}" for g in failed(row.gates)]
    why += _checked(row)
    if row.analysis in EXPECTED and _known(row.estimate):
        why += _one_sided(row, above=EXPECTED[row.analysis])
    elif row.analysis == HEADLINE and _known(row.estimate) and row.estimate < 1.0:
        why.append("lies on the side of easier ground")
    elif headline is not None and _comparable(row):
        why += _compared(row, headline)
    if why and row.analysis != HEADLINE and (weak := powerless(row)):
        why.append(weak)
    return why


def unpowered(rows: Iterator[Any] | list[Any]) -> list[str]:
    """Name the checks that stayed silent and could have found large ratios only."""
    silent = {n for g in GATES.values() if g.direction == "silent" for n in g.reads}
    return [
        f"{row.analysis}: silent, but {powerless(row)}"
        for row in rows
        if row.analysis in silent and _known(row.p) and row.p > alpha() and powerless(row)
    ]


def powerless(row: Any) -> str:
    """Say that a test is unpowered; empty where it is not, or where its power is not known."""
    limit = float(load("inference")["largest_detectable"].value)
    if not _known(row.mde) or row.mde <= limit:
        return ""
    return f"unpowered: the smallest ratio it could find is {ratio_words(row.mde)}"


def failed(gates: object) -> list[str]:
    """Return the names of the gates a row failed; one that was not run has not failed."""
    return [name for name, outcome in read(gates).items() if outcome.passed is False]


def _checked(row: Any) -> Iterator[str]:
    """Yield what a check found that its gate does not allow."""
    if not _known(row.p) or row.analysis == HEADLINE:
        return
    ways = {g.direction for g in GATES.values() if row.analysis in g.reads}
    if "silent" in ways and row.p <= alpha():
        yield f"finds something where nothing was expected ({p_words(row.p)})"
    if (ways & {"reject", "exclude"} or row.analysis.startswith(SCHEMES)) and row.p > alpha():
        yield f"the headline does not stand out ({p_words(row.p)})"


def _one_sided(row: Any, *, above: bool) -> Iterator[str]:
    if (row.estimate > 1.0) is not above:
        yield f"lies {'below' if above else 'above'} one, where the hypothesis expects the opposite"
    elif _known(row.p) and row.p > alpha():
        yield f"what the hypothesis expects was not established ({p_words(row.p)})"


def _comparable(row: Any) -> bool:
    """Whether a row asks the headline's question again, per unit dose."""
    checks = {n for g in GATES.values() if g.direction in ("silent", "reject") for n in g.reads}
    return row.analysis not in checks and row.estimand.startswith(RRR) and _known(row.estimate)


def _compared(row: Any, headline: Any) -> Iterator[str]:
    own = headline.estimate
    if not _known(own):
        return
    if _known(row.low) and _known(row.high):
        if not row.low <= own <= row.high:
            level = getattr(headline, "claim_level", getattr(headline, "level", ""))
            number = "ratio" if level == "L0" else ratio_words(own)  # not quoted, not even here
            yield f"its interval excludes the headline's {number}"
        if row.analysis.startswith("R1.") and (row.low <= 1.0) == (own > 1.0) == (row.high >= 1.0):
            yield "the sign changes when one is left out"
    if (row.estimate > 1.0) != (own > 1.0):
        yield "its sign is not the headline's"
    elif row.estimate < 1.0:
        yield "lies on the side of easier ground"


def _known(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
