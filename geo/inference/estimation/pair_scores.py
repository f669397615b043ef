"""Scores of pairs (receiver, donor), of which the score of each exchange of paths is a sum."""

from __future__ import annotations

import numpy as np

from geo.inference.estimation.fixed_effects import (
    Design,
    information,
    project,
    solve_bordered,
    working,
)
from geo.typing import Array


def pair_scores(design: Design, dose: Array, slope: Array, mu: Array) -> tuple[Array, Array]:
    """Score of a unit under each donor's path, and what the fixed effects take back.

    Returns
    -------
    gain
        (unit, donor) sum of dose[donor] slope[unit] (y - mu) over the unit's own cells.
    loss
        (unit, receiver, donor) part of the unit's score removed with the effects that the
        receiver's regressor puts on it.
    """
    units, bins, years = design.y.shape
    residual = design.y - mu
    tilted = (slope[:, :, None] * residual).sum(axis=1)
    gain = tilted @ dose.T
    single = np.zeros((units, units, units, bins, years))
    unit = np.arange(units)
    single[unit, :, unit] = dose[None, :, None, :] * slope[:, None, :, None]
    weighted = working(design, single.reshape(units * units, units, bins, years), mu)
    effects = _solve(design, weighted, mu)
    alone = np.zeros((units, units, bins, years))
    alone[unit, unit] = residual
    own = np.concatenate([project(design, alone), (design.x * residual).sum(axis=(2, 3)).T], 1)
    return gain, (own @ effects).reshape(units, units, units)


def _solve(design: Design, weighted: Array, mu: Array) -> Array:
    """Effects and held coefficients that regressors leave: (column, k)."""
    held = len(design.x)
    flat = design.x.reshape(held, design.y.size)
    border = working(design, design.x, mu)
    return solve_bordered(
        information(design, mu),
        project(design, border).T,
        flat @ border.reshape(held, design.y.size).T + 1e-12 * np.eye(held),
        project(design, weighted).T,
        flat @ weighted.reshape(len(weighted), design.y.size).T,
    )
