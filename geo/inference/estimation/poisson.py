"""Conditional fixed-effects Poisson on a small dense table.

The table has dims (unit, bin, year). The model is

    E[y] = exp(offset + a[unit, bin] + d[unit, year] + k[drift group, year] + beta . x)

or, where units are of several strata, with a k[stratum, drift group, year] of each stratum,
and, with `condition=True`, the unit-year totals are conditioned out, which leaves a multinomial
over bins with the same maximum and the same information as the Poisson with `d` (Chamberlain 1980;
Baker 1994, The Statistician 43:495-504). With `condition=False` there is no `d`. Everything is a
Newton iteration on blocks: years share no drift effect and units no place effect, so a fit takes a
few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import (
    RIDGE,
    Design,
    by_stratum,
    columns,
    expand,
    information,
    members,
    project,
    solve_bordered,
    strata,
    working,
)
from geo.typing import Array

MAX_ITERATIONS = 60
"""Numerical: steps of Newton's method after which a fit is given up."""
SEPARATED = 8.0
"""Numerical: a log ratio beyond this is infinite for practical purposes: the data separate."""


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
    return _live(design, design.y)


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
    return fit_each(design, design.y[None], start)[0]


def fit_each(design: Design, tables: Array, start: Fit | None = None) -> list[Fit]:
    """Fit several tables of counts with the same regressors, every fit at once.

    Parameters
    ----------
    design
        Regressors; its own counts are not used.
    tables
        (table, unit, bin, year) counts.
    start
        As for `fit`, one for all.

    Raises
    ------
    IdentificationError
        As `fit`, for any of them.
    """
    theta = np.zeros((len(tables), columns(design) + len(design.x)))
    if start is not None:
        theta[:] = _theta(start)
    elif not design.condition:
        units, bins, _ = design.y.shape
        cells = np.maximum(_live(design, tables).sum(axis=-1), 1)
        theta[:, : units * bins] = np.log(tables.sum(axis=-1) / cells + 1e-3).reshape(
            len(tables), -1
        )
    ends, mu = _maximise(design, tables, theta)
    split = theta.shape[1] - len(design.x)
    return [Fit(_together(e[split:]), m, e[:split]) for e, m in zip(ends, mu, strict=True)]


def fit_without(
    design: Design, apart: NDArray[np.bool_], full: Fit | Sequence[Fit], tables: Array | None = None
) -> Array:
    """Refit with some units left out, every such fit at once: (fit, regressor).

    Parameters
    ----------
    apart
        (fit, unit) units that each fit leaves out.
    full
        Fit of all units from which every refit starts, or one for each.
    tables
        (fit, unit, bin, year) counts of each fit; those of the design where None.

    Raises
    ------
    IdentificationError
        As `fit`, for any of them.
    """
    units, bins, _ = design.y.shape
    starts = [full] * len(apart) if isinstance(full, Fit) else full
    theta = np.stack([_theta(f) for f in starts])
    theta[:, : units * bins][np.repeat(apart, bins, axis=1)] = 0.0
    y = np.where(apart[:, :, None, None], 0.0, design.y if tables is None else tables)
    ends, _ = _maximise(design, y, theta)
    return _together(ends[:, len(starts[0].effects) :])


def _theta(start: Fit) -> Array:
    return np.concatenate([start.effects, start.beta])


def _live(design: Design, y: Array) -> Array:
    member = members(design)
    by_group = member @ (member.T @ by_stratum(design, y)) > 0
    if design.stratum is None:
        alive = by_group[..., None, :, :]
    else:
        parts = np.stack(np.split(by_group, strata(design), axis=-1), axis=-3)
        alive = parts[..., design.stratum, :, :]
    return np.asarray((y.sum(axis=-1) > 0)[..., None] & alive)


def _together(beta: Array) -> Array:
    """Return coefficients, unless one has run away."""
    if beta.size and np.abs(beta).max() > SEPARATED:
        raise IdentificationError(
            "the data separate: no deaths where the coefficient would need some; merge bins or "
            "years"
        )
    return beta


def _maximise(design: Design, y: Array, theta: Array) -> tuple[Array, Array]:
    """Newton iteration for each of (fit, unit, bin, year) tables from (fit, column) starts."""
    offset = 0.0 if design.offset is None else design.offset
    base = np.where(_live(design, y), offset, -np.inf)
    theta = theta.copy()
    score, mu = _loglik(design, y, base, theta)
    active = np.arange(len(y))
    for _ in range(MAX_ITERATIONS):
        here = y[active], base[active]
        step = _newton_step(design, here[0], mu[active], theta[active])
        moved, fitted, gain, reached = _halve(design, *here, theta[active], step, score[active])
        theta[active], mu[active], score[active] = moved, fitted, reached
        active = active[gain > 1e-11 * (1.0 + np.abs(reached))]
        if not len(active):
            return theta, mu
    raise IdentificationError("the fit did not settle; the table is too sparse for the model")


def _newton_step(design: Design, y: Array, mu: Array, theta: Array) -> Array:
    residual = y - mu
    split = theta.shape[1] - len(design.x)
    flat = design.x.reshape(len(design.x), design.y.size)
    weighted = working(design, design.x, mu[:, None])
    corner = weighted.reshape(len(y), *flat.shape) @ flat.T + RIDGE * np.eye(len(flat))
    gradient = np.concatenate(
        [project(design, residual), residual.reshape(len(y), design.y.size) @ flat.T], axis=1
    )
    gradient = (gradient - RIDGE * theta)[..., None]
    border = project(design, weighted).swapaxes(-1, -2)
    effects = information(design, mu)
    return solve_bordered(effects, border, corner, gradient[:, :split], gradient[:, split:])[..., 0]


def _loglik(design: Design, y: Array, base: Array, theta: Array) -> tuple[Array, Array]:
    """Return the penalised log-likelihood (fit,) and the fitted counts."""
    split = theta.shape[1] - len(design.x)
    eta = base + expand(design, theta[:, :split])
    if len(design.x):
        eta = eta + np.tensordot(theta[:, split:], design.x, axes=1)
    penalty = 0.5 * RIDGE * (theta * theta).sum(axis=1)
    seen = y > 0
    if not design.condition:
        mu = np.exp(np.minimum(eta, 50.0))
        reached = (y * np.where(seen, eta, 0.0)).sum(axis=(1, 2, 3)) - mu.sum(axis=(1, 2, 3))
        return reached - penalty, mu
    top = eta.max(axis=2, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    odds = np.exp(eta - top)
    norm = np.maximum(odds.sum(axis=2, keepdims=True), np.finfo(float).tiny)
    mu = y.sum(axis=2, keepdims=True) * odds / norm
    log_share = np.where(seen, eta - top - np.log(norm), 0.0)
    return (y * log_share).sum(axis=(1, 2, 3)) - penalty, mu


def _halve(
    design: Design, y: Array, base: Array, theta: Array, step: Array, score: Array
) -> tuple[Array, Array, Array, Array]:
    """Take the steps, each halved until its likelihood does not fall."""
    scale = np.minimum(1.0, 5.0 / np.maximum(np.abs(step).max(axis=1), 1e-300))
    for _ in range(30):
        moved = theta + scale[:, None] * step
        reached, mu = _loglik(design, y, base, moved)
        fine = np.isfinite(reached) & (reached >= score - 1e-9 * (1.0 + np.abs(score)))
        if fine.all():
            return moved, mu, reached - score, reached
        scale = np.where(fine, scale, 0.5 * scale)
    moved = np.where(fine[:, None], moved, theta)
    reached, mu = _loglik(design, y, base, moved)
    return moved, mu, np.where(fine, reached - score, 0.0), reached
