"""Hardness of recorded places by corridor, before towers and at the end: the central comparison.

Windows are whole blocks of the public calendar, the same for every study that has towers at the
same time; change is told only of corridors where both windows hold enough records.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.evidence.tables import hardship
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.evidence.tables.places import in_corridors, last_years, members
from geo.study import stream

NAME = "hardness_by_corridor"
LEAST = records.COUNT_CLASSES[-1][0]
"""Safeguard: records that each window of a corridor must hold before a change is told."""


def by_corridor(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise hardness by corridor in the blocks before towers and in the last one.

    Returns
    -------
    DataFrame
        `hardness_by_corridor`: mean of the rank within the corridor, 0 to 100, with its 95 %
        percentile interval over 1,000 resamples of records (Efron and Tibshirani 1993, section
        13.3), to the nearest point; empty where either window holds fewer than 20 records.
    DataFrame
        `id`, `death_id`: which record stands in which row (restricted).
    """
    table = records.TABLES[NAME]
    used = ranked(findings)
    windows = spans(findings)
    if used.empty or windows is None:
        return table.empty(), members([], [])
    used = used.assign(window=used["found_year"].map(lambda y: _window(int(y), windows)))
    used = used[used["window"].notna()]
    exposed = _exposed(findings, windows["end"][1])
    rows: list[dict[str, Any]] = []
    ids, deaths = [], []
    for corridor, own in used.groupby("corridor", sort=True):
        sizes = own["window"].value_counts()
        told = all(sizes.get(w, 0) >= LEAST for w in records.WINDOWS)
        for window in records.WINDOWS:
            frame = own[own["window"] == window]
            row = row_id(NAME, corridor, window)
            group = row.replace("hbc-", "group-")
            rows.append(
                {
                    "corridor": corridor,
                    "window": window,
                    "first_year": windows[window][0],
                    "last_year": windows[window][1],
                    **_mean(findings, str(corridor), window, frame["hardness"], told=told),
                    "records_class": records.rounded_class(len(frame)),
                    **exposed.get(str(corridor), {"dose": None, "area_share": None}),
                    "row_id": row,
                    "parents": f"{parents} {group}".strip(),
                }
            )
            ids += [group] * len(frame)
            deaths += list(frame["death_id"])
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, members(ids, deaths)


def spans(findings: Findings) -> dict[str, tuple[int, int]] | None:
    """Return window = its first and last calendar year; None where there are no two windows.

    Before: the whole blocks over when `pre_tower` ends, from the first in which the study has a
    period. End: the block of the last calendar year that the records cover whole and in which
    the study has one, up to that year.
    """
    study = findings.study
    years = last_years(findings)
    if not years:
        return None
    last = min(max(years.values()), study.periods[-1].end.year - 1)
    end = (records.block_years(records.block_name(last))[0], last)
    first = records.block_years(records.block_name(study.pre_tower[0].year))[0]
    whole = study.pre_tower[1].year - study.pre_tower[1].year % records.BLOCK_YEARS - 1
    if whole < first or whole >= end[0]:
        return None
    return {"before": (first, whole), "end": end}


def scaled(rank: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standardised ranks as 0 (easiest of its corridor) to 100 (hardest).

    The standard deviation of a uniform rank over 0 to 100 is 100 / sqrt(12).
    """
    return 50 + rank * 100 / math.sqrt(12)


def ranked(findings: Findings) -> pd.DataFrame:
    """Return the exposures of records with a rank of hardness, and the corridor of their cell."""
    exposures = hardship.used(findings)
    held = in_corridors(findings)
    home = dict(zip(held["death_id"], held["corridor"], strict=True))
    exposures = exposures.assign(corridor=exposures["death_id"].map(home))
    return exposures[exposures["hardness"].notna() & exposures["corridor"].notna()]


def _window(year: int, windows: dict[str, tuple[int, int]]) -> str | None:
    return next((w for w, (low, high) in windows.items() if low <= year <= high), None)


def _exposed(findings: Findings, year: int) -> dict[str, dict[str, Any]]:
    """Return what stood exposed in the last year of a corridor's coverage, up to a year."""
    table = findings.table("coverage_by_corridor_year")
    if table.empty:
        return {}
    last = table[table["year"] <= year].sort_values("year").groupby("corridor").last()
    found: Any = last[["dose", "area_share"]].to_dict("index")
    return {str(corridor): row for corridor, row in found.items()}


def _mean(
    findings: Findings, corridor: str, window: str, ranks: pd.Series, *, told: bool
) -> dict[str, float | None]:
    if not told:
        return {"value": None, "low": None, "high": None}
    sample = scaled(ranks.to_numpy(float))
    rng = stream(findings.study.seed, f"evidence/{NAME}/{corridor}/{window}")
    low, high = hardship.interval(sample, rng)
    return {"value": round(sample.mean()), "low": round(low), "high": round(high)}
