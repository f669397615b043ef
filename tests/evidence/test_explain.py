"""Every number of every table leads back to its sources."""

from __future__ import annotations

import json
import re

import pytest

from geo.errors import EvidenceError
from geo.evidence import explain, lineage
from geo.evidence.checks.explain import NOTHING, Trace
from geo.evidence.tables.key_numbers import key_numbers
from geo.inference.registered.headline import RRR

SCREEN = 50
"""Lines that a person reads at once."""


@pytest.fixture(scope="module")
def trace(bundle):
    return Trace(bundle)


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.attack)])
def test_ids_of_every_table_are_explained_down_to_the_bytes_of_a_source(trace, tables, every):
    """Of every table, and of every analysis; `make attack` asks each row."""
    sources = set(tables["snapshots"]["sha256"])
    for name, frame in tables.items():
        for identifier in frame["row_id"].iloc[:: 1 if name == "estimates" else every]:
            made = trace.explain(identifier)
            assert made.table == name
            assert made.values
            assert identifier in made.text()
            assert json.loads(made.json())["id"] == identifier
            if name not in ("skipped", "parameters"):
                assert made.steps
            if name.startswith("deaths"):
                assert {i.get("sha256") for i in made.inputs} & sources
                assert next(iter(sources & {made.records[-65:-1]}))
            assert not [i for i in made.inputs if i["is"] == NOTHING], identifier
            if made.steps and made.steps[0]["name"] == "fetch":
                assert {i.get("sha256") for i in made.inputs} & sources, (name, identifier)


def test_a_person_reads_the_sentence_then_what_it_is_made_of(bundle, tables):
    row = tables["estimates"].dropna(subset=["sentence"]).iloc[0]
    made = explain(bundle, row["row_id"])
    short, whole = " ".join(made.text().split()), made.text(whole=True)
    assert short.index(row["sentence"]) < short.index("Made of") < short.index("steps, first")
    assert f"{row['estimate']:#.3g}" in short
    left = int(re.search(r"(\d+) more with --all", short)[1])
    told = re.findall(r"^ {5}\S", whole[whole.index("constants: ") :], re.MULTILINE)
    assert len(told) == len(made.parameters) > left > 0


def test_a_number_of_the_brief_is_told_first_and_in_one_screen(trace, tables):
    for number in key_numbers(tables):
        made = trace.explain(number.id)
        said = " ".join(made.text().split())
        assert said.startswith(" ".join(f"{number.id}. {number.asks}: {number.value}".split()))
        assert len(made.text().splitlines()) <= SCREEN
        if number.table == "calibration":
            assert [i["is"] for i in made.inputs] == ["constants in the code"]
        elif number.table:
            assert {i.get("sha256") for i in made.inputs} & set(tables["snapshots"]["sha256"])
        else:
            assert "nothing: no row" in said
    text = trace.explain("headline").text()
    row = tables["estimates"].set_index("analysis").loc["headline"]
    assert text.startswith(f"headline: {row['estimate']:#.3g} (95 % interval {row['low']:#.3g} to")
    assert len(text.splitlines()) <= SCREEN


def test_what_the_records_cannot_tell_is_no_number(trace, monkeypatch):
    frame = trace.tables["estimates"].copy()
    own = frame["analysis"] == "headline"
    frame.loc[own, ["low", "high", "mde", "estimand"]] = [0.01, 90.0, 50.0, RRR]
    monkeypatch.setitem(trace.tables, "estimates", frame)
    text = trace.explain("headline").text()
    assert text.startswith("headline: no finding: the records cannot tell (95 % interval 0.0100 to")
    assert "1.90 (" not in text


def test_an_analysis_is_explained_by_its_name(trace, tables):
    estimates = tables["estimates"].drop_duplicates("analysis", keep=False)
    assert len(estimates)
    for row in estimates.itertuples():
        assert trace.explain(row.analysis).id == row.row_id


def test_steps_carry_fingerprints_and_constants_their_citations(bundle, tables):
    made = explain(bundle, tables["hardship_by_block"]["row_id"].iloc[0])
    marks = {s["name"]: s["fingerprint"] for s in made.steps}
    assert len(marks["terrain"]) == 64
    assert made.parameters
    assert all(p["source"] and p["unit"] for p in made.parameters)
    assert not made.source_rows


def test_the_restricted_tree_gives_the_source_rows(bundle, closed_tree, found, tables):
    members = lineage(found)
    for name in ("deaths_by_cell_block", "deaths_by_year", "hardship_by_block"):
        row = tables[name].iloc[0]
        made = explain(bundle, row["row_id"], closed_tree)
        wanted = {row["row_id"], *row["parents"].split()}
        assert len(made.source_rows) == members["id"].isin(wanted).sum() > 0
        assert {"case_key", "source_row"} <= set(made.source_rows[0])


def test_an_unknown_id_is_answered_with_the_nearest(bundle, tables):
    known = tables["towers"]["row_id"].iloc[0]
    with pytest.raises(EvidenceError, match=f"did you mean {known}"):
        explain(bundle, known[:-1])
