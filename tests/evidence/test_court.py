"""Brief, report, annex: their length, the six numbers, nothing said twice, exhibits as they are."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flows.cli.app import app
from geo.evidence.documents.forest import GROUPS, drawer, forest
from geo.evidence.documents.memo.blocks import Heading, Text
from geo.evidence.documents.memo.content import content
from geo.evidence.documents.results import strongest
from geo.evidence.tables.comparison import comparison, mean_change
from geo.evidence.tables.key_numbers import IDS, NONE, WITHOUT_SHIFT, false_findings, key_numbers
from geo.evidence.tables.published import file_contract
from geo.inference import PLAN
from geo.inference.estimation.rows import Estimate, estimates_table
from geo.inference.registered.analyses import ANALYSES, registered
from geo.inference.registered.headline import RRR
from validation.gates import GATES as VALIDATION

ROOT = Path(__file__).parents[2]
MOVED_OTHERWISE = ("parts", "catchments")
"""Trials whose effect is not the ratio, or that only ask for rejections."""

PAGES = {"brief": 2, "report": 15}
"""Pages that a document has at most."""


def pages(pdf):
    facts = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"Pages:\s+(\d+)", facts)[1])


@pytest.mark.parametrize("stem", PAGES)
def test_a_document_keeps_its_length(bundle, stem):
    assert pages(bundle / "memo" / f"{stem}.pdf") <= PAGES[stem]


def test_the_six_numbers_are_the_same_in_every_document(bundle, found, tables):
    from openpyxl import load_workbook

    numbers = key_numbers(tables)
    assert [n.id for n in numbers] == [f"E{i}" for i in range(1, 7)]
    sheet = load_workbook(bundle / "tables" / "evidence.xlsx")["Findings"]
    cells = {c.value for row in sheet.iter_rows() for c in row}
    for n in numbers:
        assert n.value in cells
        for stem in ("brief", "report", "annex"):
            assert n.value in html(bundle, stem), (n.id, stem)
        if n.row_id:
            assert n.row_id in set(tables[n.table]["row_id"])


def html(bundle, stem):
    from html import unescape

    page = (bundle / "memo" / f"{stem}.html").read_text("utf-8")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_difference_is_that_of_the_central_figure(found, tables):
    drawn = comparison(tables)
    text = key_numbers(tables)[1].value
    change, anyway = mean_change(drawn.exposed), mean_change(drawn.aside)
    if change is None or anyway is None:
        assert text.startswith(NONE)
    else:
        printed = [float(n) for n in re.findall(r"[+-]\d+\.\d", text)]
        assert printed == pytest.approx([change - anyway, change, anyway], abs=0.1)
        assert printed[0] == pytest.approx(printed[1] - printed[2], abs=1e-9)


def test_the_worst_error_rate_is_one_without_a_shift_and_comes_first():
    frame = pd.DataFrame(
        [
            ("null-real", "supported", 0.04), ("search-tilt", "supported", 0.64),
            ("gradient-1.8", "supported", 0.97), ("programmes-1", "level_2", 0.1),
            ("power-real-1.25", "supported", 0.2), ("null-real", "covered", 0.95),
        ],
        columns=["gate", "outcome", "estimate"],
    ).assign(plan=PLAN)  # fmt: skip
    earlier = frame.assign(plan=PLAN - 1, estimate=0.99)
    told = list(false_findings({"calibration": pd.concat([earlier, frame])})["gate"])
    assert told == ["search-tilt", "programmes-1", "null-real"]


def test_a_gate_counts_as_without_a_shift_where_none_is_planted():
    for gate in VALIDATION:
        none = getattr(gate.plan, "rate_ratio", None) == 1.0 and gate.trial not in MOVED_OTHERWISE
        assert bool(WITHOUT_SHIFT.search(gate.name)) is none, gate.name


def test_no_sentence_of_the_report_stands_twice(found, tables):
    said = [b.text for b in content(found, tables, ())["report"] if isinstance(b, Text)]
    sentences = re.split(r"(?<=[.:;]) ", " ".join(said))
    counted = Counter(s for s in sentences if len(s.split()) >= 10)
    assert [s for s, n in counted.items() if n > 1] == []


def test_exhibits_have_the_hashes_of_the_files(bundle):
    text = html(bundle, "brief")
    table = dict(re.findall(r"((?:memo|tables)/\S+|custody\.jsonl) ([0-9a-f]{64})", text))
    assert len(table) >= 6
    for name, digest in table.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
    assert "memo/brief.pdf" not in table


def test_forests_name_their_rows_and_hold_the_headline_first(found):
    own = Estimate("headline", RRR, 1.8, 1.2, 2.7, 0.01, "all exchanges", sentence="Said.",
                   parents="step:inference")  # fmt: skip
    names = ("R4.gps", "R5.bins_3", "R6.cells_5_km", "R8.least_squares", "R2.placebo_3_years")
    wide = replace(own, analysis="R7.range_15_km", low=0.001, high=900.0)
    none = replace(own, analysis="R3.fresh", low=None, high=None)
    rows = [*(replace(own, analysis=n) for n in names), wide, none, own]
    given = {"estimates": estimates_table(rows)}
    told = {stem: list(forest(given, stem)["analysis"]) for stem in GROUPS}
    assert all(names[0] == "headline" for names in told.values())
    assert "R3.fresh" not in told["forest-records"], "no interval, no row"
    assert told["forest-definitions"][1:] == ["R5.bins_3", "R6.cells_5_km", "R7.range_15_km"]
    for stem in GROUPS:
        canvas, caption, alt = drawer(stem)(found, given)
        labels = [t.get_text() for t in canvas.axes[0].get_yticklabels()]
        assert len(labels) == len(told[stem])
        assert not [t for t in labels if re.search(r"R\d+\.|_", t)], "no id in a figure"
        assert "Ratio of rate ratios" in caption
        assert alt.startswith(f"Forest plot of {len(labels)} estimates")


def test_what_has_power_objects_before_what_has_none(tables):
    told = strongest(tables)
    weak = ["unpowered" in why for why, _ in told]
    assert weak == sorted(weak)


def test_each_of_forty_questions_is_answered_by_a_chapter_that_is_there(bundle, found, tables):
    page = (ROOT / "docs" / "howto" / "cross-examination.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+)\. .*?\? \| (.+) \|$", page, re.MULTILINE)
    assert [int(n) for n, _ in rows] == list(range(1, 41))
    made = content(found, tables, ())
    heads = {d: {b.text for b in made[d] if isinstance(b, Heading)} for d in made}
    for _, answer in rows:
        for chapter in re.findall(r"report, \*([^*]+)\*", answer):
            assert chapter in heads["report"], chapter
        for letter, title in re.findall(r"annex ([A-I])(?:, \*([^*]+)\*)?", answer):
            assert any(h.startswith(f"Annex {letter}: {title}") for h in heads["annex"]), letter
    for document, titles in heads.items():
        said = html(bundle, document)
        assert not [t for t in titles if t not in said], "in the file as handed over"


def test_what_forty_questions_name_besides_chapters_is_there(tables):
    page = (ROOT / "docs" / "howto" / "cross-examination.md").read_text("utf-8")
    names = set(re.findall(r"tables? `([a-z_]+)`", page))
    assert len(names) >= 5
    assert names <= set(tables)
    for name, column in re.findall(r"table `([a-z_]+)`, column `([a-z_]+)`", page):
        assert column in file_contract(name).names
    commands = re.findall(r"`funnel ([^`]+)`", page)
    assert len(commands) >= 4
    for words in commands:
        app.parse_args(words.split(), exit_on_error=False, print_error=False)
    analyses = [a.name for a in ANALYSES]
    families = {a.partition(".")[0] for a in analyses}
    named = re.findall(r"`((?:[RS]\d+|zones|headline)[\w.]*)`", page)
    assert len(named) >= 10
    for name in named:
        assert registered(name) if "." in name else name in families, name
    assert set(re.findall(r"\b(E\d)\b", page)) <= set(IDS)
