"""R13: the headline on earlier states of the records, beside today's over the same years."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from geo.inference import Inputs, PanelOptions, analyse, classify_ground, vintage
from geo.inference.estimation.rows import Estimate
from geo.inference.robustness.vintages import floored
from geo.study import stream
from geo.synthetic.panels import PanelPlan
from geo.synthetic.places import simulate_places

PLAN = PanelPlan(corridors=8, treated=5, years=24, records=2_000, rate_ratio=2.5)
YEARS = tuple(range(PLAN.first_year, PLAN.first_year + PLAN.years))
LAST = pd.Timestamp(YEARS[-4], 2, 1)


@pytest.fixture(scope="module")
def study():
    return simulate_places(PLAN, np.random.default_rng(3))


@pytest.fixture(scope="module")
def rows(study):
    """Return the rows of R13 for a vintage that holds, and one that lost, the same people."""
    now = study.deaths.assign(land_manager="")
    known = now[now["found_on"] <= LAST]
    halved = known[np.random.default_rng(0).random(len(known)) < 0.5]
    inputs = Inputs(
        now,
        classify_ground(study.hardness, study.corridors, PLAN.bins),
        study.dose,
        YEARS,
        variants=vintage("whole", now, YEARS, parents="snapshot:1")
        | vintage("half", halved, YEARS, "Half of them came since.", "snapshot:2"),
    )
    found = analyse(inputs, PanelOptions(), partial(stream, 1), draws=99, imputations=2)
    return {r.analysis: r for r in found.rows if r.analysis.startswith("R13")}


@pytest.mark.slow
def test_the_same_records_give_the_same_number(rows):
    whole, today = rows["R13.whole"], rows["R13.whole.today"]
    assert (whole.estimate, whole.n) == (today.estimate, today.n)
    assert whole.estimate > 1


def test_records_that_came_since_change_it_and_the_sentence_says_so(rows):
    half, today = rows["R13.half"], rows["R13.half.today"]
    assert 0.4 * today.n < half.n < 0.6 * today.n
    assert half.estimate != today.estimate
    span = f"study years {YEARS[0]} to {YEARS[-5]}"
    assert half.sentence.startswith(f"Records as they stood in half, {span}. Half of them came")
    assert today.sentence.startswith(f"Today's records, {span}.")
    assert half.parents.endswith("snapshot:2")
    assert "snapshot" not in today.parents


def test_the_year_of_the_last_report_is_not_asked(study):
    until = study.deaths[study.deaths["found_on"] <= LAST]
    asked = vintage("then", until, YEARS)["R13.then"].years
    assert asked == YEARS[:-4]


def test_a_difference_under_five_is_not_left_to_be_told():
    one = Estimate("R13.a", "ratio", n=103)
    for today, shown in ((103, 103), (108, 103), (105, None), (99, None)):
        pair = floored([one, replace(one, analysis="R13.a.today", n=today)])
        assert [r.n for r in pair] == [shown, today]
