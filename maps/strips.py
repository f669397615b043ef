"""Bar strips: of a hundred people found dead, how many lay on each fifth of the ground."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from geo.evidence.tables.fifths import COVERED, FIFTHS, HARDEST, HARDLY
from maps.inputs import MapInputs
from maps.text_tables import TextTable
from maps.words import words

WIDTH, ROW, TOP = 360, 30, 22
"""Display: width of a drawing, height of a row and of its heading [pixels of its own]."""
LEFT, RIGHT = 74, 318
"""Display: where the bars begin and end."""
NAMES = (*(str(i) for i in range(1, FIFTHS + 1)), HARDEST)
EVEN = (FIFTHS - 2) / FIFTHS
"""Definition: share of the ground that is easier than its hardest two fifths."""


def strips(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return a drawing for each group of corridors, with its heading; none where none is told."""
    say = words(inputs.language)
    found = []
    for group in (COVERED, HARDLY):
        rows = _rows(inputs, group)
        if rows["5"].notna().any():
            title = say["fifths_groups"][group]
            found.append({"title": title, "svg": _drawing(rows, title, say)})
    return found


def strips_table(inputs: MapInputs) -> TextTable:
    """Return the same shares as a table."""
    say = words(inputs.language)
    rows = []
    for group in (COVERED, HARDLY):
        for years, own in zip(*_labelled(_rows(inputs, group)), strict=True):
            shares = [say["no_value"] if pd.isna(v) else f"{v:.0f}\u00a0%" for v in own]
            rows.append((say["fifths_groups"][group], years, *shares))
    return TextTable("fifths", say["table_fifths"], tuple(say["columns_fifths"]), tuple(rows))


def _rows(inputs: MapInputs, group: str) -> pd.DataFrame:
    """Return the shares of a group: a row per block, a column per fifth."""
    table = inputs.table("hardness_fifths")
    own = table[table["group"] == group]
    wide = own.set_index(["first_year", "last_year", "fifth"])["value"].astype(float)
    return wide.unstack("fifth").reindex(columns=list(NAMES))  # noqa: PD010 - one value each


def _labelled(rows: pd.DataFrame) -> tuple[list[str], list[list[float]]]:
    years: Any = rows.index
    labels = [f"{first}\N{EN DASH}{last}" if last > first else str(first) for first, last in years]
    return labels, [[float(v) for v in own] for own in rows.to_numpy()]


def _drawing(rows: pd.DataFrame, title: str, say: dict[str, Any]) -> Markup:
    height = TOP + ROW * len(rows)
    parts = [_words(RIGHT + 38, 14, "axis", say["columns_fifths"][-1], "end")]
    told = []
    for number, (years, own) in enumerate(zip(*_labelled(rows), strict=True)):
        y = TOP + ROW * number
        parts.append(_words(0, y + 16, "axis", years))
        if pd.isna(own[-1]):
            parts.append(_words(LEFT, y + 16, "axis", say["fifths_none"]))
            continue
        parts.append(_bar(own[:-1], y))
        parts.append(_words(RIGHT + 38, y + 16, "hardest", f"{own[-1]:.0f}", "end"))
        told.append(f"{years}: {say['fifths_hardest'].format(value=f'{own[-1]:.0f}')}")
    x = LEFT + EVEN * (RIGHT - LEFT)
    parts.append(f'<path class="even" d="M{x:.1f} {TOP - 4}V{height}"/>')
    head = (
        f'<svg class="strips" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}. {escape("; ".join(told))}." focusable="false">'
    )
    # every part is made of numbers and fixed words, the title is escaped
    return Markup(f"{head}{''.join(parts)}</svg>")  # noqa: S704


def _bar(shares: list[float], y: int) -> str:
    whole, at, parts = sum(shares), float(LEFT), []
    for number, share in enumerate(shares, 1):
        wide = share / whole * (RIGHT - LEFT)
        parts.append(
            f'<rect class="fifth f{number}" x="{at:.1f}" y="{y + 2}" width="{wide:.1f}" '
            'height="20"/>'
        )
        at += wide
    return "".join(parts)


def _words(x: float, y: float, kind: str, words_: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words_)}</text>'
