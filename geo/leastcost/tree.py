"""The least-cost tree of a tile: which step carries each label, and what adds up along it.

A step from u to v is tight if the label of u plus the cost of the step is the label of v, bit for
bit. Of the tight steps into a cell the one from the cell with the smallest index is taken, rows
first: a rule that depends on the final labels alone, never on the order of work. Arrays are those
of `geo.leastcost.kernel`, halo included.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64

from geo.leastcost.kernel import compiled, step_cost

NO_STEP, SOURCE = 0, 255
"""Codes of a cell that no source reaches and of a source; step k has code k + 1."""
UNKNOWN, KNOWN, STUCK = 0, 1, 2


@compiled
def find_steps(
    label: Any, ground: Any, frame: Any, moves: Any, table: Any, cap: Any, code: Any
) -> Any:
    """Fill `code` (rows, cols) with each cell's step.

    Returns how many cells some step would still improve, and how many have a label that no step
    carries; both 0 prove the labels exact.
    """
    rows, cols, reach, _, _ = frame
    offset, rate, _, _ = moves
    stride = cols + 2 * reach
    improvable, orphans = 0, 0
    for i in range(rows):
        for j in range(cols):
            v = uint64((i + reach) * stride + j + reach)
            best = label[v]
            code[i, j] = SOURCE if best == 0 else NO_STEP
            reached = best < cap
            if not reached:
                best = cap
            first = label.size
            improved = False
            for k in range(rate.size):
                u = v - offset[k]
                if not label[u] < best:
                    continue
                value = label[u] + step_cost(ground, u, v, k, moves, table)
                if value < best:
                    improved = True
                elif value == best and np.int64(u) < first and reached:
                    first = np.int64(u)
                    code[i, j] = k + 1
            improvable += improved
            orphans += reached and code[i, j] == NO_STEP
    return improvable, orphans


@compiled
def in_order(code: Any, state: Any, frame: Any, offset: Any, order: Any) -> Any:
    """List the cells whose way leads to a known cell, each after the cell its step comes from.

    `state` holds, halo included, which cells are `KNOWN`; those of the halo that are not, and
    cells without a step, are `STUCK`. Returns how many cells of `order` are filled.
    """
    rows, cols, reach, _, _ = frame
    stride = cols + 2 * reach
    found, size = 0, order.size
    for i in range(rows):
        for j in range(cols):
            at = (i + reach) * stride + j + reach
            # the cells walked through wait at the far end of `order`, which they cannot fill
            depth = 0
            while state[at] == UNKNOWN:
                depth += 1
                order[size - depth] = at
                step = code[at // stride - reach, at % stride - reach]
                at = np.int64(uint64(at) - offset[step - 1])
            good = state[at] == KNOWN
            for back in range(depth):
                cell = order[size - depth + back]
                state[cell] = KNOWN if good else STUCK
                if good:
                    order[found] = cell
                    found += 1
    return found


@compiled
def carry(
    order: Any, count: Any, code: Any, frame: Any, value: Any, ground: Any, moves: Any, table: Any
) -> None:
    """Add up a quantity along the steps of the listed cells."""
    _, cols, reach, _, _ = frame
    offset = moves[0]
    stride = cols + 2 * reach
    for n in range(count):
        v = uint64(order[n])
        k = np.int64(code[order[n] // stride - reach, order[n] % stride - reach]) - 1
        u = v - offset[k]
        value[v] = value[u] + step_cost(ground, u, v, k, moves, table)
