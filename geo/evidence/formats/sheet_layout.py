"""How a table lies on a sheet: kinds, widths and lines, and what of it is for paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

WIDEST = 60
"""Display: widest column of a sheet, in characters."""
PAPER = 240.0
"""Display: characters side by side on a page that a person can still read."""
LARGE_LINES = 120
"""Display: lines from which on a sheet is marked as made for the screen: about three pages.
Lowered from 200 after a made-up bundle had printed 31 pages, of which 29 are allowed."""
HEADER = 28
"""Display: characters of a header that widen its column."""
WRAPPED = {"meaning", "sentence", "estimand", "definition", "reference_set", "note", "citation"}
CODE_COLUMNS = {"row_id", "parents", "sha256", "parameters_hash"}
"""What only the software reads: beyond the paper where it stands at the right."""


@dataclass(frozen=True)
class Layout:
    """How a table lies on a sheet.

    Attributes
    ----------
    headers, kinds, widths
        Of every column; widths in characters.
    lines
        Of every row, as its longest wrapped text needs.
    last
        Number of the last column that is printed.
    """

    headers: tuple[str, ...]
    kinds: tuple[str, ...]
    widths: tuple[float, ...]
    lines: tuple[int, ...]
    last: int

    @property
    def across(self) -> int:
        """Pages side by side, so that a person can read them."""
        return max(1, round(sum(self.widths[: self.last + 1]) / PAPER))

    @property
    def large(self) -> bool:
        """Whether it is made for the screen rather than for paper."""
        return sum(self.lines) * self.across > LARGE_LINES


def layout(frame: pd.DataFrame, units: Mapping[str, str] | None = None) -> Layout:
    """Lay a table out; `units` stand in the headers of their columns."""
    headers, kinds, widths, lines = list[str](), list[str](), list[float](), [1] * len(frame)
    for column in frame.columns:
        unit = (units or {}).get(column, "")
        header = f"{column} [{unit}]" if unit and unit != "1" else str(column)
        kind = _kind(str(column), frame[column])
        width = _width(header, frame[column], kind)
        if kind == "wrapped":
            held = int(width - 4)
            needed = (-(-len(str(v)) // held) for v in frame[column])
            lines = [max(pair) for pair in zip(lines, needed, strict=True)]
        headers.append(header)
        kinds.append(kind)
        widths.append(width)
    printed = [j for j, c in enumerate(frame.columns) if c not in CODE_COLUMNS]
    last = max(printed, default=len(frame.columns) - 1)
    return Layout(tuple(headers), tuple(kinds), tuple(widths), tuple(lines), last)


def _kind(column: str, values: pd.Series) -> str:
    if column in CODE_COLUMNS:
        return "code"
    if column in WRAPPED:
        return "wrapped"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_bool_dtype(values):
        return "plain"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values) else "plain"


def _width(header: str, values: pd.Series, kind: str) -> float:
    if kind == "date":
        return 12
    longest = max((len(f"{v:.6g}" if isinstance(v, float) else str(v)) for v in values), default=8)
    return float(min(max(longest, min(len(header), HEADER), 8) + 3, WIDEST))
