"""All public tables in one workbook: findings first, then tables, the dictionary last."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import xlsxwriter

from geo.evidence.formats.sheet_layout import Layout, layout
from geo.evidence.tables.finding import headline
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.key_numbers import key_numbers
from geo.evidence.tables.published import file_contract

SHEET_NAME = 31
"""Definition: longest name of a sheet in the format."""
README_WIDTH = 88
"""Display: width of the text of the first sheet, in characters."""
LINE_POINTS = 13
"""Display: height of a line of text, points."""
FIRST = "Findings"
LEADING = 4
"""Display: lines of what the workbook is that stand before the numbers."""
PICTURE_ROWS = 32
"""Display: rows that the central figure lies over."""
LARGE = "large, for the screen"
"""Display: what is said of a sheet that is not made for paper."""


def workbook_bytes(
    findings: Findings, tables: Mapping[str, pd.DataFrame], picture: bytes = b""
) -> bytes:
    """Return the workbook of flat tables; texts stay texts and the only clock is `as_of`.

    Parameters
    ----------
    findings, tables
        What the run found, and its public tables as CSV holds them. One without a row has no
        sheet and is named on the first.
    picture
        The central figure as PNG; empty where there is none.
    """
    sink = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(sink, options)
    as_of = findings.study.as_of
    book.set_properties(
        {
            "title": f"{findings.study.title}: evidence tables",
            "subject": findings.data_status,
            "comments": f"run {findings.run_id}",
            "created": datetime(as_of.year, as_of.month, as_of.day),  # noqa: DTZ001 - no clock
        }
    )
    formats = _formats(book)
    held = {n: (f, layout(f, _units(n))) for n, f in tables.items() if len(f)}
    _findings(book, formats, findings, tables, {n: made for n, (_, made) in held.items()}, picture)
    dictionary = pd.concat([file_contract(n).dictionary() for n in tables], ignore_index=True)
    held["dictionary"] = dictionary, layout(dictionary)
    for name, (frame, made) in held.items():
        sheet = _sheet(book, formats, name, frame, made)
        _print_setup(sheet, name, findings, made.across)
    book.close()
    return sink.getvalue()


def _units(name: str) -> dict[str, str]:
    return {c.name: c.unit for c in file_contract(name).columns}


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    return {
        "title": book.add_format(base | {"bold": True, "font_size": 16}),
        "warning": book.add_format(base | {"bold": True, "font_color": "#9C1C00"}),
        "text": book.add_format(base | {"text_wrap": True}),
        "bold": book.add_format(base | {"bold": True}),
        "header": book.add_format(
            base | {"bold": True, "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "indent": 1}
        ),
        "plain": book.add_format(base | {"indent": 1}),
        "wrapped": book.add_format(base | {"text_wrap": True, "indent": 1}),
        "code": book.add_format(base | {"font_name": "Consolas", "font_size": 9, "indent": 1}),
        "integer": book.add_format(base | {"num_format": "0"}),
        "number": book.add_format(base | {"num_format": "0.###"}),
        "date": book.add_format(base | {"num_format": "yyyy-mm-dd"}),
    }


def _findings(
    book: Any,
    formats: dict[str, Any],
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    laid: Mapping[str, Layout],
    picture: bytes,
) -> None:
    """Write the first sheet: sentence, six numbers, central figure, links to the other sheets."""
    sheet = book.add_worksheet(FIRST)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, README_WIDTH)
    sheet.set_column(2, 2, 34)
    sheet.set_row(0, 2 * LINE_POINTS)
    sheet.write_string(0, 0, findings.study.title, formats["title"])
    row = 1
    if findings.synthetic:
        text = "SYNTHETIC: the records in this workbook are made up. They say nothing about people."
        sheet.write_string(row, 0, text, formats["warning"])
        row += 1
    about = _about(findings, tables)
    row = _lines(sheet, formats, row + 1, about[:LEADING]) + 1
    for column, head in enumerate(("Number", "Value", "Stands in")):
        sheet.write_string(row, column, head, formats["header"])
    for n in key_numbers(tables):
        row += 1
        sheet.write_string(row, 0, f"{n.id}  {n.asks}", formats["text"])
        sheet.write_string(row, 1, n.value, formats["text"])
        lines = max(-(-len(n.value) // README_WIDTH), -(-(len(n.asks) + 4) // 28))
        sheet.set_row(row, LINE_POINTS * lines + 3)
        if n.table:
            label = f"{n.table} {n.row_id}".strip()
            link = f"internal:'{_short(n.table)}'!A1"
            sheet.write_url(row, 2, link, formats["plain"], label)
    row += 2
    if picture:
        options = {"image_data": io.BytesIO(picture), "x_scale": 0.8, "y_scale": 0.8}
        sheet.insert_image(row, 0, "central.png", options)
        row += PICTURE_ROWS
    row = _links(sheet, formats, row, tables, laid)
    _lines(sheet, formats, row + 1, about[LEADING:])
    _print_setup(sheet, FIRST, findings, 1)
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    sheet.print_area(0, 0, row + 1 + len(about) - LEADING, 2)


def _lines(sheet: Any, formats: dict[str, Any], row: int, lines: list[tuple[str, str]]) -> int:
    for label, text in lines:
        sheet.write_string(row, 0, label, formats["bold"])
        sheet.write_string(row, 1, text, formats["text"])
        sheet.set_row(row, LINE_POINTS * -(-len(text) // README_WIDTH) + 3)
        row += 1
    return row


def _links(
    sheet: Any,
    formats: dict[str, Any],
    row: int,
    tables: Mapping[str, pd.DataFrame],
    laid: Mapping[str, Layout],
) -> int:
    sheet.write_string(row, 0, "Sheet", formats["header"])
    sheet.write_string(row, 1, "What it holds", formats["header"])
    for name, frame in tables.items():
        if frame.empty:
            continue
        row += 1
        sheet.write_url(row, 0, f"internal:'{_short(name)}'!A1", formats["plain"], _short(name))
        plural = "row" if len(frame) == 1 else "rows"
        mark = f"; {LARGE}" if laid[name].large else ""
        title = f"{file_contract(name).title} ({len(frame)} {plural}{mark})"
        sheet.write_string(row, 1, title, formats["text"])
    row += 1
    sheet.write_url(row, 0, "internal:'dictionary'!A1", formats["plain"], "dictionary")
    sheet.write_string(row, 1, "Meaning, unit and null rule of every column", formats["text"])
    empty = [file_contract(n).title for n, f in tables.items() if f.empty]
    if empty:
        row += 1
        text = "; ".join(empty)
        sheet.write_string(row, 0, "Without a row in this run", formats["bold"])
        sheet.write_string(row, 1, text, formats["text"])
        sheet.set_row(row, LINE_POINTS * -(-len(text) // README_WIDTH) + 3)
    return row + 1


def _about(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str]]:
    study = findings.study
    said = headline(study, tables)
    return [
        ("Question", study.question or "none stated"),
        ("Stands on", f"{study.as_of.isoformat()} (no later information was used)"),
        ("Finding", said.sentence),
        ("Claim level", f"{said.level} of L0 to L3"),
        ("Run", findings.run_id),
        ("Code", findings.code_version),
        ("Study", study.fingerprint()),
        (
            "What the records are",
            (
                "Recorded recoveries: a lower bound of deaths, placed where people were found, not "
                "where they walked or died."
            ),
        ),
        (
            "How deaths are published",
            (
                "As counts on cells and years, in classes 0, 1-4, 5-9, 10-19, 20+; statistics of "
                "places only for groups that hide every one of their members. An empty value means "
                "what its column's entry in the sheet `dictionary` says."
            ),
        ),
        (
            "From a number to its source",
            (
                "Every row has a row_id; `funnel explain RUN ROW_ID` traces it. `parents` names "
                "the rows and sources it came from; `sha256sum -c SHA256SUMS` checks the files."
            ),
        ),
        ("Licence", "CC BY 4.0 for the tables; each source's own licence stands in `snapshots`."),
        (
            "Correction, withdrawal",
            (
                "Families and publishers may ask for a correction or for a record to be withheld; "
                "see CONTRIBUTING in the repository."
            ),
        ),
    ]


def _sheet(book: Any, formats: dict[str, Any], name: str, frame: pd.DataFrame, made: Layout) -> Any:
    """Write a table as it was laid out, and return its sheet."""
    sheet = book.add_worksheet(_short(name))
    sheet.freeze_panes(1, 2 if name != "dictionary" else 0)
    for j, column in enumerate(frame.columns):
        style = formats[made.kinds[j]]
        sheet.set_column(j, j, made.widths[j])
        sheet.write_string(0, j, made.headers[j], formats["header"])
        for i, value in enumerate(frame[column], start=1):
            _cell(sheet, i, j, value, style)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    # not every program fits the height of a row to what is wrapped in it
    for i, count in enumerate(made.lines, start=1):
        if count > 1:
            sheet.set_row(i, LINE_POINTS * count + 3)
    sheet.print_area(0, 0, len(frame), made.last)
    return sheet


def _cell(sheet: Any, i: int, j: int, value: Any, style: Any) -> None:
    if pd.isna(value):
        return
    if isinstance(value, pd.Timestamp):
        sheet.write_datetime(i, j, value.to_pydatetime(), style)
    elif isinstance(value, bool):
        sheet.write_boolean(i, j, value, style)
    elif isinstance(value, str):
        sheet.write_string(i, j, value, style)
    else:
        sheet.write_number(i, j, value, style)


def _short(name: str) -> str:
    return name[:SHEET_NAME]


def _print_setup(sheet: Any, name: str, findings: Findings, across: int) -> None:
    """Set paper, header and footer: a page on its own says what it is of, and of which run."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.fit_to_pages(across, 0)
    if name != FIRST:
        sheet.repeat_rows(0)
    made = "SYNTHETIC  " if findings.synthetic else ""
    title = findings.study.name.replace("&", "&&")
    day = findings.study.as_of.isoformat()
    sheet.set_header(f"&L{title}, as of {day}, run {findings.run_id}&R{made}")
    sheet.set_footer(f"&L{_short(name)}&RPage &P of &N")
