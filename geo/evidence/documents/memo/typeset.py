"""A document as a PDF, set by typst with its own embedded fonts and the date `as_of`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typst

from geo.evidence.documents.html_table import CONTACT
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
from geo.evidence.tables.findings import Findings

PREAMBLE = """\
#set document(title: {title}, author: "The funnel-effect project", date: datetime(
  year: {year}, month: {month}, day: {day}))
#set page(paper: "a4", margin: {margin},
  header: context if counter(page).get().first() > 1 [
    #set text(8pt, fill: luma(90)); {status} #h(1fr) run {run}],
  footer: context [#set text(8pt, fill: luma(90)); {title_markup} #h(1fr)
    #counter(page).display("1 / 1", both: true)])
#set text(font: "Libertinus Serif", size: {size}, lang: "en", hyphenate: true)
#set par(justify: true, leading: {leading}, spacing: {spacing})
#set heading(numbering: {numbering})
#show heading.where(level: 1): set text({chapter})
#show heading.where(level: 1): set block(above: {above}, below: {below})
#show heading.where(level: 2): set text(11.5pt)
#show heading.where(level: 2): set block(above: 1.4em, below: 0.7em)
#set math.equation(numbering: "(1)")
#show figure: set block(breakable: true, above: 1.4em, below: 1.4em)
#show figure.caption: set text(9pt)
#show figure.caption: it => block(sticky: true, width: 100%, align(left, it))
#show figure.where(kind: table): set figure.caption(position: top)
#set table(stroke: none, inset: (x: 4pt, y: 3.2pt), fill: none)
#show table.cell: set par(justify: false, leading: 0.5em)
#show table.cell: set text(8.5pt, hyphenate: true)
#show table.cell.where(y: 0): set text(weight: "bold")
#let setoff(body) = block(width: 100%, inset: (left: 10pt, y: 4pt),
  stroke: (left: 2pt + rgb("#0072B2")), body)

#v({drop})
#par(justify: false, text({headline}, weight: "bold")[{title_markup}])
#text({sub})[{subtitle}]
{warning}
{outline}
"""
OUTLINE = "#v(4mm)\n#outline(depth: 1, title: none)\n#v(4mm)"
ROOMY = {
    "{margin}": "(x: 22mm, top: 22mm, bottom: 22mm)", "{size}": "10pt", "{leading}": "0.62em",
    "{spacing}": "0.95em", "{numbering}": '"1.1"', "{chapter}": "15pt", "{above}": "1.8em",
    "{below}": "0.9em", "{drop}": "12mm", "{headline}": "22pt", "{sub}": "11pt",
}  # fmt: skip
"""Display: how a document of many pages is set."""
DENSE = {
    "{margin}": "(x: 17mm, top: 15mm, bottom: 16mm)", "{size}": "9pt", "{leading}": "0.5em",
    "{spacing}": "0.62em", "{numbering}": "none", "{chapter}": "10.5pt", "{above}": "0.85em",
    "{below}": "0.45em", "{drop}": "0mm", "{headline}": "14pt", "{sub}": "9pt",
}  # fmt: skip
"""Display: how a document of two pages is set."""
CODE = re.compile(r"`([^`]+)`")
HASH = re.compile(r"[0-9a-f]{64}")
ROOM = 0.6
"""Display: share of the measure from which on a column holds a SHA-256 on one line."""
WARNING = """
#block(width: 100%, inset: 8pt, fill: rgb("#fbe9df"), stroke: 0.8pt + rgb("#D55E00"))[
  *SYNTHETIC.* The records behind this document are made up. They say nothing about people.]
"""


def pdf(findings: Findings, kind: Document, blocks: Sequence[Block]) -> bytes:
    """Return a document as PDF; equal blocks give equal bytes."""
    day = findings.study.as_of
    stamp = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for block in blocks:
            if isinstance(block, FigureBlock):
                name = f"{block.drawn.stem}.svg"
                (folder / name).write_bytes(block.drawn.files[name])
        (folder / "memo.typ").write_text(source(findings, kind, blocks), "utf-8")
        made = typst.compile(
            folder / "memo.typ",
            root=folder,
            ignore_system_fonts=True,
            timestamp=stamp,
            pdf_standards="ua-1",
        )
    return bytes(made)


def source(findings: Findings, kind: Document, blocks: Sequence[Block]) -> str:
    """Return a document in typst's markup."""
    day = findings.study.as_of
    title = f"{kind.title}: {findings.study.title}"
    fields = {
        **(DENSE if kind.dense else ROOMY),
        "{outline}": OUTLINE if kind.contents else "",
        "{title}": _string(title),
        "{year}": str(day.year),
        "{month}": str(day.month),
        "{day}": str(day.day),
        "{status}": "SYNTHETIC" if findings.synthetic else "",
        "{run}": _escape(findings.run_id),
        "{title_markup}": _escape(title),
        "{subtitle}": _escape(
            f"Study {findings.study.name}, as of {day.isoformat()}, run {findings.run_id}. "
            f"Corrections: {CONTACT}"
        ),
        "{warning}": WARNING if findings.synthetic else "",
    }
    text = PREAMBLE
    for key, value in fields.items():
        text = text.replace(key, value)
    return text + "\n\n".join(_set(b) for b in blocks) + "\n"


def equation(block: Equation) -> bytes:
    """Return one equation as SVG, for the page."""
    page = "#set page(width: auto, height: auto, margin: 3pt, fill: white)\n#set text(14pt)\n"
    made = typst.compile(
        f"{page}$ {block.typst} $\n".encode(), format="svg", ignore_system_fonts=True
    )
    return bytes(made)


def _set(block: Block) -> str:  # noqa: PLR0911 - one return a kind of block
    if isinstance(block, Heading):
        numbering = "" if block.numbered else "numbering: none, "
        return f"#heading({numbering}level: {block.level})[{_escape(block.text)}]"
    if isinstance(block, Text):
        text = _escape(block.text)
        if block.red:
            return f'#text(fill: rgb("#9C1C00"))[{text}]'
        return f"#setoff[{text}]" if block.strong else text
    if isinstance(block, Points):
        return "\n".join(f"- {_escape(i)}" for i in block.items)
    if isinstance(block, Equation):
        alt = _string(block.words)
        return f"#math.equation(block: true, alt: {alt}, $ {block.typst} $)"
    if isinstance(block, Grid):
        return _grid(block)
    if isinstance(block, FigureBlock):
        name = _string(f"{block.drawn.stem}.svg")
        image = f"image({name}, width: {block.width:.0%}, alt: {_string(block.drawn.alt)})"
        return f"#figure({image}, caption: [{_escape(block.drawn.caption)}])"
    if isinstance(block, Break):
        return "#pagebreak(weak: true)"
    raise TypeError(f"{type(block).__name__} is no block of a memo; give one of its own kinds")


def _grid(block: Grid) -> str:
    widths = block.widths or [1.0] * len(block.header)
    columns = ", ".join(f"{w:g}fr" for w in widths)
    head = ", ".join(f"[{_escape(h)}]" for h in block.header)
    roomy = [w / sum(widths) >= ROOM for w in widths]
    rows = ",\n  ".join(
        ", ".join(f"[{_cell(c, whole=r)}]" for c, r in zip(row, roomy, strict=True))
        for row in block.rows
    )
    table = (
        f"table(columns: ({columns},), align: left,\n"
        f"  table.hline(stroke: 0.8pt), table.header({head}), table.hline(stroke: 0.4pt),\n"
        f"  {rows}{',' if block.rows else ''} table.hline(stroke: 0.8pt))"
    )
    return f"#figure({table}, caption: [{_escape(block.caption)}])"


def _cell(cell: str | Symbols, *, whole: bool) -> str:
    if isinstance(cell, Symbols):
        return f"#math.equation(alt: {_string(cell.spoken)}, ${cell.typst}$)"
    if whole and HASH.fullmatch(cell):
        return cell  # as it stands, so that it can be copied into a command
    return _escape(cell)


def _escape(text: str) -> str:
    """Return a text that typst sets as it stands, what stands in backticks as code."""
    parts = CODE.split(text)
    return "".join(f"#raw({_string(p)});" if n % 2 else _plain(p) for n, p in enumerate(parts))


def _plain(text: str) -> str:
    """Return a text without code; hashes may break anywhere."""
    text = " ".join(_breakable(word) for word in text.split(" "))
    return "".join(f"\\{c}" if c in "\\#$*_`<>@[]~=-+/\"'{}()&%!|^.:" else c for c in text)


def _breakable(word: str) -> str:
    if len(word) > 15:
        word = word.replace("_", "_\u200b").replace(".", ".\u200b")
    if len(word) < 32 or "\u200b" in word:
        return word
    return "\u200b".join(word[i : i + 8] for i in range(0, len(word), 8))


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
