"""Every number of every table leads back to its sources."""

from __future__ import annotations

import json
import re

import pytest

from geo.errors import EvidenceError
from geo.evidence import explain, lineage
from geo.evidence.checks.explain import NOTHING, Trace


@pytest.fixture(scope="module")
def trace(bundle):
    return Trace(bundle)


def test_every_id_of_every_table_is_explained_down_to_the_bytes_of_a_source(trace, tables):
    sources = set(tables["snapshots"]["sha256"])
    for name, frame in tables.items():
        for identifier in frame["row_id"]:
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
    short, whole = made.text(), made.text(whole=True)
    assert short.index(row["sentence"]) < short.index("Made of") < short.index("steps, first")
    assert f"{row['estimate']:#.3g}" in short
    left = int(re.search(r"(\d+) more with --all", short)[1])
    told = whole[whole.index("constants: ") :].splitlines()
    assert len(told) - 1 == len(made.parameters) > left > 0


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
