"""Classes of ground: corridor, hardness bin and view of every cell, and of the records on it.

Ground is classified once, from rasters that date from before the first tower; records only fall
into its classes.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.errors import ContractError
from geo.funnel import hardness_bins
from geo.grid import cell_index, grid_of, same_grid
from geo.parameters import load


def classify_ground(
    hardness: xr.DataArray,
    corridors: xr.DataArray,
    bins: int,
    seen: xr.DataArray | None = None,
) -> xr.Dataset:
    """Say of every cell to which corridor, hardness bin and ground its records belong.

    Parameters
    ----------
    hardness
        (y, x) standardised rank within corridors (`geo.funnel.hardness`), from before the first
        tower.
    corridors
        (y, x) labels with attribute `names` (`geo.funnel.corridor_labels`), and `systems`, the
        record system of each, where a study has several. Corridors whose dose was assigned
        together must be one corridor: it is the unit of interval and permutation.
    bins
        Number of bins of equal area.
    seen
        (y, x) or (year, y, x) share of time in view; ground whose share ever reaches
        `seen_share` is "in view by the end". None: no ground is.

    Returns
    -------
    xr.Dataset
        (y, x) `unit` index into attribute `units` (-1 outside), `bin` (-1 without hardness),
        `score` and `seen`.

    Raises
    ------
    ContractError
        If no cell of any corridor has hardness.

    Examples
    --------
    >>> from geo import examples, inference
    >>> hard, labels = examples.hard(), examples.labels()
    >>> ground = inference.classify_ground(hard, labels, 3, examples.in_view())
    >>> sorted(ground), ground.attrs["units"]
    (['bin', 'score', 'seen', 'unit'], ('West', 'East'))
    """
    label = hardness_bins(hardness, corridors, bins)
    values = label.values
    if not (values >= 0).any():
        raise ContractError(
            "no cell lies in a corridor and has hardness; check that corridors and area overlap"
        )
    end = np.zeros(values.shape, bool)
    if seen is not None:
        same_grid(hardness, seen)
        least = float(load("inference")["seen_share"].value)
        for layer in np.asarray(seen.values).reshape(-1, *values.shape):
            end |= layer >= least  # NaN never is
    dims = ("y", "x")
    systems = {k: tuple(v) for k, v in corridors.attrs.items() if k == "systems"}
    return xr.Dataset(
        {
            "unit": (
                dims,
                np.where(values >= 0, corridors.values, -1).astype(np.int16, copy=False),
            ),
            "score": (dims, hardness.values),
            "bin": (dims, values),
            "seen": (dims, end),
        },
        coords=hardness.coords,
        attrs={"units": tuple(map(str, corridors.attrs["names"])), "bins": bins} | systems,
    )


def recut(ground: xr.Dataset, placed: pd.DataFrame, bins: int) -> tuple[xr.Dataset, pd.DataFrame]:
    """Cut the ground of records into another number of bins of equal area.

    Parameters
    ----------
    ground, placed
        From `classify_ground` and `place_records`.
    bins
        Number of bins.

    Returns
    -------
    tuple of xr.Dataset and DataFrame
        The attributes of the ground alone, and the records with their new bins.
    """
    rank = placed["score"].to_numpy(float) / np.sqrt(12.0) + 0.5
    known = placed["bin"].to_numpy() >= 0
    label = np.clip(np.floor(np.where(known, rank, 0.0) * bins), 0, bins - 1)
    named = xr.Dataset(attrs=dict(ground.attrs) | {"bins": bins})
    return named, placed.assign(bin=np.where(known, label, -1).astype(np.int16))


def place_records(
    deaths: gpd.GeoDataFrame, ground: xr.Dataset, date: pd.Series | None = None
) -> pd.DataFrame:
    """Find corridor, bin, ground and study year of records.

    Parameters
    ----------
    deaths
        Records of the contract `deaths`.
    ground
        From `classify_ground`.
    date
        Date of death per record, aligned with `deaths`; by default the latest date of death, or
        the date reported where that is empty.

    Returns
    -------
    pd.DataFrame
        Index as in `deaths`: unit, bin, seen, score (-1 or NaN outside), year (-1 without date).

    Examples
    --------
    >>> from geo import examples, inference
    >>> placed = inference.place_records(examples.deaths(), examples.ground())
    >>> list(placed), len(placed)
    (['unit', 'bin', 'seen', 'score', 'year'], 60)
    """
    grid = grid_of(ground["score"])
    points = deaths.geometry.to_crs(str(grid.crs))
    row, col, inside = cell_index(grid, points.x, points.y)
    when = deaths["death_latest"].fillna(deaths["found_on"]) if date is None else date
    return pd.DataFrame(
        {**lookup(ground, row, col, inside), "year": study_years(when)}, index=deaths.index
    )


def lookup(
    ground: xr.Dataset,
    row: NDArray[np.intp],
    col: NDArray[np.intp],
    inside: NDArray[np.bool_],
) -> dict[str, NDArray[np.generic]]:
    """Read the classes of cells: unit, bin, seen, score; -1 or NaN outside the grid.

    Where the ground is of several record systems, also the `system` of the unit, "" outside.
    """
    unit = np.where(inside, ground["unit"].values[row, col], -1)
    names = ground.attrs.get("systems")
    own = {} if names is None else {"system": np.array([*names, ""], object)[unit]}
    return {
        **own,
        "unit": unit,
        "bin": np.where(inside, ground["bin"].values[row, col], -1),
        "seen": inside & ground["seen"].values[row, col],
        "score": np.where(inside, ground["score"].values[row, col], np.nan),
    }


def study_years(when: pd.Series) -> NDArray[np.integer[Any]]:
    """Calendar years of days; -1 without a date."""
    return pd.to_datetime(when).dt.year.fillna(-1).to_numpy(np.int64)
