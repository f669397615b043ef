"""Tables of any publisher as plain text cells, and what their columns are called."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from geo.errors import LayoutError
from geo.sources.archives import DAMAGED, safe_members

MAX_BYTES = 500_000_000
"""Guard: bytes of a table."""
MAX_CELLS = 50_000_000
"""Guard: cells of a table."""
LONGEST_CELL = 131_072
"""Guard: a table larger than this is refused before it is parsed."""


@dataclass(frozen=True)
class Layout:
    """The columns of one publisher's table.

    Attributes
    ----------
    reader
        Name of the layout.
    needs
        Contract column = publisher's column, those that must be there.
    knows
        Other columns the publisher is known to have; their absence is said, not refused.
    """

    reader: str
    needs: Mapping[str, str]
    knows: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the layout."""
        return (*dict.fromkeys((*self.needs.values(), *self.knows)),)

    def likeness(self, header: Sequence[str]) -> float:
        """Return the share of this layout's columns that the header has."""
        return len(set(header) & set(self.columns)) / len(self.columns)

    def resolve(
        self, header: Sequence[str], where: str, mapping: Mapping[str, str] | None = None
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Find each needed column in the header.

        Returns
        -------
        dict
            Contract column = column of the file.
        tuple of str
            Sentences on columns that are new or gone but not needed.

        Raises
        ------
        LayoutError
            If a needed column is not there, naming what is missing, what is new and how to map.
        """
        chosen = {**self.needs, **{k: v for k, v in (mapping or {}).items() if k in self.needs}}
        missing = {k: v for k, v in chosen.items() if v not in header}
        mapped = set((mapping or {}).values())
        new = [c for c in header if c not in self.columns and c not in mapped]
        if missing:
            raise LayoutError(_drift(self.reader, where, missing, new))
        said = []
        gone = [c for c in self.knows if c not in header and c not in chosen.values()]
        if gone:
            said.append(f"{where}: column {', '.join(gone)} is no longer there; it is not needed.")
        if new:
            said.append(
                f"{where}: {len(new)} column(s) the {self.reader} reader does not know "
                f"({', '.join(_safe(c) for c in new[:6])}); they are not read."
            )
        return chosen, tuple(said)


def _drift(reader: str, where: str, missing: Mapping[str, str], new: Sequence[str]) -> str:
    parts = []
    for name, column in missing.items():
        close = get_close_matches(column, list(new), n=1, cutoff=0.5)
        hint = f' (renamed to "{_safe(close[0])}"?)' if close else ""
        parts.append(f'"{column}" for {name}{hint}')
    text = f"{where}: this looks like {reader}, but a column is missing: {'; '.join(parts)}. "
    if new:
        text += f"Columns not known before: {', '.join(_safe(c) for c in new[:12])}. "
    example = next(iter(missing))
    return (
        text + "If a column was renamed, name it in the study under this source: "
        f'columns = {{ {example} = "its new name" }}.'
    )


def unknown(where: str, header: Sequence[str], role: str, needed: Sequence[str]) -> LayoutError:
    """Return the error for a layout nobody has described yet."""
    shown = ", ".join(_safe(c) for c in header[:30]) or "none"
    example = ", ".join(f'{n} = "..."' for n in needed)
    return LayoutError(
        f"{where}: no known layout of {role} has these columns: {shown}. Say in the study which "
        f"column is which, under this source: columns = {{ {example} }}."
    )


def _safe(name: str) -> str:
    return " ".join(str(name).split())[:40]


def read_table(path: Path, where: str) -> pd.DataFrame:
    """Read CSV, XLSX or a JSON list of objects as text; empty cells are "".

    The kind is told from the first bytes. The index is the row number, 1 for the first data row.

    Raises
    ------
    LayoutError
        If the bytes are no table, the table is empty, or a row has more cells than the header.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise LayoutError(
            f"{where}: {size / 1e6:,.0f} MB are more than a table here may have. Cut it down."
        )
    return read_bytes(path.read_bytes(), where)


def read_bytes(content: bytes, where: str) -> pd.DataFrame:
    """Read the bytes of a table; see `read_table`."""
    content = _utf8(content, where)
    if content.startswith(b"PK\x03\x04"):
        return _number(_xlsx(content, where), where)
    text = content[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if text[:1] in (b"[", b"{"):
        return _number(_json(content, where), where)
    refuse_foreign(text, where)
    return _number(_csv(content, where), where)


def _utf8(content: bytes, where: str) -> bytes:
    """Return UTF-16, as spreadsheets write "Unicode text", as UTF-8; other bytes as they are."""
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content
    try:
        return content.decode("utf-16").encode("utf-8")
    except UnicodeDecodeError:
        raise LayoutError(
            f"{where}: this UTF-16 text is cut off or damaged. Save it again as CSV in UTF-8."
        ) from None


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


def _csv(raw: bytes, where: str) -> pd.DataFrame:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
        longest = max(len(cell) for row in rows for cell in row)
    except csv.Error:
        longest = LONGEST_CELL + 1
    if longest > LONGEST_CELL:  # the csv module's own limit is anybody's to change
        raise LayoutError(
            f"{where}: a cell is too long to be one; a closing quote is missing, or a download was "
            "cut off. Fetch it again or correct the quotes."
        )
    return _framed(rows, where, short_rows=False)


def _xlsx(raw: bytes, where: str) -> pd.DataFrame:
    safe_members(io.BytesIO(raw), where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles openpyxl does not know
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
            book.close()
    except (
        *DAMAGED, InvalidFileException, ArithmeticError, AttributeError, LookupError, SyntaxError,
        TypeError, ValueError,
    ) as error:  # fmt: skip # SyntaxError: XML of a sheet that is broken
        raise LayoutError(
            f"{where}: this workbook cannot be opened ({type(error).__name__}). Save it again as "
            ".xlsx or .csv."
        ) from None
    texts = [[_cell(cell) for cell in row] for row in rows]
    while texts and not any(texts[0]):
        del texts[0]
    if not texts:
        raise LayoutError(f"{where}: the first sheet is empty. Give a file with data.")
    return _framed(texts, where, short_rows=True)


def _framed(rows: list[list[str]], where: str, *, short_rows: bool) -> pd.DataFrame:
    """Return rows of cells as a table: titles above the header, blank rows and columns left out.

    Rows keep their numbers in the file, 1 for the first below the header. `attrs["said"]` holds
    what was left out, in sentences.

    Raises
    ------
    LayoutError
        If a row has filled cells beyond the header, or (`short_rows` false) too few.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    top = 0
    while filled[top] < 2 <= max(filled):
        top += 1
    said = [f"{where}: {top} row(s) above the header are titles and not read."] if top else []
    header = _stripped(rows[top])
    body = {n: row for n, row in enumerate(rows[top + 1 :], 1) if any(c.strip() for c in row)}
    width = len(header)
    ragged = [
        n
        for n, row in body.items()
        if len(_stripped(row)) > width or (len(row) < width and not short_rows)
    ]
    if ragged:
        raise LayoutError(
            f"{where}, row {ragged[0]}: {len(body[ragged[0]])} cells, but the header has "
            f"{width} ({len(ragged)} such rows). A download may have been cut off, or a "
            "comma stands outside quotes; fetch it again or correct the row."
        )
    cells = [[*row[:width], *[""] * (width - len(row))] for row in body.values()]
    frame = pd.DataFrame(cells, columns=range(width), index=list(body), dtype=object)
    used = [n for n in range(width) if header[n] or (frame[n].str.strip() != "").any()]
    frame = frame[used]
    frame.columns = pd.Index([header[n] or f"column {n + 1}" for n in used])
    frame.attrs["said"] = said
    return frame


def _stripped(row: list[str]) -> list[str]:
    """Return the cells of a row without blank ones at its end."""
    cells = [cell.strip() for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _json(raw: bytes, where: str) -> pd.DataFrame:
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LayoutError(
            f"{where}: this JSON cannot be read ({type(error).__name__}); it may have been cut "
            "off. Fetch it again."
        ) from None
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
        twice = sorted(set(frame.columns[frame.columns.duplicated()]))
        raise LayoutError(f"{where}: two columns are called {_safe(twice[0])}. Rename one of them.")
    if frame.size > MAX_CELLS:
        raise LayoutError(
            f"{where}: {frame.size:,} cells are more than a table here may have. Cut it down."
        )
    if frame.empty:
        raise LayoutError(f"{where}: the table has a header and no row. Give a file with data.")
    if frame.index[0] == 0:
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame
