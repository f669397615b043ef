"""Plan 2: whole programmes exchanged, checks with power, and plan 1 beside it."""

from __future__ import annotations

from dataclasses import replace
from math import comb, factorial

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from simulated_panels import simulated

from geo.inference import claim, primary
from geo.inference.estimation import permutation
from geo.inference.estimation.agreement import powered
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate
from geo.inference.registered import plans
from geo.inference.registered.blocks import blocks_of
from geo.inference.registered.gates import GATES
from geo.inference.registered.imputation import Imputed
from geo.inference.registered.pooling import pool
from geo.inference.robustness import covariates, neighbours, robustness
from geo.study import stream
from geo.synthetic.panels import PanelPlan

LARGE = PanelPlan(rate_ratio=3.0, records=6_000)


@pytest.fixture(scope="module")
def panel():
    return simulated(LARGE, np.random.default_rng(3))


def paths(blocks):
    """Dose paths: those of a block begin in one year, those of no programme never."""
    dose = np.zeros((len(blocks), 10))
    for unit, name in enumerate(blocks):
        if name:
            dose[unit, 2 + int(name) :] = 0.5 + 0.01 * unit
    return dose


def test_blocks_stay_together_and_what_happened_is_among_them():
    names = ["1", "1", "1", "2", "2", "2", "", "", ""]
    labels = [n or f"own {i}" for i, n in enumerate(names)]
    found = permutation.exchange_blocks(paths(names), labels, ["all"] * 9, stream(1, "b"), 99)
    assert found.complete
    assert found.distinct == factorial(5) / factorial(3)  # three paths without dose are alike
    assert (found.donors[0] == np.arange(9)).all()
    for donor in found.donors:
        at = np.flatnonzero(np.isin(donor, [0, 1, 2]))
        assert (np.diff(at) == 1).all()
        assert donor[at].tolist() == [0, 1, 2]
    assert found.smallest_p == pytest.approx(1 / 20)


def test_corridors_with_programmes_of_their_own_are_exchanged_as_corridors_are():
    names = [str(i) for i in range(5)] + [""] * 5
    labels = [n or f"own {i}" for i, n in enumerate(names)]
    dose = paths(names)
    blocks = permutation.exchange_blocks(dose, labels, ["all"] * 10, stream(1, "b"), 99)
    plain = permutation.admissible(dose, ["all"] * 10, stream(1, "b"), 99)
    assert blocks.distinct == plain.distinct == comb(10, 5) * factorial(5)


@pytest.mark.parametrize(("programmes", "decide"), [(2, False), (8, True)])
def test_few_programmes_do_not_decide_and_hold_the_claim_at_l1(panel, programmes, decide):
    covered = np.flatnonzero(panel.dose.any(axis=1))
    blocks = list(panel.corridors)
    for k, unit in enumerate(covered):
        blocks[unit] = f"programme {k % programmes}"
    found = pool(Imputed([panel] * 2, [panel] * 2), stream(1, "p"), blocks=blocks, draws=499)
    rows = {r.analysis: r for r in found.tests}
    single, whole = rows["headline.corridors"], rows["headline.blocks"]
    assert found.by_blocks is decide
    assert found.estimate.p == (whole.p if decide else single.p)
    assert bool(whole.refused) is not decide
    assert rows["headline.one_sided"].p <= single.p
    if not decide:
        assert "the smallest p that could come out is" in whole.sentence
        gates = dict.fromkeys(GATES, True) | {"block_permutation": Outcome(None, whole.refused)}
        assert claim(found.headline, gates).level == "L1"


def test_the_interval_by_inversion_holds_one_where_p_does_not_reject():
    null = simulated(PanelPlan(corridors=8, treated=5, years=12, records=1_500),
                     np.random.default_rng(4))  # fmt: skip
    found = pool(Imputed([null] * 2, [null] * 2), stream(1, "p"), draws=199, invert=True)
    low, high = found.bounds
    assert (low <= 0.0 <= high) is (found.estimate.p > 0.05)
    assert "by inversion" in found.headline.estimate.sentence or not found.headline.told


def test_blocks_follow_the_programme_of_the_first_dose(panel):
    table = panel.data["dose"].to_series().reset_index()
    first = [c for c, d in zip(panel.corridors, panel.dose.any(axis=1), strict=True) if d][:2]
    without = table.assign(dose=table["dose"].where(~table["corridor"].isin(first), 0.0))
    found = blocks_of(panel, {"east": without, "none of it": table})
    assert [c for c, b in zip(panel.corridors, found, strict=True) if b == "east"] == first
    assert blocks_of(panel, {}) is None
    assert pd.Series(found).value_counts()["east"] == 2


def test_power_is_judged_by_the_interval_and_never_by_the_estimate():
    row = Estimate("x", "ratio", 1.0, 1 / 1.79, 1.79, 0.9)
    assert powered(row)
    assert powered(replace(row, estimate=9.0, low=9.0 / 1.79, high=9.0 * 1.79))
    assert not powered(replace(row, high=1.9))
    assert not powered(replace(row, low=None))


def test_the_pre_trend_is_scaled_by_the_dose_reached(panel):
    half = replace(panel, data=panel.data.assign(dose=panel.data["dose"] * 0.5))
    full_row, half_row = (robustness.pre_trend(p, stream(1, "t"), draws=9) for p in (panel, half))
    assert np.log(half_row.estimate) == pytest.approx(2.0 * np.log(full_row.estimate), rel=1e-4)


def test_trends_held_take_away_a_steady_rise():
    """A gradient that rises steadily where towers will stand is no effect once trends are held."""
    risen = simulated(PanelPlan(records=40_000, cell_sd=0.02, gradient_sd=0.02), stream(1, "r"))
    years = np.arange(risen.dose.shape[1])
    tilt = np.exp(0.05 * years[None, None, :] * risen.slope[:, :, None]
                  * risen.dose.any(axis=1)[:, None, None])  # fmt: skip
    data = risen.data.assign(deaths=(risen.data["deaths"] * tilt[:, :, None, :]).round())
    risen = replace(risen, data=data)
    plain = primary(risen, stream(1, "x"), draws=99, invert=False).estimate
    name = "R9.corridor_trends"
    held = covariates.adjusted(risen, {name: covariates.trends(risen)}, stream(1, "y"), draws=99)
    assert plain.low > 1.2
    assert abs(np.log(held[name].estimate.estimate)) < 0.25 * np.log(plain.estimate)


def test_plan_1_stands_beside_with_where_it_differs(panel):
    recorded = primary(panel, stream(1, "x"), analysis=plans.RECORDED, draws=199, invert=False)
    same = claim(recorded, dict.fromkeys(GATES, True))
    row, reached = plans.beside(recorded, recorded, same)
    assert row.analysis == "headline.as_recorded"
    assert reached.analysis == "headline.as_recorded.at_reached_dose"
    assert reached.estimate == pytest.approx(row.estimate**recorded.reached.dose)
    assert f"{reached.estimate:.2f}" in row.sentence
    assert "plan 2 decides as plan 1 does" in row.sentence
    weaker = replace(recorded, estimate=replace(recorded.estimate, p=0.4))
    decided = claim(weaker, dict.fromkeys(GATES, True))
    row, _ = plans.beside(recorded, weaker, decided)
    assert "called supported (yes by plan 1, no by plan 2)" in row.sentence


def side_by_side(panel):
    """Ground on which the corridors stand in a row, a cell to each bin."""
    count, bins = panel.slope.shape
    unit, label = np.indices((count, bins))
    return xr.Dataset(
        {"unit": (("x", "y"), unit), "bin": (("x", "y"), label)},
        attrs={"units": tuple(panel.corridors), "bins": bins},
    ).transpose("y", "x")


@pytest.mark.parametrize(("spill", "said"), [(0.0, "Nothing speaks against"), (1.5, "not hold")])
def test_spill_over_from_neighbours_is_found_and_its_absence_said(spill, said):
    quiet = simulated(PanelPlan(records=60_000, cell_sd=0.02, gradient_sd=0.02), stream(1, "n"))
    dose = neighbours.neighbours_dose(quiet, side_by_side(quiet))
    assert dose.values[0].tolist() == quiet.dose[1].tolist()
    np.testing.assert_allclose(dose.values[1], (quiet.dose[0] + quiet.dose[2]) / 2)
    tilt = np.exp(spill * dose.values[:, None, None, :] * quiet.slope[:, :, None, None])
    moved = replace(quiet, data=quiet.data.assign(deaths=(quiet.data["deaths"] * tilt).round()))
    row = neighbours.spill_over(moved, dose, stream(1, "s"))
    assert said in row.sentence
    assert (row.low < np.exp(spill) < row.high) or spill == 0.0
