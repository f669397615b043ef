from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import grid as g
from geo.aggregation import aggregate
from geo.errors import CostError
from geo.funnel import density, measures


def straight(cell_m: float, width_m: float = 12_000, height_m: float = 20_000):
    """Cost of walking straight through flat ground from the south edge to the north edge."""
    box = g.grid_from_bounds((0, 0, width_m, height_m), "EPSG:32612", cell_m)
    _, y = g.cell_centres(box)
    column = np.repeat(y[:, None], box.shape[1], axis=1)
    return g.wrap(column, box, "forward", "J"), g.wrap(height_m - column, box, "reverse", "J")


def test_flat_ground_spreads_evenly_and_conserves_mass_band_by_band():
    forward, reverse = straight(250)
    out = density.route_density(forward, reverse, theta=10.0, bands=20)
    band = density.progress_band(forward, reverse, 20)
    per_band = np.bincount(band.ravel(), weights=out.values.ravel())
    assert per_band == pytest.approx(np.full(20, 0.05))
    assert np.ptp(out.values, axis=1).max() < 1e-12


def test_two_equal_passes_share_as_the_formula_says():
    forward, reverse = straight(250)
    dear = forward.copy(data=forward.values + 0.0)
    half = dear.shape[1] // 2
    dear.values[:, half:] += 30.0
    out = density.route_density(dear, reverse, theta=20.0, bands=10).values
    inner = slice(20, 60)
    ratio = out[inner, half:].sum() / out[inner, :half].sum()
    assert ratio == pytest.approx(np.exp(-30.0 / 20.0), rel=0.05)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([100.0, 200.0, 400.0]), st.floats(5.0, 500.0))
def test_density_does_not_depend_on_cell_size(cell_m, theta):
    def coarse(step):
        forward, reverse = straight(step)
        x, _ = g.cell_centres(g.grid_of(forward))
        valley = forward.copy(data=forward.values + np.abs(x - 6_000)[None, :] / 20)
        return aggregate(density.route_density(valley, reverse, theta, bands=20), 2000, "sum")

    fine, rough = coarse(50.0), coarse(cell_m)
    assert np.abs(fine.values - rough.values).sum() / 2 < 0.05


def test_small_theta_concentrates_and_large_theta_spreads():
    forward, reverse = straight(250)
    x, _ = g.cell_centres(g.grid_of(forward))
    valley = forward.copy(data=forward.values + np.abs(x - 6_000)[None, :])
    area = [
        {m.name: m.value for m in measures.concentration(density.route_density(valley, reverse, t))}
        for t in (1.0, 1_000.0, 1e9)
    ]
    assert area[0]["effective_area"] < area[1]["effective_area"] < area[2]["effective_area"]
    flat = density.route_density(*straight(250), 10.0, bands=20)
    assert measures.concentration(flat)[1].value == pytest.approx(240)
    assert area[0]["gini"] == pytest.approx(0.95, abs=0.05)


def test_nothing_changed_measures_zero():
    forward, reverse = straight(500)
    out = density.route_density(forward, reverse, theta=10.0)
    assert measures.displacement(out, out).value == 0.0


def test_unreachable_ground_has_no_density_and_nonsense_is_refused():
    forward, reverse = straight(500)
    forward.values[:, 0] = np.nan
    assert density.route_density(forward, reverse, theta=10.0).values[:, 0].sum() == 0
    with pytest.raises(CostError, match="theta"):
        density.route_density(forward, reverse, theta=0.0)
    forward.values[:] = np.nan
    with pytest.raises(CostError, match="no cell"):
        density.excess_cost(forward, reverse)
