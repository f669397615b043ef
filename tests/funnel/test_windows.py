"""A wide land window by window: as the whole land says, in windows that prove wide enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from funnel_cases import on_grid, steep

from flows.stages.window_files import WindowFiles
from geo import funnel
from geo.funnel import crossing_runs, windows
from geo.leastcost import CostModel, LeastCostOptions, Resources

ROWS, COLS, ENDS = 60, 360, 6
EXACT = 1e-4
"""Of all crossings, at most: what windows may move (total variation)."""


def wide(seed=3):
    """A rough strip with six origins in the south, six destinations in the north, and a ridge."""
    rng = np.random.default_rng(seed)
    rough = on_grid(rng.normal(0, 3, (ROWS, COLS)).cumsum(0).astype(np.float32), name="elevation")
    friction = np.exp(rng.normal(0, 0.3, (ROWS, COLS))).astype(np.float32)
    friction[28:31, 100:170] = np.nan  # round which the crossings of one origin go a long way
    cost = CostModel(steep, on_grid(friction))
    hours = CostModel(steep)

    def ends(row, name):
        parts = np.array_split(np.arange(COLS), ENDS)
        masks = []
        for part in parts:
            mark = np.zeros((ROWS, COLS), bool)
            mark[row, part[5:-5]] = True
            masks.append(rough.copy(data=mark))
        return tuple(funnel.End(f"{name}-{n}", m, 1 / ENDS) for n, m in enumerate(masks))

    quantities = {
        "energy": funnel.CrossingQuantity(cost, "kJ", 1e3),
        "hours": funnel.CrossingQuantity(hours, "h", 3_600.0),
    }
    land = funnel.MovementDomain(
        rough, ends(-1, "origin"), ends(0, "goal"), LeastCostOptions(neighbours=16),
        Resources(workers=0), quantities,
    )  # fmt: skip
    return land, cost


def watch():
    seen = np.zeros((ROWS, COLS), np.float32)
    seen[20:45, 60:140] = 0.8
    return funnel.Watch({"then": on_grid(seen), "later": on_grid(seen.T.T * 0.5)}, (0.0, 1.0))


def both(monkeypatch, theta, land=None, across=14):
    posed, cost = wide()
    land = land or posed
    whole = funnel.spread_crossings(land, cost, watch(), theta)
    monkeypatch.setattr(crossing_runs, "WINDOWED_CELLS", 0)
    monkeypatch.setattr(windows, "ACROSS", across)
    return whole, funnel.spread_crossings(land, cost, watch(), theta)


def moved(one, other):
    return np.abs(one.density.values - other.density.values).sum() / 2


@pytest.mark.parametrize("theta", [0.01, 0.03, 0.3])
def test_windows_say_what_the_whole_land_says(monkeypatch, theta):
    whole, parts = both(monkeypatch, theta)
    assert parts.reached == pytest.approx(whole.reached)
    for scenario in (("then", 1.0), ("later", 1.0), ("then", 0.0)):
        one, other = whole.after(*scenario), parts.after(*scenario)
        assert moved(one, other) < EXACT
        assert other.least == pytest.approx(one.least, rel=1e-12)
        for origin, spent in one.spent.items():
            for name, found in spent.items():
                assert other.spent[origin][name].median == pytest.approx(found.median, rel=1e-3)
                assert other.spent[origin][name].mean == pytest.approx(found.mean, rel=1e-6)
    cells = sum(place.cells for place in parts.places) / (ROWS * COLS)
    if theta == 0.01:
        assert len(parts.places) > 1
        assert cells < ENDS / 2  # windows are what was asked for
    if theta == 0.3:
        assert len(parts.places) == 1
        assert cells == 1


def test_what_is_cut_off_beyond_the_kept_excess_is_little(monkeypatch):
    land, cost = wide()
    usual = funnel.spread_crossings(land, cost, watch(), 0.05).before
    monkeypatch.setattr("geo.funnel.loading.KEPT", 60.0)
    assert 0 < moved(usual, funnel.spread_crossings(land, cost, watch(), 0.05).before) < EXACT


def test_a_window_guessed_too_small_is_widened(monkeypatch):
    tried = []
    true = windows.Stretch.wider

    def counted(self, *args):
        tried.append(self)
        return true(self, *args)

    monkeypatch.setattr(windows, "MARGIN", 0.75)
    monkeypatch.setattr(windows.Stretch, "wider", counted)
    whole, parts = both(monkeypatch, 0.03)
    assert tried
    assert moved(whole.before, parts.before) < EXACT


def test_an_origin_without_a_way_is_said_in_windows_too(monkeypatch):
    land, _ = wide()
    walled = land.elevation.copy(deep=True)
    walled[50:55, :180] = np.nan
    walled[50:, 178:182] = np.nan
    whole, parts = both(monkeypatch, 0.03, replace(land, elevation=walled))
    lost = {name for name, least in whole.reached.items() if not np.isfinite(least)}
    assert lost == {name for name, least in parts.reached.items() if not np.isfinite(least)}
    assert moved(whole.before, parts.before) < EXACT


def test_a_run_killed_between_windows_goes_on_behind_them_to_the_same_bits(monkeypatch, tmp_path):
    land, cost = wide()
    monkeypatch.setattr(crossing_runs, "WINDOWED_CELLS", 0)
    monkeypatch.setattr(windows, "ACROSS", 14)
    alone = funnel.spread_crossings(land, cost, watch(), 0.01)
    true, worked = crossing_runs.Windowed._work, []

    def work(self, place):
        if len(worked) == 1:
            raise KeyboardInterrupt
        worked.append(place)
        return true(self, place)

    monkeypatch.setattr(crossing_runs.Windowed, "_work", work)
    with pytest.raises(KeyboardInterrupt):
        funnel.spread_crossings(land, cost, watch(), 0.01, WindowFiles(tmp_path))
    monkeypatch.setattr(
        crossing_runs.Windowed, "_work", lambda s, p: worked.append(p) or true(s, p)
    )
    kept = funnel.spread_crossings(land, cost, watch(), 0.01, WindowFiles(tmp_path))
    assert len(worked) == len(alone.places) > 2  # the first was not worked out again
    assert kept.reached == alone.reached
    for scenario in (("then", 1.0), ("later", 1.0), ("then", 0.0)):
        one, other = alone.after(*scenario), kept.after(*scenario)
        np.testing.assert_array_equal(one.density.values, other.density.values)
        assert one.spent == other.spent
        assert one.least == other.least
    WindowFiles(tmp_path).drop()
    assert not list((tmp_path / "windows").glob("*"))


def test_ends_of_a_window_lie_where_those_of_the_land_do():
    land, cost = wide()
    place = windows.stretches(land, cost, lambda f: windows.thinned(cost, f), 0.01)[0]
    inside = windows.cut(land, place, windows.Cutter(place.window))
    (origin, *_) = inside.origins
    assert origin.mask.sum() == land.origins[0].mask.sum()
    assert float(inside.elevation.x[0]) == float(land.elevation.x[place.window[1].start])
