"""From the rasters of a run to labelled arrays on the whole grid."""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
import xarray as xr

from geo import grid
from geo.leastcost.problem import CostProblem
from geo.leastcost.table import CostTable


def dataset(problem: CostProblem, table: CostTable, found: dict[str, Any]) -> xr.Dataset:
    """Return the results on the whole grid with CRS, units and what was done."""
    options, model = problem.options, problem.model
    values = found["cost"]
    missing = "cells that no source reaches, or lie beyond max_cost or bounds, are NaN"
    if isinstance(values, np.ndarray):
        missing = f"{np.count_nonzero(np.isnan(values))} {missing}"
    attrs = {
        "long_name": f"accumulated cost {options.direction} the nearest source",
        "step_cost": f"{model.length} length x table(signed slope) x mean friction",
        "neighbours": options.neighbours,
        "direction": options.direction,
        "table_relative_error": table.error,
        "unreached": missing,
        "certificate": "no step improves any cell",
    }
    box = grid.grid_of(problem.elevation)
    whole = _on_whole_grid(problem, values, np.nan)
    layers = {"cost": grid.wrap(whole, box, "cost", "cost of the table x m per m", **attrs)}
    if "allocation" in found:
        whole = _on_whole_grid(problem, found.pop("allocation"), -1)
        what = "row x columns + column of the cheapest source cell, -1 where none reaches"
        layers["allocation"] = grid.wrap(whole, box, "allocation", "1", long_name=what)
    for name in (n for n in found if n != "cost"):
        whole = _on_whole_grid(problem, found[name], np.nan)
        what = f"{name} added up along the least-cost route {options.direction} the nearest source"
        unit = "quantity of its table x m per m"
        layers[name] = grid.wrap(whole, box, name, unit, long_name=what)
    # all lie on one grid: nothing has to be aligned
    variables = {name: layer.variable for name, layer in layers.items()}
    return xr.Dataset(variables, coords=layers["cost"].coords)


def _on_whole_grid(problem: CostProblem, values: Any, fill: float) -> Any:
    """Put the rows and columns within the bounds back into the whole grid."""
    n_rows, n_cols = problem.elevation.shape
    rows, cols = problem.rows, problem.cols
    if values.shape == (n_rows, n_cols):
        return values
    around = ((rows.start, n_rows - rows.stop), (cols.start, n_cols - cols.stop))
    pad = np.pad if isinstance(values, np.ndarray) else da.pad
    return pad(values, around, constant_values=fill)
