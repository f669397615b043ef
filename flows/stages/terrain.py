"""Elevation and land cover on the study's one grid."""

from __future__ import annotations

from odc.geo.geobox import GeoBox

from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from geo import locomotion, terrain
from geo.errors import MissingInputError
from geo.grid import wrap
from geo.scale import public_side
from geo.study import study_grid


def run(step: StageContext) -> None:
    """Lay elevation, slope, coefficients and relief on the study's grid."""
    paths = [i.path for i in step.question.of("elevation")]
    if not paths:
        raise MissingInputError(
            "the study has no elevation; give --elevation FILE (a GeoTIFF that "
            "covers the area) or `funnel fetch` it"
        )
    grid = study_grid(step.study)
    write_raster(step.folder, terrain.elevation_on(grid, paths, progress=step.progress))
    elevation = read_raster(step.folder, "elevation")
    assert elevation is not None  # noqa: S101 - just written
    write_raster(step.folder, terrain.slope(elevation))
    _write_coefficients(step, grid)
    coarse = public_side(grid, step.study.privacy.surface_cell_m)
    write_raster(step.folder, terrain.relief(elevation, coarse))


def _write_coefficients(step: StageContext, grid: GeoBox) -> None:
    """Write what the ground does to energy and time; nothing where no land cover is given."""
    paths = [i.path for i in step.question.of("landcover")]
    source = step.study.source("landcover")
    if not paths or source is None:
        return
    legend = terrain.legend_of(paths, grid, source.legend)
    classes = terrain.landcover_on(grid, paths)
    energy = locomotion.energy_coefficients(classes, legend).values
    time = locomotion.time_coefficients(classes, legend).values
    for name, values in (("terrain_energy", energy), ("terrain_time", time)):
        write_raster(step.folder, wrap(values.values, grid, name, "1"))
