"""What the documents say, in their order; numbers come from the tables and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

import pandas as pd

from geo.evidence.documents.figures import Figure
from geo.evidence.documents.memo import (
    analyses,
    annexes,
    calibration,
    checklists,
    design,
    method,
    outcome,
)
from geo.evidence.documents.memo.blocks import ANNEX, REPORT, Block, FigureBlock, Heading
from geo.evidence.tables.findings import Findings

WIDTH = 0.78
"""Display: share of the measure that a figure takes, so that two may share a page."""
LETTERED = "Annex "
"""Display: how the heading of an annex begins, before its letter."""
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
        analyses.all_analyses,
        method.steps,
        annexes.sources,
        calibration.calibration,
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
    made = {
        kind.stem: [b for chapter in chapters for b in chapter(findings, tables, pictures)]
        for kind, chapters in CHAPTERS.items()
    }
    return {**made, ANNEX.stem: list(_lettered(made[ANNEX.stem]))}


def _lettered(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks with every section of an annex called by the annex's letter: A.1, A.2."""
    letter, sections = "", count(1)
    for block in blocks:
        if not isinstance(block, Heading):
            yield block
        elif block.level == 1:
            letter = block.text.removeprefix(LETTERED)[0] if LETTERED in block.text else ""
            sections = count(1)
            yield replace(block, numbered=False)
        else:
            text = f"{letter}.{next(sections)} {block.text}" if letter else block.text
            yield replace(block, text=text, numbered=False)
