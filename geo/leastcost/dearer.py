"""What dearer ground changes of a surface: the cells whose route crosses it, and no other.

Costs of steps only rise. A cell whose route (`geo.leastcost.tree`) crosses no dearer ground keeps
its label and its route: that way costs what it did, and every other costs at least what it did.
Cells whose route does are spoilt: their labels are dropped and found again from those around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import CostError
from geo.leastcost import tree
from geo.leastcost.driver import Call, TileExecutor, TileQueue, drive
from geo.leastcost.field import Field
from geo.leastcost.tiles import Array, Job, Tile, TileHalo, as_block, halo_of, paste

if TYPE_CHECKING:
    from geo.leastcost.surfaces import CostSurface


@dataclass(frozen=True)
class Earlier:
    """A surface under cheaper ground, and the spoilt cells of its tiles."""

    surface: CostSurface
    flags: Mapping[Tile, Array]

    def rims(self, name: str, reach: int) -> dict[Tile, TileHalo]:
        """Rims of one of its rasters, without the spoilt cells."""
        found = dict(self.surface.rims[name])
        for tile, flag in self.flags.items():
            if tile in found:
                found[tile] = _without(found[tile], TileHalo.of(flag, reach))
        return found


@dataclass(frozen=True)
class Spoilt:
    """One tile of an earlier raster, read without its spoilt cells, written to the new one."""

    earlier: Any
    flag: Array
    target: Any

    def read(self) -> Array:
        """Return a copy, NaN where spoilt."""
        values = np.array(self.earlier.read())
        values[self.flag] = np.nan
        return values

    def write(self, values: Array) -> Any:
        """Write to the new raster."""
        return self.target.write(values)


@dataclass
class Weighing:
    """What a visit needs to say which routes cross dearer ground."""

    steps: Any
    old: Any
    new: Any
    old_rims: dict[Tile, TileHalo]
    new_rims: dict[Tile, TileHalo]
    flag_rims: dict[Tile, TileHalo]


def touched(old: Field, new: Field, executor: TileExecutor) -> set[Tile]:
    """Return the tiles in which ground got dearer; CostError if it got cheaper anywhere."""
    same_table = np.array_equal(old.table.line, new.table.line) and np.array_equal(
        old.table.break_at, new.table.break_at
    )
    calls = (
        (compare, old.blocks("friction", tile), new.blocks("friction", tile)) for tile in old.tiling
    )
    found = dict(old.each(executor, calls, "comparing"))
    if not same_table or any(cheaper for _, cheaper in found.values()):
        raise CostError(
            "the cost is cheaper somewhere than before, or bars other ground, or has another "
            "table; accumulate it afresh"
        )
    return {tile for tile, (dearer, _) in found.items() if dearer}


def compare(old: Any, new: Any) -> tuple[bool, bool]:
    """Say whether friction rose anywhere in a tile, and whether it fell or barriers differ."""
    before, after = as_block(old), as_block(new)
    shut = ~np.isfinite(before)
    other = bool((shut != ~np.isfinite(after)).any())
    cheaper = other or bool((after[~shut] < before[~shut]).any())
    return bool((after[~shut] > before[~shut]).any()), cheaper


def spoilt(
    surface: CostSurface, old: Field, new: Field, dearer: set[Tile], executor: TileExecutor
) -> dict[Tile, Array]:
    """Return the spoilt cells of every tile that has any."""
    front, reach = TileQueue(old.tiling), old.moves.reach
    job = old.job(surface.problem.options)
    flags: dict[Tile, Array] = {}
    rims: dict[Tile, TileHalo] = {}

    def due(tile: Tile) -> None:
        if tile in surface.rims["cost"]:
            front.wait(tile, surface.rims["cost"][tile].lowest())

    for tile in dearer:
        for near in (tile, *(t for _, t in old.tiling.around(tile))):
            due(near)

    def launch(tile: Tile) -> Call:
        window, near = old.tiling.window(tile), dict(old.tiling.around(tile))
        return (
            weigh,
            job,
            Weighing(
                surface.stores[tree.STEP].block(window),
                old.blocks("friction", tile),
                new.blocks("friction", tile),
                {way: old.looks[t].rim for way, t in near.items()},
                {way: new.looks[t].rim for way, t in near.items()},
                {way: rims[t] for way, t in near.items() if t in rims},
            ),
        )

    def land(tile: Tile, flag: Array) -> None:
        front.busy.remove(tile)
        if not flag.any():
            return
        known, rim = rims.get(tile), TileHalo.of(flag, reach)
        flags[tile], rims[tile] = flag, rim
        for (a, b), near in old.tiling.around(tile):
            part = rim.facing((-a, -b), reach)
            before = known.facing((-a, -b), reach) if known else np.zeros_like(part)
            if (part & ~before).any():
                due(near)

    drive(front, executor, launch, land)
    return flags


def weigh(job: Job, ask: Weighing) -> Array:
    """Return the cells of a tile whose route crosses dearer ground, as far as its halo knows."""
    code, reach = ask.steps.read(), job.reach
    rows, cols = code.shape
    stride = cols + 2 * reach
    frame = rows, cols, reach, halo_of(rows, cols, reach), job.moves.steps
    changed = _changed(ask, code.shape, reach)
    flag = np.zeros((rows + 2 * reach, stride), bool)
    paste(flag, ask.flag_rims, reach)
    state = np.full(flag.shape, tree.KNOWN, np.uint8)
    inside = np.where(code == tree.NO_STEP, tree.STUCK, tree.UNKNOWN)
    inside[code == tree.SOURCE] = tree.KNOWN
    state[reach : reach + rows, reach : reach + cols] = inside
    order = np.empty(code.size, np.int64)
    offset, _, _, crossed = job.steps(stride)
    count = tree.in_order(code, state.ravel(), frame, offset, order)
    tree.hand_down(order, count, code, frame, flag.ravel(), changed.ravel(), offset, crossed)
    return flag[reach : reach + rows, reach : reach + cols].copy()


def _changed(ask: Weighing, shape: tuple[int, int], reach: int) -> Array:
    """Say where friction differs, halo included."""
    sides = []
    for block, rims in ((ask.old, ask.old_rims), (ask.new, ask.new_rims)):
        ground = np.zeros((shape[0] + 2 * reach, shape[1] + 2 * reach, 2))
        paste(ground, rims, reach)
        friction = ground[..., 1]
        friction[reach : reach + shape[0], reach : reach + shape[1]] = as_block(block)
        sides.append(friction)
    # barriers, which no step touches, may be NaN and so unequal to themselves
    return np.asarray(sides[0] != sides[1])


def _without(rim: TileHalo, flag: TileHalo) -> TileHalo:
    """Drop the spoilt cells of a rim."""
    return TileHalo(
        np.where(flag.top, np.nan, rim.top),
        np.where(flag.bottom, np.nan, rim.bottom),
        np.where(flag.left, np.nan, rim.left),
        np.where(flag.right, np.nan, rim.right),
    )
