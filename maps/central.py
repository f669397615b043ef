"""The central figure as inline SVG: a row per corridor, wide, and in its own form for a phone.

Shapes carry classes and the style sheet has the colours, so that one drawing serves light and dark.
A row can be focused; its words are its label, and the page's script marks its corridor on the map.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape

from geo.evidence.tables.answer import points
from geo.evidence.tables.comparison import HardnessComparison, Row, mean_change, span
from geo.evidence.tables.plain_words import WORDS
from maps.figures import Axis
from maps.inputs import Language

GRID = 10
"""Display: points of hardness from one line of the grid to the next."""
MOST_LINES = 6
"""Display: steps of the grid on a phone; a longer axis has every other line."""


@dataclass(frozen=True)
class Form:
    """Sizes of one form of the figure, pixels of its own drawing.

    Attributes
    ----------
    name, width
        Class of the drawing, and its width.
    left, right
        Where hardness is drawn.
    row, head, foot
        Height of a row, of a heading, and of the axis below.
    share
        Where the bars of exposure begin; they end at the width.
    letters, lines, scale
        Characters of a corridor's name on a line, its lines at most, and characters of a line of
        what the axis means.
    """

    name: str
    width: int
    left: int
    right: int
    row: int
    head: int
    foot: int
    share: int
    letters: int
    lines: int
    scale: int


WIDE = Form("wide", 760, 176, 630, 25, 25, 48, 700, 23, 2, 70)
PHONE = Form("phone", 340, 8, 332, 38, 24, 62, 290, 34, 1, 44)
FORMS = (WIDE, PHONE)
"""Display: both forms."""
NOTE, SMALL = 15, 12
"""Display: height of a note below a row, and of a line of a name that takes two [pixels]."""


def height(found: HardnessComparison, form: Form) -> int:
    """Return the height of the drawing [pixels of its own]."""
    groups = [g for g in (found.exposed, found.aside) if g]
    headings = len(groups) if found.exposed else 0
    return headings * form.head + sum(_tall(r, form) for g in groups for r in g) + form.foot


def drawings(found: HardnessComparison, language: Language, title: str) -> list[Markup]:
    """Draw the comparison in both forms.

    Parameters
    ----------
    found
        Rows of the figure.
    language
        Of its words.
    title
        What the whole says, for who cannot see it.
    """
    return [_drawing(found, WORDS[language], title, form) for form in FORMS]


@dataclass(frozen=True)
class _Place:
    """What the rows of one group share."""

    form: Form
    across: Axis
    say: dict[str, Any]
    kind: str = ""
    shares: bool = False


def _drawing(found: HardnessComparison, say: dict[str, Any], title: str, form: Form) -> Markup:
    low, high = span(found)
    place = _Place(form, Axis(low, high, form.left, form.right), say, shares=bool(found.exposed))
    heading, bar = say["rows"].get(found.kind, ("", ""))
    anyway = mean_change(found.aside)
    groups = (
        (heading, bar, found.exposed, "covered"),
        (say["hardly"].format(bar=bar.upper()), "", found.aside, "aside"),
    )
    parts: list[str] = []
    y, first = 0, True
    for words, share, rows, kind in groups:
        if rows and found.exposed:
            parts.append(_heading(words, share, y, kind, form))
            y += form.head
        own = replace(place, kind=kind)
        for row in rows:
            tick = anyway if kind == "covered" else None
            parts.append(_row(row, y, tick, own, first=first))
            y, first = y + _tall(row, form), False
    head = (
        f'<svg class="central {form.name}" viewBox="0 0 {form.width} {y + form.foot}" role="group" '
        f'aria-label="{escape(title)}">'
    )
    # every part is made of numbers, fixed words and escaped names
    return Markup(f"{head}{_grid(low, high, y, place)}{''.join(parts)}</svg>")  # noqa: S704


def _heading(words: str, share: str, y: int, kind: str, form: Form) -> str:
    at = y + form.head - 8
    right = _text(f"head {kind}", form.width, at, share, "end") if share else ""
    return _text(f"head {kind}", 0, at, words) + right


def _row(row: Row, y: int, anyway: float | None, place: _Place, *, first: bool) -> str:
    """Draw a corridor, with its words as label, and where it would be had it changed as others."""
    form, across, say, kind = place.form, place.across, place.say, place.kind
    phone = form is PHONE
    middle = y + (form.row - 11 if phone else form.row / 2)
    line = y + 14 if phone else middle + 4
    name_x, anchor = (0, "start") if phone else (form.left - 12, "end")
    before, end, start, stop = (across(v) for v in (row.before, row.end, row.low, row.high))
    back = -7 if end >= before else 7
    label = _label(row, say)
    parts = [
        f"<title>{escape(label)}</title>",
        f'<rect class="hit" x="0" y="{y}" width="{form.width}" height="{_tall(row, form)}"/>',
        *_name(row.corridor, name_x, line, anchor, form),
        f'<path class="range" d="M{start} {middle - 4.5}H{stop}v9H{start}z"/>',
        f'<path class="shaft" d="M{before} {middle}H{end}"/>',
        f'<path class="tip" d="M{end} {middle}l{back} -4.5v9z"/>',
        f'<circle class="ring" cx="{before}" cy="{middle}" r="3.8"/>',
    ]
    if anyway is not None:
        parts.append(f'<path class="tick" d="M{across(row.before + anyway)} {middle - 8}v16"/>')
    if place.shares:
        parts.append(_share(row, line, middle, form))
    if row.land_not_routes:
        parts.append(_text("aside-note", form.left + 4, middle + NOTE, say["land_not_routes"]))
    return (
        f'<g class="row {kind}" tabindex="{0 if first else -1}" role="img" '
        f'data-corridor="{escape(row.corridor)}" aria-label="{escape(label)}">{"".join(parts)}</g>'
    )


def _label(row: Row, say: dict[str, Any]) -> str:
    label = say["row"].format(
        corridor=row.corridor, before=f"{row.before:.0f}", end=f"{row.end:.0f}",
        low=f"{row.low:.0f}", high=f"{row.high:.0f}", change=points(row.end - row.before),
        share=f"{100 * row.dose:.0f}",
    )  # fmt: skip
    return f"{label} {say['land_not_routes']}." if row.land_not_routes else str(label)


def _share(row: Row, line: float, middle: float, form: Form) -> str:
    wide = (form.width - form.share) * row.dose
    y = line - 9 if form is PHONE else middle - 5
    text = _text("share", form.share - 8, line, f"{100 * row.dose:.0f}\u00a0%", "end")
    return f'{text}<rect class="exposed" x="{form.share}" y="{y}" width="{wide:.1f}" height="10"/>'


def _grid(low: float, high: float, y: int, place: _Place) -> str:
    """Draw the lines of the grid, their numbers, and what the axis means."""
    form, across, say = place.form, place.across, place.say
    step = GRID if form is WIDE or high - low <= MOST_LINES * GRID else 2 * GRID
    lines, at = [], low
    while at <= high:
        x = across(at)
        lines.append(f'<path class="rule" d="M{x} 0V{y}"/>')
        lines.append(_text("axis", x, y + 14, f"{at:.0f}", "middle"))
        at += step
    easier, what, harder = say["axis"]
    middle = (form.left + form.right) / 2
    return "".join(
        (
            *lines,
            _text("axis", form.left, y + 29, f"\u2190 {easier}"),
            _text("axis strong", middle, y + 29, what, "middle"),
            _text("axis", form.right, y + 29, f"{harder} \u2192", "end"),
            *(
                _text("axis", middle, y + 43 + 14 * i, line, "middle")
                for i, line in enumerate(textwrap.wrap(say["scale"], form.scale))
            ),
        )
    )


def _tall(row: Row, form: Form) -> int:
    return form.row + (NOTE if row.land_not_routes else 0)


def _name(name: str, x: float, y: float, anchor: str, form: Form) -> list[str]:
    """Write a corridor's name, on two lines where it is long, and cut only beyond these."""
    lines = textwrap.wrap(name, form.letters, max_lines=form.lines, placeholder="\u2026")
    up = SMALL * (len(lines) - 1) / 2
    kind = "name" if len(lines) == 1 else "name small"
    return [_text(kind, x, y - up + SMALL * i, text, anchor) for i, text in enumerate(lines)]


def _text(kind: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    end = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{x}" y="{y}"{end}>{escape(words)}</text>'
