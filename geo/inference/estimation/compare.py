"""One comparison: a table, dose paths and what they multiply, to an interval and a p value.

The headline, its parts and every secondary analysis are comparisons; they differ in what the cells
of a corridor-year are and whether the corridor-year total is conditioned out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.fixed_effects import Design
from geo.inference.estimation.permutation import Assignments
from geo.inference.estimation.poisson import Fit, fit
from geo.inference.estimation.rows import Estimate
from geo.inference.estimation.uncertainty import ConfidenceInterval, jackknife
from geo.typing import Array


@dataclass(frozen=True)
class Comparison:
    """What is compared.

    Attributes
    ----------
    y
        (unit, cell, year) counts.
    dose
        (unit, year) dose paths.
    slope
        (unit, cell) what the dose is multiplied with.
    strata
        (unit,) stratum within which dose paths may be exchanged.
    group
        (cell,) cells that share the border-wide drift.
    condition
        Whether unit-year totals are conditioned out.
    held
        (regressor, unit, cell, year) covariates, not exchanged with the dose.
    clusters
        (unit,) cluster of the interval; the units themselves where None.
    system
        (unit,) number of the unit's record system, each with a drift of its own; None for one.
    """

    y: Array
    dose: Array
    slope: Array
    strata: Sequence[str]
    group: Array
    condition: bool = True
    held: Array | None = None
    clusters: Array | None = None
    system: Array | None = None

    def design(self) -> Design:
        """Return the table with dose x slope as first regressor."""
        x = self.dose[None, :, None, :] * self.slope[None, :, :, None]
        if self.held is not None:
            x = np.concatenate([x, self.held])
        group = np.asarray(self.group, int)
        return Design(self.y, x, group, self.condition, stratum=self.system)

    def units(self, keep: Array) -> Comparison:
        """Return the question asked of some of the units."""
        return replace(
            self,
            y=self.y[keep],
            dose=self.dose[keep],
            slope=self.slope[keep],
            strata=[s for s, k in zip(self.strata, keep, strict=True) if k],
            held=None if self.held is None else self.held[:, keep],
            clusters=None if self.clusters is None else self.clusters[keep],
            system=None if self.system is None else numbered(self.system[keep]),
        )


@dataclass(frozen=True)
class Compared:
    """What came out.

    Attributes
    ----------
    interval
        Coefficient with jackknife interval, log scale.
    null
        Fit without dose.
    assignments, statistics
        Reference set and studentised scores; None where units are not what dose was assigned to.
    """

    interval: ConfidenceInterval
    null: Fit
    assignments: Assignments | None
    statistics: Array | None

    @property
    def p(self) -> float:
        """Permutation p; that of the jackknife where units cannot be exchanged."""
        return self.interval.p if self.statistics is None else permutation.p_value(self.statistics)

    @property
    def words(self) -> str:
        """Return the reference set in words."""
        if self.assignments is None:
            return f"t distribution with {self.interval.df:.1f} degrees of freedom, by cluster"
        return self.assignments.words

    def row(self, row: Estimate) -> Estimate:
        """Fill in a row with ratios."""
        low, high = self.interval.bounds()
        return replace(
            row,
            estimate=float(np.exp(self.interval.beta[0])),
            low=float(np.exp(low)),
            high=float(np.exp(high)),
            p=self.p,
            reference_set=self.words,
            clusters=self.interval.clusters,
            mde=float(np.exp(self.interval.mde())),
        )


def numbered(system: Array) -> Array | None:
    """Return numbers from 0 on for the record systems of units; None where there is only one."""
    names, own = np.unique(system, return_inverse=True)
    return own.ravel() if len(names) > 1 else None


def ask(
    question: Comparison,
    rng: np.random.Generator,
    draws: int | None = None,
    assignments: Assignments | None = None,
) -> Compared:
    """Estimate a question.

    Parameters
    ----------
    question
        What is compared.
    rng
        Stream for random permutations.
    draws
        Permutations where not all can be listed; the registered number if None.
    assignments
        A reference set shared with other questions on the same units.

    Raises
    ------
    IdentificationError
        If the records cannot carry the comparison.
    """
    require(question)
    design = question.design()
    null = fit(design.with_x(design.x[:0]))
    own = np.arange(len(question.dose))
    clusters = own if question.clusters is None else np.asarray(question.clusters)
    interval = jackknife(design, clusters, null=null)
    if question.clusters is not None and len(np.unique(clusters)) < len(own):
        return Compared(interval, null, None, None)
    if assignments is None:
        assignments = permutation.admissible(question.dose, question.strata, rng, draws)
    held = fit(design.with_x(design.x[1:])) if len(design.x) > 1 else null
    statistics = permutation.scores(design, question.dose, question.slope, assignments, held)
    return Compared(interval, null, assignments, statistics)


def require(question: Comparison) -> None:
    """Raise IdentificationError where the question cannot be asked at all."""
    if not len(question.dose):
        raise IdentificationError("no corridor has enough records before its first dose")
    if len(question.dose) == 1:
        raise IdentificationError("one corridor remains, with nothing to compare it with")
    if not question.dose.any():
        raise IdentificationError(
            "no tower (or programme zone) with a sourced date covers any corridor"
        )
    if np.allclose(question.dose, question.dose[0]):
        raise IdentificationError("dose is the same in every corridor and year")
    if not question.y.sum():
        raise IdentificationError("no record is left in the corridors and years compared")
