"""Displacement, rescue and the shift between corridors, each planted and told apart."""

from __future__ import annotations

import numpy as np
import pytest
from simulated_panels import panel_of, simulated

from geo.inference import between_corridors, displacement_or_rescue, verdict
from geo.study import stream
from geo.synthetic.panels import PanelPlan

QUIET = {"volume_sd": 0.02, "cell_sd": 0.02, "gradient_sd": 0.02, "records": 40_000}


def parts_of(**changes: object):
    panel = simulated(PanelPlan(**(QUIET | changes)), np.random.default_rng(4))
    return displacement_or_rescue(panel, stream(1, "parts"), draws=499)


def test_pure_displacement_raises_hard_ground_out_of_view():
    parts = parts_of(displacement=0.5)
    assert parts.hard_rises
    assert not parts.only_in_view_falls
    assert "by themselves" in verdict(parts)
    assert parts.joint_p <= 0.05
    assert np.linalg.eigvalsh(parts.covariance).min() > 0


def test_pure_rescue_lowers_easy_ground_in_view_and_nothing_else():
    parts = parts_of(rescue=0.5)
    assert parts.hard_rises is False
    assert parts.only_in_view_falls
    assert "cannot be told from these records" in verdict(parts)
    rows = {r.analysis: r for r in parts.rows}
    assert rows["parts.hard_out_of_view"].estimate == pytest.approx(1.0, abs=0.1)
    assert rows["parts.easy_in_view"].estimate == pytest.approx(0.5, abs=0.1)
    assert rows["parts.easy_in_view.by_itself"].estimate == pytest.approx(0.5, abs=0.1)


def test_nothing_planted_says_nothing():
    parts = parts_of()
    assert not parts.hard_rises
    assert not parts.only_in_view_falls
    assert "Neither" in verdict(parts)


def test_a_shift_between_corridors_is_found_where_the_headline_is_blind():
    data = simulated(PanelPlan(**QUIET), np.random.default_rng(4)).data
    thinned = data.assign(deaths=data.deaths * (1.0 - 0.5 * data.dose))
    share, moved = between_corridors(panel_of(thinned), stream(1, "between"), draws=499)
    assert share.estimate == pytest.approx(0.5, abs=0.05)
    assert share.significant
    assert moved.estimate < 0


def test_no_ground_in_view_is_said():
    data = simulated(PanelPlan(corridors=6, treated=3), np.random.default_rng(4)).data
    blind = data.assign(deaths=data.deaths.where(data.ground == "never in view", 0.0))
    parts = displacement_or_rescue(panel_of(blind), stream(1, "parts"), draws=99)
    row = next(r for r in parts.rows if r.analysis == "parts.easy_in_view")
    assert row.estimate is None
    assert row.level == "L0"
