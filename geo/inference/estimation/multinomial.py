"""Multinomial logit with effects of any labels: rows by bins, dense, a few hundred coefficients.

The headline's machinery needs effects that years or units do not share. By month they overlap: a
bin has an effect of its calendar month and another of its year. With the total of every row
conditioned out, the Poisson with those effects is

    share[row, bin] = exp(sum of effects[label of row, bin] + beta x[row, bin]) / sum over bins

(Baker 1994, The Statistician 43:495-504).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import RIDGE
from geo.inference.estimation.poisson import MAX_ITERATIONS, SEPARATED
from geo.typing import Array

SETTLED = 1e-11
"""Numerical: gain of the log-likelihood, relative, below which an iteration has settled."""


@dataclass(frozen=True)
class Multinomial:
    """Counts, one regressor, and the labels whose effects are held.

    Attributes
    ----------
    y
        (row, bin) counts.
    x
        (row, bin) the regressor of interest.
    labels
        Each (row,) numbers from 0 on: every label has an effect for each bin but the first.
    sizes
        Numbers that each label may have, so that fits of some of the rows have the parameters of
        all; those that it has where empty.
    """

    y: Array
    x: Array
    labels: Sequence[NDArray[np.intp]]
    sizes: tuple[int, ...] = ()

    def keep(self, rows: NDArray[np.bool_]) -> Multinomial:
        """Return it for some of the rows."""
        return replace(
            self, y=self.y[rows], x=self.x[rows], labels=[one[rows] for one in self.labels]
        )


def coefficient(model: Multinomial, start: Array | None = None) -> tuple[float, Array]:
    """Maximise the likelihood.

    Parameters
    ----------
    model
        Table, regressor and labels.
    start
        Parameters of a fit with the same labels, from which to start.

    Returns
    -------
    coefficient, parameters
        Of the regressor; all of them, the coefficient last.

    Raises
    ------
    IdentificationError
        If no row has a count in two bins that are alive, the data separate or the iteration does
        not settle.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[6.0, 2.0], [4.0, 4.0], [6.0, 2.0], [2.0, 6.0]])
    >>> x = np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    >>> unit, time = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    >>> round(coefficient(Multinomial(y, x, (unit, time)))[0], 6) == round(np.log(3.0), 6)
    True
    """
    model = model.keep(model.y.sum(axis=1) > 0)
    alive = _alive(model)
    if not len(model.y) or not np.ptp(np.where(alive, model.x, 0.0), axis=1).any():
        raise IdentificationError("no record is left where the dose varies between bins")
    design = _dense(model)
    theta = np.zeros(design.shape[-1]) if start is None else start.copy()
    reached, share = _likelihood(model, design, alive, theta)
    for _ in range(MAX_ITERATIONS):
        step = _step(model, design, share, theta)
        scale = min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        while True:
            moved = theta + scale * step
            found, fitted = _likelihood(model, design, alive, moved)
            if found >= reached - SETTLED * (1.0 + abs(reached)) or scale < SETTLED:
                break
            scale *= 0.5
        gain, theta, reached, share = found - reached, moved, found, fitted
        if gain <= SETTLED * (1.0 + abs(reached)):
            return _together(float(theta[-1])), theta
    raise IdentificationError("the fit by month did not settle; the table is too sparse")


def _together(beta: float) -> float:
    if abs(beta) > SEPARATED:
        raise IdentificationError("the data separate: no deaths where the coefficient needs some")
    return beta


def _alive(model: Multinomial) -> Array:
    """(row, bin) cells whose every effect holds at least one record."""
    alive = np.ones(model.y.shape, bool)
    for label in model.labels:
        total = np.zeros((int(label.max(initial=0)) + 1, model.y.shape[1]))
        np.add.at(total, label, model.y)
        alive &= total[label] > 0
    return alive


def _dense(model: Multinomial) -> Array:
    """(row, bin, parameter) regressors: dummies of every label and bin but the first, then x."""
    rows, bins = model.y.shape
    sizes = model.sizes or tuple(int(label.max()) + 1 for label in model.labels)
    out = np.zeros((rows, bins, (bins - 1) * sum(sizes) + 1))
    row = np.arange(rows)
    first = 0
    for label, size in zip(model.labels, sizes, strict=True):
        for k in range(1, bins):
            out[row, k, first + label * (bins - 1) + k - 1] = 1.0
        first += size * (bins - 1)
    out[:, :, -1] = model.x
    return out


def _likelihood(
    model: Multinomial, design: Array, alive: Array, theta: Array
) -> tuple[float, Array]:
    eta = np.where(alive, design @ theta, -np.inf)
    top = eta.max(axis=1, keepdims=True)
    odds = np.exp(eta - top)
    norm = odds.sum(axis=1, keepdims=True)
    log_share = np.where(model.y > 0, eta - top - np.log(norm), 0.0)
    return float((model.y * log_share).sum() - 0.5 * RIDGE * theta @ theta), odds / norm


def _step(model: Multinomial, design: Array, share: Array, theta: Array) -> Array:
    """Newton step of the penalised log-likelihood."""
    total = model.y.sum(axis=1, keepdims=True)
    weight = total * share
    size = design.shape[-1]
    flat = (design * np.sqrt(weight)[..., None]).reshape(-1, size)
    mean = (design * share[..., None]).sum(axis=1) * np.sqrt(total)
    information = flat.T @ flat - mean.T @ mean + RIDGE * np.eye(size)
    gradient = ((model.y - weight)[..., None] * design).sum(axis=(0, 1)) - RIDGE * theta
    return np.asarray(np.linalg.solve(information, gradient))
