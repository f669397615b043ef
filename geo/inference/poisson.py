"""Conditional fixed-effects Poisson on a small dense table: fit, project, nothing else.

The table has dims (unit, bin, year). The model is

    E[y] = exp(offset + a[unit, bin] + d[unit, year] + k[drift group, year] + beta . x)

and, with `condition=True`, the unit-year totals are conditioned out, which leaves a multinomial
over bins with the same maximum and the same information as the Poisson with `d` (Chamberlain 1980;
Baker 1994, The Statistician 43:495-504). With `condition=False` there is no `d`. Everything is a
Newton iteration on one dense matrix of a few hundred columns: a fit takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import IdentificationError

Array = NDArray[Any]
"""Plain float64 array, its axes named where it is used."""

RIDGE = 1e-7
"""Penalty on fixed effects: names one of the many equivalent parametrisations, and keeps an effect
finite whose cells hold no death. It moves no coefficient in the digits printed."""
MAX_ITERATIONS = 60
SEPARATED = 8.0
"""A log ratio beyond this is infinite for practical purposes: the data separate."""


@dataclass(frozen=True)
class Design:
    """A table and its regressors.

    Attributes
    ----------
    y
        (unit, bin, year) counts.
    x
        (regressor, unit, bin, year) regressors; the first is the one of interest.
    group
        (bin,) drift group of each bin: bins of one group share the border-wide drift.
    condition
        Whether unit-year totals are conditioned out.
    offset
        (unit, bin, year) known part of the log mean; 0 where none.
    """

    y: Array
    x: Array
    group: NDArray[np.intp]
    condition: bool = True
    offset: Array | None = None

    def keep(self, units: NDArray[np.bool_]) -> Design:
        """Return the design of some of the units."""
        offset = None if self.offset is None else self.offset[units]
        return Design(self.y[units], self.x[:, units], self.group, self.condition, offset)

    def with_x(self, x: Array, offset: Array | None = None) -> Design:
        """Return the design with other regressors."""
        return Design(self.y, x, self.group, self.condition, offset)


@dataclass(frozen=True)
class Fit:
    """A fitted design: coefficients, fitted counts, and where the fixed effects ended."""

    beta: Array
    mu: Array
    effects: Array


def live_cells(design: Design) -> Array:
    """Return (unit, bin, year) cells whose fixed effects hold at least one death.

    Others are fitted by an effect of minus infinity, say nothing about any coefficient and are
    dropped, as every fixed-effects Poisson does.
    """
    y, group = design.y, design.group
    by_group = _group_sum(y.sum(axis=0), group)[group] > 0
    return np.asarray((y.sum(axis=2) > 0)[:, :, None] & by_group[None])


def fit(design: Design, start: Fit | None = None) -> Fit:
    """Maximise the conditional likelihood.

    Parameters
    ----------
    design
        Table and regressors; an empty `x` of shape (0, ...) fits the null model.
    start
        A fit of a neighbouring design with as many columns, from which to start.

    Returns
    -------
    Fit

    Raises
    ------
    IdentificationError
        If the iteration does not settle or a coefficient runs away (separation).
    """
    live = live_cells(design)
    base = np.where(live, 0.0 if design.offset is None else design.offset, -np.inf)
    theta = np.zeros(_columns(design) + len(design.x)) if start is None else _theta(start)
    if start is None and not design.condition:
        units, bins, _ = design.y.shape
        cells = np.maximum(live.sum(axis=2), 1)
        theta[: units * bins] = np.log(design.y.sum(axis=2) / cells + 1e-3).ravel()
    score, mu = _loglik(design, base, theta)
    for _ in range(MAX_ITERATIONS):
        step = np.linalg.solve(*_newton_system(design, mu, theta))
        theta, mu, gain, score = _halve(design, base, theta, step, score)
        if gain <= 1e-11 * (1.0 + abs(score)):
            break
    else:
        raise IdentificationError("the fit did not settle; the table is too sparse for the model")
    split = len(theta) - len(design.x)
    beta = theta[split:]
    if beta.size and np.abs(beta).max() > SEPARATED:
        raise IdentificationError(
            "the data separate: no deaths where the coefficient would need some; merge bins or "
            "years"
        )
    return Fit(beta, mu, theta[:split])


def working(design: Design, v: Array, mu: Array) -> Array:
    """Multiply by the information weights: mu v, less the unit-year mean where conditioned."""
    weighted = mu * v
    if design.condition:
        total = np.maximum(mu.sum(axis=-2, keepdims=True), np.finfo(float).tiny)
        weighted -= mu * (weighted.sum(axis=-2, keepdims=True) / total)
    return weighted


def project(design: Design, v: Array) -> Array:
    """Sum (k, unit, bin, year) arrays over each fixed effect: (column, k)."""
    k, units, bins, _ = v.shape
    margin = v.sum(axis=3).reshape(k, units * bins)
    drift = _group_sum(v.sum(axis=1).transpose(1, 0, 2), design.group).transpose(1, 2, 0)
    return np.concatenate([margin, drift.reshape(k, _columns(design) - units * bins)], axis=1).T


def expand(design: Design, effects: Array) -> Array:
    """Lay (column, k) effects out over the table: (k, unit, bin, year)."""
    units, bins, years = design.y.shape
    k = effects.shape[1]
    split = units * bins
    place = effects[:split].T.reshape(k, units, bins, 1)
    drift = effects[split:].T.reshape(k, 1, years, -1)[..., design.group].swapaxes(2, 3)
    return place + drift


def information(design: Design, mu: Array) -> Array:
    """Return the information of the fixed effects, ridge included: (column, column)."""
    units, bins, years = mu.shape
    groups = int(design.group.max()) + 1
    member = (design.group[:, None] == np.arange(groups)).astype(float)
    share = mu.transpose(0, 2, 1)
    if design.condition:
        total = np.maximum(share.sum(axis=2, keepdims=True), np.finfo(float).tiny)
        half = share / np.sqrt(total)
    else:
        half = np.zeros_like(share)
    half_group = half @ member
    place = _diagonal(mu.sum(axis=2)) - half.transpose(0, 2, 1) @ half
    by_year = half_group.transpose(1, 2, 0) @ half_group.transpose(1, 0, 2)
    drift = _diagonal((share @ member).sum(axis=0)) - by_year
    cross = share[..., None] * member - half[..., None] * half_group[:, :, None, :]
    split = units * bins
    out = np.zeros((split + years * groups,) * 2)
    for unit in range(units):
        rows = slice(unit * bins, (unit + 1) * bins)
        out[rows, rows] = place[unit]
        out[rows, split:] = cross[unit].transpose(1, 0, 2).reshape(bins, -1)
    for year in range(years):
        rows = slice(split + year * groups, split + (year + 1) * groups)
        out[rows, rows] = drift[year]
    out[split:, :split] = out[:split, split:].T
    out[np.diag_indices(len(out))] += RIDGE
    return out


def residualise(design: Design, x: Array, mu: Array) -> tuple[Array, Array]:
    """Take the fixed effects out of regressors with the weights of a fit.

    Returns
    -------
    residual
        (k, unit, bin, year), unit-year means taken out too where conditioned.
    effects
        (column, k) effects taken out.
    """
    effects = np.linalg.solve(information(design, mu), project(design, working(design, x, mu)))
    residual = x - expand(design, effects)
    if design.condition:
        total = np.maximum(mu.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        residual = residual - (mu * residual).sum(axis=2, keepdims=True) / total
    return residual, effects


def _columns(design: Design) -> int:
    units, bins, years = design.y.shape
    groups = int(design.group.max()) + 1
    return int(units * bins + years * groups)


def _theta(start: Fit) -> Array:
    return np.concatenate([start.effects, start.beta])


def _group_sum(v: Array, group: NDArray[np.intp]) -> Array:
    """Sum the leading axis (bin) over drift groups."""
    out = np.zeros((int(group.max()) + 1, *v.shape[1:]))
    np.add.at(out, group, v)
    return out


def _diagonal(v: Array) -> Array:
    out = np.zeros((*v.shape, v.shape[-1]))
    index = np.arange(v.shape[-1])
    out[..., index, index] = v
    return out


def _newton_system(design: Design, mu: Array, theta: Array) -> tuple[Array, Array]:
    residual = design.y - mu
    split = len(theta) - len(design.x)
    weighted = working(design, design.x, mu)
    border = project(design, weighted)
    flat, flat_weighted = (v.reshape(len(v), design.y.size) for v in (design.x, weighted))
    full = np.empty((len(theta), len(theta)))
    full[:split, :split] = information(design, mu)
    full[:split, split:] = border
    full[split:, :split] = border.T
    full[split:, split:] = flat @ flat_weighted.T + RIDGE * np.eye(len(design.x))
    gradient = np.concatenate([project(design, residual[None])[:, 0], flat @ residual.ravel()])
    return full, gradient - RIDGE * theta


def _loglik(design: Design, base: Array, theta: Array) -> tuple[float, Array]:
    """Return the penalised log-likelihood and the fitted counts."""
    split = len(theta) - len(design.x)
    eta = base + expand(design, theta[:split, None])[0]
    if len(design.x):
        eta = eta + np.tensordot(theta[split:], design.x, axes=1)
    penalty = 0.5 * RIDGE * float(theta @ theta)
    if not design.condition:
        mu = np.exp(np.minimum(eta, 50.0))
        seen = design.y > 0
        return float((design.y[seen] * eta[seen]).sum() - mu.sum() - penalty), mu
    top = eta.max(axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    odds = np.exp(eta - top)
    norm = np.maximum(odds.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    mu = design.y.sum(axis=1, keepdims=True) * odds / norm
    seen = design.y > 0
    log_share = (eta - top - np.log(norm))[seen]
    return float((design.y[seen] * log_share).sum() - penalty), mu


def _halve(
    design: Design, base: Array, theta: Array, step: Array, score: float
) -> tuple[Array, Array, float, float]:
    """Take the step, halved until the likelihood does not fall."""
    scale = min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
    for _ in range(30):
        moved = theta + scale * step
        new, mu = _loglik(design, base, moved)
        if np.isfinite(new) and new >= score - 1e-9 * (1.0 + abs(score)):
            return moved, mu, new - score, new
        scale *= 0.5
    return theta, _loglik(design, base, theta)[1], 0.0, score
