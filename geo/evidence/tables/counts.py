"""Recorded deaths by calendar year, and the flow of records, as they may be published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo import records
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.evidence.tables.places import dated, last_years, members, placed, spans_by_block
from geo.sources.fitting import OUTSIDE_AREA, OUTSIDE_PERIODS, UNTOLD

PERSONS = ("deaths", "vintage", "crosscheck")
"""Roles of sources whose rows are about persons."""
SLACK = 3
"""Safeguard: what a sum must leave open, so that a count of 1 to 4 in it stays one of 1 to 4."""


def flow(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of `counts` about recorded deaths: not their earlier states, not towers."""
    sources, counts = tables["snapshots"], tables["counts"]
    deaths = set(sources[sources["role"] == "deaths"]["source_id"])
    return counts[counts["source_id"].isin(deaths)]


def said(number: Any) -> str:
    """Return a published number of records in words: "4,300", "fewer than 5"."""
    return f"{int(number):,}" if pd.notna(number) else f"fewer than {records.MIN_GROUP}"


def classed(counts: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return the flow of records with every number about persons classed.

    Parameters
    ----------
    counts
        Contract `counts`, exact.
    sources
        Contract `snapshots`: sources in a role of `PERSONS`, or in none, are classed.

    Returns
    -------
    DataFrame
        `records` to the nearest 10, empty below 5, and `records_class`, the numbers it may stand
        for; the classes of read and of quarantined, excluded and used still add up.
    """
    other = set(sources[~sources["role"].isin(PERSONS)]["source_id"])
    other -= set(sources[sources["role"].isin(PERSONS)]["source_id"])
    counts = pd.concat([counts, _untold(counts, other)], ignore_index=True)
    plain = counts["source_id"].isin(other)
    public = [records.rounded(int(n)) for n in counts["records"]]
    labels = [records.rounded_class(int(n)) for n in counts["records"]]
    out = counts.copy()
    exact = counts["records"]
    out["records"] = pd.Series(public, index=counts.index, dtype="Int64").where(~plain, exact)
    out["records_class"] = pd.Series(labels, index=counts.index, dtype=object).where(
        ~plain, exact.astype(str)
    )
    return out


def _untold(counts: pd.DataFrame, other: set[str]) -> pd.DataFrame:
    """Return rows of what a study leaves out of a source, where it left out none.

    A row that is only there where some records are outside would tell none from a few.
    """
    rows = []
    for source in dict.fromkeys(counts[~counts["source_id"].isin(other)]["source_id"]):
        own = counts[counts["source_id"] == source]
        if UNTOLD in set(own["reason"]):
            continue
        for reason in (OUTSIDE_AREA, OUTSIDE_PERIODS):
            if reason not in set(own["reason"]):
                told = {"step": "excluded", "reason": reason, "records": 0}
                row = f"count:{source}:excluded:{reason}" if own["row_id"].iloc[0] else ""
                rows.append(own.iloc[0].to_dict() | told | {"row_id": row})
    return pd.DataFrame(rows, columns=counts.columns)


def by_year(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count all records of each source by whole calendar year of the report.

    Numbers stand only where no sum with them narrows a class of 1 to 4: the smallest are left
    out, until neither the classes of all cells of a block nor those of the other years do.
    """
    name = "deaths_by_year"
    deaths = dated(findings)
    if deaths.empty:
        return records.TABLES[name].empty(), members([], [])
    year = deaths["found_on"].dt.year
    deaths = deaths.assign(year=year)[year <= deaths["source_id"].map(last_years(findings))]
    cells = spans_by_block(placed(findings))
    rows = []
    for source, own in deaths.groupby("source_id", sort=True):
        size = {int(str(y)): int(n) for y, n in own.groupby("year").size().items()}
        read = int(findings.table("deaths")["source_id"].eq(str(source)).sum())
        exact = _exact(str(source), size, cells, read)
        rows += [
            {
                "source_id": source,
                "year": y,
                "deaths_class": records.count_class(n),
                "deaths": n if y in exact else None,
                "row_id": row_id(name, source, y),
                "parents": parents,
            }
            for y, n in size.items()
        ]
    ids = [row_id(name, s, y) for s, y in zip(deaths["source_id"], deaths["year"], strict=True)]
    table = records.TABLES[name]
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, members(ids, deaths["death_id"])


def _exact(
    source: str,
    size: Mapping[int, int],
    cells: Mapping[tuple[str, str], tuple[int, bool]],
    read: int,
) -> set[int]:
    """Return the years whose number may stand beside its class."""
    exact = {y for y, n in size.items() if n >= records.COUNT_CLASSES[-1][0]}
    for block in {records.block_name(y) for y in size}:
        own = [y for y in size if records.block_name(y) == block]
        least, small = cells.get((source, block), (0, False))
        told = [y for y in own if y in exact]
        if told and small and _most(own, size, exact) - least < SLACK:
            exact -= {min(told, key=lambda y: size[y])}
    while exact and any(n < records.MIN_GROUP for n in size.values()):
        low = sum(n if y in exact else records.class_span(records.count_class(n))[0]
                  for y, n in size.items())  # fmt: skip
        if read - low >= SLACK:
            break
        exact -= {min(exact, key=lambda y: size[y])}
    return exact


def _most(years: list[int], size: Mapping[int, int], exact: set[int]) -> float:
    """Return the most that a block's records may be, as its published years have it."""
    most = 0.0
    for y in years:
        high = records.class_span(records.count_class(size[y]))[1]
        most += size[y] if y in exact else float("inf") if high is None else high
    return most
