"""The kernel: exact accumulated cost inside one tile.

Dijkstra's algorithm with a bucket queue (Dial 1969; Denardo and Fox 1979). Buckets are no wider
than the cheapest possible step of the tile, so a cell leaves the queue with its final label, in
constant time and without comparing keys. The queue is threaded through the cells themselves: a
cell is in at most one bucket and moves when its label falls. Wider buckets stay exact (a label
that improves is queued again), only slower. Labels far ahead wait in one extra, unsorted bucket.

A label is the smallest left-to-right sum of step costs over all paths. Adding is monotone in
floating point and steps are positive, so that minimum is one well-defined number: the result has
the same bits whatever the order of work. No operation here may be reassociated or fused
(no fastmath).

A tile's arrays carry a halo as wide as the longest step. Halo cells only give: their labels are
fixed during a visit. A cell of the tile is never farther than the halo's width from the edge of
the arrays, so every index is inside them. Indices are unsigned, which spares a wrap-around test at
every access. Cell 0 is a halo corner, never queued, and stands for "none" in the queue.

Arguments have the same names and kinds in every function here and in `geo.leastcost.tree`. A tile
has n = (rows + 2 reach) (cols + 2 reach) cells, halo included, numbered row by row; there are m
moves; `real` is float32 or float64, one of them in all arrays of a call.

label      (n,) real: accumulated cost; infinite or at the cap where unknown, -inf where closed.
ground     (n, 2) real: elevation [m] and friction [1], which is infinite at a barrier.
u, v       uint64: cells.
k          integer: a move, adjacent cells first.
frame      rows, cols, reach; halo, (h,) uint64 cells; steps, (m, 2) int64 rows and columns.
moves      offset, (m,) uint64 cells from u to v, modulo 2**64; rate, (m,) real bins per metre of
           rise; share, (m, 3) real metres by share of friction (ends, first pair, second pair);
           crossed, (m, 4) uint64 cells from u to those under the line.
table      line, (2 (bins + 2), 2) real intercept and slope, cost per metre; break_at, (bins + 2,)
           real; shift and top, real: bins left of slope 0, and the last bin.
queue      head, (BUCKETS + 1,) uint32 first cell of each bucket, the extra one last; after and
           before, (n,) uint32 cells; slot, (n,) uint16: 1 + the bucket of a cell, 0 for none.
pace       per_width, real: buckets per unit of cost; waiting, (2,) int64: cells queued in the ring
           and in the extra bucket.
now        int64: the bucket that is worked on, counted from cost 0.
cap        real: labels from here on count as unknown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, uint64

BUCKETS = 1024
"""Numerical: buckets of the ring, a power of two; any number gives the same labels."""
AHEAD = uint64(BUCKETS)
MASK = uint64(BUCKETS - 1)
"""Numerical: picks the bucket of a step."""
ADJACENT, KNIGHT = 8, 16
"""Definition: moves to cells that touch; those and the moves of a knight in chess."""
FARTHEST = 1e18
"""Numerical: more than any accumulated cost."""
NONE, ONE = uint64(0), uint64(1)
"""Definition: zero and one as the ring counts."""

compiled = njit(nogil=True, cache=True, error_model="numpy", _nrt=False)  # type: ignore[call-overload]
"""Compile without reference counting: nothing here allocates, and counting the arrays that inner
loops touch made them ten times slower."""


@njit(inline="always", error_model="numpy")
def per_run(ground: Any, u: Any, v: Any, k: Any, moves: Any, table: Any) -> Any:
    """Return the cost per horizontal metre of step k from u to v, before friction, real."""
    _, rate, _, _ = moves
    line, break_at, shift, top = table
    y = (ground[v, 0] - ground[u, 0]) * rate[k]
    i = uint64(np.int64(min(max(y + shift, shift - shift), top)))
    side = i + i
    if y >= break_at[i]:
        side += ONE
    return line[side, 0] + line[side, 1] * y


@njit(inline="always", error_model="numpy")
def step_cost(ground: Any, u: Any, v: Any, k: Any, moves: Any, table: Any) -> Any:
    """Return the cost of step k from u to v, real; infinite or NaN if it touches a barrier."""
    _, _, share, crossed = moves
    friction = share[k, 0] * (ground[u, 1] + ground[v, 1])
    if k >= ADJACENT:
        friction += share[k, 1] * (ground[u + crossed[k, 0], 1] + ground[u + crossed[k, 1], 1])
        if k >= KNIGHT:
            friction += share[k, 2] * (ground[u + crossed[k, 2], 1] + ground[u + crossed[k, 3], 1])
    return friction * per_run(ground, u, v, k, moves, table)


@njit(inline="always")
def bucket_of(value: Any, per_width: Any) -> Any:
    """Return the number of a label's bucket, int64, counted from cost 0."""
    return np.int64(min(value * per_width, value * 0 + FARTHEST))


@njit(inline="always")
def unlink(v: Any, queue: Any) -> Any:
    """Take the queued cell v out of its bucket; return that bucket's place in `head`, uint64."""
    head, after, before, slot = queue
    old = uint64(slot[v]) - ONE
    p, n = uint64(before[v]), uint64(after[v])
    if p == NONE:
        head[old] = n
    else:
        after[p] = n
    before[n] = p
    return old


@njit(inline="always")
def link(v: Any, new: Any, queue: Any) -> None:
    """Put the cell v in front of the bucket at place `new` (uint64) of `head`."""
    head, after, before, slot = queue
    first = head[new]
    after[v] = first
    before[first] = v
    before[v] = NONE
    head[new] = v
    slot[v] = new + ONE


@njit(inline="always")
def enqueue(v: Any, value: Any, queue: Any, now: Any, per_width: Any, waiting: Any) -> None:
    """Queue the cell v whose label fell to `value` (real), or move it to its new bucket."""
    slot = queue[3]
    bucket = bucket_of(value, per_width)
    new = uint64(bucket) & MASK
    if bucket - now >= BUCKETS - 1:
        new = AHEAD
    if slot[v] != 0:
        if uint64(slot[v]) == new + ONE:
            return
        old = unlink(v, queue)
        waiting[np.int64(old == AHEAD)] -= 1
    link(v, new, queue)
    waiting[np.int64(new == AHEAD)] += 1


@compiled
def refill(label: Any, queue: Any, now: Any, per_width: Any, waiting: Any) -> Any:
    """Move what has come within the window from the extra bucket to the ring.

    Returns the bucket to go on at, int64.
    """
    head, after, _, _ = queue
    if waiting[0] == 0:
        nearest = np.int64(FARTHEST)
        v = uint64(head[AHEAD])
        while v != NONE:
            nearest = min(nearest, bucket_of(label[v], per_width))
            v = uint64(after[v])
        now = max(now, nearest)
    v = uint64(head[AHEAD])
    while v != NONE:
        following = uint64(after[v])
        enqueue(v, label[v], queue, now, per_width, waiting)
        v = following
    return now


@compiled
def receive(
    label: Any, ground: Any, frame: Any, moves: Any, table: Any, queue: Any, pace: Any
) -> Any:
    """Let the halo's labels into the tile, then close the halo.

    Every cell of the tile that gets a lower label is queued. Returns the first bucket, int64.
    """
    rows, cols, reach, halo, steps = frame
    offset, rate, _, _ = moves
    per_width, waiting = pace
    stride = cols + 2 * reach
    lowest = label[0] * 0 + (0 if waiting[0] > 0 else np.inf)
    for u in halo:
        lowest = min(lowest, label[u])
    now = bucket_of(lowest, per_width)
    for u in halo:
        if not label[u] < np.inf:
            continue
        i, j = np.int64(u) // stride, np.int64(u) % stride
        for k in range(rate.size):
            a, b = i + steps[k, 0], j + steps[k, 1]
            if a < reach or b < reach or a >= rows + reach or b >= cols + reach:
                continue
            v = u + offset[k]
            value = label[u] + step_cost(ground, u, v, k, moves, table)
            if value < label[v]:
                label[v] = value
                enqueue(v, value, queue, now, per_width, waiting)
    for u in halo:
        label[u] = -np.inf
    return now


@compiled
def spread(label: Any, ground: Any, now: Any, moves: Any, table: Any, queue: Any, pace: Any) -> Any:
    """Settle the queued cells and all they improve; `label` falls in place.

    Returns how many cells were settled, a cell counting as often as it left the queue.
    """
    head, after, before, slot = queue
    offset, rate, _, _ = moves
    per_width, waiting = pace
    settled = 0
    refill_at = now
    while waiting[0] + waiting[1] > 0:
        if waiting[0] == 0 or now >= refill_at:
            now = refill(label, queue, now, per_width, waiting)
            refill_at = now + BUCKETS // 2
        u = uint64(head[uint64(now) & MASK])
        if u == NONE:
            now += 1
            continue
        following = after[u]
        head[uint64(now) & MASK] = following
        before[following] = NONE
        slot[u] = 0
        waiting[0] -= 1
        settled += 1
        start = label[u]
        for k in range(ADJACENT):
            v = u + offset[k]
            known = label[v]
            if known <= start:
                continue
            value = start + step_cost(ground, u, v, k, moves, table)
            if value < known:
                label[v] = value
                enqueue(v, value, queue, now, per_width, waiting)
        for k in range(ADJACENT, rate.size):
            v = u + offset[k]
            known = label[v]
            if known <= start:
                continue
            value = start + step_cost(ground, u, v, k, moves, table)
            if value < known:
                label[v] = value
                enqueue(v, value, queue, now, per_width, waiting)
    return settled


@compiled
def seed(sources: Any, label: Any, reach: Any, queue: Any, pace: Any) -> None:
    """Label the cells that are set in `sources`, (rows, cols) boolean, with 0 and queue them."""
    per_width, waiting = pace
    rows, cols = sources.shape
    for i in range(rows):
        at = (i + reach) * (cols + 2 * reach) + reach
        for j in range(cols):
            v = uint64(at + j)
            if sources[i, j] and label[v] > 0:
                label[v] = 0
                enqueue(v, label[v], queue, np.int64(0), per_width, waiting)


@compiled
def certify(label: Any, ground: Any, frame: Any, moves: Any, table: Any, cap: Any) -> Any:
    """Count the tile's cells that some step, from the tile or its halo, would still improve.

    0 proves every label exact.
    """
    rows, cols, reach, _, _ = frame
    offset, rate, _, _ = moves
    stride = cols + 2 * reach
    open_steps = 0
    for i in range(reach, rows + reach):
        for j in range(reach, cols + reach):
            v = uint64(i * stride + j)
            best = label[v]
            if not best < cap:
                best = cap
            for k in range(rate.size):
                u = v - offset[k]
                if not label[u] < best:
                    continue
                if label[u] + step_cost(ground, u, v, k, moves, table) < best:
                    open_steps += 1
                    break
    return open_steps


@compiled
def claim(
    label: Any, ground: Any, owner: Any, order: Any, frame: Any, moves: Any, table: Any, cap: Any
) -> Any:
    """Give each cell, in order of label, the smallest owner at the other end of a tight step.

    `owner` is (n,) int64, changed in place; `order` (rows * cols,) int64 cells by label, numbered
    without the halo. Returns how many owners changed; call again until none does (labels may tie).
    """
    _, cols, reach, _, _ = frame
    offset, rate, _, _ = moves
    changed = 0
    for at in order:
        i, j = at // cols, at % cols
        v = uint64((i + reach) * (cols + 2 * reach) + j + reach)
        goal = label[v]
        if not 0 < goal < cap:
            continue
        best = owner[v]
        for k in range(rate.size):
            u = v - offset[k]
            if not (owner[u] < best and label[u] <= goal):
                continue
            if label[u] + step_cost(ground, u, v, k, moves, table) == goal:
                best = owner[u]
        if best < owner[v]:
            owner[v] = best
            changed += 1
    return changed
