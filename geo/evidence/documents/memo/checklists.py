"""STROBE (von Elm et al. 2007) and RECORD (Benchimol et al. 2015), filled from the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from geo.evidence.documents.memo.blocks import Block, Break, FigureBlock, Grid, Heading, Text
from geo.evidence.tables.counts import flow
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings

Tables = Mapping[str, pd.DataFrame]


def reporting(
    findings: Findings, tables: Tables, pictures: Mapping[str, FigureBlock]
) -> Iterator[Block]:
    """Yield the reporting checklist."""
    yield Break()
    yield Heading("Annex F: reporting checklist")
    yield Text(
        "STROBE items 1 to 22 (von Elm et al. 2007, PLoS Medicine 4:e296) with the RECORD items "
        "for routinely collected data (Benchimol et al. 2015, PLoS Medicine 12:e1001885), filled "
        "by the program from the tables of this run. ROSES does not apply: no literature map is "
        "attached."
    )
    yield Grid(
        "STROBE and RECORD.",
        ("Item", "Asks for", "Where, and what this run says"),
        _rows(findings, tables, pictures),
        (0.8, 1.8, 4),
    )


def _rows(
    findings: Findings, tables: Tables, pictures: Mapping[str, FigureBlock]
) -> list[tuple[str, str, str]]:
    study = findings.study
    said = headline(study, tables)
    sources = ", ".join(dict.fromkeys(tables["snapshots"]["title"])) or "none"
    years = f"{study.periods[0].start.isoformat()} to {study.periods[-1].end.isoformat()}"
    figures = f"{len(pictures)} figures" if pictures else "no figure"
    plan = findings.preregistration or "no registered plan; exploratory"
    return [
        ("1; R1.1-1.3", "Design, sources, region, time", f"{study.title}; {sources}; {years}"),
        ("2", "Background", "Chapter Question and finding"),
        ("3", "Objectives, hypotheses", f"Chapter Registration and deviations: {plan}"),
        ("4", "Study design", "Chapter Setting: retrospective, concurrent controls"),
        ("5", "Setting, dates", f"Chapter Setting: {len(study.periods)} periods, {years}"),
        ("6; R6.1-6.3", "Eligibility, selection, flow", f"Chapter Data: {_flow(tables)}"),
        ("7; R7.1", "Variables, code lists", "Sheet dictionary of the workbook; Annex I"),
        ("8", "Sources, measurement", f"Chapter Data: {_sources(tables)}"),
        ("9", "Bias", "Chapters Limits and Everything against the hypothesis; gates"),
        ("10", "Study size", f"All records that meet the rules; {_mde(tables)}"),
        ("11", "Quantitative variables", f"{study.inference.bins} hardness bins per corridor"),
        (
            "12; R12.1-12.3",
            "Statistics, access, cleaning, linkage",
            "Chapters What is measured, and Data",
        ),
        ("13; R13.1", "Participants", f"{_flow(tables)}"),
        ("14", "Descriptive data, missingness", _missing(tables)),
        ("15", "Outcome data", f"deaths_by_cell_block: {_n(tables, 'deaths_by_cell_block')}"),
        ("16", "Main results", said.sentence),
        ("17", "Other analyses", f"{_n(tables, 'estimates')} of estimates; {figures}"),
        ("18", "Key results", "Chapter Results"),
        ("19; R19.1", "Limitations", "Chapter Limits: data not collected for this purpose"),
        ("20", "Interpretation", f"Claim level of the finding: {said.level}"),
        ("21", "Generalisability", "Chapter Limits: the recovery and recording of one area"),
        ("22", "Funding", "To be stated by whoever files this report"),
        ("R22.1", "Code and data access", "Annex E; hashes in Annexes E and G"),
    ]


def _sources(tables: Tables) -> str:
    own = tables["snapshots"]
    return f"{own['source_id'].nunique()} sources in {len(own)} files"


def _flow(tables: Tables) -> str:
    own = flow(tables)
    totals = own["records"].astype(float).fillna(0).groupby(own["step"]).sum()
    order = [s for s in ("read", "quarantined", "excluded", "used") if s in totals]
    return ", ".join(f"about {totals[s]:,.0f} {s}" for s in order) or "no record was read"


def _missing(tables: Tables) -> str:
    skipped = len(tables["skipped"])
    return (
        f"Table hardship_by_block: {_n(tables, 'hardship_by_block')}, empty where suppressed; "
        f"{skipped} analyses skipped for want of an input"
    )


def _mde(tables: Tables) -> str:
    given = int(tables["estimates"]["mde"].notna().sum())
    return f"{given} of {len(tables['estimates'])} estimates state a smallest detectable effect"


def _n(tables: Tables, name: str) -> str:
    return f"{len(tables[name]):,} rows"
