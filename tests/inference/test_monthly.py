"""By month: the likelihood against a GLM with every dummy, doses by days, and a planted truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.linalg import qr
from simulated_panels import by_r, simulated

from geo.errors import IdentificationError
from geo.inference import Estimate
from geo.inference.estimation.multinomial import Multinomial, coefficient
from geo.inference.robustness.monthly import _jackknife, _model, estimate
from geo.synthetic.panels import PanelPlan
from geo.visibility import Span, dose_by_month

PLAN = PanelPlan(
    corridors=8, bins=3, years=6, records=1, treated=5, gradient_sd=0.0, cell_sd=0.0, drift=0.0
)


def planted(ratio, seed=0, records=2500.0, years=6, corridors=8):
    """Draw counts by month with seasons of the gradient, a drift and an onset in mid-year."""
    rng = np.random.default_rng(seed)
    panel = simulated(PLAN, rng)
    panel = type(panel)(panel.data.isel(corridor=slice(corridors), year=slice(years)),
                        panel.left_out, panel.flow)  # fmt: skip
    months = 12 * years
    time = np.arange(months)
    dose = np.zeros((corridors, months))
    for c in range(corridors - corridors // 3):
        onset = int(rng.integers(months // 4, 3 * months // 4))
        dose[c, onset:] = rng.uniform(0.4, 1.0)
    hard = panel.slope
    tilt = 0.4 * np.sin(2 * np.pi * time / 12) + 0.01 * time / 12  # of bins, in every corridor
    place = rng.normal(0.0, 0.4, (corridors, hard.shape[1]))
    eta = place[:, :, None] + (tilt + np.log(ratio) * dose)[:, None, :] * hard[:, :, None]
    volume = rng.lognormal(0.0, 0.5, (corridors, months)) * (1.5 + np.sin(2 * np.pi * time / 12))
    mu = np.exp(eta) / np.exp(eta).sum(axis=1, keepdims=True) * volume[:, None, :]
    return panel, rng.poisson(mu * records / mu.sum()).astype(float), dose


def test_by_month_it_is_the_glm_with_every_dummy():
    """To seven digits: statsmodels, dummies for corridor x bin, corridor-month, bin x calendar
    month and bin x year."""
    panel, counts, dose = planted(2.0, years=2, corridors=3, records=500)
    model, _ = _model(panel, counts, dose)
    ours, _ = coefficient(model)
    rows, bins = np.indices(model.y.shape)
    unit, month, year = (label[rows] for label in model.labels)
    names = [np.char.add(np.char.mod("%d|", a.ravel()), np.char.mod("%d", bins.ravel()))
             for a in (unit, month, year)]  # fmt: skip
    effects = [pd.Series(n) for n in names] + [pd.Series(rows.ravel())]
    y = pd.Series(model.y.ravel())
    keep = pd.Series(data=True, index=y.index)
    for effect in effects:
        keep &= y.groupby(effect).transform("sum") > 0
    dummies = [pd.get_dummies(e[keep], dtype=float) for e in effects]
    design = np.column_stack([1e3 * model.x.ravel()[keep], *dummies])  # pivots come by size
    _, triangle, order = qr(design, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    chosen = np.sort(order[: int((size > 1e-9 * size[0]).sum())])
    assert chosen[0] == 0
    peer = sm.GLM(y[keep].to_numpy(), design[:, chosen], family=sm.families.Poisson())
    assert ours == pytest.approx(1e3 * peer.fit(tol=1e-10, maxiter=60).params[0], rel=1e-7)


def test_by_month_and_without_each_corridor_it_is_r_s_glm():
    """To seven digits after the point, with the same dummies."""
    panel, counts, dose = planted(2.0, years=2, corridors=6, records=1500)
    fixture, found = by_r("monthly")
    drawn = fixture["deaths"].to_numpy().reshape(counts.shape)
    assert (counts == drawn).all(), "other records are drawn: write monthly.csv, run glm.R"
    model, corridor = _model(panel, counts, dose)
    alone = [coefficient(model.keep(corridor != c))[0] for c in range(6)]
    ours = [coefficient(model)[0], *alone]
    assert ours == pytest.approx(found["beta"].to_numpy(), abs=1e-7)
    error = _jackknife(model, corridor)[1]
    assert error == pytest.approx(found["jackknife_se"].iloc[0], abs=1e-7)


def test_a_planted_ratio_is_found_and_none_where_none_was_planted():
    row = estimate(*planted(2.0, seed=1), 7.0, Estimate("monthly.fresh", "ratio"))
    assert row.low < 2.0 < row.high
    assert row.estimate == pytest.approx(2.0, rel=0.25)
    assert row.p < 0.05
    none = estimate(*planted(1.0, seed=2), 7.0, Estimate("monthly.fresh", "ratio"))
    assert none.low < 1.0 < none.high


@pytest.mark.attack
def test_over_draws_the_planted_ratio_is_covered():
    inside = [
        row.low < 1.5 < row.high
        for row in (
            estimate(*planted(1.5, seed=10 + n, records=1200.0), 7.0, Estimate("x", "ratio"))
            for n in range(12)
        )
    ]
    assert sum(inside) >= 9


def test_without_records_in_two_bins_nothing_is_estimated():
    y, x = np.array([[3.0, 0.0], [2.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])
    with pytest.raises(IdentificationError):
        coefficient(Multinomial(y, x, (np.array([0, 1]),)))


def test_months_share_a_dose_by_their_days():
    spans = [
        Span("a", date(2001, 1, 1), date(2001, 2, 15)),
        Span("b", date(2001, 2, 15), date(2003, 1, 1)),
    ]
    doses = pd.DataFrame(
        {"corridor": ["x", "x", "y", "y"], "period": ["a", "b"] * 2, "dose": [0, 0.5, 0, 0]}
    )
    table = dose_by_month(doses, spans, [2001, 2002])
    assert len(table) == 2 * 24
    own = table[table["corridor"] == "x"]["dose"].to_numpy()
    assert own[:3] == pytest.approx([0.0, 0.5 * 14 / 28, 0.5])
    assert own[-1] == 0.5
    year = own[:12] @ np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) / 365
    assert year == pytest.approx(0.5 * (365 - 45) / 365), "months add up to the year's dose"
