"""Made-up records with a known effect on real land: `[planted]` in a study.

Places come from the smoothed intensity of records before the first tower, never from records: a
place is drawn in a cell, the cell from a surface, and each attribute by itself. Numbers keep the
smoothed totals of corridors and years; within them, bins of hardness shift by the planted ratio
and by shocks as large as those before the first tower.
"""

from __future__ import annotations

import hashlib

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.funnel import hardness_bins
from geo.grid import LONLAT, cell_centres, cell_index, grid_of
from geo.parameters import load
from geo.records import DEATHS
from geo.sources.vocabulary import death_bounds
from geo.synthetic.planted_intensity import (
    Expected,
    Floats,
    Ints,
    Planting,
    expect,
    study_years,
    usable,
)

TOGETHER = (("cause_class", "cause_ok"), ("pmi_class",), ("sex",), ("age_years",), ("identified",),
            ("persons",))  # fmt: skip
"""Columns drawn from the marginals of all records; those in one bracket say one thing."""
PRECISION = ("precision_class", "precision_m", "precision_basis")
"""Drawn from the records of the same study year: places became better known."""
TRIES = 100
"""Numerical: draws of a recorded place before it is left where the person died."""


def plant(recorded: gpd.GeoDataFrame, on: Planting, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw made-up records.

    Parameters
    ----------
    recorded
        Records of the contract `deaths`, fitted to the study. Those that may be placed and dated
        give intensity, totals and marginals; no row, key, place or date of theirs is kept.
    on
        The land and what is planted.
    rng
        Other generators give other records.

    Returns
    -------
    GeoDataFrame
        Records of the contract `deaths`, EPSG:4326: all placed and dated.
    """
    used = usable(recorded)
    expected = expect(used, on)
    numbers = rng.poisson(_shaken(expected, rng))
    truth = _place(numbers, expected.surface, on, rng)
    return _record(truth, used, on, rng)


def _shaken(expected: Expected, rng: np.random.Generator) -> Floats:
    """Give every corridor, bin and year its shock; totals stay those expected."""
    shock = np.exp(expected.shock_sd * rng.standard_normal(expected.mean.shape))
    shaken = expected.mean * shock
    total = np.maximum(shaken.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.asarray(shaken * expected.mean.sum(axis=1, keepdims=True) / total)


def _place(numbers: Ints, surface: Floats, on: Planting, rng: np.random.Generator) -> pd.DataFrame:
    """Give every death a spot of its own: corridor, year, x, y in the grid's CRS."""
    cells = hardness_bins(on.hardness, on.labels, on.bins).values
    known = np.flatnonzero(cells.ravel() >= 0)
    bins, grid = on.bins, grid_of(on.labels)
    group = on.labels.values.ravel()[known].astype(np.int64) * bins + cells.ravel()[known]
    order = np.argsort(group, kind="stable")
    known, group = known[order], group[order]
    start = np.searchsorted(group, np.arange(numbers.shape[0] * bins + 1))
    total = np.concatenate([[0.0], np.cumsum(surface.ravel()[known])])
    unit, number, year = (np.repeat(i.ravel(), numbers.ravel()) for i in np.indices(numbers.shape))
    wanted = unit * bins + number
    low, high = total[start[wanted]], total[start[wanted + 1]]
    at = np.searchsorted(total, low + rng.random(wanted.size) * (high - low), "right") - 1
    at = np.clip(at, start[wanted], start[wanted + 1] - 1)
    row, col = np.divmod(known[at], grid.shape[1])
    x, y = cell_centres(grid)
    half = 0.5 * float(grid.resolution.x)
    return pd.DataFrame(
        {
            "corridor": unit,
            "year": year + on.years[0],
            "x": x[col] + rng.uniform(-half, half, wanted.size),
            "y": y[row] + rng.uniform(-half, half, wanted.size),
        }
    )


def _record(
    truth: pd.DataFrame, used: gpd.GeoDataFrame, on: Planting, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Make records of deaths: attributes one by one, the place blurred, time until the report."""
    out = _attributes(truth["year"].to_numpy(), used, on, rng)
    x, y = _blurred(truth, out["precision_m"].fillna(0.0).to_numpy(float), on, rng)
    died = _day(truth["year"].to_numpy(), used, rng)
    out["found_on"] = died + pd.to_timedelta(_passed(out["pmi_class"], rng), unit="D")
    out["death_earliest"], out["death_latest"] = death_bounds(out["found_on"], out["pmi_class"])
    names = np.asarray(on.labels.attrs["names"], dtype=object)
    out["corridor"] = names[truth["corridor"].to_numpy()]
    out["land_manager"], out["exclusion_reason"] = None, None
    out["place_ok"], out["date_ok"], out["source_id"] = True, True, on.source_id
    crs = str(grid_of(on.labels).crs)
    points = gpd.points_from_xy(x, y, crs=crs).to_crs(LONLAT)
    table = gpd.GeoDataFrame(out, geometry=points, crs=LONLAT)
    table = table[table["found_on"] <= on.last_day]
    table = table.sort_values("found_on", kind="stable", ignore_index=True)
    table["source_row"] = np.arange(1, len(table) + 1)
    key = f"{on.source_id} {rng.integers(2**63)}"
    table["death_id"] = [
        hashlib.sha256(f"{key} {n}".encode()).hexdigest()[:16] for n in table["source_row"]
    ]
    conformed: gpd.GeoDataFrame = DEATHS.conform(table)
    return conformed


def _attributes(
    years: Ints, used: gpd.GeoDataFrame, on: Planting, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw every attribute by itself, so that no record is that of a person."""
    plain = pd.DataFrame(used.drop(columns="geometry"))
    parts = []
    for columns in TOGETHER:
        at = rng.integers(len(plain), size=len(years))
        parts.append(plain[list(columns)].iloc[at].reset_index(drop=True))
    recorded = study_years(plain["death_latest"].fillna(plain["found_on"]))
    at = np.zeros(len(years), np.int64)
    for year in on.years:
        mine = np.flatnonzero(years == year)
        pool = np.flatnonzero(recorded == year)
        if not pool.size:
            pool = np.arange(len(plain))
        at[mine] = rng.choice(pool, mine.size)
    parts.append(plain[list(PRECISION)].iloc[at].reset_index(drop=True))
    return pd.concat(parts, axis=1)


def _blurred(
    truth: pd.DataFrame, radius: Floats, on: Planting, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move each place within its radius, nearer more often, on the ground of some corridor."""
    grid, labels = grid_of(on.labels), on.labels.values
    x, y = truth["x"].to_numpy().copy(), truth["y"].to_numpy().copy()
    waiting = np.flatnonzero(radius > 0)
    for _ in range(TRIES):
        angle = rng.uniform(0.0, 2.0 * np.pi, waiting.size)
        far = radius[waiting] * rng.random(waiting.size)
        new_x = truth["x"].to_numpy()[waiting] + far * np.cos(angle)
        new_y = truth["y"].to_numpy()[waiting] + far * np.sin(angle)
        row, col, inside = cell_index(grid, new_x, new_y)
        right = inside & (labels[row, col] >= 0)
        x[waiting[right]], y[waiting[right]] = new_x[right], new_y[right]
        waiting = waiting[~right]
        if not waiting.size:
            break
    return x, y


def _day(years: Ints, used: gpd.GeoDataFrame, rng: np.random.Generator) -> pd.Series:
    """Draw days in study years: the month from the records of all years, the day evenly."""
    month = rng.choice(used["found_on"].dt.month.to_numpy(), len(years))
    first = pd.to_datetime(pd.DataFrame({"year": years, "month": month, "day": 1}))
    return first + pd.to_timedelta(
        np.floor(rng.random(len(years)) * first.dt.days_in_month.to_numpy()), unit="D"
    )


def _passed(pmi: pd.Series, rng: np.random.Generator) -> Floats:
    """Draw whole days from death to report within the class; unknown is the same day (assumed)."""
    bounds = load("recorded_deaths")["pmi_days"].value
    beyond = float(load("inference")["pmi_longer_mean"].value)
    low = pmi.map(lambda c: float(bounds[c][0])).to_numpy(float)
    high = pmi.map(lambda c: float(bounds[c][1] or bounds[c][0])).to_numpy(float)
    within = low + rng.random(len(pmi)) * (high - low)
    longer = (pmi == "longer").to_numpy()
    within[longer] += rng.exponential(beyond, int(longer.sum()))
    return np.asarray(np.floor(within), float)
