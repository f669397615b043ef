"""Agreement with independent implementations: scipy, scikit-image, GRASS r.cost and r.walk."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leastcost_cases import CELL, at, by_graph, grass, raster, rough
from skimage.graph import MCP_Geometric

from geo import grid
from geo.leastcost import CostModel, SlopeTable, accumulate
from geo.leastcost import field as solver

JUMP = SlopeTable((-9.0, -0.21, -0.21, 0.0, 9.0), (12.0, 3.0, 1.0, 1.5, 40.0))
TABLES = {
    "kink": lambda s: 1 + np.exp(3.5 * np.abs(s + 0.05)) / 9,
    "even": np.ones_like,
    "jump": JUMP,
}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shape=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    seed=st.integers(0, 10_000),
    side=st.integers(3, 26),
    neighbours=st.sampled_from([8, 16, 32]),
    barriers=st.sampled_from([0.0, 0.15, 0.4]),
    table=st.sampled_from(sorted(TABLES)),
    length=st.sampled_from(["surface", "horizontal"]),
    direction=st.sampled_from(["from", "to"]),
)
def test_any_small_grid_agrees_with_a_graph(
    shape, seed, side, neighbours, barriers, table, length, direction
):
    if shape[0] * shape[1] < 4:
        shape = (2, 3)
    z, f, sources = rough(shape, seed, barriers if shape[0] * shape[1] > 40 else 0.0)
    model = CostModel(TABLES[table], raster(f, "friction"), length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solver, "SIDE_IN_MEMORY", side)
        ours = accumulate(
            raster(z),
            sources,
            model,
            neighbours=neighbours,
            direction=direction,
            dtype="float64",
            workers=0,
        ).cost.values
    theirs = by_graph(z, f, sources, TABLES[table], neighbours, length, direction)
    np.testing.assert_allclose(ours, theirs, rtol=5e-6, atol=1e-9)


def test_isotropic_cost_agrees_with_scikit_image():
    _, f, _ = rough((200, 180), 4, barriers=0.1)
    start = tuple(np.argwhere(np.isfinite(f))[7000])
    model = CostModel(np.ones_like, raster(f, "friction"), "horizontal")
    ours = accumulate(raster(np.zeros(f.shape)), at(f.shape, start), model, neighbours=8)
    theirs, _ = MCP_Geometric(np.where(np.isfinite(f), f, -1)).find_costs([start])
    theirs = np.where(np.isfinite(theirs), theirs * CELL, np.nan)
    np.testing.assert_allclose(ours.cost.values, theirs, rtol=1e-5)


@pytest.mark.parametrize(("neighbours", "flag"), [(8, ""), (16, "-k")])
def test_isotropic_cost_agrees_with_r_cost(tmp_path, neighbours, flag):
    """r.cost averages a knight's move over other cells than ours, so 16 is on even friction."""
    _, f, _ = rough((150, 160), 5, barriers=0.0)
    f = f if neighbours == 8 else np.ones_like(f)
    x, y = 40 * CELL + 15, (150 - 60) * CELL - 15
    command = f"r.cost {flag} --q input=f output=out start_coordinates={x},{y}"
    theirs = grass(tmp_path, {"f": f}, [command], "out") * CELL
    model = CostModel(np.ones_like, raster(f, "friction"), "horizontal")
    flat, start = raster(np.zeros(f.shape)), at(f.shape, (60, 40))
    ours = accumulate(flat, start, model, neighbours=neighbours).cost.values
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


R_WALK = SlopeTable(
    (-10.0, -0.2125, -0.2125, 0.0, 10.0),
    (0.72 + 19.998, 0.72 + 0.2125 * 1.9998, 0.72 - 0.2125 * 1.9998, 0.72, 0.72 + 60.0),
)
"""The default formula of r.walk: seconds per horizontal metre (Aitken 1977; Langmuir 1984)."""


@pytest.mark.real
@pytest.mark.parametrize(("neighbours", "flag"), [(8, ""), (16, "-k")])
def test_real_terrain_agrees_with_r_walk(real_data, tmp_path, neighbours, flag):
    import rioxarray

    source = rioxarray.open_rasterio(real_data / "terrain" / "zion_srtm.tif", masked=True)[0]
    metric = source.rio.reproject("EPSG:32612", resolution=90, resampling=1)
    z = np.asarray(metric.values[60:360, 60:360], np.float32)
    assert np.isfinite(z).all()
    x, y = 150 * CELL + 15, 150 * CELL - 15
    command = (
        f"r.walk {flag} --q elevation=z friction=f output=out lambda=0 start_coordinates={x},{y}"
    )
    theirs = grass(tmp_path, {"z": z, "f": np.ones_like(z)}, [command], "out")
    model = CostModel(R_WALK, length="horizontal")
    ours = accumulate(raster(z), at(z.shape, (150, 150)), model, neighbours=neighbours).cost.values
    off = np.abs(ours - theirs) / np.maximum(theirs, 1)
    far = np.argwhere(~(off <= 1e-4))
    # Steps whose slope is the break of the formula to the last digit may fall on either side.
    assert len(far) <= 0.001 * z.size, f"{len(far)} cells differ, the first are {far[:20].tolist()}"
    assert grid.require_metric(raster(z)) == CELL
