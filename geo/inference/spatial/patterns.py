"""Point and cell patterns: K and cross-K, Gi*, Moran, false discovery rate, relative risk.

Descriptive (S4); checked against spatstat and spdep. Significance on maps comes from permutation
with a maximum over cells, never from pointwise p values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist, pdist
from scipy.special import gamma
from shapely import Polygon, affinity, area, intersection

from geo.parameters import load
from geo.typing import Array

DISCOVERY_RATE = float(load("battery")["false_discovery_rate"].value)
EXCHANGES = int(load("battery")["pattern_exchanges"].value)
STABILISER = float(load("battery")["risk_stabiliser"].value)
"""Share of the mean density added to both densities: keeps the ratio of two near-empty places from
passing for a change (Bowman & Azzalini 1997)."""


def k_function(
    points: Array, window: Polygon, radii_m: Array, correction: str = "translate"
) -> Array:
    """Ripley's K.

    Parameters
    ----------
    points
        (n, 2) metres.
    window
        Observation window, metres.
    radii_m
        (r,) distances.
    correction
        "none" or "translate" (Ohser & Stoyan 1981).

    Returns
    -------
    (r,) square metres.
    """
    return cross_k(points, points, window, radii_m, correction)


def cross_k(
    one: Array, two: Array, window: Polygon, radii_m: Array, correction: str = "translate"
) -> Array:
    """Cross-K from the points of `one` to those of `two` (a point is no neighbour of itself).

    K_12(r) = |W| / (n1 n2) sum_ij 1{d_ij <= r} w_ij, where the translation weight is |W| over the
    area shared by W and W moved by the difference of the two points; for one pattern n1 n2 becomes
    n (n - 1) (Baddeley, Rubak & Turner 2015, section 7.4).
    """
    same = one is two
    distance = cdist(one, two)
    near = distance <= radii_m.max()
    if same:
        np.fill_diagonal(near, val=False)
    i, j = np.nonzero(near)
    weight = np.ones(len(i))
    if correction == "translate":
        weight = window.area / _overlap(window, two[j] - one[i])
    order = np.argsort(distance[i, j], kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weight[order])])
    within = np.searchsorted(distance[i, j][order], radii_m, side="right")
    pairs = len(one) * (len(two) - 1 if same else len(two))
    return np.asarray(window.area / pairs * total[within])


def local_g_star(values: Array, weights: Array) -> Array:
    """Gi* of Ord & Getis (1995, eq. 14), the cell itself a neighbour.

    Parameters
    ----------
    values
        (n,) cell values; for deaths, deviance residuals of the route-density model.
    weights
        (n, n) weights with a positive diagonal.

    Returns
    -------
    ndarray
        (n,) standard scores; 0 where all cells are neighbours, or all values equal, so that no cell
        can stand out.
    """
    n = len(values)
    mean = values.mean()
    spread = np.sqrt(max((values**2).mean() - mean**2, 0.0))  # rounding may leave less than 0
    total, square = weights.sum(axis=1), (weights**2).sum(axis=1)
    scale = spread * np.sqrt(np.maximum(n * square - total**2, 0.0) / (n - 1))
    excess = np.asarray(weights @ values - mean * total)
    return np.asarray(np.divide(excess, scale, out=np.zeros(n), where=scale > 0))


def moran(values: Array, weights: Array) -> float:
    """Moran's I (Moran 1950)."""
    z = values - values.mean()
    return float(len(z) / weights.sum() * (z @ weights @ z) / (z @ z))


def discovered(p: Array, rate: float = DISCOVERY_RATE) -> Array:
    """Benjamini & Hochberg (1995): which tests are discoveries at a false discovery rate."""
    order = np.argsort(p)
    passed = p[order] <= rate * np.arange(1, len(p) + 1) / len(p)
    last = int(np.flatnonzero(passed).max()) if passed.any() else -1
    out = np.zeros(len(p), bool)
    out[order[: last + 1]] = True
    return out


@dataclass(frozen=True)
class RelativeRisk:
    """A log relative risk surface.

    Attributes
    ----------
    surface
        (y, x) log ratio of the density after to the density before; NaN outside.
    p
        P value of the largest departure from zero anywhere.
    threshold
        Absolute log ratio that 5 % of permutations exceed somewhere.
    """

    surface: Array
    p: float
    threshold: float


def relative_risk(
    before: Array,
    after: Array,
    inside: Array,
    bandwidth_cells: float,
    groups: tuple[Array, Array],
    rng: np.random.Generator,
    draws: int = EXCHANGES,
) -> RelativeRisk:
    """Where deaths became relatively more frequent (Kelsall & Diggle 1995).

    Parameters
    ----------
    before, after
        (n, 2) integer cell rows and columns of records of each period.
    inside
        (y, x) bool, the window; densities are divided by the kernel mass inside it.
    bandwidth_cells
        Standard deviation of the kernel, cells.
    groups
        Corridor of each record before and after: labels are permuted within corridors.
    rng, draws
        Stream and number of permutations.
    """
    edge = np.maximum(gaussian_filter(inside.astype(float), bandwidth_cells, mode="constant"), 1e-6)
    cells = np.concatenate([before, after])
    corridor = np.concatenate(groups)
    label = np.arange(len(cells)) >= len(before)
    whole = _smooth(cells, inside, bandwidth_cells)
    surface = _log_ratio(cells, label, inside, edge, bandwidth_cells, whole)
    top = float(np.nanmax(np.abs(surface)))
    tops = np.empty(draws)
    for b in range(draws):
        shuffled = label.copy()
        for c in np.unique(corridor):
            here = np.flatnonzero(corridor == c)
            shuffled[here] = rng.permutation(label[here])
        moved = _log_ratio(cells, shuffled, inside, edge, bandwidth_cells, whole)
        tops[b] = np.nanmax(np.abs(moved))
    p = (1.0 + (tops >= top).sum()) / (1.0 + draws)
    return RelativeRisk(surface, float(p), float(np.quantile(tops, 0.95)))


def _log_ratio(
    cells: Array, label: Array, inside: Array, edge: Array, width: float, whole: Array
) -> Array:
    """Return the log ratio of two densities; smoothing adds up, so one is what the whole leaves."""
    after = _smooth(cells[label], inside, width)
    numbers = int(label.sum()), int((~label).sum())
    densities = [
        np.where(inside, np.maximum(part, 0.0) / edge / max(number, 1), np.nan)
        for part, number in zip((after, whole - after), numbers, strict=True)
    ]
    floor = STABILISER / max(int(inside.sum()), 1)
    return np.asarray(np.log((densities[0] + floor) / (densities[1] + floor)))


def _smooth(cells: Array, inside: Array, width: float) -> Array:
    count = np.zeros(inside.shape)
    np.add.at(count, (cells[:, 0], cells[:, 1]), 1.0)
    return np.asarray(gaussian_filter(count, width, mode="constant", truncate=6.0))


def oversmoothing(x: Array, y: Array) -> float:
    """Largest bandwidth a normal kernel may reasonably have (Terrell 1990, maximal smoothing).

    h = s (R(K) d / (n V))^(1 / (d + 4)) in d = 2 dimensions, with R(K) = 1 / (4 pi) and
    V = 16 Gamma(5) d (d + 2) / (10^4 pi); s is the smaller of standard deviation and
    interquartile range over 1.34, averaged over the axes (Silverman 1986).

    Parameters
    ----------
    x, y
        (n,) metres.

    Returns
    -------
    Standard deviation of the kernel, metres.
    """
    iqr = [float(np.subtract(*np.quantile(v, [0.75, 0.25]))) / 1.34 for v in (x, y)]
    sd = [float(v.std(ddof=1)) for v in (x, y)]
    scale = min(float(np.mean(iqr)), float(np.sqrt(np.mean(np.square(sd)))))
    largest = 16.0 * gamma(5.0) * 8.0 / (10.0**4 * np.pi)
    return float(scale * (2.0 / (4.0 * np.pi * len(x) * largest)) ** (1.0 / 6.0))


def cross_validated(x: Array, y: Array, candidates: Array) -> float:
    """Bandwidth by least-squares cross-validation (Bowman 1984), the best of some candidates.

    int f^2 - 2/n sum f_(-i)(x_i), exact for a normal kernel without edges.

    Parameters
    ----------
    x, y
        (n,) metres.
    candidates
        (k,) standard deviations of the kernel, metres.
    """
    n = len(x)
    square = pdist(np.stack([x, y], axis=1), "sqeuclidean")
    scores = []
    for h in candidates:
        both, single = 4.0 * h**2, 2.0 * h**2  # twice the variances 2 h^2 and h^2
        integral = (n + 2.0 * np.exp(-square / both).sum()) / (np.pi * both * n**2)
        left_out = 2.0 * np.exp(-square / single).sum() / (np.pi * single * n * (n - 1))
        scores.append(integral - 2.0 * left_out)
    return float(candidates[int(np.argmin(scores))])


def _overlap(window: Polygon, shift: Array) -> Array:
    """Area shared by the window and itself moved: (pair,)."""
    left, bottom, right, top = window.bounds
    if np.isclose(window.area, (right - left) * (top - bottom)):
        return np.asarray(
            (right - left - np.abs(shift[:, 0])) * (top - bottom - np.abs(shift[:, 1]))
        )
    moved = np.array([affinity.translate(window, dx, dy) for dx, dy in shift])
    return np.asarray(area(intersection(window, moved)))
