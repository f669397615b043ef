"""Catchments: nested in corridors, even, and still there after a small change of cost."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from funnel_cases import flat, on_grid
from scipy.ndimage import gaussian_filter
from shapely.geometry import LineString, box

from geo import funnel
from geo.errors import CostError
from geo.grid import grid_of
from geo.leastcost import CostModel, Resources
from geo.locomotion import energy_per_metre, walker

ROWS, COLS = 100, 480
CELL = 400.0
SERIAL = Resources(workers=0)
ENERGY = energy_per_metre(walker("adult-light"))


def rough(seed=5):
    noise = np.random.default_rng(seed).standard_normal((ROWS, COLS))
    height = gaussian_filter(noise, 6) * 3_000 + gaussian_filter(noise, 1) * 120
    return on_grid(height.astype(np.float32), CELL, "elevation")


def southern(elevation):
    mark = np.zeros(elevation.shape, bool)
    mark[-1] = True
    return elevation.copy(data=mark)


def corridors(elevation, shares):
    """Strips from south to north, as wide as their shares say."""
    area = grid_of(elevation).boundingbox
    edges = area.left + (area.right - area.left) * np.cumsum([0.0, *shares])
    frame = gpd.GeoDataFrame(
        {"corridor": [f"corridor {n}" for n in range(len(shares))]},
        geometry=[box(left, area.bottom, right, area.top) for left, right in pairwise(edges)],
        crs=str(grid_of(elevation).crs),
    )
    return funnel.corridor_labels(frame, grid_of(elevation))


def line(elevation, north=False):
    grid = grid_of(elevation)
    area = grid.boundingbox
    half = CELL / 2
    start = (area.left + half if north else area.left, area.bottom + (0 if north else half))
    end = (area.left + half, area.top) if north else (area.right, area.bottom + half)
    frame = gpd.GeoDataFrame(geometry=[LineString([start, end])], crs=str(grid.crs))
    return funnel.BorderLine.of(frame, grid)


def test_flat_ground_is_entered_straight_across_and_shared_evenly():
    ground = on_grid(np.zeros((ROWS, COLS), np.float32), CELL, "elevation")
    entry = funnel.border_entry(ground, southern(ground), line(ground), CostModel(flat), run=SERIAL)
    np.testing.assert_allclose(entry.values, np.tile(CELL * (np.arange(COLS) + 0.5), (ROWS, 1)))
    labels = corridors(ground, [1 / 3, 2 / 3])
    found = funnel.catchments(entry, labels, wanted=6)
    assert found.attrs["names"] == [
        *(f"corridor 0 / {n}" for n in (1, 2)),
        *(f"corridor 1 / {n}" for n in (1, 2, 3, 4)),
    ]
    assert np.bincount(found.values.ravel()).tolist() == [ROWS * COLS // 6] * 6


def test_every_catchment_lies_in_its_corridor_and_every_corridor_has_one():
    ground = rough()
    entry = funnel.border_entry(
        ground, southern(ground), line(ground), CostModel(ENERGY, length="horizontal"), run=SERIAL
    )
    labels = corridors(ground, [0.02, 0.28, 0.3, 0.4])
    found = funnel.catchments(entry, labels, wanted=24)
    names, parents = found.attrs["names"], found.attrs["corridors"]
    assert 20 <= len(names) <= 30
    assert len(set(names)) == len(names) == len(parents)
    assert (found.values >= 0).all()
    for number, parent in enumerate(parents):
        inside = labels.values[found.values == number]
        assert {labels.attrs["names"][k] for k in np.unique(inside)} == {parent}
    assert set(parents) == set(labels.attrs["names"])


@pytest.mark.parametrize("reach_cells", [0.0, 10.0])
def test_a_hundredth_of_the_cost_moves_few_cells(reach_cells):
    """Noise from cell to cell, which routes average out, and noise of whole hills."""
    ground, labels = rough(), corridors(rough(), [1 / 12] * 12)

    def labelled(noise):
        cost = CostModel(ENERGY, on_grid(np.exp(noise).astype(np.float32), CELL), "horizontal")
        return funnel.catchments(
            funnel.border_entry(ground, southern(ground), line(ground), cost, run=SERIAL), labels
        )

    first = labelled(np.zeros(ground.shape))
    for seed in range(3):
        noise = np.random.default_rng(seed).standard_normal(ground.shape)
        noise = gaussian_filter(noise, reach_cells) if reach_cells else noise
        second = labelled(0.01 * noise / noise.std())
        assert second.attrs["names"] == first.attrs["names"]
        assert (first.values != second.values).mean() < 0.05


def test_a_border_that_runs_north_is_cut_from_south_to_north():
    ground = on_grid(np.zeros((COLS, ROWS), np.float32), CELL, "elevation")
    mark = np.zeros(ground.shape, bool)
    mark[:, 0] = True
    entry = funnel.border_entry(
        ground, ground.copy(data=mark), line(ground, north=True), CostModel(flat), run=SERIAL
    )
    found = funnel.catchments(entry, corridors(ground, [1.0]), wanted=4)
    assert [found.values[-1, 5], found.values[0, 5]] == [0, 3]


def test_ground_beyond_every_way_has_no_catchment():
    ground = rough()
    ground.values[40] = np.nan
    ground.values[41] = np.nan
    entry = funnel.border_entry(
        ground, southern(ground), line(ground), CostModel(ENERGY, length="horizontal"), run=SERIAL
    )
    found = funnel.catchments(entry, corridors(ground, [0.5, 0.5]))
    assert (found.values[:40] == -1).all()
    assert (found.values[42:] >= 0).all()
    with pytest.raises(CostError, match="reaches no cell"):
        funnel.catchments(entry * np.nan, corridors(ground, [1.0]))
