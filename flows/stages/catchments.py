"""Catchments of the funnel step: units within corridors, from the land before any tower."""

from __future__ import annotations

import xarray as xr

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.stages.movement import border_line, ends, energy_cost
from geo import funnel, leastcost
from geo.errors import CostError


def write_catchments(step: StageContext, corridors: xr.DataArray) -> None:
    """Write the raster `catchments`; none where the border reaches no corridor."""
    if read_raster(step.folder, "catchments") is not None:
        return
    border, _ = ends(step)
    elevation = read_raster(step.done["terrain"], "elevation")
    if elevation is None or not border.values.any():
        return
    step.progress(0, 1, "catchments")
    try:
        entry = funnel.border_entry(
            elevation,
            border,
            border_line(step),
            energy_cost(step),
            leastcost.LeastCostOptions(neighbours=step.study.movement.neighbours),
            leastcost.Resources(executor=step.executor, workers=step.workers),
        )
        write_raster(step.folder, funnel.catchments(entry, corridors))
    except CostError:
        return  # the analyses by catchment say that there is none
