"""Every sentence of a run is the one that was read by eye, and contradicts no number beside it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from golden import read, written

sys.path.insert(0, str(Path(__file__).parents[1] / "inference"))
from reading_sentences import contradictions

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.txt"))


def beside(row, rows):
    """The row at the coverage reached that a row quotes as well, or the headline it is made of."""
    names = {r.analysis: r for r in rows}
    if row.analysis.endswith(".at_reached_dose"):
        return names[row.analysis.removesuffix(".at_reached_dose")]
    if row.analysis == "R10.detection_bound":
        return names["R3.fresh_against_skeletal"]
    return names.get(f"{row.analysis}.at_reached_dose")


def wrong(row, rows):
    """Contradictions of a row; plan 1 quotes a coverage of two digits and has no row there."""
    said = contradictions(row, beside(row, rows))
    dose = re.search(r"a dose of (0\.\d\d)", row.sentence)
    if not said or row.analysis != "headline.as_recorded" or not dose:
        return said
    near = [float(dose[1]) + n / 10_000 for n in range(-50, 51)]
    numbers = ("estimate", "low", "high", "mde")
    there = [SimpleNamespace(**{n: getattr(row, n) ** d for n in numbers}, p=row.p) for d in near]
    return min((contradictions(row, reached) for reached in there), key=len)


@pytest.mark.parametrize("name", NAMES)
def test_no_golden_sentence_contradicts_its_numbers(name):
    rows = read((GOLDEN / f"{name}.txt").read_text("utf-8"))
    assert len(rows) > 60
    found = {r.analysis: said for r in rows if (said := wrong(r, rows))}
    assert found == {}


def test_tiny_says_what_was_read(tiny):
    assert written(tiny.bundle("tiny")) == (GOLDEN / "tiny.txt").read_text("utf-8")


@pytest.mark.attack
@pytest.mark.parametrize("name", [name for name in NAMES if name in ("sample", "null")])
def test_the_built_in_studies_say_what_was_read(make_funnel, name):
    funnel = make_funnel(f"golden-{name}")
    funnel("run", name, "--plain", "--quiet")
    assert written(funnel.bundle(name)) == (GOLDEN / f"{name}.txt").read_text("utf-8")
