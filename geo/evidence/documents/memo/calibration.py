"""Annex D: what the rule does on made-up records, a row a design and a column an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo.evidence.documents.memo.analyses import digits
from geo.evidence.documents.memo.blocks import Block, FigureBlock, Grid, Heading, Text
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import each
from geo.evidence.tables.key_numbers import planted
from geo.inference import PLAN

Tables = Mapping[str, pd.DataFrame]
Pictures = Mapping[str, FigureBlock]
CLAIMED = {
    "supported": "Supported", "level_1": "Level 1", "level_2": "Level 2", "covered": "Covered",
}  # fmt: skip
"""Display: outcomes that say what was claimed, and whether the interval held the truth."""
BESIDE = {
    "rejects": "p rejects", "interval_rejects": "Interval without one",
    "log_error": "Error of the log ratio", "recorded_supported": "As recorded: supported",
    "recorded_covered": "As recorded: covered", "recorded_error": "As recorded: error",
    "blocks_decide": "Blocks could decide",
}  # fmt: skip
"""Display: outcomes that stand beside them."""
GATED = {
    "block_permutation": "Blocks",
    "search_did_not_tilt": "Search",
    "corridor_trends": "Trends held",
    "pre_trends_flat": "Years before",
    "hard_out_of_view_rises": "Hard, unseen",
    "leave_one_out": "One left out",
    "placebo_dates": "Placebo dates",
    "precision": "Precision",
}
"""Display: gates of level 2, asked only of panels that were supported."""
RATES = ("Design", "Watched", "Plan", "Runs", "Share or bias", "Goal", "Verdict")
RATE_WIDTHS = (3.0, 1.3, 0.45, 0.5, 1.6, 1.1, 1.1)
"""Display: columns of a table with a row an outcome, and their shares of the measure."""


def calibration(findings: Findings, tables: Tables, pictures: Pictures) -> Iterator[Block]:
    """Yield the whole table of what the rule does on made-up records, those of one design aside.

    A design that was asked whether it is supported and reaches level 2 is one row of each of
    three tables; the rest, and plans that no longer decide, have a row an outcome.
    """
    del findings, pictures
    frame = tables["calibration"]
    if frame.empty:
        return
    yield Heading("Annex D: calibration")
    yield Text(
        "Every number stands in the table `calibration`, under the name that begins its row. "
        "Names of worlds end in the ratio that was planted, 1 where nobody moved; those that begin "
        "with dose, in the dose reached, the ratio and the number of corridors."
    )
    decides = frame[frame["plan"] == PLAN]
    wide = decides[decides["outcome"] == "level_2"]["gate"].unique()
    across = decides[decides["gate"].isin(wide)]
    if len(across):
        yield from _across(across)
    rest = frame.drop(across.index)
    if len(rest):
        yield Heading("Other designs, and plan 1, a row an outcome", 2)
        yield rates("What the rule did on made-up records, with Monte Carlo intervals.", rest)


def _across(frame: pd.DataFrame) -> Iterator[Block]:
    gates = frame.drop_duplicates("gate")
    yield Heading(f"Plan {PLAN}: what was made up, and what was claimed", 2)
    yield _wide(
        frame,
        "Shares of panels with 95 % Monte Carlo intervals; a verdict stands where a goal was set "
        f"({_goals(frame)}).",
        CLAIMED,
        {r.gate: planted(r) for r in each(gates)},
        2.4,
    )
    yield Heading(f"Plan {PLAN}: tests, errors, and the records as recorded", 2)
    yield _wide(frame, "Of the same panels; errors are means of log ratios.", BESIDE, {}, 1.3)
    if frame["outcome"].isin(GATED).any():
        yield Heading(f"Plan {PLAN}: gates of level 2", 2)
        yield _wide(
            frame[frame["outcome"].isin(GATED)],
            "Share of the supported panels that pass each gate; intervals stand in the table.",
            GATED,
            {},
            0.8,
            bounds=False,
        )


def _wide(
    frame: pd.DataFrame,
    caption: str,
    columns: Mapping[str, str],
    words: Mapping[str, str],
    width: float,
    *,
    bounds: bool = True,
) -> Grid:
    """Return a table with a row a design and a column an outcome."""
    rows = []
    for gate, own in frame.groupby("gate", sort=False):
        asked = own[own["outcome"].isin(columns)]
        if asked.empty:
            continue
        cells = {r.outcome: _cell(r, bounds=bounds) for r in each(asked)}
        made = [words[str(gate)]] if words else []
        head = [str(gate), *made, f"{asked['n'].max():,}"]
        rows.append((*head, *(cells.get(c, "") for c in columns)))
    said = ["Made up"] if words else []
    return Grid(
        caption,
        ("Design", *said, "Panels", *columns.values()),
        rows,
        (1.3, *([width] if words else []), 0.6, *[1.1] * len(columns)),
    )


def _cell(row: Any, *, bounds: bool) -> str:
    said = digits(row.estimate)
    if bounds and said:
        said += f" ({digits(row.low)} to {digits(row.high)})"
    judged = isinstance(row.verdict, str) and row.verdict not in ("", "-")
    return f"{said}: {row.verdict}" if bounds and judged else said


def _goals(frame: pd.DataFrame) -> str:
    """Return each goal that was set, by outcome."""
    judged = frame[frame["outcome"].isin(CLAIMED) & ~frame["goal"].isin(["reported"])]
    goals = judged.drop_duplicates(["outcome", "goal"]).dropna(subset="goal")
    return "; ".join(f"{CLAIMED[r.outcome].lower()} {r.goal}" for r in each(goals))


def rates(caption: str, frame: pd.DataFrame) -> Grid:
    """Return a table with a row a design and outcome."""
    same = frame.drop_duplicates(["gate", "planted"])["planted"].duplicated(keep=False)
    doubled = set(frame.loc[same[same].index, "planted"].dropna())
    return Grid(
        caption,
        RATES,
        [
            (
                f"{r.gate}: {planted(r)}" if r.planted in doubled else planted(r),
                r.outcome.replace("_", " "),
                str(r.plan),
                f"{r.n:,}",
                f"{digits(r.estimate)} ({digits(r.low)} to {digits(r.high)})",
                r.goal if isinstance(r.goal, str) else "",
                r.verdict if isinstance(r.verdict, str) else "",
            )
            for r in each(frame)
        ],
        RATE_WIDTHS,
    )
