"""The bundle's front page: the finding, then everything needed to doubt it.

Finding, figure, the strongest objections and the limits are never folded; lists are. No id of an
analysis or a row stands in running text: ids stand in the tables and under "Cite this number".
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from geo.evidence.documents.central import STEM, phone
from geo.evidence.documents.figures import Figure
from geo.evidence.documents.front_words import FRONT, TABLES_ES
from geo.evidence.documents.html_table import document
from geo.evidence.documents.press_kit import in_language, press_kit
from geo.evidence.documents.results import (
    OBJECTIONS,
    against,
    evidence_against,
    exposure_note,
    levels,
    limits,
    open_gates,
    strongest,
)
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.published import contract
from geo.inference.registered.phrases import Language, written

INDEX = "index.html"


def index_page(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[Figure] = (),
    pages: Mapping[str, str | bytes] | None = None,
    language: Language = "en",
) -> str:
    """Return the front page of a bundle.

    Parameters
    ----------
    findings, tables
        What the run found, and its public tables.
    drawn
        Its figures; the central one, in the language of the page, stands on the first screen.
    pages
        The maps beside it; the picture of the map is shown where there is one.
    language
        Of the page.

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
    study, say = findings.study.in_language(language), FRONT[language]
    main = findings.study.language
    said = headline(study, tables, language)
    question = f'<p class="kicker">{escape(study.question)}</p>'
    level = say["level"].format(level=said.level, meaning=escape(levels(language)[said.level]))
    finding = f'<p class="finding">{escape(said.sentence)}</p><p class="meta">{level}</p>'
    exposed = exposure_note(tables, language)
    if exposed:
        finding += f'<p class="meta">{escape(exposed)}</p>'
    other: Language = "es" if language == "en" else "en"
    body = "\n".join(
        (
            question,
            _central(drawn, language, main),
            finding,
            _map(pages or {}, language, main),
            _objections(tables, language),
            _limits(language),
            _documents(language),
            _files(findings, tables, language),
            _folded(say["kit"], press_kit(drawn, pages or {}, said.sentence, language, main)),
            _folded(say["everything"], _items(against(tables, language))),
            _folded(say["lacks"], _lacks(tables, language)),
            _folded(say["sources"], _sources(tables, language)),
            _folded(say["cite"], _cite(findings, said.row_id, language)),
            _check(findings, language),
        )
    )
    others = {other: in_language(INDEX, other, main)} if pages else {}
    return document(findings, study.title, body, language=language, others=others)


def _central(drawn: Sequence[Figure], language: Language, main: Language) -> str:
    """Show infrastructure against hardship, drawn for the width of the reader's screen."""
    stem = STEM if language == main else f"{STEM}.{language}"
    figure = next((f for f in drawn if f.stem == stem), None)
    if figure is None:
        return ""
    wide, narrow = (
        "data:image/svg+xml;base64," + base64.b64encode(figure.files[name]).decode()
        for name in (f"{stem}.svg", phone(stem))
    )
    return (
        f'<figure class="central"><picture><source media="(max-width:600px)" srcset="{narrow}">'
        f'<img src="{wide}" alt="{escape(figure.alt)}"></picture></figure>'
    )


def _map(pages: Mapping[str, str | bytes], language: Language, main: Language) -> str:
    say = FRONT[language]
    page, poster = (in_language(f"maps/funnel.{end}", language, main) for end in ("html", "png"))
    if page not in pages:
        return ""
    image, picture = "", pages.get(poster)
    if isinstance(picture, bytes):
        data = base64.b64encode(picture).decode()
        image = f'<img src="data:image/png;base64,{data}" alt="{say["poster"]}">'
    link = f'<p><a href="{page}">{say["open_map"]}</a></p>'
    return f'<section><h2>{say["map"]}</h2><div class="poster">{image}</div>{link}</section>'


def _folded(title: str, inner: str) -> str:
    """Return a part that opens on request; nothing where it is empty."""
    if not inner:
        return ""
    return f"<details><summary><h2>{escape(title)}</h2></summary>{inner}</details>"


def _items(points: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(p)}</li>" for p in points) + "</ul>" if points else ""


def _objections(tables: Mapping[str, pd.DataFrame], language: Language) -> str:
    """Show the strongest arguments against the finding, and what would change it."""
    if tables["estimates"].empty:
        return ""
    say, found = FRONT[language], strongest(tables, language)
    items = "".join(
        f"<li><b>{escape(why)}.</b> {escape(text)}</li>" for why, text in found[:OBJECTIONS]
    )
    body = f"<ol>{items}</ol>" if items else f"<p>{say['no_argument']}</p>"
    rest = len(found) - OBJECTIONS
    more = f'<p class="meta">{say["more"].format(n=rest)}</p>' if rest > 0 else ""
    what = escape("; ".join(evidence_against(language)))
    would = f"<p>{say['would_change'].format(what=what)}</p>"
    return f"<section><h2>{say['strongest']}</h2>{body}{more}{would}</section>"


def _lacks(tables: Mapping[str, pd.DataFrame], language: Language) -> str:
    """List what holds the claim at its level, and what lacked an input."""
    mark, missing = _english(language), FRONT[language]["missing"]
    rows = "".join(
        f"<dt{mark}>{escape(r.what)}</dt><dd>"
        f"{missing.format(missing=f'<span{mark}>{escape(r.missing)}</span>')} "
        f"<span{mark}>{escape(r.how_to_get)}</span></dd>"
        for r in each(tables["skipped"])
    )
    return _items(open_gates(tables, language)) + (f"<dl>{rows}</dl>" if rows else "")


def _english(language: Language) -> str:
    """Mark what stays in English on a page that is not."""
    return "" if language == "en" else ' lang="en"'


def _documents(language: Language) -> str:
    say = FRONT[language]
    links = ", ".join(
        f'<a href="memo/{stem}.html">{what}</a> (<a href="memo/{stem}.pdf">PDF</a>)'
        for stem, what in say["memo"].items()
    )
    return f"<section><h2>{say['documents']}</h2><p>{links}.{say['memo_note']}</p></section>"


def _cite(findings: Findings, row_id: str, language: Language) -> str:
    say, run = FRONT[language], escape(findings.run_id)
    row = say["row"].format(row=f"<code>{escape(row_id)}</code>") if row_id else ""
    command = f"<code>funnel explain {run} {escape(row_id)}</code>"
    cited = say["cited"].format(
        study=escape(findings.study.name), run=f"<code>{run}</code>", row=row,
        as_of=findings.study.as_of.isoformat(), command=command,
    )  # fmt: skip
    return f"<p>{cited}</p>"


def _files(findings: Findings, tables: Mapping[str, pd.DataFrame], language: Language) -> str:
    say = FRONT[language]
    rows = "".join(
        f"<tr><td>{escape(_title(n, language))}</td><td>{_count(len(f), language)}</td>"
        f'<td><a href="tables/{n}.csv">CSV</a> · <a href="tables/{n}.parquet">Parquet</a></td></tr>'
        for n, f in tables.items()
        if not f.empty
    )
    status = say["data_status"].format(status=findings.data_status)
    whole = say["tables_all"].format(
        xlsx=f'<a href="tables/evidence.xlsx">{say["workbook"]}</a>',
        gpkg='<a href="tables/evidence.gpkg">GeoPackage</a>',
        package=f'<a href="tables/datapackage.json">{say["package"]}</a>',
        status=say["status"].format(status=status) if findings.synthetic else "",
    )
    head = "".join(f'<th scope="col">{c}</th>' for c in say["columns"])
    return (
        f"<section><h2>{say['tables']}</h2><p>{whole}</p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{say["tables"]}"><table><thead>'
        f"<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _title(name: str, language: Language) -> str:
    title = contract(name).title
    return title if language == "en" else TABLES_ES.get(name, title)


def _count(number: int, language: Language) -> str:
    return written(f"{number:,}", language)


def _limits(language: Language) -> str:
    items = "".join(f"<li>{escape(t)}</li>" for t in limits(language))
    return f"<section><h2>{FRONT[language]['limits']}</h2><ul>{items}</ul></section>"


def _sources(tables: Mapping[str, pd.DataFrame], language: Language) -> str:
    # files of one source that came together are one line: a model of the land may be 28 tiles
    frame, say = tables["snapshots"], FRONT[language]
    one = ["source_id", "title", "publisher", "licence", "retrieved_at"]
    items = ""
    for _, same in frame.groupby(one, sort=False, dropna=False):
        r = next(each(same))
        hashes = say["hash"].format(sha=f"<code>{escape(r.sha256)}</code>")
        if len(same) > 1:
            hashes = say["hashes"].format(n=len(same))
        items += (
            f"<li>{escape(r.title)}. {escape(r.publisher)}. "
            f"{say['licence'].format(licence=escape(r.licence))} "
            f"{_when(r.retrieved_at, say).format(hashes=hashes)}</li>"
        )
    return f"<ul>{items}</ul>" if items else ""


def _when(retrieved_at: object, say: Mapping[str, object]) -> str:
    """Return when a source was retrieved, with a place for its hashes."""
    if not isinstance(retrieved_at, str):
        return str(say["given"])
    return str(say["retrieved"]).replace("{day}", escape(retrieved_at))


def _check(findings: Findings, language: Language) -> str:
    say, run = FRONT[language], escape(findings.run_id)
    files = ("study.toml", "environment.txt", "custody.jsonl", "ro-crate-metadata.json")
    named = ("study", "environment", "custody", "crate")
    links = {
        key: f'<a href="{file}">{what}</a>'
        for key, file, what in zip(named, files, say["files"], strict=True)
    }
    checked = say["checked"].format(
        sums='<code>sha256sum -c <a href="SHA256SUMS">SHA256SUMS</a></code>',
        verify=f"<code>funnel verify {run}</code>",
        explain=f"<code>funnel explain {run} ROW_ID</code>",
        **links,
    )
    return f"<section><h2>{say['check']}</h2><p>{checked}</p></section>"
