"""Read a sentence of `estimates` back and say where it contradicts the numbers of its row."""

from __future__ import annotations

import math
import re
from typing import Any

from geo.inference.estimation.rows import alpha, p_words, ratio_words

P = re.compile(r"\bp [=<] [0-9.]+\b")
RATIO = re.compile(
    r"\bratios?(?: of rate ratios| between| is| runs from| of)? (\d[\d,.]*\d|\d)(?![\d%])"
)
SPAN = re.compile(
    r"\((?:95 % interval |95 % of them )?(-?\d[\d.,]*\d|-?\d) to (-?\d[\d.,]*\d|-?\d)(?=[;)])"
)
COUNTED = ("S2.after", "headline.relocated", "headline.mean", "between.relocated", "R8.least")
"""Rows whose numbers are no ratios, or whose interval alone is said."""


def contradictions(row: Any, beside: Any = None) -> list[str]:
    """Return every contradiction between a sentence and the numbers beside it.

    Parameters
    ----------
    row
        With analysis, estimand, estimate, low, high, p, mde, level, sentence.
    beside
        The same estimate at the coverage reached, which a headline quotes as well.
    """
    text, wrong = row.sentence, []
    told = [r for r in (row, beside) if r is not None]
    numbers = {ratio_words(v) for r in told for v in (r.estimate, r.low, r.high, r.mde) if known(v)}
    wrong += [f"says {said}" for said in P.findall(text) if said not in ps(told)]
    if not row.analysis.startswith(COUNTED):
        wrong += [f"quotes {said}" for said in RATIO.findall(text) if said not in numbers]
        if not row.analysis.startswith(("R1.", "R2.placebo_towers")):
            spans = {
                (ratio_words(r.low), ratio_words(r.high))
                for r in told
                if known(r.low) and known(r.high)
            }
            wrong += [f"spans {said}" for said in SPAN.findall(text) if said not in spans]
    wrong += list(_words(row, text))
    return wrong


def ps(rows: list[Any]) -> set[str]:
    return {p_words(r.p) for r in rows if known(r.p)}


def known(value: Any) -> bool:
    return value is not None and not math.isnan(value)


def _words(row: Any, text: str):
    low, high = (v if known(v) else math.nan for v in (row.low, row.high))
    null = 1.0 if row.estimand.startswith("ratio") else 0.0
    by_p = known(row.p) and row.p <= alpha()
    excludes = low > null or high < null
    both = by_p and excludes
    for words, holds in (
        (": a change, ", both),
        ("a change by its p, not", by_p and not excludes),
        ("a change by its interval, not", excludes and not by_p),
        ("no change established,", not by_p and not excludes),
        ("no change was established", not both),
        ("No change in the hardness", not both),
        ("was accompanied by a shift", both),
        ("rose with coverage", both and row.estimate > 1),
        ("fell with coverage", both and row.estimate < 1),
        ("to harder ground, beyond", known(row.estimate) and row.estimate > 1),
        ("to easier ground, beyond", known(row.estimate) and row.estimate < 1),
        ("were not found to move differently", not by_p),
        ("moved by another factor", by_p),
        ("at least one part changes", by_p),
        ("neither part is established", not by_p),
        ("was not found to change", not by_p),
        ("does not stand out from", not by_p),
        ("cannot be estimated", not known(row.estimate) or "without" in text),
        ("Fewer than five", not known(row.estimate)),
        ("stays on one side", not low <= 1 <= high),
        ("crosses one", low <= 1 <= high),
        ("cannot tell", row.level == "L0" or row.analysis.startswith(("R1.", "R10."))),
    ):
        if words in text and not holds:
            yield f"says {words.strip(' ,:')!r}"
