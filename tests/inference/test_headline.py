"""The headline: agreement with an independent fit, planted truth, exactness, bad input."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_panels import panel_of, simulated

from geo.inference import claim, estimates_table, primary, relocation
from geo.inference.estimation import permutation
from geo.inference.estimation.fixed_effects import Design, residualise
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.uncertainty import jackknife
from geo.study import stream
from geo.synthetic.panels import PanelPlan


def small(seed: int = 3, **changes: object):
    plan = PanelPlan(**({"corridors": 7, "treated": 4, "years": 16, "records": 1_500} | changes))
    return simulated(plan, np.random.default_rng(seed))


def test_fit_agrees_with_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    design = small(rate_ratio=1.6).design()
    unit, label, year = np.indices(design.y.shape)
    frame = pd.DataFrame(
        {
            "y": design.y.ravel(),
            "x": design.x[0].ravel(),
            "place": (unit * 100 + label).ravel(),
            "volume": (unit * 100 + year).ravel(),
            "drift": (label * 100 + year).ravel(),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the peer's own deprecations
        peer = pyfixest.fepois("y ~ x | place + volume + drift", frame, iwls_tol=1e-12)
    assert fit(design).beta[0] == pytest.approx(peer.coef().iloc[0], abs=1e-6)


def test_jackknife_agrees_with_refits_by_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    panel = small(corridors=5, treated=3, years=8, records=4_000, rate_ratio=1.5)
    design = panel.design()
    interval = jackknife(design, np.arange(5))

    def refit(keep):
        y, x = design.y[keep], design.x[0][keep]
        unit, label, year = (v.ravel() for v in np.indices(y.shape))
        dummies = [
            pd.get_dummies(unit * 100 + label, drop_first=False),
            pd.get_dummies(unit * 100 + year),
            pd.get_dummies(label * 100 + year),
        ]
        columns = np.column_stack([x.ravel(), *(d.to_numpy(float) for d in dummies)])
        basis = [0]
        for j in range(1, columns.shape[1]):
            if np.linalg.matrix_rank(columns[:, [*basis, j]]) == len(basis) + 1:
                basis.append(j)
        chosen, counts = columns[:, basis], y.ravel()
        start = np.linalg.lstsq(chosen, np.log(counts + 0.5), rcond=None)[0]
        model = sm.GLM(counts, chosen, family=sm.families.Poisson())
        return model.fit(start_params=start, tol=1e-12).params[0]

    full = refit(np.arange(5))
    left = np.array([refit(np.flatnonzero(np.arange(5) != g)) for g in range(5)])
    assert interval.beta[0] == pytest.approx(full, abs=1e-6)
    assert interval.covariance[0, 0] == pytest.approx(0.8 * ((left - full) ** 2).sum(), rel=1e-5)


def test_degrees_of_freedom_of_equal_clusters_and_of_one_giant():
    """Equal clusters that vary on their own have G - 1; a giant pulls them down to the floor."""
    rng = np.random.default_rng(0)
    units, bins, years = 10, 2, 40
    dose = rng.integers(0, 2, (units, years)).astype(float)
    x = dose[None, :, None, :] * np.array([-1.0, 1.0])[None, None, :, None]
    equal = Design(np.full((units, bins, years), 50.0), x, np.arange(bins))
    assert 8.0 <= jackknife(equal, np.arange(units)).df <= 9.0
    counts = equal.y.copy()
    counts[0] *= 200.0
    giant = Design(counts, x, np.arange(bins))
    assert jackknife(giant, np.arange(units)).df < 5.0


def test_permutation_scores_equal_brute_force():
    """The pairwise shortcut gives what refitting nothing but x for each assignment gives."""
    panel = small()
    design = panel.design()
    null = fit(design.with_x(design.x[:0]))
    drawn = permutation.admissible(panel.dose, panel.strata, np.random.default_rng(1), 12)
    fast = permutation.scores(design, panel.dose, panel.slope, drawn)
    for row, donors in enumerate(drawn.donors[:13]):
        x = panel.dose[donors][None, :, None, :] * panel.slope[None, :, :, None]
        residual = residualise(design.with_x(x), x, null.mu)[0][0]
        by_unit = (residual * (design.y - null.mu)).sum(axis=(1, 2))
        assert fast[row] == pytest.approx(by_unit.sum() / np.sqrt((by_unit**2).sum()), abs=1e-6)


def test_every_assignment_is_listed_when_there_are_few():
    dose = np.eye(5)[:, :3]
    drawn = permutation.admissible(dose, ["a", "a", "a", "b", "b"], np.random.default_rng(0))
    assert drawn.complete
    assert len({tuple(r) for r in drawn.donors}) == len(drawn.donors) == 12
    assert drawn.distinct == 6
    assert drawn.smallest_p == pytest.approx(1 / 6)
    assert (drawn.donors[0] == np.arange(5)).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_volume_and_drift_cannot_move_the_estimate(seed):
    """Multiplying a corridor-year, or a bin's whole history, leaves the coefficient alone."""
    rng = np.random.default_rng(seed)
    design = small(records=4_000).design()
    y = fit(design).mu
    scaled = y * rng.integers(1, 4, (y.shape[0], 1, y.shape[2]))
    again = Design(scaled, design.x, design.group)
    tilted = Design(y * rng.uniform(0.5, 2.0, (1, y.shape[1], 1)), design.x, design.group)
    beta = fit(Design(y, design.x, design.group)).beta[0]
    assert fit(tilted).beta[0] == pytest.approx(beta, abs=0.2)
    assert abs(fit(again).beta[0] - beta) < 0.2


def test_a_planted_effect_is_found_and_its_truth_is_inside():
    estimate = primary(
        small(rate_ratio=3.0, records=6_000, corridors=8), stream(1, "headline"), draws=999
    )
    assert estimate.supported
    assert math.log(estimate.estimate.low) < math.log(3.0) < math.log(estimate.estimate.high)
    low, high = estimate.permutation_bounds
    assert low < math.log(3.0) < high
    shifts = relocation(small(rate_ratio=3.0, records=6_000, corridors=8), estimate)
    assert shifts[0].estimate > 0
    assert shifts[1].low < shifts[1].estimate < shifts[1].high


def test_the_same_seed_gives_the_same_row():
    rows = [primary(small(), stream(5, "headline"), draws=199).estimate for _ in range(2)]
    assert estimates_table(rows[:1]).equals(estimates_table(rows[1:]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.isel(corridor=[0]), "one corridor remains"),
        (lambda d: d.isel(corridor=[]), "no corridor has enough records"),
        (lambda d: d.assign(dose=d.dose * 0), "no tower"),
        (lambda d: d.assign(dose=d.dose * 0 + 0.5), "the same in every corridor"),
        (lambda d: d.assign(deaths=d.deaths * 0), "no record is left"),
        (lambda d: d.isel(corridor=[0, 1, 2]), "3 clusters"),
        (lambda d: d.assign(dose=d.dose * (d.corridor == d.corridor[_first(d)])), "one cluster"),
        (lambda d: d.assign(deaths=d.deaths.where(d.bin == 0, 0)), "does not vary"),
    ],
)
def test_bad_input_earns_a_sentence_and_no_number(change, said):
    panel = panel_of(change(small().data))
    result = primary(panel, stream(1, "headline"), draws=99)
    assert said in result.refused
    decided = claim(result, {})
    assert decided.level == "L0"
    row = estimates_table([decided.row(result)]).iloc[0]
    assert row[["estimate", "low", "high", "p", "mde"]].isna().all()
    assert said in row["sentence"]


def _first(data: xr.Dataset) -> int:
    return int(np.flatnonzero(data.dose.max("year").values > 0)[0])


def test_separation_is_refused():
    """Deaths on hard ground only, wherever there is dose: the ratio is infinite, and says so."""
    data = small(records=3_000).data
    deaths = data.deaths.where((data.dose == 0) | (data.slope > 1.0), 0.0)
    result = primary(panel_of(data.assign(deaths=deaths)), stream(1, "headline"), draws=99)
    assert "separate" in result.refused
