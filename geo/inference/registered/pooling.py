"""Rubin's rules on imputed panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.compare import Question, require
from geo.inference.estimation.poisson import Array
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.estimation.uncertainty import Interval, jackknife
from geo.inference.registered.headline import RRR, question, refusal
from geo.inference.registered.imputation import Imputed
from geo.parameters import load


@dataclass(frozen=True)
class Pooled:
    """Draws pooled by Rubin's rules.

    Attributes
    ----------
    estimate
        Row of `estimates`.
    beta, variance, df
        Pooled log ratio, total variance, Barnard-Rubin degrees of freedom.
    missing_information
        Fraction of information missing because places and dates are uncertain.
    """

    estimate: Estimate
    beta: float = float("nan")
    variance: float = float("nan")
    df: float = float("nan")
    missing_information: float = float("nan")


def pool(
    imputed: Imputed,
    rng: np.random.Generator,
    *,
    analysis: str = "headline.imputed",
    draws: int | None = None,
    parents: str = "",
) -> Pooled:
    """Estimate the headline on every draw and pool.

    T = W + (1 + 1/m) B (Rubin 1987, eq. 3.1.5); degrees of freedom of Barnard & Rubin 1999 with
    the Satterthwaite ones as complete-data degrees; p from the mean studentised score over the
    draws that do not know the dose, each permutation applied to all draws at once.
    """
    panels = imputed.panels
    row = Estimate(
        analysis,
        RRR + ", places and dates imputed",
        n=round(float(np.mean([p.deaths.sum() for p in panels]))),
        parents=parents,
    )
    try:
        mean_dose = np.mean([p.dose for p in panels], axis=0)
        shared = permutation.admissible(mean_dose, panels[0].strata, rng, draws)
        intervals = [_interval(question(p)) for p in panels]
        scores = [_scores(question(p), shared) for p in imputed.blind]
    except IdentificationError as error:
        return Pooled(refusal(row, str(error)))
    p = permutation.p_value(np.mean(scores, axis=0))
    return _rubin(intervals, p, shared.words, row)


def _interval(asked: Question) -> Interval:
    require(asked)
    return jackknife(asked.design(), np.arange(len(asked.dose)))


def _scores(asked: Question, shared: permutation.Assignments) -> Array:
    return permutation.scores(asked.design(), asked.dose, asked.slope, shared)


def _rubin(intervals: Sequence[Interval], p: float, words: str, row: Estimate) -> Pooled:
    m = len(intervals)
    betas = np.array([i.beta[0] for i in intervals])
    within = float(np.mean([i.se**2 for i in intervals]))
    between = float(betas.var(ddof=1)) if m > 1 else 0.0
    total = within + (1.0 + 1.0 / m) * between
    share = (1.0 + 1.0 / m) * between / total
    complete = float(np.mean([i.df for i in intervals]))
    observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    df = observed if share == 0 else 1.0 / (share**2 / max(m - 1, 1) + 1.0 / observed)
    df = max(df, float(load("inference")["degrees_of_freedom_floor"].value))
    beta, se = float(betas.mean()), float(np.sqrt(total))
    half = float(stats.t.ppf(0.975, df)) * se
    multiple = float(stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df))
    low, high = float(np.exp(beta - half)), float(np.exp(beta + half))
    filled = replace(
        row,
        estimate=float(np.exp(beta)),
        low=low,
        high=high,
        p=p,
        reference_set=f"{words}, mean over {m} imputations",
        clusters=intervals[0].clusters,
        mde=float(np.exp(multiple * se)),
    )
    text = (
        f"With places, death dates and tower dates drawn within their bounds {m} times: ratio "
        f"{ratio_words(float(np.exp(beta)))} (95 % interval {ratio_words(low)} to "
        f"{ratio_words(high)}; {p_words(p)}); {share:.0%} of the information is missing because "
        "places and dates are uncertain."
    )
    return Pooled(filled.says(text), beta, total, df, share)
