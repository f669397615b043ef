"""The main job: same bytes on every road, quick when done, resumable, quiet about people."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.attack
def test_prefect_and_plain_one_worker_and_two_give_the_same_bytes(tiny, make_funnel):
    other = make_funnel("prefect")
    other.alone("run", "tiny", "--workers", "1", "--quiet")
    assert other.sums() == tiny.sums()
    assert other.bundle("tiny").name == tiny.bundle("tiny").name


def test_sha256sums_are_those_of_the_files(tiny):
    bundle = tiny.bundle("tiny")
    check = subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=bundle, check=False
    )
    assert check.returncode == 0


def test_a_finished_run_answers_at_once_and_without_prefect(tiny):
    made = {p: p.stat().st_mtime_ns for p in (tiny.home / "store").glob("*/*/done.json")}
    done = tiny("run", "tiny", "--json")
    assert {p: p.stat().st_mtime_ns for p in (tiny.home / "store").glob("*/*/done.json")} == made
    answer = json.loads(done.stdout)
    assert Path(answer["map"]).is_file()
    assert answer["headline"]
    script = (
        "import sys; from flows.cli.app import _code; _code(['run', 'tiny', '--quiet']); "
        "sys.exit(any(m.split('.')[0] == 'prefect' for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tiny.folder, env=tiny.environment(), check=False
    )
    assert done.returncode == 0


def test_counts_add_up_and_the_broken_rows_are_accounted_for(tiny):
    """Numbers of persons are published as classes: their bounds add up, the others exactly."""
    import pandas as pd

    counts = pd.read_csv(tiny.bundle("tiny") / "tables" / "counts.csv")
    bounds = counts["records_class"].str.split("-", expand=True)
    counts["low"], counts["high"] = bounds[0].astype(int), bounds[1].fillna(bounds[0]).astype(int)
    for source, rows in counts.groupby("source_id"):
        read, rest = rows[rows["step"] == "read"], rows[rows["step"] != "read"]
        assert rest["low"].sum() <= read["high"].item(), source
        assert rest["high"].sum() >= read["low"].item(), source
    assert (counts[counts["step"] == "quarantined"]["high"] > 0).any()


def test_an_earlier_state_of_the_records_is_asked_and_leads_to_its_file(tiny):
    import pandas as pd

    tables = tiny.bundle("tiny") / "tables"
    rows = pd.read_csv(tables / "estimates.csv").set_index("analysis")
    assert pd.notna(rows.loc["R5.temperature", "estimate"])
    then = rows.loc["R13.synthetic-deaths-earlier"]
    assert then["estimate"] != rows.loc["R13.synthetic-deaths-earlier.today", "estimate"]
    files = pd.read_csv(tables / "snapshots.csv").set_index("role")
    assert files.loc["vintage", "row_id"] in then["parents"].split()
    counts = pd.read_csv(tables / "counts.csv")
    own = counts[counts["source_id"] == files.loc["vintage", "source_id"]]
    assert (own["step"].value_counts() == 1).all(), "reasons of an earlier state are told apart"
    today = counts[counts["source_id"] == files.loc["deaths", "source_id"]]
    read = int(today.loc[today["step"] == "read", "records"].item())
    memo = (tiny.bundle("tiny") / "memo" / "annex.html").read_text("utf-8")
    assert memo.count(f"{read:,} read, ") == 2, "the memo's flow of records is that of the deaths"


def test_synthetic_stands_on_every_table_page_and_figure(tiny):
    bundle = tiny.bundle("tiny")
    texts = [p for p in bundle.rglob("*") if p.suffix in {".csv", ".html", ".svg", ".md"}]
    # a table without a row holds nothing that could be taken for real
    texts = [p for p in texts if p.suffix != ".csv" or len(p.read_text("utf-8").splitlines()) > 1]
    assert len(texts) > 10
    silent = [
        p.name
        for p in texts
        if not re.search("SYNTHETIC|SINTÉTIC", p.read_text("utf-8")) and p.stem[:7] != "snippet"
    ]
    assert silent == []


def test_logs_are_json_lines_that_place_nobody(tiny):
    """Fractions are seconds and megabytes; a decimal anywhere else could be a coordinate."""
    logs = [p for p in (tiny.home / "logs").rglob("*") if p.is_file()]
    assert logs
    entries = [json.loads(x) for p in logs for x in p.read_text("utf-8").splitlines()]
    assert {"time", "level", "event"} <= set(entries[0])
    assert len({e.get("step") for e in entries} - {None}) >= 8
    for entry in entries:
        for key, value in entry.items():
            if isinstance(value, float):
                assert key in {"seconds", "cpu_seconds", "peak_mb"}, entry
            elif isinstance(value, str) and key != "time":
                assert not re.search(r"\d\.\d", value), entry


def test_no_name_leaves_the_reader(tiny):
    """The synthetic file holds names; they may stand in the vault and nowhere else."""
    token = b"SYNTHETIC person"
    vault = [p for p in (tiny.home / "vault").rglob("*") if p.is_file()]
    assert any(token in p.read_bytes() for p in vault)
    elsewhere = [
        p
        for root in (tiny.home, tiny.out)
        for p in root.rglob("*")
        if p.is_file() and "vault" not in p.parts and p.parent.parent.name != "synthetic"
    ]
    assert len(elsewhere) > 50
    assert [p for p in elsewhere if token in p.read_bytes()] == []


def test_an_explanation_names_every_step_that_a_row_was_computed_from(tiny):
    """Walking is one step of a run, and two of what is told: energy a metre, and over the land."""
    from geo.evidence.checks.explain import Trace

    trace = Trace(tiny.bundle("tiny"))
    told = {"movement": {"locomotion", "leastcost"}}
    seen = set()
    for name, frame in trace.tables.items():
        for identifier in frame["row_id"].iloc[:: max(1, len(frame) // 5)]:
            found = trace.explain(identifier)
            made = {i["id"].removeprefix("step:") for i in found.inputs if i["is"] == "step"}
            named = {s["name"] for s in found.steps}
            assert all(told.get(step, {step}) <= named for step in made), (name, made - named)
            seen |= made
    assert seen >= {"ingest", "terrain", "movement", "visibility", "funnel"}
