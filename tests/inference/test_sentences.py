"""Random estimates and gates, and the claim's sentence read back: it contradicts no row."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_sentences import contradictions

from geo.inference import GATES, claim
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.panel.eligibility import TOWERS
from geo.inference.registered import bounds, part_words, spanish
from geo.inference.registered.analyses import ANALYSES
from geo.inference.registered.claims import EXPLORATORY
from geo.inference.registered.headline import RRR, Headline
from geo.inference.registered.headline_words import EMPTY, sentence
from geo.inference.registered.phrases import in_language
from geo.inference.registered.reached import Reached, informative
from geo.inference.robustness import controls, robustness
from geo.inference.spatial import expectations
from geo.records import CLAIMS

QUOTED = re.compile(
    r"ratio of rate ratios (\S+) at the coverage reached \(a dose of (\S+), .*?95 % interval (\S+) "
    r"to (\S+); permutation (p [=<] \S+?)[;,].*?per unit dose (\S+), (\S+) to (\S+?)(?:[;.] |\.$)"
)
OPEN = re.compile(r"What bars a higher claim: (.*?)\.(?: |$)")
SHORT = {gate.short: name for name, gate in GATES.items()}


@st.composite
def claims(draw):
    log_ratio, se = draw(st.floats(-3, 3)), draw(st.floats(0.02, 1.5))
    low, high = (math.exp(log_ratio + s * 2.2 * se) for s in (-1, 1))
    row = Estimate(
        "headline", RRR, math.exp(log_ratio), low, high, draw(st.floats(0.0005, 1)), "exchanges",
        mde=math.exp(3.1 * se),
    )  # fmt: skip
    own = Reached(draw(st.floats(0.05, 1.0)), draw(st.integers(1, 9)))
    found = Headline(row.says(sentence(row, None, own)), reached=own)
    states = draw(
        st.dictionaries(st.sampled_from(list(GATES)), st.sampled_from([True, False, None]))
    )
    gates = dict.fromkeys(GATES, True) | states
    caps = draw(st.lists(st.sampled_from([("L1", "by zones"), ("L2", "by range")]), max_size=2))
    held = draw(st.lists(st.sampled_from(["fence", "agents"]), unique=True))
    outcomes = {n: Outcome(v, "no input" if v is None else "") for n, v in gates.items()}
    exploratory = draw(st.booleans())
    return found, caps, held, claim(found, outcomes, exploratory=exploratory, caps=caps, held=held)


@settings(max_examples=150, deadline=None)
@given(claims())
def test_no_sentence_contradicts_the_row_beside_it(drawn):
    found, caps, held, decided = drawn
    text, (row, at) = decided.sentence, decided.rows(found)
    told = informative(row, found.reached).passed
    assert ("cannot tell" in text) is not told
    numbers = QUOTED.search(text)
    assert bool(numbers) is told
    if numbers:
        middle, *bounds = (ratio_words(v) for v in (at.estimate, at.low, at.high))
        wanted = [middle, f"{found.reached.dose:.2f}", *bounds]
        wanted += [p_words(row.p), *(ratio_words(v) for v in (row.estimate, row.low, row.high))]
        assert list(numbers.groups()) == wanted
        way = {"harder": row.estimate > 1, "easier": row.estimate < 1}
        assert all(way[w] for w in re.findall(r"(?:to|moved to) (harder|easier) ground", text))
        assert ("No change" in text) is not row.significant
    else:
        assert decided.level == "L0"
        assert "ratio of rate ratios" not in text
    assert all(CLAIMS.index(decided.level) <= CLAIMS.index(level) for level, _ in caps)
    assert all(f"No claim above {level}: {why}." in text for level, why in caps)
    for name, passed in decided.gates.items():
        if decided.level in ("L2", "L3") and GATES[name].bars in ("support", "L2"):
            assert passed
    claimed = OPEN.search(text)
    for part in claimed.group(1).split("; ") if claimed else ():
        state, _, names = part.partition(": ")
        for short in filter(names.__contains__, SHORT):
            assert decided.gates[SHORT[short]] is {"failed": False, "not run": None}[state]
    if decided.level == "L2":
        assert all(h in text for h in held)
        assert ("No covariate" in text) is (not held)
    if decided.level != "L3":
        assert "If hardness gradients" not in text
    spoken = decided.sentence_es.replace(",", ".").replace("\N{NARROW NO-BREAK SPACE}", ",")
    assert figures(text) == figures(spoken)


def figures(text):
    """Return every number of a text, however its sentences end, in order of size."""
    found = re.findall(r"\d+(?:[.,]\d+)*", text)
    return sorted(n.replace(",", "") for n in found)


def test_every_word_that_stands_in_a_sentence_has_its_spanish():
    from flows.stages import sight, zones

    blanks = {
        *(TOWERS, zones.COVERAGE_WORDS, sight.COVERAGE_WORDS, zones.CAP_REASON, sight.CAP_REASON),
        *(EXPLORATORY.reason, *EMPTY.values()),
    }
    assert all("«" not in in_language(text, "es") for text in blanks)
    assert set(spanish.GATES) == set(GATES)
    assert set(spanish.ANALYSES) == {a.name for a in ANALYSES}


finite = st.floats(-3, 3)


@st.composite
def rows(draw, analysis="x", estimand=RRR):
    """A row whose p and interval may disagree, as those of exchange and jackknife may."""
    middle, se = draw(finite), draw(st.floats(0.02, 1.5))
    low, high = (math.exp(middle + s * 2.2 * se) for s in (-1, 1))
    return Estimate(
        analysis, estimand, math.exp(middle), low, high, draw(st.floats(0.0005, 1)), "exchanges",
        mde=math.exp(3.1 * se),
    )  # fmt: skip


def headline_of(row, dose=0.7):
    own = Reached(dose, 4)
    return Headline(row.says(sentence(row, None, own)), reached=own)


def answering(monkeypatch, module, drawn):
    """Let a comparison answer with a drawn row."""
    numbers = {n: getattr(drawn, n) for n in ("estimate", "low", "high", "p", "mde")}
    interval = SimpleNamespace(df=5.0, p=drawn.p)
    answer = SimpleNamespace(row=lambda row: replace(row, **numbers), interval=interval)
    monkeypatch.setattr(module, "ask", lambda *_: answer)


@settings(max_examples=100, deadline=None)
@given(rows(), st.booleans())
def test_a_variant_says_what_its_p_and_interval_say(drawn, exchange):
    with pytest.MonkeyPatch.context() as patch:
        answering(patch, robustness, drawn)
        asked = SimpleNamespace(y=np.ones(3))
        row = robustness.answered(
            asked, Estimate("R9.x", RRR), None, None, "With x held", exchange=exchange
        )
    assert contradictions(row) == []


@settings(max_examples=100, deadline=None)
@given(rows(estimand="ratio: shift of skeletal over shift of fresh records"))
def test_search_that_tilted_is_said_with_its_numbers(drawn):
    panel = SimpleNamespace(
        slope=np.ones((2, 3)), dose=np.ones((2, 4)), strata=["a", "a"], deaths=np.ones((2, 3, 4)),
        data={}, system=None,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        answering(patch, controls, drawn)
        row = controls.fresh_against_skeletal(panel, np.ones((2, 3, 4)), None)
    assert contradictions(row) == []


@settings(max_examples=100, deadline=None)
@given(rows(analysis="headline"), st.lists(finite, min_size=2, max_size=6), rows())
def test_what_is_made_from_a_headline_is_quoted_where_it_is(drawn, values, tilt):
    found = headline_of(drawn)
    labels = [f"corridor {n}" for n in range(len(values))]
    left = robustness._left_out(found, "R1.corridor", np.array(values), labels)
    bound, _ = bounds.detection_bound(found, tilt)
    made = [left, bound]
    for row in made:
        assert ("Not quoted" in row.sentence) is not found.told
        wrong = contradictions(row, tilt if row is bound else None)
        assert wrong == [], row.sentence
    change = re.search(r"had to (rise|fall) by (\d+) %", bound.sentence)
    if change:
        assert change.groups() == (
            "rise" if drawn.estimate >= 1 else "fall",
            f"{100 * abs(drawn.estimate - 1):.0f}",
        )


@settings(max_examples=100, deadline=None)
@given(rows(estimand=part_words.NAMES["parts.easy_in_view"]), st.floats(0.0005, 1))
def test_parts_say_what_their_numbers_say(drawn, joint):
    assert contradictions(drawn.says(part_words.part_words(drawn))) == []
    assert contradictions(part_words.joint_row(joint, 4, "")) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans(), st.floats(0.8, 80))
def test_deaths_in_view_are_told_as_counted(seed, change, rate):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate, (2, 5)).astype(float)
    row = expectations._ratio_row("in_view.x", expectations.BEFORE, counts, "", change=change)
    assert contradictions(row) == []
    assert (row.estimate is None) is ("no ratio is given" in row.sentence)
    if row.estimate is not None:
        assert f" {ratio_words(row.estimate)} times" in row.sentence


def test_the_reader_finds_a_contradiction():
    """A reader that finds nothing in anything would make every test above pass."""
    row = Estimate("R9.x", RRR, 2.0, 1.2, 3.3, 0.01, mde=1.9)
    said = "With x held: a change, ratio 2.00 (1.20 to 3.30; p = 0.01; smallest ratio 1.90)."
    assert contradictions(row.says(said)) == []
    for old, new in (
        ("2.00", "2.10"), ("1.20", "1.10"), ("= 0.01", "= 0.02"),
        ("a change", "no change established"),
    ):  # fmt: skip
        assert contradictions(row.says(said.replace(old, new))) != [], new
    assert contradictions(replace(row, p=0.2).says(said.replace("0.01", "0.2"))) != []
    assert contradictions(replace(row, low=0.9).says(said.replace("1.20", "0.90"))) != []
