"""Allocation: which source cell each cell is cheapest to reach from, found after the cost.

A step is tight if it carries the label of one end exactly to the other. Of all sources that reach
a cell over tight steps, the cell belongs to the one with the smallest index: a rule that depends on
the cost surface alone, never on the order of work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.leastcost import kernel
from geo.leastcost.driver import Call, TileQueue, drive
from geo.leastcost.tiles import (
    Buffers,
    Frame,
    Job,
    Tile,
    TileHalo,
    TileResult,
    Visit,
    as_block,
    paste,
)

if TYPE_CHECKING:
    from geo.leastcost.solve import Run

NOBODY = np.iinfo(np.int64).max


@dataclass
class OwnerVisit:
    """What a visit of this phase needs besides the cost."""

    owners: Any
    owner_rims: dict[Tile, TileHalo]
    first: int
    columns: int


def claim(job: Job, task: Visit, ask: OwnerVisit, buffers: Buffers | None = None) -> TileResult:
    """Settle who owns the cells of a tile; -1 stands for nobody."""
    arrays = Frame(job, task, task.cost.read(), buffers)
    reach = job.reach
    rows, cols = task.shape
    given = ask.owners.read()
    owner = np.full((rows + 2 * reach, arrays.stride), NOBODY)
    inside = owner[reach : reach + rows, reach : reach + cols]
    paste(owner, ask.owner_rims, reach)
    inside[...] = given
    owner[owner < 0] = NOBODY
    if task.sources is not None:
        at = np.argwhere(as_block(task.sources))
        inside[at[:, 0], at[:, 1]] = ask.first + at[:, 0] * ask.columns + at[:, 1]
    label = arrays.label.reshape(-1, arrays.stride)[reach : reach + rows, reach : reach + cols]
    order = np.argsort(label, axis=None, kind="stable")
    moves, flat = job.steps(arrays.stride), owner.ravel()
    ground, frame, cap = arrays.ground, arrays.frame, job.ceiling
    while kernel.claim(arrays.label, ground, flat, order, frame, moves, job.lookup, cap):
        pass
    result = np.where(inside == NOBODY, -1, inside)
    if np.array_equal(result, given):
        return TileResult()
    given[...] = result
    return TileResult(TileHalo.of(result, reach), ask.owners.write(given))


def allocate(run: Run) -> Any:
    """Find the source of every cell; return the raster of source indices."""
    owners, _ = run.keep("allocation", "int64", -1)
    rims: dict[Tile, TileHalo] = {}
    front = TileQueue(run.tiling)
    seeded: set[Tile] = set()
    columns = run.problem.elevation.shape[1]
    origin = run.problem.rows.start * columns + run.problem.cols.start
    for tile, item in run.starts.items():
        if item.sources:
            front.wait(tile, 0.0)

    def launch(tile: Tile) -> Call:
        task, (rows, cols) = run.task(tile), run.tiling.window(tile)
        if run.starts[tile].sources and tile not in seeded:
            task.sources = run.sources(tile)
            seeded.add(tile)
        near = {way: rims[t] for way, t in run.tiling.around(tile) if t in rims}
        first = origin + rows.start * columns + cols.start
        return claim, run.job, task, OwnerVisit(owners.block((rows, cols)), near, first, columns)

    def land(tile: Tile, outcome: TileResult) -> None:
        front.busy.remove(tile)
        if outcome.rim is None:
            return
        owners.land(run.tiling.window(tile), outcome.values)
        rims[tile] = outcome.rim
        label = run.rims[tile].lowest()
        for _, near in run.tiling.around(tile):
            if near in run.rims:
                front.wait(near, label)
        run.report(len(rims), "allocating")

    drive(front, run.executor, launch, land)
    return owners.result()
