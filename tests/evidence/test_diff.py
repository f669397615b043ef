"""Two bundles: what changed, why, and whether both may be published."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from made_up_findings import findings

from geo.errors import EvidenceError
from geo.evidence import (
    compare,
    diff,
    isolated,
    open_trees,
    public_tables,
    withheld,
    write_bundle,
    write_restricted,
)
from geo.evidence.checks.row_comparison import changed_rows
from geo.evidence.custody.chain import manifest
from geo.evidence.formats.tabular import csv_bytes, parquet_bytes, read_csv
from geo.evidence.tables.published import file_contract


def later(found, *, drop=(), move=(), identify=(), nudge=1.0):
    """A later vintage: rows dropped, moved, identified, and some exposures changed with them."""
    deaths = found.table("deaths").copy()
    exposures = found.table("exposures").copy()
    deaths.loc[list(move), "geometry"] = deaths.loc[list(move)].geometry.translate(0.05, 0)
    exposures.loc[list(move), "slope_deg"] += nudge
    deaths.loc[list(identify), "identified"] = True
    tables = found.tables | {
        "deaths": deaths.drop(index=list(drop)),
        "exposures": exposures.drop(index=list(drop)),
    }
    return replace(found, tables=tables, run_id="fedcba987654")


@pytest.fixture(scope="module")
def vintages(found, bundle, closed_tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("later")
    unknown = found.table("deaths").query("not identified").index[10:14]
    new = later(found, drop=range(3), move=range(100, 107), identify=unknown)
    return (
        (bundle, closed_tree),
        (write_bundle(folder / "run", new, {}), write_restricted(folder / "closed", new)),
        new,
    )


@pytest.fixture(scope="module")
def compared(vintages):
    (one, closed_one), (two, closed_two), _ = vintages
    return diff(one, two, (closed_one, closed_two))


def test_records_are_compared_by_their_kind_of_change(compared):
    found = compared
    assert found.records is not None
    assert found.records.counts() == {
        "added": 0,
        "removed": 3,
        "moved": 7,
        "redated": 0,
        "reclassified": 0,
        "identified": 4,
    }
    assert json.loads(found.json())["records"]["removed"]


def test_the_causes_of_a_changed_mean_add_up(compared):
    parts = compared.causes
    slopes = [c for c in parts if c["component"] == "slope_deg"]
    assert slopes
    for c in parts:
        whole = c["after"] - c["before"]
        assert c["removed"] + c["added"] + c["changed"] == pytest.approx(
            whole, abs=0.01 * abs(c["before"]) + 0.01
        )
    assert sum(c["changed"] for c in slopes) > 0


def test_public_bundles_compare_in_published_classes(vintages):
    (one, _), (two, _), _ = vintages
    found = diff(one, two)
    assert found.records is None
    cells = found.tables["deaths_by_cell_block"]
    classes = {c["before"] for c in cells["changed"] if c["column"] == "deaths_class"}
    assert classes <= {"1-4", "5-9", "10-19", "20+"}
    assert "judged with both restricted trees" in found.text


def test_an_errata_note_names_what_changed_why_and_what_the_brief_would_say(
    bundle, tables, tmp_path
):
    other = tmp_path / "run"
    shutil.copytree(bundle, other)

    def edit(name, old, new):
        text = (other / name).read_text("utf-8")
        assert old in text
        (other / name).write_text(text.replace(old, new), "utf-8")

    edit("study.toml", "seed = ", "seed = 9")
    edit("environment.txt", "numpy==", "numpy==9")
    headline = tables["estimates"].set_index("analysis").loc["headline"]
    edit("tables/estimates.csv", headline["sentence"], "These records cannot tell.")
    events = [json.loads(line) for line in (other / "custody.jsonl").read_text().splitlines()]
    for event in events:
        if event.get("name") == "terrain":
            event |= {"fingerprint": "0" * 64, "code": "0" * 64}
        if event.get("name") == "hardship":
            event["fingerprint"] = "1" * 64
            event["needs"]["terrain"] = "0" * 64
    (other / "custody.jsonl").write_text("\n".join(map(json.dumps, events)), "utf-8")
    made = diff(bundle, other)
    assert any(line.startswith("study seed: ") for line in made.inputs)
    assert any(line.startswith("package numpy: ") for line in made.inputs)
    assert made.reasons == ("terrain: its code", "hardship: what it starts from (terrain)")
    answer = next(c for c in made.brief if c["what"] == "answer")
    assert answer == {
        "what": "answer",
        "before": headline["sentence"],
        "after": "These records cannot tell.",
    }
    assert "after:  These records cannot tell." in made.text
    same = diff(bundle, bundle)
    assert same.equal
    assert same.brief == same.inputs == ()


def test_a_difference_that_isolates_a_few_is_refused_and_the_way_out_works(compared, vintages):
    (_, closed_one), (_, closed_two), new = vintages
    assert compared.isolated
    assert "REFUSED" in compared.text
    groups = isolated(*open_trees(closed_one, closed_two))
    tables = withheld(public_tables(new), groups)
    rows = tables["hardship_by_block"]
    hidden = rows["parents"].map(lambda p: bool(groups & set(p.split())))
    assert hidden.any()
    assert rows.loc[hidden, "value"].isna().all()
    assert rows.loc[~hidden & (rows["statistic"] == "mean"), "value"].notna().any()


def test_a_difference_of_many_or_none_isolates_nobody(found, closed_tree, tmp_path):
    same = write_restricted(tmp_path / "same", found)
    assert isolated(*open_trees(closed_tree, same)) == frozenset()
    others = write_restricted(tmp_path / "others", later(found, move=range(400), nudge=2.0))
    assert isolated(*open_trees(closed_tree, others)) == frozenset()


def test_trees_of_different_sources_are_not_compared(closed_tree, found, tmp_path):
    other = findings(50)
    deaths = other.table("deaths").assign(death_id=[f"x-{i}" for i in range(50)])
    exposures = other.table("exposures").assign(death_id=[f"x-{i}" for i in range(50)])
    strange = replace(
        other, tables=other.tables | {"deaths": deaths, "exposures": exposures}, case_keys={}
    )
    tree = write_restricted(tmp_path / "strange", strange)
    with pytest.raises(EvidenceError, match="share no record"):
        open_trees(closed_tree, tree)


def test_a_rerun_is_compared_by_bytes_then_by_digits(bundle, tmp_path):
    assert compare(bundle, bundle).how == "byte by byte"
    other = shutil.copytree(bundle, tmp_path / "rerun")
    path = other / "tables" / "estimates.csv"

    def times(factor):
        frame = read_csv(path.read_bytes(), file_contract("estimates"))
        frame.loc[frame["estimate"].first_valid_index(), "estimate"] *= factor
        path.write_bytes(csv_bytes(frame))
        path.with_suffix(".parquet").write_bytes(parquet_bytes(frame))
        (other / "SHA256SUMS").write_bytes(manifest(other))
        return compare(bundle, other)

    close = times(1 + 1e-13)
    assert close.equal
    assert "9 significant digits" in close.sentence()
    apart = times(1 + 1e-6)
    assert not apart.equal
    assert "estimates" in apart.sentence()


def test_a_whole_number_that_one_side_lacks_is_a_change_and_one_that_both_lack_is_none():
    one, two = (
        pd.DataFrame({"row_id": list("abc"), "n": pd.array(values, dtype="Int64")})
        for values in ([1, None, 3], [None, None, 3])
    )
    assert changed_rows(one, two)["changed"] == [
        {"row_id": "a", "column": "n", "before": 1, "after": None}
    ]
