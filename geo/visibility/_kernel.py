"""Exact viewsheds by merging ring horizons (private; plain arrays in, plain arrays out).

A cell k rings away from the tower is seen unless the terrain rises above the straight line to
it. Where the line crosses ring s < k, ground is interpolated linearly between the two cells
beside the crossing (the R3 rule of Franklin, Ray & Mehta 1994). Ring s as seen from the tower is
then a continuous, piecewise linear profile over g = offset along the ring / s, and so is the
upper envelope of all rings below k: the horizon. One walk along the sorted knots of horizon and
ring tests every cell of the ring and yields the next horizon (Haverkort, Toma & Wei 2013,
arXiv:1810.01946). The result is that of a ray to every cell; the work is that of one pass.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Heights = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
Knots = NDArray[np.float64]
Optics = tuple[float, float, float]
Box = tuple[int, int, int, int]

VOID_M = -2.0e4
"""Numerical: height, relative to the eye, that stands in for a cell without elevation: it hides
nothing."""

LARGEST_M = 1.0e6
"""Numerical: heights beyond this are no elevations (and comparisons with NaN and infinity fail)."""

TIE = 1.0e-8
"""Numerical: metres per cell by which a target may lie below the horizon and still touch it.

A hundred times the rounding of the walk and a hundredth of that of a float32 elevation, so that
terrain exactly on the line of sight (steps, planes, water) is seen, whatever the direction.
"""


@njit(nogil=True, cache=True)
def half_width(radius2: float, k: int) -> int:
    """Return the largest offset along ring k within the radius and the quadrant."""
    left = radius2 - k * k
    b = int(math.sqrt(left))
    while (b + 1.0) * (b + 1.0) <= left:
        b += 1
    while b > 0 and float(b) * b > left:
        b -= 1
    return min(b, k)


@njit(nogil=True, cache=True)
def _slope(z: float, eye: float, drop: float, inv: float) -> float:
    """Return rise per cell from the eye to a cell, after the earth has curved away by `drop`."""
    rise = z - eye
    if not abs(rise) < LARGEST_M:
        return VOID_M * inv
    return (rise - drop) * inv


@njit(nogil=True, cache=True)
def _push(x: float, value: float, knots: Knots, m: int) -> int:
    """Append a knot, or lift the last one if it stands at the same place."""
    if m > 0 and x <= knots[m - 1, 0]:
        knots[m - 1, 1] = max(knots[m - 1, 1], value)
        return m
    knots[m, 0] = x
    knots[m, 1] = value
    return m + 1


@njit(nogil=True, cache=True)
def _crossing(before: float, after: float) -> float:
    """Return where, as a share of the way, a difference changes sign; negative if it does not."""
    if (before < 0.0 < after) or (after < 0.0 < before):
        return before / (before - after)
    return -1.0


@njit(nogil=True, cache=True)
def _merge_ring(
    z: Heights,
    seen: Bytes,
    line: tuple[int, int],
    ring: tuple[int, int, int],
    optics: Optics,
    old: Knots,
    n: int,
    new: Knots,
) -> int:
    """Test the cells of one ring against the horizon `old` of n knots and write the next one.

    `line` is the flat index of the ring's middle and the step along it, `ring` is (k, first cell,
    last cell). Horizon and ring are walked from left to right together: the ends of cells in the
    outer loop, the horizon's own knots that lie between two cells in the inner one. Returns the
    number of new knots.
    """
    base, step = line
    k, lo, hi = ring
    eye, target, bend = optics
    inv = 1.0 / k
    lift = target * inv + TIE
    x = lo * inv
    a = 0
    while a < n - 2 and old[a + 1, 0] <= x:
        a += 1
    grade = (old[a + 1, 1] - old[a, 1]) / (old[a + 1, 0] - old[a, 0]) if n > 1 else 0.0
    next_x = old[a + 1, 0] if a + 1 < n else math.inf
    h = old[a, 1] + grade * (x - old[a, 0])
    f = _slope(z[base + lo * step], eye, bend * (k * k + lo * lo), inv)
    m = _push(x, max(f, h), new, 0)
    if f + lift >= h and abs(z[base + lo * step] - eye) < LARGEST_M:
        seen[base + lo * step] = 1
    for b in range(lo + 1, hi + 1):
        cell = base + b * step
        end = b * inv
        f_end = _slope(z[cell], eye, bend * (k * k + b * b), inv)
        start, f_start, f_grade = x, f, (f_end - f) * k
        while next_x < end:
            h_next = old[a + 1, 1]
            f_next = f_start + f_grade * (next_x - start)
            t = _crossing(h - f, h_next - f_next)
            if t > 0.0:
                m = _push(x + t * (next_x - x), h + t * (h_next - h), new, m)
            if h_next >= f_next:
                m = _push(next_x, h_next, new, m)
            x, h, f = next_x, h_next, f_next
            a += 1
            next_x = old[a + 1, 0] if a + 1 < n else math.inf
            grade = (old[a + 1, 1] - h) / (next_x - x) if a + 1 < n else 0.0
        h_end = h + grade * (end - x)
        if f_end + lift >= h_end and abs(z[cell] - eye) < LARGEST_M:
            seen[cell] = 1
        t = _crossing(h - f, h_end - f_end)
        if t > 0.0:
            m = _push(x + t * (end - x), h + t * (h_end - h), new, m)
        if f_end >= h_end or b == hi:
            m = _push(end, max(f_end, h_end), new, m)
        x, h, f = end, h_end, f_end
    return m


@njit(nogil=True, cache=True)
def _sweep_quadrant(
    z: Heights,
    seen: Bytes,
    origin: int,
    steps: tuple[int, int],
    room: tuple[int, int, int],
    optics: Optics,
    radius2: float,
) -> None:
    """Merge the rings of one quadrant.

    `steps` lead from ring to ring and along a ring in the flat arrays; `room` is the number of
    cells up to the raster's edge ahead, and along the ring before and after its middle.
    """
    rings = min(int(math.sqrt(radius2)), room[0])
    size = 8 * rings + 64
    old, new = np.empty((size, 2)), np.empty((size, 2))
    # ring 0 is the tower itself: a horizon below everything
    old[0], old[1] = (-1.0, VOID_M), (1.0, VOID_M)
    n = 2
    for k in range(1, rings + 1):
        width = half_width(radius2, k)
        lo, hi = -min(width, room[1]), min(width, room[2])
        needed = 2 * (n + hi - lo + 2)
        if needed > new.shape[0]:
            held = old
            old, new = np.empty((2 * needed, 2)), np.empty((2 * needed, 2))
            for m in range(n):  # a slice would take numba seconds to compile
                old[m, 0], old[m, 1] = held[m, 0], held[m, 1]
        line = (origin + k * steps[0], steps[1])
        n = _merge_ring(z, seen, line, (k, lo, hi), optics, old, n, new)
        old, new = new, old


@njit(nogil=True, cache=True)
def sweep(z: Heights, row: int, col: int, optics: Optics, radius2: float) -> Bytes:
    """Return which cells of a window are seen from the centre of one of its cells.

    Parameters
    ----------
    z
        (rows, cols) C-contiguous elevation, m; non-finite where unknown.
    row, col
        The tower's cell.
    optics
        Height of the eye above the datum of z, height of the target above its cell, and drop of
        the ground at one cell's distance by curvature less refraction, all m.
    radius2
        Squared range in cells.

    Returns
    -------
    uint8 (rows, cols)
        1 where seen.
    """
    rows, cols = z.shape
    seen = np.zeros((rows, cols), np.uint8)
    flat, out = z.ravel(), seen.ravel()
    origin = row * cols + col
    out[origin] = 1
    up, down, left, right = row, rows - 1 - row, col, cols - 1 - col
    # a literal would make numba compile the walk anew for every quadrant
    one: int = np.int64(1)  # type: ignore[assignment]
    _sweep_quadrant(flat, out, origin, (-cols, one), (up, left, right), optics, radius2)
    _sweep_quadrant(flat, out, origin, (cols, one), (down, left, right), optics, radius2)
    _sweep_quadrant(flat, out, origin, (-one, cols), (left, up, down), optics, radius2)
    _sweep_quadrant(flat, out, origin, (one, cols), (right, up, down), optics, radius2)
    return seen


@njit(nogil=True, cache=True)
def stamp(
    view: tuple[Bytes, Box, tuple[int, int]],
    misses: NDArray[np.int32],
    chunk: Box,
    sign: int,
    towers: NDArray[np.int32],
    missed: NDArray[np.int32],
) -> None:
    """Add (sign 1) or take away (sign -1) what one tower sees in one chunk.

    Parameters
    ----------
    view
        (rows, ceil(cols / 8)) packed viewshed, its (top, bottom, left, right) and the tower's
        (row, col) on the raster.
    misses
        -log(1 - detection probability) by squared distance in cells, fixed point.
    chunk
        (top, bottom, left, right) on the raster.
    towers, missed
        Number of towers in view of each cell of the chunk, and the sum of their misses; integers,
        so that taking a tower away restores the bytes from before it came.
    """
    bits, patch, tower = view
    first, last = max(chunk[2], patch[2]), min(chunk[3], patch[3])
    for row in range(max(patch[0], chunk[0]), min(patch[1], chunk[1])):
        down2 = (row - tower[0]) * (row - tower[0])
        for byte in range((first - patch[2]) >> 3, ((last - 1 - patch[2]) >> 3) + 1):
            word = np.int64(bits[row - patch[0], byte])
            col = patch[2] + 8 * byte
            while word:
                if word & 128 and first <= col < last:
                    right = col - tower[1]
                    towers[row - chunk[0], col - chunk[2]] += sign
                    missed[row - chunk[0], col - chunk[2]] += sign * misses[down2 + right * right]
                word = word << 1 & 255
                col += 1


@njit(nogil=True, cache=True)
def tally(
    bits: Bytes,
    box: Box,
    sign: int,
    ground: tuple[NDArray[np.int16], NDArray[np.floating]],
    towers: NDArray[np.int16],
    sums: NDArray[np.float64],
    gains: NDArray[np.float64],
) -> None:
    """Add or take away one tower, and keep the weight in view of each label up to date.

    Parameters
    ----------
    bits, box
        Packed viewshed and its (top, bottom, left, right).
    sign
        1 adds the tower, -1 takes it away.
    ground
        (rows, cols) label, negative outside all, and weight of each cell.
    towers
        (rows, cols) number of towers in view of each cell; changed.
    sums
        (labels, 2) weight and number of the cells in view of at least one tower; changed.
    gains
        Part of a cell that its first, second, ... tower adds to what is in view.
    """
    labels, weights = ground
    for line in range(box[1] - box[0]):
        row = box[0] + line
        for byte in range(bits.shape[1]):
            word = np.int64(bits[line, byte])
            col = box[2] + 8 * byte
            while word:
                if word & 128:
                    before = towers[row, col]
                    towers[row, col] = before + sign
                    label = labels[row, col]
                    gain = gains[before if sign > 0 else before - 1]
                    if gain > 0 and label >= 0:
                        sums[label, 0] += sign * gain * weights[row, col]
                        sums[label, 1] += sign * gain
                word = word << 1 & 255
                col += 1


@njit(nogil=True, cache=True)
def keep_apart(candidates: Any, pools: Any, order: Any, spacing: float, out: Any) -> None:
    """Give each tower the first of its candidates that keeps clear of those given before.

    `candidates` is (n, 2) int64 rows and columns; `pools` and `order` (towers, size) int64, which
    of them each tower may take and in which order they are tried; `out` (towers, 2) int64 is
    filled. Where none keeps `spacing` cells, the one farthest from the others is taken.
    """
    towers, size = pools.shape
    for tower in range(towers):
        widest, best = -1.0, 0
        for n in range(size):
            one = pools[tower, order[tower, n]]
            gap = math.inf
            for other in range(tower):
                down = candidates[one, 0] - out[other, 0]
                across = candidates[one, 1] - out[other, 1]
                gap = min(gap, math.sqrt(down * down + across * across))
            if gap > widest:
                widest, best = gap, n
            if gap >= spacing:
                break
        taken = pools[tower, order[tower, best]]
        out[tower, 0], out[tower, 1] = candidates[taken, 0], candidates[taken, 1]
