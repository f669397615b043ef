"""What the tables say, in sentences: every number is read from a row, none is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.documents.figures import NAMES
from geo.evidence.tables.counts import flow
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.inference import GATES
from geo.inference.estimation.outcomes import read
from geo.inference.estimation.rows import alpha
from geo.inference.robustness.variants import WITHOUT_WATCHED, watched_before

EXPECTED_SILENT = ("R2.", "R3.negative", "R3.fresh_against", "S2.pre_trend")
"""Checks in which the hypothesis expects nothing: a finding there speaks against it."""
HEADLINES = ("primary", "headline")
"""Names under which the headline analysis may be registered."""
LEVELS = {
    "L0": "descriptive: where recorded recoveries were located",
    "L1": "association: what greater coverage was accompanied by",
    "L2": "consistent with displacement",
    "L3": "causal interpretation under stated assumptions",
}
LIMITS = (
    (
        "The data are recorded recoveries: a lower bound of deaths. Where few people look, few are "
        "found."
    ),
    (
        "Places are where people were found, not where they walked or died; dates are dates of the "
        "report unless a table says otherwise."
    ),
    "Location precision and search effort changed over time; both can look like a shift of deaths.",
    "Towers were sited where crossings were expected; a tower near a death is not a cause.",
    (
        "Modelled movement is an illustration of cost, not a record of routes; shown only for "
        "periods closed for 24 months and never finer than 1 km."
    ),
)


@dataclass(frozen=True)
class Headline:
    """The finding sentence, its claim level, and the row it stands on."""

    sentence: str
    level: str
    row_id: str


def headline(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Headline:
    """Return the sentence a run earns: the headline analysis's, or else a description."""
    estimates = tables["estimates"]
    if not estimates.empty:
        named = estimates[estimates["analysis"].str.lower().isin(HEADLINES)]
        row = (named if len(named) else estimates).iloc[0]
        return Headline(row["sentence"], row["claim_level"], row["row_id"])
    said = list(hardship_sentences(findings, tables))
    if said:
        return Headline(*said[0])
    used = flow(tables)
    used = used[used["step"] == "used"]
    if used.empty:
        return Headline("No record was used in this run.", "L0", "")
    row = used.iloc[0]
    text = f"{row['records']:,} recorded recoveries were read from {row['source_id']} and used."
    return Headline(text, "L0", row["row_id"])


def exposure_note(tables: Mapping[str, pd.DataFrame]) -> str:
    """Say what exposure was where it was not a view of towers; empty where it was, or is none."""
    coverage = tables["coverage_by_corridor_year"]
    if not (coverage["exposure"] == "zones").any():
        return ""
    names = watched_before(coverage)
    older = (
        f" Cameras older than the study's towers watched {', '.join(names)} before: they are "
        f"baseline and no dose, and the row {WITHOUT_WATCHED} asks without these corridors."
        if names
        else ""
    )
    return (
        "Programme zones, not towers: exposure is the share of modelled movement before towers "
        "inside spans of border where a programme worked, with bounds on span, depth and dates. "
        "What could be seen from where is not known, analyses that ask it are not run, and the "
        f"claim stops at L1.{older}"
    )


def hardship_sentences(
    findings: Findings, tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, str, str]]:
    """Yield (sentence, level, row id) a component: first period beside last, all records."""
    frame = tables["hardship_by_period"]
    means = frame[
        (frame["statistic"] == "mean") & (frame["group"] == "all") & frame["value"].notna()
    ]
    labels = {p.id: p for p in findings.study.periods}
    for component, name in NAMES.items():
        rows = means[means["component"] == component].set_index("period_id")
        ids = [p for p in labels if p in rows.index]
        if len(ids) < 2:
            continue
        first, last = (labels[i] for i in (ids[0], ids[-1]))
        shown: dict[Any, Any] = rows.to_dict("index")
        unit = "" if rows["unit"].iloc[0] == "1" else f" {rows['unit'].iloc[0]}"
        values = [
            f"{shown[p.id]['value']:g}{unit} (95 % interval {shown[p.id]['low']:g} to "
            f"{shown[p.id]['high']:g}) in {p.start.year}-{p.end.year}"
            for p in (first, last)
        ]
        text = (
            f"Recorded recoveries were located where the mean of {name.lower()} was "
            f"{values[0]} and {values[1]}."
        )
        yield text, "L0", str(shown[last.id]["row_id"])


def against(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return everything in the estimates that speaks against the hypothesis or fails a gate.

    A check in which the hypothesis expects nothing (a placebo, a negative control, a movement
    before the first dose) speaks against it by finding something; any other test by finding
    nothing, or by finding the opposite. The smallest effect it could have found stands in its
    sentence.
    """
    said = []
    for row in each(tables["estimates"]):
        failed = failed_gates(row.gates)
        if failed:
            asked = "; ".join(GATES[g].asks for g in failed)
            said.append(
                f"{row.analysis}: does not pass what it was asked ({asked}). {row.sentence}"
            )
        elif pd.notna(row.p) and _unwelcome(row):
            said.append(f"{row.analysis}: {row.sentence}")
    return said


def _unwelcome(row: Any) -> bool:
    """Say whether a test came out otherwise than the hypothesis expects."""
    found = row.p <= alpha()
    if row.analysis.startswith(EXPECTED_SILENT):
        return bool(found)
    opposite = row.estimand.startswith("ratio of rate ratios") and row.estimate < 1.0
    return bool(not found or opposite)


def failed_gates(gates: object) -> list[str]:
    """Return the names of the gates a row failed; one that was not run has not failed."""
    return [name for name, outcome in read(gates).items() if outcome.passed is False]


def claim(tables: Mapping[str, pd.DataFrame]) -> str:
    """Return the highest claim level of any estimate, L0 where there is none."""
    levels = list(tables["estimates"]["claim_level"])
    return max(levels, key=records.CLAIMS.index, default="L0")
