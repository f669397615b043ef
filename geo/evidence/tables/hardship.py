"""Hardship of recorded places as group statistics, with small groups suppressed.

Groups are blocks of the public calendar, the same for every study: records of a block count whether
or not the study's periods hold their day, so that no boundary of a period moves a record.

A mean stands for a group of at least `min_group` records, a quantile only where at least that
many records lie on each side of it (or else it would be one record's value), and no group stands
whose complement within a published group is smaller. Values have three significant digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.identifiers import row_id
from geo.evidence.tables.places import blocks, dated, last_years
from geo.evidence.tables.published import EXPOSURES_BY_CORRIDOR
from geo.parameters import load
from geo.sources.fitting import OUTSIDE_PERIODS
from geo.study import stream

COMPONENTS = {
    "slope_deg": "degree",
    "border_km": "km",
    "road_km": "km",
    "energy_mj": "MJ",
    "hours": "h",
    "water_l": "L",
    "core_c": "degC",
    "hardness": "1",
    "seen": "1",
}
"""Column of the exposures = unit."""
GROUPED = (
    "hardship_by_block",
    "hardness_by_corridor",
    "hardness_fifths",
    "exposures_by_corridor_block",
)
"""Public tables of statistics over groups of records."""
QUANTILES = {"median": 0.5, "q05": 0.05, "q95": 0.95}
"""Definition: name of a published statistic and the share of records below it."""
LAND = {"hardship": "energy_mj"}
"""Coarse raster = the component whose distribution over the land it gives."""
RESAMPLES = int(load("battery")["bootstrap_resamples"].value)
BLANK = {"value": None, "low": None, "high": None}


def by_block(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise exposures by block of years for all records, for GPS-class ones, and for the land.

    Returns
    -------
    DataFrame
        `hardship_by_block`; `low` and `high` of a mean are the 95 % percentile interval of
        1,000 bootstrap resamples of records (Efron and Tibshirani 1993, section 13.3).
    DataFrame
        `id`, `death_id`: which record stands in which group (restricted).
    """
    name = "hardship_by_block"
    placed = used(findings)
    rows: list[dict[str, Any]] = []
    members: list[pd.DataFrame] = []
    for block, years in _blocks(findings).items():
        inside = placed[placed["block"] == block]
        for component, unit in COMPONENTS.items():
            valid = _known(findings, inside, component)
            gps = valid[valid["precision_class"] == "gps"]
            floor = findings.study.privacy.min_group
            rest_shows = 0 < len(valid) - len(gps) < floor
            for group, frame in (("all", valid), ("gps", gps)):
                if frame.empty:
                    continue
                hidden = group == "gps" and rest_shows
                key = (block, group, component)
                rows += [
                    {
                        **years,
                        "group": group,
                        "component": component,
                        "unit": unit,
                        "records_class": records.rounded_class(len(frame)),
                        "row_id": row_id(name, *key, stat["statistic"]),
                        "parents": f"{parents} {_group(key)}".strip(),
                        **stat,
                    }
                    for stat in _statistics(findings, frame[component], key, hidden=hidden)
                ]
                members.append(_members(_group(key), frame["death_id"]))
        rows += _land(findings, years, parents)
    table = records.TABLES[name]
    frame = table.conform(pd.DataFrame(rows)) if rows else table.empty()
    return frame, _stack(members)


def by_corridor(findings: Findings, parents: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Summarise exposures by corridor and block: mean, and median where groups allow it."""
    placed = used(findings)
    floor = findings.study.privacy.min_group
    shown = _blocks(findings)
    rows: list[dict[str, Any]] = []
    members: list[pd.DataFrame] = []
    for component, unit in COMPONENTS.items():
        valid = _known(findings, placed[placed["block"].isin(list(shown))], component)
        hidden = _hidden(valid, floor)
        groups: Any = valid.groupby(["corridor", "block"], sort=True)
        for (corridor, block), frame in groups:
            key = (str(corridor), str(block), component)
            for statistic, value in _plain(frame[component], floor, hide=key[:2] in hidden):
                rows.append(
                    {
                        "corridor": corridor,
                        **shown[str(block)],
                        "component": component,
                        "statistic": statistic,
                        **BLANK,
                        "value": value,
                        "unit": unit,
                        "records_class": records.rounded_class(len(frame)),
                        "row_id": row_id(EXPOSURES_BY_CORRIDOR.name, *key, statistic),
                        "parents": f"{parents} {_group(key)}".strip(),
                    }
                )
            members.append(_members(_group(key), frame["death_id"]))
    table = EXPOSURES_BY_CORRIDOR
    return (table.conform(pd.DataFrame(rows)) if rows else table.empty()), _stack(members)


def used(findings: Findings) -> pd.DataFrame:
    """Return the exposures of records whose place may be used, whatever the study's periods.

    Returns
    -------
    DataFrame
        Contract `exposures` with `found_year` and `block`, up to the last calendar year that each
        source covers whole.
    """
    deaths = dated(findings)
    exposures = findings.table("exposures")
    if deaths.empty:
        return exposures.iloc[:0].assign(found_year=[], block=[])
    reason = deaths["exclusion_reason"]
    deaths = deaths[deaths["place_ok"] & (reason.isna() | (reason == OUTSIDE_PERIODS))]
    year = deaths["found_on"].dt.year
    whole = year <= deaths["source_id"].map(last_years(findings))
    found = dict(zip(deaths["death_id"][whole], year[whole].astype(int), strict=True))
    exposures = exposures[exposures["death_id"].isin(found)]
    years = [found[d] for d in exposures["death_id"]]
    return exposures.assign(found_year=years, block=[records.block_name(y) for y in years])


def _blocks(findings: Findings) -> dict[str, dict[str, Any]]:
    """Return block = its columns, for the blocks that the study's periods touch."""
    last = max(last_years(findings).values(), default=0)
    found = {}
    for block in blocks(findings):
        first, end = records.block_years(block)
        if first <= last:
            found[block] = {"block": block, "first_year": first, "last_year": min(end, last)}
    return found


def _known(findings: Findings, frame: pd.DataFrame, component: str) -> pd.DataFrame:
    """Return the records that have a component; of views only blocks that the study knows whole."""
    frame = frame[frame[component].notna()]
    if component != "seen":
        return frame
    known = set(findings.study.years)
    whole = {
        block
        for block, years in _blocks(findings).items()
        if known >= set(range(years["first_year"], years["last_year"] + 1))
    }
    return frame[frame["block"].isin(whole)]


def _hidden(frame: pd.DataFrame, floor: int) -> set[tuple[str, str]]:
    """Return the corridors and blocks to suppress.

    Those under the floor, and in each block, where they and the records outside every corridor
    together are fewer than the floor, the next larger ones too: else subtracting the published
    ones from the block's own mean would leave those few.
    """
    hidden: set[tuple[str, str]] = set()
    for block, inside in frame.groupby("block", sort=True):
        sizes = inside.groupby("corridor").size().sort_values(kind="stable")
        total = int(inside["corridor"].isna().sum())
        pairs: list[tuple[Any, int]] = list(sizes.items())
        for corridor, n in pairs:
            if n >= floor and (total == 0 or total >= floor):
                break
            hidden.add((str(corridor), str(block)))
            total += int(n)
    return hidden


def _plain(values: pd.Series, floor: int, *, hide: bool) -> Iterator[tuple[str, float | None]]:
    hide = hide or len(values) < floor
    yield "mean", None if hide else significant(float(values.mean()))
    if len(values) >= 2 * floor:
        yield "median", None if hide else significant(float(values.median()))


def _statistics(
    findings: Findings, values: pd.Series, key: tuple[str, ...], *, hidden: bool
) -> Iterator[dict[str, Any]]:
    floor = findings.study.privacy.min_group
    sample = values.to_numpy(float)
    if hidden or len(sample) < floor:
        yield {"statistic": "mean", **BLANK}
        return
    rng = stream(findings.study.seed, "/".join(("evidence", "hardship", *key)))
    low, high = interval(sample, rng)
    yield {
        "statistic": "mean",
        "value": significant(sample.mean()),
        "low": significant(low),
        "high": significant(high),
    }
    for name, q in QUANTILES.items():
        if len(sample) * min(q, 1 - q) >= floor:
            yield {"statistic": name, **BLANK, "value": significant(np.quantile(sample, q))}


def interval(sample: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % percentile interval of a mean over resamples of records."""
    picks = rng.integers(0, len(sample), (RESAMPLES, len(sample)), dtype=np.int32)
    low, high = np.quantile(sample[picks].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def _land(findings: Findings, years: dict[str, Any], parents: str) -> Iterator[dict[str, Any]]:
    """Give the distribution of a component over the land, from the coarse rasters."""
    for name, component in LAND.items():
        array = findings.rasters.get(name)
        if array is None:
            continue
        values = np.asarray(array.values, float)
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        numbers = {"mean": float(values.mean())}
        numbers |= {s: float(np.quantile(values, q)) for s, q in QUANTILES.items()}
        for statistic, value in numbers.items():
            yield {
                **years,
                "group": "land",
                "component": component,
                "statistic": statistic,
                **BLANK,
                "value": significant(value),
                "unit": COMPONENTS[component],
                "records_class": "0",
                "row_id": row_id("hardship_by_block", years["block"], "land", component, statistic),
                "parents": parents,
            }


def significant(value: float, digits: int = 3) -> float:
    """Round to significant digits."""
    return float(f"{value:.{digits}g}")


def _group(key: Iterable[object]) -> str:
    return row_id("hardship_by_block", "group", *key).replace("hard-", "group-")


def _members(group: str, deaths: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"id": group, "death_id": deaths.to_numpy(object)}, dtype=object)


def _stack(members: list[pd.DataFrame]) -> pd.DataFrame:
    if not members:
        return pd.DataFrame({"id": [], "death_id": []}, dtype=object)
    return pd.concat(members, ignore_index=True)
