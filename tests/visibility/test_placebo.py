"""Placebo towers: alike, apart, never written; and their dose is the dose."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from geo.errors import ContractError
from geo.funnel import dose
from geo.grid import cell_centres, grid_of, wrap
from geo.visibility import (
    Matching,
    coverage,
    dated,
    drawn_dose,
    moved,
    placebo_coverage,
    placebo_dose,
    placebo_sites,
)

from .reference import rough
from .scenes import CRS, period, raster, towers

PERIODS = [period("a", "2009-01-01", "2010-06-01"), period("b", "2010-06-01", "2012-01-01")]
MATCHING = Matching(300.0, 900.0, 400.0, 60.0, 30)


@pytest.fixture(scope="module")
def scene():
    ground = raster(rough(240, 12, relief_m=500.0))
    grid = grid_of(ground)
    i, j = np.mgrid[:240, :240]
    density = wrap(np.exp(-(((j - 90) / 40.0) ** 2)).astype(np.float32), grid, "density", "1")
    labels = np.where(i < 20, -1, np.where(j < 120, 0, 1)).astype(np.int16)
    corridors = wrap(labels, grid, "corridor", "1", names=["west", "east"])
    cells = [(60, 80), (100, 95), (150, 85), (200, 100), (120, 140)]
    start = ["2009-06-01", "2010-01-01", "2010-01-01", "2010-09-01", "2011-01-01"]
    table = towers(
        ground,
        cells,
        range_m=1_200.0,
        height_m=[20.0, 30.0, 30.0, 25.0, 25.0],
        active_from_earliest=start,
        active_from_latest=start,
        active_to_earliest=["2011-01-01", None, None, None, None],
        active_to_latest=["2011-01-01", None, None, None, None],
    )
    return ground, density, corridors, table, np.array(cells)


def _draw(scene, draws=40, seed=1, **more):
    ground, density, _, table, _ = scene
    rng = np.random.default_rng(seed)
    return placebo_sites(
        ground, table, density, draws=draws, generator=rng, **{"matching": MATCHING, **more}
    )


def test_sites_are_alike_apart_and_seeded(scene):
    *_, cells = scene
    found = _draw(scene, 200)
    assert found.cells.shape == (200, 5, 2)
    assert (found.balance["difference_sd"].abs() < 0.5).all()
    gap = np.sqrt(((found.cells[:, :, None] - cells) ** 2).sum(-1)) * 30.0
    assert gap.min() > 400.0
    for draw in found.cells:
        assert len({tuple(c) for c in draw}) == 5
    np.testing.assert_array_equal(_draw(scene, 200).cells, found.cells)
    assert (_draw(scene, 200, seed=2).cells != found.cells).any()
    assert len({c.tobytes() for c in found.cells}) > 150


def test_sites_follow_route_density(scene):
    """Towers stand where people walked; so must placebos, or the test would be too easy."""
    _, density, _, _, _ = scene
    found = _draw(scene, 100)
    at = density.values[found.cells[..., 0], found.cells[..., 1]]
    assert at.mean() > 1.5 * float(density.mean())


def test_feasible_ground_is_respected(scene):
    ground, *_ = scene
    south = wrap(np.arange(240)[:, None] + np.zeros((1, 240)) >= 120, grid_of(ground), "ok", "1")
    assert _draw(scene, feasible=south).cells[..., 0].min() >= 120
    nowhere = south & False
    with pytest.raises(ContractError, match="candidates"):
        _draw(scene, feasible=nowhere)


def test_dose_is_the_dose_of_towers_on_those_sites(scene):
    """The running tally, a surface of every draw and `geo.funnel.dose` say the same."""
    ground, density, corridors, table, _ = scene
    found = _draw(scene, 6)
    rng = np.random.default_rng(3)
    x, y = cell_centres(grid_of(ground))
    row, col = rng.integers(0, 240, (2, 300))
    outside = np.append(x[col], 0.0), np.append(y[row], 0.0)
    drawn = placebo_dose(found, PERIODS, corridors, points=outside)
    surfaces = placebo_coverage(found, PERIODS)
    for draw, surface in enumerate(surfaces):
        moved_there = towers(ground, [tuple(c) for c in found.cells[draw]])
        in_view = coverage(ground, table.assign(geometry=moved_there.geometry), PERIODS).in_view
        np.testing.assert_allclose(surface, in_view, atol=1e-6)
        at = drawn.seen[draw].values
        np.testing.assert_allclose(at[:, :-1], surface.values[:, row, col], atol=1e-6)
        assert not at[:, -1].any()
        expected = dose(in_view, density, corridors).set_index(["period", "corridor"]).sort_index()
        ours = drawn.drop_vars("seen").isel(draw=draw).to_dataframe().sort_index()
        for column in ("dose", "area_share"):
            np.testing.assert_allclose(ours[column], expected[column], rtol=1e-6)
    assert drawn.dose.values.max() <= 1.0
    assert (drawn.dose.sel(period="b").values.sum(axis=1) > 0).all()


def test_drawn_dates_and_places_move_the_dose(scene):
    ground, density, corridors, table, _ = scene
    loose = table.assign(
        active_from_latest=table["active_from_earliest"] + np.timedelta64(300, "D"),
        location_uncertainty_m=300.0,
    )
    rng = np.random.default_rng(8)
    draws = [moved(dated(loose, "draw", rng), ground, rng) for _ in range(5)]
    found = drawn_dose(ground, [*draws, table], PERIODS, density, corridors)
    expected = dose(coverage(ground, table, PERIODS).in_view, density, corridors)
    wide = expected.pivot_table(index="period", columns="corridor", values="dose")
    last = found.dose[-1].transpose("period", "corridor")
    np.testing.assert_allclose(last.sel(corridor=["east", "west"]), wide, rtol=1e-6)
    assert len(np.unique(found.dose[:5].sum(("period", "corridor")))) == 5
    shift = draws[0].to_crs(CRS).distance(table.to_crs(CRS))
    assert shift.max() <= 300.0 + 1.0
    assert shift.max() > 30.0
    land = drawn_dose(ground, [table], PERIODS, None, corridors)
    np.testing.assert_array_equal(land.dose, land.area_share)


def test_sites_cannot_leave_memory(scene):
    found = _draw(scene, 2)
    with pytest.raises(TypeError, match="keep them in memory"):
        pickle.dumps(found)
    assert repr(found) == "PlaceboSites(draws=2, towers=5)"
