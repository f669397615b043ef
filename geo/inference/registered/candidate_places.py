"""Where a record may have been: candidate places by its precision, and one of them drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.grid import cell_index, grid_of
from geo.inference.panel.ground import lookup
from geo.parameters import load
from geo.typing import Array


@dataclass(frozen=True)
class Candidates:
    """Places where each record may have been: (record, candidate) each, `mass` unnormalised."""

    row: Array
    col: Array
    inside: Array
    mass: Array


def candidates(
    deaths: gpd.GeoDataFrame,
    ground: xr.Dataset,
    prior: xr.DataArray | None,
    rng: np.random.Generator,
    sources: Mapping[str, str] | None = None,
) -> Candidates:
    """Draw candidate places: a Gaussian of the class's radius around the recorded place.

    Parameters
    ----------
    deaths
        Records with `precision_m`; an empty radius leaves the place as recorded.
    ground
        From `classify_ground`; its grid is used.
    prior
        (y, x) pre-tower route density, which weighs the candidates; None for equal weights.
    rng
        Stream of places.
    sources
        Series to its record system: on ground of another one a candidate has no weight.
    """
    grid = grid_of(ground["score"])
    points = deaths.geometry.to_crs(str(grid.crs))
    radius = deaths["precision_m"].fillna(0.0).to_numpy(float)[:, None]
    shape = (len(deaths), int(load("inference")["location_candidates"].value))
    shift = rng.standard_normal((2, *shape)) * radius
    shift[:, :, 0] = 0.0  # the recorded place is a candidate, so that no record is ever lost
    x = np.asarray(points.x, float)[:, None] + shift[0]
    y = np.asarray(points.y, float)[:, None] + shift[1]
    row, col, within = (v.reshape(shape) for v in cell_index(grid, x.ravel(), y.ravel()))
    mass = within.astype(float)
    if prior is not None:
        mass *= np.nan_to_num(prior.values[row, col].astype(float)).clip(0.0)
    if sources and "systems" in ground.attrs:
        unit = ground["unit"].values[row, col]
        where = np.array([*ground.attrs["systems"], ""], object)[unit]
        own = deaths["source_id"].map(dict(sources)).to_numpy(object)[:, None]
        mass *= (where == own) | (unit < 0)
    mass[mass.sum(axis=1) <= 0, 0] = 1.0
    return Candidates(row, col, within, mass)


def place_once(
    found: Candidates,
    ground: xr.Dataset,
    year: Array,
    rates: Array | None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw one place per record, by mass times the rate of its corridor, bin and year.

    Parameters
    ----------
    found
        From `candidates`.
    year
        (record,) position of the drawn year in the study, -1 outside.
    rates
        (unit, bin, year) rate per unit of prior mass; None for equal rates.
    """
    unit = ground["unit"].values[found.row, found.col]
    label = ground["bin"].values[found.row, found.col]
    mass = found.mass
    if rates is not None:
        known = found.inside & (unit >= 0) & (year >= 0)[:, None]
        rate = rates[unit, label, np.broadcast_to(year[:, None], unit.shape)]
        mass = mass * np.where(known, rate, np.median(rates))
    total = np.cumsum(mass, axis=1)
    total[total[:, -1] <= 0] = 1.0
    point = rng.random((len(mass), 1)) * total[:, -1:]
    chosen = np.minimum((total <= point).sum(axis=1), mass.shape[1] - 1)
    own = np.arange(len(mass))
    at = found.row[own, chosen], found.col[own, chosen], found.inside[own, chosen]
    return pd.DataFrame(lookup(ground, *at))
