"""`import geo` as a researcher uses it: three lines, and the same numbers as the rooms."""

from __future__ import annotations

import doctest
import subprocess
import sys

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

import geo
from geo import accessor
from geo.errors import GridError


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    path = tmp_path_factory.mktemp("land") / "dem.tif"
    y, x = np.mgrid[0:60, 0:80]
    heights = (900 + 40 * np.sin(x / 9) + 30 * np.cos(y / 7)).astype("float32")
    profile = {
        "driver": "GTiff", "height": 60, "width": 80, "count": 1, "dtype": "float32",
        "crs": "EPSG:4326", "transform": from_origin(-111.6, 31.7, 0.001, 0.001),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(heights, 1)
    return str(path)


def test_three_lines_answer(dem):
    land = geo.open_elevation(dem)
    seen = land.funnel.viewshed(-111.56, 31.67, height_m=25, range_m=3_000)
    cost = land.funnel.cost_from([(-111.56, 31.67)], walker="adult-light")
    assert land.odc.geobox.crs.epsg == 32612
    assert 0.05 < float(seen.mean()) < 0.95
    assert cost.attrs["units"] == "kJ"
    assert float(cost.min()) == 0.0


def test_it_is_the_engine_of_the_rooms(dem):
    from geo.leastcost import accumulate
    from geo.locomotion import energy_per_metre, walker

    land = geo.open_elevation(dem, resolution_m=150)
    marks = land.funnel._marked([(-111.56, 31.67)])
    own = accumulate(land, marks, energy_per_metre(walker("adult")))["cost"] / 1e3
    np.testing.assert_allclose(land.funnel.cost_from([(-111.56, 31.67)]).values, own.values)
    back = land.funnel.cost_from([(-111.56, 31.67)], to=True)
    assert not np.allclose(back.values, own.values, equal_nan=True)  # slopes are signed


def test_a_point_that_is_swapped_is_named(dem):
    with pytest.raises(GridError, match="longitude before latitude"):
        geo.open_elevation(dem).funnel.cost_from([(31.67, -111.56)])


def test_importing_it_imports_no_room():
    code = "import sys, geo; sys.exit(any(m.startswith('geo.') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_its_examples_run():
    assert doctest.testmod(accessor).failed == 0
    assert doctest.testmod(geo).failed == 0
