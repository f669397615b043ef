"""What the memo says, in its order; numbers come from the tables and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from geo import records
from geo.evidence.figures import Figure
from geo.evidence.findings import Findings
from geo.evidence.identifiers import each
from geo.evidence.memo.blocks import Block, Grid, Heading, Picture, Points, Text
from geo.evidence.results import LEVELS, LIMITS, against, hardship_sentences, headline

Tables = Mapping[str, pd.DataFrame]


def content(findings: Findings, tables: Tables, drawn: Sequence[Figure]) -> list[Block]:
    """Return the memo's blocks."""
    pictures = {d.stem: Picture(d) for d in drawn}
    blocks: list[Block] = []
    for chapter in (question, data, results, limits):
        blocks += chapter(findings, tables, pictures)
    return blocks


def question(findings: Findings, tables: Tables, _: Mapping[str, Picture]) -> Iterator[Block]:
    """Yield what was asked and the one sentence of answer."""
    said = headline(findings, tables)
    yield Heading("Question and finding")
    yield Text(findings.study.question or findings.study.title)
    yield Text(said.sentence, strong=True)
    yield Text(f"Claim level {said.level}: {LEVELS[said.level]}.")


def data(_: Findings, tables: Tables, pictures: Mapping[str, Picture]) -> Iterator[Block]:
    """Yield sources and flow of records."""
    yield Heading("Data")
    yield Grid(
        "Sources.",
        ("Role", "Title and publisher", "Licence", "SHA-256"),
        [
            (r.role, f"{r.title}. {r.publisher}", r.licence, r.sha256)
            for r in each(tables["snapshots"])
        ],
        (1, 2.4, 1.2, 2),
    )
    yield Grid(
        "Flow of records.",
        ("Source", "Step", "Reason", "Records"),
        [(r.source_id, r.step, r.reason or "", f"{r.records:,}") for r in each(tables["counts"])],
        (2, 1, 3, 1),
    )
    if "deaths-by-year" in pictures:
        yield pictures["deaths-by-year"]


def results(findings: Findings, tables: Tables, pictures: Mapping[str, Picture]) -> Iterator[Block]:
    """Yield results by claim level, those against the hypothesis with the same prominence."""
    yield Heading("Results")
    estimates = tables["estimates"]
    for level in records.CLAIMS:
        rows = estimates[estimates["claim_level"] == level]
        if len(rows):
            yield Heading(f"{level}: {LEVELS[level]}", 2)
            yield Points([f"{r.analysis}: {r.sentence}" for r in each(rows)])
    yield Points([s for s, _, _ in hardship_sentences(findings, tables)])
    yield from (p for s, p in pictures.items() if s != "deaths-by-year")
    yield Heading("Against the hypothesis", 2)
    yield Points(against(tables) or ["No analysis was run that could speak against it."])


def limits(findings: Findings, tables: Tables, _: Mapping[str, Picture]) -> Iterator[Block]:
    """Yield limits and what was skipped."""
    del findings
    yield Heading("Limits")
    yield Points(LIMITS)
    skipped = tables["skipped"]
    if len(skipped):
        yield Grid(
            "What could not be computed.",
            ("What", "Missing", "How to get it"),
            [(r.what, r.missing, r.how_to_get) for r in each(skipped)],
        )
