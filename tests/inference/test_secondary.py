"""Secondary analyses: planted patterns are found, silence stays silent, published arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from simulated_panels import panel_of, simulated

from geo.inference import classify_ground, place_records
from geo.inference.spatial.casecontrol import case_control, conditional_logit
from geo.inference.spatial.dates import cyclic_shifts, event_study
from geo.inference.spatial.patterns import relative_risk
from geo.study import stream
from geo.synthetic.panels import PanelPlan
from geo.synthetic.places import simulate_places

QUIET = {"cell_sd": 0.05, "gradient_sd": 0.05, "volume_sd": 0.05, "records": 20_000}


def test_s2_is_flat_before_and_rises_after():
    plan = PanelPlan(rate_ratio=2.0, corridors=14, treated=9, **QUIET)
    rows = {r.analysis: r for r in event_study(simulated(plan, np.random.default_rng(5)))}
    for before in ("S2.years_minus_5_to_minus_4", "S2.years_minus_3_to_minus_2"):
        assert rows[before].low < 1.0 < rows[before].high
    assert rows["S2.years_4_to_5"].low > 1.0
    widths = [rows[f"S2.after.break_{m}"].low for m in ("0", "0.5", "1", "2")]
    assert widths == sorted(widths, reverse=True)


def test_r14_shifted_dates_agree_with_exchanged_corridors_on_a_strong_effect():
    panel = simulated(PanelPlan(rate_ratio=2.0, **QUIET), np.random.default_rng(5))
    row = cyclic_shifts(panel, stream(1, "shift"), shifts=199)
    assert row.p <= 0.05
    assert "cyclic shifts" in row.reference_set
    nothing = panel_of(panel.data.assign(dose=panel.data["dose"] * 0.0))
    assert cyclic_shifts(nothing, stream(1, "shift"), shifts=19).estimate is None


@pytest.mark.slow
def test_s3_recovers_the_planted_ratio_and_its_poisson_limit():
    plan = PanelPlan(
        corridors=6, treated=4, years=16, rate_ratio=2.0, **(QUIET | {"records": 6_000})
    )
    study = simulate_places(plan, np.random.default_rng(2))
    ground = classify_ground(study.hardness, study.corridors, plan.bins)
    placed = place_records(study.truth, ground)
    few, many = (
        case_control(placed, ground, study.density, study.dose, stream(s, "s3"), controls=k)
        for s, k in ((1, 200), (2, 600))
    )
    assert few.low < 2.0 < few.high
    assert abs(np.log(few.estimate) - np.log(many.estimate)) <= 0.02


def test_conditional_logit_agrees_with_statsmodels():
    discrete = pytest.importorskip("statsmodels.discrete.conditional_models")
    rng = np.random.default_rng(0)
    z = rng.normal(size=(150, 5, 2))
    odds = np.exp(z @ np.array([0.7, -0.4]))
    case = np.array([rng.choice(5, p=o / o.sum()) for o in odds])
    sets = np.arange(150)
    chosen = z[sets, case]
    others = np.stack([np.delete(z[s], case[s], axis=0) for s in sets])
    y = np.zeros((150, 5))
    y[sets, case] = 1
    model = discrete.ConditionalLogit(y.ravel(), z.reshape(-1, 2), groups=np.repeat(sets, 5))
    peer = model.fit(method="bfgs", disp=False, gtol=1e-9)
    assert conditional_logit(chosen, others) == pytest.approx(peer.params, abs=1e-4)


def test_s4_finds_the_hill_that_rose_and_nothing_elsewhere():
    rng = np.random.default_rng(0)
    inside = np.ones((40, 40), bool)
    before = rng.integers(0, 40, (400, 2))
    after = np.concatenate([rng.integers(0, 40, (320, 2)), rng.integers(28, 34, (80, 2))])
    groups = np.zeros(400, int), np.zeros(400, int)
    found = relative_risk(before, after, inside, 2.5, groups, rng, 99)
    assert found.p <= 0.02
    peak = np.unravel_index(np.nanargmax(found.surface), inside.shape)
    assert all(26 <= v <= 35 for v in peak)
    same = relative_risk(before, rng.integers(0, 40, (400, 2)), inside, 2.5, groups, rng, 99)
    assert same.p > 0.05
