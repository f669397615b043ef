"""Members of the route model's ensemble, a file each, so that a kill costs only those under way."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from flows.core.manifest import note
from flows.core.rasters import read_raster, write_raster
from flows.core.stage import StageContext
from flows.core.store import write_text
from flows.stages import climate
from flows.stages.corridors import corridor_labels
from geo import funnel, locomotion, parameters
from geo.aggregation import aggregate
from geo.grid import grid_of, require_metric, wrap
from geo.study import stream
from geo.visibility import Uncertainty
from geo.visibility.single import Patch
from geo.visibility.uncertainty import error_field

FOLDER = "members"
DEPTHS = "crossing_depth.json"
ERROR = "elevation error of the ensemble"
SURFACES = ("mean", "low", "high", "agreement")


def bands(
    step: StageContext,
    land: funnel.MovementDomain,
    seen: Mapping[str, xr.DataArray],
    reference: Mapping[funnel.Key, float],
    line: funnel.BorderLine,
) -> dict[funnel.Key, tuple[float, float]]:
    """Run the members that are not there yet and return the band of every measure.

    Parameters
    ----------
    step
        The funnel step; members are files in its folder.
    land
        Elevation and ends at the study's resolution.
    seen
        Closed period = (y, x) share of the period in view.
    reference
        Every measure of the study's own choice at its own resolution.
    line
        The border, along which shifts are measured.
    """
    if step.study.movement.members < 2:
        return {}
    ground = _ground(step, land, seen, line)
    members = funnel.design(
        reference_member(step),
        step.study.movement.members,
        stream(step.study.seed, "ensemble"),
        _depths(step, ground.land),
    )
    folder = step.folder / FOLDER
    folder.mkdir(exist_ok=True)
    paths = {member: folder / f"{n:04d}.npz" for n, member in enumerate(members)}
    left = [member for member in members if not paths[member].is_file()]
    step.progress(len(members) - len(left), len(members), "ensemble")
    found = funnel.run_members(ground, left, step.executor, step.workers)
    for n, (member, outcome) in enumerate(found):
        _write(step.folder, paths[member], outcome)
        step.progress(len(members) - len(left) + n + 1, len(members), "ensemble")
    _write_surfaces(step, ground, list(paths.values()))
    return funnel.bands([_values(p) for p in paths.values()], reference)


def reference_member(step: StageContext) -> funnel.Member:
    """Return the study's own choice."""
    movement = step.study.movement
    return funnel.Member(movement.metabolic, movement.speed, step.study.walkers[0], movement.theta)


def elevation_error(
    shape: tuple[int, int], cell_m: float, uncertainty: Uncertainty, root: int, draw: int
) -> NDArray[np.float32]:
    """Return the elevation error of a draw, (y, x) metres."""
    return error_field(Patch(0, shape[0], 0, shape[1]), cell_m, uncertainty, (root, draw))


def _depths(step: StageContext, land: funnel.MovementDomain) -> tuple[float, float] | None:
    """Return how deep crossings are drawn to be, and keep it for the table of crossings."""
    depth_m = step.study.movement.crossing_depth_m
    if land.inland is None:
        return None
    low, high = funnel.depths(depth_m, land.inland.deepest_m(depth_m))
    found = {"depth_m": depth_m, "low_m": low, "high_m": high}
    write_text(step.folder / DEPTHS, json.dumps(found))
    return low, high


def depths_drawn(step: StageContext) -> tuple[float, float] | None:
    """Return the range from which the members drew how deep a crossing is; None without members."""
    path = step.folder / DEPTHS
    if not path.is_file():
        return None
    found = json.loads(path.read_text("utf-8"))
    return float(found["low_m"]), float(found["high_m"])


def _ground(
    step: StageContext,
    land: funnel.MovementDomain,
    seen: Mapping[str, xr.DataArray],
    line: funnel.BorderLine,
) -> funnel.Ground:
    side = max(step.study.grid.ensemble_m, require_metric(land.elevation))
    coarse = funnel.coarser(land, side, step.study.movement.crossing_depth_m)
    known = parameters.load("visibility")
    uncertainty = Uncertainty(
        float(known["elevation_error_sd_m"].value),
        float(known["elevation_error_correlation_m"].value),
    )
    root = int(stream(step.study.seed, ERROR).integers(2**62))
    shape = (coarse.elevation.shape[0], coarse.elevation.shape[1])
    energy, time = (_coarse(step, name, side) for name in ("terrain_energy", "terrain_time"))
    costlier = None if energy is None else locomotion.EnergyCoefficient(energy)
    slower = None if time is None else locomotion.TimeCoefficient(time)
    return funnel.Ground(
        coarse,
        costlier,
        {period: aggregate(s, side) for period, s in seen.items()},
        step.study.movement.avoidance,
        partial(elevation_error, shape, side, uncertainty, root),
        slower,
        climate.further(step, coarse.elevation, costlier, slower),
        corridor_labels(step, grid_of(coarse.elevation)),
        line.along(grid_of(coarse.elevation)),
    )


def _coarse(step: StageContext, name: str, side: float) -> xr.DataArray | None:
    """Read what the ground does, at the ensemble's resolution."""
    found = read_raster(step.done["terrain"], name)
    return None if found is None else aggregate(found, side).astype(np.float32)


def _write(step_folder: Path, path: Path, outcome: funnel.MemberResult) -> None:
    """Write a member whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    text = json.dumps([[*key, value] for key, value in outcome.values.items()])
    with temporary.open("wb") as file:
        np.savez_compressed(
            file,
            values=np.array(text),
            names=np.array(list(outcome.layers)),
            layers=np.stack(list(outcome.layers.values())),
        )
    note(step_folder, path.relative_to(step_folder).as_posix(), temporary)
    temporary.replace(path)


def _values(path: Path) -> dict[funnel.Key, float]:
    with np.load(path) as file:
        rows = json.loads(str(file["values"]))
    return {(period, segment, avoidance, name): v for period, segment, avoidance, name, v in rows}


def _write_surfaces(step: StageContext, ground: funnel.Ground, paths: Sequence[Path]) -> None:
    """Write mean, quantiles and agreement of every layer; they never leave the store."""
    with np.load(paths[0]) as file:
        names = [str(n) for n in file["names"]]
    grid = grid_of(ground.land.elevation)
    parts = []
    for n in range(len(names)):
        layers = []
        for path in paths:
            with np.load(path) as file:
                layers.append(file["layers"][n])
        parts.append(funnel.surfaces(layers, grid))
    for what in SURFACES:
        stack = np.stack([p[what].values for p in parts])
        layer = wrap(stack, grid, f"density_{what}", "1", coords={"period": names})
        write_raster(step.folder, layer)
