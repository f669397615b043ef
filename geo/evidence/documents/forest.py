"""Forest plots: every analysis that asks the headline's question again, named and grouped."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from geo.evidence.documents.drawing import (
    BLUE,
    GREY,
    ORANGE,
    Drawing,
    axes_on_sheet,
    errors,
    legend,
)
from geo.evidence.documents.results import heading
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import FALSE_FINDINGS, false_findings, planted
from geo.inference import PLAN
from geo.inference.registered.headline import RRR

RATIO_TICKS = (0.05, 0.1, 0.2, 0.33, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20)
"""Display: numbers on an axis of ratios along the sheet."""
FEW_TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
"""Display: numbers on an axis of ratios up a low figure."""
WIDEST = 30.0
"""Display: ratios beyond this, or under its inverse, are drawn as arrows at the edge."""
BETWEEN = 0.6
"""Display: lines between two rows."""
LABEL = 40
"""Display: characters of a line of a row's name."""
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "forest-records": (
        "Would other records say the same?",
        ("headline", "headline.as_recorded", "strata.*", "monthly.*", "R4.gps",
         "R3.fresh", "R3.skeletal", "R3.all_causes", "window.*", "land.*", "zones.*", "R13.*"),
    ),
    "forest-definitions": (
        "Would other definitions of hardness and exposure say the same?",
        ("headline", "R5.*", "R6.*", "R7.*"),
    ),
    "forest-checks": (
        "Would other models, and dates at which nothing was built, say the same?",
        ("headline", "R8.*", "R9.*", "R2.placebo_*_years"),
    ),
}  # fmt: skip
"""Stem of a figure = the question that it asks, and the analyses in it."""


def forest(tables: Mapping[str, pd.DataFrame], stem: str) -> pd.DataFrame:
    """Return the estimates of a forest plot, in its order: per unit dose, with an interval."""
    frame = tables["estimates"]
    rows = frame[
        frame["estimate"].gt(0)
        & frame["low"].gt(0)
        & frame["high"].gt(0)
        & frame["estimand"].str.startswith(RRR)
    ]
    patterns = GROUPS[stem][1]
    order = [next((n for n, p in enumerate(patterns) if fnmatchcase(a, p)), -1)
             for a in rows["analysis"]]  # fmt: skip
    rows = rows.assign(order=order)
    return rows[rows["order"] >= 0].sort_values("order", kind="stable").drop(columns="order")


def drawer(stem: str) -> Any:
    """Return what draws the forest plot of this stem."""

    def draw(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
        del findings
        rows = forest(tables, stem)
        return _drawn(rows, GROUPS[stem][0]) if len(rows) > 1 else None

    return draw


def _drawn(rows: pd.DataFrame, question: str) -> Drawing:
    labels = [_label(str(a)) for a in rows["analysis"]]
    place, tall = _down(labels)
    canvas = Canvas(figsize=(7.2, 0.15 * tall + 1.2), layout="constrained")
    axis = canvas.subplots()
    own = rows["analysis"].to_numpy() == "headline"
    for at, (_, row), mine in zip(place, rows.iterrows(), own, strict=True):
        _row(axis, row, float(at), ORANGE if mine else BLUE)
    axis.axvline(1.0, color=GREY, lw=0.8)
    if own.any():
        axis.axvline(float(rows["estimate"].to_numpy()[own][0]), color=ORANGE, lw=0.8, ls=":")
    axis.set_yticks(place, labels, size=8)
    axis.set_ylim(0.0, tall)
    ratio_axis(axis, rows, "x")
    axis.set_xlabel("easier ground  \u2190  ratio per unit dose, 95 % interval  \u2192  harder")
    axis.grid(visible=False, axis="y")
    estimates = rows["estimate"]
    above = int((rows["low"] > 1).sum())
    below = int((rows["high"] < 1).sum())
    alt = (
        f"Forest plot of {len(rows)} estimates of the headline's ratio, from "
        f"{estimates.min():.3g} to {estimates.max():.3g}. {above} intervals lie above one, {below} "
        f"below, {len(rows) - above - below} hold it."
    )
    caption = (
        f"{question} Ratio of rate ratios per unit dose with 95 % intervals; in orange the "
        "headline; an arrow leads beyond the axis."
    )
    return canvas, caption, alt


def _row(axis: Axes, row: Any, at: float, colour: str) -> None:
    low, high = max(row["low"], 1 / WIDEST), min(row["high"], WIDEST)
    axis.plot([low, high], [at, at], color=colour, lw=1.2)
    if 1 / WIDEST <= row["estimate"] <= WIDEST:
        axis.plot(row["estimate"], at, "o", color=colour, ms=4)
    for end, limit, mark in ((row["low"], low, "<"), (row["high"], high, ">")):
        if end != limit:
            axis.plot(limit, at, mark, color=colour, ms=4, clip_on=False)


def ratio_axis(axis: Axes, rows: pd.DataFrame, along: Literal["x", "y"]) -> tuple[float, float]:
    """Make an axis one of ratios, wide enough for most intervals, and return its ends."""
    low = max(1 / WIDEST, min(float(rows["low"].min()), 0.5) / 1.2)
    high = min(WIDEST, max(float(rows["high"].max()), 2.0) * 1.2)
    known = RATIO_TICKS if along == "x" else FEW_TICKS
    ticks = [t for t in known if low <= t <= high]
    axis.set(**{f"{along}scale": "log", f"{along}lim": (low, high), f"{along}ticks": ticks})
    own = axis.xaxis if along == "x" else axis.yaxis
    own.set_major_formatter(mpl.ticker.FormatStrFormatter("%g"))
    own.set_minor_formatter(mpl.ticker.NullFormatter())
    return low, high


def _down(labels: list[str]) -> tuple[NDArray[np.float64], float]:
    """Return heights of rows, each as tall as its name, the first on top; and that of all."""
    tall = np.array([1.0 + text.count("\n") + BETWEEN for text in labels])
    return tall.sum() - tall.cumsum() + tall / 2, float(tall.sum())


def _label(analysis: str) -> str:
    return textwrap.fill(heading(analysis), LABEL)


def calibration(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
    """Draw how often the plan that decides found a shift where none was planted."""
    del findings
    rows = false_findings(tables)
    rows = rows[rows["outcome"] == FALSE_FINDINGS[0]]
    if rows.empty:
        return None
    labels = [textwrap.fill(planted(r).partition(";")[0], LABEL) for r in each(rows)]
    place, tall = _down(labels)
    canvas, axes = axes_on_sheet(1, height=0.15 * tall + 0.8)
    axis = axes[0]
    axis.axvline(0.05, color=GREY, lw=0.8, ls="--", label="nominal 5 %")
    style: dict[str, Any] = {"fmt": "o", "color": BLUE, "ms": 4}
    axis.errorbar(rows["estimate"], place, xerr=errors(rows, "estimate"), **style)
    axis.set_yticks(place, labels, size=7)
    axis.set_xlim(left=0)
    axis.set_ylim(0.0, tall)
    axis.set_xlabel("share of made-up records without a shift that the rule calls supported")
    axis.grid(visible=False, axis="y")
    legend(canvas, axis)
    alt = "Shares called supported without a shift, goal 5 percent: " + "; ".join(
        f"{planted(r)} {r.estimate:.3f}" for r in each(rows)
    )
    caption = f"Calibration of plan {PLAN}: how often it finds a shift where none was planted."
    return canvas, caption, f"{alt}."
