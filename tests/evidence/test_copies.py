"""A number that was edited in one place is found by its copies, however well all is hashed anew."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import openpyxl
import pandas as pd
import pytest

from geo.evidence.checks.copies import _differing, _same, copies
from geo.evidence.checks.pages import pages
from geo.evidence.checks.verify import load_tables
from geo.evidence.formats.tabular import csv_bytes, parquet_bytes, read_csv
from geo.evidence.tables.published import file_contract


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "copy")


def said(folder):
    problems = []
    tables = load_tables(folder, problems)
    assert problems == []
    return {(p.where, p.field) for p in copies(folder, tables)}


def edit(folder, column, value):
    path = folder / "tables" / "estimates.csv"
    frame = read_csv(path.read_bytes(), file_contract("estimates"))
    frame.loc[0, column] = value
    path.write_bytes(csv_bytes(frame))
    path.with_suffix(".parquet").write_bytes(parquet_bytes(frame))


def test_copies_of_a_whole_bundle_agree(copy):
    assert said(copy) == set()


@pytest.mark.parametrize(
    ("column", "value"), [("estimate", 9.99), ("p", 0.0001), ("sentence", "TAMPERED")]
)
def test_an_edited_table_differs_from_its_copies(copy, column, value):
    edit(copy, column, value)
    both = {("tables/evidence.xlsx", column), ("tables/evidence.gpkg", column)}
    assert said(copy) == both


def test_an_edited_workbook_and_an_edited_geopackage_are_found(copy):
    path = copy / "tables" / "evidence.xlsx"
    book = openpyxl.load_workbook(path)
    book["counts"].delete_rows(2)
    book.save(path)
    with closing(sqlite3.connect(copy / "tables" / "evidence.gpkg")) as db, db:
        db.execute("UPDATE estimates SET estimate = estimate + 0.01")
    found = said(copy)
    assert {w for w, _ in found} == {"tables/evidence.xlsx", "tables/evidence.gpkg"}


def test_damaged_copies_are_named(copy):
    for name in ("evidence.xlsx", "evidence.gpkg"):
        path = copy / "tables" / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert {w for w, _ in said(copy)} == {"tables/evidence.xlsx", "tables/evidence.gpkg"}


def test_a_copy_may_lack_a_column_only_where_the_table_has_no_value_in_it():
    frame = pd.DataFrame({"analysis": ["a", "b"], "sentence_es": [None, None]})
    older = frame[["analysis"]]
    assert list(_differing("x", "estimates", frame, older)) == []
    told = frame.assign(sentence_es=["una frase", None])
    assert ["sentence_es" in p.what for p in _differing("x", "estimates", told, older)] == [True]


def test_a_headline_that_no_row_says_or_a_page_does_not_say_is_found(copy):
    table = read_csv((copy / "tables" / "estimates.csv").read_bytes(), file_contract("estimates"))
    first = table.iloc[0]
    honest = {n: first[n] for n in ("sentence", "claim_level", "row_id")}
    page = f"<p>{first['sentence']}</p>"
    (copy / "headline.json").write_text(json.dumps(honest))
    (copy / "index.html").write_text(page)
    (copy / "maps" / "funnel.html").write_text(page)
    assert said(copy) == set()
    (copy / "headline.json").write_text(json.dumps(honest | {"claim_level": "L3"}))
    assert {w for w, _ in said(copy)} == {"headline.json"}
    (copy / "headline.json").write_text(json.dumps(honest))
    (copy / "index.html").write_text(page.replace("1.9", "1.8"))
    assert {w for w, _ in said(copy)} == {"index.html"}


def test_a_number_that_digits_round_apart_is_one_number():
    """A workbook keeps 16 digits, and at a tie 12 of them differ from 12 of 17."""
    kept, written = 2.0749139528950007, 2.074913952895
    assert f"{kept:.12g}" != f"{written:.12g}"
    assert _same(kept, written)
    assert not _same(kept, kept * (1.0 + 1e-11))
    assert not _same("1.0", 1.0000001)
    assert not _same(None, 0.0)


def paged(folder):
    problems = []
    tables = load_tables(folder, problems)
    return {p.where for p in pages(folder, tables)}


def facts(classes):
    told = {
        "periods": [{"id": "2000-04"}, {"id": "2005-09"}],
        "shapes": {"deaths": [{"id": "8548a", "c": classes, "r": ["cell-1", "cell-2"]}]},
    }
    text = json.dumps(told)
    return f'<script type="application/json" id="facts">{text}</script>'


def test_memo_descriptor_and_map_are_held_against_the_tables(copy):
    assert paged(copy) == set()
    memo = copy / "memo" / "annex.html"
    memo.write_text(memo.read_text("utf-8").replace("ratio of rate ratios", "ratio of ratios", 1))
    edit(copy, "sentence", "TAMPERED")
    assert paged(copy) == {"memo/annex.html"}
    package = copy / "tables" / "datapackage.json"
    told = json.loads(package.read_text("utf-8"))
    told["resources"][0]["schema"]["fields"].pop()
    del told["resources"][-1]
    package.write_text(json.dumps(told))
    assert paged(copy) == {"memo/annex.html", "tables/datapackage.json"}


def test_a_class_of_the_map_is_that_of_its_row(copy):
    cells = pd.DataFrame(
        [("8548a", "2000-04", "1-4", "cell-1"), ("8548a", "2005-09", "20+", "cell-2")],
        columns=["cell_id", "block", "deaths_class", "row_id"],
    )
    page = copy / "maps" / "funnel.html"
    page.parent.mkdir(exist_ok=True)

    def found(classes):
        page.write_text(facts(classes))
        return [p.what for p in pages(copy, {"deaths_by_cell_block": cells})]

    assert found([1, 4]) == []
    assert found([1, 3]) == ["cell 8548a, 2005-09: says 10-19, deaths_by_cell_block.csv 20+"]
    assert found([0, 4]) == ["cell 8548a, 2000-04: says none, deaths_by_cell_block.csv 1-4"]
    assert "cannot be read" in found([1])[0]
