"""What the documents say, in their order; numbers come from the tables and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.evidence.documents.figures import Figure
from geo.evidence.documents.memo import annexes, checklists, design, method, outcome
from geo.evidence.documents.memo.blocks import ANNEX, REPORT, Block, FigureBlock
from geo.evidence.tables.findings import Findings

WIDTH = 0.78
"""Display: share of the measure that a figure takes, so that two may share a page."""
CHAPTERS = {
    REPORT: (
        design.question,
        design.setting,
        design.data,
        method.method,
        outcome.results,
        outcome.against_it,
        outcome.error_rates,
        outcome.limits,
        outcome.registration,
    ),
    ANNEX: (
        annexes.resolution,
        outcome.all_results,
        method.steps,
        annexes.sources,
        outcome.calibration,
        annexes.reproduction,
        checklists.reporting,
        annexes.preservation,
        annexes.court,
        annexes.constants,
    ),
}


def content(
    findings: Findings, tables: Mapping[str, pd.DataFrame], drawn: Sequence[Figure]
) -> dict[str, list[Block]]:
    """Return the blocks of report and annex by stem, each chapter with its figures."""
    # one in another language has its mark in its name, and stands on the pages of that language
    pictures = {d.stem: FigureBlock(d, WIDTH) for d in drawn if "." not in d.stem}
    return {
        kind.stem: [b for chapter in chapters for b in chapter(findings, tables, pictures)]
        for kind, chapters in CHAPTERS.items()
    }
