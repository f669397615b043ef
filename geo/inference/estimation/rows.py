"""Rows of the table `estimates`: one analysis, one number, one sentence."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.contract import Table
from geo.inference.estimation.outcomes import written
from geo.parameters import load, names
from geo.records import ESTIMATES

LEAST_P = 0.001
"""Display: smaller p values are told as smaller than this."""
WHOLE = 100
"""Display: ratios from here on are told without decimals."""
SMALL = 0.095
"""Display: ratios under this, which two decimals would round to a digit or none, are told by two
significant digits."""


@dataclass(frozen=True)
class Estimate:
    """One row of `estimates`.

    Attributes
    ----------
    analysis, estimand
        Registered name; what is estimated, in words, with its unit.
    estimate, low, high, p, mde
        Numbers in the unit of the estimand; None where there is none.
    reference_set
        What the p value refers to, in words.
    n, clusters
        Records and clusters used.
    gates, reasons
        Gate to True (passed), False (failed) or None (not run); gate to why it was not run.
    refused
        Why there is no number; empty where there is one.
    level, sentence
        Claim level and the one sentence earned.
    sentence_es
        The sentence in Spanish, from the same numbers; only the headline has one.
    parents
        Identifiers of what it was computed from.
    """

    analysis: str
    estimand: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    reference_set: str | None = None
    n: int | None = None
    clusters: int | None = None
    mde: float | None = None
    gates: Mapping[str, bool | None] = field(default_factory=lambda: MappingProxyType({}))
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    refused: str = ""
    level: str = "L1"
    sentence: str = ""
    parents: str = ""
    sentence_es: str = ""

    def says(self, sentence: str, level: str | None = None) -> Estimate:
        """Return the row with its sentence, and another level where given."""
        return replace(self, sentence=sentence, level=level or self.level)

    @property
    def significant(self) -> bool:
        """Whether p and interval both exclude no effect at the registered level."""
        if self.p is None or self.low is None or self.high is None:
            return False
        null = 1.0 if self.estimand.startswith("ratio") else 0.0
        return self.p <= alpha() and not self.low <= null <= self.high


def alpha() -> float:
    """Nominal level of every test."""
    return float(load("inference")["alpha"].value)


def tails() -> tuple[float, float]:
    """Return the quantiles between which an interval lies, from the nominal level."""
    return alpha() / 2.0, 1.0 - alpha() / 2.0


@cache
def parameters_hash() -> str:
    """SHA-256 of every registered parameter, whichever file of `data/parameters` it stands in.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> from geo.inference import parameters_hash
    >>> len(parameters_hash())
    64
    """
    values = {file: {n: p.value for n, p in load(file).items()} for file in names()}
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def estimates_table(rows: Iterable[Estimate]) -> pd.DataFrame:
    """Return rows as the table `estimates`, checked against its contract.

    Numbers that are not finite become empty: an unbounded interval is no number.

    Parameters
    ----------
    rows
        Rows to be printed, in their order.

    Returns
    -------
    DataFrame
        Contract `estimates`.

    Raises
    ------
    ContractError
        If a row breaks the contract.

    Examples
    --------
    >>> from geo import examples, inference
    >>> table = inference.estimates_table([examples.estimate()])
    >>> table[["analysis", "estimate", "low", "high"]].values.tolist()
    [['headline', 2.0, 1.5, 2.7]]
    """
    table: Table = ESTIMATES
    records = [_record(r) for r in rows]
    frame = pd.DataFrame(records, columns=list(table.names))
    return table.conform(frame)


def _record(row: Estimate) -> dict[str, object]:
    key = f"{row.analysis}|{parameters_hash()}|{row.parents}"
    return {
        "analysis": row.analysis,
        "estimand": row.estimand,
        "estimate": _finite(row.estimate),
        "low": _finite(row.low),
        "high": _finite(row.high),
        "p": _finite(row.p),
        "reference_set": row.reference_set,
        "n": row.n,
        "clusters": row.clusters,
        "mde": _finite(row.mde),
        "gates": written(row.gates, row.reasons) or None,
        "parameters_hash": parameters_hash(),
        "claim_level": row.level,
        "sentence": row.sentence,
        "sentence_es": row.sentence_es or None,
        "row_id": "est-" + hashlib.sha256(key.encode()).hexdigest()[:16],
        "parents": row.parents,
    }


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def ratio_words(value: float) -> str:
    """Word a ratio with two decimals; a large one has none, a small one its first two digits.

    Example
    -------
    >>> [ratio_words(v) for v in (1.456, 0.000931, 1125.8, float("inf"))]
    ['1.46', '0.00093', '1,126', 'unbounded']
    """
    if not np.isfinite(value):
        return "unbounded"
    if 0.0 < value < SMALL:
        return np.format_float_positional(float(f"{value:.2g}"), trim="-")
    return f"{value:,.0f}" if value >= WHOLE else f"{value:.2f}"


def change_words(row: Estimate) -> str:
    """Say whether a row found a change: by both its p and its interval, by one, or by neither.

    Example
    -------
    >>> change_words(Estimate("x", "ratio", 2.0, 0.9, 4.4, p=0.04))
    'a change by its p, not by its interval'
    """
    by_p = row.p is not None and row.p <= alpha()
    null = 1.0 if row.estimand.startswith("ratio") else 0.0
    by_interval = False
    if row.low is not None and row.high is not None:
        by_interval = not row.low <= null <= row.high
    if by_p == by_interval:
        return "a change" if by_p else "no change established"
    one, other = ("p", "interval") if by_p else ("interval", "p")
    return f"a change by its {one}, not by its {other}"


def p_words(p: float) -> str:
    """Word a p value: p = 0.03, p < 0.001."""
    return f"p < {LEAST_P:g}" if p < LEAST_P else f"p = {p:.3f}".rstrip("0").rstrip(".")
