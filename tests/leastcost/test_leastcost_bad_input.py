"""Every mistake a caller can make ends in one sentence that says what to do."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from leastcost_cases import CELL, at, by_graph, raster, rough
from odc.geo.geobox import GeoBox

from geo import grid
from geo.errors import CostError, GridError
from geo.leastcost import CostModel, LeastCostOptions, Resources, SlopeTable, accumulate

SHAPE = (20, 30)
FLAT = raster(np.zeros(SHAPE))
START = at(SHAPE, (10, 10))


def even(slope):
    return np.ones_like(slope)


def on(box, values):
    return grid.wrap(values, box, "r", "1")


def test_geographic_crs_and_oblong_cells():
    degrees = GeoBox.from_bbox((-112, 31, -111, 32), "EPSG:4326", resolution=0.1)
    rasters = [on(degrees, np.zeros(degrees.shape)), on(degrees, np.ones(degrees.shape, bool))]
    with pytest.raises(GridError, match="not projected in metres"):
        accumulate(*rasters, even)
    oblong = GeoBox.from_bbox((0, 0, 600, 600), "EPSG:32612", shape=(10, 20))
    rasters = [on(oblong, np.zeros(oblong.shape)), on(oblong, np.ones(oblong.shape, bool))]
    with pytest.raises(GridError, match="square cells"):
        accumulate(*rasters, even)


def test_rasters_of_other_grids_dims_or_kinds():
    with pytest.raises(GridError, match="grid"):
        accumulate(FLAT, at((20, 31), (1, 1)), even)
    where = {"y": START.y.values, "x": START.x.values}
    placed = xr.DataArray(START.values, where, ("y", "x"))
    with pytest.raises(GridError, match=r"^sources: .* no CRS"):
        accumulate(FLAT, placed, even)
    mask = xr.DataArray(START.values, dims=("y", "x"))
    xr.testing.assert_identical(accumulate(FLAT, mask, even), accumulate(FLAT, START, even))
    with pytest.raises(GridError, match=r"\(y, x\)"):
        accumulate(FLAT.expand_dims("period"), START, even)
    with pytest.raises(CostError, match="not boolean"):
        accumulate(FLAT, START.astype("uint8"), even)
    with pytest.raises(CostError, match="DataArray"):
        CostModel(even, friction=np.ones(SHAPE))


@pytest.mark.parametrize(
    "cost", [lambda s: s * np.nan, lambda s: -1.0, lambda s: 0 * s, lambda s: 1 / np.abs(s) ** 900]
)
def test_cost_that_is_not_positive_and_finite(cost):
    with (
        np.errstate(divide="ignore", over="ignore"),
        pytest.raises(CostError, match="positive and finite"),
    ):
        accumulate(FLAT, START, cost)


def test_friction_that_is_not_positive():
    friction = np.ones(SHAPE)
    friction[2, 3:5] = 0, -1
    with pytest.raises(CostError, match="zero or negative at 2 cells"):
        accumulate(FLAT, START, CostModel(even, raster(friction)))


@pytest.mark.parametrize(("rule", "reached"), [("clamp", True), ("barrier", False)])
def test_slope_outside_the_table(rule, reached):
    cliff = raster(np.where(np.arange(30) < 20, 0, 100.0) * np.ones(SHAPE))
    with pytest.raises(CostError, match=r"slope 3\.333, outside the slope table"):
        accumulate(cliff, START, SlopeTable((-1, 1), (1, 2)), neighbours=8)
    cost = accumulate(cliff, START, SlopeTable((-1, 1), (1, 2), rule), neighbours=8).cost
    assert np.isfinite(cost.values[:, 20:]).all() == reached
    assert np.isfinite(cost.values[:, :20]).all()


def test_a_table_that_is_no_table():
    for slope, cost, message in [
        ((0.0,), (1.0,), "two or more"),
        ((0.0, 1.0), (1.0,), "one cost per slope"),
        ((1.0, 0.0), (1.0, 1.0), "decrease or are not finite"),
        ((0.0, np.nan), (1.0, 1.0), "finite"),
        ((0.0, 0.5, 0.5, 0.5, 1.0), (1.0,) * 5, "three times"),
        ((0.0, 1.0), (1.0, -2.0), "positive"),
    ]:
        with pytest.raises(CostError, match=message):
            SlopeTable(slope, cost)
    with pytest.raises(CostError, match="outside"):
        SlopeTable((0, 1), (1, 1), "wrap")
    with pytest.raises(CostError, match="cost table is a float"):
        CostModel(1.0)


def test_no_source_or_one_on_a_barrier():
    with pytest.raises(CostError, match="no source lies inside"):
        accumulate(FLAT, START & False, even)
    with pytest.raises(CostError, match="no source lies inside"):
        accumulate(FLAT, START, even, bounds=(20 * CELL, 0, 30 * CELL, 20 * CELL))
    with pytest.raises(CostError, match="1 of 1 source cells lie on a barrier"):
        accumulate(FLAT.where(~START), START, even)


def test_an_unreachable_target_is_nan_and_said():
    friction = np.ones(SHAPE)
    friction[:, 15] = np.inf
    cost = accumulate(FLAT, START, CostModel(even, raster(friction))).cost
    assert np.isnan(cost.values[:, 15:]).all()
    assert cost.attrs["unreached"].startswith("300 cells")


def test_choices_that_do_not_exist():
    for wrong in (
        {"neighbours": 4},
        {"direction": "up"},
        {"dtype": "int32"},
        {"max_cost": -1.0},
        {"length": "diagonal"},
    ):
        with pytest.raises(CostError, match=r"possible|positive"):
            CostModel(even, **wrong) if "length" in wrong else LeastCostOptions(**wrong)
    with pytest.raises(TypeError, match="unknown choice colour"):
        accumulate(FLAT, START, even, colour="red")
    with pytest.raises(GridError, match="bounds"):
        accumulate(FLAT, START, even, bounds=(9e6, 9e6, 9.1e6, 9.1e6))


def test_a_store_that_holds_something_else(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CostError, match="choose"):
        accumulate(FLAT, START, even, run=Resources(store_path=tmp_path / "taken"))


def test_extreme_friction_stays_exact():
    """Six orders of magnitude between neighbours: buckets widen, the result does not change."""
    z, _, sources = rough((60, 60), 8, barriers=0.0)
    f = 10 ** np.random.default_rng(1).uniform(-3, 3, z.shape)
    model = CostModel(even, raster(f))
    ours = accumulate(raster(z), sources, model, dtype="float64", neighbours=8).cost.values
    np.testing.assert_allclose(ours, by_graph(z, f, sources, even, 8), rtol=5e-6)
