"""R3 written the plain way: one ray to every cell, every crossing looked at."""

from __future__ import annotations

import numpy as np
from numba import njit

TIE = 1e-8  # metres per cell, as the product documents it


@njit
def line_of_sight(z, row, col, to_row, to_col, eye, target, bend):
    """Is the line from the eye to a cell free at each crossing of a grid line?"""
    dr, dc = to_row - row, to_col - col
    steps = max(abs(dr), abs(dc))
    wanted = z[to_row, to_col] + target - eye - bend * (dr * dr + dc * dc)
    for s in range(1, steps):
        # position of the crossing: whole along the longer axis, dr or dc * s / steps across
        across = (dc if abs(dr) >= abs(dc) else dr) * s
        below = across // steps
        share = (across - below * steps) / steps
        ground = 0.0
        for side in range(2):
            weight = share if side else 1.0 - share
            if weight == 0.0:
                continue
            if abs(dr) >= abs(dc):
                r, c = row + (s if dr > 0 else -s), col + below + side
            else:
                r, c = row + below + side, col + (s if dc > 0 else -s)
            height = z[r, c] - eye
            if np.isfinite(height):
                height -= bend * ((r - row) ** 2 + (c - col) ** 2)
            else:
                height = -2.0e4
            ground += weight * height
        if ground / s > wanted / steps + TIE:
            return False
    return True


@njit
def r3(z, row, col, eye, target, radius2, bend):
    """Every cell within the radius, one ray each."""
    out = np.zeros(z.shape, np.bool_)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            inside = (i - row) ** 2 + (j - col) ** 2 <= radius2
            if inside and np.isfinite(z[i, j]):
                out[i, j] = line_of_sight(z, row, col, i, j, eye, target, bend)
    return out


def rough(n, seed, roughness=1.8, relief_m=1500.0):
    """1/f terrain of n x n cells."""
    rng = np.random.default_rng(seed)
    f = np.hypot(np.fft.fftfreq(n)[:, None], np.fft.rfftfreq(n)[None, :])
    f[0, 0] = 1.0
    z = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((n, n))) * f**-roughness, (n, n))
    return ((z - z.min()) / np.ptp(z) * relief_m).astype(np.float32)
