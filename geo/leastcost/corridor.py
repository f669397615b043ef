"""Corridors: how much dearer than the best is the best route through each cell."""

from __future__ import annotations

import dataclasses
from typing import Any

import xarray as xr

from geo.leastcost.accumulate import accumulate, arguments
from geo.leastcost.model import CostModel, SlopeFunction, SlopeTable
from geo.leastcost.options import LeastCostOptions, Resources


def corridor(
    elevation: xr.DataArray,
    origins: xr.DataArray,
    destinations: xr.DataArray,
    cost: CostModel | SlopeTable | SlopeFunction,
    options: LeastCostOptions | None = None,
    *,
    run: Resources | None = None,
    **choices: Any,
) -> xr.DataArray:
    """Cost of the cheapest way from origins to destinations through each cell, above the minimum.

    Forward cost (from the origins) + reverse cost (to the destinations) - the minimum of the sum.

    Parameters
    ----------
    elevation
        (y, x) metres, as for `accumulate`.
    origins, destinations
        (y, x) boolean on the same grid.
    cost, options, run, **choices
        As for `accumulate`; `direction` is set here.

    Returns
    -------
    xr.DataArray
        (y, x) `corridor`, in the unit of the cost, 0 on the cheapest way; NaN where no way leads
        through.

    Raises
    ------
    GridError, CostError
        As for `accumulate`.

    Notes
    -----
    On a least-cost corridor the sum of both accumulations is least (Dijkstra 1959); the surface is
    what a conditional minimum transit cost surface shows, less its minimum.

    Examples
    --------
    >>> from geo import examples, leastcost
    >>> land = examples.elevation()
    >>> south, north = (land * 0).astype(bool), (land * 0).astype(bool)
    >>> south[-1], north[0] = True, True
    >>> found = leastcost.corridor(land, south, north, examples.energy(), neighbours=8)
    >>> float(found.min()), bool(found.max() > 0)
    (0.0, True)
    """
    model, options, run = arguments(cost, options, run, choices)
    forward = dataclasses.replace(options, direction="from", allocation=False)
    back = dataclasses.replace(options, direction="to", allocation=False)
    there = accumulate(elevation, origins, model, forward, run=run)["cost"]
    onward = accumulate(elevation, destinations, model, back, run=run)["cost"]
    total = there + onward
    corridor = (total - total.min()).rename("corridor")
    corridor.attrs = {k: v for k, v in there.attrs.items() if k not in ("direction", "unreached")}
    corridor.attrs["long_name"] = "cost of the cheapest way through each cell above the minimum"
    return corridor
