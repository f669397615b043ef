"""The six numbers that brief, report, annex and workbook quote, each with the row it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.evidence.tables.comparison import comparison, mean_change
from geo.evidence.tables.counts import flow, said
from geo.evidence.tables.identifiers import each
from geo.inference import PLAN
from geo.inference.estimation.outcomes import read
from geo.inference.estimation.rows import ratio_words

IDS = ("E1", "E2", "E3", "E4", "E5", "E6")
"""Names of the six numbers."""
NONE = "not estimable"
REACHED = "headline.at_reached_dose"
WITHOUT_SHIFT = re.compile(r"(?:^|-)null(?:-|$)|^search-tilt$|-1$")
"""Display: names of gates of the calibration in which nobody moved; the rest planted a shift."""
FALSE_FINDINGS = ("supported", "level_2")
"""Outcomes of the calibration that say a shift was found."""


@dataclass(frozen=True)
class KeyNumber:
    """One of the six numbers.

    Attributes
    ----------
    id
        E1 to E6, the same in every document of a run.
    asks, value
        What it answers, and the answer as printed.
    table, row_id
        Where it stands; empty where nothing could be estimated.
    """

    id: str
    asks: str
    value: str
    table: str = ""
    row_id: str = ""


def key_numbers(tables: Mapping[str, pd.DataFrame]) -> tuple[KeyNumber, ...]:
    """Return the six numbers of a run, in their order.

    Parameters
    ----------
    tables
        Public tables of the run.

    Returns
    -------
    tuple of KeyNumber
        Records used of read; the difference of the central sentence; ratio at the dose reached;
        p; smallest detectable ratio; worst false-positive rate. One that could not be computed
        says "not estimable".
    """
    made = (_records(tables), _difference(tables), _ratio(tables), _p(tables), _least(tables),
            _worst(tables))  # fmt: skip
    return tuple(KeyNumber(n, *parts) for n, parts in zip(IDS, made, strict=True))


Parts = tuple[str, str, str, str]


def _records(tables: Mapping[str, pd.DataFrame]) -> Parts:
    asks = "Records used, of those read"
    rows = flow(tables)
    texts, row = [], ""
    for source, own in rows.groupby("source_id", sort=False):
        used, seen = (own[own["step"] == s] for s in ("used", "read"))
        if len(used) and len(seen):
            texts.append(f"about {said(used['records'].iloc[0])} of {said(seen['records'].iloc[0])}"
                         f" ({source})")  # fmt: skip
            row = row or str(used["row_id"].iloc[0])
    return (asks, "; ".join(texts) or "no record was used", "counts", row)


def _difference(tables: Mapping[str, pd.DataFrame]) -> Parts:
    asks = "Mean change of hardness where covered, less where hardly covered (points of 100)"
    found = comparison(tables)
    if found is None:
        return (asks, NONE, "", "")
    change, anyway = mean_change(found.exposed), mean_change(found.aside)
    if change is None or anyway is None:
        lack = "hardly covered" if change is not None else "covered"
        return (asks, f"{NONE}: no {lack} corridor has records enough in both windows", "", "")
    change, anyway = round(change, 1), round(anyway, 1)  # so that the three agree as printed
    text = (
        f"{change - anyway:+.1f} ({change:+.1f} in {len(found.exposed)} covered, {anyway:+.1f} in "
        f"{len(found.aside)} hardly covered corridors); descriptive, not itself tested"
    )
    return (asks, text, "hardness_by_corridor", "")


def _row(tables: Mapping[str, pd.DataFrame], analysis: str) -> Any | None:
    rows = tables["estimates"]
    return next(each(rows[(rows["analysis"] == analysis) & rows["estimate"].notna()]), None)


def _ratio(tables: Mapping[str, pd.DataFrame]) -> Parts:
    row, own = _row(tables, REACHED), _row(tables, "headline")
    asks = "Ratio of rate ratios at the coverage reached"
    if row is None or own is None:
        return (asks, NONE, "", "")
    dose = re.search(r"\((a dose of [\d.]+)", str(row.estimand))
    asks += f", {dose[1]}" if dose else ""
    span = f"95 % interval {ratio_words(row.low)} to {ratio_words(row.high)}"
    passed = {name: outcome.passed for name, outcome in read(str(own.gates)).items()}
    text = f"{ratio_words(row.estimate)} ({span})"
    if passed.get("informative") is False:
        text = f"no finding: the records cannot tell ({span}; a ratio of 1 is no change)"
    return (asks, text, "estimates", str(row.row_id))


def _p(tables: Mapping[str, pd.DataFrame]) -> Parts:
    row = _row(tables, "headline")
    asks = "p value of the registered test"
    if row is None or pd.isna(row.p):
        return (asks, NONE, "", "")
    over = str(row.reference_set).partition("; smallest")[0]
    return (asks, f"{row.p:.2g}, over {over}", "estimates", str(row.row_id))


def _least(tables: Mapping[str, pd.DataFrame]) -> Parts:
    asks = "Smallest ratio found with 80 % power"
    own, reached = _row(tables, "headline"), _row(tables, REACHED)
    if own is None or pd.isna(own.mde):
        return (asks, NONE, "", "")
    text = f"{ratio_words(own.mde)} per unit dose"
    if reached is not None and pd.notna(reached.mde):
        text += f"; {ratio_words(reached.mde)} at the coverage reached"
    return (asks, text, "estimates", str(own.row_id))


def false_findings(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how often the plan that decides found a shift where none was planted, worst first.

    Returns
    -------
    DataFrame
        Rows of `calibration`.
    """
    frame = tables["calibration"]
    frame = frame[(frame["plan"] == PLAN) & frame["estimate"].notna()]
    rows = frame[frame["outcome"].isin(FALSE_FINDINGS)]
    rows = rows[rows["gate"].astype(str).str.contains(WITHOUT_SHIFT)]
    return rows.sort_values(["estimate", "gate"], ascending=[False, True], kind="stable")


def _worst(tables: Mapping[str, pd.DataFrame]) -> Parts:
    asks = "Worst false-positive rate of the rule on made-up records"
    row = next(each(false_findings(tables)), None)
    if row is None:
        return (asks, f"not stated: no table of plan {PLAN} came with this run", "", "")
    found = "supported" if row.outcome == "supported" else "level 2 reached"
    text = (
        f"{row.estimate:.1%} ({row.low:.1%} to {row.high:.1%}) called {found} in {int(row.n):,} "
        f"simulations of plan {PLAN}, of: {planted(row)}"
    )
    return (asks, text, "calibration", str(row.row_id))


def planted(row: Any) -> str:
    """Return what a gate of the calibration made up, in words; its name where none are given."""
    words = str(row.planted) if isinstance(row.planted, str) and row.planted else ""
    return words or str(row.gate).replace("-", " ")


def printed(numbers: tuple[KeyNumber, ...]) -> Iterator[tuple[str, str, str, str]]:
    """Yield id, question, value and where it stands, as rows of a table."""
    for n in numbers:
        where = " ".join(w for w in (n.table, n.row_id) if w)
        yield n.id, n.asks, n.value, where or "not estimated"
