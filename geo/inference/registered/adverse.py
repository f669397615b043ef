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
from geo.inference.registered.gates import GATES, asked
from geo.inference.registered.headline import RRR
from geo.inference.registered.phrases import Language, written
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
WHY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            "gate": "fails a check, which asks: {asks}",
            "easier": "lies on the side of easier ground",
            "unpowered": "unpowered: the smallest ratio it could find is {ratio}",
            "silent": "{analysis}: silent, but {weak}",
            "finds": "finds something where nothing was expected ({p})",
            "stands": "the headline does not stand out ({p})",
            "below": "lies below one, where the hypothesis expects the opposite",
            "above": "lies above one, where the hypothesis expects the opposite",
            "expected": "what the hypothesis expects was not established ({p})",
            "excludes": "its interval excludes the headline's {number}",
            "ratio": "ratio",
            "one out": "the sign changes when one is left out",
            "sign": "its sign is not the headline's",
        },
        "es": {
            "gate": "no se cumple: {asks}",
            "easier": "queda del lado del terreno menos duro",
            "unpowered": "sin potencia: la menor razón que podría hallar es {ratio}",
            "silent": "{analysis}: nada hallado, pero {weak}",
            "finds": "halla algo donde no se esperaba nada ({p})",
            "stands": "el resultado principal no destaca ({p})",
            "below": "queda por debajo de uno, donde la hipótesis espera lo contrario",
            "above": "queda por encima de uno, donde la hipótesis espera lo contrario",
            "expected": "lo que la hipótesis espera no pudo establecerse ({p})",
            "excludes": "su intervalo excluye {number} del resultado principal",
            "ratio": "la razón",
            "one out": "el signo cambia al omitir uno",
            "sign": "su signo no es el del resultado principal",
        },
    }
)
"""Display: language = reason by its name; braces are filled from the rows."""
RANGES = ("R1.", "R12.")
"""Beginnings of rows whose bounds are the least and largest of many estimates and no interval:
that they leave the headline's ratio out says nothing of chance."""
SCHEMES = "R14."
"""Beginning of the rows that put the headline to other exchanges of dose."""


def adverse(row: Any, headline: Any | None, language: Language = "en") -> list[str]:
    """Return why a row speaks against the headline or the hypothesis; empty where it does not.

    Parameters
    ----------
    row
        Row of the table `estimates`, by attribute.
    headline
        The headline's row; None where the run has none.
    language
        Of the reasons and of the way in which numbers are written.
    """
    why = [("gate", asked(g, language)) for g in failed(row.gates)]
    why += _checked(row)
    if row.analysis in EXPECTED and _known(row.estimate):
        why += _one_sided(row, above=EXPECTED[row.analysis])
    elif row.analysis == HEADLINE and _known(row.estimate) and row.estimate < 1.0:
        why.append(("easier", ""))
    elif headline is not None and _comparable(row):
        why += _compared(row, headline)
    said = [_worded(name, value, language) for name, value in why]
    if said and row.analysis != HEADLINE and (weak := powerless(row, language)):
        said.append(weak)
    return said


def _worded(name: str, value: str, language: Language) -> str:
    say = WHY[language]
    if name == "gate":
        return say[name].format(asks=value)
    number = written(value, language) if value else say["ratio"]
    if name == "excludes" and value and language == "es":
        number = f"el {number}"
    return say[name].format(p=number, number=number)


def unpowered(rows: Iterator[Any] | list[Any], language: Language = "en") -> list[str]:
    """Name the checks that stayed silent and could have found large ratios only."""
    silent = {n for g in GATES.values() if g.direction == "silent" for n in g.reads}
    return [
        WHY[language]["silent"].format(analysis=row.analysis, weak=powerless(row, language))
        for row in rows
        if row.analysis in silent and _known(row.p) and row.p > alpha() and powerless(row)
    ]


def powerless(row: Any, language: Language = "en") -> str:
    """Say that a test is unpowered; empty where it is not, or where its power is not known."""
    limit = float(load("inference")["largest_detectable"].value)
    if not _known(row.mde) or row.mde <= limit:
        return ""
    return WHY[language]["unpowered"].format(ratio=written(ratio_words(row.mde), language))


def failed(gates: object) -> list[str]:
    """Return the names of the gates a row failed; one that was not run has not failed."""
    return [name for name, outcome in read(gates).items() if outcome.passed is False]


def _checked(row: Any) -> Iterator[tuple[str, str]]:
    """Yield what a check found that its gate does not allow: name of the reason, number."""
    if not _known(row.p) or row.analysis == HEADLINE:
        return
    ways = {g.direction for g in GATES.values() if row.analysis in g.reads}
    if "silent" in ways and row.p <= alpha():
        yield "finds", p_words(row.p)
    if (ways & {"reject", "exclude"} or row.analysis.startswith(SCHEMES)) and row.p > alpha():
        yield "stands", p_words(row.p)


def _one_sided(row: Any, *, above: bool) -> Iterator[tuple[str, str]]:
    if (row.estimate > 1.0) is not above:
        yield "below" if above else "above", ""
    elif _known(row.p) and row.p > alpha():
        yield "expected", p_words(row.p)


def _comparable(row: Any) -> bool:
    """Whether a row asks the headline's question again, per unit dose."""
    checks = {n for g in GATES.values() if g.direction in ("silent", "reject") for n in g.reads}
    return row.analysis not in checks and row.estimand.startswith(RRR) and _known(row.estimate)


def _compared(row: Any, headline: Any) -> Iterator[tuple[str, str]]:
    own = headline.estimate
    if not _known(own):
        return
    if _known(row.low) and _known(row.high):
        if not row.analysis.startswith(RANGES) and not row.low <= own <= row.high:
            level = getattr(headline, "claim_level", getattr(headline, "level", ""))
            # a ratio that is not quoted is not quoted here either
            yield "excludes", "" if level == "L0" else ratio_words(own)
        if row.analysis.startswith("R1.") and (row.low <= 1.0) == (own > 1.0) == (row.high >= 1.0):
            yield "one out", ""
    if (row.estimate > 1.0) != (own > 1.0):
        yield "sign", ""
    elif row.estimate < 1.0:
        yield "easier", ""


def _known(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
