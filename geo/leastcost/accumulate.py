"""Accumulated cost of travel over a raster: the public functions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from geo.errors import CostError
from geo.leastcost.driver import tile_executor
from geo.leastcost.field import bytes_per_cell, tile_side
from geo.leastcost.model import CostModel, SlopeFunction, SlopeTable
from geo.leastcost.moves import REACH
from geo.leastcost.options import LeastCostOptions, Resources
from geo.leastcost.problem import CostProblem, make_problem
from geo.leastcost.surfaces import solve
from geo.leastcost.tree import STEP


def accumulate(
    elevation: xr.DataArray,
    sources: xr.DataArray,
    cost: CostModel | SlopeTable | SlopeFunction,
    options: LeastCostOptions | None = None,
    *,
    quantities: Mapping[str, CostModel] | None = None,
    run: Resources | None = None,
    **choices: Any,
) -> xr.Dataset:
    """Accumulate the cost of travel from, or to, the nearest source.

    The cost of a step from cell u to cell v is length x T(slope) x mean friction: slope is
    (elevation of v - elevation of u) / run, signed in the direction of walking, run the horizontal
    distance between the cell centres in metres; length is sqrt(run^2 + rise^2) for
    `length="surface"` and the run for "horizontal"; mean friction is over the cells under the
    straight line between the centres, weighted by the length of line in each. A step over, onto or
    off a barrier (elevation or friction NaN or infinite) is impossible.

    Parameters
    ----------
    elevation
        (y, x) metres, projected CRS in metres, square cells; in memory, Dask-backed or lazily
        read. NaN is a barrier.
    sources
        (y, x) boolean on the same grid, True where travel starts (or ends).
    cost
        `CostModel`, or its table alone: a function from signed slope (rise/run) to cost per metre,
        or a `SlopeTable`.
    options
        What to compute.
    quantities
        Name = what else is to be added up along the least-cost route to each cell: hours, litres,
        the same energy without what makes ground dear. Frictions on the same grid, finite
        wherever that of the cost is.
    run
        Where to compute it; does not change the result.
    **choices
        Fields of `LeastCostOptions` or `Resources` to replace, as in `neighbours=8`.

    Returns
    -------
    xr.Dataset
        `cost` (y, x) in units of the table's cost x metres / metre; NaN where no source reaches.
        `allocation` (y, x), if asked for, int64: row * columns + column of the source cell, -1
        where none reaches. Every quantity under its name, (y, x), in units of its table's
        quantity x metres / metre: of the steps that carry the cost of a cell exactly, the one
        from the cell with the smallest index is taken, so that equal costs leave no choice open.
        Attributes state what was computed, the largest relative error of the slope table, and how
        many cells no source reaches.

    Raises
    ------
    GridError
        If the CRS is not in metres, cells are not square, or grids differ.
    CostError
        If cost or friction is not positive and finite, a slope is outside the table, no source
        lies inside, a source lies on a barrier, or a quantity has no value where routes go.

    Notes
    -----
    Exact for the graph of steps: Dijkstra (1959) with buckets (Dial 1969), tile by tile until no
    step improves any cell, which a last sweep verifies.

    Examples
    --------
    >>> from geo import examples, leastcost
    >>> land = examples.elevation()
    >>> start = (land * 0).astype(bool)
    >>> start[-1, 0] = True
    >>> found = leastcost.accumulate(land, start, examples.energy(), neighbours=8)
    >>> round(float(found["cost"][-1, 1])), int(found["cost"].isnull().sum())
    (157769, 0)
    """
    model, options, run = arguments(cost, options, run, choices)
    quantities = dict(quantities or {})
    if taken := sorted({"cost", "allocation", STEP} & quantities.keys()):
        raise CostError(f"a quantity cannot be called {taken[0]}; rename it")
    problem = make_problem(elevation, sources, model, options, quantities)
    return solve(problem, run, quantities)


def arguments(
    cost: CostModel | SlopeTable | SlopeFunction,
    options: LeastCostOptions | None,
    run: Resources | None,
    choices: dict[str, Any],
) -> tuple[CostModel, LeastCostOptions, Resources]:
    """Bring the ways of calling into one."""
    model = cost if isinstance(cost, CostModel) else CostModel(cost)
    options, run = options or LeastCostOptions(), run or Resources()
    what = {f.name for f in dataclasses.fields(LeastCostOptions)}
    where = {f.name for f in dataclasses.fields(Resources)}
    if unknown := sorted(set(choices) - what - where):
        raise TypeError(
            f"unknown choice {', '.join(unknown)}; choose from LeastCostOptions: "
            f"{', '.join(sorted(what))}, or Resources: {', '.join(sorted(where))}"
        )
    options = dataclasses.replace(options, **{k: v for k, v in choices.items() if k in what})
    run = dataclasses.replace(run, **{k: v for k, v in choices.items() if k in where})
    return model, options, run


@dataclass(frozen=True)
class Plan:
    """What a run would take, at stated rates.

    Attributes
    ----------
    cells
        Cells within the bounds.
    bytes
        Memory of result and working buffers, rasters that are in memory already not counted.
    seconds
        Duration at `cells_per_second`.
    cells_per_second
        The rate assumed for each worker times the number of workers.
    """

    cells: int
    bytes: int
    seconds: float
    cells_per_second: float


RATE = {8: 6e6, 16: 3e6, 32: 1.5e6}
"""Display: cells per second of one worker by number of neighbours, a cautious round figure."""


def plan(
    elevation: xr.DataArray,
    sources: xr.DataArray,
    cost: CostModel | SlopeTable | SlopeFunction,
    options: LeastCostOptions | None = None,
    *,
    run: Resources | None = None,
    **choices: Any,
) -> Plan:
    """Say what `accumulate` with the same arguments would take, without reading any raster.

    Parameters
    ----------
    elevation, sources, cost, options, run, **choices
        As for `accumulate`.

    Returns
    -------
    Plan
        Cells, bytes, and seconds at a stated rate.

    Raises
    ------
    GridError, CostError
        If the rasters do not fit together; what only their values show is not looked at.

    Examples
    --------
    >>> from geo import examples, leastcost
    >>> land = examples.elevation()
    >>> leastcost.plan(land, (land * 0).astype(bool), examples.energy()).cells
    216
    """
    model, options, run = arguments(cost, options, run, choices)
    return estimate(make_problem(elevation, sources, model, options), run)


def estimate(problem: CostProblem, run: Resources) -> Plan:
    """Estimate from the shape of the problem."""
    options = problem.options
    rows, cols = problem.shape
    cells = rows * cols
    with tile_executor(run) as executor:
        workers = executor.workers
    side = tile_side(problem, run, workers) + 2 * REACH[options.neighbours]
    result = 0 if run.store_path else problem.elevation.size * np.dtype(options.dtype).itemsize
    rate = RATE[options.neighbours] * workers
    needed = result + workers * side * side * bytes_per_cell(options.dtype)
    return Plan(cells, needed, cells / rate, rate)
