"""The methods memo: what was asked, done and found, for whoever must check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.evidence.documents.figures import Figure
from geo.evidence.documents.memo.content import content
from geo.evidence.documents.memo.page import html
from geo.evidence.documents.memo.typeset import pdf
from geo.evidence.tables.findings import Findings

__all__ = ["memo_files"]


def memo_files(
    findings: Findings, tables: Mapping[str, pd.DataFrame], drawn: Sequence[Figure]
) -> dict[str, bytes]:
    """Return the methods memo; every number in it stands in a table.

    Parameters
    ----------
    findings, tables
        What the run found, and its public tables.
    drawn
        Figures to show.

    Returns
    -------
    dict of str to bytes
        `methods.html` and `methods.pdf`.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.evidence.documents.memo import memo_files
    >>> own = examples.findings()
    >>> sorted(memo_files(own, examples.public_tables(), []))
    ['methods.html', 'methods.pdf']
    """
    blocks = content(findings, tables, drawn)
    return {"methods.html": html(findings, blocks), "methods.pdf": pdf(findings, blocks)}
