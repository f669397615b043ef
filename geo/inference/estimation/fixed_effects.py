"""Fixed effects of a dense table of counts: laid out, and solved for in blocks.

The table has dims (unit, bin, year). Effects stand in one column after another: a[unit, bin] first,
then k[stratum, year, drift group]. Years share no drift effect and units no place effect, so their
information is solved for in blocks. The model and its fit are in `poisson`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.typing import Array

RIDGE = 1e-7
"""Numerical: penalty on fixed effects: names one of the many equivalent parametrisations, and keeps
an effect finite whose cells hold no death. It moves no coefficient in the digits printed."""


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


def working(design: Design, v: Array, mu: Array) -> Array:
    """Multiply by the information weights: mu v, less the unit-year mean where conditioned."""
    weighted = mu * v
    if design.condition:
        total = np.maximum(mu.sum(axis=-2, keepdims=True), np.finfo(float).tiny)
        weighted -= mu * (weighted.sum(axis=-2, keepdims=True) / total)
    return weighted


def project(design: Design, v: Array) -> Array:
    """Sum (..., unit, bin, year) arrays over each fixed effect: (..., column)."""
    margin, drift = v.sum(axis=-1), by_stratum(design, v).swapaxes(-1, -2) @ members(design)
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
    member = members(design)
    share = mu.swapaxes(-1, -2)
    place = _diagonal(mu.sum(axis=-1))
    drift = _diagonal(by_stratum(design, (share @ member).swapaxes(-1, -2)).swapaxes(-1, -2))
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


def columns(design: Design) -> int:
    """Return the number of fixed effects."""
    units, bins, years = design.y.shape
    return int(units * bins + strata(design) * years * (int(design.group.max()) + 1))


def strata(design: Design) -> int:
    """Return the number of strata."""
    return 1 if design.stratum is None else int(design.stratum.max()) + 1


def by_stratum(design: Design, v: Array) -> Array:
    """Sum (..., unit, k, year) over the units of each stratum: (..., k, stratum x year)."""
    if design.stratum is None:
        return np.asarray(v.sum(axis=-3))
    own = [v[..., design.stratum == s, :, :].sum(axis=-3) for s in range(strata(design))]
    return np.concatenate(own, axis=-1)


def _own_years(design: Design, v: Array) -> Array:
    """Lay (..., year, unit, k) out as (..., stratum x year, unit, k), 0 in others' years."""
    if design.stratum is None:
        return v
    own = [np.where((design.stratum == s)[:, None], v, 0.0) for s in range(strata(design))]
    return np.concatenate(own, axis=-3)


def members(design: Design) -> Array:
    """(bin, group) which bins share a drift."""
    member: Array = (design.group[:, None] == np.arange(int(design.group.max()) + 1)).astype(float)
    return member


def _diagonal(v: Array) -> Array:
    out = np.zeros((*v.shape, v.shape[-1]))
    index = np.arange(v.shape[-1])
    out[..., index, index] = v
    return out
