"""Records with place and date error around a known truth, for calibrating imputation.

Twelve square corridors in a mosaic, each with a smooth random hardness and a route density that
avoids it. Deaths fall by density, drift and planted effect; what is recorded is a place blurred
within its precision class and a date of recovery after a post-mortem interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from geo import funnel, grid
from geo.synthetic.panels import PanelPlan, simulate

CELL_M = 1_000.0
"""Made up: side of a cell."""
SIDE = 24
"""Made up: cells along the side of a corridor."""
CRS = "EPSG:32612"
CLASSES = (("gps", 100.0, 0.71), ("address", 300.0, 0.02), ("directions", 2_000.0, 0.15),
           ("vague", 15_000.0, 0.12))  # fmt: skip
"""Made up: precision class, radius in metres and share: those of the Arizona records."""
PMI = (("day", 1.0, 0.30), ("week", 7.0, 0.12), ("3-weeks", 21.0, 0.07), ("5-weeks", 35.0, 0.09),
       ("3-months", 91.0, 0.09), ("8-months", 240.0, 0.10), ("longer", 600.0, 0.23))  # fmt: skip
"""Made up: post-mortem class, upper bound in days and share."""


@dataclass(frozen=True)
class Places:
    """Records as recorded, the truth beside them, and the land.

    Attributes
    ----------
    deaths
        Records of the columns that a panel reads, EPSG:4326.
    truth
        The same with true places and dates of death.
    hardness, corridors, density
        (y, x) rasters: standardised rank, labels, pre-tower route density.
    dose
        corridor, year, dose.
    log_ratio
        Planted coefficient.
    """

    deaths: gpd.GeoDataFrame
    truth: gpd.GeoDataFrame
    hardness: xr.DataArray
    corridors: xr.DataArray
    density: xr.DataArray
    dose: pd.DataFrame
    log_ratio: float


def simulate_places(plan: PanelPlan, rng: np.random.Generator) -> Places:
    """Draw a panel and give every death of it a place, a date and their errors."""
    data = simulate(plan, rng)
    hardness, corridors, density = _land(plan.corridors, rng)
    bins = funnel.hardness_bins(hardness, corridors, plan.bins)
    counts = data["deaths"].sum("ground").values.astype(int)
    unit, label, year = (np.repeat(v.ravel(), counts.ravel()) for v in np.indices(counts.shape))
    cell = _cells(unit, label, corridors.values, bins.values, density.values, plan.bins, rng)
    x, y = _points(cell, hardness, rng)
    opened = pd.to_datetime([f"{plan.first_year + t}-01-01" for t in year])
    died = pd.Series(opened + pd.to_timedelta(rng.integers(0, 365, len(unit)), unit="D"))
    pmi, lag = _lags(len(unit), rng)
    name, radius = _precision(len(unit), rng)
    found = died + pd.to_timedelta(np.floor(lag), unit="D")
    common = {
        "pmi_class": pmi, "cause_class": "exposure", "precision_class": name,
        "precision_m": radius, "persons": 1, "place_ok": True, "date_ok": True,
    }  # fmt: skip
    error = rng.standard_normal((2, len(unit))) * radius
    truth = _frame(common | {"found_on": died, "death_latest": died}, x, y)
    deaths = _frame(common | {"found_on": found, "death_latest": found}, x + error[0], y + error[1])
    dose = data["dose"].to_dataframe().reset_index()
    return Places(deaths, truth, hardness, corridors, density, dose, float(data.attrs["log_ratio"]))


def _land(corridors: int, rng: np.random.Generator) -> tuple[xr.DataArray, ...]:
    across = int(np.ceil(np.sqrt(corridors)))
    down = int(np.ceil(corridors / across))
    box = grid.grid_from_bounds(
        (400_000, 3_500_000, 400_000 + across * SIDE * CELL_M, 3_500_000 + down * SIDE * CELL_M),
        CRS,
        CELL_M,
    )
    rows, cols = np.indices(tuple(box.shape)) // SIDE
    label = rows * across + cols
    label = np.where(label < corridors, label, -1).astype(np.int16)
    names = [f"corridor {c + 1:02d}" for c in range(corridors)]
    labels = grid.wrap(label, box, "corridor", "1", names=names)
    relief = np.exp(gaussian_filter(rng.normal(size=label.shape), 2.5, mode="reflect") * 5.0)
    energy = grid.wrap(relief, box, "energy_per_km", "kJ/km")
    hours = grid.wrap(np.ones(label.shape), box, "hours", "h")
    hardness = funnel.hardness(energy, hours, labels)
    routes = np.exp(gaussian_filter(rng.normal(size=label.shape), 1.5, mode="reflect") * 4.0)
    density = grid.wrap(np.where(label >= 0, routes, 0.0), box, "density", "1")
    return hardness, labels, density


def _cells(
    unit: NDArray[Any],
    label: NDArray[Any],
    corridors: NDArray[Any],
    bins: NDArray[Any],
    density: NDArray[Any],
    count: int,
    rng: np.random.Generator,
) -> NDArray[Any]:
    """Draw the flat index of a cell of the right corridor and bin, by route density."""
    home = (corridors.astype(int) * count + bins).ravel()
    home = np.where((corridors.ravel() >= 0) & (bins.ravel() >= 0), home, -1)
    wanted = unit * count + label
    out = np.empty(len(unit), int)
    for key in np.unique(wanted):
        here = np.flatnonzero(wanted == key)
        cells = np.flatnonzero(home == key)
        mass = density.ravel()[cells]
        out[here] = rng.choice(cells, len(here), p=mass / mass.sum())
    return out


def _points(
    cell: NDArray[Any], raster: xr.DataArray, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = grid.cell_centres(grid.grid_of(raster))
    row, col = np.divmod(cell, len(x))
    jitter = rng.uniform(-0.5, 0.5, (2, len(cell))) * CELL_M
    return x[col] + jitter[0], y[row] + jitter[1]


def _precision(n: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    names, radii, shares = (np.array(v) for v in zip(*CLASSES, strict=True))
    chosen = rng.choice(len(names), n, p=shares.astype(float) / shares.astype(float).sum())
    return names[chosen], radii.astype(float)[chosen]


def _lags(n: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Post-mortem class and interval in days, log-uniform within the class."""
    names, highs, shares = (np.array(v) for v in zip(*PMI, strict=True))
    high = highs.astype(float)
    low = np.concatenate([[0.04], high[:-1]])
    chosen = rng.choice(len(names), n, p=shares.astype(float) / shares.astype(float).sum())
    lag = low[chosen] * (high[chosen] / low[chosen]) ** rng.random(n)
    return names[chosen], lag


def _frame(columns: dict[str, Any], x: NDArray[Any], y: NDArray[Any]) -> gpd.GeoDataFrame:
    shapes = gpd.GeoSeries(gpd.points_from_xy(x, y, crs=CRS)).to_crs("EPSG:4326")
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
