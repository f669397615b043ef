"""What the memo says, in its order; numbers come from the tables and from nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.evidence.documents.figures import Figure
from geo.evidence.documents.memo import annexes, checklists, design, method, outcome
from geo.evidence.documents.memo.blocks import Block, FigureBlock
from geo.evidence.tables.findings import Findings

CHAPTERS = (
    design.question,
    design.setting,
    design.data,
    method.method,
    outcome.results,
    outcome.against_it,
    outcome.limits,
    outcome.error_rates,
    outcome.registration,
    annexes.reproduction,
    checklists.reporting,
    annexes.preservation,
    annexes.court,
    annexes.constants,
)


def content(
    findings: Findings, tables: Mapping[str, pd.DataFrame], drawn: Sequence[Figure]
) -> list[Block]:
    """Return the memo's blocks; each chapter takes the figures it speaks of."""
    pictures = {d.stem: FigureBlock(d) for d in drawn}
    return [b for chapter in CHAPTERS for b in chapter(findings, tables, pictures)]
