"""Worlds that the estimator did not write: each plants what it says, and errors add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.study import stream
from geo.synthetic.transects import exposures
from geo.synthetic.worlds import WorldPlan, astray, simulate_world
from validation.recorded import impute_world
from validation.world_trial import world
from validation.worlds import SMOKE, WORLDS

STARTS = np.array([5.0, 8.0, np.inf, 6.0])
TARGETS = np.array([0.6, 0.3, 0.5, 0.8])


@pytest.mark.parametrize("misread", ["theta", "cost", "range", "sites", "dates"])
def test_a_misread_exposure_is_not_the_one_that_deaths_follow(misread):
    true, read = exposures(misread, STARTS, 20, TARGETS, stream(1, misread))
    assert not np.allclose(true, read)
    assert not true[2].any()
    assert not read[2].any()
    assert (np.diff(read, axis=1) >= -1e-12).all()
    np.testing.assert_allclose(read[:, -1], np.where(np.isinf(STARTS), 0.0, TARGETS), atol=0.25)


def test_an_exposure_read_rightly_is_the_true_one():
    true, read = exposures("nothing", STARTS, 20, TARGETS, stream(1, "x"))
    np.testing.assert_array_equal(true, read)


def test_imputed_panels_hold_every_record_of_the_years_before_the_last():
    data = simulate_world(WORLDS["as-measured"].plan, stream(1, "records"))
    drawn = impute_world(data, stream(1, "imputed"), 2)
    entered = data.sel(corridor=drawn.panels[0].corridors)
    assert len(drawn.panels) == len(drawn.blind) == 2
    if len(entered["corridor"]) == data.sizes["corridor"]:
        assert drawn.panels[0].deaths.sum() == data["deaths"].sum()
    precise = entered["by_class"].sel(place="precise", found="fresh").sum("ground")
    assert (drawn.panels[0].deaths >= precise.values).all()


def test_records_led_astray_are_kept():
    counts = np.arange(2 * 3 * 2 * 1 * 4).reshape(2, 3, 2, 1, 4)
    assert astray(counts, stream(1, "astray")).sum() == counts.sum()


def test_groups_spread_counts_and_towers_chase_what_rose():
    plan = WorldPlan(records=4_000, cell_sd=0.0, gradient_sd=0.0, volume_sd=0.0)
    spread = [
        simulate_world(replace(plan, group_size=s), stream(1, "size"))["deaths"].values.var()
        for s in (1.0, 3.0)
    ]
    assert spread[1] > spread[0]
    risen = []
    for i in range(10):
        chased = replace(plan, gradient_step=0.2, chase=True, treated=2)
        data = simulate_world(chased, stream(1, f"chase/{i}"))
        before = data["deaths"].where(data["dose"] == 0).sum(("ground", "bin"))
        hard = (data["deaths"] * data["slope"]).where(data["dose"] == 0).sum(("ground", "bin"))
        late, early = slice(plan.first_year + 6, None), slice(None, plan.first_year + 2)
        score = hard.sel(year=late).sum("year") / before.sel(year=late).sum("year")
        score = score - hard.sel(year=early).sum("year") / before.sel(year=early).sum("year")
        covered = data["dose"].max("year") > 0
        risen.append(float(score.where(covered).mean() - score.where(~covered).mean()))
    assert np.mean(risen) > 0.0


def test_a_world_is_analysed_both_ways():
    found = world(replace(WORLDS["as-measured"].plan, rate_ratio=4.0), stream(1, "trial"))
    assert found["estimated"] == 1.0
    assert found["log_ratio"] > 0.0
    assert set(SMOKE) <= set(WORLDS)
    assert WorldPlan().reach == (0.1, 0.8)
