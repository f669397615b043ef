"""Small rasters and tower tables for the tests of this room."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.grid import grid_from_bounds, wrap

CRS = "EPSG:32612"
LEFT, BOTTOM = 300_000.0, 3_300_000.0


def raster(z, cell_m=30.0) -> xr.DataArray:
    """Put heights on metric cells, lower left corner at (LEFT, BOTTOM)."""
    rows, cols = np.shape(z)
    bounds = (LEFT, BOTTOM, LEFT + cols * cell_m, BOTTOM + rows * cell_m)
    return wrap(np.asarray(z), grid_from_bounds(bounds, CRS, cell_m), "elevation", "m")


def at(elevation: xr.DataArray, row: int, col: int) -> tuple[float, float]:
    """Return x, y of a cell's centre."""
    return float(elevation.x[col]), float(elevation.y[row])


def towers(elevation: xr.DataArray, cells, **columns) -> gpd.GeoDataFrame:
    """Stand towers on cells; columns override the table's defaults."""
    n = len(cells)
    x, y = zip(*(at(elevation, row, col) for row, col in cells), strict=True)
    table = {
        "tower_id": [f"t{i}" for i in range(n)],
        "source_id": "test",
        "source_row": range(1, n + 1),
        "programme": "ift",
        "status": "deployed",
        "height_m": 25.0,
        "range_m": 1_000.0,
        "active_from_earliest": "2010-01-01",
        "active_from_latest": "2010-01-01",
        "active_to_earliest": None,
        "active_to_latest": None,
        "replaces": None,
        "location_uncertainty_m": np.nan,
        "citation": None,
        "verified_by": None,
        **columns,
    }
    frame = gpd.GeoDataFrame(
        pd.DataFrame(table, index=range(n)), geometry=gpd.points_from_xy(x, y), crs=CRS
    ).to_crs("EPSG:4326")
    for name in [c for c in frame.columns if c.startswith("active_")]:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame


def period(name: str, start: str, end: str) -> SimpleNamespace:
    """Return a half-open interval of days."""
    return SimpleNamespace(
        id=name, label=name, start=date.fromisoformat(start), end=date.fromisoformat(end)
    )
