"""Figures of the memo: SVG and PNG with the same bytes every time, and text for who cannot see."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from geo.evidence.documents.central import STEM, central, phone
from geo.evidence.documents.drawing import (
    BLUE,
    GREY,
    ORANGE,
    STYLE,
    Drawing,
    axes_on_sheet,
    errors,
    legend,
    png,
    svg,
)
from geo.evidence.documents.flowchart import flow_of_records
from geo.evidence.documents.forest import GROUPS, calibration, drawer, ratio_axis
from geo.evidence.documents.stills import credit, named, still
from geo.evidence.tables.answer import Language
from geo.evidence.tables.finding import NAMES
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.plain_words import WORDS

EVENT = re.compile(r"^S2\.years_(minus_)?(\d+)_to_")
"""Names of the estimates by years since the first dose."""
TITLE = 24
"""Display: characters of a line above a small chart."""


@dataclass(frozen=True)
class Figure:
    """A figure: its file stem, caption, alternative text, and the bytes of its files."""

    stem: str
    caption: str
    alt: str
    files: Mapping[str, bytes]


def figures(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> tuple[Figure, ...]:
    """Draw every figure for which the tables hold numbers, in the order of the memo."""
    made = []
    with mpl.rc_context(STYLE):
        for stem, draw in DRAWINGS.items():
            drawn = draw(findings, tables)
            if drawn is None:
                continue
            canvas, caption, alt = drawn
            if findings.synthetic and stem != STEM:  # that one says so itself
                canvas.suptitle("SYNTHETIC", x=0.99, ha="right", color=ORANGE, size=9)
            if findings.synthetic:
                caption = f"SYNTHETIC records. {caption}"
                alt = f"Synthetic records. {alt}"
            canvas.draw_without_rendering()
            canvas.set_layout_engine(None)  # any engine makes each file draw the sheet twice
            files = {f"{stem}.svg": svg(canvas, caption, alt), f"{stem}.png": png(canvas, alt)}
            if stem == STEM:
                language = findings.study.language
                files |= _elsewhere(findings, tables, stem, caption, alt, language)
                files |= _still(files, stem, alt, findings, language)
            made.append(Figure(stem, caption, alt, files))
        made += _central_elsewhere(findings, tables)
    return tuple(made)


def _central_elsewhere(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> list[Figure]:
    """Draw the central figure in the language that is not the study's."""
    language: Language = "es" if findings.study.language == "en" else "en"
    drawn = central(findings, tables, language=language)
    if drawn is None:
        return []
    canvas, caption, alt = drawn
    if findings.synthetic:
        caption, alt = (f"{WORDS[language]['synthetic']} {text}" for text in (caption, alt))
    stem = f"{STEM}.{language}"
    files = {f"{stem}.svg": svg(canvas, caption, alt), f"{stem}.png": png(canvas, alt)}
    files |= _elsewhere(findings, tables, stem, caption, alt, language)
    files |= _still(files, stem, alt, findings, language)
    return [Figure(stem, caption, alt, files)]


def _elsewhere(
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    stem: str,
    caption: str,
    alt: str,
    language: Language,
) -> dict[str, bytes]:
    """Draw the central figure for a phone, and square for newsrooms."""
    narrow = central(findings, tables, phone=True, language=language)
    if narrow is None:
        return {}
    square = still(png(narrow[0], alt), "1x1", credit(findings, language), alt)
    return {phone(stem): svg(narrow[0], caption, alt), named(stem, "1x1"): square}


def _still(
    files: Mapping[str, bytes], stem: str, alt: str, findings: Findings, language: Language
) -> dict[str, bytes]:
    """Return the wide still of the central figure, from the figure itself."""
    drawn = files[f"{stem}.png"]
    return {named(stem, "16x9"): still(drawn, "16x9", credit(findings, language), alt)}


def _deaths_by_year(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
    frame = tables["deaths_by_year"]
    frame = frame[frame["year"].isin(range(findings.study.years[0], findings.study.years[-1] + 1))]
    exact = frame[frame["deaths"].notna()]
    if exact.empty:
        return None
    total = exact.groupby("year")["deaths"].sum()
    canvas, axes = axes_on_sheet(1)
    axes[0].bar(total.index, total, color=BLUE, width=0.8)
    axes[0].set_ylabel("recorded deaths")
    axes[0].set_xlabel("calendar year of the report")
    axes[0].xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    axes[0].grid(visible=False, axis="x")
    low, high = str(total.idxmin()), str(total.idxmax())
    alt = (
        f"Bar chart of recorded deaths by calendar year, {total.index.min()} to "
        f"{total.index.max()}; most in {high} ({total.max()}), fewest in {low} ({total.min()})."
    )
    caption = "Recorded deaths by whole calendar year of the report. Years under 20 are not drawn."
    if (count := frame["source_id"].nunique()) > 1:
        caption = (
            f"Recorded deaths by whole calendar year of the report, {count} sources added up. What "
            "a source counts in a year under 20 is left out, and sources begin in different years."
        )
    return canvas, caption, alt


def _hardship(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
    del findings
    frame = tables["hardship_by_block"]
    means = frame[(frame["statistic"] == "mean") & frame["value"].notna()]
    blocks = means.sort_values("first_year").drop_duplicates("block").set_index("block")
    shown = [c for c in NAMES if c in set(means[means["group"] != "land"]["component"])]
    if not shown:
        return None
    canvas, axes = axes_on_sheet(len(shown))
    looks = {
        "all": ("all records", BLUE, "o"),
        "gps": ("records placed by GPS", ORANGE, "s"),
        "land": ("the land", GREY, "D"),
    }
    for axis, component in zip(axes, shown, strict=False):
        part = means[means["component"] == component]
        for shift, (group, (label, colour, marker)) in enumerate(looks.items()):
            rows = part[part["group"] == group].set_index("block")
            at = [i for i, block in enumerate(blocks.index) if block in rows.index]
            rows = rows.reindex(blocks.index[at])
            spread = errors(rows)
            x = np.array(at) + (shift - 1) * 0.16
            axis.errorbar(
                x, rows["value"], yerr=spread, fmt=marker, color=colour, label=label, ms=4, lw=1.2
            )
        axis.set_title(textwrap.fill(f"{NAMES[component]}{_unit(part)}", TITLE))
        axis.set_xticks(range(len(blocks)), [_span(r) for r in blocks.itertuples()])
        axis.set_xlim(-0.5, len(blocks) - 0.5)
        axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
        axis.grid(visible=False, axis="x")
    legend(canvas, axes[0])
    said = [_said(means, c, blocks.index[0], blocks.index[-1]) for c in shown]
    alt = (
        "Small charts, one a component of hardship: mean at recorded places by block of years, "
        f"with 95 % intervals. {' '.join(s for s in said if s)}"
    )
    caption = "Mean hardship and setting of recorded places by block of years, with 95 % intervals."
    return canvas, caption, alt


def _exposed_to(coverage: pd.DataFrame) -> str:
    """Return where modelled movement counts as exposed, in a few words for titles and legends."""
    words = {"zones": "in zones", "range": "within range (not viewshed)"}
    kinds = [k for k in words if (coverage["exposure"] == k).any()]
    return words[kinds[0]] if kinds else "in view"


def _coverage(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
    del findings
    frame = tables["coverage_by_corridor_year"]
    if frame.empty or not (frame["area_share"] > 0).any():
        return None
    corridors = sorted(frame["corridor"].unique())
    canvas, axes = axes_on_sheet(len(corridors), columns=3, height=1.5, share=True)
    dosed = frame["dose"].notna().any()
    place = _exposed_to(frame)
    for axis, corridor in zip(axes, corridors, strict=False):
        rows = frame[frame["corridor"] == corridor].sort_values("year")
        axis.step(rows["year"], rows["area_share"], where="mid", color=BLUE, label=f"land {place}")
        if dosed:
            label = f"pre-tower movement {place}"
            axis.step(rows["year"], rows["dose"], "--", where="mid", color=ORANGE, label=label)
        axis.set_title(corridor)
        axis.set_ylim(0, 1)
        axis.xaxis.set_major_locator(mpl.ticker.MaxNLocator(3, integer=True))
    legend(canvas, axes[0])
    last = int(frame["year"].max())
    top = frame[frame["year"] == last].sort_values("area_share", ascending=False).iloc[0]
    alt = (
        f"Step lines, one chart a corridor: share of the land {place} by year. In {last} the "
        f"largest share is {top['area_share']:.0%} in {top['corridor']}."
    )
    caption = f"Share of land and of modelled pre-tower movement {place}, by corridor."
    return canvas, caption, alt


def _event_study(findings: Findings, tables: Mapping[str, pd.DataFrame]) -> Drawing | None:
    del findings
    frame = tables["estimates"]
    times = frame["analysis"].map(_years_since)
    rows = frame[times.notna() & frame["estimate"].notna()]
    if rows.empty:
        return None
    rows = rows.assign(time=times[rows.index].astype(int)).sort_values("time")
    canvas, axes = axes_on_sheet(1)
    axis = axes[0]
    axis.axhline(_null(rows), color=GREY, lw=0.8)
    axis.axvline(-0.5, color=GREY, lw=0.8, ls=":")
    style: dict[str, Any] = {"fmt": "o", "color": BLUE, "ms": 4}
    axis.errorbar(rows["time"], rows["estimate"], yerr=errors(rows, "estimate"), **style)
    axis.set_xlabel("years since a corridor's first dose")
    what, _, of = str(rows["estimand"].iloc[0]).partition(": ")
    axis.set_ylabel(what)
    cut = ""
    if _null(rows) == 1.0:
        low, high = ratio_axis(axis, rows, "y")
        beyond = int(((rows["low"] < low) | (rows["high"] > high)).sum())
        cut = f" {beyond} intervals reach beyond the axis." if beyond else ""
    before = rows[rows["time"] < 0]
    crossing = int(((before["low"] <= _null(rows)) & (before["high"] >= _null(rows))).sum())
    alt = (
        f"Points with 95 % intervals by year relative to the first dose. Of {len(before)} years "
        f"before it, the interval of {crossing} holds the value of no effect."
    )
    caption = f"Event study, by year relative to a corridor's first dose: {of or what}.{cut}"
    return canvas, caption, alt


DRAWINGS: dict[str, Callable[[Findings, Mapping[str, pd.DataFrame]], Drawing | None]] = {
    STEM: central,
    "flow-of-records": flow_of_records,
    "deaths-by-year": _deaths_by_year,
    "hardship-by-block": _hardship,
    "coverage-through-time": _coverage,
    "event-study": _event_study,
    **{stem: drawer(stem) for stem in GROUPS},
    "calibration": calibration,
}


def _years_since(analysis: str) -> float:
    """Return the first year since the first dose that an estimate is about, NaN if it is not."""
    found = EVENT.match(analysis)
    return float("nan") if found is None else int(found[2]) * (-1 if found[1] else 1)


def _null(rows: pd.DataFrame) -> float:
    """Return the value of no effect: 1 for a ratio, 0 for a difference."""
    return 1.0 if "ratio" in str(rows["estimand"].iloc[0]).lower() else 0.0


def _unit(rows: pd.DataFrame) -> str:
    unit = str(rows["unit"].iloc[0])
    return "" if unit == "1" else f" ({unit})"


def _span(block: Any) -> str:
    return f"{block.first_year}-\n{block.last_year}"


def _said(means: pd.DataFrame, component: str, first: str, last: str) -> str:
    rows = means[(means["component"] == component) & (means["group"] == "all")]
    value = rows.set_index("block")["value"]
    if first not in value or last not in value:
        return ""
    unit = _unit(rows).strip(" ()")
    return f"{NAMES[component]}: {value[first]:g} then {value[last]:g} {unit}".strip() + "."
