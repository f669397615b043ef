"""Which segments of the border get through: the question posed on a coarse grid before work."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from flows.core.stage import Question
from flows.stages.ingest import read_fitted
from geo import funnel, locomotion, terrain
from geo.errors import FunnelError, GridError, Problem
from geo.grid import grid_of, make_grid, wrap
from geo.study import Study

CELLS = 100_000
"""Cells of the coarse grid, at most: seconds to lay, a kilometre and a half for all of Arizona."""
FIELD = "movement.crossing_depth_m"


def examine_crossings(
    question: Question, corridors: gpd.GeoDataFrame
) -> tuple[list[Problem], list[str]]:
    """Ask whether crossings can be modelled.

    Parameters
    ----------
    question
        The run.
    corridors
        Those that it will have, drawn or made: they say on which side of the border it lies.

    Returns
    -------
    problems, notes
        What a run would end with; and what it would leave out.
    """
    study = question.study
    border, ways_out = _read(question, "border"), [_read(question, r) for r in ("roads", "places")]
    if border is None:
        return [
            Problem(
                study.name,
                f"study {study.name} has no border line, from which every distance is counted",
                'Add a source with role = "border" (a shapefile, zip or GeoJSON)',
                field="sources",
            )
        ], []
    there = [w for w in ways_out if w is not None and len(w)]
    if not there:
        note = "no road and no settlement is given: crossings, doses and remoteness are skipped"
        return [], [note]
    try:
        found = _cut_off(question, border, there, corridors)
    except GridError as error:
        what, _, remedy = str(error).partition(": ")
        if not remedy:
            what, _, remedy = str(error).partition("; ")
        if not corridors.empty:
            what += "; where corridors lie on one side of the border, only that side counts"
        problem = Problem(study.name, what, remedy[:1].upper() + remedy[1:], field=FIELD)
        # without towers or zones nobody is modelled to walk, and nothing ends
        modelled = question.of("towers") or question.of("zones")
        return ([problem], []) if modelled else ([], [str(error)])
    if len(found.cut_off) < found.segments:
        left_out = [f"left out of modelled crossings: {s}" for s in found.cut_off]
        return [], [_depth(study, found.deepest_m), *left_out]
    return [
        Problem(study.name, what, "Give elevation and ground that join it to a destination",
                field="border")
        for what in found.cut_off
    ], []  # fmt: skip


def depth_in_words(question: Question, corridors: gpd.GeoDataFrame) -> list[str]:
    """Return how deep crossings are drawn to be; nothing where that cannot be known.

    Raises
    ------
    GridError
        If nothing lies deep enough, or the border does not cross the area.
    """
    border, ways_out = _read(question, "border"), [_read(question, r) for r in ("roads", "places")]
    there = [w for w in ways_out if w is not None and len(w)]
    if border is None or not there:
        return []
    study, grid = question.study, _coarse_grid(question.study)
    inland = funnel.Inland.of(there, border, grid, _side(corridors, border, grid))
    depth_m = study.movement.crossing_depth_m
    inland.beyond(depth_m)
    return [_depth(study, inland.deepest_m(depth_m))]


def _depth(study: Study, deepest_m: float) -> str:
    """Say how deep a crossing is, and between which depths the ensemble draws."""
    depth_m = study.movement.crossing_depth_m
    said = f"crossings: destinations lie {depth_m / 1e3:g} km or more behind the border"
    if study.movement.members < 2:
        return said
    low, high = funnel.depths(depth_m, deepest_m)
    return (
        f"{said}; the ensemble draws {low / 1e3:.0f} to {high / 1e3:.0f} km "
        f"(the area allows {deepest_m / 1e3:.0f} km)"
    )


def _read(question: Question, role: str) -> gpd.GeoDataFrame | None:
    """Read the lines or places of a role; None where there are none or they cannot be read."""
    frames = []
    for given in question.of(role):
        try:
            frames.append(read_fitted(question.study, given).records)
        except FunnelError:
            return None  # the check of the file says what is wrong with it
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True)) if frames else None


def _cut_off(
    question: Question,
    border: gpd.GeoDataFrame,
    ways_out: Sequence[gpd.GeoDataFrame],
    corridors: gpd.GeoDataFrame,
) -> funnel.Reach:
    grid = _coarse_grid(question.study)
    elevation = terrain.elevation_on(grid, [i.path for i in question.of("elevation")]).load()
    return funnel.cut_off(
        elevation,
        _open_ground(question, elevation),
        border,
        ways_out,
        question.study.movement.crossing_depth_m,
        _side(corridors, border, grid),
    )


def _side(corridors: gpd.GeoDataFrame, border: gpd.GeoDataFrame, grid: GeoBox) -> int | None:
    """Return the side of the border that a run will take, from the same corridors."""
    if corridors.empty:
        return None
    return funnel.side_of(funnel.corridor_labels(corridors, grid), border)


def _coarse_grid(study: Study) -> GeoBox:
    return make_grid(study.bounds_lonlat, study.crs, _coarse_m(study))


def _coarse_m(study: Study) -> float:
    grid = make_grid(study.bounds_lonlat, study.crs, study.grid.resolution_m)
    area = float(grid.shape[0] * grid.shape[1]) * study.grid.resolution_m**2
    return max(study.grid.resolution_m, float(math.ceil(math.sqrt(area / CELLS))))


def _open_ground(question: Question, elevation: xr.DataArray) -> xr.DataArray:
    """Return where no land cover is a barrier."""
    grid = grid_of(elevation)
    paths = [i.path for i in question.of("landcover")]
    if not paths:
        return wrap(np.ones(elevation.shape, bool), grid, "open_ground", "1")
    classes = terrain.landcover_on(grid, paths).load()
    source = question.study.source("landcover")
    legend = terrain.legend_of(paths, grid, None if source is None else source.legend)
    time = locomotion.time_coefficients(classes, legend).values
    return wrap(np.isfinite(np.asarray(time.values)), grid, "open_ground", "1")
