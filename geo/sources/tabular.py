"""Tables of any publisher as plain text cells: CSV, XLSX or JSON, told by their first bytes."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from geo import sizes
from geo.errors import LayoutError
from geo.sources.hxl import take_tags
from geo.sources.sheets import read_sheets, stripped

LONGEST_CELL = 131_072
"""Guard: characters; a longer one is no cell."""
HEAD = 4_096
"""Guard: bytes by which a table is recognised."""
MOSTLY = 0.7
"""Guard: share of zero bytes at every other place by which UTF-16 without its mark is told."""


def read_table(path: Path, where: str, *, titles: bool = True) -> pd.DataFrame:
    """Read CSV, XLSX or a JSON list of objects as text; empty cells are "".

    Without `titles` the first row of a CSV or a sheet is data, and columns are called by their
    place: `column 1`, `column 2`.

    The kind is told from the first bytes, and the size is judged before anything is parsed. The
    index is the row number, 1 for the first data row.

    Raises
    ------
    LayoutError
        If the bytes are no table, too many, the table is empty, or a row has more cells than the
        header.
    """
    sizes.judge_bytes(path.stat().st_size, where)
    with path.open("rb") as stream:
        return _read(stream, where, titles=titles)


def read_bytes(content: bytes, where: str) -> pd.DataFrame:
    """Read the bytes of a table; see `read_table`."""
    return _read(io.BytesIO(content), where)


def _read(stream: BinaryIO, where: str, *, titles: bool = True) -> pd.DataFrame:
    head = stream.read(HEAD)
    stream.seek(0)
    if head.startswith(b"PK\x03\x04"):
        texts, said = read_sheets(stream, where)
        frame = _framed(texts, where, short_rows=True, titles=titles)
        frame.attrs["said"] += said
        return _number(frame, where)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        stream, head = _utf8(stream, where)
    elif (wide := _wide(head)) is not None:
        stream, head = _utf8(stream, where, wide)
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if text[:1] in (b"[", b"{"):
        sizes.judge_bytes(stream.seek(0, io.SEEK_END), where)
        stream.seek(0)
        return _number(_json(stream.read(), where), where)
    refuse_foreign(text, where)
    return _number(_csv(stream, where, titles=titles), where)


def _wide(head: bytes) -> str | None:
    """Return the encoding of UTF-16 without its mark: every other byte of Latin text is 0."""
    even, odd = head[0:400:2], head[1:400:2]
    if len(even) < 8 or not (even + odd).count(0):
        return None
    for nulls, text, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if nulls.count(0) > MOSTLY * len(nulls) and not text.count(0):
            return name
    return None


def _utf8(stream: BinaryIO, where: str, encoding: str = "utf-16") -> tuple[BinaryIO, bytes]:
    """Return UTF-16, as spreadsheets write "Unicode text", as UTF-8, and its head."""
    sizes.judge_bytes(stream.seek(0, io.SEEK_END), where)
    stream.seek(0)
    try:
        content = stream.read().decode(encoding).encode("utf-8")
    except UnicodeError:
        raise LayoutError(
            f"{where}: this UTF-16 text is cut off or damaged. Save it again as CSV in UTF-8."
        ) from None
    return io.BytesIO(content), content[:HEAD]


def refuse_foreign(head: bytes, where: str) -> None:
    """Raise LayoutError for a web page or a binary file that stands in for a table."""
    if not head:
        raise LayoutError(f"{where}: the file is empty. Fetch it again or give another one.")
    if head[:200].lower().lstrip().startswith((b"<!doctype html", b"<html", b"<head")):
        raise LayoutError(
            f"{where}: this is a web page, not a data file. Download the file itself; a login or "
            "an error page may have been saved instead."
        )
    if b"\x00" in head[:1024]:
        raise LayoutError(f"{where}: this is a binary file, not a table. Give CSV, XLSX or JSON.")


def _csv(stream: BinaryIO, where: str, *, titles: bool) -> pd.DataFrame:
    stream.seek(0)
    sizes.judge_table(stream, where)
    stream.seek(0)
    encoding = "utf-8-sig" if _is_utf8(stream) else "cp1252"
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    try:
        first = text.readline(LONGEST_CELL)
        text.seek(0)
        reader = csv.reader(text, delimiter=max(",;\t|", key=first.count))
        rows = [row for row in reader if row]
        longest = max(len(max(row, key=len)) for row in rows)
    except csv.Error:
        longest = LONGEST_CELL + 1
    finally:
        text.detach()
    if longest > LONGEST_CELL:  # the csv module's own limit is anybody's to change
        raise LayoutError(
            f"{where}: a cell is too long to be one; a closing quote is missing, or a download was "
            "cut off. Fetch it again or correct the quotes."
        )
    return _framed(rows, where, short_rows=False, titles=titles)


def _is_utf8(stream: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in sizes.blocks(stream):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _framed(
    rows: list[list[str]], where: str, *, short_rows: bool, titles: bool = True
) -> pd.DataFrame:
    """Return rows of cells as a table: titles above the header, blank rows and columns left out.

    Rows keep their numbers in the file, 1 for the first below the header. `attrs["said"]` holds
    what was left out, in sentences.

    Raises
    ------
    LayoutError
        If a row has filled cells beyond the header, or (`short_rows` false) too few.
    """
    if not titles:
        widest = max(map(len, rows))
        rows = [[f"column {n + 1}" for n in range(widest)], *rows]
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    top = 0
    while filled[top] < 2 <= max(filled):
        top += 1
    said = [f"{where}: {top} row(s) above the header are titles and not read."] if top else []
    header = stripped(rows[top])
    body = {n: row for n, row in enumerate(rows[top + 1 :], 1) if any(c.strip() for c in row)}
    width = len(header)
    ragged = [
        n
        for n, row in body.items()
        if len(stripped(row)) > width or (len(row) < width and not short_rows)
    ]
    if ragged:
        why = (
            "Cells stand beside the columns that have a title; clear them or give them one."
            if short_rows
            else "A download may have been cut off, or a comma stands outside quotes; fetch it "
            "again or correct the row."
        )
        raise LayoutError(
            f"{where}, row {ragged[0]}: {len(body[ragged[0]])} cells, but the header has "
            f"{width} ({len(ragged)} such rows). {why}"
        )
    cells = [[*row[:width], *[""] * (width - len(row))] for row in body.values()]
    frame = pd.DataFrame(cells, columns=range(width), index=list(body), dtype=object)
    used = [n for n in range(width) if header[n] or (frame[n].str.strip() != "").any()]
    frame = frame[used]
    frame.columns = pd.Index([header[n] or f"column {n + 1}" for n in used])
    frame.attrs["said"] = said
    return frame


def _json(raw: bytes, where: str) -> pd.DataFrame:
    sizes.judge_json(raw, where)
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LayoutError(
            f"{where}: this JSON cannot be read ({type(error).__name__}); it may have been cut "
            "off. Fetch it again."
        ) from None
    if isinstance(data, dict) and {"features", "geometry"} & set(data):
        raise LayoutError(
            f"{where}: this GeoJSON cannot be read in this encoding, or not for this role. Save it "
            "again in UTF-8, or give a table."
        )
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise LayoutError(f"{where}: this JSON is no list of records. Give the publisher's file.")
    frame = pd.DataFrame(data, dtype=object)
    return frame.where(frame.notna(), "").map(str)


def _number(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    if any(re.fullmatch(r"[\d./-]{4,}", str(c).strip()) for c in frame.columns):
        raise LayoutError(
            f"{where}: the first row is no header but data already. Add a row of column names."
        )
    if frame.columns.duplicated().any():
        twice = frame.columns[frame.columns.duplicated()][0]
        first, second, *_ = (n for n, c in enumerate(frame.columns, 1) if c == twice)
        raise LayoutError(
            f"{where}: two columns ({first} and {second}) have the same title. Rename one of them."
        )
    sizes.judge_rows(len(frame), where)
    if frame.index.size and frame.index[0] == 0:
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    frame = take_tags(frame)
    if frame.empty:
        raise LayoutError(f"{where}: the table has a header and no row. Give a file with data.")
    return frame
