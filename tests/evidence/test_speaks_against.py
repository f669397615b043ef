"""What a run lists against its hypothesis: null results, opposite ones, and loud placebos."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import made_up_findings
import pytest

from geo.evidence import headline, public_tables
from geo.evidence.documents.results import against
from geo.evidence.tables.finding import NAMES, described
from geo.inference.estimation.rows import Estimate, estimates_table
from geo.inference.registered.headline import RRR
from geo.study import Component

HEADLINE = Estimate(
    "headline", RRR, 1.8, 1.2, 2.7, 0.01, "all exchanges", mde=1.7, sentence="Said.",
    parents="step:inference",
)  # fmt: skip
ROW = replace(HEADLINE, analysis="R4.gps")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW, ""),
        (replace(ROW, p=0.4, low=0.8), ""),  # null, but it holds the headline: not against it
        (replace(ROW, estimate=0.5, low=0.3, high=0.8), "excludes the headline's 1.80"),
        (replace(ROW, estimate=0.9, low=0.1, high=9.0, mde=8.0), "sign is not the headline's; unp"),
        (replace(ROW, estimate=5.0, low=3.0, high=9.0), "excludes the headline's 1.80"),
        (replace(ROW, analysis="R2.placebo_3_years", p=0.4), ""),
        (replace(ROW, analysis="R2.placebo_3_years", p=0.4, mde=8.0), "silent, but unpowered"),
        (replace(ROW, analysis="R2.placebo_3_years", p=0.01), "nothing was expected (p = 0.01)"),
        (replace(ROW, analysis="R2.placebo_towers", p=0.045), ""),
        (replace(ROW, analysis="R2.placebo_towers", p=0.6), "does not stand out (p = 0.6)"),
        (replace(ROW, analysis="R3.negative_control_causes", p=0.6), ""),
        (replace(ROW, analysis="S2.pre_trend", p=0.02), "nothing was expected"),
        (replace(ROW, analysis="R1.year", low=0.9, p=None), "the sign changes"),
        (replace(ROW, analysis="R1.year", p=None), ""),
        (replace(ROW, analysis="R1.year", estimate=1.3, low=1.2, high=1.4), ""),  # no interval
        (replace(ROW, analysis="parts.easy_in_view", estimate=1.5), "the hypothesis expects"),
        (replace(ROW, gates={"precision": False}), "same sign by precision class"),
        (replace(ROW, gates={"precision": None}), ""),
        (replace(ROW, p=None), ""),
    ],
)
def test_only_what_disagrees_is_listed_against_it(row, said):
    found = against({"estimates": estimates_table([HEADLINE, row])})
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_a_ratio_that_the_records_cannot_tell_is_quoted_in_no_objection():
    wide = replace(ROW, estimate=0.9, low=0.1, high=9.0, mde=8.0, sentence="GPS: ratio 0.90.")
    (found,) = against({"estimates": estimates_table([HEADLINE, wide])})
    assert "cannot tell (0.10 to 9.00)" in found
    assert "0.90" not in found


def test_a_range_is_told_where_the_headline_is_and_only_there():
    """The least and largest of many estimates have no power of their own."""
    ranged = replace(ROW, analysis="R1.year", low=0.9, p=None, mde=None, sentence="From 0.90.")
    (said,) = against({"estimates": estimates_table([HEADLINE, ranged])})
    assert said.endswith("From 0.90.")
    untold = replace(HEADLINE, estimate=1.5, low=0.04, high=50.0, level="L0")
    said = against({"estimates": estimates_table([untold, replace(ranged, low=0.9)])})
    assert all("From 0.90." not in s for s in said)


def test_a_headline_against_the_hypothesis_stands_in_the_list():
    easier = replace(HEADLINE, estimate=0.5, low=0.3, high=0.8)
    assert "easier ground" in against({"estimates": estimates_table([easier])})[0]


def test_a_description_has_the_finding_its_study_registers():
    """Not the first row of a table: the registered component, or a sentence that it is lacking."""
    assert set(get_args(Component)) == set(NAMES)
    whole = made_up_findings.findings()
    tables = {k: v for k, v in public_tables(whole).items() if k != "estimates"}
    known = {component: row for component, _, row in described(tables)}
    for component, row in known.items():
        said = headline(whole.study.model_copy(update={"finding": component}), tables)
        assert said.row_id == row
        assert NAMES[component].lower() in said.sentence
        assert said.level == "L0"
    lacking = next(c for c in NAMES if c not in known)
    said = headline(whole.study.model_copy(update={"finding": lacking}), tables)
    assert (
        f"{NAMES[lacking].lower()} of recorded places by block of years, cannot be" in said.sentence
    )
    assert headline(whole.study, {}).sentence.startswith("No record was used")
