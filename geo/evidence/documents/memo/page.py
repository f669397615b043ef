"""A document as one self-contained page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from geo.evidence.documents.html_table import document
from geo.evidence.documents.memo.blocks import (
    Block,
    Break,
    Document,
    Equation,
    FigureBlock,
    Grid,
    Heading,
    Points,
    Symbols,
    Text,
)
from geo.evidence.documents.memo.typeset import CODE, equation
from geo.evidence.tables.findings import Findings


def html(findings: Findings, kind: Document, blocks: Sequence[Block]) -> bytes:
    """Return a document as HTML that loads nothing."""
    figures = tables = equations = 0
    parts: list[str] = []
    chapters: list[tuple[str, str]] = []
    for block in blocks:
        if isinstance(block, Heading):
            anchor = f"s{len(parts)}"
            if block.level == 1:
                chapters.append((anchor, block.text))
            level = block.level + 1
            parts.append(f'<h{level} id="{anchor}">{escape(block.text)}</h{level}>')
        elif isinstance(block, FigureBlock):
            figures += 1
            parts.append(_picture(block, figures))
        elif isinstance(block, Equation):
            equations += 1
            parts.append(_equation(block, equations))
        elif isinstance(block, Grid):
            tables += 1
            parts.append(_grid(block, tables))
        else:
            parts.append(_plain(block))
    entries = "".join(f'<li><a href="#{a}">{escape(t)}</a></li>' for a, t in chapters)
    contents = f'<nav aria-label="Contents"><ol>{entries}</ol></nav>' if kind.contents else ""
    title = f"{kind.title}: {findings.study.title}"
    return document(findings, title, contents + "\n".join(parts), home="../index.html").encode()


def _plain(block: Text | Points | Break) -> str:
    if isinstance(block, Text):
        kind = ' class="set-off"' if block.strong else ' class="lack"' if block.red else ""
        return f"<p{kind}>{_coded(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{_coded(i)}</li>" for i in block.items) + "</ul>"
    return ""


def _coded(text: str) -> str:
    """Return a text with what stands in backticks as code."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def _equation(block: Equation, number: int) -> str:
    data = base64.b64encode(equation(block)).decode()
    return (
        f'<p class="equation"><img src="data:image/svg+xml;base64,{data}" '
        f'alt="{escape(block.words)}"><span>({number})</span></p>'
    )


def _picture(block: FigureBlock, number: int) -> str:
    drawn = block.drawn
    data = base64.b64encode(drawn.files[f"{drawn.stem}.svg"]).decode()
    return (
        f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(drawn.alt)}">'
        f"<figcaption><b>Figure {number}.</b> {escape(drawn.caption)}</figcaption></figure>"
    )


def _cell(cell: str | Symbols) -> str:
    # what a symbol is in HTML is a constant of this package
    return cell.html if isinstance(cell, Symbols) else _coded(cell)


def _grid(block: Grid, number: int) -> str:
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in block.header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(c)}</td>" for c in row) + "</tr>" for row in block.rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="Table {number}"><table>'
        f"<caption><b>Table {number}.</b> {_coded(block.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
