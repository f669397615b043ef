"""The finding of a run: the one sentence that command line, pages, memo, workbook and map quote.

No other function picks one. A study with estimates has the sentence of its headline analysis; one
that only describes has the sentence of the component that the study registers (`finding`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.tables.counts import flow, said
from geo.study import Study

NAMES = {
    "slope_deg": "Slope",
    "border_km": "Distance to the border",
    "road_km": "Distance to a road",
    "energy_mj": "Energy from the border",
    "hours": "Walking time from the border",
    "water_l": "Water lost from the border, summer day",
    "core_c": "Core temperature after a summer walk",
    "hardness": "Hardness rank",
    "seen": "Share of the year in view",
}
"""Component of hardship = name for readers."""
ANALYSIS = "headline"
"""Name under which the headline analysis is registered."""


@dataclass(frozen=True)
class Finding:
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


def headline(study: Study, tables: Mapping[str, pd.DataFrame]) -> Finding:
    """Pick the finding of a run.

    Parameters
    ----------
    study
        The resolved study.
    tables
        Public tables by name: estimates, hardship_by_block, counts, snapshots; those absent count
        as empty.

    Returns
    -------
    Finding
        The headline analysis's sentence; without estimates, first and last block of years of the
        registered component; without that, how many records were used, or that none was.

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
        return Finding(str(row["sentence"]), str(row["claim_level"]), str(row["row_id"]))
    for component, text, row_id in described(tables):
        if component == study.finding:
            return Finding(text, "L0", row_id)
    lacking = (
        f"The finding registered for this study, {NAMES[study.finding].lower()} of recorded places "
        "by block of years, cannot be computed from its inputs."
    )
    used = flow({n: _table(tables, n) for n in ("snapshots", "counts")})
    used = used[(used["step"] == "used") & used["records"].gt(0).fillna(value=False)]
    if used.empty:
        return Finding(f"No record was used in this run. {lacking}", "L0", "")
    sources = [
        f"about {said(n)} of {s}" for s, n in zip(used["source_id"], used["records"], strict=True)
    ]
    text = f"Recorded recoveries used: {', '.join(sources)}. {lacking}"
    return Finding(text, "L0", str(used.iloc[0].get("row_id", "")))


def described(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str]]:
    """Yield (component, sentence, row id): first block of years beside last, level L0."""
    frame = _table(tables, "hardship_by_block")
    means = frame[
        (frame["statistic"] == "mean") & (frame["group"] == "all") & frame["value"].notna()
    ]
    for component, name in NAMES.items():
        rows = means[means["component"] == component].sort_values("first_year")
        if len(rows) < 2:
            continue
        shown: list[dict[Any, Any]] = rows.iloc[[0, -1]].to_dict("records")
        unit = "" if rows["unit"].iloc[0] == "1" else f" {rows['unit'].iloc[0]}"
        values = [f"{_value(row, unit)} in {years_of(row)}" for row in shown]
        text = (
            f"Recorded recoveries were located where the mean of {name.lower()} was "
            f"{values[0]} and {values[1]}."
        )
        yield component, text, str(shown[1].get("row_id", ""))


def _value(row: Mapping[str, Any], unit: str) -> str:
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{row['value']:g}{unit}"
    return f"{row['value']:g}{unit} (95 % interval {row['low']:g} to {row['high']:g})"


def years_of(row: Mapping[str, Any]) -> str:
    """First and last calendar year of a row of a block, as readers see them."""
    first, last = int(row["first_year"]), int(row["last_year"])
    return f"{first}" if first == last else f"{first}-{last}"


def _table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    found = tables.get(name)
    return records.TABLES[name].empty() if found is None else found
