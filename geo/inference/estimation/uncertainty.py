"""Interval of a coefficient: cluster jackknife (CRV3) with Satterthwaite degrees of freedom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import Design, residualise
from geo.inference.estimation.poisson import Fit, fit_each, fit_without
from geo.inference.estimation.rows import tails
from geo.parameters import load
from geo.typing import Array

MIN_INFORMATION = 1e-6
"""Numerical: information below this, in records times squared dose, is none."""


@dataclass(frozen=True)
class ConfidenceInterval:
    """A coefficient, its jackknife variance and its interval.

    Attributes
    ----------
    beta
        (regressor,) estimates, log scale.
    covariance
        (regressor, regressor) leave-one-cluster-out covariance.
    scale
        Root of the variance over the covariance's expectation, first coefficient (`reference`).
    df
        Satterthwaite degrees of freedom of the first coefficient.
    leave_one_out
        (cluster, regressor) estimates without each cluster.
    clusters
        Number of clusters.
    """

    beta: Array
    covariance: Array
    scale: float
    df: float
    leave_one_out: Array
    clusters: int

    @property
    def se(self) -> float:
        """Standard error of the first coefficient, the jackknife's upward bias taken out."""
        return self.scale * float(np.sqrt(self.covariance[0, 0]))

    @property
    def p(self) -> float:
        """Two-sided p value of the first coefficient against t(df)."""
        return float(2.0 * stats.t.sf(abs(self.beta[0]) / self.se, self.df))

    def bounds(self, level: float | None = None) -> tuple[float, float]:
        """Interval of the first coefficient, by default of the nominal level."""
        top = tails()[1] if level is None else 0.5 + level / 2.0
        half = float(stats.t.ppf(top, self.df)) * self.se
        return float(self.beta[0]) - half, float(self.beta[0]) + half

    def mde(self) -> float:
        """Smallest coefficient found with the target power."""
        return detectable(self.se, self.df)


def detectable(se: float, df: float) -> float:
    """Return the smallest coefficient that a t test finds with the target power (Bloom 1995).

    Example
    -------
    >>> round(detectable(1.0, 1e6), 2)
    2.8
    """
    settings = load("inference")
    alpha, power = float(settings["alpha"].value), float(settings["power_target"].value)
    return float(stats.t.ppf(1 - alpha / 2, df) + stats.t.ppf(power, df)) * se


def jackknife(
    design: Design, clusters: NDArray[np.intp], full: Fit | None = None, null: Fit | None = None
) -> ConfidenceInterval:
    """Estimate with a leave-one-cluster-out covariance.

    V = (G - 1)/G sum_g (b_(g) - b)(b_(g) - b)' (MacKinnon, Nielsen & Webb 2023, eq. 12), every
    b_(g) a full refit.

    Parameters
    ----------
    design
        Table and regressors.
    clusters
        (unit,) cluster of each unit: the unit at which dose was assigned, or a coarser one.
    full, null
        Fits of the design and of the same design without regressors, where they are at hand.

    Raises
    ------
    IdentificationError
        Too few clusters, or a coefficient that one cluster alone identifies.
    """
    return jackknife_each(
        design, design.y[None], clusters, None if full is None else [full],
        None if null is None else [null],
    )[0]  # fmt: skip


def jackknife_each(
    design: Design,
    tables: Array,
    clusters: NDArray[np.intp],
    fulls: Sequence[Fit] | None = None,
    nulls: Sequence[Fit] | None = None,
) -> list[ConfidenceInterval]:
    """Estimate several tables of counts with the same regressors, all their refits at once.

    Parameters
    ----------
    design, clusters
        As for `jackknife`; the design's own counts are not used.
    tables
        (table, unit, bin, year) counts.
    fulls, nulls
        As for `jackknife`, one for each table.

    Raises
    ------
    IdentificationError
        As `jackknife`, for any of them.
    """
    _, cluster = np.unique(clusters, return_inverse=True)
    count = int(cluster.max()) + 1
    least = int(load("inference")["min_clusters"].value)
    if count < least:
        raise IdentificationError(
            f"{count} clusters carry dose or serve as controls; an interval needs {least}"
        )
    fulls = fit_each(design, tables) if fulls is None else fulls
    nulls = fit_each(design.with_x(design.x[:0]), tables) if nulls is None else nulls
    apart = np.arange(count)[:, None] == cluster
    sets, every = np.vstack([apart, np.zeros_like(apart[:1])]), len(tables)
    try:
        mu = np.repeat(np.stack([f.mu for f in nulls]), len(sets), axis=0)
        pulls = _influence(design, np.tile(sets, (every, 1)), mu)
        starts = [f for f in fulls for _ in range(count)]
        y = np.repeat(tables, count, axis=0)
        refits = fit_without(design, np.tile(apart, (every, 1)), starts, y)
    except IdentificationError as error:
        for null in nulls:
            require_information(design, null)
        raise IdentificationError(
            "without one of the clusters the coefficient is not identified: one cluster alone "
            "carries it"
        ) from error
    shape = (every, len(sets), *design.y.shape)
    found = zip(fulls, nulls, pulls.reshape(shape), refits.reshape(every, count, -1), strict=True)
    out = []
    for full, null, influence, left in found:
        spread = left - full.beta
        covariance = (count - 1) / count * spread.T @ spread
        scale, df = reference(influence, null.mu)
        out.append(ConfidenceInterval(full.beta, covariance, scale, df, left, count))
    return out


def reference(influence: Array, mu: Array) -> tuple[float, float]:
    """Scale and degrees of freedom of the jackknife's t ratio under a working model.

    Leaving out cluster g moves the linearised coefficient by d_g' z and the coefficient itself is
    a' z, z the working responses with variance 1/mu. The jackknife variance V is then a quadratic
    form with E(V) = (G - 1)/G sum_g P_gg and P_gh = d_g' diag(1/mu) d_h, while the variance is
    a' diag(1/mu) a. The t ratio divided by the root of their ratio follows t(nu) to two moments of
    V, nu = (sum_g P_gg)^2 / sum_gh P_gh^2 (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018,
    eq. 11; for the jackknife Hansen 2025). Uses dose paths and the null model's fitted counts,
    never the outcomes beyond their margins.

    Parameters
    ----------
    influence
        (cluster + 1, unit, bin, year) influence on each leave-out estimate, on the full one last.
    mu
        (unit, bin, year) fitted counts of the null model.

    Raises
    ------
    IdentificationError
        If no count is expected where the dose varies.
    """
    count = len(influence) - 1
    full = influence[count].ravel()
    moved = (influence[:count] - influence[count]).reshape(count, -1)
    gram = (moved * mu.ravel()) @ moved.T
    expected = (count - 1) / count * float(np.trace(gram))
    if not expected > 0:
        raise IdentificationError("no record is expected where dose varies: nothing can be told")
    scale = float(np.sqrt((full * mu.ravel()) @ full / expected))
    floor = float(load("inference")["degrees_of_freedom_floor"].value)
    nu = float(np.trace(gram) ** 2 / (gram**2).sum())
    return scale, min(max(nu, floor), max(count - 1.0, floor))


def _influence(design: Design, apart: NDArray[np.bool_], mu: Array) -> Array:
    """Influence of working responses on estimates without some units: (fit, unit, bin, year).

    The estimate is the sum of influence x mu x response.
    """
    inside = ~apart[:, :, None, None]
    weight = np.where(inside, mu, 0.0)
    residual = residualise(design, design.x, weight)[0]
    _require(weight, residual[:, 0])
    size = design.y.size
    own, held = (
        residual[:, 0].reshape(-1, 1, size),
        residual[:, 1:].reshape(len(apart), len(design.x) - 1, size),
    )
    if held.shape[1]:
        scaled = held * weight.reshape(-1, 1, size)
        both = scaled @ held.swapaxes(1, 2)
        own = own - (np.linalg.pinv(both) @ (scaled @ own.swapaxes(1, 2))).swapaxes(1, 2) @ held
    pull: Array = own.reshape(weight.shape)
    summed: Array = (weight * pull**2).sum(axis=(1, 2, 3))
    carried: Array = np.where(summed > MIN_INFORMATION, summed, np.inf)
    return np.where(inside, pull / carried[:, None, None, None], 0.0)


def require_information(design: Design, null: Fit) -> None:
    """Raise IdentificationError where the first regressor never varies once effects are out."""
    _require(null.mu[None], residualise(design, design.x, null.mu)[0][:1])


def _require(weight: Array, residual: Array) -> None:
    if (weight * residual**2).sum(axis=(1, 2, 3)).min() < MIN_INFORMATION:
        raise IdentificationError(
            "dose does not vary between units once their own level and the common drift are "
            "taken out"
        )
