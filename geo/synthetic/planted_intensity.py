"""What made-up records are drawn from: smoothed intensity, totals and shocks of recorded ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from geo.funnel import bin_scores, hardness_bins
from geo.grid import cell_index, grid_of
from geo.parameters import load
from geo.records import DEATH_CELL_M
from geo.typing import Floats

Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Planting:
    """What records are planted on.

    Attributes
    ----------
    hardness, labels
        (y, x) `geo.funnel.hardness` and `geo.funnel.corridor_labels`.
    bins
        Bins of hardness within a corridor.
    dose
        Columns corridor, year, dose; what is missing is 0.
    years
        Study years, consecutive.
    pre_tower
        Half-open interval before the first tower.
    rate_ratio
        Ratio of rate ratios per unit dose and standard deviation of hardness.
    last_day
        No record is reported later.
    source_id
        Of the made-up records.
    """

    hardness: xr.DataArray
    labels: xr.DataArray
    bins: int
    dose: pd.DataFrame
    years: Sequence[int]
    pre_tower: tuple[pd.Timestamp, pd.Timestamp]
    rate_ratio: float
    last_day: pd.Timestamp
    source_id: str


@dataclass(frozen=True)
class Expected:
    """Expected numbers, and what they are made of.

    Attributes
    ----------
    mean
        (corridor, bin, year) without shocks; sums over bins are the smoothed totals.
    shock_sd
        Standard deviation of log shocks of one corridor, bin and year.
    surface
        (y, x) relative intensity before the first tower, 0 outside corridors.
    """

    mean: Floats
    shock_sd: float
    surface: Floats


def usable(recorded: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the records that may be placed and dated."""
    fit = recorded["place_ok"].astype(bool) & recorded["date_ok"].astype(bool)
    kept: gpd.GeoDataFrame = recorded[fit & recorded["exclusion_reason"].isna()]
    return kept


def expect(used: gpd.GeoDataFrame, on: Planting) -> Expected:
    """Return expected numbers by corridor, bin and year, and the size of their shocks."""
    row, col, inside = _cells(used, on.labels)
    cells = hardness_bins(on.hardness, on.labels, on.bins).values
    corridors = len(on.labels.attrs["names"])
    unit = np.where(inside, on.labels.values[row, col], -1)
    here = inside & (cells[row, col] >= 0)
    early = (used["found_on"] >= on.pre_tower[0]) & (used["found_on"] < on.pre_tower[1])
    surface = intensity(on.labels, cells >= 0, row, col, here & early.to_numpy())
    counts = np.zeros((corridors, on.bins, len(on.years)))
    year = study_years(used["death_latest"].fillna(used["found_on"])) - on.years[0]
    here &= (year >= 0) & (year < len(on.years))
    np.add.at(counts, (unit[here], cells[row, col][here], year[here]), 1)
    known = cells >= 0
    share = np.zeros((corridors, on.bins))
    np.add.at(share, (on.labels.values[known], cells[known]), surface[known])
    share /= np.maximum(share.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    total = _smooth(counts.sum(axis=1))
    tilt = np.log(on.rate_ratio) * _dose(on)[:, None, :] * bin_scores(on.bins)[None, :, None]
    shifted = share[:, :, None] * np.exp(tilt)
    shifted /= np.maximum(shifted.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return Expected(total[:, None, :] * shifted, shock_sd(counts[:, :, _before(on)]), surface)


def intensity(
    labels: xr.DataArray,
    known: NDArray[np.bool_],
    row: Ints,
    col: Ints,
    early: NDArray[np.bool_],
) -> Floats:
    """Smooth records before the first tower over the ground of corridors.

    A Gaussian kernel on blocks of cells, divided by the share of its mass that falls on known
    ground, so that edges keep their mass, and one further record spread evenly over each corridor.

    Parameters
    ----------
    labels
        (y, x) corridors.
    known
        (y, x) ground that has a bin.
    row, col, early
        Cells of records, and which of them are from before the first tower.

    Returns
    -------
    (y, x) expected records a cell, 0 outside.
    """
    settings = load("planting")
    side = float(grid_of(labels).resolution.x)
    reach = max(float(settings["smoothing_m"].value), DEATH_CELL_M)
    block = max(1, int(reach / float(settings["blocks_per_kernel"].value) / side))
    up, across = (np.arange(n) // block for n in known.shape)
    shape = (int(up[-1]) + 1, int(across[-1]) + 1)
    number, ground = np.zeros(shape), np.zeros(shape)
    np.add.at(number, (up[row[early]], across[col[early]]), 1.0)
    np.add.at(ground, (up[:, None], across[None, :]), known.astype(float))
    sigma = reach / (block * side)
    near = gaussian_filter(number, sigma, mode="constant")
    mass = gaussian_filter(ground, sigma, mode="constant")
    density = near / np.maximum(mass, np.finfo(float).tiny)
    surface = np.where(known, density[np.ix_(up, across)], 0.0)
    cells = np.bincount(labels.values[known], minlength=len(labels.attrs["names"]))
    even = float(settings["even_records"].value) / np.maximum(cells, 1)
    surface[known] += even[labels.values[known]]
    return surface


def shock_sd(counts: Floats) -> float:
    """Return the standard deviation of log shocks that counts before the first tower show.

    Moments of a mixed Poisson, Var = m + phi m^2, about the means that fix the
    totals of corridors by year and by bin; phi is that of a log-normal factor of mean 1.

    Parameters
    ----------
    counts
        (corridor, bin, year).

    Examples
    --------
    >>> shock_sd(np.full((1, 2, 3), 7.0))
    0.0
    """
    total = counts.sum(axis=(1, 2), keepdims=True)
    mean = counts.sum(axis=1, keepdims=True) * counts.sum(axis=2, keepdims=True)
    mean = mean / np.maximum(total, 1.0)
    some = mean > 0
    freedom = sum(
        max(int((c.sum(axis=1) > 0).sum()) - 1, 0) * max(int((c.sum(axis=0) > 0).sum()) - 1, 0)
        for c in counts
    )
    if not freedom:
        return 0.0
    pearson = float((((counts - mean)[some]) ** 2 / mean[some]).sum())
    exposed = float(mean[some].sum()) * freedom / int(some.sum())
    return float(np.sqrt(np.log1p(max(0.0, (pearson - freedom) / exposed))))


def _cells(used: gpd.GeoDataFrame, labels: xr.DataArray) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    grid = grid_of(labels)
    points = used.geometry.to_crs(str(grid.crs))
    return cell_index(grid, points.x.to_numpy(), points.y.to_numpy())


def study_years(when: pd.Series) -> Ints:
    """Calendar years of days; -1 without a date."""
    return np.asarray(when.dt.year.fillna(-1), np.int64)


def _before(on: Planting) -> NDArray[np.bool_]:
    """Study years that lie wholly before the first tower."""
    start, end = on.pre_tower
    return np.array(
        [pd.Timestamp(y, 1, 1) >= start and pd.Timestamp(y + 1, 1, 1) <= end for y in on.years]
    )


def _dose(on: Planting) -> Floats:
    table = on.dose.pivot_table(index="corridor", columns="year", values="dose")
    path = table.reindex(index=list(on.labels.attrs["names"]), columns=list(on.years)).fillna(0.0)
    return np.asarray(path, float)


def _smooth(total: Floats) -> Floats:
    """Weigh each year twice and its neighbours once: (corridor, year)."""
    wide = np.pad(total, ((0, 0), (1, 1)), mode="edge")
    return (wide[:, :-2] + 2.0 * wide[:, 1:-1] + wide[:, 2:]) / 4.0
