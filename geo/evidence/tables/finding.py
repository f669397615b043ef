"""The finding of a run: the one sentence that command line, pages, memo, workbook and map quote.

No other function picks one. A study with estimates has the sentence of its headline analysis; one
that only describes has the sentence of the component that the study registers (`finding`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.tables.counts import flow, said
from geo.study import Period, Study

NAMES = {
    "slope_deg": "Slope",
    "border_km": "Distance to the border",
    "road_km": "Distance to a road",
    "energy_mj": "Energy from the border",
    "hours": "Walking time from the border",
    "water_l": "Water lost from the border, summer day",
    "core_c": "Core temperature after a summer walk",
    "hardness": "Hardness rank",
    "seen": "Share of period in view",
}
"""Component of hardship = name for readers."""
ANALYSIS = "headline"
"""Name under which the headline analysis is registered."""


@dataclass(frozen=True)
class Headline:
    """The finding.

    Attributes
    ----------
    sentence, level
        The one sentence, and its level on the claim ladder.
    row_id
        The row it stands on; empty where no table has one.
    """

    sentence: str
    level: str
    row_id: str


def headline(study: Study, tables: Mapping[str, pd.DataFrame]) -> Headline:
    """Pick the finding of a run.

    Parameters
    ----------
    study
        The resolved study.
    tables
        Public tables by name: estimates, hardship_by_period, counts, snapshots; those absent count
        as empty.

    Returns
    -------
    Headline
        The headline analysis's sentence; without estimates, first and last period of the registered
        component; without that, how many records were used, or that none was.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> own = examples.findings()
    >>> evidence.headline(own.study, {}).level
    'L0'
    """
    estimates = _table(tables, "estimates")
    named = estimates[estimates["analysis"] == ANALYSIS]
    if len(named):
        row = named.iloc[0]
        return Headline(str(row["sentence"]), str(row["claim_level"]), str(row["row_id"]))
    for component, text, row_id in described(study, tables):
        if component == study.finding:
            return Headline(text, "L0", row_id)
    lacking = (
        f"The finding registered for this study, {NAMES[study.finding].lower()} of recorded places "
        "by period, cannot be computed from its inputs."
    )
    used = flow({n: _table(tables, n) for n in ("snapshots", "counts")})
    used = used[(used["step"] == "used") & used["records"].gt(0).fillna(value=False)]
    if used.empty:
        return Headline(f"No record was used in this run. {lacking}", "L0", "")
    sources = [
        f"about {said(n)} of {s}" for s, n in zip(used["source_id"], used["records"], strict=True)
    ]
    text = f"Recorded recoveries used: {', '.join(sources)}. {lacking}"
    return Headline(text, "L0", str(used.iloc[0].get("row_id", "")))


def described(study: Study, tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str]]:
    """Yield (component, sentence, row id): first period beside last, all records, level L0."""
    frame = _table(tables, "hardship_by_period")
    means = frame[
        (frame["statistic"] == "mean") & (frame["group"] == "all") & frame["value"].notna()
    ]
    labels = {p.id: p for p in study.periods}
    for component, name in NAMES.items():
        rows = means[means["component"] == component].set_index("period_id")
        ids = [p for p in labels if p in rows.index]
        if len(ids) < 2:
            continue
        first, last = (labels[i] for i in (ids[0], ids[-1]))
        shown: dict[Any, Any] = rows.to_dict("index")
        unit = "" if rows["unit"].iloc[0] == "1" else f" {rows['unit'].iloc[0]}"
        values = [f"{_value(shown[p.id], unit)} in {_years(p)}" for p in (first, last)]
        text = (
            f"Recorded recoveries were located where the mean of {name.lower()} was "
            f"{values[0]} and {values[1]}."
        )
        yield component, text, str(shown[last.id].get("row_id", ""))


def _value(row: Mapping[str, Any], unit: str) -> str:
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{row['value']:g}{unit}"
    return f"{row['value']:g}{unit} (95 % interval {row['low']:g} to {row['high']:g})"


def _years(period: Period) -> str:
    """First and last calendar year that a half-open period touches."""
    return f"{period.start.year}-{(period.end - timedelta(days=1)).year}"


def _table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    found = tables.get(name)
    return records.TABLES[name].empty() if found is None else found
