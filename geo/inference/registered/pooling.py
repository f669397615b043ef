"""The headline of plan 2: imputed panels pooled by Rubin's rules, and its permutation tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.compare import Comparison, require
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate, p_words, tails
from geo.inference.estimation.uncertainty import (
    ConfidenceInterval,
    detectable,
    jackknife,
    jackknife_each,
)
from geo.inference.panel.eligibility import TOWERS
from geo.inference.registered.headline import RRR, Headline, question, refusal
from geo.inference.registered.headline_words import sentence
from geo.inference.registered.imputation import Imputed
from geo.inference.registered.reached import Reached, informative, reached
from geo.parameters import load
from geo.typing import Array

TESTS = "p of the headline's score against exchanges of dose paths"
BLOCKS = "p of the headline's score against exchanges of whole programmes"


@dataclass(frozen=True)
class Pooled:
    """Draws pooled by Rubin's rules.

    Attributes
    ----------
    estimate
        Row of `estimates`, per unit dose.
    reached
        The coverage reached in the middle draw, with the ratio of every draw at its own; None where
        no draw has a covered corridor.
    beta, variance, df
        Pooled log ratio, total variance, Barnard-Rubin degrees of freedom.
    missing_information
        Fraction of information missing because places and dates are uncertain.
    tests
        Rows of the p values: corridors exchanged, whole programmes exchanged, one-sided.
    bounds
        Interval from inverting the permutation test, log scale; None where not asked for.
    by_blocks
        Whether whole programmes could be exchanged often enough to decide.
    coverage
        What the dose is the growth of, in words.
    """

    estimate: Estimate
    beta: float = float("nan")
    variance: float = float("nan")
    df: float = float("nan")
    missing_information: float = float("nan")
    reached: Reached | None = None
    tests: tuple[Estimate, ...] = ()
    bounds: tuple[float, float] | None = None
    by_blocks: bool = False
    coverage: str = TOWERS

    @property
    def headline(self) -> Headline:
        """The headline of plan 2, worded."""
        row, coverage = self.estimate, self.coverage
        if row.refused:
            return Headline(row, refused=row.refused, coverage=coverage)
        level = "L0" if informative(row, self.reached).passed is False else None
        said = sentence(row, self.bounds, self.reached, coverage)
        return Headline(row.says(said, level), None, self.bounds, 0, "", self.reached, coverage)


def pool(
    imputed: Imputed,
    rng: np.random.Generator,
    *,
    analysis: str = "headline",
    blocks: Sequence[str] | None = None,
    draws: int | None = None,
    invert: bool = False,
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
    blocks
        Programme that equipped each corridor first (`blocks_of`); None where programmes are not
        told apart.
    draws
        Permutations where not all assignments can be listed; the registered number if None.
    invert
        Also invert the permutation test into an interval.
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
        f"{RRR}, places and dates imputed",
        n=round(float(np.mean([p.deaths.sum() for p in panels]))),
        parents=parents,
    )
    coverage = panels[0].coverage
    try:
        intervals = _intervals([question(p) for p in panels])
        tested = _tests(imputed, blocks, rng, draws, row)
        row = replace(row, p=tested.p, reference_set=tested.words, clusters=intervals[0].clusters)
        per_unit = _rubin(intervals, np.ones(len(panels)), row)
        bounds = _inverted(imputed, tested.deciding, per_unit) if invert else None
    except IdentificationError as error:
        return Pooled(refusal(row, str(error)), coverage=coverage)
    found = replace(
        per_unit, tests=tested.rows, bounds=bounds, by_blocks=tested.by_blocks, coverage=coverage
    )
    own = [reached(panel) for panel in panels]
    doses = np.array([0.0 if r is None else r.dose for r in own])
    if not doses.any():
        return found
    at = _rubin(intervals, doses, row).estimate
    assert at.estimate is not None and at.low is not None  # noqa: S101, PT018 - filled just above
    assert at.high is not None and at.mde is not None  # noqa: S101, PT018
    corridors = max(r.corridors for r in own if r is not None)
    middle = Reached(float(np.median(doses)), corridors, (at.estimate, at.low, at.high, at.mde))
    return replace(found, reached=middle)


class _Tested(NamedTuple):
    """The deciding p and its reference set, and every p as a row."""

    p: float
    words: str
    rows: tuple[Estimate, ...]
    by_blocks: bool
    deciding: permutation.Assignments


def _tests(
    imputed: Imputed,
    blocks: Sequence[str] | None,
    rng: np.random.Generator,
    draws: int | None,
    row: Estimate,
) -> _Tested:
    """Exchange corridors and whole programmes; the latter decide where they are many enough."""
    asked, strata = [question(p) for p in imputed.blind], imputed.panels[0].strata
    dose = np.mean([p.dose for p in imputed.panels], axis=0)
    nulls = [fit(c.design().with_x(c.design().x[:0])) for c in asked]

    def statistic(shared: permutation.Assignments) -> Array:
        found = [
            permutation.scores(c.design(), c.dose, c.slope, shared, null)
            for c, null in zip(asked, nulls, strict=True)
        ]
        return np.asarray(np.mean(found, axis=0))

    over = f", mean over {len(asked)} imputations"
    corridors = permutation.admissible(dose, strata, rng, draws)
    single = statistic(corridors)
    p = permutation.p_value(single)
    one = _p_row(
        row, "one_sided", permutation.p_above(single), f"{corridors.words}{over}; one-sided"
    )
    first = _p_row(row, "corridors", p, corridors.words + over)
    if blocks is None:
        bare = Estimate(f"{row.analysis}.blocks", BLOCKS, n=row.n, parents=row.parents)
        lost = refusal(bare, "this study does not say which programme covered a corridor first")
        return _Tested(p, corridors.words + over, (first, lost, one), False, corridors)  # noqa: FBT003
    together = permutation.exchange_blocks(dose, blocks, strata, rng, draws)
    by_blocks = permutation.p_value(statistic(together))
    whole = _p_row(row, "blocks", by_blocks, together.words + over)
    least = float(load("inference")["least_block_assignments"].value)
    if together.distinct >= least:
        return _Tested(by_blocks, together.words + over, (first, whole, one), True, together)  # noqa: FBT003
    reason = (
        f"{together.distinct:,.0f} distinct exchanges of whole programmes, fewer than {least:g}: "
        f"the smallest p that could come out is {together.smallest_p:.2g}"
    )
    whole = replace(whole, refused=reason).says(f"{whole.sentence[:-1]}; not counted: {reason}.")
    return _Tested(p, corridors.words + over, (first, whole, one), False, corridors)  # noqa: FBT003


def _p_row(row: Estimate, name: str, p: float, words: str) -> Estimate:
    said = {
        "corridors": "Dose paths exchanged between corridors",
        "blocks": "Dose paths exchanged in whole programmes",
        "one_sided": "One-sided, of the stated hypothesis that the ratio is above one (secondary)",
    }[name]
    estimand = BLOCKS if name == "blocks" else TESTS
    found = Estimate(
        f"{row.analysis}.{name}", estimand, p=p, reference_set=words, n=row.n, parents=row.parents
    )
    return found.says(f"{said}: {p_words(p)} ({words}).")


def _inverted(
    imputed: Imputed, assignments: permutation.Assignments, found: Pooled
) -> tuple[float, float]:
    """Invert the deciding test over the first imputations that do not know the dose."""
    count = int(load("inference")["inversion_draws"].value)
    asked = [question(p) for p in imputed.blind[:count]]
    reach = max(1.5 * float(np.sqrt(found.variance)), 0.05)
    tables = [(c.design(), c.dose, c.slope) for c in asked]
    return permutation.interval(tables, assignments, (found.beta, reach))


def _intervals(asked: Sequence[Comparison]) -> list[ConfidenceInterval]:
    """Estimate every draw; draws that share their doses at once."""
    for one in asked:
        require(one)
    own = np.arange(len(asked[0].dose))
    if all(np.array_equal(one.dose, asked[0].dose) for one in asked):
        return jackknife_each(asked[0].design(), np.stack([one.y for one in asked]), own)
    return [jackknife(one.design(), own) for one in asked]


def _rubin(intervals: Sequence[ConfidenceInterval], doses: Array, row: Estimate) -> Pooled:
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
    filled = replace(
        row,
        estimate=float(np.exp(beta)),
        low=float(np.exp(beta - half)),
        high=float(np.exp(beta + half)),
        mde=float(np.exp(detectable(se, df))),
    )
    return Pooled(filled, beta, total, df, share)
