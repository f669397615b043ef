"""Two other ways to load routes on a network, and why they differ from excess-cost density.

Dial (1971, Transportation Research 5:83-111) gives every efficient link i -> j (one that leads
away from the origin, p(i) < p(j)) the likelihood exp((p(j) - p(i) - c) / theta) and a cell the
sum over all efficient paths through it. On a raster that sum counts parallel paths that differ by
a cell or two: a corridor two cells wide has 2^n of them, one a cell wide has one, and the count
grows with every refinement of the grid. Removing the multiplicity, that is letting the best path
through a cell stand for all of them (max for sum in both recursions), leaves
exp(-(excess cost) / theta) over efficient paths: the density of `geo.funnel`, up to the cells
whose best way on leads back towards the origin, which Dial's rule drops.

Perturbed costs (Sheffi & Powell 1982, Networks 12:191-207) draw the cost of ground, walk the
least-cost path of each draw and count. With Gumbel errors of scale theta, common to all the
ground of a pass, the shares of two passes are exactly those of the formula; independent errors
cell by cell would average out along a route and say again that cell size decides.
"""

from __future__ import annotations

import numpy as np
import pytest
from funnel_cases import CELL, PER_METRE, flat, land, on_grid, walled

from geo import funnel
from geo.funnel import density as d
from geo.leastcost import CostModel

MOVES = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)]


def dial(friction, forward, theta, join):
    """Log weight of every cell by Dial's two recursions, written cell by cell."""
    rows, cols = friction.shape
    order = [divmod(int(k), cols) for k in np.argsort(forward.ravel(), kind="stable")]
    order = [c for c in order if np.isfinite(forward[c])]

    def links(cell):
        for i, j in MOVES:
            there = (cell[0] + i, cell[1] + j)
            if not (0 <= there[0] < rows and 0 <= there[1] < cols):
                continue
            if not forward[there] > forward[cell] + 1e-9:
                continue
            mean = (friction[cell] + friction[there]) / 2
            step = PER_METRE * CELL * np.hypot(i, j) * mean
            if np.isfinite(step):
                yield there, (forward[there] - forward[cell] - step) / theta

    away = np.full(friction.shape, -np.inf)
    away[forward == 0] = 0.0
    for cell in order:
        for there, likelihood in links(cell):
            away[there] = join(away[there], away[cell] + likelihood)
    back = np.full(friction.shape, -np.inf)
    back[0] = np.where(np.isfinite(forward[0]), (forward[0].min() - forward[0]) / theta, -np.inf)
    for cell in reversed(order):
        for there, likelihood in links(cell):
            back[cell] = join(back[cell], back[there] + likelihood)
    return away + back


def banded(log_weight, band):
    """Share of a whole weight in every band, as `route_density` does."""
    out = np.zeros(band.shape)
    for b in np.unique(band[np.isfinite(log_weight)]):
        here = (band == b) & np.isfinite(log_weight)
        weight = np.exp(log_weight[here] - log_weight[here].max())
        out[here] = weight / weight.sum()
    return out / out.sum()


def test_dial_without_path_multiplicity_is_excess_cost_density():
    elevation, friction = walled((4, range(15, 17)), rows=40, cols=21, wall=slice(8, 32))
    ground = land(elevation, (-1, slice(None)), (0, slice(None)), neighbours=8)
    labels = ground.labels(CostModel(flat, friction))
    forward, reverse = labels.forward["segment-01"], labels.reverse["destination-01"]
    theta = 0.02 * float(reverse.values[-1, 4])
    band = d.progress_band(forward, reverse, 12)
    ours = d.route_density(forward, reverse, theta, bands=12).values
    single = banded(dial(friction.values, forward.values, theta, np.maximum), band)
    every = banded(dial(friction.values, forward.values, 50 * theta, np.logaddexp), band)
    assert np.abs(single - ours).sum() / 2 < 0.03
    wide = [a[12:28, 15:17].sum() / a[12:28].sum() for a in (ours, single, every)]
    assert wide[0] == pytest.approx(2 / 3, rel=1e-3)
    assert wide[1] == pytest.approx(2 / 3, rel=1e-3)
    assert wide[2] > 0.95


def test_paths_of_perturbed_costs_choose_passes_as_the_formula_says():
    elevation, friction = walled((3, 17), rows=30, cols=21, wall=slice(5, 25))
    ground = land(elevation, (-1, 10), (0, 10), neighbours=8)
    cost = CostModel(flat, friction)
    base = ground.labels(cost)
    theta = 0.1 * float(base.least("segment-01")[0])
    seen = np.zeros(elevation.shape)
    seen[12:18, 17] = 1.0
    dearer = funnel.avoiding(cost, on_grid(seen), 0.4)
    draws, right = 150, 0
    wall_m = 20 * CELL * PER_METRE
    rng = np.random.default_rng(11)
    for errors in rng.gumbel(0.0, theta, (draws, 2)):
        ground_error = np.ones(elevation.shape)
        # least cost and greatest utility: the error is taken off the cost of all of a pass
        shift = 1.0 + (6.0 * theta - errors) / wall_m
        ground_error[5:25, 3], ground_error[5:25, 17] = np.maximum(shift, 0.05)
        drawn = CostModel(flat, on_grid(dearer.friction.values * ground_error))
        labels = ground.labels(drawn)
        total = labels.forward["segment-01"].values + labels.reverse["destination-01"].values
        right += total[15, 17] < total[15, 3]
    extra = 0.4 * PER_METRE * 6 * CELL
    expected = 1.0 / (1.0 + np.exp(extra / theta))
    error = np.sqrt(expected * (1 - expected) / draws)
    assert abs(right / draws - expected) < 3 * error + 0.03
