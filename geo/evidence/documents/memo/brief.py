"""The brief: two pages that a judge or an editor reads whole."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

import pandas as pd

from geo.evidence.documents.central import STEM as CENTRAL
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.documents.results import LEVELS, OBJECTIONS, not_run, strongest
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import key_numbers, printed

LACKS = 6
"""Display: things not run that the brief names; all stand in the report."""
LONGEST = 420
"""Display: characters of an objection, so that two pages hold the brief."""
WHY = (
    "Why this is asked: everyone has the right to life (International Covenant on Civil and "
    "Political Rights, article 6), and states have to protect it from reasonably foreseeable "
    "threats (Human Rights Committee, General Comment 36, paragraph 7). Whether surveillance moved "
    "people to deadlier ground is a question of fact, which this document puts to public records."
)


def brief(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    pictures: Mapping[str, FigureBlock],
    exhibits: Mapping[str, str],
) -> Iterator[Block]:
    """Yield the brief.

    Parameters
    ----------
    findings, tables, pictures
        What the run found, its public tables and figures.
    exhibits
        Path in the bundle = SHA-256 of the files that are handed over with the brief.
    """
    said = headline(findings.study, tables)
    yield Heading("Question")
    yield Text(findings.study.question or findings.study.title)
    yield Heading("Answer")
    yield Text(said.sentence, strong=True)
    yield Text(
        f"Claim level {said.level} on a ladder from L0 to L3: {LEVELS[said.level]}. Records are "
        "recoveries: a lower bound of deaths, at the places where people were found."
    )
    if CENTRAL in pictures:
        yield FigureBlock(pictures[CENTRAL].drawn, 0.72)
    yield Heading("Six numbers")
    yield Grid(
        "Each stands in the table and row named at the right; the annex says how it was made.",
        ("", "What", "Value", "Stands in"),
        list(printed(key_numbers(tables))),
        (0.35, 2.2, 3.6, 1.9),
    )
    yield from _objections(tables, said.sentence)
    yield from _lacks(tables)
    yield Heading("Exhibits")
    yield Grid(
        "Files of the bundle with their SHA-256.",
        ("File", "SHA-256"),
        list(exhibits.items()),
        (1.2, 3),
    )
    yield Text(
        "Whether this bundle is signed or time-stamped is told by `funnel verify` and by the files "
        f"beside SHA256SUMS, not by this page. {WHY}"
    )


def _lead(sentence: str) -> str:
    """Return the words of a sentence before its numbers; empty where it has none."""
    lead, colon, _ = sentence.partition(": ratio")
    return lead if colon else ""


def _objections(tables: Mapping[str, pd.DataFrame], said: str) -> Iterator[Block]:
    yield Heading("The strongest arguments against it, and what the data say to each")
    found, same = strongest(tables), _lead(said)
    if not found:
        yield Text("No analysis of this run speaks against the sentence above.")
        return
    for number, (why, sentence) in enumerate(found[:OBJECTIONS], 1):
        # what differs from the answer is its numbers, so its words are not said again
        own = sentence.removeprefix(f"{same}: ") if same else sentence
        text = f"{why}. {own[:1].upper()}{own[1:]}".strip()
        short = textwrap.shorten(text, LONGEST, placeholder=" ... (whole in annex A)")
        yield Text(f"{number}. {short}")
    if len(found) > OBJECTIONS:
        yield Text(f"{len(found) - OBJECTIONS} more stand in the report, none left out.")


def _lacks(tables: Mapping[str, pd.DataFrame]) -> Iterator[Block]:
    yield Heading("What was not run")
    gates = [f"{text[0].upper()}{text[1:]}" for text in not_run(tables)]
    skipped = [f"{r.what} (missing: {r.missing})" for r in each(tables["skipped"])]
    lacks = gates + skipped
    if not lacks:
        yield Text("Everything that the plan registers was run.")
        return
    more = f" {len(lacks) - LACKS} more stand in the report." if len(lacks) > LACKS else ""
    yield Text(f"{'; '.join(lacks[:LACKS])}.{more}", red=True)
