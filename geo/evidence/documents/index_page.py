"""The bundle's front page: the finding, then everything needed to doubt it.

Finding, figure, the strongest objections and the limits are never folded; lists are. No id of an
analysis or a row stands in running text: ids stand in the tables and under "Cite this number".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from geo.evidence.documents.central import STEM
from geo.evidence.documents.figures import Figure
from geo.evidence.documents.html_table import document
from geo.evidence.documents.results import (
    EVIDENCE_AGAINST,
    LEVELS,
    LIMITS,
    OBJECTIONS,
    against,
    exposure_note,
    open_gates,
    strongest,
)
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.published import contract

MAP = "maps/funnel.html"
POSTER = "maps/funnel.png"
INDEX = "index.html"


def index_page(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[Figure] = (),
    pages: Mapping[str, str | bytes] | None = None,
) -> str:
    """Return the front page of a bundle.

    Parameters
    ----------
    findings, tables
        What the run found, and its public tables.
    drawn
        Its figures; the central one stands on the first screen.
    pages
        The maps beside it; the picture `maps/funnel.png` is shown where there is one.

    Returns
    -------
    str
        One self-contained HTML page.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> own = examples.findings()
    >>> "SYNTHETIC" in evidence.index_page(own, examples.public_tables())
    True
    """
    pages = pages or {}
    said = headline(findings.study, tables)
    question = f'<p class="kicker">{escape(findings.study.question)}</p>'
    finding = (
        f'<p class="finding">{escape(said.sentence)}</p>'
        f'<p class="meta">Claim level {said.level} of L0 to L3: {escape(LEVELS[said.level])}.'
        "</p>"
    )
    exposed = exposure_note(tables)
    if exposed:
        finding += f'<p class="meta">{escape(exposed)}</p>'
    body = "\n".join(
        (
            question,
            _central(drawn),
            finding,
            _map(pages),
            _objections(tables),
            _limits(),
            _documents(),
            _files(findings, tables),
            _folded("Everything that speaks against it", _against(tables)),
            _folded("What was not run or could not be computed", _lacks(tables)),
            _folded("Sources", _sources(tables)),
            _folded("Cite this number", _cite(findings, said.row_id)),
            _check(findings),
        )
    )
    return document(findings, findings.study.title, body)


def _central(drawn: Sequence[Figure]) -> str:
    """Show infrastructure against hardship, drawn for the width of the reader's screen."""
    figure = next((f for f in drawn if f.stem == STEM), None)
    if figure is None:
        return ""
    wide, narrow = (
        "data:image/svg+xml;base64," + base64.b64encode(figure.files[f"{STEM}{end}.svg"]).decode()
        for end in ("", "-phone")
    )
    return (
        f'<figure class="central"><picture><source media="(max-width:600px)" srcset="{narrow}">'
        f'<img src="{wide}" alt="{escape(figure.alt)}"></picture></figure>'
    )


def _map(pages: Mapping[str, str | bytes]) -> str:
    if MAP not in pages:
        return ""
    poster = pages.get(POSTER)
    image = ""
    if isinstance(poster, bytes):
        data = base64.b64encode(poster).decode()
        image = f'<img src="data:image/png;base64,{data}" alt="Preview of the map">'
    link = f'<p><a href="{MAP}">Open the map</a></p>'
    return f'<section><h2>Map</h2><div class="poster">{image}</div>{link}</section>'


def _folded(title: str, inner: str) -> str:
    """Return a part that opens on request; nothing where it is empty."""
    if not inner:
        return ""
    return f"<details><summary><h2>{escape(title)}</h2></summary>{inner}</details>"


def _items(points: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(p)}</li>" for p in points) + "</ul>" if points else ""


def _objections(tables: Mapping[str, pd.DataFrame]) -> str:
    """Show the strongest arguments against the finding, and what would change it."""
    if tables["estimates"].empty:
        return ""
    found = strongest(tables)
    items = "".join(
        f"<li><b>{escape(why)}.</b> {escape(text)}</li>" for why, text in found[:OBJECTIONS]
    )
    body = f"<ol>{items}</ol>" if items else "<p>No analysis of this run speaks against it.</p>"
    rest = len(found) - OBJECTIONS
    more = f'<p class="meta">{rest} more are listed below, none left out.</p>' if rest > 0 else ""
    would = f"<p>What would change the answer: {escape('; '.join(EVIDENCE_AGAINST))}.</p>"
    return f"<section><h2>The strongest arguments against it</h2>{body}{more}{would}</section>"


def _against(tables: Mapping[str, pd.DataFrame]) -> str:
    return _items(against(tables))


def _lacks(tables: Mapping[str, pd.DataFrame]) -> str:
    """List what holds the claim at its level, and what lacked an input."""
    rows = "".join(
        f"<dt>{escape(r.what)}</dt><dd>Missing: {escape(r.missing)}. {escape(r.how_to_get)}</dd>"
        for r in each(tables["skipped"])
    )
    return _items(open_gates(tables)) + (f"<dl>{rows}</dl>" if rows else "")


def _documents() -> str:
    links = ", ".join(
        f'<a href="memo/{stem}.html">{what}</a> (<a href="memo/{stem}.pdf">PDF</a>)'
        for stem, what in (
            ("brief", "brief of two pages"),
            ("report", "report"),
            ("annex", "annex with every analysis, checklists and constants"),
        )
    )
    return f"<section><h2>Read it whole</h2><p>{links[0].upper()}{links[1:]}.</p></section>"


def _cite(findings: Findings, row_id: str) -> str:
    row = f", row <code>{escape(row_id)}</code>" if row_id else ""
    return (
        f"<p>Study {escape(findings.study.name)}, run <code>{escape(findings.run_id)}</code>{row}, "
        f"as of {findings.study.as_of.isoformat()}. <code>funnel explain "
        f"{escape(findings.run_id)} {escape(row_id)}</code> follows it to the source rows.</p>"
    )


def _files(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> str:
    held = [n for n, f in tables.items() if not f.empty]
    rows = "".join(
        f"<tr><td>{escape(contract(n).title)}</td><td>{len(tables[n]):,}</td>"
        f'<td><a href="tables/{n}.csv">CSV</a> · <a href="tables/{n}.parquet">Parquet</a></td></tr>'
        for n in held
    )
    status = f" All are {findings.data_status}." if findings.synthetic else ""
    return (
        "<section><h2>Tables</h2>"
        '<p>All tables in one file: <a href="tables/evidence.xlsx">workbook (XLSX)</a>, '
        '<a href="tables/evidence.gpkg">GeoPackage</a>; what each column means: '
        f'<a href="tables/datapackage.json">data package</a>.{status}</p>'
        '<div class="wide" tabindex="0" role="region" aria-label="Tables"><table><thead><tr>'
        '<th scope="col">Table</th><th scope="col">Rows</th><th scope="col">Files</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _limits() -> str:
    items = "".join(f"<li>{escape(t)}</li>" for t in LIMITS)
    return f"<section><h2>Limits</h2><ul>{items}</ul></section>"


def _sources(tables: Mapping[str, pd.DataFrame]) -> str:
    # files of one source that came together are one line: a model of the land may be 28 tiles
    frame = tables["snapshots"]
    one = ["source_id", "title", "publisher", "licence", "retrieved_at"]
    items = ""
    for _, same in frame.groupby(one, sort=False, dropna=False):
        r = next(each(same))
        hashes = f"SHA-256 <code>{escape(r.sha256)}</code>"
        if len(same) > 1:
            hashes = f"{len(same)} files, the SHA-256 of each in the table of sources"
        items += (
            f"<li>{escape(r.title)}. {escape(r.publisher)}. Licence: {escape(r.licence)}. "
            f"Retrieved {escape(r.retrieved_at)}; {hashes}.</li>"
        )
    return f"<ul>{items}</ul>" if items else ""


def _check(findings: Findings) -> str:
    run = escape(findings.run_id)
    return (
        "<section><h2>Check it</h2>"
        '<p><code>sha256sum -c <a href="SHA256SUMS">SHA256SUMS</a></code> says whether a file was '
        f"changed; <code>funnel verify {run}</code> checks the contracts and safeguards too; "
        f"<code>funnel explain {run} ROW_ID</code> traces a row to its sources. "
        '<a href="study.toml">The study</a>, <a href="environment.txt">the environment</a>, '
        '<a href="custody.jsonl">custody log</a>, '
        '<a href="ro-crate-metadata.json">RO-Crate</a>.</p></section>'
    )
