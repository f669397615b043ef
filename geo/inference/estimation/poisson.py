"""Conditional fixed-effects Poisson on a small dense table: fit, project, nothing else.

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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.errors import IdentificationError

Array = NDArray[Any]
"""Plain float64 array, its axes named where it is used."""

RIDGE = 1e-7
"""Numerical: penalty on fixed effects: names one of the many equivalent parametrisations, and keeps
an effect finite whose cells hold no death. It moves no coefficient in the digits printed."""
MAX_ITERATIONS = 60
"""Numerical: steps of Newton's method after which a fit is given up."""
SEPARATED = 8.0
"""Numerical: a log ratio beyond this is infinite for practical purposes: the data separate."""


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
    stratum
        (unit,) number of each unit's stratum, which has a drift of its own; None for one drift.
    """

    y: Array
    x: Array
    group: NDArray[np.intp]
    condition: bool = True
    offset: Array | None = None
    stratum: NDArray[np.intp] | None = None

    def keep(self, units: NDArray[np.bool_]) -> Design:
        """Return the design of some of the units."""
        offset = None if self.offset is None else self.offset[units]
        stratum = None if self.stratum is None else self.stratum[units]
        return replace(self, y=self.y[units], x=self.x[:, units], offset=offset, stratum=stratum)

    def with_x(self, x: Array, offset: Array | None = None) -> Design:
        """Return the design with other regressors."""
        return replace(self, x=x, offset=offset)


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
    theta = np.zeros((len(tables), _columns(design) + len(design.x)))
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


def working(design: Design, v: Array, mu: Array) -> Array:
    """Multiply by the information weights: mu v, less the unit-year mean where conditioned."""
    weighted = mu * v
    if design.condition:
        total = np.maximum(mu.sum(axis=-2, keepdims=True), np.finfo(float).tiny)
        weighted -= mu * (weighted.sum(axis=-2, keepdims=True) / total)
    return weighted


def project(design: Design, v: Array) -> Array:
    """Sum (..., unit, bin, year) arrays over each fixed effect: (..., column)."""
    margin, drift = v.sum(axis=-1), _by_stratum(design, v).swapaxes(-1, -2) @ _member(design)
    parts = [p.reshape(*p.shape[:-2], p.shape[-2] * p.shape[-1]) for p in (margin, drift)]
    return np.concatenate(parts, axis=-1)


def expand(design: Design, effects: Array) -> Array:
    """Lay (..., column) effects out over the table: (..., unit, bin, year)."""
    units, bins, years = design.y.shape
    lead, split = effects.shape[:-1], units * bins
    place = effects[..., :split].reshape(*lead, units, bins, 1)
    groups = int(design.group.max()) + 1
    drift = effects[..., split:].reshape(*lead, -1, years, groups)[..., design.group]
    if design.stratum is not None:
        drift = drift[..., design.stratum, :, :]
    return place + drift.swapaxes(-1, -2)


@dataclass(frozen=True)
class Information:
    """Information of the fixed effects in blocks, ridge included; leading axes as in `mu`.

    Attributes
    ----------
    place
        (..., unit, bin, bin) of the unit-bin effects: units share none.
    drift
        (..., year, group, group) of the drift effects: years share none; the years of several
        strata follow each other.
    cross
        (..., year, group, unit x bin) between the two.
    """

    place: Array
    drift: Array
    cross: Array

    def solve(self, right: Array) -> Array:
        """Solve for (..., column, k) effects: years are eliminated one by one."""
        *lead, units, bins, _ = self.place.shape
        years, groups, split = self.cross.shape[-3:]
        k = right.shape[-1]
        rates = right[..., split:, :].reshape(*lead, years, groups, k)
        reduced = np.linalg.solve(self.drift, np.concatenate([self.cross, rates], axis=-1))
        flat = self.cross.reshape(*lead, years * groups, split).swapaxes(-1, -2)
        change = flat @ reduced.reshape(*lead, years * groups, split + k)
        full = -change[..., :split]
        unit = np.arange(units)
        own = full.reshape(*lead, units, bins, units, bins)
        own[..., unit, :, unit, :] += np.moveaxis(self.place, -3, 0)
        place = np.linalg.solve(full, right[..., :split, :] - change[..., split:])
        drift = reduced[..., split:] - reduced[..., :split] @ place[..., None, :, :]
        return np.concatenate([place, drift.reshape(*lead, years * groups, k)], axis=-2)


def information(design: Design, mu: Array) -> Information:
    """Return the information of the fixed effects at (..., unit, bin, year) fitted counts."""
    member = _member(design)
    share = mu.swapaxes(-1, -2)
    place = _diagonal(mu.sum(axis=-1))
    drift = _diagonal(_by_stratum(design, (share @ member).swapaxes(-1, -2)).swapaxes(-1, -2))
    cross = _own_years(design, share.swapaxes(-3, -2))[..., None, :, :] * member.T[:, None, :]
    if design.condition:
        total = np.maximum(share.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
        half = share / np.sqrt(total)
        by_year = _own_years(design, (half @ member).swapaxes(-3, -2))
        within = _own_years(design, half.swapaxes(-3, -2))
        place = place - half.swapaxes(-1, -2) @ half
        drift = drift - by_year.swapaxes(-1, -2) @ by_year
        cross = cross - by_year.swapaxes(-1, -2)[..., None] * within[..., None, :, :]
    for block in (place, drift):
        index = np.arange(block.shape[-1])
        block[..., index, index] += RIDGE
    *lead, units, bins = cross.shape
    return Information(place, drift, cross.reshape(*lead, units * bins))


def solve_bordered(
    effects: Information, border: Array, corner: Array, right: Array, last: Array
) -> Array:
    """Solve effects and h coefficients together: (..., column + h, k).

    Parameters
    ----------
    border, corner
        (..., column, h) and (..., h, h) information between effects and coefficients, and of these.
    right, last
        (..., column, k) and (..., h, k) right-hand sides.
    """
    held = border.shape[-1]
    both = effects.solve(np.concatenate([border, right], axis=-1))
    across = border.swapaxes(-1, -2)
    beta = np.linalg.solve(corner - across @ both[..., :held], last - across @ both[..., held:])
    return np.concatenate([both[..., held:] - both[..., :held] @ beta, beta], axis=-2)


def residualise(design: Design, x: Array, mu: Array) -> tuple[Array, Array]:
    """Take the fixed effects, and unit-year means where conditioned, out of regressors.

    Parameters
    ----------
    x
        (k, unit, bin, year) regressors.
    mu
        (..., unit, bin, year) fitted counts: the weights.

    Returns
    -------
    residual
        (..., k, unit, bin, year).
    effects
        (..., k, column) effects taken out.
    """
    mu = mu[..., None, :, :, :]
    right = project(design, working(design, x, mu)).swapaxes(-1, -2)
    effects = information(design, mu[..., 0, :, :, :]).solve(right).swapaxes(-1, -2)
    residual = x - expand(design, effects)
    if design.condition:
        total = np.maximum(mu.sum(axis=-2, keepdims=True), np.finfo(float).tiny)
        residual = residual - (mu * residual).sum(axis=-2, keepdims=True) / total
    return residual, effects


def _columns(design: Design) -> int:
    units, bins, years = design.y.shape
    return int(units * bins + _strata(design) * years * (int(design.group.max()) + 1))


def _strata(design: Design) -> int:
    return 1 if design.stratum is None else int(design.stratum.max()) + 1


def _by_stratum(design: Design, v: Array) -> Array:
    """Sum (..., unit, k, year) over the units of each stratum: (..., k, stratum x year)."""
    if design.stratum is None:
        return np.asarray(v.sum(axis=-3))
    own = [v[..., design.stratum == s, :, :].sum(axis=-3) for s in range(_strata(design))]
    return np.concatenate(own, axis=-1)


def _own_years(design: Design, v: Array) -> Array:
    """Lay (..., year, unit, k) out as (..., stratum x year, unit, k), 0 in others' years."""
    if design.stratum is None:
        return v
    own = [np.where((design.stratum == s)[:, None], v, 0.0) for s in range(_strata(design))]
    return np.concatenate(own, axis=-3)


def _theta(start: Fit) -> Array:
    return np.concatenate([start.effects, start.beta])


def _member(design: Design) -> Array:
    """(bin, group) which bins share a drift."""
    member: Array = (design.group[:, None] == np.arange(int(design.group.max()) + 1)).astype(float)
    return member


def _live(design: Design, y: Array) -> Array:
    member = _member(design)
    by_group = member @ (member.T @ _by_stratum(design, y)) > 0
    if design.stratum is None:
        alive = by_group[..., None, :, :]
    else:
        parts = np.stack(np.split(by_group, _strata(design), axis=-1), axis=-3)
        alive = parts[..., design.stratum, :, :]
    return np.asarray((y.sum(axis=-1) > 0)[..., None] & alive)


def _diagonal(v: Array) -> Array:
    out = np.zeros((*v.shape, v.shape[-1]))
    index = np.arange(v.shape[-1])
    out[..., index, index] = v
    return out


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
