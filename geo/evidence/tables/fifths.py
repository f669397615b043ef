"""Recorded deaths by fifths of the ground within their corridor, covered and hardly covered.

Groups hold the corridors that the central figure tells, of whole cells each, and a corridor counts
in a block only where it holds 20 records there; shares are whole percent of 100 records and more,
and no strip stands one of whose fifths holds fewer than 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import parameters, records
from geo.evidence.tables import hardship
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.evidence.tables.places import SHARE_FROM, blocks, members
from geo.evidence.tables.windows import LEAST, ranked, scaled, spans
from geo.study import stream

NAME = "hardness_fifths"
FIFTHS = 5
"""Definition: parts of equal area into which the ground of a corridor is cut by its hardness."""
HARDEST = "4-5"
"""Definition: name of the two hardest fifths together."""
COVERED, HARDLY, BEYOND = "covered", "hardly covered", "beyond the others"
"""Definition: groups of corridors, and the difference between their changes."""


def by_fifth(
    findings: Findings, parents: str, corridors: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Share recorded deaths out over the fifths of the ground of their corridors.

    Parameters
    ----------
    findings, parents
        As every maker of a public table has them.
    corridors
        `hardness_by_corridor` of the same run.

    Returns
    -------
    DataFrame
        `hardness_fifths`: share of a group's records in each fifth and in the hardest two, whole
        percent; of these two also by how much the covered corridors' share changed more than the
        others', with its 95 % percentile interval over 1,000 resamples of whole corridors
        (Efron and Tibshirani 1993, section 13.3). It is a description beside the
        registered test and no test of its own.
    DataFrame
        `id`, `death_id`: which record stands in which group (restricted).
    """
    table = records.TABLES[NAME]
    told = corridors[(corridors["window"] == "end") & corridors["value"].notna()]
    windows = spans(findings)
    used = ranked(findings)
    used = used[used["corridor"].isin(told["corridor"])]
    if windows is None or used.empty:
        return table.empty(), members([], [])
    least = float(parameters.load("inference")["hardly_exposed_dose"].value)
    group = {
        c: COVERED if d >= least else HARDLY
        for c, d in zip(told["corridor"], told["dose"].fillna(0), strict=True)
    }
    used = used.assign(group=used["corridor"].map(group), fifth=_fifth(used["hardness"]))
    last = windows["end"][1]
    used = used[used["found_year"] <= last]  # as the central figure, which tells of the same years
    rows: list[dict[str, Any]] = []
    ids: list[str] = []
    deaths: list[str] = []
    for (name, block), own in used.groupby(["group", "block"], sort=True):
        if block not in blocks(findings):
            continue
        key = row_id(NAME, "group", name, block).replace("hfi-", "group-")
        ids, deaths = ids + [key] * len(own), deaths + list(own["death_id"])
        first, end = records.block_years(str(block))
        common = {
            "group": name, "block": block, "first_year": first, "last_year": min(end, last),
            "low": None, "high": None, "records_class": records.rounded_class(len(own)),
            "parents": f"{parents} {key}".strip(),
        }  # fmt: skip
        rows += [common | part for part in _shares(findings, own, str(name), str(block))]
    rows += _difference(findings, used, windows, parents)
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, members(ids, deaths)


def _fifth(rank: pd.Series) -> NDArray[np.int64]:
    share = scaled(rank.to_numpy(float)) / 100
    return np.clip((share * FIFTHS).astype(np.int64), 0, FIFTHS - 1) + 1


def _shares(findings: Findings, own: pd.DataFrame, group: str, block: str) -> list[dict[str, Any]]:
    """Return a group's shares in a block, empty where they would tell of few."""
    counts = own["fifth"].value_counts().reindex(range(1, FIFTHS + 1), fill_value=0)
    shown = _whole(own) and counts.min() >= findings.study.privacy.min_group
    parts = {str(i): int(n) for i, n in counts.items()} | {HARDEST: int(counts.loc[4:].sum())}
    return [
        {
            "fifth": name,
            "value": round(100 * n / len(own)) if shown else None,
            "row_id": row_id(NAME, group, block, name),
        }
        for name, n in parts.items()
    ]


def _whole(own: pd.DataFrame) -> bool:
    """Say whether enough records stand in a group, and in each corridor of it."""
    return len(own) >= SHARE_FROM and int(own["corridor"].value_counts().min()) >= LEAST


def _difference(
    findings: Findings, used: pd.DataFrame, windows: dict[str, tuple[int, int]], parents: str
) -> list[dict[str, Any]]:
    """Return how much more the hardest two fifths' share changed where covered [points]."""
    if set(used["group"]) != {COVERED, HARDLY}:
        return []
    parts = []
    for first, last in windows.values():
        inside = used[used["found_year"].between(first, last)]
        for group in (COVERED, HARDLY):
            own = inside[inside["group"] == group]
            hard = int((own["fifth"] >= FIFTHS - 1).sum())
            if not _whole(own) or min(hard, len(own) - hard) < findings.study.privacy.min_group:
                return []
        cells = inside.assign(hard=inside["fifth"] >= FIFTHS - 1).groupby(["group", "corridor"])
        parts.append(cells["hard"].agg(["sum", "size"]))
    value, low, high = _interval(findings, parts)
    first, last = windows["end"]
    block = records.block_name(first)
    groups = " ".join(
        row_id(NAME, "group", g, records.block_name(w[0])).replace("hfi-", "group-")
        for w in windows.values() for g in (HARDLY, COVERED)
    )  # fmt: skip
    return [
        {
            "group": BEYOND, "block": block, "first_year": first, "last_year": last,
            "fifth": HARDEST, "value": round(value), "low": round(low), "high": round(high),
            "records_class": records.rounded_class(int(parts[1]["size"].sum())),
            "row_id": row_id(NAME, BEYOND, block, HARDEST),
            "parents": f"{parents} {groups}".strip(),
        }
    ]  # fmt: skip


def _interval(findings: Findings, parts: list[pd.DataFrame]) -> tuple[float, float, float]:
    """Return the difference between the groups' changes and its interval over corridors."""
    rng = stream(findings.study.seed, f"evidence/{NAME}")
    changes = {}
    for group in (COVERED, HARDLY):
        before, end = (p.loc[group] for p in parts)
        both = before.index.intersection(end.index)
        counts = np.stack([p.loc[both].to_numpy(float) for p in (before, end)])
        picks = rng.integers(0, len(both), (hardship.RESAMPLES, len(both)))
        whole = np.arange(len(both))[None, :]
        for key, chosen in (("all", whole), ("again", picks)):
            sums = counts[:, chosen].sum(axis=2)
            share = 100 * sums[..., 0] / sums[..., 1]
            changes[group, key] = share[1] - share[0]
    once, again = (changes[COVERED, k] - changes[HARDLY, k] for k in ("all", "again"))
    low, high = np.quantile(again, (0.025, 0.975))
    return float(once[0]), float(low), float(high)
