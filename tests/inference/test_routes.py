"""A route model is believed when it beats plain baselines on records it never saw."""

from __future__ import annotations

import numpy as np
import pytest

from geo import grid as g
from geo.errors import IdentificationError
from geo.inference.panel.route_validation import validate_routes

BOX = g.grid_from_bounds((0, 0, 80_000, 30_000), "EPSG:32612", 1_000)


def ground():
    x, y = g.cell_centres(BOX)
    border = np.repeat(y[:, None] / 1_000, x.size, axis=1)
    road = 30.0 - border
    valleys = np.exp(-((((x[None, :] / 1_000) % 20 - 10) / 2.0) ** 2)) + 0.02
    density = valleys * np.exp(-border / 40)
    return (
        g.wrap(density, BOX, "density", "1"),
        g.wrap(border, BOX, "border_km", "km"),
        g.wrap(road, BOX, "road_km", "km"),
    )


def draw(weight, n, seed):
    rng = np.random.default_rng(seed)
    p = weight.ravel() / weight.sum()
    cell = rng.choice(p.size, n, p=p)
    x, y = g.cell_centres(BOX)
    row, col = np.unravel_index(cell, weight.shape)
    jitter = rng.uniform(-400, 400, (2, n))
    return x[col] + jitter[0], y[row] + jitter[1]


def test_records_drawn_from_the_model_validate_it():
    density, border, road = ground()
    found = validate_routes(density, border, road, *draw(density.values, 300, 1))
    assert found.validated
    assert found.gains["uniform"] > found.gains[found.best] > 0.2
    assert found.boyce > 0.6


def test_records_that_follow_the_border_alone_do_not():
    density, border, road = ground()
    plain = np.exp(-border.values / 8)
    refused = [
        not validate_routes(density, border, road, *draw(plain, 200, seed)).validated
        for seed in range(10)
    ]
    assert all(refused)


def test_too_few_records_are_said_to_be_too_few():
    density, border, road = ground()
    for number in (12, 0):
        with pytest.raises(IdentificationError, match="records"):
            validate_routes(density, border, road, *draw(density.values, number, 2))
