"""S5: space-time permutation scan, a detector that knows no towers (Kulldorff et al. 2005).

It sees places and dates only. Whether the clusters it finds lie near new viewsheds more often than
near the same viewsheds at shifted dates is asked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from geo.inference.estimation.poisson import Array
from geo.inference.spatial.patterns import EXCHANGES
from geo.parameters import load

RADIUS_M = float(load("battery")["scan_radius_m"].value)
YEARS = int(load("battery")["scan_years"].value)


@dataclass(frozen=True)
class Cluster:
    """A cylinder of space and time with more records than its margins expect.

    Attributes
    ----------
    x, y, radius_m
        Circle, metres.
    first, last
        First and last year.
    observed, expected
        Records inside; expected from the margins of place and time.
    p
        Share of permutations of dates whose largest ratio is at least as large.
    """

    x: float
    y: float
    radius_m: float
    first: int
    last: int
    observed: int
    expected: float
    p: float


def space_time_scan(
    x: Array,
    y: Array,
    year: Array,
    rng: np.random.Generator,
    *,
    max_radius_m: float = RADIUS_M,
    max_years: int = YEARS,
    draws: int = EXCHANGES,
) -> Cluster:
    """Find the most unusual cylinder.

    mu = C_z C_d / C and GLR = (c/mu)^c ((C - c)/(C - mu))^(C - c), maximised over circles around
    records and intervals of years; dates are permuted over places.

    Parameters
    ----------
    x, y
        (n,) metres.
    year
        (n,) study year.
    rng, draws
        Stream and number of permutations.
    max_radius_m, max_years
        Largest cylinder.
    """
    places, where = np.unique(np.stack([x, y], axis=1).round(0), axis=0, return_inverse=True)
    where = where.ravel()
    first = int(year.min())
    time = (year - first).astype(np.int64)
    years = int(time.max()) + 1
    distance = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    order = np.argsort(distance, axis=1, kind="stable")
    sizes = (np.take_along_axis(distance, order, 1) <= max_radius_m).sum(axis=1)
    counts = _table(where, time, len(places), years)
    found = _scan(counts, order, sizes, max_years)
    tops = np.empty(draws)
    for b in range(draws):
        shuffled = _table(where, rng.permutation(time), len(places), years)
        tops[b] = _scan(shuffled, order, sizes, max_years)[0]
    _, centre, size, start, stop, seen, expected = found
    c, k = int(centre), int(size)
    return Cluster(
        float(places[c, 0]), float(places[c, 1]), float(distance[c, order[c, k]]),
        first + int(start), first + int(stop), int(seen), float(expected),
        float((1.0 + (tops >= found[0] * (1.0 - 1e-12)).sum()) / (1.0 + draws)),
    )  # fmt: skip


def _table(where: Array, time: Array, places: int, years: int) -> Array:
    out = np.zeros((places, years))
    np.add.at(out, (where, time), 1.0)
    return out


@njit(cache=True)
def _scan(counts: Any, order: Any, sizes: Any, max_years: int) -> Any:
    """Largest log likelihood ratio: value, centre, last neighbour, first and last year, c, mu."""
    places, years = counts.shape
    by_year = counts.sum(axis=0)
    total = by_year.sum()
    best = np.zeros(7)
    for centre in range(places):
        inside = np.zeros(years)
        zone = 0.0
        for k in range(sizes[centre]):
            for t in range(years):
                inside[t] += counts[order[centre, k], t]
                zone += counts[order[centre, k], t]
            for start in range(years):
                seen = 0.0
                days = 0.0
                for stop in range(start, min(start + max_years, years)):
                    seen += inside[stop]
                    days += by_year[stop]
                    expected = zone * days / total
                    if seen <= expected or seen < 2.0 or seen >= total:
                        continue
                    ratio = seen * np.log(seen / expected)
                    ratio += (total - seen) * np.log((total - seen) / (total - expected))
                    if ratio > best[0]:
                        best[0], best[1], best[2] = ratio, centre, k
                        best[3], best[4], best[5], best[6] = start, stop, seen, expected
    return best
