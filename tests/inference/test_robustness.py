"""The battery on panels with a known truth, and arithmetic that can be checked by hand."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from simulated_panels import panel_of, simulated

from geo import funnel, grid
from geo.inference import classify_ground, place_records, primary
from geo.inference.registered.bounds import detection_bound
from geo.inference.registered.inputs import InView
from geo.inference.robustness.controls import fresh_against_skeletal
from geo.inference.robustness.covariates import adjusted
from geo.inference.robustness.estimators import ols_shares
from geo.inference.robustness.multiverse import specification_curve
from geo.inference.robustness.robustness import (
    leave_one_out,
    placebo_dates,
    pre_trend,
    same_side,
    variants,
)
from geo.inference.spatial.expectations import LocatedRecords, in_view_deaths, locate, look
from geo.study import stream
from geo.synthetic.panels import PanelPlan

QUIET = {"cell_sd": 0.05, "gradient_sd": 0.05, "volume_sd": 0.05, "records": 20_000}


@pytest.fixture(scope="module")
def shifted():
    panel = simulated(PanelPlan(rate_ratio=2.0, **QUIET), np.random.default_rng(1))
    return panel, primary(panel, stream(1, "headline"), draws=499, invert=False)


def test_leave_one_out_brackets_the_headline(shifted):
    panel, headline = shifted
    rows = leave_one_out(panel, headline)
    for row in rows:
        assert row.low <= headline.estimate.estimate <= row.high
    assert same_side(rows)
    again = primary(panel.without(corridor=panel.corridors[0]), stream(1, "x"), draws=99)
    left = headline.answer.interval.leave_one_out[0, 0]
    assert math.log(again.estimate.estimate) == pytest.approx(left, abs=1e-6)


def test_placebo_dates_and_pre_trend_stay_silent_and_speak_when_planted(shifted):
    panel, _ = shifted
    for row in placebo_dates(panel, stream(1, "placebo"), draws=499):
        assert row.low < 1.0 < row.high
    assert pre_trend(panel, stream(1, "trend"), draws=499).p > 0.05
    dose = panel.data["dose"]
    early = dose.shift(year=-4, fill_value=1.0) * (dose.max("year") > 0)
    anticipated = panel.data["deaths"] * np.exp(1.0 * (early - dose) * panel.data["slope"])
    moved = pre_trend(
        panel_of(panel.data.assign(deaths=anticipated.transpose(*panel.data["deaths"].dims))),
        stream(1, "trend"),
        draws=499,
    )
    assert moved.low > 1.0


def test_a_covariate_that_copies_dose_is_called_inseparable(shifted):
    panel, _ = shifted
    rng = np.random.default_rng(0)
    noise = panel.data["dose"].copy(data=rng.normal(size=panel.dose.shape))
    policy = noise.copy(data=np.tile(noise.values[:1], (len(panel.corridors), 1)))
    found = adjusted(
        panel,
        {"R9.copy": panel.data["dose"] + 0.01 * noise, "R9.noise": noise, "R9.policy": policy},
        stream(1, "adjusted"),
        draws=199,
    )
    assert not found["R9.copy"].separable
    assert found["R9.noise"].separable
    assert found["R9.noise"].estimate.low < 2.0 < found["R9.noise"].estimate.high
    assert "absorbed" in found["R9.policy"].estimate.sentence


def test_search_tilt_is_flagged_and_bounds_the_claim():
    plan = PanelPlan(search_tilt=0.8, **QUIET)
    panel = simulated(plan, np.random.default_rng(1))
    fresh = panel.data["fresh"].sum("ground").values
    tilt = fresh_against_skeletal(panel, fresh, stream(1, "tilt"), draws=499)
    assert tilt.p <= 0.05
    assert tilt.low < math.exp(0.8) < tilt.high
    headline = primary(panel, stream(1, "headline"), draws=499, invert=False)
    assert headline.supported  # the fatal confounder does fool the headline by itself
    row, enough = detection_bound(headline, tilt)
    assert not enough
    assert row.estimate == headline.estimate.estimate


def test_specification_curve_tests_jointly(shifted):
    panel, headline = shifted
    rng = np.random.default_rng(0)
    thin = {
        f"half {i}": panel_of(
            panel.data.assign(
                deaths=panel.data["deaths"].copy(
                    data=rng.binomial(panel.data["deaths"].values.astype(int), 0.5).astype(float)
                )
            )
        )
        for i in range(5)
    }
    curve = specification_curve({"all": panel, **thin}, stream(1, "curve"), draws=499)
    assert curve.estimate.p <= 0.05
    assert curve.ratios[0] == pytest.approx(headline.estimate.estimate)
    assert len(variants(thin, stream(1, "variants"), draws=99)) == 5


def test_least_squares_has_the_same_sign(shifted):
    panel, headline = shifted
    row = ols_shares(panel, headline)
    assert row.low > 0


def test_deaths_in_view_against_each_expectation():
    """Half of every corridor comes into view in 2005; nothing changes, then half of it dies out."""
    box = grid.grid_from_bounds((400_000, 3_500_000, 440_000, 3_520_000), "EPSG:32612", 1_000)
    rows, cols = box.shape
    label = np.repeat((np.arange(cols) // 8)[None, :], rows, axis=0).astype(np.int16)
    corridors = grid.wrap(label, box, "corridor", "1", names=[f"c{i}" for i in range(5)])
    rise = np.repeat(np.arange(rows, 0.0, -1)[:, None], cols, axis=1)
    hours = grid.wrap(np.ones(rise.shape), box, "hours", "h")
    hard = funnel.hardness(grid.wrap(rise, box, "energy", "kJ/km"), hours, corridors)
    south = rise <= rows / 2
    view = np.stack([south * (year >= 2005) for year in range(2001, 2010)]).astype(float)
    dims, coords = ("year", "y", "x"), {"year": list(range(2001, 2010))}
    seen = grid.wrap(view, box, "in_view", "1", dims=dims, coords=coords)
    rng = np.random.default_rng(0)
    n = 12_000
    x, y = rng.uniform(400_000, 440_000, n), rng.uniform(3_500_000, 3_520_000, n)
    year = rng.integers(2001, 2010, n)
    day = pd.to_datetime([f"{t}-03-01" for t in year])
    spared = (y < 3_510_000) & (year >= 2005) & (rng.random(n) < 0.5)
    deaths = gpd.GeoDataFrame(
        {"found_on": day, "death_latest": day, "persons": 1, "place_ok": True, "date_ok": True},
        geometry=gpd.points_from_xy(x, y, crs="EPSG:32612"),
    ).to_crs("EPSG:4326")
    ground = classify_ground(hard, corridors, 5, seen)
    flat = grid.wrap(np.ones(rise.shape), box, "density", "1")
    years = range(2001, 2010)
    for records, ratio in ((deaths, 1.0), (deaths[~spared], 2 / 3)):
        elsewhere = look(records, ground, seen.copy(data=view[:, ::-1])).seen
        found = in_view_deaths(
            locate(records, place_records(records, ground), years),
            {"all": look(records, ground, seen, flat)},
            placebos=np.stack([elsewhere] * 19),
        )
        before, routes, placebo = found
        assert before.estimate == pytest.approx(ratio, abs=0.04)
        assert before.low < before.estimate < before.high
        assert routes.estimate == pytest.approx(ratio, abs=0.04)
        assert placebo.estimate == pytest.approx(ratio if ratio == 1.0 else 0.5, abs=0.05)
        assert "change" in placebo.sentence
        assert placebo.level == "L0"


def test_deaths_in_view_of_few_records_carry_no_number():
    units, year = np.repeat(np.arange(5), 400), np.random.default_rng(0).integers(0, 10, 2_000)
    half = np.random.default_rng(1).random(2_000) < 0.5
    seen = half[None, :] * (np.arange(10) >= 4)[:, None].astype(float)
    area = np.tile(0.5 * (np.arange(10) >= 4), (5, 1))
    every = LocatedRecords(units, np.ones(2_000), year)
    row = in_view_deaths(every, {"all": InView(seen, area)})[0]
    assert row.low < 1.0 < row.high
    few = LocatedRecords(units[:3], np.ones(3), year[:3])
    row = in_view_deaths(few, {"all": InView(seen[:, :3], area)})[0]
    assert row.estimate is None
    assert row.level == "L0"
