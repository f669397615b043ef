"""A single year held back would follow from the total; then the smallest other one is held back."""

from __future__ import annotations

import pytest

from geo.inference.estimation.rows import Estimate
from geo.inference.panel.suppression import complemented


def year(number, deaths):
    ratio = None if deaths is None else 1.5
    return Estimate(f"in_view.year_{number}.before", "ratio", ratio, n=deaths)


@pytest.mark.parametrize(
    ("deaths", "shown"),
    [
        ([None, 6, 9, 30], [None, None, 9, 30]),
        ([None, None, 9], [None, None, 9]),
        ([6, 9, 30], [6, 9, 30]),
        ([None], [None]),
        ([None, 7, 7], [None, None, 7]),
        ([], []),
    ],
)
def test_no_count_under_five_follows_from_the_total(deaths, shown):
    rows = complemented([year(2010 + n, d) for n, d in enumerate(deaths)])
    assert [r.n for r in rows] == shown
    assert [r.estimate is None for r in rows] == [n is None for n in shown]
    assert [r.analysis for r in rows] == [
        f"in_view.year_{2010 + n}.before" for n in range(len(rows))
    ]
