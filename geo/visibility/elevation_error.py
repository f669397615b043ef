"""Correlated elevation error, drawn so that any window of the land sees the same field."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from geo.errors import UnitsError
from geo.visibility.single import Patch

NOISE_TILE = 256
"""Numerical: side of the tiles in which white noise is drawn, so that any window sees the same
field."""


@dataclass(frozen=True)
class Uncertainty:
    """What is not known exactly.

    Attributes
    ----------
    elevation_sd_m
        Standard deviation of the elevation error, m.
    correlation_m
        Distance L in its correlation exp(-(h / L)^2), m.
    draws
        Number of draws; Fisher (1991) and followers take at least 100.
    bounds
        Quantiles of the lower and upper surface.
    """

    elevation_sd_m: float = 3.0
    correlation_m: float = 300.0
    draws: int = 100
    bounds: tuple[float, float] = (0.05, 0.95)

    def __post_init__(self) -> None:
        sound = self.elevation_sd_m >= 0 and self.correlation_m > 0 and self.draws >= 1
        if not (sound and 0.0 < self.bounds[0] < self.bounds[1] < 1.0):
            raise UnitsError(
                f"{self} cannot be drawn; give a standard deviation of at least 0 m, a "
                "positive correlation length in m, at least one draw, and bounds with "
                "0 < lower < upper < 1"
            )


def error_field(
    patch: Patch, cell_m: float, uncertainty: Uncertainty, key: tuple[int, int]
) -> NDArray[np.float32]:
    """Return a window of a Gaussian field with correlation exp(-(h / L)^2), m.

    White noise, drawn tile by tile from a seed of its own, is smoothed by a Gaussian of standard
    deviation L / 2, whose autocorrelation is the one wanted. Windows that overlap see the same
    field, however the work is cut.
    """
    sigma = uncertainty.correlation_m / (2.0 * cell_m)
    reach = math.ceil(4.0 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= math.sqrt(float((kernel**2).sum()))
    noise = _white_noise(patch, reach, key)
    shape = [fft.next_fast_len(n, real=True) for n in noise.shape]
    response = fft.fft(kernel, shape[0])[:, None] * fft.rfft(kernel, shape[1])[None, :]
    spectrum = fft.rfft2(noise, shape) * response.astype(np.complex64)
    smooth = fft.irfft2(spectrum, shape)[2 * reach : noise.shape[0], 2 * reach : noise.shape[1]]
    return np.asarray(smooth * np.float32(uncertainty.elevation_sd_m), np.float32)


def _white_noise(patch: Patch, reach: int, key: tuple[int, int]) -> NDArray[np.float32]:
    """Draw standard normals for a patch and a margin, from the tiles of one endless plane."""
    top, left = patch.top - reach, patch.left - reach
    shape = (patch.bottom + reach - top, patch.right + reach - left)
    out = np.empty(shape, np.float32)
    for i in range(top // NOISE_TILE, (top + shape[0] - 1) // NOISE_TILE + 1):
        for j in range(left // NOISE_TILE, (left + shape[1] - 1) // NOISE_TILE + 1):
            # seeds are not negative; a margin may reach beyond the raster's first row
            rng = np.random.default_rng([*key, 1, i + 2**20, j + 2**20])
            tile = rng.standard_normal((NOISE_TILE, NOISE_TILE), np.float32)
            at_row, at_col = i * NOISE_TILE - top, j * NOISE_TILE - left
            rows = slice(max(0, at_row), min(shape[0], at_row + NOISE_TILE))
            cols = slice(max(0, at_col), min(shape[1], at_col + NOISE_TILE))
            out[rows, cols] = tile[
                rows.start - at_row : rows.stop - at_row, cols.start - at_col : cols.stop - at_col
            ]
    return out
