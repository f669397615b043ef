"""Small charts as inline SVG: shapes carry classes, the style sheet has the colours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape

from geo.records import COUNT_CLASSES
from geo.study import Period

WIDE, NARROW, HEIGHT = 1_000, 420, 150
BEFORE = 3
"""Years drawn before the first period, where they have records; the table has them all."""
_LEFT, _BOTTOM, _TOP = 44, 24, 12


@dataclass(frozen=True)
class Axis:
    """A linear axis from data to the drawing."""

    start: float
    end: float
    left: float
    right: float

    def __call__(self, value: float) -> float:
        """Return the place of a value, rounded so that bytes stay few and equal."""
        share = (value - self.start) / ((self.end - self.start) or 1)
        return round(self.left + share * (self.right - self.left), 1)


def yearly(
    rows: pd.DataFrame, periods: tuple[Period, ...], title: str, width: int = WIDE
) -> Markup:
    """Draw recorded deaths by calendar year as bars over the bands of the periods.

    Parameters
    ----------
    rows
        `deaths_by_year`, sources added up. A year under 20 is drawn as the span of its class.
    periods
        Bands; each has the class `band` and its number as `data-period`.
    title
        Accessible name.
    width
        `WIDE`, or `NARROW` for a telephone, where letters must not shrink.
    """
    begun = periods[0].start.year
    rows = rows[rows["year"] >= begun - BEFORE]
    if rows.empty:
        return Markup("")
    start = min(begun, int(rows["year"].min()))
    end = max(int(rows["year"].max()) + 1, math.ceil(_year(periods[-1].end)))
    across = Axis(start, end, _LEFT, width - 4)
    sums: dict[int, tuple[float, float]] = {}
    for year, label, number in zip(rows["year"], rows["deaths_class"], rows["deaths"], strict=True):
        (low, high), (less, more) = _span(str(label), number), sums.get(int(year), (0, 0))
        sums[int(year)] = less + low, more + high
    spans = [(year, *sums[year]) for year in sorted(sums)]
    most = max(high for *_, high in spans)
    up = Axis(0, _nice(most), HEIGHT - _BOTTOM, _TOP)
    every = 5 if width == WIDE else 10
    parts = [_band(i, p, across) for i, p in enumerate(periods)]
    parts += [_tick(value, up, width) for value in _ticks(_nice(most))]
    parts += [_bar(year, low, high, across, up) for year, low, high in spans]
    parts += [
        f'<text class="axis" x="{across(y)}" y="{HEIGHT - 6}" text-anchor="start">{y}</text>'
        for y in range(-(-start // every) * every, end, every)
    ]
    return _svg(parts, width, HEIGHT, title, "yearly wide" if width == WIDE else "yearly narrow")


def intervals(
    rows: pd.DataFrame, title: str, decimal: str = ".", *, from_zero: bool = True
) -> Markup:
    """Draw one value with its interval a block of years, as dots on whiskers.

    Parameters
    ----------
    rows
        `hardship_by_block` of one component and statistic; groups side by side.
    title
        Accessible name.
    decimal
        Mark between whole and decimals.
    from_zero
        Whether the axis begins at nought; a temperature in degrees Celsius has none.
    """
    rows = rows[rows["value"].notna()]
    if rows.empty:
        return Markup("")
    width, height = 320, 150
    values = rows[["value", "low", "high"]].to_numpy(float)
    lowest, highest = float(np.nanmin(values)), float(np.nanmax(values))
    floor = -_nice(-lowest) if lowest < 0 else 0.0
    top = _nice(highest) if highest > 0 else 0.0
    ticks = sorted({floor, *_ticks(top)})
    if not from_zero:
        floor, top = math.floor(lowest), max(math.ceil(highest), math.floor(lowest) + 2)
        ticks = [floor, (floor + top) / 2, top]
    up = Axis(floor, top, height - _BOTTOM, _TOP)
    starts = sorted(set(rows["first_year"]))
    slot = (width - _LEFT) / len(starts)
    groups = [g for g in ("land", "all", "gps") if (rows["group"] == g).any()]
    parts = [_tick(v, up, width, decimal) for v in ticks]
    for i, start in enumerate(starts):
        middle = _LEFT + slot * (i + 0.5)
        here = rows[rows["first_year"] == start]
        for j, group in enumerate(groups):
            x = round(middle + (j - (len(groups) - 1) / 2) * 11, 1)
            parts += [_whisker(x, r, group, up) for _, r in here[here["group"] == group].iterrows()]
        parts.append(
            f'<text class="axis" x="{middle:.1f}" y="{height - 6}" text-anchor="middle">'
            f"{start}</text>"
        )
    return _svg(parts, width, height, title, "intervals")


def _whisker(x: float, row: pd.Series, group: str, up: Axis) -> str:
    y = up(float(row["value"]))
    line = ""
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        low, high = up(float(row["low"])), up(float(row["high"]))
        line = f'<line class="whisker {group}" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>'
    if group == "land":
        return f'{line}<rect class="dot land" x="{x - 3.5}" y="{y - 3.5}" width="7" height="7"/>'
    if group == "gps":
        path = f"M{x} {y - 5}L{x + 5} {y}L{x} {y + 5}L{x - 5} {y}Z"
        return f'{line}<path class="dot gps" d="{path}"/>'
    return f'{line}<circle class="dot all" cx="{x}" cy="{y}" r="4"/>'


def _band(number: int, period: Period, across: Axis) -> str:
    x, right = across(_year(period.start)), across(_year(period.end))
    return (
        f'<rect class="band" data-period="{number}" x="{x}" y="{_TOP - 8}" '
        f'width="{right - x:.1f}" height="{HEIGHT - _BOTTOM - _TOP + 8}"/>'
    )


def _bar(year: int, low: float, high: float, across: Axis, up: Axis) -> str:
    x, width = across(year) + 2, across(year + 1) - across(year) - 4
    kind = "bar" if low == high else "bar spread"
    y = up(high)
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{max(width, 1):.1f}" '
        f'height="{up(0) - y:.1f}"/>'
    )


def _tick(value: float, up: Axis, width: float, decimal: str = ".") -> str:
    y = up(value)
    text = decimal.join(f"{value:g}".split(".")).replace("-", "\N{MINUS SIGN}")
    return (
        f'<line class="rule" x1="{_LEFT}" x2="{width - 4}" y1="{y}" y2="{y}"/>'
        f'<text class="axis" x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
    )


def _span(label: str, exact: Any) -> tuple[float, float]:
    if not pd.isna(exact):
        return float(exact), float(exact)
    ends = [floor - 1 for floor, _ in COUNT_CLASSES[1:]]
    for (floor, name), last in zip(COUNT_CLASSES, [*ends, COUNT_CLASSES[-1][0]], strict=True):
        if name == label:
            return float(floor), float(last)
    return 0.0, 0.0


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def _nice(value: float) -> float:
    if value <= 0:
        return 1.0
    step = 10 ** math.floor(math.log10(value))
    return next(step * m for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * m >= value)


def _ticks(top: float) -> tuple[float, ...]:
    return (0.0, top / 2, top)


def _svg(parts: list[str], width: int, height: int, title: str, name: str) -> Markup:
    head = (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(title)}" focusable="false">'
    )
    # every part is made of numbers and fixed words, the title is escaped
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704
