"""Recorded deaths by corridor and year, and by calendar year."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo import records
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.evidence.tables.places import placed
from geo.study import study_year


def flow(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of `counts` about recorded deaths: not their earlier states, not towers."""
    sources, counts = tables["snapshots"], tables["counts"]
    deaths = set(sources[sources["role"] == "deaths"]["source_id"])
    return counts[counts["source_id"].isin(deaths)]


def by_corridor(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count used records by corridor and study year, in classes, with who is counted where."""
    name = "deaths_by_corridor_year"
    deaths = pd.DataFrame(placed(findings).drop(columns="geometry"))
    deaths = deaths[deaths["corridor"].notna()]
    years = [y for y in findings.study.years if _over(findings, y)]
    deaths = deaths.assign(year=[study_year(d.date()) for d in deaths["found_on"]])
    deaths = deaths[deaths["year"].isin(years)]
    corridors = sorted(
        {*deaths["corridor"], *findings.table("corridors")["corridor"].dropna().tolist()}
    )
    size = deaths.groupby(["corridor", "year"]).size()
    rows = [
        {
            "corridor": corridor,
            "year": year,
            "deaths_class": records.count_class(int(size.get((corridor, year), 0))),
            "row_id": row_id(name, corridor, year),
            "parents": parents,
        }
        for corridor in corridors
        for year in years
    ]
    ids = [row_id(name, c, y) for c, y in zip(deaths["corridor"], deaths["year"], strict=True)]
    table = records.TABLES[name]
    frame = table.conform(rows) if rows else table.empty()
    return frame, pd.DataFrame({"id": ids, "death_id": deaths["death_id"].tolist()}, dtype=object)


def by_year(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count all records of each source by calendar year of the report."""
    name = "deaths_by_year"
    deaths = findings.table("deaths")
    deaths = deaths[deaths["date_ok"] & deaths["found_on"].notna()]
    deaths = deaths.assign(year=deaths["found_on"].dt.year)
    rows = []
    for (source, year), group in deaths.groupby(["source_id", "year"], sort=True):
        n = len(group)
        label = records.count_class(n)
        rows.append(
            {
                "source_id": source,
                "year": year,
                "deaths_class": label,
                "deaths": n if label == records.CLASS_LABELS[-1] else None,
                "row_id": row_id(name, source, year),
                "parents": parents,
            }
        )
    ids = [row_id(name, s, y) for s, y in zip(deaths["source_id"], deaths["year"], strict=True)]
    table = records.TABLES[name]
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, pd.DataFrame({"id": ids, "death_id": deaths["death_id"].tolist()}, dtype=object)


def _over(findings: Findings, year: int) -> bool:
    """Say whether a study year has ended by the study's date."""
    return (findings.study.as_of.year, findings.study.as_of.month) >= (year, 10)
