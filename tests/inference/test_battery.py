"""Everything in its order, and what may be said after it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from simulated_panels import simulated

from geo.inference import (
    GATES,
    Inputs,
    PanelOptions,
    analyse,
    claim,
    classify_ground,
    estimates_table,
    place_records,
    primary,
)
from geo.inference.estimation.agreement import rejects, silent
from geo.inference.estimation.outcomes import Outcome, read
from geo.inference.estimation.rows import Estimate
from geo.inference.registered.gates import UNPOWERED, ran
from geo.inference.registered.headline import RRR, Headline
from geo.inference.registered.reached import Reached
from geo.inference.registered.registration import SPECIFICATIONS
from geo.inference.robustness.robustness import same_side
from geo.inference.robustness.variants import specifications
from geo.strips import strips
from geo.study import stream
from geo.synthetic.panels import PanelPlan
from geo.synthetic.places import simulate_places

PLAN = PanelPlan(corridors=8, treated=5, years=24, records=3_000, rate_ratio=2.5)


@pytest.fixture(scope="module")
def inputs():
    study = simulate_places(PLAN, np.random.default_rng(1))
    years = range(PLAN.first_year, PLAN.first_year + PLAN.years)
    deaths = study.deaths.assign(
        land_manager=np.where(np.arange(len(study.deaths)) % 3 == 0, "Tohono O'odham", "Other")
    )
    ground = classify_ground(study.hardness, study.corridors, PLAN.bins)
    return Inputs(deaths, ground, study.dose, tuple(years), study.density)


@pytest.fixture(scope="module")
def found(inputs):
    return analyse(inputs, PanelOptions(), partial(stream, 1), draws=199, imputations=3)


def test_every_row_meets_its_contract_and_says_one_thing(found):
    table = estimates_table(found.rows)
    assert table["analysis"].is_unique
    assert table["sentence"].str.len().gt(20).all()
    assert not table["sentence"].str.contains("kill|caused", case=False).any()
    assert table.loc[table["p"].notna(), "reference_set"].notna().all()
    assert table.iloc[0]["analysis"] == "headline"
    for gate in GATES:
        assert f"{gate}=" in table.iloc[0]["gates"]


def test_a_wide_land_read_in_strips_has_the_same_answer(inputs, found, monkeypatch):
    monkeypatch.setattr("geo.strips.STRIP_CELLS", 100)
    assert len(list(strips(*inputs.density.shape))) > 3
    wide = replace(inputs, density=inputs.density.chunk({"y": 7}))
    again = analyse(wide, PanelOptions(), partial(stream, 1), draws=199, imputations=3)
    one, two = estimates_table(found.rows), estimates_table(again.rows)
    for column in one:
        if one[column].dtype.kind == "f":
            np.testing.assert_allclose(two[column], one[column], rtol=1e-9)
        else:
            assert list(two[column]) == list(one[column])


def test_no_claim_above_association_without_a_validated_route_model(found):
    assert found.claim.supported
    assert found.claim.level == "L1"
    assert any("route model" in m for m in found.claim.missing)


def test_the_multiverse_holds_every_specification(inputs):
    assert len(specifications(inputs, PanelOptions())) == SPECIFICATIONS


def headline_of(ratio: float):
    plan = PanelPlan(rate_ratio=ratio, records=20_000, cell_sd=0.05, gradient_sd=0.05)
    panel = simulated(plan, np.random.default_rng(0))
    return primary(panel, stream(1, "headline"), draws=499, invert=False)


@pytest.fixture(scope="module")
def harder():
    return headline_of(2.0)


ALL = dict.fromkeys(GATES, True)


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "L3", "If hardness gradients would otherwise have moved in parallel"),
        ({"placebo_towers": None}, "L2", "what the funnel hypothesis predicts"),
        ({"negative_controls": False}, "L2", "what the funnel hypothesis predicts"),
        ({"route_model_validated": None}, "L1", "was accompanied by"),
        (
            {"hard_out_of_view_rises": False, "more_than_fewer_in_view": False},
            "L1",
            "cannot be told",
        ),
        ({"sign_gps_only": False}, "L1", "not called supported"),
        ({"sign_as_recorded": None}, "L1", "was not checked"),
        ({"placebo_dates": None}, "L1", "not run: silence at placebo dates"),
        ({"leave_one_out": False, "precision": None}, "L1", "; not run: size with GPS records"),
        ({"controls_separable": None}, "L2", "No covariate of this study could be held"),
    ],
)
def test_the_ladder(harder, changes, level, said):
    decided = claim(harder, ALL | changes)
    assert decided.level == level
    assert said in decided.sentence


def test_a_result_against_the_hypothesis_is_said_as_plainly():
    decided = claim(headline_of(0.5), ALL)
    assert decided.supported
    assert decided.level == "L1"
    assert "This is against the funnel hypothesis" in decided.sentence


@pytest.mark.parametrize(
    ("log_ratio", "se", "dose", "told"),
    [
        (0.7, 0.2, 0.4, True),
        (4.2, 4.2, 0.1, False),  # 65.9 (0.02 to 271,000) at a tenth: narrow there, not per unit
        (1.5, 0.9, 1.0, False),
    ],
)
def test_the_headline_is_quoted_at_the_coverage_reached_or_not_at_all(log_ratio, se, dose, told):
    middle, reach = math.exp(log_ratio), 1.96 * se
    row = Estimate(
        "headline", RRR, middle, math.exp(log_ratio - reach), math.exp(log_ratio + reach), 0.001,
        "all exchanges", mde=math.exp(2.8 * se),
    )  # fmt: skip
    found = Headline(row, reached=Reached(dose, 5))
    decided = claim(found, ALL)
    first, second = decided.rows(found)
    assert second.estimate == pytest.approx(math.exp(dose * log_ratio))
    assert f"dose of {dose:.2f}" in second.estimand
    assert first.estimate == middle  # per unit dose stands in the table
    assert decided.supported is told
    assert (decided.level == "L0") is not told
    assert (f"{middle:.2f}" in decided.sentence) is told
    assert (f"{second.estimate:.2f} at the coverage reached" in decided.sentence) is told
    assert ("cannot tell" in decided.sentence) is not told


def test_nothing_found_prints_what_could_have_been_found(harder):
    null = headline_of(1.0)
    decided = claim(null, ALL)
    assert decided.level == "L1"
    assert not decided.supported
    assert f"{null.estimate.mde**null.reached.dose:.2f}" in decided.sentence
    assert "not evidence that there was none" in decided.sentence


def test_unknown_gates_and_levels_are_refused(harder):
    with pytest.raises(KeyError, match="unknown gate"):
        claim(harder, {"wishful": True})
    with pytest.raises(KeyError, match="unknown level"):
        claim(harder, ALL, caps=[("L9", "no such level")])
    weaker = replace(harder.estimate, p=0.2)
    assert claim(replace(harder, estimate=weaker), ALL).level == "L1"


def test_a_cap_holds_the_claim_down_and_says_why(harder):
    zones = ("L1", "exposure is by programme zones, not towers")
    decided = claim(harder, ALL, exploratory=True, caps=[zones, zones])
    assert decided.level == "L1"
    assert decided.sentence.count("No claim above L1: exposure is by programme zones") == 1
    assert "exploratory" in decided.sentence
    assert "was accompanied by" in decided.sentence  # the words of L1, not those of L3
    assert any("programme zones" in m for m in decided.missing)
    low = claim(harder, dict.fromkeys(GATES), caps=[("L2", "nothing that binds")])
    assert low.level == "L1"
    assert claim(harder, ALL, caps=[("L0", "described only")]).level == "L0"


@pytest.mark.parametrize("gate", [g for g, own in GATES.items() if own.reads[0] != "headline"])
def test_no_gate_passes_without_having_run(harder, gate):
    """Not run, with its reason, bars the level as a failure does, and is written in the row."""
    level = {"support": "L1", "L2": "L1", "L3": "L2"}[GATES[gate].bars]
    lost = claim(harder, ALL | {gate: Outcome(None, "no input; a=b")})
    assert lost.level == level == claim(harder, ALL | {gate: False}).level
    assert any("not run (no input" in m for m in lost.missing)
    row = estimates_table([lost.row(harder)]).iloc[0]
    assert read(row["gates"])[gate] == Outcome(None, "no input, a is b")


def test_a_check_with_a_row_that_was_not_run_is_not_passed():
    run, lost = Estimate("x", "ratio", 1.0, 0.7, 1.4, p=0.5), Estimate("y", "ratio")
    loud, weak = replace(run, p=0.01), replace(run, low=0.5, high=2.0)
    cases = ([run], [run, lost], [loud, lost], [], [weak], [replace(weak, low=1.01)])
    assert [silent(r) for r in cases] == [True, None, False, None, None, False]
    assert ran(silent([weak]), weak).reason == f"x: {UNPOWERED}"
    assert [rejects(r) for r in ([loud], [loud, lost], [run, lost], [])] == [
        True, None, False, None,
    ]  # fmt: skip
    sides = replace(run, low=1.1, high=1.4), replace(run, low=0.9, high=1.4)
    partly = replace(sides[0], refused="without 2009 the ratio cannot be estimated")
    assert same_side(sides[:1]) is True
    assert same_side([sides[0], lost]) is None
    assert same_side([partly]) is None
    assert same_side([sides[1], lost]) is False


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        "few records",
        "no gps",
        *(pytest.param(c, marks=pytest.mark.attack) for c in ("no dose", "two corridors")),
    ],
)
def test_thin_inputs_earn_sentences_and_no_traceback(inputs, case):
    deaths, dose = inputs.deaths, inputs.dose
    if case == "few records":
        deaths = deaths.iloc[:15]
    elif case == "no gps":
        deaths = deaths.assign(precision_class="directions", precision_m=2_000.0)
    elif case == "no dose":
        dose = dose.assign(dose=0.0)
    else:
        placed = place_records(deaths, inputs.ground)
        deaths = deaths[placed["unit"].isin([0, 1]).to_numpy()]
    thin = replace(inputs, deaths=deaths, dose=dose)
    result = analyse(thin, PanelOptions(), partial(stream, 1), draws=19, imputations=2)
    table = estimates_table(result.rows)
    assert table["sentence"].str.len().gt(20).all()
    if case == "no gps":
        assert not result.claim.supported
    else:
        assert result.claim.level == "L0"
        assert "cannot be estimated" in result.claim.sentence
