"""Deaths in view of an active tower, against three expectations.

A count near towers means nothing without what would have been there anyway. In this order: the
same ground before activation, corridor totals fixed; modelled movement before towers; placebo
towers matched on it. Only the first compares with the past and may speak of change; the other two
describe where towers stand, and their sentences say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from geo.grid import cell_index, grid_of
from geo.inference.poisson import Array
from geo.inference.rows import Estimate, p_words, ratio_words
from geo.parameters import load
from geo.records import MIN_GROUP

BEFORE = "ratio: recorded deaths in view over those expected from the same ground before activation"
ROUTES = "ratio: recorded deaths in view over those expected from modelled movement before towers"
PLACEBO = "ratio: recorded deaths in view over the mean of matched placebo towers"


@dataclass(frozen=True)
class Located:
    """Records on the grid: cell, corridor and year index, and persons; one entry a record."""

    cell: Array
    unit: Array
    year: Array
    persons: Array

    def of(self, keep: Array) -> Located:
        """Return some of the records."""
        return Located(self.cell[keep], self.unit[keep], self.year[keep], self.persons[keep])


def in_view_deaths(
    deaths: gpd.GeoDataFrame,
    placed: pd.DataFrame,
    ground: xr.Dataset,
    in_view: Mapping[str, xr.DataArray],
    *,
    density: xr.DataArray | None = None,
    placebos: Iterable[xr.DataArray] = (),
    suffix: str = "",
    parents: str = "",
) -> list[Estimate]:
    """Compare deaths in view with what would be expected.

    Parameters
    ----------
    deaths, placed
        Records and their classes (`place_records`); the main analysis is given records placed by
        GPS and recovered within a week of death, the sensitivity all of them.
    ground
        From `classify_ground`.
    in_view
        Group (all, a programme, a range class, one study year) to (year, y, x) share of the year
        in view of an active tower of that group.
    density
        (y, x) pre-tower route density; the second expectation is left out without it.
    placebos
        (year, y, x) coverage of each set of placebo towers, matched on route density; consumed one
        at a time and kept nowhere.
    suffix, parents
        Appended to the name of each row; identifiers of the inputs.

    Returns
    -------
    list of Estimate
        For each group up to three rows. Groups with fewer than 5 deaths in view carry no number.
    """
    sets = list(in_view.items())
    years = sets[0][1]["year"].values if sets else np.array([], int)
    records = _locate(deaths, placed, ground, years)
    rows = []
    for name, view in sets:
        share = _flat(view)
        label = f"in_view.{name}"
        rows.append(_before(label + ".before" + suffix, records, share, ground, parents))
        if density is not None:
            rows.append(_routes(label + ".routes" + suffix, records, share, ground, density,
                                parents))  # fmt: skip
    if sets:
        share = _flat(sets[0][1])
        row = _placebo(f"in_view.{sets[0][0]}.placebo" + suffix, records, share, placebos, parents)
        rows.extend([row] if row is not None else [])
    return rows


def _locate(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, ground: xr.Dataset, years: Array
) -> Located:
    grid = grid_of(ground["score"])
    points = deaths.geometry.to_crs(str(grid.crs))
    row, col, inside = cell_index(grid, points.x, points.y)
    index = pd.Index(years).get_indexer(pd.Index(placed["year"]))
    usable = inside & (index >= 0) & (placed["unit"].to_numpy(int) >= 0)
    usable &= deaths["place_ok"].to_numpy(bool) & deaths["date_ok"].to_numpy(bool)
    return Located(
        row * grid.shape[1] + col,
        placed["unit"].to_numpy(int),
        index,
        deaths["persons"].to_numpy(float),
    ).of(usable)


def _seen(records: Located, share: Array) -> float:
    """Deaths in view: persons times the share of their year in which their cell was seen."""
    seen = np.nan_to_num(share[records.year, records.cell].astype(float))
    return float((records.persons * seen).sum())


def _flat(view: xr.DataArray) -> Array:
    """(year, cell) without a copy: the raster of a whole study is the largest thing here."""
    return np.asarray(view.values).reshape(view.shape[0], -1)


def _before(
    name: str, records: Located, share: Array, ground: xr.Dataset, parents: str
) -> Estimate:
    """Expect what the same ground held in the corridor's years before its first coverage."""
    observed, expected = [], []
    for unit in range(len(ground.attrs["units"])):
        own = records.of(records.unit == unit)
        cells = np.flatnonzero(ground["unit"].values.ravel() == unit)
        active = np.array([bool(np.nan_to_num(layer[cells]).any()) for layer in share])
        if not active.any() or not len(own.cell):
            continue
        past, then = own.of(own.year < int(np.argmax(active))), own.of(active[own.year])
        if past.persons.sum() < MIN_GROUP:
            continue
        earlier = np.nan_to_num(share[:, past.cell].astype(float))
        rate = (past.persons * earlier).sum(axis=1) / past.persons.sum()
        total = np.bincount(then.year, then.persons, len(share))
        observed.append(_seen(then, share))
        expected.append(float((total * rate).sum()))
    return _ratio_row(name, BEFORE, np.array(observed), np.array(expected), parents, change=True)


def _routes(
    name: str,
    records: Located,
    share: Array,
    ground: xr.Dataset,
    density: xr.DataArray,
    parents: str,
) -> Estimate:
    """Expect deaths to fall as modelled movement before towers does."""
    mass = np.nan_to_num(np.asarray(density.values, float)).clip(0.0).ravel()
    observed, expected = [], []
    for unit in range(len(ground.attrs["units"])):
        own = records.of(records.unit == unit)
        cells = np.flatnonzero(ground["unit"].values.ravel() == unit)
        walked = mass[cells].sum()
        covered = np.array([float(np.nan_to_num(v[cells]) @ mass[cells]) for v in share])
        if walked <= 0 or not covered.any():
            continue
        total = np.bincount(own.year, own.persons, len(share))
        observed.append(_seen(own, share))
        expected.append(float((total * covered / walked).sum()))
    return _ratio_row(name, ROUTES, np.array(observed), np.array(expected), parents, change=False)


def _placebo(
    name: str, records: Located, share: Array, placebos: Iterable[xr.DataArray], parents: str
) -> Estimate | None:
    counts = np.array([_seen(records, _flat(p)) for p in placebos])
    if not len(counts):
        return None
    observed = _seen(records, share)
    row = Estimate(name, PLACEBO, parents=parents, level="L0")
    if observed < MIN_GROUP or counts.mean() <= 0:
        return row.says("Too few recorded deaths in view to compare with placebo towers.")
    far = np.abs(np.log(np.maximum(counts, 0.5) / counts.mean()))
    p = (1.0 + (far >= abs(np.log(observed / counts.mean()))).sum()) / (1.0 + len(counts))
    low, high = np.quantile(observed / np.maximum(counts, 0.5), [0.025, 0.975])
    found = Estimate(
        name, PLACEBO, observed / float(counts.mean()), float(low), float(high), float(p),
        f"{len(counts)} sets of placebo towers matched on route density", round(observed),
        level="L0", parents=parents,
    )  # fmt: skip
    return found.says(
        f"Deaths in view were {ratio_words(found.estimate or 0)} times those in view of matched "
        f"placebo towers ({p_words(float(p))}). This describes where towers stand, not a change."
    )


def _ratio_row(
    name: str, estimand: str, observed: Array, expected: Array, parents: str, *, change: bool
) -> Estimate:
    """Ratio of sums with a jackknife over corridors on the log scale."""
    row = Estimate(name, estimand, parents=parents, level="L1" if change else "L0")
    if not len(observed) or observed.sum() < MIN_GROUP or expected.sum() <= 0:
        return row.says(
            "Fewer than five recorded deaths in view, or no years before activation to compare "
            "with: no ratio is given.",
            "L0",
        )
    ratio = observed.sum() / expected.sum()
    low = high = p = None
    words = None
    used = int((expected > 0).sum())
    if used >= int(load("inference")["min_clusters"].value):
        left = np.array(
            [
                (observed.sum() - o) / max(expected.sum() - e, 1e-9)
                for o, e in zip(observed, expected, strict=True)
                if e > 0
            ]
        )
        spread = np.log(np.maximum(left, 1e-9)) - np.log(ratio)
        se = float(np.sqrt((used - 1) / used * (spread**2).sum()))
        half = float(stats.t.ppf(0.975, used - 1)) * se
        low, high = float(ratio * np.exp(-half)), float(ratio * np.exp(half))
        p = float(2 * stats.t.sf(abs(np.log(ratio)) / se, used - 1)) if se > 0 else None
        words = f"t distribution with {used - 1} degrees of freedom, jackknife over corridors"
    filled = Estimate(
        name, estimand, float(ratio), low, high, p, words, round(float(observed.sum())), used,
        level=row.level, parents=parents,
    )  # fmt: skip
    span = "" if low is None or high is None else f" ({ratio_words(low)} to {ratio_words(high)})"
    if change:
        return filled.says(
            f"Once in view, ground held {ratio_words(float(ratio))}{span} times the recorded "
            "deaths expected from the same ground before, corridor totals fixed."
        )
    return filled.says(
        f"Ground in view held {ratio_words(float(ratio))}{span} times the recorded deaths expected "
        "from modelled movement before towers. This describes where towers stand, not a change."
    )
