"""A run keeps to its plan: its rows, its counts, and the sentences of every row."""

from __future__ import annotations

import pandas as pd

from geo.inference.registered.analyses import ANALYSES, registered
from geo.inference.registered.gates import GATES


def test_every_row_of_a_run_was_registered_with_its_estimand(tiny):
    rows = pd.read_parquet(tiny.bundle("tiny") / "tables" / "estimates.parquet")
    for row in rows.itertuples():
        plan = registered(row.analysis)
        assert plan is not None, f"{row.analysis} stands in no plan"
        if pd.notna(row.estimate):
            assert row.estimand.startswith(plan.estimand), row.analysis


def test_every_gate_reads_a_registered_analysis():
    names = {one.name for one in ANALYSES}
    held = {"R9.fence", "R9.agents"}  # the study brings them: R9.*
    for name, gate in GATES.items():
        assert set(gate.reads) - held <= names, name
    assert len(names) == len(ANALYSES)


def test_exact_counts_add_up_in_the_restricted_tree(tiny):
    (folder,) = (tiny.out.parent / "restricted" / "tiny").iterdir()
    counts = pd.read_csv(folder / "counts.csv")
    for source, rows in counts.groupby("source_id"):
        steps = rows.groupby("step")["records"].sum()
        assert set(steps.index) <= {"read", "used", "quarantined", "excluded"}, source
        assert steps["read"] == steps.drop("read").sum(), source
    records = pd.read_csv(folder / "records.csv")
    deaths = counts[counts["source_id"].isin(records["source_id"])]
    used = deaths.loc[deaths["step"] == "used", "records"].sum()
    assert used == records["exclusion_reason"].isna().sum()
    quarantine = pd.read_csv(folder / "quarantine.csv")
    lost = counts[counts["step"] == "quarantined"].groupby("source_id")["records"].sum()
    for source, number in lost.items():
        assert number <= quarantine.loc[quarantine["source_id"] == source, "source_row"].nunique()


def test_a_run_ends_with_one_line_a_source(tiny):
    said = tiny("run", "tiny", "--plain").stdout
    counts = pd.read_csv(tiny.bundle("tiny") / "tables" / "counts.csv")
    for source in counts["source_id"].unique():
        (line,) = (text for text in said.splitlines() if text.startswith(f"{source}: "))
        assert all(word in line for word in ("read", "used", "excluded", "quarantined"))
