"""R8 and bandwidths against independent implementations and planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from simulated_panels import simulated

from geo.inference.registered.headline import question
from geo.inference.robustness.cells import conley
from geo.inference.robustness.estimators import multinomial_row, negative_binomial, smooth_row
from geo.inference.spatial.patterns import cross_validated
from geo.study import stream
from geo.synthetic.panels import PanelPlan

QUIET = {"cell_sd": 0.05, "gradient_sd": 0.05, "volume_sd": 0.05, "records": 20_000}


def test_conley_agrees_with_diff_diff():
    linalg = pytest.importorskip("diff_diff.linalg")
    rng = np.random.default_rng(0)
    design = np.column_stack([np.ones(200), rng.normal(size=200)])
    xy, residual = rng.uniform(0, 100.0, (200, 2)), rng.normal(size=200)
    peer = linalg.compute_robust_vcov(
        design, residual, vcov_type="conley", conley_coords=xy, conley_cutoff_km=25.0,
        conley_metric="euclidean",
    )  # fmt: skip
    bread = np.linalg.inv(design.T @ design)
    ours = bread @ conley(design * residual[:, None], *(xy.T * 1e3), 25_000.0) @ bread
    assert ours == pytest.approx(peer, rel=1e-9)


def test_other_estimators_find_the_planted_ratio():
    panel = simulated(PanelPlan(rate_ratio=2.0, **QUIET), np.random.default_rng(1))
    beta, alpha = negative_binomial(question(panel).design())
    assert np.exp(beta) == pytest.approx(2.0, rel=0.2)
    assert alpha < 0.05
    for row in (
        multinomial_row(panel, stream(1, "multinomial")),
        smooth_row(panel, np.arange(len(panel.corridors), dtype=float), stream(1, "smooth")),
    ):
        assert row.low < 2.0 < row.high
        assert row.low > 1.0


def test_cross_validation_chooses_the_width_of_what_is_there():
    """Tight clumps ask for a narrow kernel, one broad cloud for a wide one."""
    rng = np.random.default_rng(0)
    widths = np.array([300.0, 3_000.0])
    centre = rng.uniform(0, 50_000, (2, 10)).repeat(30, axis=1)
    clumps = centre + rng.normal(0, 300, centre.shape)
    assert cross_validated(*clumps, widths) == 300.0
    assert cross_validated(*rng.normal(0, 9_000, (2, 300)), widths) == 3_000.0
