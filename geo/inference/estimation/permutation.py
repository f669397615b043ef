"""Restricted permutation of dose paths, with a studentised score.

The null model is fitted once. A permutation gives each unit the dose path of another unit of its
stratum; the score of unit c is u_c = sum x~ (y - mu0), where x~ is dose times hardness with the
fixed effects taken out in the weights mu0, and T = sum u_c / sqrt(sum u_c^2) (MacKinnon & Webb
2020; Canay, Romano & Shaikh 2017). Because taking effects out is linear, the score of a permutation
is a sum over pairs (receiver, donor) that are computed once: ten thousand permutations cost a few
milliseconds, and every admissible assignment can be listed when there are few.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, product
from itertools import permutations as orderings

import numpy as np
from numpy.typing import NDArray

from geo.inference.estimation.fixed_effects import (
    Design,
)
from geo.inference.estimation.pair_scores import pair_scores
from geo.inference.estimation.poisson import Fit, fit
from geo.inference.estimation.rows import alpha
from geo.parameters import load
from geo.typing import Array

Assignment = NDArray[np.intp]
HALVINGS = 14
"""Numerical: bisections of a bracket; the last is a sixteen-thousandth of the first."""
TIES = 1e-9
"""Numerical: scores that differ by less than this share are equal: sums in another order."""


@dataclass(frozen=True)
class Assignments:
    """Admissible assignments of dose paths to units.

    Attributes
    ----------
    donors
        (assignment, unit) whose path each unit receives; the first row is what happened.
    complete
        True when every admissible assignment is listed.
    distinct
        Number of distinct admissible assignments (equal paths count once).
    words
        The reference set, for readers.
    """

    donors: Assignment
    complete: bool
    distinct: float
    words: str

    @property
    def smallest_p(self) -> float:
        """Smallest p value that could come out."""
        return max(1.0 / self.distinct, 1.0 / len(self.donors))


def admissible(
    dose: Array, strata: Sequence[str], rng: np.random.Generator, draws: int | None = None
) -> Assignments:
    """List or draw the admissible assignments.

    Parameters
    ----------
    dose
        (unit, year) dose paths.
    strata
        (unit,) stratum within which paths may be exchanged.
    rng
        Source of random permutations when they are too many to list.
    draws
        Number of random permutations; the parameter file's where None.
    """
    labels = np.asarray(strata, dtype=str)
    blocks = [np.flatnonzero(labels == s) for s in np.unique(labels)]
    total = math.prod(math.factorial(len(b)) for b in blocks)
    distinct = math.prod(_distinct(dose[b]) for b in blocks)
    limit = int(load("inference")["enumeration_limit"].value)
    units = len(dose)
    if total <= limit:
        rows = [np.arange(units)] * total
        donors = np.array(rows)
        for row, chosen in enumerate(product(*(orderings(b) for b in blocks))):
            for block, source in zip(blocks, chosen, strict=True):
                donors[row, block] = source
    else:
        count = int(load("study")["permutations"].value) if draws is None else draws
        donors = np.tile(np.arange(units), (count + 1, 1))
        for block in blocks:
            donors[1:, block] = rng.permuted(donors[1:, block], axis=1)
    how = "all" if total <= limit else f"{len(donors) - 1:,} random ones of"
    where = "all units" if len(blocks) == 1 else f"{len(blocks)} strata of units"
    words = (
        f"{how} {total:,} exchanges of whole dose paths within {where} "
        f"({distinct:,} distinct); smallest attainable p "
        f"{max(1 / distinct, 1 / len(donors)):.2g}"
    )
    return Assignments(donors, total <= limit, float(distinct), words)


def exchange_blocks(
    dose: Array,
    blocks: Sequence[str],
    strata: Sequence[str],
    rng: np.random.Generator,
    draws: int | None = None,
) -> Assignments:
    """List or draw exchanges that keep the units of a block together.

    Units are laid in a row, block by block; an exchange lays the blocks of a stratum in another
    order, so that dose paths which came together stay beside each other.

    Parameters
    ----------
    dose
        (unit, year) dose paths.
    blocks
        (unit,) block of each unit: those whose first dose comes from one programme; a unit without
        dose is a block of its own.
    strata, rng, draws
        As for `admissible`.
    """
    labels, names = np.asarray(strata, str), np.asarray(blocks, str)
    rows = [_blocks(names, np.flatnonzero(labels == s)) for s in np.unique(labels)]
    total = math.prod(math.factorial(len(r)) for r in rows)
    limit = int(load("inference")["enumeration_limit"].value)
    if total <= limit:
        orders: Iterable[tuple[Sequence[int], ...]] = product(
            *(orderings(range(len(r))) for r in rows)
        )
    else:
        count = int(load("study")["permutations"].value) if draws is None else draws
        first = tuple(list(range(len(r))) for r in rows)
        drawn = (tuple(rng.permutation(len(r)).tolist() for r in rows) for _ in range(count))
        orders = chain([first], drawn)
    donors = np.array([_laid(order, rows, len(dose)) for order in orders])
    paths = np.unique(np.round(dose, 12), axis=0, return_inverse=True)[1].ravel()
    distinct = float(len(np.unique(paths[donors], axis=0)))
    if total > limit:
        distinct = float(math.prod(_distinct_orders(r, paths) for r in rows))
    how = "all" if total <= limit else f"{len(donors) - 1:,} random ones of"
    several = sum(len(b) > 1 for r in rows for b in r)
    words = (
        f"{how} {total:,} exchanges of whole blocks ({several} of several units that one programme "
        f"equipped first; {distinct:,.0f} distinct); smallest attainable p "
        f"{max(1 / distinct, 1 / len(donors)):.2g}"
    )
    return Assignments(donors, total <= limit, distinct, words)


def _blocks(names: Array, units: Array) -> list[list[int]]:
    """Units of a stratum by block, in the order of each block's first unit."""
    found: dict[str, list[int]] = {}
    for unit in units.tolist():
        found.setdefault(str(names[unit]), []).append(unit)
    return list(found.values())


def _laid(
    order: tuple[Sequence[int], ...], rows: Sequence[list[list[int]]], count: int
) -> Assignment:
    """Donor of every unit when the blocks are laid in an order."""
    donor = np.arange(count)
    for chosen, row in zip(order, rows, strict=True):
        donor[[u for b in row for u in b]] = [u for k in chosen for u in row[k]]
    return donor


def _distinct_orders(row: list[list[int]], paths: Array) -> int:
    """Count orders of blocks, those of equal paths counted once."""
    kinds = Counter(tuple(paths[b].tolist()) for b in row)
    return math.factorial(len(row)) // math.prod(math.factorial(n) for n in kinds.values())


def _distinct(dose: Array) -> int:
    """Count distinct orderings of the paths of one stratum."""
    repeats = np.unique(np.round(dose, 12), axis=0, return_counts=True)[1]
    return math.factorial(len(dose)) // math.prod(math.factorial(int(r)) for r in repeats)


def scores(
    design: Design,
    dose: Array,
    slope: Array,
    assignments: Assignments,
    null: Fit | None = None,
) -> Array:
    """Studentised score of every assignment: (assignment,), what happened first.

    Parameters
    ----------
    design
        Table whose first regressor is dose x slope; further regressors are held fixed.
    dose
        (unit, year) dose paths.
    slope
        (unit, bin) what a unit's dose is multiplied with.
    assignments
        From `admissible`.
    null
        Fit of the design without its first regressor, where it is at hand.
    """
    held = design.with_x(design.x[1:], design.offset)
    null = fit(held) if null is None else null
    gain, loss = pair_scores(held, dose, slope, null.mu)
    donors = assignments.donors
    unit = np.arange(len(dose))
    by_unit = gain[unit, donors]
    for receiver in unit:
        by_unit = by_unit - loss[:, receiver, donors[:, receiver]].T
    spread = np.sqrt((by_unit**2).sum(axis=1))
    return np.asarray(by_unit.sum(axis=1) / np.where(spread > 0, spread, np.inf))


def p_value(statistic: Array) -> float:
    """Two-sided p: share of assignments at least as far from zero as what happened."""
    size = np.abs(statistic)
    extreme = int((size >= size[0] * (1.0 - TIES)).sum())
    return extreme / len(size)


def p_above(statistic: Array) -> float:
    """One-sided p: share of assignments at least as far above zero as what happened."""
    margin = TIES * abs(float(statistic[0]))
    return int((statistic >= statistic[0] - margin).sum()) / len(statistic)


def interval(
    tables: Sequence[tuple[Design, Array, Array]],
    assignments: Assignments,
    guess: tuple[float, float],
    level: float | None = None,
) -> tuple[float, float]:
    """Invert the permutation test: the coefficients it does not reject.

    Parameters
    ----------
    tables
        Design, dose and slope, as for `scores`, of every imputation; the test is that of their mean
        score.
    assignments
        As for `scores`.
    guess
        Centre and half width of the first bracket.
    level
        Share of intervals that cover; by default that of the nominal level.

    Returns
    -------
    low, high
        Infinite where the assignments are too few to bound that side.
    """
    centre, half = guess
    most = alpha() if level is None else 1.0 - level

    def shifted(design: Design, value: float) -> Design:
        known = value * design.x[0] + (0.0 if design.offset is None else design.offset)
        return design.with_x(design.x, known)

    def rejected(value: float) -> bool:
        found = [scores(shifted(d, value), dose, slope, assignments) for d, dose, slope in tables]
        return p_value(np.mean(found, axis=0)) <= most

    return _edge(rejected, centre, -half), _edge(rejected, centre, half)


def _edge(
    rejected: Callable[[float], bool], centre: float, reach: float, steps: int = HALVINGS
) -> float:
    """Find where rejection begins, going from the centre by `reach`."""
    inside, outside = centre, centre + reach
    for _ in range(6):
        if rejected(outside):
            break
        inside, outside = outside, outside + reach
    else:
        return math.copysign(math.inf, reach)
    for _ in range(steps):
        middle = 0.5 * (inside + outside)
        if rejected(middle):
            outside = middle
        else:
            inside = middle
    return 0.5 * (inside + outside)
