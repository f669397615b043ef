"""Every table and raster contract by name."""

from __future__ import annotations

from geo.contract import Raster
from geo.records.inputs import (
    AREAS,
    CORRIDORS,
    COUNTS,
    COVARIATES,
    CROSSCHECK,
    DEATHS,
    EXPOSURES,
    LINES,
    PLACES,
    QUARANTINE,
    SITES,
    SNAPSHOTS,
    TOWER_DATING,
    TOWERS,
    VINTAGES,
    ZONES,
)
from geo.records.published import (
    CORRIDOR_BASIS,
    COVERAGE,
    CROSSING_BASIS,
    DEATHS_BY_CELL,
    DEATHS_BY_CORRIDOR,
    DEATHS_BY_YEAR,
    ESTIMATES,
    FUNNEL,
    HARDNESS_BY_CORRIDOR,
    HARDNESS_FIFTHS,
    HARDSHIP,
)

TABLES = {
    t.name: t
    for t in (
        DEATHS, VINTAGES, TOWERS, TOWER_DATING, ZONES, LINES, PLACES, AREAS, CORRIDORS,
        CORRIDOR_BASIS,
        CROSSING_BASIS,
        COVARIATES, SITES, CROSSCHECK, QUARANTINE, COUNTS, SNAPSHOTS,
        EXPOSURES,
        DEATHS_BY_CELL, DEATHS_BY_CORRIDOR, DEATHS_BY_YEAR, HARDSHIP, HARDNESS_BY_CORRIDOR,
        HARDNESS_FIFTHS, COVERAGE, FUNNEL, ESTIMATES,
    )
}  # fmt: skip
"""Every table contract by name."""
R = Raster
PERIODS = ("period", "y", "x")
RASTERS = {
    r.name: r
    for r in (
        R("elevation", "Elevation", "m", "float32"),
        R("slope", "Slope", "degree", "float32"),
        R("terrain_energy", "Terrain coefficient for energy", "1", "float32"),
        R("terrain_time", "Terrain coefficient for time", "1", "float32"),
        R("energy_from_border", "Energy from the border", "MJ", "float32"),
        R("air_temperature", "Air temperature on a summer day's walk", "degC", "float32"),
        R("water_per_walk", "Water lost in a summer day's walk", "L", "float32"),
        R("core_temperature", "Core temperature after a summer day's walk", "degC", "float32"),
        R("water_from_border", "Water lost on the way from the border", "L", "float32"),
        R("hours_from_border", "Walking time from the border", "h", "float32"),
        R("hours_to_road", "Walking time to a road or town", "h", "float32"),
        R("hardness", "Hardness: standardised rank before towers", "1", "float32"),
        R(
            "catchments",
            "Catchment: part of a corridor entered by one stretch of border",
            "1",
            "int16",
        ),
        R("in_view", "Share of the year in view of a tower", "1", "float32", PERIODS),
        R("in_view_year", "Share of the year in view of a tower", "1", "float32", PERIODS),
        R("in_zone_year", "Share of the year inside a programme zone", "1", "float32", PERIODS),
        R(
            "view_before",
            "In view of towers older than the study's",
            "1",
            "float32",
            PERIODS,
        ),
        R("zone_before", "Inside a zone older than the study's towers", "1", "float32"),
        R("density_before", "Modelled route density without towers", "1", "float32"),
        R("density", "Modelled route density", "1", "float32", PERIODS),
        R("density_mean", "Route density, mean of the ensemble", "1", "float32", PERIODS),
        R("density_low", "Route density, 5 % quantile of the ensemble", "1", "float32", PERIODS),
        R("density_high", "Route density, 95 % quantile of the ensemble", "1", "float32", PERIODS),
        R("density_agreement", "Members that agree on busy or not", "1", "float32", PERIODS),
        R("in_view_share", "Share of the land in view", "1", "float32", PERIODS, fine=False),
        R("route_density", "Modelled route density", "1/km2", "float32", PERIODS, fine=False),
        R(
            "hardness_rank",
            "Hardness: rank within its corridor, 0 to 100",
            "1",
            "float32",
            fine=False,
        ),
        R("hardship", "Energy from the border", "MJ", "float32", fine=False),
        R("relief", "Elevation, coarse, for the map's shading", "m", "float32", fine=False),
    )
}
"""Every raster contract by name. A `fine` one never leaves the store."""
