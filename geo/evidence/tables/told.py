"""A row of `estimates` told in its numbers: what stands in place of a sentence in Spanish.

The sentence of an analysis is English. A Spanish page names the analysis and gives the numbers that
the sentence gives, from the same row, and withholds them where the sentence does.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from geo.inference.estimation.rows import p_words, ratio_words
from geo.inference.registered.headline import NOT_QUOTED, RRR
from geo.inference.registered.phrases import Language, written
from geo.inference.registered.reached import informative

WORDS = {
    "es": {
        "ratio": "Razón {estimate}",
        "value": "Valor {estimate}",
        "interval": "intervalo del 95 % de {low} a {high}",
        "power": "la menor razón que podría hallar, {mde}",
        "withheld": "Estos registros no permiten saberlo, y no se cita ninguna razón.",
        "not_estimated": "No pudo estimarse con estos registros.",
    },
}
"""Display: language = what a row is told in."""


def told_in_numbers(row: Any, headline: Any | None, language: Language) -> str:
    """Return the numbers of a row of `estimates` as one sentence.

    Parameters
    ----------
    row
        Row of the table, by attribute.
    headline
        The headline's row; None where the run has none.
    language
        Of the sentence; English rows have one of their own.

    Returns
    -------
    str
        Without any ratio where the row, or the headline it is made from, is not quoted.

    Examples
    --------
    >>> from geo.evidence.tables.told import told_in_numbers
    >>> from geo.inference import Estimate
    >>> row = Estimate("R9.x", "ratio", 1.5, 0.9, 2.4, 0.04, mde=1.6)
    >>> told_in_numbers(row, None, "es")[:30]
    'Razón 1,50; intervalo del 95 %'
    """
    say = WORDS[language]
    if withheld(row, headline):
        return say["withheld"]
    ratio = str(row.estimand).startswith("ratio")
    parts = []
    if pd.notna(row.estimate):
        kind = "ratio" if ratio else "value"
        parts.append(say[kind].format(estimate=_number(row.estimate, language)))
    if pd.notna(row.low) and pd.notna(row.high):
        low, high = (_number(v, language) for v in (row.low, row.high))
        parts.append(say["interval"].format(low=low, high=high))
    if pd.notna(row.p):
        parts.append(written(p_words(row.p), language))
    if ratio and pd.notna(row.mde):
        parts.append(say["power"].format(mde=_number(row.mde, language)))
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if parts else say["not_estimated"]


def withheld(row: Any, headline: Any | None) -> bool:
    """Whether a ratio is not quoted: the records cannot tell, or could not tell the headline."""
    if NOT_QUOTED in str(row.sentence):
        return True
    unquoted = headline is not None and getattr(headline, "claim_level", "") == "L0"
    if unquoted and str(row.analysis).startswith("headline") and pd.notna(row.estimate):
        return True
    if not str(row.estimand).startswith(RRR):
        return False
    # the least and largest of many estimates have no power of their own: as the headline they vary
    return unquoted if pd.isna(row.mde) else informative(row, None).passed is False


def _number(value: float, language: Language) -> str:
    return written(ratio_words(float(value)), language)
