"""Deaths in view of an active tower, against three expectations.

A count near towers means nothing without what would have been there anyway. In this order: the
same ground before activation, corridor totals fixed; modelled movement before towers; placebo
towers matched on it. Only the first compares with the past and may speak of change; the other two
describe where towers stand, and their sentences say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from geo.funnel import dose as dose_of
from geo.grid import cell_index, grid_of
from geo.inference.estimation.rows import Estimate, p_words, ratio_words, tails
from geo.inference.registered.inputs import InView
from geo.parameters import load
from geo.records import MIN_GROUP
from geo.typing import Array

BEFORE = "ratio: recorded deaths in view over those expected from the same ground before activation"
ROUTES = "ratio: recorded deaths in view over those expected from modelled movement before towers"
PLACEBO = "ratio: recorded deaths in view over the mean of matched placebo towers"


@dataclass(frozen=True)
class LocatedRecords:
    """Records by corridor, persons and year index, (record,) each; -1 is outside the study."""

    unit: Array
    persons: Array
    years: Array


def look(
    deaths: gpd.GeoDataFrame,
    ground: xr.Dataset,
    view: xr.DataArray,
    density: xr.DataArray | None = None,
) -> InView:
    """Read what a group of towers saw from a surface, a layer at a time.

    Parameters
    ----------
    deaths
        Records of the contract `deaths`.
    ground
        From `classify_ground`.
    view
        (year, y, x) share of the year in view of an active tower of the group.
    density
        (y, x) pre-tower route density.

    Returns
    -------
    InView
        Share of the year in which each record was in view (year, record), and of each corridor.

    Raises
    ------
    GridError
        If the rasters do not share a metric grid.

    Examples
    --------
    >>> from geo import examples, inference
    >>> view = inference.look(examples.deaths(), examples.ground(), examples.in_view())
    >>> view.seen.shape
    (12, 60)
    """
    grid = grid_of(ground["score"])
    points = deaths.geometry.to_crs(str(grid.crs))
    row, col, inside = cell_index(grid, points.x, points.y)
    labels = ground["unit"].assign_attrs(names=list(ground.attrs["units"]))
    at = np.stack([np.nan_to_num(np.asarray(v.values)[row, col]) * inside for v in view])
    table = dose_of(view, density, labels)
    wide = [
        table.pivot_table(index="corridor", columns="year", values=c)
        .reindex(index=labels.attrs["names"], columns=view["year"].values)
        .to_numpy(float)
        for c in ("area_share", "dose")
    ]
    return InView(at, wide[0], None if density is None else wide[1])


def locate(deaths: gpd.GeoDataFrame, placed: pd.DataFrame, years: Sequence[int]) -> LocatedRecords:
    """Say in which corridor and study year every record lies.

    Parameters
    ----------
    deaths, placed
        Records and their classes (`place_records`).
    years
        Study years.
    """
    year = placed["year"].to_numpy(int)
    fit = deaths["place_ok"].to_numpy(bool) & deaths["date_ok"].to_numpy(bool)
    fit &= placed["unit"].to_numpy(int) >= 0
    known = fit & (year >= years[0]) & (year <= years[-1])
    index = np.where(known, year - years[0], -1)
    return LocatedRecords(placed["unit"].to_numpy(int), deaths["persons"].to_numpy(float), index)


def in_view_deaths(
    records: LocatedRecords,
    in_view: Mapping[str, InView],
    *,
    placebos: Array | None = None,
    parents: str = "",
) -> list[Estimate]:
    """Compare deaths in view with what would be expected.

    Parameters
    ----------
    records
        From `locate`: records placed by GPS and recovered within a week of death.
    in_view
        Group (all towers first, a programme, a range class) to what it saw.
    placebos
        (set, year, record) share of the year in which each set of placebo towers had each record
        in view; it exists in memory only.
    parents
        Identifiers of the inputs.

    Returns
    -------
    list of Estimate
        For each group up to two rows, and one for placebo towers. Groups with fewer than 5 deaths
        in view carry no number.
    """
    rows: list[Estimate] = []
    for number, (name, view) in enumerate(in_view.items()):
        label = f"in_view.{name}"
        before = _before(records, view)
        rows.append(_ratio_row(f"{label}.before", BEFORE, before, parents, change=True))
        if view.routes is not None:
            counts = _routes(records, view)
            rows.append(_ratio_row(f"{label}.routes", ROUTES, counts, parents, change=False))
        if number == 0 and placebos is not None:
            rows.append(_placebo(f"{label}.placebo", records, view, placebos, parents))
    return rows


def _counts(records: LocatedRecords, share: Array, shape: tuple[int, int]) -> Array:
    """Persons by corridor and year, each times what it is given: (corridor, year)."""
    used = np.flatnonzero(records.years >= 0)
    out = np.zeros(shape)
    weight = records.persons[used] * share[used]
    np.add.at(out, (records.unit[used], records.years[used]), weight)
    return out


def _seen(records: LocatedRecords, at: Array) -> Array:
    """Share of its own year in which each record was in view: (record,)."""
    year = records.years
    return np.asarray(np.where(year >= 0, at[year, np.arange(len(year))], 0.0), float)


def _before(records: LocatedRecords, view: InView) -> Array:
    """Expect what the same ground held in the corridor's years before its first coverage.

    Returns
    -------
    (observed or expected, corridor); zero where fewer than five records came before the first
    coverage.
    """
    shape = (int(view.area.shape[0]), int(view.area.shape[1]))
    out = np.zeros((2, shape[0]))
    total = _counts(records, np.ones(len(records.years)), shape)
    observed = _counts(records, _seen(records, view.seen), shape)
    for unit in np.flatnonzero(view.area.any(axis=1)):
        active = view.area[unit] > 0
        past = (records.unit == unit) & (records.years >= 0)
        past &= records.years < int(np.argmax(active))
        persons = records.persons[past]
        if persons.sum() < MIN_GROUP:
            continue
        rate = view.seen[:, past] @ persons / persons.sum()
        out[0, unit] = observed[unit, active].sum()
        out[1, unit] = np.where(active, total[unit] * rate, 0.0).sum()
    return out


def _routes(records: LocatedRecords, view: InView) -> Array:
    """Expect deaths to fall as modelled movement before towers does; as `_before`."""
    assert view.routes is not None  # noqa: S101 - asked by the caller
    shape = (int(view.area.shape[0]), int(view.area.shape[1]))
    covered: Array = np.any(view.routes > 0, axis=1, keepdims=True)
    seen = _counts(records, _seen(records, view.seen), shape)
    total = _counts(records, np.ones(len(records.years)), shape)
    return np.stack([(seen * covered).sum(axis=1), (total * view.routes).sum(axis=1)])


def _placebo(
    name: str, records: LocatedRecords, view: InView, placebos: Array, parents: str
) -> Estimate:
    counts = np.array([_seen(records, p) @ records.persons for p in placebos])
    observed = float(_seen(records, view.seen) @ records.persons)
    row = Estimate(name, PLACEBO, parents=parents, level="L0")
    if observed < MIN_GROUP or counts.mean() <= 0:
        return row.says("Too few recorded deaths in view to compare with placebo towers.")
    far = np.abs(np.log(np.maximum(counts, 0.5) / counts.mean()))
    p = (1.0 + (far >= abs(np.log(observed / counts.mean()))).sum()) / (1.0 + len(counts))
    low, high = np.quantile(observed / np.maximum(counts, 0.5), tails())
    found = Estimate(
        name, PLACEBO, observed / float(counts.mean()), float(low), float(high), float(p),
        f"{len(counts)} sets of placebo towers on matched ground", round(observed),
        level="L0", parents=parents,
    )  # fmt: skip
    return found.says(
        f"Deaths in view were {ratio_words(found.estimate or 0)} times those in view of matched "
        f"placebo towers ({p_words(float(p))}). This describes where towers stand, not a change."
    )


def _ratio_row(name: str, estimand: str, counts: Array, parents: str, *, change: bool) -> Estimate:
    """Ratio of the sums of (observed or expected, corridor), jackknifed on the log scale."""
    row = Estimate(name, estimand, parents=parents, level="L1" if change else "L0")
    observed, expected = counts
    if observed.sum() < MIN_GROUP or expected.sum() <= 0:
        return row.says(
            "Fewer than five recorded deaths in view, or no years before activation to compare "
            "with: no ratio is given.",
            "L0",
        )
    ratio = float(observed.sum() / expected.sum())
    used = int((expected > 0).sum())
    filled = replace(row, estimate=ratio, n=round(float(observed.sum())), clusters=used)
    se = _log_error(counts, used)
    span = ""
    if se is not None:
        half = float(stats.t.ppf(tails()[1], used - 1)) * se
        low, high = ratio * float(np.exp(-half)), ratio * float(np.exp(half))
        words = f"t distribution with {used - 1} degrees of freedom, jackknife over corridors"
        p = float(2 * stats.t.sf(abs(np.log(ratio)) / se, used - 1))
        filled = replace(filled, low=low, high=high, p=p, reference_set=words)
        span = f" ({ratio_words(low)} to {ratio_words(high)}; {p_words(p)})"
    if change:
        return filled.says(
            f"Once in view, ground held {ratio_words(ratio)} times the recorded deaths expected "
            f"from the same ground before, corridor totals fixed{span}."
        )
    return filled.says(
        f"Ground in view held {ratio_words(ratio)} times the recorded deaths expected from "
        f"modelled movement before towers{span}. This describes where towers stand, not a change."
    )


def _log_error(counts: Array, used: int) -> float | None:
    """Return the error of the log ratio; None where corridors are too few or do not differ."""
    if used < int(load("inference")["min_clusters"].value):
        return None
    observed, expected = counts
    whole = np.log(observed.sum() / expected.sum())
    left = np.array(
        [
            np.log(max(observed.sum() - o, 1e-9) / max(expected.sum() - e, 1e-9))
            for o, e in zip(observed, expected, strict=True)
            if e > 0
        ]
    )
    variance = (used - 1) / used * float(((left - whole) ** 2).sum())
    return float(np.sqrt(variance)) if variance > 0 else None
