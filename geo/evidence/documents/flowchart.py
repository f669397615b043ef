"""The flow of records as boxes: read, what was set aside and why, used."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from geo.evidence.tables.counts import flow, said
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each

INK, TINT = "#1b1f23", "#eef3f6"
LINE = 0.17
"""Display: height of a line of text, inches."""


def flow_of_records(
    findings: Findings, tables: Mapping[str, pd.DataFrame]
) -> tuple[Canvas, str, str] | None:
    """Draw read, set aside and used for every source of deaths; None without any."""
    del findings
    counts = flow(tables)
    if counts.empty:
        return None
    groups = [(str(s), frame) for s, frame in counts.groupby("source_id", sort=True)]
    heights = [_height(frame) for _, frame in groups]
    canvas = Canvas(figsize=(7.2, sum(heights)), layout="constrained")
    panels = canvas.subplots(len(groups), 1, squeeze=False, height_ratios=heights).ravel()
    told = [_draw(axes, s, f, h) for axes, (s, f), h in zip(panels, groups, heights, strict=True)]
    return canvas, "Flow of records from the publisher's file to the analyses.", " ".join(told)


def _aside(frame: pd.DataFrame) -> list[str]:
    out = frame[frame["step"].isin(["quarantined", "excluded"])]
    return [f"{said(r.records)} {r.step}: {r.reason}" for r in each(out)]


def _height(frame: pd.DataFrame) -> float:
    return max(1.6, LINE * len(_aside(frame)) + 0.9)


def _draw(axes: Axes, source: str, frame: pd.DataFrame, height: float) -> str:
    number = frame.drop_duplicates("step").set_index("step")["records"]
    read, used = (said(number.get(step)) for step in ("read", "used"))
    aside = _aside(frame)
    axes.set_axis_off()
    axes.set_xlim(0, 7.2)
    axes.set_ylim(0, height)
    middle = height / 2
    _box(axes, 0.05, height - 0.6, 2.3, 0.5, f"{source}\n{read} rows read")
    _box(axes, 0.05, 0.1, 2.3, 0.5, f"{used} records used")
    if aside:
        tall = LINE * len(aside) + 0.2
        _box(axes, 3.0, middle - tall / 2, 4.15, tall, "\n".join(aside), left=True)
        _arrow(axes, (1.2, middle), (3.0, middle))
    _arrow(axes, (1.2, height - 0.6), (1.2, 0.6))
    return f"{source}: {read} read; {'; '.join(aside) or 'none set aside'}; {used} used."


def _box(
    axes: Axes, x: float, y: float, wide: float, tall: float, text: str, *, left: bool = False
) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - slow, and needed here only

    axes.add_patch(Rectangle((x, y), wide, tall, facecolor=TINT, edgecolor=INK, linewidth=0.8))
    at, align = (x + 0.1, "left") if left else (x + wide / 2, "center")
    axes.text(at, y + tall / 2, text, ha=align, va="center", size=7.5 if left else 8.5, color=INK)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=end, xytext=start, arrowprops=style)
