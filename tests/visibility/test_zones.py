"""Programme zones on the ground: any direction of border, drawn within bounds, union in time."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import affinity
from shapely.geometry import LineString, Point

from geo.grid import make_grid, outline
from geo.records import ZONES
from geo.study import Period
from geo.visibility.zones import Frontier, before_towers, settle, version

CRS = "EPSG:32612"
GRID = make_grid((-112.0, 31.0, -110.0, 32.5), CRS, 1_000)
BOX = GRID.boundingbox
CENTRE = ((BOX.left + BOX.right) / 2, (BOX.bottom + BOX.top) / 2)
END = date(2024, 10, 1)


def table(**changes: object) -> gpd.GeoDataFrame:
    """Return one zone of 30 by 15 km around the middle of the grid, at work from 2010."""
    row = {
        "zone_id": "a", "source_id": "s", "source_row": 1, "name": "A", "programme": "ift",
        "active_from_earliest": "2010-01-01", "active_from_latest": "2010-01-01",
        "span_low_km": 30.0, "span_high_km": 30.0, "depth_low_km": 15.0, "depth_high_km": 15.0,
        "shift_km": 0.0, "side": "both", "extent": "sourced", "extent_of": "span",
        "citation": "c", "confirmations": 1, **changes,
    }  # fmt: skip
    frame = gpd.GeoDataFrame([row], geometry=[Point(CENTRE)], crs=CRS)
    return ZONES.conform(frame.to_crs(4326))  # type: ignore[return-value]


def border(angle: float) -> gpd.GeoDataFrame:
    line = LineString([(CENTRE[0] - 2e5, CENTRE[1]), (CENTRE[0] + 2e5, CENTRE[1])])
    return gpd.GeoDataFrame(geometry=[affinity.rotate(line, angle)], crs=CRS)


@pytest.mark.parametrize("angle", [0.0, 90.0, 45.0, 200.0])
def test_a_span_has_the_same_ground_whatever_the_direction_of_the_border(angle: float) -> None:
    found = version(table(), Frontier.of(border(angle), GRID), END)
    assert found.cells[0].sum() == pytest.approx(30 * 30, rel=0.05)


def test_a_side_halves_it_and_pieces_of_line_do_not_matter() -> None:
    whole = border(0.0)
    cut = gpd.GeoDataFrame(
        geometry=[
            LineString([(CENTRE[0] + 5e3, CENTRE[1]), (CENTRE[0] + 2e5, CENTRE[1])]),
            LineString([(CENTRE[0] + 5e3, CENTRE[1]), (CENTRE[0] - 2e5, CENTRE[1])]),
        ],
        crs=CRS,
    )
    north = [version(table(side="north"), Frontier.of(b, GRID), END).cells for b in (whole, cut)]
    assert north[0].sum() == pytest.approx(30 * 15, rel=0.08)
    assert np.array_equal(*north)
    y = GRID.coordinates["y"].values
    assert y[np.argwhere(north[0][0])[:, 0]].min() >= CENTRE[1] - 1_000


def test_a_zone_of_another_border_covers_nothing() -> None:
    far = table()
    far["geometry"] = [Point(20.0, 40.0)]
    assert not version(far, Frontier.of(border(0.0), GRID), END).cells.any()


def test_draws_stay_between_the_narrowest_and_the_widest() -> None:
    zone = table(span_low_km=10.0, span_high_km=60.0, depth_low_km=10.0, depth_high_km=30.0,
                 active_from_latest="2012-12-31")  # fmt: skip
    frontier = Frontier.of(border(30.0), GRID)
    least, most = (version(zone, frontier, END, r) for r in ("narrowest", "widest"))
    rng = np.random.default_rng(5)
    sizes, starts = set(), set()
    for _ in range(20):
        drawn = version(zone, frontier, END, "draw", rng)
        assert (drawn.cells >= least.cells).all()
        assert (drawn.cells <= most.cells).all()
        sizes.add(int(drawn.cells.sum()))
        starts.add(drawn.zones["active_from_latest"].iloc[0])
    assert len(sizes) > 10
    assert len(starts) > 10
    again = version(zone, frontier, END, "draw", np.random.default_rng(5))
    first = version(zone, frontier, END, "draw", np.random.default_rng(5))
    assert np.array_equal(again.cells, first.cells)


def test_what_replaces_a_zone_carries_its_ground_and_dose_on_without_a_gap() -> None:
    old = table(zone_id="old", active_to_earliest="2018-10-01", active_to_latest="2019-03-31")
    new = table(zone_id="new", replaces="old", extent_of="replaced", span_low_km=np.nan,
                span_high_km=np.nan, depth_low_km=np.nan, depth_high_km=np.nan, source_row=2,
                active_from_earliest="2018-10-01", active_from_latest="2019-03-31")  # fmt: skip
    both = gpd.GeoDataFrame(pd.concat([old, new], ignore_index=True), crs=4326)
    frontier = Frontier.of(border(0.0), GRID)
    years = [Period(id=f"y{y}", label="", start=date(y - 1, 10, 1), end=date(y, 10, 1))
             for y in (2009, 2010, 2018, 2019, 2020)]  # fmt: skip
    rng = np.random.default_rng(1)
    for rule in ("midpoint", "draw", "draw"):
        found = version(both, frontier, END, rule, rng)  # type: ignore[arg-type]
        inside = found.share(years, GRID).values[:, found.cells[0]].mean(axis=1)
        assert inside[0] == 0.0
        assert inside[1] == pytest.approx(273 / 365, abs=1e-3)
        assert inside[2:] == pytest.approx(1.0)


@pytest.mark.slow
def test_an_open_start_falls_beyond_the_window_half_the_time_and_at_its_middle() -> None:
    zone = table(active_from_earliest="2020-03-01", active_from_latest=None)
    rng = np.random.default_rng(2)
    drawn = [settle(zone, END, "draw", rng)["active_from_latest"].iloc[0] for _ in range(400)]
    late = np.mean([d >= pd.Timestamp(END) for d in drawn])
    assert 0.4 < late < 0.6
    assert settle(zone, END)["active_from_latest"].iloc[0] >= pd.Timestamp(END)
    assert not before_towers(zone, date(2007, 6, 1)).any()
    legacy = table(active_from_earliest="1996-01-01", active_from_latest="2004-09-30")
    assert before_towers(legacy, date(2007, 6, 1)).all()


def test_an_outline_is_the_area_of_the_cells() -> None:
    cells = version(table(), Frontier.of(border(0.0), GRID), END).cells[0]
    assert outline(cells, GRID, 100.0).area == pytest.approx(cells.sum() * 1e6, rel=0.01)
