"""What else adds up along the least-cost routes: hours, litres, energy as it would have been.

The routes are those of the cost that was accumulated, found from its final labels
(`geo.leastcost.tree`); another quantity is summed step by step along them. Tiles are visited as
their neighbours learn more, until every reached cell has a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import CostError
from geo.leastcost import tile_arrays, tree
from geo.leastcost.driver import Call, TileQueue, drive
from geo.leastcost.field import Field
from geo.leastcost.tiles import (
    Array,
    Buffers,
    Frame,
    Job,
    Tile,
    TileHalo,
    Visit,
    as_block,
    halo_of,
    paste,
    rim_of,
)

if TYPE_CHECKING:
    from geo.leastcost.solve import Run


@dataclass
class Load:
    """One quantity of a visit: its ground, what is known of it, and what the neighbours know."""

    job: Job
    elevation: Any
    friction: Any
    ground_rims: dict[Tile, TileHalo]
    values: Any
    rims: dict[Tile, TileHalo]


@dataclass(frozen=True)
class Carried:
    """What a visit found of each quantity, and how many cells still wait for their neighbours."""

    rims: tuple[TileHalo, ...]
    blocks: tuple[Array | None, ...]
    waiting: int
    barred: tuple[int, ...]


def find_steps(
    steps: Any, job: Job, task: Visit, buffers: Buffers | None = None
) -> tuple[int, int, Array | None]:
    """Find the step of every cell of a tile, which also verifies its labels."""
    arrays = Frame(job, task, task.cost.read(), buffers)
    code = np.empty(task.shape, np.uint8)
    moves = job.steps(arrays.stride)
    found = tree.find_steps(
        arrays.label, arrays.ground, arrays.frame, moves, job.lookup, job.ceiling, code
    )
    kept = steps.read()
    kept[...] = code
    return int(found[0]), int(found[1]), steps.write(kept)


def accumulate_along_paths(job: Job, steps: Any, loads: tuple[Load, ...]) -> Carried:
    """Add the quantities up in a tile, as far as its neighbours know them."""
    code = steps.read()
    reach = job.reach
    rows, cols = code.shape
    halo = halo_of(rows, cols, reach)
    frame = rows, cols, reach, halo, job.moves.steps
    stride = cols + 2 * reach
    size = (rows + 2 * reach) * stride
    kept = [load.values.read() for load in loads]
    known = [_framed(load, block, code, reach) for load, block in zip(loads, kept, strict=True)]
    # a killed run may have kept one quantity of a tile and not yet another
    state = np.where(np.isnan(sum(known)), tree.UNKNOWN, tree.KNOWN).astype(np.uint8)
    inside = state.reshape(-1, stride)[reach : reach + rows, reach : reach + cols]
    inside[code == tree.NO_STEP] = tree.STUCK
    state[halo] = np.where(state[halo] == tree.KNOWN, tree.KNOWN, tree.STUCK)
    order = np.empty(rows * cols, np.int64)
    moves = job.steps(stride)
    count = tree.in_order(code, state, frame, moves[0], order)
    ground = np.empty((size, 2), job.dtype)
    for load, value, block in zip(loads, known, kept, strict=True):
        _load_ground(load, ground, halo, (rows, cols), reach)
        here = load.job.steps(stride), load.job.lookup
        tree.accumulate_along_tree(order, count, code, frame, value, ground, *here)
        block[...] = value.reshape(-1, stride)[reach : reach + rows, reach : reach + cols]
    return Carried(
        tuple(TileHalo.of(block, reach) for block in kept),
        tuple(load.values.write(block) for load, block in zip(loads, kept, strict=True)),
        int(np.count_nonzero(np.isnan(sum(kept)) & (code != tree.NO_STEP))),
        tuple(int(np.count_nonzero(np.isinf(block))) for block in kept),
    )


def _framed(load: Load, block: Array, code: Array, reach: int) -> Array:
    """Flat values of a quantity with their halo; NaN where it is not known yet."""
    rows, cols = code.shape
    value = np.full((rows + 2 * reach, cols + 2 * reach), np.nan, load.job.dtype)
    paste(value, load.rims, reach)
    block[code == tree.SOURCE] = 0
    value[reach : reach + rows, reach : reach + cols] = block
    return value.ravel()


def _load_ground(
    load: Load, ground: Array, halo: Array, shape: tuple[int, int], reach: int
) -> None:
    """Fill the ground of a quantity; the labels that `load` fills beside it are not used."""
    ground[halo] = (0, np.inf)
    paste(ground.reshape(-1, shape[1] + 2 * reach, 2), load.ground_rims, reach)
    unused = np.empty(ground.shape[0], ground.dtype), np.zeros(shape, ground.dtype)
    blocks = as_block(load.elevation), as_block(load.friction)
    tile_arrays.load(*blocks, unused[1], unused[0], ground, reach, ground.dtype.type(np.inf))


class Routes:
    """The steps and quantities of a run whose labels are final."""

    def __init__(self, run: Run, others: Mapping[str, Field]) -> None:
        self.run, self.others = run, others
        self.jobs = {name: other.job(run.problem.options) for name, other in others.items()}
        self.tiles = list(run.tiling if run.earlier is None else run.earlier.flags)
        self.steps, _ = run.keep(tree.STEP, "uint8", tree.NO_STEP)
        kept = {n: run.keep(n, run.job.dtype, np.nan) for n in others}
        self.stores = {name: store for name, (store, _) in kept.items()}
        self.resumed = all(there for _, there in kept.values())
        self.rims: dict[Tile, tuple[TileHalo, ...]] = {}
        self.waiting: dict[Tile, int] = {}
        self.visited: set[Tile] = set()
        if run.earlier is not None:
            known = [run.earlier.rims(name, run.moves.reach) for name in others]
            shared = set.intersection(*(set(rims) for rims in known)) if known else set()
            self.rims = {tile: tuple(rims[tile] for rims in known) for tile in shared}

    def verify(self) -> tuple[int, int]:
        """Find every step; count the cells that can be improved and those that no step carries."""
        run = self.run
        calls = (
            run.call(partial(find_steps, self.steps.block(run.tiling.window(tile))), run.task(tile))
            for tile in self.tiles
        )
        improvable = orphans = 0
        for n, (better, lost, code) in enumerate(run.executor.each(calls)):
            self.steps.land(run.tiling.window(self.tiles[n]), code)
            improvable, orphans = improvable + better, orphans + lost
            run.report(n + 1, "verifying")
        return improvable, orphans

    def add_up(self) -> None:
        """Sum every quantity along the routes."""
        if not self.others:
            return
        front = TileQueue(self.run.tiling)
        for tile in self.tiles:
            if self.run.earlier is not None:
                front.wait(tile, self.run.rims[tile].lowest())
            elif self.run.starts[tile].sources:
                front.wait(tile, 0.0)
        if self.resumed:
            self._resume(front)

        def land(tile: Tile, found: Carried) -> None:
            front.busy.remove(tile)
            window = self.run.tiling.window(tile)
            check_walkable(dict(zip(self.others, found.barred, strict=True)))
            for store, block in zip(self.stores.values(), found.blocks, strict=True):
                store.land(window, block)
            old = self.rims.get(tile)
            self.visited.add(tile)
            self.rims[tile], self.waiting[tile] = found.rims, found.waiting
            front.tell(tile, old[0] if old else None, found.rims[0], self.run.moves.reach)
            for settled in [t for t in front.waiting if self._settled(t)]:
                del front.waiting[settled]
            self.run.report(len(self.visited), "adding up along routes")

        drive(front, self.run.executor, self._launch, land)

    def _settled(self, tile: Tile) -> bool:
        """Say whether no cell of a tile waits for a value."""
        if self.run.earlier is not None and tile not in self.run.earlier.flags:
            return True
        return self.waiting.get(tile) == 0

    def _block(self, store: Any, tile: Tile) -> Any:
        """Give a tile's block, without what was spoilt if nothing was found again yet."""
        if self.run.earlier is not None and tile not in self.visited:
            return self.run.untouched(store, tile) or store.block(self.run.tiling.window(tile))
        return store.block(self.run.tiling.window(tile))

    def _resume(self, front: TileQueue) -> None:
        """Take up what an earlier run left."""
        reach = self.run.moves.reach
        for tile in self.tiles:
            window = self.run.tiling.window(tile)
            rims = [rim_of(store.block(window), reach) for store in self.stores.values()]
            there = tuple(rim for rim in rims if rim is not None)
            if len(there) == len(rims):
                self.rims[tile] = there
                front.wait(tile, there[0].lowest())
                front.tell(tile, None, there[0], reach)

    def _launch(self, tile: Tile) -> Call:
        run = self.run
        window, near = run.tiling.window(tile), dict(run.tiling.around(tile))
        loads = tuple(
            Load(
                self.jobs[name],
                other.blocks("elevation", tile),
                other.blocks("friction", tile),
                {way: other.looks[t].rim for way, t in near.items()},
                self._block(self.stores[name], tile),
                {way: self.rims[t][number] for way, t in near.items() if t in self.rims},
            )
            for number, (name, other) in enumerate(self.others.items())
        )
        return accumulate_along_paths, run.job, self.steps.block(window), loads

    def rims_by_name(self) -> dict[str, dict[Tile, TileHalo]]:
        """Give the rims of each quantity."""
        return {
            name: {tile: rims[number] for tile, rims in self.rims.items()}
            for number, name in enumerate(self.others)
        }


def check(improvable: int, orphans: int) -> None:
    """Raise CostError unless the labels are exact and every one of them has a step."""
    if improvable:
        raise CostError(
            f"{improvable} cells can still be improved: the rasters changed during the run, or the "
            "store was altered; delete the store and run again"
        )
    if orphans:
        raise CostError(
            f"{orphans} cells have a cost that no step from a cheaper cell carries: steps "
            "are smaller than the rounding of the cost, or the store was altered; choose float64"
        )


def check_walkable(barred: Mapping[str, int]) -> None:
    """Raise CostError if a quantity is not defined where the routes of the cost go."""
    wrong = ", ".join(f"{name} at {count} cells" for name, count in barred.items() if count)
    if wrong:
        raise CostError(
            f"routes lead over ground that the model of a quantity shuts: {wrong}; give it "
            "friction and slopes that are finite wherever those of the cost are"
        )
