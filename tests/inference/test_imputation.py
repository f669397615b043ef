"""Imputation: kernels, Rubin's rules, same seed same bytes, bias that it takes away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from geo import grid
from geo.inference import (
    ImputationOptions,
    build_panel,
    classify_ground,
    draw_doses,
    estimates_table,
    impute_panels,
    pool,
    primary,
)
from geo.inference.registered.candidate_places import candidates, place_once
from geo.inference.registered.imputation import impute_intervals
from geo.study import stream
from geo.synthetic.panels import PanelPlan
from geo.synthetic.places import simulate_places

PLAN = PanelPlan(corridors=6, treated=4, years=12, records=900, rate_ratio=2.0)


@pytest.fixture(scope="module")
def study():
    return simulate_places(PLAN, np.random.default_rng(7))


@pytest.fixture(scope="module")
def ground(study):
    return classify_ground(study.hardness, study.corridors, PLAN.bins)


def test_intervals_stay_in_their_class_and_are_log_uniform():
    deaths = pd.DataFrame(
        {
            "pmi_class": np.repeat(["week", "longer", "unknown", "8-months"], 2_000),
            "found_on": pd.Timestamp("2010-01-01"),
        }
    )
    drawn = impute_intervals(deaths, np.random.default_rng(0), 2)
    week, longer, blank, months = (drawn[:, i * 2_000 : (i + 1) * 2_000] for i in range(4))
    assert week.min() >= 1.0
    assert week.max() <= 7.0
    assert np.median(week) == pytest.approx(np.sqrt(7.0), rel=0.05)
    assert longer.min() >= 240.0
    assert longer.mean() == pytest.approx(240.0 + 365.0, rel=0.05)
    assert months.max() <= 240.0
    assert (blank <= 7.0).mean() == pytest.approx(1 / 3, abs=0.04)


def test_places_follow_kernel_and_prior(study, ground):
    """A flat prior gives back the class radius; a prior of one cell draws that cell only."""
    vague = study.deaths[study.deaths["precision_class"] == "directions"].iloc[:50]
    found = candidates(vague, ground, None, np.random.default_rng(0))
    step = (found.row - found.row[:, :1]) * 1_000.0
    assert step[:, 1:].std() == pytest.approx(2_000.0, rel=0.1)
    only = np.zeros(study.density.shape)
    one = vague.iloc[[0]]
    row, col = found.row[0, 5], found.col[0, 5]
    only[row, col] = 1.0
    prior = grid.wrap(only, grid.grid_of(study.density), "density", "1")
    sure = candidates(one, ground, prior, np.random.default_rng(0))
    placed = place_once(sure, ground, np.array([0]), None, np.random.default_rng(1))
    assert placed["unit"][0] == ground["unit"].values[row, col]
    assert placed["bin"][0] == ground["bin"].values[row, col]


def drawn(study, ground, seed: int = 3):
    years = range(PLAN.first_year, PLAN.first_year + PLAN.years)
    return impute_panels(
        study.deaths,
        ground,
        [study.dose],
        years,
        stream(seed, "imputation"),
        prior=study.density,
        options=ImputationOptions(draws=4),
    )


def test_same_seed_same_bytes_and_another_seed_another_draw(study, ground):
    first, again, other = drawn(study, ground), drawn(study, ground), drawn(study, ground, 4)
    for a, b in zip(first.panels + first.blind, again.panels + again.blind, strict=True):
        assert a.deaths.tobytes() == b.deaths.tobytes()
    assert first.panels[0].deaths.tobytes() != other.panels[0].deaths.tobytes()
    rows = [
        estimates_table([pool(d, stream(1, "pool"), draws=99).estimate]) for d in (first, again)
    ]
    assert rows[0].equals(rows[1])


def test_rubin_adds_the_variance_between_draws(study, ground):
    panels = drawn(study, ground)
    pooled = pool(panels, stream(1, "pool"), draws=99)
    single = [primary(p, stream(1, "x"), draws=99, invert=False) for p in panels.panels]
    betas = np.array([s.answer.interval.beta[0] for s in single])
    within = np.mean([s.answer.interval.se**2 for s in single])
    assert pooled.beta == pytest.approx(betas.mean(), abs=1e-9)
    assert pooled.variance == pytest.approx(within + 1.25 * betas.var(ddof=1), rel=1e-9)
    assert 0.0 < pooled.missing_information < 1.0
    doses = np.array([s.reached.dose for s in single])
    assert np.log(pooled.reached.pooled[0]) == pytest.approx((betas * doses).mean(), abs=1e-9)


@pytest.mark.slow
def test_imputation_takes_away_the_attenuation():
    """Blurred places and late dates pull the ratio to one; imputing pulls it back."""
    plan = PanelPlan(
        corridors=8, treated=5, years=16, records=12_000, rate_ratio=2.5,
        cell_sd=0.02, gradient_sd=0.02, volume_sd=0.02,
    )  # fmt: skip
    study = simulate_places(plan, np.random.default_rng(2))
    ground = classify_ground(study.hardness, study.corridors, plan.bins)
    years = range(plan.first_year, plan.first_year + plan.years)
    naive = primary(
        build_panel(study.deaths, ground, study.dose, years), stream(1, "x"), draws=99, invert=False
    ).answer.interval.beta[0]
    panels = impute_panels(
        study.deaths, ground, [study.dose], years, stream(1, "y"), prior=study.density,
        options=ImputationOptions(draws=4),
    )  # fmt: skip
    pooled = pool(panels, stream(1, "z"), draws=99).beta
    assert naive < study.log_ratio - 0.08
    assert abs(pooled - study.log_ratio) < 0.5 * abs(naive - study.log_ratio)


def test_dose_follows_drawn_dates():
    box = grid.grid_from_bounds((400_000, 3_500_000, 404_000, 3_502_000), "EPSG:32612", 1_000)
    shape = tuple(box.shape)
    corridors = grid.wrap(np.zeros(shape, np.int16), box, "corridor", "1", names=["only"])
    views = np.zeros((2, *shape), bool)
    views[0, 0], views[1] = True, True
    tower = xr.DataArray(views, dims=("tower", "y", "x"))
    never = np.datetime64("2200-01-01")
    half = (np.array(["2005-01-01", "2006-07-02"], "datetime64[D]"), np.array([never, never]))
    gone = (half[0], np.array(["2006-01-01", "2007-01-01"], "datetime64[D]"))
    late, short = draw_doses(tower, [half, gone], None, corridors, [2004, 2005, 2006, 2007])
    assert late["dose"].tolist() == pytest.approx([0.0, 0.5, 0.5 + 0.5 * 183 / 365, 1.0])
    assert short["dose"].tolist() == pytest.approx([0.0, 0.5, 183 / 365, 0.0])
