"""Interval of a coefficient: cluster jackknife (CRV3) with Satterthwaite degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.poisson import Array, Design, Fit, fit, residualise
from geo.parameters import load

MIN_INFORMATION = 1e-6
"""Information below this, in records times squared dose, is none."""


@dataclass(frozen=True)
class Interval:
    """A coefficient, its jackknife variance and its interval.

    Attributes
    ----------
    beta
        (regressor,) estimates, log scale.
    covariance
        (regressor, regressor) leave-one-cluster-out covariance.
    df
        Satterthwaite degrees of freedom of the first coefficient.
    leave_one_out
        (cluster, regressor) estimates without each cluster.
    clusters
        Number of clusters.
    """

    beta: Array
    covariance: Array
    df: float
    leave_one_out: Array
    clusters: int

    @property
    def se(self) -> float:
        """Standard error of the first coefficient."""
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def p(self) -> float:
        """Two-sided p value of the first coefficient against t(df)."""
        return float(2.0 * stats.t.sf(abs(self.beta[0]) / self.se, self.df))

    def bounds(self, level: float = 0.95) -> tuple[float, float]:
        """Interval of the first coefficient."""
        half = float(stats.t.ppf(0.5 + level / 2.0, self.df)) * self.se
        return float(self.beta[0]) - half, float(self.beta[0]) + half

    def mde(self) -> float:
        """Smallest coefficient found with the target power (Bloom 1995)."""
        settings = load("inference")
        alpha, power = float(settings["alpha"].value), float(settings["power_target"].value)
        multiple = stats.t.ppf(1 - alpha / 2, self.df) + stats.t.ppf(power, self.df)
        return float(multiple) * self.se


def jackknife(
    design: Design, clusters: NDArray[np.intp], full: Fit | None = None, null: Fit | None = None
) -> Interval:
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
    _, cluster = np.unique(clusters, return_inverse=True)
    count = int(cluster.max()) + 1
    least = int(load("inference")["min_clusters"].value)
    if count < least:
        raise IdentificationError(
            f"{count} clusters carry dose or serve as controls; an interval needs {least}"
        )
    full = fit(design) if full is None else full
    null = fit(design.with_x(design.x[:0])) if null is None else null
    require_information(design, null)
    left = np.empty((count, len(design.x)))
    for g in range(count):
        part = design.keep(cluster != g)
        try:
            require_information(part, Fit(null.beta, null.mu[cluster != g], null.effects))
            left[g] = fit(part, _without(full, design, cluster != g)).beta
        except IdentificationError as error:
            raise IdentificationError(
                f"without cluster {g + 1} of {count} the coefficient is not identified: one "
                "cluster alone carries it"
            ) from error
    spread = left - full.beta
    covariance = (count - 1) / count * spread.T @ spread
    df = satterthwaite(design, cluster, null.mu)
    return Interval(full.beta, covariance, df, left, count)


def satterthwaite(design: Design, cluster: NDArray[np.intp], mu: Array) -> float:
    """Degrees of freedom of the jackknife variance of the first coefficient.

    nu = (sum_g P_gg)^2 / sum_gh P_gh^2 with P_gh = a_g' Phi a_h, where b_(g) - b = a_g' y in the
    linearised model and Phi = 1/mu (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018, eq. 11). Uses
    dose paths and the null model's fitted counts, never the outcomes beyond their margins.
    """
    count = int(cluster.max()) + 1
    influence = np.zeros((count + 1, *design.y.shape))
    for g in range(count + 1):
        keep = cluster != g
        part = design.keep(keep)
        residual = residualise(part, part.x, mu[keep])[0]
        others = residual[1:].reshape(len(residual) - 1, part.y.size)
        own = residual[0].ravel()
        if len(others):
            scaled = others * mu[keep].ravel()
            own = own - np.linalg.lstsq(scaled @ others.T, scaled @ own, rcond=None)[0] @ others
        weight = mu[keep].ravel() @ own**2
        if weight > MIN_INFORMATION:
            influence[g, keep] = (own / weight).reshape(mu[keep].shape)
    difference = (influence[:count] - influence[count]).reshape(count, -1)
    gram = (difference * mu.ravel()) @ difference.T
    floor = float(load("inference")["degrees_of_freedom_floor"].value)
    nu = float(np.trace(gram) ** 2 / (gram**2).sum())
    return min(max(nu, floor), max(count - 1.0, floor))


def require_information(design: Design, null: Fit) -> None:
    """Raise IdentificationError where the first regressor never varies once effects are out."""
    residual = residualise(design, design.x, null.mu)[0]
    if float((null.mu * residual[0] ** 2).sum()) < MIN_INFORMATION:
        raise IdentificationError(
            "dose does not vary between units once their own level and the common drift are "
            "taken out"
        )


def _without(full: Fit, design: Design, keep: NDArray[np.bool_]) -> Fit:
    """Start a fit of some units where the fit of all ended."""
    units, bins, _ = design.y.shape
    split = units * bins
    own = full.effects[:split].reshape(units, bins)[keep].ravel()
    return Fit(full.beta, full.mu[keep], np.concatenate([own, full.effects[split:]]))
