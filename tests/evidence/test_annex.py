"""The annex: every number of the tables once, every section by the letter of its annex."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from flows.stages.calibration import calibration as shipped
from geo.evidence.documents.memo.analyses import FAMILIES, digits
from geo.evidence.documents.memo.blocks import Grid, Heading
from geo.evidence.documents.memo.calibration import calibration
from geo.evidence.documents.memo.content import content
from geo.evidence.documents.memo.outcome import against_it
from geo.inference.estimation.rows import Estimate, estimates_table
from geo.inference.registered.analyses import ANALYSES
from geo.inference.registered.headline import RRR
from geo.inference.registered.reached import Reached, cannot_tell, shortened, telling


@pytest.fixture(scope="module")
def rates(found):
    frame = shipped().assign(row_id="cal-0", parents="", data_status="SYNTHETIC")
    return frame, list(calibration(found, {"calibration": frame}, {}))


def test_every_rate_of_the_calibration_is_printed_once(rates):
    frame, blocks = rates
    grids = [b for b in blocks if isinstance(b, Grid)]
    assert len(grids) == 4
    *wide, rest = grids
    told = [c for g in wide for row in g.rows for c in row[g.header.index("Panels") + 1 :] if c]
    assert len(told) + len(rest.rows) == frame["estimate"].notna().sum()
    first = [c.split(" ")[0].removesuffix(":") for c in told]
    assert set(first) <= set(frame["estimate"].map(digits))
    assert len(rest.rows) == len(set(rest.rows)), "two designs are told apart by what they are"


def test_a_verdict_that_fails_is_seen_in_its_row(rates):
    frame, blocks = rates
    (claimed, *_) = (b for b in blocks if isinstance(b, Grid))
    fails = frame[(frame["verdict"] == "fail") & (frame["gate"] == "rising-1")]
    assert set(fails["outcome"]) == {"supported"}, "the table changed: choose another design"
    (row,) = (r for r in claimed.rows if r[0] == "rising-1")
    assert row[claimed.header.index("Supported")].endswith(": fail")


def test_every_family_of_analyses_has_a_title():
    families = {a.name.partition(".")[0].rstrip("*") for a in ANALYSES}
    assert families == set(FAMILIES)


def test_sections_are_called_by_the_letter_of_their_annex(found, tables):
    made = content(found, tables, [])
    sections = [b for b in made["annex"] if isinstance(b, Heading) and b.level == 2]
    letter = re.compile(r"([A-I])\.(\d+) \w")
    seen = [letter.match(s.text).groups() for s in sections]
    assert len(set(seen)) == len(seen) > 5
    assert not any(b.numbered for b in made["annex"] if isinstance(b, Heading))
    assert all(b.numbered for b in made["report"] if isinstance(b, Heading))


def test_what_all_rows_say_is_said_once():
    row = Estimate("R5.bins_3", RRR, 0.9, 0.1, 9.0, 0.8, "all exchanges", mde=14.5)
    said = cannot_tell(row, Reached(0.14, 8))
    short = shortened(f"By bins. {said} No claim above L1: a reason.")
    assert short.startswith("By bins. Cannot tell: at the coverage reached")
    assert short.endswith("per unit dose the 95 % interval spans a factor of 90.00 and the "
                          "smallest ratio that would have been found with 80 % power is 14.50. "
                          "No claim above L1: a reason.")  # fmt: skip
    assert "evidence neither" in telling()
    assert "evidence neither" not in short


def test_a_sign_alone_stands_apart_from_what_weighs_more():
    own = Estimate("headline", RRR, 1.01, 0.8, 1.3, 0.9, "all exchanges", mde=1.4,
                   sentence="Said.", parents="step:inference")  # fmt: skip
    sign = replace(own, analysis="R4.gps", estimate=0.98)
    wide = replace(sign, analysis="R5.bins_3", mde=9.0)
    far = replace(own, analysis="R5.slope_only", estimate=1.6, low=1.4, high=1.8)
    tables = {"estimates": estimates_table([own, sign, wide, far])}
    table, text, *_ = [b for b in against_it(None, tables, {}) if not isinstance(b, Heading)]
    assert [row[0] for row in table.rows] == ["Hardness by slope only"]
    assert "2 of 3" in text.text
    assert "sign is not established" in text.text
    tables = {"estimates": estimates_table([replace(own, p=0.01), sign])}
    assert "not established" not in next(b for b in against_it(None, tables, {})
                                         if not isinstance(b, Heading)).text  # fmt: skip
