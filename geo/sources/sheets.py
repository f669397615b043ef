"""Sheets of a workbook as rows of text."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from geo import sizes
from geo.errors import LayoutError
from geo.sources.archives import DAMAGED, safe_members
from geo.sources.layouts import titled

SHEET_ROWS = 1_048_576
"""Guard: rows of the longest sheet that a spreadsheet can hold."""
TITLE_ROWS = 20
"""Guard: rows of a sheet in which its titles are looked for."""


def read_sheets(stream: BinaryIO, where: str) -> tuple[list[list[str]], list[str]]:
    """Return the rows of the one sheet of a workbook that is read, and what is said of it.

    Raises
    ------
    LayoutError
        If it is no workbook, too large, or its sheets are empty.
    """
    safe_members(stream, where)
    sizes.judge_workbook(stream, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # styles openpyxl does not know
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            texts, said = _first_table(book.worksheets, where)
            book.close()
    except LayoutError:
        raise
    except (
        *DAMAGED, InvalidFileException, ArithmeticError, AttributeError, LookupError, SyntaxError,
        TypeError, ValueError,
    ) as error:  # fmt: skip # SyntaxError: XML of a sheet that is broken
        raise LayoutError(
            f"{where}: this workbook cannot be opened ({type(error).__name__}). Save it again as "
            ".xlsx or .csv."
        ) from None
    if not texts:
        raise LayoutError(f"{where}: its sheets are empty. Give a file with data.")
    return texts, said


def _first_table(sheets: Sequence[Any], where: str) -> tuple[list[list[str]], list[str]]:
    """Return the rows of the first sheet with titles, else of the first that holds anything."""
    found: list[list[str]] = []
    for n, sheet in enumerate(sheets, 1):
        texts = _filled(sheet.iter_rows(values_only=True), where)
        if any(titled(cell) for row in texts[:TITLE_ROWS] if len(row) > 1 for cell in row):
            said = f"{where}: sheet {n} of {len(sheets)} is read, the first with titles of columns."
            return texts, [said] if len(sheets) > 1 else []
        found = found or texts
    return found, []


def _filled(rows: Iterable[tuple[object, ...]], where: str) -> list[list[str]]:
    """Return the rows of a sheet as text without the blank cells at their ends."""
    texts: list[list[str]] = []
    cells = 0
    for n, row in enumerate(rows, 1):
        if n > SHEET_ROWS:  # a row says its own number, and a broken one any
            raise LayoutError(
                f"{where}: the sheet claims more rows than a sheet has. Save it as CSV."
            )
        texts.append(stripped([_cell(value) for value in row]))
        cells += len(texts[-1])
        if cells > sizes.CELLS:
            raise sizes.too_large(where, f"it has more than {cells:,} cells", f"{sizes.CELLS:,}")
    while texts and not texts[-1]:
        texts.pop()
    first = next((n for n, row in enumerate(texts) if row), 0)
    return texts[first:]


def stripped(row: list[str]) -> list[str]:
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
