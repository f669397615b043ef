"""The least-cost tree of a tile: which step carries each label, and what adds up along it.

A step from u to v is tight if the label of u plus the cost of the step is the label of v, bit for
bit. Of the tight steps into a cell the one from the cell with the smallest index is taken, rows
first: a rule that depends on the final labels alone, never on the order of work.

Arguments are those of `geo.leastcost.kernel`, whose docstring gives their shapes and types, and:

code       (rows, cols) uint8, the tile without its halo: `NO_STEP`, `SOURCE`, or 1 + the move that
           leads into the cell.
order      (rows * cols,) int64 cells, halo counted, each after the cell its step comes from; the
           first `count` are filled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import uint64

from geo.leastcost.kernel import ADJACENT, KNIGHT, bucket_of, compiled, enqueue, step_cost

STEP = "step"
"""Name under which the step of every cell is kept beside the cost."""
NO_STEP, SOURCE = 0, 255
"""Definition: codes of a cell that no source reaches and of a source; step k has code k + 1."""
UNKNOWN, KNOWN, STUCK = 0, 1, 2
"""Definition: states of a cell while a tree is walked."""


@compiled
def find_steps(
    label: Any, ground: Any, frame: Any, moves: Any, table: Any, cap: Any, code: Any
) -> Any:
    """Fill `code` with each cell's step.

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

    `state` (n,) uint8 holds, halo included, which cells are `KNOWN`; those of the halo that are
    not, and cells without a step, are `STUCK`. `offset` (m,) uint64 is that of `moves`. Returns how
    many cells of `order` are filled.
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
def accumulate_along_tree(
    order: Any, count: Any, code: Any, frame: Any, value: Any, ground: Any, moves: Any, table: Any
) -> None:
    """Add up a quantity along the steps of the first `count` cells of `order`.

    `value` (n,) real holds it where it is known and is filled in place; `ground`, `moves` and
    `table` are those of the quantity, not of the cost that made the tree.
    """
    _, cols, reach, _, _ = frame
    offset = moves[0]
    stride = cols + 2 * reach
    for n in range(count):
        v = uint64(order[n])
        k = np.int64(code[order[n] // stride - reach, order[n] % stride - reach]) - 1
        u = v - offset[k]
        value[v] = value[u] + step_cost(ground, u, v, k, moves, table)


@compiled
def hand_down(
    order: Any,
    count: Any,
    code: Any,
    frame: Any,
    flag: Any,
    changed: Any,
    offset: Any,
    crossed: Any,
) -> None:
    """Flag the listed cells whose step touches changed ground or comes from a flagged cell.

    `flag` and `changed` are (n,) boolean, `flag` changed in place; `offset` (m,) and `crossed`
    (m, 4) uint64 are those of `moves`.
    """
    _, cols, reach, _, _ = frame
    stride = cols + 2 * reach
    for n in range(count):
        v = uint64(order[n])
        k = np.int64(code[order[n] // stride - reach, order[n] % stride - reach]) - 1
        u = v - offset[k]
        touched = flag[u] or changed[u] or changed[v]
        if k >= ADJACENT:
            for m in range(2 if k < KNIGHT else 4):
                touched = touched or changed[u + crossed[k, m]]
        flag[v] = touched


@compiled
def pull(label: Any, ground: Any, frame: Any, moves: Any, table: Any, cap: Any) -> Any:
    """Label the cells of a tile that have none from those around them; return the lowest, real.

    Labels just found are told apart by their sign, and do not count for others, until `queue_up`.
    """
    rows, cols, reach, _, _ = frame
    offset, rate, _, _ = moves
    stride = cols + 2 * reach
    lowest = label[0] * 0 + np.inf
    for i in range(reach, rows + reach):
        for j in range(reach, cols + reach):
            v = uint64(i * stride + j)
            best = label[v]
            if best < cap:
                continue
            best = cap
            for k in range(rate.size):
                u = v - offset[k]
                if 0 <= label[u] < cap:
                    best = min(best, label[u] + step_cost(ground, u, v, k, moves, table))
            if best < cap:
                label[v] = -best
                lowest = min(lowest, best)
    return lowest


@compiled
def queue_up(label: Any, frame: Any, lowest: Any, queue: Any, pace: Any) -> Any:
    """Queue the cells that `pull` labelled, then close the halo; return the first bucket, int64.

    `lowest` is what `pull` returned.
    """
    rows, cols, reach, halo, _ = frame
    per_width, waiting = pace
    stride = cols + 2 * reach
    now = bucket_of(lowest, per_width)
    for i in range(reach, rows + reach):
        for j in range(reach, cols + reach):
            v = uint64(i * stride + j)
            if label[v] < 0:
                label[v] = -label[v]
                enqueue(v, label[v], queue, now, per_width, waiting)
    for u in halo:
        label[u] = -np.inf
    return now
