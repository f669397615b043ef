"""What a run lists against its hypothesis: null results, opposite ones, and loud placebos."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.evidence.documents.results import against
from geo.inference.estimation.rows import Estimate, estimates_table

ROW = Estimate(
    "R4.gps", "ratio of rate ratios", 1.8, 1.2, 2.7, 0.01, "all exchanges", sentence="Said.",
    parents="step:inference",
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "listed"),
    [
        (ROW, False),
        (replace(ROW, p=0.4, low=0.8), True),
        (replace(ROW, estimate=0.5, low=0.3, high=0.8), True),
        (replace(ROW, analysis="R2.placebo_3_years", p=0.4), False),
        (replace(ROW, analysis="R2.placebo_3_years", p=0.01), True),
        (replace(ROW, analysis="R3.negative_control_causes", p=0.6), False),
        (replace(ROW, analysis="S2.pre_trend", p=0.02), True),
        (replace(ROW, gates={"precision": False}), True),
        (replace(ROW, p=None), False),
    ],
)
def test_only_what_disagrees_with_the_hypothesis_is_listed_against_it(row, listed):
    assert bool(against({"estimates": estimates_table([row])})) is listed
