"""Which segments of the border get through: the question posed on a coarse grid before work."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from flows.core.stage import RunSpec
from flows.stages.ingest import read_fitted
from geo import funnel, locomotion, terrain
from geo.errors import FunnelError, GridError, Problem
from geo.grid import coarse_grid, grid_of, make_grid, wrap
from geo.study import Study, study_grid

Ground = tuple[xr.DataArray, xr.DataArray]
"""Elevation, and where no land cover is a barrier, on the coarse grid."""
CELLS = 100_000
"""Cells of the coarse grid, at most: seconds to lay, a kilometre and a half for all of Arizona."""
FIELD = "movement.crossing_depth_m"
WAYS_OUT = ("roads", "places")


def examine_crossings(
    question: RunSpec, corridors: gpd.GeoDataFrame
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
    grid = _coarse_grid(study)
    elevation = terrain.elevation_on(grid, [i.path for i in question.of("elevation")]).load()
    ground = elevation, _open_ground(question, elevation)
    elsewhere = _elsewhere(question, border, corridors, ground)
    elsewhere = elsewhere or _ensemble(question, border, corridors)
    if elsewhere:
        return elsewhere, []
    twice = _twice(question)
    there = [w for w in ways_out if w is not None and len(w)]
    if not there:
        note = "no road and no settlement is given: crossings, doses and remoteness are skipped"
        return [], [*twice, note]
    try:
        found = _cut_off(question, border, there, corridors, ground)
    except GridError as error:
        problem = _too_deep_or_far(question, corridors, error)
        # without towers or zones nobody is modelled to walk, and nothing ends
        modelled = question.of("towers") or question.of("zones")
        return ([problem], []) if modelled else ([], [*twice, str(error)])
    if len(found.cut_off) < found.segments:
        left_out = [f"left out of modelled crossings: {s}" for s in found.cut_off]
        if left_out:
            left_out.append(
                f"{len(found.cut_off)} of {found.segments} segments of the border are left out: "
                "the crossings of the others count as all"
            )
        return [], [*twice, _depth(study, found.deepest_m), *left_out]
    problems, notes = _none_through(question, found.cut_off)
    return problems, [*twice, *notes]


def _too_deep_or_far(question: RunSpec, corridors: gpd.GeoDataFrame, error: GridError) -> Problem:
    """Say what to change where no destination lies behind the border at all."""
    deep = "deep" in str(error) or "elevation" in str(error)
    own = (question.study.name, FIELD) if deep else (_labels(question, *WAYS_OUT), "roads, places")
    problem = _problem(error, *own)
    if not deep or corridors.empty:
        return problem
    only = "where corridors lie on one side of the border, only that side counts"
    return replace(problem, what=f"{problem.what}; {only}")


def _none_through(question: RunSpec, cut_off: Sequence[str]) -> tuple[list[Problem], list[str]]:
    """Say that no segment reaches a destination: a problem only where crossings are modelled."""
    if not (question.of("towers") or question.of("zones")):
        return [], [f"no crossing can be modelled: {s}" for s in cut_off]
    remedy = "Give elevation and ground that join it to a destination"
    return [Problem(question.study.name, what, remedy, field="border") for what in cut_off], []


def _elsewhere(
    question: RunSpec, border: gpd.GeoDataFrame, corridors: gpd.GeoDataFrame, ground: Ground
) -> list[Problem]:
    """Return what is wrong where border or corridors have no cell in the area; every run ends."""
    grid = grid_of(ground[0])
    try:
        funnel.border_segments(border, grid)
    except GridError as error:
        return [_problem(error, _labels(question, "border"), "border")]
    if corridors.empty:
        return []
    try:
        labels = funnel.corridor_labels(corridors, grid)
    except GridError as error:
        return [_problem(error, _labels(question, "corridors"), "corridors")]
    walkable = np.isfinite(ground[0].values) & np.asarray(ground[1].values)
    if (walkable & (np.asarray(labels.values) >= 0)).any():
        return []
    what = "no corridor holds ground that can be walked on: water, or no elevation, covers them"
    remedy = "Give elevation and land cover of the corridors, or correct where they lie"
    return [Problem(_labels(question, "corridors"), what, remedy, field="corridors")]


def _ensemble(
    question: RunSpec, border: gpd.GeoDataFrame, corridors: gpd.GeoDataFrame
) -> list[Problem]:
    """Return what is wrong where border or corridors are lost on the cells of repeated draws."""
    study = question.study
    walked = question.of("towers") and question.of(*WAYS_OUT)
    if study.movement.members < 2 or not walked:
        return []
    side = max(study.grid.ensemble_m, study.grid.resolution_m)
    grid = coarse_grid(study_grid(study), side)
    try:
        funnel.border_segments(border, grid)
        if not corridors.empty:
            funnel.corridor_labels(corridors, grid)
    except GridError as error:
        what = str(error).replace(": ", "; ").partition("; ")[0]
        rows, cols = grid.shape
        said = f"on its cells, {rows} by {cols} for the whole area, {what}"
        return [Problem(study.name, said, "Make it smaller", field="grid.ensemble_m")]
    return []


def _problem(error: GridError, where: str, field: str) -> Problem:
    """Return an error as what is wrong and what to do."""
    what, _, remedy = str(error).partition(": ")
    if not remedy:
        what, _, remedy = str(error).partition("; ")
    return Problem(where, what, remedy[:1].upper() + remedy[1:], field=field)


def _labels(question: RunSpec, *roles: str) -> str:
    """Return the inputs of roles as their user named them."""
    return ", ".join(i.label for i in question.of(*roles)) or question.study.name


def _twice(question: RunSpec) -> list[str]:
    """Say where several sources draw the border: of one line drawn twice, both would count."""
    given = dict.fromkeys(i.source_id for i in question.of("border"))
    if len(given) < 2:
        return []
    said = (
        f"the border comes from {' and '.join(given)}: pieces of one border go together; where "
        "both draw the same line, take one out"
    )
    return [said]


def depth_in_words(question: RunSpec, corridors: gpd.GeoDataFrame) -> list[str]:
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


def _read(question: RunSpec, role: str) -> gpd.GeoDataFrame | None:
    """Read the lines or places of a role; None where there are none or they cannot be read."""
    frames = []
    for given in question.of(role):
        try:
            frames.append(read_fitted(question.study, given).records)
        except FunnelError:
            return None  # the check of the file says what is wrong with it
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True)) if frames else None


def _cut_off(
    question: RunSpec,
    border: gpd.GeoDataFrame,
    ways_out: Sequence[gpd.GeoDataFrame],
    corridors: gpd.GeoDataFrame,
    ground: Ground,
) -> funnel.Reach:
    return funnel.cut_off(
        *ground,
        border,
        ways_out,
        question.study.movement.crossing_depth_m,
        _side(corridors, border, grid_of(ground[0])),
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


def _open_ground(question: RunSpec, elevation: xr.DataArray) -> xr.DataArray:
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
