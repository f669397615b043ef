"""Annexes: resolution of the six numbers, sources, reproduction, preservation, court, constants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo.evidence.custody.chain import sha256
from geo.evidence.custody.restricted import restricted_facts
from geo.evidence.documents.memo.blocks import (
    Block,
    Break,
    FigureBlock,
    Grid,
    Heading,
    Points,
    Text,
)
from geo.evidence.tables.counts import said as number
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import key_numbers

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]
LISTED = 6
"""Display: parents of a row that the annex names; `funnel explain` names all."""
LONGEST = 90
"""Display: longer values are cut in print; the table `parameters` has them whole."""
DECLARATION = (
    "I, [name], declare:",
    "1. I am [position]. I am [qualified by training or experience as follows: ...].",
    (
        "2. On [date] I received the folder identified below on [medium] from [person]. I have "
        "kept it [how] since."
    ),
    (
        "3. On [date], with the program sha256sum (version [..]), I computed the SHA-256 value of "
        "every file in the folder and compared it with the file SHA256SUMS. All [did / did not] "
        "agree."
    ),
    (
        "4. On [date] I ran the command `funnel verify` of the program identified below; it "
        "reported [result]. I ran `funnel verify --rerun` on [machine]; it reported [result]."
    ),
    (
        "5. The program produces the tables by the process described in the report. To my "
        "knowledge that process produces an accurate result because [reasons, with the table "
        "of calibration]."
    ),
    (
        "6. I [was / was not] paid for this declaration, and I have [no / the following] interest "
        "in its outcome."
    ),
    (
        "I declare under penalty of perjury under the laws of the United States of America that "
        "the foregoing is true and correct. Executed on [date] at [place]."
    ),
    "[signature]",
)


def resolution(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield what each of the six numbers is made of."""
    del findings, pictures
    yield Heading("The six numbers, resolved")
    rows = []
    for n in key_numbers(tables):
        parents = _parents(tables, n.table, n.row_id)
        rows.append((n.id, n.asks, n.value, f"{n.table} {n.row_id}".strip() or "none", parents))
    yield Grid(
        "`funnel explain RUN ROW` follows each to the source rows.",
        ("", "What", "Value", "Table and row", "Made from"),
        rows,
        (0.35, 1.5, 2.4, 1.5, 2.2),
    )


def _parents(tables: Tables, table: str, row_id: str) -> str:
    """Return what a row was made from, or the rule of its table where it is a sum of rows."""
    if not table:
        return "nothing: see the value"
    rows = tables[table]
    own = rows[rows["row_id"] == row_id]
    if own.empty:
        return f"all {len(rows)} rows of the table"
    parents = str(own["parents"].iloc[0]).split()
    return " ".join(parents[:LISTED]) + (
        f" and {len(parents) - LISTED} more" if parents[LISTED:] else ""
    )


def sources(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the cautions of the sources and the flow of records with every reason."""
    del findings, pictures
    frame, counts = tables["snapshots"], tables["counts"]
    yield Heading("Annex C: sources and the flow of records")
    notes = dict.fromkeys(
        (f"{r.title}. {r.publisher}", r.note)
        for r in each(frame)
        if isinstance(r.note, str) and r.note
    )
    if notes:
        yield Grid("Cautions of the sources.", ("Source", "Caution"), list(notes), (2, 3))
    if len(counts):
        yield Grid(
            "Flow of records, to the nearest 10: read is quarantined, excluded and used together.",
            ("Source", "Step", "Reason", "Records"),
            [(r.source_id, r.step, r.reason or "", number(r.records)) for r in _by_source(counts)],
            (1.8, 1.2, 3.4, 0.9),
        )


def _by_source(counts: pd.DataFrame) -> Iterator[Any]:
    """Yield rows with those of a source together, in the order of the sources."""
    place = {name: n for n, name in enumerate(dict.fromkeys(counts["source_id"]))}
    yield from each(counts.sort_values("source_id", key=lambda s: s.map(place), kind="stable"))


def reproduction(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield what it takes to compute the run again."""
    del tables, pictures
    yield Heading("Annex E: reproduction")
    yield Text(
        "One command computes the run again: `funnel run study.toml`, with the sources below and "
        "the locked environment. Equal study, sources and code give equal bytes at any number of "
        "workers; across machines `funnel verify --rerun` compares at nine significant digits and "
        "says which comparison it made."
    )
    yield Grid(
        "What the run is.",
        ("What", "Identity"),
        [
            ("Run", findings.run_id),
            ("Study (SHA-256 of the resolved study)", findings.study.fingerprint()),
            ("Code (SHA-256 of its sources)", findings.code_version),
            ("Environment (SHA-256)", sha256(findings.environment.encode())),
            ("Restricted records (SHA-256)", restricted_facts(findings)["sha256"]),
            *((f"Step {name}", f["fingerprint"]) for name, f in findings.steps.items()),
        ],
        (1.6, 3),
    )


def preservation(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the preservation table of the Berkeley Protocol."""
    del findings, pictures
    yield Break()
    yield Heading("Annex G: preservation")
    yield Text(
        "After the Berkeley Protocol on Digital Open Source Investigations (OHCHR and Human "
        "Rights Center, UC Berkeley, HR/PUB/20/2), chapter on preservation."
    )
    yield Grid(
        "How each property is kept.",
        ("Property", "How it is kept, and how to check it"),
        (
            ("Authenticity", "SHA-256 taken when the bytes arrived; `sha256sum -c SHA256SUMS`"),
            ("Availability", "Bytes copied into a vault that only adds; URL and date kept"),
            ("Identity", "An id of every row, from its content; source row number in each record"),
            ("Persistence", "Read-only evidentiary copy; all work is done on other copies"),
            ("Renderability", "CSV, Parquet, GeoPackage, GeoTIFF, PDF: open, documented formats"),
            ("Understandability", "A dictionary of every column; report and annex; funnel explain"),
            ("Chain of custody", "custody.jsonl: each line holds the hash of the line before"),
            ("Tower dates", "Column verified_by; a date without two sources is an interval"),
            ("Security, do no harm", "Aggregates only in public; one row a person under lock"),
        ),
        (1.2, 4),
    )
    sources = tables["snapshots"]
    if len(sources):
        yield Grid(
            "Sources as collected.",
            ("Source", "Collected (UTC)", "From", "Reader", "SHA-256"),
            [
                (
                    r.source_id,
                    r.retrieved_at if isinstance(r.retrieved_at, str) else "not retrieved",
                    r.url if isinstance(r.url, str) and r.url else "local file",
                    r.reader,
                    r.sha256,
                )
                for r in each(sources)
            ],
            (1.4, 1.3, 1.6, 0.8, 2.4),
        )


def court(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the annex for a court, and the template of a declaration."""
    del tables, pictures
    yield Break()
    yield Heading("Annex H: for a court")
    yield Text(
        "For review by a lawyer before any use. This is not legal advice. Rules change and courts "
        "differ; nothing here says that these tables are admissible.",
        strong=True,
    )
    yield Heading("Reliability of the method (Federal Rule of Evidence 702)", 2)
    yield Grid(
        "Where report and annex speak to the questions usually asked.",
        ("Question", "Where"),
        (
            (
                "Can it be and has it been tested?",
                "Error rates; Annex D: made-up records, known effect",
            ),
            ("Known or potential error rate", "Gates; type-I, coverage and power of the rule"),
            ("Peer review and publication", "References of each step in Annex B"),
            ("Standards that control its operation", "Annex F; registered plan; contracts"),
            ("General acceptance", "Equations are published; each constant names its source"),
            ("Sufficient facts or data", "Data: flow of records; Limits"),
            ("Reliable application", "Annex E: same inputs, same bytes; funnel verify"),
        ),
        (2, 3),
    )
    yield Heading("Authentication (Rules 902(13), 902(14), 902(11))", 2)
    yield Points(
        (
            "902(14), copies: every file is identified by its SHA-256 in SHA256SUMS.",
            (
                "902(13), records of an electronic process: report and annex describe the process; "
                "code, study and environment are identified in Annex E."
            ),
            (
                "902(11), notice: reasonable written notice, and the record and certification made "
                "available for inspection, are needed beforehand."
            ),
            "A person must certify; the program cannot.",
        )
    )
    yield Heading("Template of a declaration (28 U.S.C. 1746), for a lawyer's review", 2)
    yield Text(
        f"Folder: run {findings.run_id} of study {findings.study.name}. Program: funnel-effect, "
        f"code {findings.code_version}."
    )
    for line in DECLARATION:
        yield Text(line)


def constants(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield every cited constant."""
    del findings, pictures
    frame = tables["parameters"]
    if frame.empty:
        return
    yield Break()
    yield Heading("Annex I: constants and their sources")
    yield Grid(
        "Constants. Long values are cut here and stand whole in the table parameters.",
        ("Name", "Value", "Unit", "Source", "Confirmed"),
        [
            (f"{r.file}: {r.name.replace('_', ' ')}", _cut(r.value), r.unit, r.source, r.confidence)
            for r in each(frame)
        ],
        (1.8, 1.5, 0.8, 2.6, 0.9),
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."
