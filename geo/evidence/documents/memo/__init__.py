"""Brief, report and annex: what was asked, done and found, for whoever must check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.evidence.documents.figures import Figure
from geo.evidence.documents.memo.blocks import BRIEF, Block, Document, FigureBlock
from geo.evidence.documents.memo.brief import brief
from geo.evidence.documents.memo.content import CHAPTERS, content
from geo.evidence.documents.memo.page import html
from geo.evidence.documents.memo.typeset import pdf
from geo.evidence.tables.findings import Findings

__all__ = ["brief_files", "memo_files"]


def memo_files(
    findings: Findings, tables: Mapping[str, pd.DataFrame], drawn: Sequence[Figure]
) -> dict[str, bytes]:
    """Return report and annex; every number in them stands in a table.

    Parameters
    ----------
    findings, tables
        What the run found, and its public tables.
    drawn
        Figures to show.

    Returns
    -------
    dict of str to bytes
        `report.html`, `report.pdf`, `annex.html` and `annex.pdf`.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.evidence.documents.memo import memo_files
    >>> own = examples.findings()
    >>> sorted(memo_files(own, examples.public_tables(), []))
    ['annex.html', 'annex.pdf', 'report.html', 'report.pdf']
    """
    made = content(findings, tables, drawn)
    return {n: d for kind in CHAPTERS for n, d in _set(findings, kind, made[kind.stem]).items()}


def brief_files(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[Figure],
    exhibits: Mapping[str, str],
) -> dict[str, bytes]:
    """Return the brief of two pages.

    Parameters
    ----------
    findings, tables, drawn
        As for `memo_files`.
    exhibits
        Path in the bundle = SHA-256 of what is handed over with it.

    Returns
    -------
    dict of str to bytes
        `brief.html` and `brief.pdf`.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.evidence.documents.memo import brief_files
    >>> own = examples.findings()
    >>> sorted(brief_files(own, examples.public_tables(), [], {"tables/a.csv": "0" * 64}))
    ['brief.html', 'brief.pdf']
    """
    pictures = {d.stem: FigureBlock(d) for d in drawn}
    return _set(findings, BRIEF, list(brief(findings, tables, pictures, exhibits)))


def _set(findings: Findings, kind: Document, blocks: Sequence[Block]) -> dict[str, bytes]:
    return {
        f"{kind.stem}.html": html(findings, kind, blocks),
        f"{kind.stem}.pdf": pdf(findings, kind, blocks),
    }
