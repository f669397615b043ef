"""Rubin's rules on imputed panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.compare import Comparison, require
from geo.inference.estimation.poisson import Array
from geo.inference.estimation.rows import Estimate, tails
from geo.inference.estimation.uncertainty import ConfidenceInterval, jackknife, jackknife_each
from geo.inference.registered.headline import RRR, question, refusal
from geo.inference.registered.imputation import Imputed
from geo.inference.registered.reached import (
    UNIT,
    Reached,
    cannot_tell,
    informative,
    numbers,
    reached,
)
from geo.parameters import load


@dataclass(frozen=True)
class Pooled:
    """Draws pooled by Rubin's rules.

    Attributes
    ----------
    estimate
        Row of `estimates`, per unit dose.
    reached
        The same at the coverage reached in each draw; None where no draw has a covered corridor.
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
    reached: Estimate | None = None

    @property
    def rows(self) -> list[Estimate]:
        """The rows of `estimates`."""
        return [self.estimate, *([] if self.reached is None else [self.reached])]


def pool(
    imputed: Imputed,
    rng: np.random.Generator,
    *,
    analysis: str = "headline.imputed",
    draws: int | None = None,
    parents: str = "",
) -> Pooled:
    r"""Estimate the headline on every draw and pool.

    Parameters
    ----------
    imputed
        From `impute_panels`.
    rng
        Stream of this analysis, for random permutations.
    analysis
        Registered name of the row.
    draws
        Permutations where not all assignments can be listed; the registered number if None.
    parents
        Identifiers of the inputs.

    Returns
    -------
    Pooled
        Where the records cannot carry the estimate, a row without numbers that says why.

    Notes
    -----
    $$T = W + (1 + 1/m)\,B$$

    (Rubin 1987, eq. 3.1.5); degrees of freedom of Barnard & Rubin 1999 with the Satterthwaite
    ones as complete-data degrees; p from the mean studentised score over the draws that do not
    know the dose, each permutation applied to all draws at once.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> panel = examples.panel()
    >>> same = inference.Imputed([panel, panel], [panel, panel])
    >>> pooled = inference.pool(same, np.random.default_rng(0), draws=99)
    >>> round(pooled.estimate.estimate, 1)
    3.3
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
        intervals = _intervals([question(p) for p in panels])
        scores = [_scores(question(p), shared) for p in imputed.blind]
    except IdentificationError as error:
        return Pooled(refusal(row, str(error)))
    p = permutation.p_value(np.mean(scores, axis=0))
    row = replace(
        row, p=p, reference_set=f"{shared.words}, mean over {len(panels)} imputations",
        clusters=intervals[0].clusters,
    )  # fmt: skip
    coverage = panels[0].coverage
    per_unit = _rubin(intervals, np.ones(len(panels)), row, coverage=coverage)
    own = [reached(panel) for panel in panels]
    doses = np.array([0.0 if r is None else r.dose for r in own])
    if not doses.any():
        return per_unit
    middle = Reached(float(np.median(doses)), max(r.corridors for r in own if r is not None))
    where = f"at the coverage reached in each draw ({middle.words} in the middle draw)"
    at = replace(row, analysis=f"{analysis}.at_reached_dose",
                 estimand=row.estimand.replace(UNIT, where))  # fmt: skip
    pooled = _rubin(intervals, doses, at, where, coverage=coverage).estimate
    if informative(per_unit.estimate, None).passed is False:
        # quoted at neither dose where the records cannot tell at one of them
        pooled = pooled.says(per_unit.estimate.sentence, "L0")
    return replace(per_unit, reached=pooled)


def _intervals(asked: Sequence[Comparison]) -> list[ConfidenceInterval]:
    """Estimate every draw; draws that share their doses at once."""
    for one in asked:
        require(one)
    own = np.arange(len(asked[0].dose))
    if all(np.array_equal(one.dose, asked[0].dose) for one in asked):
        return jackknife_each(asked[0].design(), np.stack([one.y for one in asked]), own)
    return [jackknife(one.design(), own) for one in asked]


def _scores(asked: Comparison, shared: permutation.Assignments) -> Array:
    return permutation.scores(asked.design(), asked.dose, asked.slope, shared)


def _rubin(
    intervals: Sequence[ConfidenceInterval],
    doses: Array,
    row: Estimate,
    unit: str = UNIT,
    *,
    coverage: str,
) -> Pooled:
    """Pool the log ratios of all draws, each times a dose."""
    m = len(intervals)
    betas = doses * np.array([i.beta[0] for i in intervals])
    within = float(np.mean([(d * i.se) ** 2 for d, i in zip(doses, intervals, strict=True)]))
    between = float(betas.var(ddof=1)) if m > 1 else 0.0
    total = within + (1.0 + 1.0 / m) * between
    share = (1.0 + 1.0 / m) * between / total
    complete = float(np.mean([i.df for i in intervals]))
    observed = (complete + 1.0) / (complete + 3.0) * complete * (1.0 - share)
    df = observed if share == 0 else 1.0 / (share**2 / max(m - 1, 1) + 1.0 / observed)
    df = max(df, float(load("inference")["degrees_of_freedom_floor"].value))
    beta, se = float(betas.mean()), float(np.sqrt(total))
    half = float(stats.t.ppf(tails()[1], df)) * se
    multiple = float(
        stats.t.ppf(tails()[1], df) + stats.t.ppf(load("inference")["power_target"].value, df)
    )
    filled = replace(
        row,
        estimate=float(np.exp(beta)),
        low=float(np.exp(beta - half)),
        high=float(np.exp(beta + half)),
        mde=float(np.exp(multiple * se)),
    )
    told = informative(filled, None).passed is not False
    said = (
        f"{numbers(filled, unit=unit)}."
        if told
        else cannot_tell(filled, unit=unit, coverage=coverage)
    )
    text = (
        f"With places, dates of death and dates of exposure drawn within their bounds {m} times: "
        f"{said} "
        f"{share:.0%} of the information is missing because places and dates are uncertain."
    )
    return Pooled(filled.says(text, None if told else "L0"), beta, total, df, share)
