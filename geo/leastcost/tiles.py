"""One visit to one tile: a pure function that any worker can run.

A visit gets the tile's blocks and the halo around it (the rims of its eight neighbours), lets the
halo's labels in, settles the tile, and returns the tile's new rim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.leastcost import kernel, tile_arrays, tree
from geo.leastcost.moves import Moves
from geo.leastcost.table import CostTable

Tile = tuple[int, int]
Array = NDArray[Any]
NEIGHBOURS = tuple((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0))
"""Definition: the eight tiles around a tile."""


@dataclass(frozen=True)
class Tiling:
    """Square tiles over a raster; the last row and column may be smaller."""

    rows: int
    cols: int
    side: int

    def __iter__(self) -> Iterator[Tile]:
        """All tiles, row by row."""
        for i in range(-(-self.rows // self.side)):
            for j in range(-(-self.cols // self.side)):
                yield i, j

    def __len__(self) -> int:
        return -(-self.rows // self.side) * -(-self.cols // self.side)

    def window(self, tile: Tile) -> tuple[slice, slice]:
        """Rows and columns of a tile."""
        top, left = tile[0] * self.side, tile[1] * self.side
        return (
            slice(top, min(top + self.side, self.rows)),
            slice(left, min(left + self.side, self.cols)),
        )

    def around(self, tile: Tile) -> Iterator[tuple[Tile, Tile]]:
        """Direction and tile of each neighbour."""
        for a, b in NEIGHBOURS:
            i, j = tile[0] + a, tile[1] + b
            if 0 <= i * self.side < self.rows and 0 <= j * self.side < self.cols:
                yield (a, b), (i, j)


@dataclass(frozen=True)
class TileHalo:
    """The outermost rows and columns of a block, as wide as the longest step."""

    top: Array
    bottom: Array
    left: Array
    right: Array

    @classmethod
    def of(cls, block: Array, reach: int) -> TileHalo:
        """Copy the rim of a (rows, cols, ...) block."""
        return cls(
            block[:reach].copy(),
            block[-reach:].copy(),
            block[:, :reach].copy(),
            block[:, -reach:].copy(),
        )

    def lowest(self) -> float:
        """Return the lowest value, NaN not counted; infinite if there is none."""
        parts = (self.top, self.bottom, self.left, self.right)
        return float(min(np.nanmin(part, initial=np.inf) for part in parts))

    def facing(self, direction: Tile, reach: int) -> Array:
        """Return the part that touches a tile lying in the opposite of `direction`.

        `direction` is where this rim's tile lies as seen from that other tile.
        """
        a, b = direction
        if a == 0:
            return self.right if b < 0 else self.left
        strip = self.bottom if a < 0 else self.top
        if b == 0:
            return strip
        return strip[:, -reach:] if b < 0 else strip[:, :reach]


def paste(frame: Array, rims: dict[Tile, TileHalo], reach: int) -> None:
    """Put neighbours' rims around the inside of a (rows, cols, ...) frame."""
    rows, cols = frame.shape[0] - 2 * reach, frame.shape[1] - 2 * reach
    for (a, b), rim in rims.items():
        part = rim.facing((a, b), reach)
        top = {-1: 0, 0: reach, 1: reach + rows}[a]
        left = {-1: 0, 0: reach, 1: reach + cols}[b]
        frame[top : top + part.shape[0], left : left + part.shape[1]] = part


@dataclass(frozen=True)
class Job:
    """What is the same for every visit of a run."""

    moves: Moves
    table: CostTable
    cell: float
    sign: float
    cap: float
    dtype: str

    @property
    def reach(self) -> int:
        """Width of the halo."""
        return self.moves.reach

    def steps(self, stride: int) -> tuple[Array, Array, Array, Array]:
        """Offsets, bins per metre of rise, metres by share of friction, crossed cells."""
        m = self.moves
        run = m.length * self.cell
        offset = (m.steps[:, 0] * stride + m.steps[:, 1]).astype(np.int64).view(np.uint64)
        crossed = (m.crossed[..., 0] * stride + m.crossed[..., 1]).astype(np.int64).view(np.uint64)
        rate = (self.sign * self.table.bins_per_slope / run).astype(self.dtype)
        share = (m.share * run[:, None]).astype(self.dtype)
        return offset, rate, share, np.ascontiguousarray(crossed)

    @property
    def ceiling(self) -> Any:
        """The cap as a number of the labels' kind."""
        return np.dtype(self.dtype).type(self.cap)

    @cached_property
    def lookup(self) -> tuple[Array, Array, Any, Any]:
        """The table, the bins left of slope 0, and the last bin, as the kernel takes them."""
        real = np.dtype(self.dtype).type
        bins = self.table.break_at.size - 2
        return self.table.line, self.table.break_at, real(bins / 2 + 1), real(bins + 1)


@dataclass
class Buffers:
    """Working arrays of one worker, reused from visit to visit."""

    label: Array
    ground: Array
    after: Array
    before: Array
    slot: Array
    head: Array = field(default_factory=lambda: np.zeros(kernel.BUCKETS + 1, np.uint32))

    @classmethod
    def of(cls, size: int, dtype: str) -> Buffers:
        """Allocate for tiles of up to `size` cells, halo included."""
        return cls(
            np.empty(size, dtype),
            np.empty((size, 2), dtype),
            np.empty(size, np.uint32),
            np.empty(size, np.uint32),
            np.zeros(size, np.uint16),
        )

    @property
    def queue(self) -> tuple[Array, Array, Array, Array]:
        """The queue as the kernel takes it."""
        return self.head, self.after, self.before, self.slot


@dataclass
class Visit:
    """One tile to work on: its blocks, and the rims of its neighbours.

    `sources` is given on the first visit to a tile that has any; `fresh` says that labels were
    dropped from the tile, which is then left with whatever is found.
    """

    tile: Tile
    shape: tuple[int, int]
    elevation: Any
    friction: Any
    cost: Any
    width: float
    ground_rims: dict[Tile, TileHalo]
    cost_rims: dict[Tile, TileHalo]
    sources: Any = None
    fresh: bool = False


@dataclass(frozen=True)
class TileResult:
    """What a visit found: the tile's new rim if a label fell, and the block if it is sent back."""

    rim: TileHalo | None = None
    values: Array | None = None


def settle(job: Job, task: Visit, buffers: Buffers | None = None) -> TileResult:
    """Settle a tile and write its lower labels."""
    cost = task.cost.read()
    arrays = Frame(job, task, cost, buffers)
    moves, table = job.steps(arrays.stride), job.lookup
    waiting = np.zeros(2, np.int64)
    pace = (np.dtype(job.dtype).type(1 / task.width), waiting)
    queue = arrays.buffers.queue
    if task.sources is not None:
        kernel.seed(as_block(task.sources), arrays.label, job.reach, queue, pace)
    tile = arrays.label, arrays.ground, arrays.frame, moves, table
    if task.fresh:
        lowest = tree.pull(*tile, job.ceiling)
        now = tree.queue_up(arrays.label, arrays.frame, lowest, queue, pace)
    else:
        now = kernel.receive(*tile, queue, pace)
    kernel.spread(arrays.label, arrays.ground, now, moves, table, queue, pace)
    if not tile_arrays.save(arrays.label, cost, job.reach, job.ceiling) and not task.fresh:
        return TileResult()
    return TileResult(TileHalo.of(cost, job.reach), task.cost.write(cost))


def certify(job: Job, task: Visit, buffers: Buffers | None = None) -> int:
    """Count the tile's cells that a step could still improve; 0 proves it exact."""
    arrays = Frame(job, task, task.cost.read(), buffers)
    moves = job.steps(arrays.stride)
    return int(
        kernel.certify(arrays.label, arrays.ground, arrays.frame, moves, job.lookup, job.ceiling)
    )


def rim_of(block: Any, reach: int) -> TileHalo | None:
    """Read a tile's rim; None if no cell of the tile has a value."""
    values = block.read()
    return TileHalo.of(values, reach) if np.isfinite(values).any() else None


class Frame:
    """A tile's working arrays, halo filled in."""

    def __init__(self, job: Job, task: Visit, cost: Array, buffers: Buffers | None) -> None:
        reach = job.reach
        rows, cols = task.shape
        self.stride = cols + 2 * reach
        size = (rows + 2 * reach) * self.stride
        self.buffers = buffers or Buffers.of(size, job.dtype)
        self.label, self.ground = self.buffers.label[:size], self.buffers.ground[:size]
        halo = halo_of(rows, cols, reach)
        self.label[halo], self.ground[halo] = np.inf, (0, np.inf)
        paste(self.label.reshape(-1, self.stride), task.cost_rims, reach)
        paste(self.ground.reshape(-1, self.stride, 2), task.ground_rims, reach)
        ground = as_block(task.elevation), as_block(task.friction)
        tile_arrays.load(*ground, cost, self.label, self.ground, reach, job.ceiling)
        self.frame = rows, cols, reach, halo, job.moves.steps


@lru_cache(maxsize=8)
def halo_of(rows: int, cols: int, reach: int) -> Array:
    """Flat positions of the halo: shared, since tiles have few shapes, and not to be changed."""
    inside = np.zeros((rows + 2 * reach, cols + 2 * reach), bool)
    inside[reach:-reach, reach:-reach] = True
    return np.flatnonzero(~inside).astype(np.uint64)


def as_block(lazy: Any) -> Array:
    """Read a block, wherever it lies, in this thread."""
    if callable(lazy):
        lazy = lazy()
    if hasattr(lazy, "compute"):
        lazy = lazy.compute(scheduler="synchronous")
    return np.asarray(lazy)
