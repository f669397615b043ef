"""From surfaces to records, groups, corridors, and to what may be published."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo import records
from geo.aggregation import aggregate
from geo.errors import ContractError, StudyError
from geo.grid import cell_index, grid_of, same_grid
from geo.study import add_months

STATISTICS = ("mean", "median", "q05", "q95")
"""Statistics of `by_group`, in the terms of the table `hardship_by_block`."""


def sample(dataset: xr.Dataset, points: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read every component in the cell of each point.

    Parameters
    ----------
    dataset
        Components on one grid.
    points
        Point geometries of any CRS.

    Returns
    -------
    pd.DataFrame
        Indexed as `points`, one float64 column per variable; NaN outside the grid or where the
        component is missing; `attrs["units"]` maps columns to units.

    Raises
    ------
    ContractError
        If the points carry no CRS.

    Examples
    --------
    >>> from geo import examples, hardship
    >>> land = hardship.components(examples.walker(), hours_to_road=examples.remoteness())
    >>> found = hardship.sample(land, examples.deaths(3))
    >>> found["hours_to_road"].tolist(), found.attrs["units"]
    ([0.0, 1.0, 0.75], {'hours_to_road': 'h'})
    """
    if points.crs is None:
        raise ContractError("points carry no CRS; set it, records are in EPSG:4326")
    first = next(iter(dataset.data_vars.values()))
    grid = grid_of(first)
    metric = points.geometry.to_crs(str(grid.crs))
    rows, cols, inside = cell_index(grid, metric.x.to_numpy(), metric.y.to_numpy())
    at = {
        "y": xr.DataArray(rows, dims="point"),
        "x": xr.DataArray(cols, dims="point"),
    }
    columns = {
        str(name): np.where(inside, raster.isel(at).to_numpy().astype(float), np.nan)
        for name, raster in dataset.data_vars.items()
    }
    frame = pd.DataFrame(columns, index=points.index)
    frame.attrs["units"] = {str(k): str(v.attrs["units"]) for k, v in dataset.data_vars.items()}
    return frame


def by_group(
    sampled: pd.DataFrame, groups: pd.Series[Any], min_group: int = records.MIN_GROUP
) -> pd.DataFrame:
    """Summarise sampled components by group, withholding small groups.

    Parameters
    ----------
    sampled
        From `sample`.
    groups
        Group of each row, on the same index; null rows are left out.
    min_group
        Smallest number of values of which a statistic is shown, never under the floor.

    Returns
    -------
    pd.DataFrame
        group, component, statistic, value, unit, records_class; value is NaN for small groups,
        and for a quantile with fewer than `min_group` values beyond it, which would be one record.

    Notes
    -----
    The floors of `geo.records` hold whatever is asked for.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo import examples, hardship
    >>> land = hardship.components(examples.walker(), hours_to_road=examples.remoteness())
    >>> sampled = hardship.sample(land, examples.deaths())
    >>> found = hardship.by_group(sampled, pd.Series("all", sampled.index))
    >>> found.loc[found["statistic"] == "median", ["component", "value", "unit"]].values.tolist()
    [['hours_to_road', 0.75, 'h']]
    """
    floor = max(min_group, records.MIN_GROUP)
    rows: list[dict[str, Any]] = []
    for group, part in sampled.groupby(groups, sort=True):
        for name in part:
            values = part[name].dropna().to_numpy(float)
            rows += [
                {
                    "group": group,
                    "component": name,
                    "statistic": statistic,
                    "value": _statistic(values, statistic, floor),
                    "unit": sampled.attrs["units"][name],
                    "records_class": records.rounded_class(values.size),
                }
                for statistic in STATISTICS
            ]
    columns = ["group", "component", "statistic", "value", "unit", "records_class"]
    return pd.DataFrame(rows, columns=columns)


def _statistic(values: NDArray[np.float64], name: str, floor: int) -> float:
    """Return the statistic, or NaN where it would stand for fewer than `floor` records."""
    if values.size < floor:
        return np.nan
    if name == "mean":
        return float(values.mean())
    level = {"median": 0.5, "q05": 0.05, "q95": 0.95}[name]
    beside = min(level, 1.0 - level) * values.size
    return float(np.quantile(values, level)) if beside >= floor - 1e-9 else np.nan


def corridor_mean(raster: xr.DataArray, corridor: xr.DataArray) -> float:
    """Mean of a raster over a corridor: the only form in which mapped water may be used.

    Parameters
    ----------
    raster
        (y, x), for example distance to mapped perennial water.
    corridor
        (y, x) boolean or weight, NaN or 0 outside.

    Returns
    -------
    float
        Weighted mean, in the raster's unit; NaN where the corridor has no weight.

    Raises
    ------
    GridError
        If the rasters lie on different grids.

    Examples
    --------
    >>> from geo import examples, hardship
    >>> hardship.corridor_mean(examples.remoteness(), examples.labels() == 1)
    0.6875
    """
    same_grid(raster, corridor)
    weight = corridor.astype(float).fillna(0.0).where(np.isfinite(raster), 0.0)
    total = float(weight.sum())
    return float((raster.fillna(0.0) * weight).sum() / total) if total > 0 else float("nan")


def publish(
    dataset: xr.Dataset, *, period_end: date, as_of: date, cell_m: float = records.SURFACE_CELL_M
) -> xr.Dataset:
    """Return components as they may be published: coarse, and of a closed period.

    Parameters
    ----------
    dataset
        Components on the study's grid.
    period_end
        End of the period (half-open) whose land and towers they describe.
    as_of
        Day on which the study stands.
    cell_m
        Side of the published cells [m], never under the floor of 1 km.

    Returns
    -------
    xr.Dataset
        The same components on cells of at least 1 km, means of the fine ones.

    Raises
    ------
    StudyError
        If the period was not closed 24 months before `as_of`.

    Examples
    --------
    >>> from datetime import date
    >>> from geo import examples, hardship
    >>> land = hardship.components(examples.walker(), hours_to_road=examples.remoteness())
    >>> days = {"period_end": date(2012, 10, 1), "as_of": date(2026, 1, 1)}
    >>> hardship.publish(land, **days)["hours_to_road"].shape
    (6, 9)
    """
    if add_months(period_end, records.CLOSED_MONTHS) > as_of:
        raise StudyError(
            f"a surface of a period that ended {period_end} may be published from "
            f"{add_months(period_end, records.CLOSED_MONTHS)} on, not as of {as_of}; leave it out"
        )
    side = max(cell_m, records.SURFACE_CELL_M)
    coarse = {str(k): aggregate(v, side) for k, v in dataset.data_vars.items()}
    return xr.Dataset(coarse, attrs=dict(dataset.attrs))
