"""Weather of a study: its source made into the mean summer day, and the litres of its walkers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from geo import climate, funnel, hardship, locomotion, parameters, terrain
from geo.strips import held

Further = Callable[[funnel.Member], Mapping[str, funnel.CrossingQuantity]]
"""Member = what to count along its routes besides; travels to other processes."""


def summer_day(step: StageContext) -> xr.Dataset | None:
    """Return the study's mean summer day; None where it has no weather."""
    given = step.question.of("climate")
    if not given:
        return None
    source = next(s for s in step.study.sources if s.id == given[0].source_id)
    place = None if source.place is None else climate.Place(*source.place)
    return climate.summer_mean(climate.read(given[0].path, place))


def summer_land(step: StageContext) -> hardship.SummerLand | None:
    """Return land and summer day at the study's resolution; None without weather."""
    day = summer_day(step)
    rasters = [
        read_raster(step.done["terrain"], name)
        for name in ("elevation", "slope", "terrain_energy", "terrain_time")
    ]
    elevation, slope, energy, time = (None if r is None else held(r) for r in rasters)
    if day is None or elevation is None or slope is None:
        return None
    return hardship.SummerLand(
        day,
        elevation,
        slope,
        None if energy is None else locomotion.EnergyCoefficient(energy),
        None if time is None else locomotion.TimeCoefficient(time),
    )


def litres(step: StageContext) -> dict[str, funnel.CrossingQuantity]:
    """Return the water of the study's own walker, counted along its routes; {} without weather."""
    land = summer_land(step)
    if land is None:
        return {}
    movement = step.study.movement
    walker = locomotion.walker(step.study.walkers[0])
    return _counted(land.litres(walker, land.strain(walker), movement.metabolic, movement.speed))


def further(
    step: StageContext,
    elevation: xr.DataArray,
    energy: locomotion.EnergyCoefficient | None,
    time: locomotion.TimeCoefficient | None,
) -> Further | None:
    """Return what gives the water of each member of an ensemble, on the ensemble's grid."""
    day = summer_day(step)
    if day is None:
        return None
    land = hardship.SummerLand(day, elevation, terrain.slope(elevation), energy, time)
    names = {*parameters.load("funnel")["walker"].value, step.study.walkers[0]}
    strains: dict[str, locomotion.HeightStrain] = {}
    for walker in (locomotion.walker(name) for name in sorted(names)):
        # what is carried changes the work, not the body: one table serves all loads
        same = (s for s in strains.values() if s.walker.body == walker.body)
        strains[walker.name] = next(same, None) or land.strain(walker)
    return partial(_of_member, land, strains)


def _of_member(
    land: hardship.SummerLand, strains: Mapping[str, locomotion.HeightStrain], member: funnel.Member
) -> dict[str, funnel.CrossingQuantity]:
    walker = locomotion.walker(member.walker)
    return _counted(land.litres(walker, strains[walker.name], member.metabolic, member.speed))


def _counted(found: hardship.Litres) -> dict[str, funnel.CrossingQuantity]:
    return {"litres": funnel.CrossingQuantity(found.cost, "L", hardship.GRAMS_PER_LITRE)}
