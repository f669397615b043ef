"""Range, not viewshed: a thinned disc, added up alike on surfaces, in doses and at points."""

from __future__ import annotations

import numpy as np
import pytest

from geo import funnel
from geo.errors import UnitsError
from geo.grid import grid_of, wrap
from geo.visibility import LINES, Looking, Sight, coverage, drawn_dose, drawn_sight, sight_on

from .scenes import at, period, raster, towers

CELL_M = 800.0
SHARE = 0.26
PERIODS = [period("y2010", "2009-10-01", "2010-10-01"), period("y2011", "2010-10-01", "2011-10-01")]


@pytest.fixture(scope="module")
def ground():
    """A plain with a wall across it and one void."""
    z = np.full((40, 60), 300.0, np.float32)
    z[:, 20] = 900.0
    z[5, 5] = np.nan
    return raster(z, CELL_M)


@pytest.fixture(scope="module")
def pair(ground):
    """Two towers whose discs overlap, the second a year later."""
    start = ["2009-10-01", "2010-10-01"]
    return towers(ground, [(20, 15), (20, 22)], range_m=12_070.0, active_from_earliest=start,
                  active_from_latest=start)  # fmt: skip


def test_cells_decide_how_views_are_told_and_made_up_land_keeps_its_viewsheds():
    assert sight_on(100) == sight_on(500, exact=True) == LINES
    assert sight_on(800).share == SHARE
    drawn = [drawn_sight(sight_on(800), np.random.default_rng(n)).share for n in range(50)]
    assert min(drawn) >= SHARE
    assert max(drawn) <= 0.38
    assert np.ptp(drawn) > 0.08
    assert drawn_sight(LINES, np.random.default_rng(1)) == LINES
    with pytest.raises(UnitsError, match="share"):
        Sight(1.5)


def test_a_disc_is_thinned_and_towers_add_up_as_independent(ground, pair):
    found = coverage(ground, pair, PERIODS, sight=Sight(SHARE))
    assert found.attrs["exposure"] == "range"
    first, second = (found["in_view"].sel(period=p.id).values for p in PERIODS)
    assert set(np.unique(first)) == {0.0, np.float32(SHARE)}
    cells = (first > 0).sum()
    assert cells == pytest.approx(np.pi * (12_070 / CELL_M) ** 2, rel=0.03)
    assert (first[20, 21:28] > 0).all(), "a wall hides nothing: no line of sight is drawn"
    assert first[5, 5] == second[5, 5] == 0, "a void is in nobody's range"
    both = np.float32(1 - (1 - SHARE) ** 2)
    assert set(np.unique(second)) == {0.0, np.float32(SHARE), both}
    lines = coverage(ground, pair, PERIODS)
    assert lines.attrs["exposure"] == "view"
    assert (lines["in_view"].values[0][20, 22:30] == 0).all(), "with lines of sight it does"


def test_doses_and_points_agree_with_the_surface(ground, pair):
    grid = grid_of(ground)
    labels = wrap(np.repeat([[0] * 30 + [1] * 30], 40, axis=0).astype(np.int16), grid, "c", "1")
    labels.attrs["names"] = ["west", "east"]
    weights = np.random.default_rng(3).uniform(0, 1, ground.shape)
    density = wrap(np.where(np.isfinite(ground), weights, 0), grid, "density", "1")
    x, y = at(ground, 20, 18)
    found = drawn_dose(
        ground, [pair, pair], PERIODS, density, labels, points=([x], [y]),
        looking=Looking(sight=Sight(SHARE)), sights=[Sight(SHARE), Sight(0.38)],
    )  # fmt: skip
    surface = coverage(ground, pair, PERIODS, sight=Sight(SHARE))["in_view"]
    table = funnel.dose(surface, density, labels)
    ours = found.isel(draw=0)
    for row in table.itertuples():
        mine = ours.sel(period=row.period, corridor=row.corridor)
        assert float(mine["dose"]) == pytest.approx(row.dose, rel=1e-5)
        assert float(mine["area_share"]) == pytest.approx(row.area_share, rel=1e-5)
    assert found["seen"].values[:, :, 0] == pytest.approx(
        np.array([[SHARE, 1 - (1 - SHARE) ** 2], [0.38, 1 - 0.62**2]]), rel=1e-6
    )
    assert (found["dose"].values[1] > found["dose"].values[0]).all()
