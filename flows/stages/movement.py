"""What walking costs: energy, time and water from the border, time to the nearest road or town."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import xarray as xr

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.climate import summer_land
from geo import climate, funnel, leastcost, locomotion
from geo.errors import MissingInputError
from geo.grid import burn, grid_of, wrap
from geo.hardship import GRAMS_PER_LITRE
from geo.records import LINES, PLACES
from geo.strips import held
from geo.study import Study

WATER_FRICTION = ".water_friction.work.zarr"
"""A temporary name: what a killed attempt left is cleared away before the next one."""
MEGA = 1e6
"""Definition: joules of a megajoule."""
HOUR_S = 3_600.0
"""Definition: seconds of an hour."""
STORED_CELLS = 1 << 24
"""Numerical: cells of a land above which accumulated surfaces lie in files, not in memory."""
Direction = Literal["from", "to"]


def run(step: StageContext) -> None:
    """Accumulate energy and time over the whole land, slope signed in walking direction."""
    elevation = _elevation(step)
    border, goals = ends(step)
    jobs: list[tuple[str, leastcost.CostModel, xr.DataArray, Direction, float, str]] = [
        ("energy_from_border", energy_cost(step), border, "from", MEGA, "MJ"),
        ("hours_from_border", time_cost(step), border, "from", HOUR_S, "h"),
        ("hours_to_road", time_cost(step), goals, "to", HOUR_S, "h"),
    ]
    water = _heat(step)
    if water is not None:
        jobs.append(("water_from_border", water, border, "from", GRAMS_PER_LITRE, "L"))
    for n, (name, model, sources, direction, scale, units) in enumerate(jobs):
        step.progress(n, len(jobs), name.replace("_", " "))
        sources = funnel.on_open_ground(sources, elevation, model)  # noqa: PLW2901
        if not sources.values.any() or read_raster(step.folder, name) is not None:
            continue
        # a temporary name: what a killed attempt left is cleared away before the next one
        work = step.folder / f".{name}.work.zarr" if elevation.size > STORED_CELLS else None
        cost = leastcost.accumulate(
            elevation,
            sources,
            model,
            leastcost.LeastCostOptions(
                neighbours=step.study.movement.neighbours, direction=direction
            ),
            run=leastcost.Resources(executor=step.executor, workers=step.workers, store_path=work),
        )["cost"]
        scaled = (cost.data / scale).astype(np.float32)
        write_raster(step.folder, wrap(scaled, grid_of(elevation), name, units))
        if work is not None:
            shutil.rmtree(work)
    shutil.rmtree(step.folder / WATER_FRICTION, ignore_errors=True)


def _heat(step: StageContext) -> leastcost.CostModel | None:
    """Write what a summer day does to the study's walker; return its water a metre [g/m]."""
    land = summer_land(step)
    if land is None:
        return None
    movement = step.study.movement
    walker = locomotion.walker(step.study.walkers[0])
    found = land.litres(walker, land.strain(walker), movement.metabolic, movement.speed)
    air = climate.on_land(land.day, land.elevation).air_temperature_c
    rasters = {
        "air_temperature": (air, "degC"),
        "water_per_walk": (found.water_per_walk, "L"),
        "core_temperature": (found.core_temperature, "degC"),
    }
    for name, (raster, unit) in rasters.items():
        values = raster.data.astype(np.float32)
        write_raster(step.folder, wrap(values, grid_of(land.elevation), name, unit))
    friction = found.cost.friction
    if friction is None or friction.chunks is None:
        return found.cost
    # the engine looks at a tile several times: what it looks at is worked out once
    work = step.folder / WATER_FRICTION
    shutil.rmtree(work, ignore_errors=True)
    friction.rename("friction").to_zarr(work, consolidated=False, zarr_format=3)
    stored = xr.open_zarr(work, consolidated=False, chunks={}, decode_coords="all")["friction"]
    return replace(found.cost, friction=stored)


def ends(step: StageContext) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the cells of the border, and those of roads and settlements."""
    lines = read_table(step.done["ingest"], LINES.name)
    places = read_table(step.done["ingest"], PLACES.name)
    grid = grid_of(_elevation(step))
    border = lines[lines["kind"] == "border"]
    if border.empty:
        raise MissingInputError(
            "the study has no border line, from which every distance is counted; "
            'add a source with role = "border" (a shapefile, zip or GeoJSON)'
        )
    roads = lines[lines["kind"] != "border"]
    goals = gpd.GeoDataFrame(
        geometry=[*roads.geometry, *places.geometry], crs=LINES.crs or "EPSG:4326"
    )
    return burn(border, grid), burn(goals, grid)


def border_line(step: StageContext) -> funnel.BorderLine:
    """Return the border of the study, along which positions are counted."""
    lines = read_table(step.done["ingest"], LINES.name)
    return funnel.BorderLine.of(lines[lines["kind"] == "border"], grid_of(_elevation(step)))


def energy_cost(step: StageContext) -> leastcost.CostModel:
    """Return the energy of a horizontal metre, J/m, times what the ground does to it."""
    study = step.study
    walker = locomotion.walker(study.walkers[0])
    models = {"metabolic": study.movement.metabolic, "speed": study.movement.speed}
    ground = read_raster(step.done["terrain"], "terrain_energy")
    friction = None
    if ground is not None:
        coefficient = locomotion.EnergyCoefficient(held(ground))
        friction = locomotion.energy_friction(coefficient, walker, **models)
    return leastcost.CostModel(energy_table(study), friction, length="horizontal")


def energy_table(study: Study) -> locomotion.SlopeCost:
    """Return the study's energy per horizontal metre as a function of signed slope."""
    return locomotion.energy_per_metre(
        locomotion.walker(study.walkers[0]),
        metabolic=study.movement.metabolic,
        speed=study.movement.speed,
        metre="horizontal",
    )


def time_cost(step: StageContext) -> leastcost.CostModel:
    """Return the time of a horizontal metre, s/m, times what the ground does to it."""
    speed = step.study.movement.speed
    ground = read_raster(step.done["terrain"], "terrain_time")
    friction = None
    if ground is not None:
        friction = locomotion.time_friction(locomotion.TimeCoefficient(held(ground)), speed=speed)
    table = locomotion.time_per_metre(speed=speed, metre="horizontal")
    return leastcost.CostModel(table, friction, length="horizontal")


def _elevation(step: StageContext) -> xr.DataArray:
    elevation = read_raster(step.done["terrain"], "elevation")
    if elevation is None:
        raise MissingInputError("the terrain step left no elevation; run again")
    return elevation
