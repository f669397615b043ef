"""The memo's chapters on results, on what speaks against them, and on their limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.documents.central import STEM as CENTRAL
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Points, Text
from geo.evidence.documents.results import LEVELS, LIMITS, against
from geo.evidence.tables.finding import NAMES, described, years_of
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.inference import GATES, PLAN
from geo.inference.estimation.outcomes import Outcome, read

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]
EVIDENCE_AGAINST = (
    "records of a later vintage, or of another publisher, in which the gradient does not move",
    "placebo dates or placebo towers that give an effect of the same size",
    "search or recovery that tilted to harder ground with coverage by more than the bound",
    "tower dates that prove wrong by more than their stated intervals",
)


def results(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield results by claim level, then descriptions."""
    del findings
    yield Heading("Results by claim level")
    if CENTRAL in pictures:
        yield pictures[CENTRAL]
    estimates = tables["estimates"]
    if estimates.empty:
        yield Text("No estimate was made in this run; what follows describes and tests nothing.")
    for level in reversed(records.CLAIMS):
        rows = estimates[estimates["claim_level"] == level]
        if len(rows):
            yield Heading(f"{level}: {LEVELS[level]}", 2)
            yield Points([f"{r.analysis}: {r.sentence}" for r in each(rows) if r.sentence])
    if len(estimates):
        yield _numbers(estimates)
    for stem in ("event-study", "specification-curve"):
        if stem in pictures:
            yield pictures[stem]
    yield Heading("Recorded places by block of years", 2)
    yield Points([s for _, s, _ in described(tables)] or ["No place was read."])
    if "hardship-by-block" in pictures:
        yield pictures["hardship-by-block"]
    yield from _hardship(tables)


def against_it(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield everything against the hypothesis, with the same prominence."""
    del findings, pictures
    yield Heading("Everything against the hypothesis")
    said = against(tables)
    yield Points(said or ["No analysis of this run could have spoken against it."])
    yield Text("What evidence would change the conclusion:")
    yield Points([f"{e[0].upper()}{e[1:]}." for e in EVIDENCE_AGAINST])


def limits(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield limits and what was skipped."""
    del findings, pictures
    yield Heading("Limits")
    yield Points(LIMITS)
    yield Text(
        "The records were not collected for this purpose. They cover one state's medical "
        "examiners; nothing here carries over to places with other recovery and recording."
    )
    skipped = tables["skipped"]
    if len(skipped):
        yield Grid(
            "What could not be computed.",
            ("What", "Missing", "How to get it"),
            [(r.what, r.missing, r.how_to_get) for r in each(skipped)],
            (1.4, 1.4, 2.4),
        )


def error_rates(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the gates of the decision rule and the smallest effects that could be seen."""
    del findings
    yield Heading("Calibration and error rates")
    yield Text(
        "The decision rule is run on made-up records with a known effect, and with none, by "
        "`make validate`; its dated table of type-I error, coverage, bias and power is committed "
        "with the code of this run. The smallest effect that could have been seen at 80 % power "
        "stands beside every estimate above."
    )
    if "calibration" in pictures:
        yield pictures["calibration"]
    frame = tables["calibration"]
    if frame.empty:
        yield Text("No table of that run was handed to this memo; its error rates are not stated.")
    else:
        yield Grid(
            "What the rule did on made-up records, with 95 % Monte Carlo intervals.",
            ("Design", "Watched", "Runs", "Share or bias", "Goal", "Verdict"),
            [
                (
                    r.gate,
                    r.outcome.replace("_", " "),
                    f"{r.n:,}",
                    f"{_n(r.estimate)} ({_n(r.low)} to {_n(r.high)})",
                    r.goal if isinstance(r.goal, str) else "",
                    r.verdict if isinstance(r.verdict, str) else "",
                )
                for r in each(frame)
            ],
            (1.5, 1.6, 0.6, 1.6, 1.4, 1.2),
        )
    headline = tables["estimates"].head(1)
    for row in each(headline):
        gates = read(row.gates)
        if not gates:
            continue
        yield Grid(
            f"Gates of {row.analysis}. A gate that was not run has not passed.",
            ("Gate", "What it asks, and of which rows", "Result"),
            [_gate(name, outcome) for name, outcome in gates.items()],
            (1.4, 3.0, 1.6),
        )


def _gate(name: str, outcome: Outcome) -> tuple[str, str, str]:
    gate = GATES[name]
    state = {True: "passed", False: "failed", None: "not run"}[outcome.passed]
    why = f": {outcome.reason}" if outcome.reason else ""
    return name.replace("_", " "), f"{gate.asks} ({', '.join(gate.reads)})", state + why


def registration(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the registered plan and every deviation from it."""
    del pictures
    yield Heading("Registration and deviations")
    yield Text(
        f"Decided by plan {PLAN}: the headline has places and dates imputed. Plan 1, the records "
        "as recorded, stands beside it as headline.as_recorded, and its sentence says where the "
        "two plans differ on these records."
    )
    if findings.preregistration:
        yield Text(f"Registered plan: {findings.preregistration}.")
    else:
        yield Text("No registered plan was named for this run. Its tests are exploratory.")
    if findings.study.inference.exploratory:
        yield Text(
            "The study is labelled exploratory: its records were seen while the design was made.",
            strong=True,
        )
    yield Points(findings.deviations or ["No deviation was recorded."])
    hashes = sorted(set(tables["estimates"]["parameters_hash"]))
    if hashes:
        yield Text(f"Hash of the registered choices used: {', '.join(hashes)}.")


def _numbers(estimates: pd.DataFrame) -> Grid:
    rows = []
    for r in each(estimates):
        interval = f"{_n(r.estimate)} ({_n(r.low)} to {_n(r.high)})" if _n(r.estimate) else ""
        test = (
            f"{_n(r.p)}; {r.reference_set}" if _n(r.p) and isinstance(r.reference_set, str) else ""
        )
        size = ", ".join(
            f"{name} {int(v)}" for name, v in (("n", r.n), ("clusters", r.clusters)) if pd.notna(v)
        )
        rows.append((r.analysis, r.estimand, interval, test, size, _n(r.mde), r.claim_level))
    return Grid(
        "Estimates. Interval: 95 %. MDE: smallest effect seen with 80 % power.",
        ("Analysis", "Estimand", "Estimate", "p; refers to", "Size", "MDE", "Claim"),
        rows,
        (1.3, 2, 1.2, 2, 0.9, 0.6, 0.6),
    )


def _hardship(tables: Tables) -> Iterator[Grid]:
    frame = tables["hardship_by_block"]
    means = frame[frame["statistic"] == "mean"]
    rows = [
        (
            NAMES.get(r.component, r.component),
            years_of(r._asdict()),
            {"all": "all records", "gps": "GPS-placed", "land": "the land"}[r.group],
            _n(r.value) or "suppressed",
            f"{_n(r.low)} to {_n(r.high)}" if _n(r.low) else "",
            "" if r.unit == "1" else r.unit,
            "" if r.group == "land" else r.records_class,
        )
        for r in each(means.sort_values(["component", "group"], kind="stable"))
    ]
    if rows:
        yield Grid(
            "Means by block of years, with 95 % intervals over resampled records.",
            ("What", "Years", "Group", "Mean", "Interval", "Unit", "Records"),
            rows,
            (1.8, 1.7, 1.1, 0.8, 1.2, 0.7, 0.8),
        )


def _n(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.3g}"
