"""The central figure: infrastructure against hardship, a row per corridor."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.transforms import blended_transform_factory

from geo.evidence.documents.drawing import Drawing
from geo.evidence.tables.answer import Answer, Language, answer
from geo.evidence.tables.comparison import HardnessComparison, comparison, mean_change, span
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.plain_words import WORDS

STEM = "infrastructure-and-hardship"
WINE, NAVY, ASIDE, INK = "#6d0f2d", "#17456e", "#7d7a70", "#1b1f23"
"""Recorded deaths; what stood exposed; what happened anyway; text."""
NARROW = 13
"""Display: characters of a line of a corridor's name on a phone."""


def phone(stem: str) -> str:
    """Return the name of the form for a phone: the stem's first part, -phone, its language."""
    name, dot, language = stem.partition(".")
    return f"{name}-phone{dot}{language}.svg"


def central(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    *,
    phone: bool = False,
    language: Language | None = None,
) -> Drawing | None:
    """Draw the comparison, wide or for a phone; None where no corridor can be told.

    In the study's language, or in another.
    """
    found = comparison(tables)
    if found is None:
        return None
    language = language or findings.study.language
    say, said = WORDS[language], answer(tables, language)
    count = len(found.exposed) + len(found.aside)
    chars, size = (44, 11) if phone else (78, 15)
    head = textwrap.wrap(said.title, 36 if phone else 62)
    sub = textwrap.wrap(f"{said.shown} {said.points}", chars + (2 if phone else 26))
    below = " ".join((_how_sure(said, say), *notes(findings, found, language)))
    foot = textwrap.wrap(below, chars + (12 if phone else 34))
    line = 0.21 if phone else 0.25
    top = 0.15 + line * 1.15 * len(head) + 0.17 * len(sub) + 0.1
    bottom = 0.75 + 0.155 * len(foot)
    height = top + bottom + 0.31 * (count + 0.4 + (2.4 if found.aside and found.exposed else 0.8))
    width = 3.6 if phone else 7.8
    canvas = Canvas(figsize=(width, height), facecolor="#faf9f6")
    left, right = (0.27, 0.74) if phone else (0.2, 0.83)
    axis = canvas.add_axes((left, bottom / height, right - left, 1 - (top + bottom) / height))
    _rows(axis, found, say, phone=phone)
    at = 1 - 0.12 / height
    for text in head:
        canvas.text(
            0.02, at, text, size=size, weight="bold", family="DejaVu Serif", va="top", color=INK
        )
        at -= line * 1.15 / height
    for text in sub:
        canvas.text(0.02, at, text, size=8 if phone else 9, va="top", color="#525a61")
        at -= 0.17 / height
    at = (bottom - 0.75) / height
    for text in foot:
        canvas.text(0.02, at, text, size=7 if phone else 8, va="top", color="#525a61")
        at -= 0.155 / height
    # the means over corridors stand in the figure, whose rows are the table's
    return canvas, f"{said.title}. {said.shown}", alt_text(said, say)


def alt_text(said: Answer, say: dict[str, Any]) -> str:
    """Return the finding, the comparison and the uncertainty, for who cannot see the figure."""
    return " ".join(
        f"{said.title}. {said.shown} {said.change} {said.caution} {_how_sure(said, say)}".split()
    )


def _how_sure(said: Answer, say: dict[str, Any]) -> str:
    return f"{said.sure} {say['level'].format(level=said.level)}."


def _rows(axis: Axes, found: HardnessComparison, say: dict[str, Any], *, phone: bool) -> None:
    """Draw a row per corridor, headings above both groups, and the bars of what was exposed."""
    anyway = mean_change(found.aside)
    y, ticks = 0.0, []
    head, bar = say["rows"].get(found.kind, ("", ""))
    groups = [
        (head, found.exposed, WINE),
        (say["hardly"].format(bar=bar.upper()), found.aside, ASIDE),
    ]
    if not found.exposed:
        groups = [("", found.aside, ASIDE)]
    sheet = blended_transform_factory(axis.figure.transFigure, axis.transData)
    for heading, rows, colour in groups:
        if not rows:
            continue
        if heading:
            look: dict[str, Any] = {
                "size": 7.5 if phone else 9, "weight": "bold", "va": "center",
                "color": NAVY if colour == WINE else ASIDE, "clip_on": False,
            }  # fmt: skip
            axis.text(0.02, y, heading, transform=sheet, **look)
            if colour == WINE:
                axis.text(1.02, y, bar, transform=axis.get_yaxis_transform(), **look)
            y -= 1
        for row in rows:
            axis.barh(y, row.high - row.low, 0.34, row.low, color=colour, alpha=0.17, lw=0)
            axis.annotate("", (row.end, y), (row.before, y),
                          arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.6,
                                      "shrinkA": 0, "shrinkB": 0})  # fmt: skip
            axis.plot(row.before, y, "o", mfc="#faf9f6", mec=colour, ms=5)
            if colour == WINE and anyway is not None:
                axis.plot([row.before + anyway] * 2, [y - 0.36, y + 0.36], color=INK, lw=1.6)
            if found.exposed:
                _share(axis, row.dose, y, NAVY if colour == WINE else ASIDE, phone=phone)
            ticks.append((y, row.corridor))
            y -= 1
        y -= 0.6
    # a row of the phone's figure has room for two lines; the table has names whole
    names = [_two_lines(n) if phone else n for _, n in ticks]
    axis.set_yticks([t for t, _ in ticks], names, size=7.5 if phone else 9)
    _scale(axis, found, y, say, phone=phone)


def _two_lines(name: str) -> str:
    return textwrap.fill(name, NARROW, max_lines=2, placeholder="\u2026")


def _share(axis: Axes, dose: float, y: float, colour: str, *, phone: bool) -> None:
    edge = axis.get_yaxis_transform()
    place = 1.16 if phone else 1.09
    axis.text(place - 0.01, y, f"{100 * dose:.0f} %", transform=edge, ha="right", va="center",
              size=7.5 if phone else 9, color=colour, clip_on=False)  # fmt: skip
    reach = (0.2 if phone else 0.16) * dose
    axis.fill_between([place + 0.01, place + 0.01 + reach], y - 0.25, y + 0.25, transform=edge,
                      color=colour, lw=0, clip_on=False)  # fmt: skip


def _scale(
    axis: Axes, found: HardnessComparison, y: float, say: dict[str, Any], *, phone: bool
) -> None:
    low, high = span(found)
    axis.set_xlim(max(0, low - 2), min(100, high + 2))
    axis.set_ylim(y + 0.9, 0.6)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", length=0, labelsize=7.5 if phone else 9)
    axis.set_facecolor("#faf9f6")
    axis.grid(visible=False, axis="y")
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    easier, what, harder = say["axis"]
    label = f"{easier}  \u2190  {what}  \u2192  {harder}\n{say['scale']}"
    axis.set_xlabel(label, size=7.5 if phone else 9)


def notes(
    findings: Findings, found: HardnessComparison, language: Language | None = None
) -> list[str]:
    """Return what stands under the figure: how it is read, what it leaves out, of which run."""
    say = WORDS[language or findings.study.language]
    return [
        *([say["synthetic"]] if findings.synthetic else []),
        *reading(found, say),
        say["run"].format(as_of=findings.study.as_of.isoformat(), run=findings.run_id),
    ]


def reading(found: HardnessComparison, say: dict[str, Any]) -> list[str]:
    """Return how the figure is read and what it leaves out."""
    said = [say["interval"]]
    if found.exposed and found.aside:
        said.append(say["tick"])
    if found.untold:
        said.append(say["left_out"][found.untold > 1].format(n=found.untold))
    return [*said, say["found_only"]]
