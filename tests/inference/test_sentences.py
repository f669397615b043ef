"""Random estimates and gates, and the claim's sentence read back: it contradicts no row."""

from __future__ import annotations

import math
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from geo.inference import GATES, claim
from geo.inference.estimation.outcomes import Outcome
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.registered.headline import RRR, Headline, sentence
from geo.inference.registered.reached import Reached, informative
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
        wanted = [ratio_words(v) for v in (at.estimate, found.reached.dose, at.low, at.high)]
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
