"""The whole route model with its ensemble on real terrain, under made-up towers."""

from __future__ import annotations

import numpy as np
import pytest
from funnel_cases import flat, on_grid

from geo import funnel
from geo.leastcost import CostModel
from validation import zion


def test_a_line_that_crosses_water_starts_beside_it():
    ground = on_grid(np.zeros((4, 6), np.float32), name="elevation")
    ground.values[3, 0] = np.nan
    friction = np.ones((4, 6), np.float32)
    friction[3, 2] = np.nan
    marks = ground.copy(data=np.arange(4)[:, None] * np.ones(6) == 3)
    kept = funnel.on_open_ground(marks, ground, CostModel(flat, on_grid(friction)))
    assert kept.values[3].tolist() == [False, True, False, True, True, True]
    assert not kept.values[:3].any()


@pytest.mark.real
@pytest.mark.slow
def test_zion_with_towers_moves_crossings_out_of_view(real_data):
    found = zion.run(real_data, members=3, fine_m=120.0)
    before, after = found.layers[funnel.BEFORE], found.layers[zion.PERIOD.id]
    assert float(before.sum()) == pytest.approx(1.0, abs=1e-3)
    assert float(after.sum()) == pytest.approx(1.0, abs=1e-3)
    key = (zion.PERIOD.id, funnel.EVERYWHERE)
    shares = [found.values[*key, a, "share_in_view"] for a in zion.AVOIDANCE]
    assert 0 < shares[1] < shares[0]
    assert found.values[*key, 2.0, "moved"] > 0.02
    assert found.values[*key, 0.0, "moved"] == 0.0
    # the towers stand in the west: crossings move east, and cost more water
    assert found.values[*key, 2.0, "mean_shift_along"] > 0
    assert found.values[*key, 2.0, "added_litres_mean"] > 0
    agreement = found.agreement[zion.PERIOD.id].values
    assert agreement.min() >= 0.5
    assert np.mean(agreement == 1.0) > 0.3
    # nobody walks where the land cover is water
    assert np.isfinite(after.values).all()
