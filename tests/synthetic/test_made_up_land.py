from __future__ import annotations

import numpy as np
import pytest
from shapely.ops import unary_union

from geo import synthetic
from geo.errors import StudyError
from geo.funnel import corridor_labels
from geo.grid import grid_of
from geo.study import Study, closed_periods, study_grid

NLCD = {11, 12, 21, 22, 23, 24, 31, 41, 42, 43, 51, 52, 71, 72, 81, 82, 90, 95}


@pytest.mark.parametrize("name", ["sample", "null", "tiny"])
def test_built_in_studies_are_closed_marked_and_in_the_open_ocean(name, built_in):
    study = built_in(name)
    assert "SYNTHETIC" in study.title
    assert closed_periods(study) == study.periods
    made_up = study.synthetic
    assert study.years == tuple(range(made_up.first_year, made_up.first_year + made_up.years))
    assert study.pre_tower[1] <= study.periods[1].start
    west, south, east, north = study.bounds_lonlat
    # between the Revillagigedo islands (18 N) and Clipperton (10.3 N): nothing but water
    assert -113 < west < east < -109
    assert 13 < south < north < 15
    assert {s.role for s in study.sources} >= {"deaths", "towers", "elevation", "border", "roads"}


def test_null_has_the_land_of_the_sample(built_in):
    one, two = (synthetic.landscape(built_in(name)) for name in ("sample", "null"))
    np.testing.assert_array_equal(one.elevation, two.elevation)
    assert one.roads.equals(two.roads)


def test_land_is_basin_and_range(tiny, built_in):
    land = synthetic.landscape(built_in("sample"))
    height = land.elevation.values
    steep = np.degrees(np.arctan(np.hypot(*np.gradient(height, 150.0))))
    assert np.isfinite(height).all()
    assert height.min() > 0
    # wide flat basins, steep ranges of some hundred metres, nothing beyond walking
    assert np.percentile(steep, 50) < 3
    assert 10 < np.percentile(steep, 90) < 30
    assert steep.max() < 60
    assert 800 < np.ptp(height) < 2_000
    assert set(np.unique(land.landcover)) <= NLCD
    assert set(np.unique(synthetic.landscape(tiny).landcover)) <= NLCD


def test_corridors_tile_the_land_north_of_the_border(tiny):
    land = synthetic.landscape(tiny)
    shapes = list(land.corridors.geometry)
    whole = unary_union(shapes)
    # published coordinates are rounded to about a centimetre
    assert whole.area == pytest.approx(sum(s.area for s in shapes), rel=1e-6)
    assert len(shapes) == tiny.synthetic.corridors
    labels = corridor_labels(land.corridors, grid_of(land.elevation))
    cells = np.bincount(labels.values[labels.values >= 0])
    assert cells.min() > 0.9 * cells.max()
    border = land.border.geometry.iloc[0]
    assert border.distance(whole) < 0.05
    assert not whole.buffer(-1.0).intersects(border)
    assert whole.contains(land.places.geometry.union_all())


def test_another_seed_is_another_land(tiny):
    other = Study.model_validate(tiny.model_dump() | {"seed": 7})
    one, two = synthetic.landscape(tiny), synthetic.landscape(other)
    assert grid_of(one.elevation) == grid_of(two.elevation) == study_grid(tiny)
    assert np.abs(one.elevation.values - two.elevation.values).mean() > 20


def test_land_that_cannot_be_made_up_says_what_to_change(tiny, built_in):
    with pytest.raises(StudyError, match="does not fit into bounds_lonlat"):
        synthetic.landscape(built_in("tiny", width_km=80))
    with pytest.raises(StudyError, match="more than"):
        synthetic.landscape(built_in("tiny", treated=9))
    plain = tiny.model_dump() | {"synthetic": None}
    with pytest.raises(StudyError, match=r"no \[synthetic\] part"):
        synthetic.landscape(Study.model_validate(plain))
