"""Exposure as land has it and as an analysis reads it, on one line across each corridor.

Movement crosses a corridor somewhere along a line of 60 km, in proportion to exp(-cost / theta);
towers stand on that line and see what lies within their range. The dose is the share of movement
in view, as in the pipeline, without its rasters: so the reading of one thing (routes, ranges, sites
or dates) can be false while deaths follow the true one.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter1d

from geo.typing import Array

Misread = Literal["nothing", "theta", "cost", "range", "sites", "dates"]

WIDTH_KM = 60
"""Made up: length of the line across a corridor, cells of 1 km."""
SMOOTH_KM = 3.0
"""Made up: width over which cost changes along the line."""
COST_SD = 0.08
"""Made up: standard deviation of the excess cost, as a share of the least."""
THETA = 0.05
"""Made up: scale of choice in the analysis, the value registered for the pipeline."""
TRUE_THETA = 0.2
"""Made up: scale of choice in the land whose theta is misread."""
COST_ERROR = 0.5
"""Made up: standard deviation of the error of a misread cost, as a share of that of the cost."""
TOWERS = 3
"""Made up: towers of a corridor, one a year."""
RANGE_KM = 10.0
"""Made up: range of a tower."""
RANGE_ERROR = 0.3
"""Made up: largest misreading of the range, one for all towers."""
SITE_ERROR_KM = 2.0
"""Made up: largest misreading of a site."""
TRIED = 24
"""Made up: sites among which each tower is placed."""


def exposures(
    misread: Misread, starts: Array, years: int, targets: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return the true doses and those the analysis reads: (corridor, year) each.

    Parameters
    ----------
    misread
        What the analysis reads falsely.
    starts
        (corridor,) first year with a tower; infinite where there is none.
    years
        Number of years.
    targets
        (corridor,) dose that the last tower is to reach as the analysis reads it, about.
    rng
        Stream of the land.
    """
    ratio = 1.0 + (rng.uniform(-RANGE_ERROR, RANGE_ERROR) if misread == "range" else 0.0)
    pairs = [_corridor(misread, s, years, t, ratio, rng) for s, t in zip(starts, targets)]  # noqa: B905
    true, read = zip(*pairs, strict=True)
    return np.stack(true), np.stack(read)


def _corridor(
    misread: Misread,
    start: float,
    years: int,
    target: float,
    ratio: float,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    cost = _profile(rng)
    other = cost + COST_ERROR * _profile(rng) if misread == "cost" else cost
    true_routes = _routes(other, TRUE_THETA if misread == "theta" else THETA)
    routes = _routes(cost, THETA)
    wrong = rng.integers(-1, 2) if misread == "dates" else 0
    shift = rng.uniform(-SITE_ERROR_KM, SITE_ERROR_KM, TOWERS) if misread == "sites" else 0.0
    true, read = np.zeros(years), np.zeros(years)
    if not np.isfinite(start):
        return true, read
    sites = _sites(routes, target, rng)
    year = np.arange(years)
    for k in range(TOWERS):
        so_far = sites[: k + 1]
        moved = so_far + (shift if np.isscalar(shift) else shift[: k + 1])  # type: ignore[index]
        read[year >= start + k + wrong] = _seen(routes, so_far, RANGE_KM)
        true[year >= start + k] = _seen(true_routes, moved, RANGE_KM * ratio)
    return true, read


def _sites(routes: Array, target: float, rng: np.random.Generator) -> Array:
    """Place towers one by one so that the share in view grows evenly to the target."""
    sites = np.zeros(0)
    for k in range(TOWERS):
        tried = rng.uniform(-RANGE_KM, WIDTH_KM + RANGE_KM, TRIED)
        seen = np.array([_seen(routes, np.append(sites, t), RANGE_KM) for t in tried])
        sites = np.append(sites, tried[np.argmin(np.abs(seen - target * (k + 1) / TOWERS))])
    return sites


def _seen(routes: Array, sites: Array, reach: float) -> float:
    cell = np.arange(WIDTH_KM) + 0.5
    return float(routes[(np.abs(cell[:, None] - sites) <= reach).any(axis=1)].sum())


def _profile(rng: np.random.Generator) -> Array:
    """Smooth excess cost along the line, standard deviation `COST_SD`."""
    rough = gaussian_filter1d(rng.standard_normal(WIDTH_KM), SMOOTH_KM, mode="wrap")
    return np.asarray(rough / rough.std() * COST_SD)


def _routes(cost: Array, theta: float) -> Array:
    odds = np.exp(-(cost - cost.min()) / theta)
    return np.asarray(odds / odds.sum())
