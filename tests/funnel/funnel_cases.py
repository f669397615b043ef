"""Small grounds with known ways through: flat, walled, and the crossings over them."""

from __future__ import annotations

import numpy as np

from geo import funnel
from geo import grid as g
from geo.leastcost import LeastCostOptions, Resources

CRS = "EPSG:32612"
CELL = 100.0
PER_METRE = 5.0


def flat(slope):
    return np.full(np.shape(slope), PER_METRE)


def steep(slope):
    return PER_METRE * (1.0 + 10.0 * np.abs(slope))


def on_grid(values, cell_m=CELL, name="friction"):
    rows, cols = np.shape(values)
    box = g.grid_from_bounds((0, 0, cols * cell_m, rows * cell_m), CRS, cell_m)
    return g.wrap(np.asarray(values), box, name, "1")


def land(elevation, start, goal, neighbours=16, **models):
    """Crossings from marked cells to marked cells; models are counted along them."""
    marks = []
    for where in (start, goal):
        mark = np.zeros(elevation.shape, bool)
        mark[where] = True
        marks.append(elevation.copy(data=mark))
    return funnel.MovementDomain(
        elevation,
        (funnel.End("segment-01", marks[0], 1.0),),
        (funnel.End("destination-01", marks[1], 1.0),),
        LeastCostOptions(neighbours=neighbours),
        Resources(workers=0),
        {name: funnel.CrossingQuantity(model, "kJ", 1e3) for name, model in models.items()},
    )


def walled(gaps, rows=120, cols=41, wall=slice(20, 100)):
    """Flat ground with a thick wall, open only in some columns."""
    friction = np.ones((rows, cols), np.float32)
    shut = np.setdiff1d(np.arange(cols), np.concatenate([np.atleast_1d(x) for x in gaps]))
    friction[wall, shut] = np.nan
    return on_grid(np.zeros((rows, cols), np.float32), name="elevation"), on_grid(friction)


def crossings(ground, cost, theta_share, base=None):
    base = base or ground.labels(cost)
    return funnel.spread(ground, cost, base, theta_share)
