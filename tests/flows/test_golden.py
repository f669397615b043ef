"""Every sentence of a run is the one that was read by eye, and contradicts no number beside it."""

from __future__ import annotations

import sys
from pathlib import Path

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


@pytest.mark.parametrize("name", NAMES)
def test_no_golden_sentence_contradicts_its_numbers(name):
    rows = read((GOLDEN / f"{name}.txt").read_text("utf-8"))
    assert len(rows) > 60
    found = {r.analysis: wrong for r in rows if (wrong := contradictions(r, beside(r, rows)))}
    assert found == {}


def test_tiny_says_what_was_read(tiny):
    assert written(tiny.bundle("tiny")) == (GOLDEN / "tiny.txt").read_text("utf-8")


@pytest.mark.attack
@pytest.mark.parametrize("name", [name for name in NAMES if name in ("sample", "null")])
def test_the_built_in_studies_say_what_was_read(make_funnel, name):
    funnel = make_funnel(f"golden-{name}")
    funnel("run", name, "--plain", "--quiet")
    assert written(funnel.bundle(name)) == (GOLDEN / f"{name}.txt").read_text("utf-8")
