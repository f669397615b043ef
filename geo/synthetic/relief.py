"""The shape of a made-up basin-and-range strip: elevation and land cover from a seed.

Ranges strike north-north-west, broken by passes; bajadas fan out from them; washes cut the
basins; rough ground follows a power law. Nothing is taken from any real elevation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, rfft2
from scipy.ndimage import gaussian_filter

from geo.typing import Floats

STRIKE = np.radians(9.0)
"""Made up: angle between the ranges and north, westward."""
RANGE_M = 620.0
"""Made up: height of an unbroken crest above its basin [m]."""
BAJADA_M = 170.0
"""Made up: height of the fans at the foot of the ranges [m]."""
WASH_M = 7.0
"""Made up: depth of the washes [m]."""
FLOOR_M = 380.0
"""Made up: elevation of the southern basins [m]."""
RISE_M_KM = 2.5
"""Made up: rise of the basins towards the north [m/km]."""
FOREST_M = 950.0
"""Made up: lower edge of the woodland [m]."""

SHRUB, GRASS, BARREN, WOODLAND = 52, 71, 31, 42
"""Definition: classes of the National Land Cover Database."""
OPEN, LOW, MEDIUM, CROPS = 21, 22, 23, 82
"""Definition: classes of the National Land Cover Database (Anderson level II codes)."""


@dataclass(frozen=True)
class Relief:
    """Elevation and what it was made of.

    Attributes
    ----------
    elevation
        (y, x) metres, in tenths.
    range_share
        (y, x) 0 in the basins to 1 on unbroken crests.
    wash
        (y, x) true in a wash.
    patches
        (y, x) smooth noise of unit spread, for vegetation.
    """

    elevation: Floats
    range_share: Floats
    wash: NDArray[np.bool_]
    patches: Floats


def relief(
    shape: tuple[int, int],
    cell_m: float,
    spacing_km: float,
    first_km: float,
    rng: np.random.Generator,
) -> Relief:
    """Draw the relief of a strip.

    Parameters
    ----------
    shape, cell_m
        Rows and columns, first row in the north; cell side in metres.
    spacing_km
        Distance from range to range along the border. A corridor of that width is a valley.
    first_km
        Where the first range stands, from the western edge, halfway up the strip.
    rng
        Random stream.
    """
    rows, cols = shape
    scale = spacing_km / 20.0
    y = (rows - 1 - np.arange(rows))[:, None] * cell_m / 1000.0
    x = np.arange(cols)[None, :] * cell_m / 1000.0
    noise = _Noise(shape, cell_m / 1000.0, rng)
    middle = rows * cell_m / 2000.0
    east = x - first_km + (y - middle) * np.tan(STRIKE)
    east = east + scale * (1.3 * noise.draw(12.0, 60.0, 1.5) + 0.35 * noise.draw(3.0, 9.0, 1.0))
    wave = 0.5 + 0.5 * np.cos(2.0 * np.pi * east / spacing_km)
    broken = np.clip(1.0 + 0.55 * noise.draw(9.0, 40.0, 1.0), 0.15, 1.5)
    share = np.clip((wave - 0.60) / 0.40, 0.0, 1.0)
    share = np.clip(share * share * (3.0 - 2.0 * share) * broken, 0.0, 1.3)
    fans = gaussian_filter(share, scale * 2.6 / (cell_m / 1000.0), mode="nearest", truncate=3.0)
    rough = noise.draw(2.0 * cell_m / 1000.0, 8.0, 1.1)
    wash = (np.abs(noise.draw(1.2, 9.0, 0.8)) < 0.09) & (share < 0.35)
    patches = noise.draw(1.0, 15.0, 1.0)
    elevation = (
        FLOOR_M
        + RISE_M_KM * y
        + 45.0 * noise.draw(25.0, 120.0, 2.0)
        + BAJADA_M * fans
        + RANGE_M * share
        + rough * (3.0 + 75.0 * np.sqrt(share))
        - WASH_M * gaussian_filter(wash.astype(float), 0.6)
    )
    lifted = np.maximum(elevation, 5.0)
    return Relief(np.round(lifted, 1), np.minimum(share, 1.0), wash, patches)


def land_cover(
    land: Relief, cell_m: float, towns: NDArray[np.bool_], highways: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Return NLCD classes: shrub, grass, washes and rock, woodland, towns and fields.

    Parameters
    ----------
    land
        Relief of the strip.
    cell_m
        Cell side, metres.
    towns, highways
        (y, x) cells with a settlement's centre, and with a highway.
    """
    fall_y, fall_x = np.gradient(land.elevation, cell_m)
    steep = np.hypot(fall_y, fall_x)
    near = gaussian_filter(towns.astype(float), 1200.0 / cell_m)
    near /= max(float(near.max()), np.finfo(float).tiny)
    cover = np.full(land.elevation.shape, SHRUB, np.uint8)
    cover[(land.patches > 0.7) & (land.range_share < 0.1)] = GRASS
    cover[land.wash | (steep > 0.55)] = BARREN
    cover[(land.elevation > FOREST_M) & (steep <= 0.55)] = WOODLAND
    cover[(near > 0.02) & (land.range_share < 0.1) & (land.patches > 0.0)] = CROPS
    cover[highways] = OPEN
    cover[near > 0.15] = LOW
    cover[near > 0.5] = MEDIUM
    return cover


@dataclass(frozen=True)
class _Noise:
    shape: tuple[int, int]
    cell_km: float
    rng: np.random.Generator

    def draw(self, shortest_km: float, longest_km: float, exponent: float) -> Floats:
        """Gaussian noise with amplitude ~ wavelength^exponent between two wavelengths, SD 1."""
        rows, cols = (size + size // 4 for size in self.shape)  # padding hides the wrap-around
        white = rfft2(self.rng.standard_normal((rows, cols)))
        frequency = np.hypot(
            np.fft.fftfreq(rows, self.cell_km)[:, None],
            np.fft.rfftfreq(cols, self.cell_km)[None, :],
        )
        kept = (frequency >= 1.0 / longest_km) & (frequency <= 1.0 / shortest_km)
        power = np.zeros_like(frequency)
        power[kept] = frequency[kept] ** -(exponent + 1.0)
        field = irfft2(white * power, s=(rows, cols))[: self.shape[0], : self.shape[1]]
        return np.asarray((field - field.mean()) / max(float(field.std()), 1e-12))
