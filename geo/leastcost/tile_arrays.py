"""Blocks of the land into the arrays of a tile and back, and one look over a block before any work.

Arguments are those of `geo.leastcost.kernel`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.leastcost.kernel import compiled


@compiled
def load(
    elevation: Any, friction: Any, cost: Any, label: Any, ground: Any, reach: Any, cap: Any
) -> None:
    """Fill the inside of `label` and `ground`; a cell without elevation or friction is a barrier.

    `elevation` [m] and `friction` [1] are (rows, cols) of any float, `cost` (rows, cols) real: the
    labels so far, NaN where unknown.
    """
    rows, cols = cost.shape
    for i in range(rows):
        at = (i + reach) * (cols + 2 * reach) + reach
        for j in range(cols):
            z, f = elevation[i, j], friction[i, j]
            open_cell = np.isfinite(z) and np.isfinite(f)
            ground[at + j, 0] = z if open_cell else 0
            ground[at + j, 1] = f if open_cell else np.inf
            value = cost[i, j]
            label[at + j] = min(cap, value)


@compiled
def save(label: Any, cost: Any, reach: Any, cap: Any) -> Any:
    """Write labels lower than those of `cost`, (rows, cols) real, into it; return how many."""
    rows, cols = cost.shape
    changed = 0
    for i in range(rows):
        at = (i + reach) * (cols + 2 * reach) + reach
        for j in range(cols):
            value = label[at + j]
            if value < cap and not cost[i, j] <= value:
                cost[i, j] = value
                changed += 1
    return changed


@compiled
def survey(elevation: Any, friction: Any, cleared: Any) -> Any:
    """Look a block over before any work; copy its elevation to `cleared`, NaN at barriers.

    All three are (rows, cols) floats, elevation in m. Returns the smallest and the summed friction
    of open cells, how many are open, and how many have friction <= 0.
    """
    rows, cols = elevation.shape
    least, total = np.inf, 0.0
    n_open, n_wrong = 0, 0
    for i in range(rows):
        for j in range(cols):
            f, z = friction[i, j], elevation[i, j]
            cleared[i, j] = z if np.isfinite(f) and np.isfinite(z) else np.nan
            if f <= 0:
                n_wrong += 1
            elif np.isfinite(f) and np.isfinite(z):
                n_open += 1
                total += f
                least = min(least, f)
    return least, total, n_open, n_wrong
