"""Borders of every shape: segments along their own length, destinations deep behind them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, affinity

from geo import funnel, leastcost, locomotion, sources
from geo.errors import GridError
from geo.grid import cell_centres, grid_from_bounds, make_grid, wrap

CRS = "EPSG:32612"
SIDE = 100_000.0
GRID = grid_from_bounds((0, 0, SIDE, SIDE), CRS, 1_000)
MIDDLE = SIDE / 2


def frame(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


def turned(shape, degrees):
    return affinity.rotate(shape, degrees, origin=(MIDDLE, MIDDLE))


def marked(ends):
    """Cells of every end, and how often each cell is marked."""
    return np.sum([np.asarray(e.mask.values, int) for e in ends], axis=0)


@pytest.mark.parametrize("degrees", [0, 30, 45, 90, 135, 270])
def test_segments_and_destinations_follow_a_border_of_any_direction(degrees):
    border = frame(turned(LineString([(12_500, MIDDLE), (87_500, MIDDLE)]), degrees))
    road = frame(
        turned(LineString([(12_500, MIDDLE + 30_000), (87_500, MIDDLE + 30_000)]), degrees)
    )
    origins = funnel.border_segments(border, GRID, 15_000)
    goals = funnel.destinations([road], border, GRID, 20_000, width_m=25_000)
    assert [o.name for o in origins] == [f"segment-{n:02d}" for n in range(1, 6)]
    assert [o.weight for o in origins] == pytest.approx([0.2] * 5)
    assert len(goals) == 3
    assert marked(origins).max() == marked(goals).max() == 1
    x, y = np.meshgrid(*cell_centres(GRID))
    first, last = (np.array([x[m].mean(), y[m].mean()]) for m in
                   (np.asarray(origins[k].mask) for k in (0, -1)))  # fmt: skip
    step = last - first
    assert step[np.argmax(np.abs(step).round(-3))] > 0, "west to east, or south to north"
    assert np.hypot(*step) == pytest.approx(60_000, rel=0.03)


def test_pieces_and_gaps_loops_and_lines_drawn_twice():
    whole = LineString([(10_000, 20_000), (50_000, 20_000), (90_000, 30_000)])
    west = LineString([(10_000, 20_000), (30_000, 20_000)])
    middle = LineString([(50_000, 20_000), (30_000, 20_000)])
    east = LineString([(90_000, 30_000), (50_000, 20_000)])
    pieces = frame(east, west, middle, west)
    joined = funnel.BorderLine.of(pieces, GRID)
    assert [p.length for p in joined.pieces] == pytest.approx([whole.length])
    gap = frame(LineString([(5_000, 20_000), (35_000, 20_000)]),
                LineString([(65_000, 20_000), (95_000, 20_000)]))  # fmt: skip
    origins = funnel.border_segments(gap, GRID, 15_000)
    assert [o.weight for o in origins] == pytest.approx([0.25] * 4)
    for origin in origins:
        columns = np.flatnonzero(np.asarray(origin.mask).any(axis=0))
        assert columns[-1] - columns[0] <= 16, "no segment reaches across a wide gap"
    line = funnel.BorderLine.of(gap, GRID)
    assert line.position_m([5_000, 35_000, 49_000, 65_000, 95_000], [0] * 5) == pytest.approx(
        [0, 30_000, 30_000, 30_000, 60_000], abs=1e-3
    )
    ring = frame(Point(MIDDLE, MIDDLE).buffer(20_000).exterior)
    around = funnel.border_segments(ring, GRID, 20_000)
    assert len(around) == 6
    assert [o.weight for o in around] == pytest.approx([1 / 6] * 6)
    road = frame(Point(MIDDLE, MIDDLE).buffer(45_000).exterior, Point(MIDDLE, MIDDLE))
    goals = funnel.destinations([road], ring, GRID, 15_000, width_m=40_000)
    assert len(goals) == 3
    own = funnel.destinations([road], ring, GRID, 15_000, side=1, width_m=40_000)
    assert marked(own).sum() < 10, "of a loop that is drawn anticlockwise the inside is left"


@settings(max_examples=40)
@given(
    corners=st.lists(
        st.tuples(st.floats(-20_000, 120_000), st.floats(-20_000, 120_000)), min_size=2, max_size=6
    ),
    depth=st.floats(1e-3, 60_000),
    cell=st.sampled_from([700.0, 1_000.0, 4_000.0]),
)
def test_origins_and_destinations_never_share_ground(corners, depth, cell):
    grid = grid_from_bounds((0, 0, SIDE, SIDE), CRS, cell)
    border = frame(LineString(corners))
    roads = frame(
        *(LineString([(0, y), (SIDE, y)]) for y in (1_000, 35_000, 80_000)), *border.geometry
    )
    try:
        origins = funnel.border_segments(border, grid)
        goals = funnel.destinations([roads], border, grid, depth)
    except GridError:
        return
    assert not (marked(origins) * marked(goals)).any()
    assert sum(o.weight for o in origins) == pytest.approx(1.0)
    line = funnel.BorderLine.of(border, grid)
    x, y = cell_centres(grid)
    rows, cols = np.nonzero(marked(goals))
    assert (line.distance_m(x[cols], y[rows]) >= depth).all()


def test_a_shallow_area_is_told_the_depth_that_would_fit():
    border = frame(LineString([(0, 10_000), (SIDE, 10_000)]))
    road = frame(LineString([(0, 52_300), (SIDE, 52_300)]))
    with pytest.raises(GridError, match="crossing_depth_m = 42000") as told:
        funnel.destinations([road], border, GRID, 60_000)
    assert "42.5 km" in str(told.value)
    assert funnel.destinations([road], border, GRID, 42_000)


def test_members_draw_a_depth_no_deeper_than_the_study_allows():
    low, high = funnel.depths(60_000, 75_000)
    assert (low, high) == (40_000, 75_000)
    assert funnel.depths(6_000, 75_000) == pytest.approx((4_000, 10_000))
    reference = funnel.Member("lcda_graded", "tobler_off_path", "adult", 0.05)
    members = funnel.design(reference, 30, np.random.default_rng(3), (low, high))
    drawn = [m.depth_m for m in members[1:]]
    assert members[0].depth_m is None
    assert low <= min(drawn) < 45_000
    assert 70_000 < max(drawn) <= high


def test_a_segment_that_gets_nowhere_is_named_with_the_reason():
    border = frame(LineString([(0, 10_500), (SIDE, 10_500)]))
    road = frame(LineString([(0, 80_500), (SIDE, 80_500)]))
    height = np.zeros(tuple(GRID.shape), np.float32)
    height[:, :20] = np.nan  # no land is known behind the first segment
    walkable = np.ones(height.shape, bool)
    walkable[60:62, 80:] = walkable[:60, 80] = False  # water around the last
    walkable[60:, 79] = False
    walkable[86:, 40:60] = False  # and under the third
    elevation, ground = wrap(height, GRID, "elevation", "m"), wrap(walkable, GRID, "open", "1")
    found = funnel.cut_off(elevation, ground, border, [road], 60_000)
    said = found.cut_off
    assert (found.segments, found.deepest_m) == (5, pytest.approx(70_000, abs=1_000))
    assert [s.split(" of the border")[0] for s in said] == [
        "segment-01",
        "segment-03",
        "segment-05",
    ]
    for sentence, reason in zip(said, ("no elevation", "water", "lies between"), strict=True):
        assert reason in sentence
    with pytest.raises(GridError, match=r"movement\.crossing_depth_m"):
        funnel.cut_off(elevation, ground, border, [road], 90_000)
    # the run itself finds the same, and says it in its table
    origins = funnel.border_segments(border, GRID)
    goals = funnel.destinations([road], border, GRID, 60_000)
    bare = wrap(np.where(walkable, 1.0, np.inf).astype(np.float32), GRID, "friction", "1")
    cost = leastcost.CostModel(locomotion.time_per_metre(metre="horizontal"), bare)
    land = funnel.MovementDomain(
        elevation, origins, goals, leastcost.LeastCostOptions(), leastcost.Resources()
    )
    reached = funnel.spread_crossings(land, cost, funnel.Watch({}, (0.0,)), 0.1).reached
    table = funnel.crossing_facts(land, reached, 60_000, (40_000.0, 66_600.0))
    told = table.set_index("aspect")
    assert list(told.index[-3:]) == ["segment-01", "segment-03", "segment-05"]
    assert [f"Left out: {s}." for s in said] == list(told["sentence"].iloc[-3:])
    assert told.loc["segments left out", "value"] == 3
    assert told.loc["depth drawn to", "value"] == pytest.approx(66.6)
    assert "67 km" in told.loc["depth drawn to", "sentence"]
    whole = funnel.crossing_facts(land, reached, 60_000, None)
    assert "No ensemble" in whole.set_index("aspect").loc["depth drawn", "sentence"]


@pytest.mark.real
@pytest.mark.parametrize("cell", [4_000.0, 1_200.0, 800.0, 600.0, 30.0])
def test_arizonas_highways_that_touch_the_line_are_no_destination_there(real_data, cell):
    boundaries = real_data / "boundaries"
    border = sources.read(boundaries / "usmx84.zip", role="border", source_id="border").records
    roads = sources.read(
        boundaries / "tl_2021_04_prisecroads.shp", role="roads", source_id="roads"
    ).records
    # 30 m around Nogales and Tucson, whose highway runs into the line; the whole state otherwise
    bounds = (-111.4, 31.2, -110.6, 32.4) if cell < 100 else (-114.9, 31.2, -109.0, 34.0)
    grid = make_grid(bounds, CRS, cell)
    inland = funnel.Inland.of([roads], border, grid)
    goals = inland.beyond(60_000)
    touching = inland.distance_m < 2 * cell
    assert touching.any(), "highways come up to the border"
    origins = funnel.border_segments(border, grid)
    line = funnel.BorderLine.of(border, grid)
    x, y = cell_centres(grid)
    starts = np.logical_or.reduce([np.asarray(o.mask) for o in origins])
    for goal in goals:
        mask = np.asarray(goal.mask)
        assert not (mask & starts).any()
        rows, cols = np.nonzero(mask)
        assert line.distance_m(x[cols], y[rows]).min() >= 60_000
    assert len(origins) == len(line.cuts(20_000)) - 1
