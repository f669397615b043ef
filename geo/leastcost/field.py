"""A cost model laid over a land: cut into tiles, looked over once, tabulated.

Any number of surfaces are accumulated on one field, and quantities are added up with others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from geo.errors import CostError
from geo.leastcost import store, survey
from geo.leastcost.blocks import Blocks
from geo.leastcost.driver import Call, TileExecutor
from geo.leastcost.model import CostModel
from geo.leastcost.moves import moves
from geo.leastcost.options import LeastCostOptions, Resources
from geo.leastcost.problem import CostProblem
from geo.leastcost.table import CostTable, slope_limits, tabulate
from geo.leastcost.tiles import Job, Tile, Tiling

SIDE_IN_MEMORY, SIDE_STORED, SIDE_LEAST = 512, 1024, 64
"""Numerical: sides of tiles in cells; any gives the same labels."""
KEPT_BYTES = 512 * 2**20
"""Numerical: bytes of lazily read tiles that are kept when no memory limit is given."""
SPREAD = 64
"""Numerical: buckets are not narrower than this part of a tile's mean step, however cheap one cell
is."""


def tile_side(problem: CostProblem, run: Resources, workers: int) -> int:
    """Side of the tiles: as large as is useful, or as half of the memory limit allows."""
    side = SIDE_IN_MEMORY if run.store_path is None else SIDE_STORED
    if run.memory_limit is not None:
        cells = run.memory_limit / (2 * max(workers, 1) * bytes_per_cell(problem.options.dtype))
        side = min(side, 2 ** int(math.log2(max(math.sqrt(cells), SIDE_LEAST))))
    return side


def bytes_per_cell(dtype: str) -> int:
    """Bytes a worker needs for each cell of its tile: working arrays, and the blocks it read."""
    return 6 * np.dtype(dtype).itemsize + 10


class Field:
    """One cost model on the tiles of a land."""

    def __init__(
        self, problem: CostProblem, run: Resources, executor: TileExecutor, side: int | None = None
    ) -> None:
        self.problem, self.run = problem, run
        self.moves = moves(problem.options.neighbours)
        self.side = (
            side or store.side_of(run.store_path) or tile_side(problem, run, executor.workers)
        )
        self.tiling = Tiling(*problem.shape, self.side)
        kept = KEPT_BYTES if run.memory_limit is None else run.memory_limit // 2
        self.blocks = Blocks(problem, self.tiling, kept if executor.ours else None)
        self.looks = self._look_over(executor)
        self.problems = survey.wrong_ground(self.looks.values())

    def beside(self, model: CostModel, executor: TileExecutor, name: str) -> Field:
        """Lay another model over the same tiles; CostError, naming it, if it is wrong."""
        try:
            return self.laid_under(model, executor).checked()
        except CostError as error:
            raise CostError(f"{name}: {error}") from error

    def laid_under(self, model: CostModel, executor: TileExecutor) -> Field:
        """Lay another cost over the same tiles."""
        return Field(replace(self.problem, model=model), self.run, executor, self.side)

    def checked(self) -> Field:
        """Return the field, tabulated before threads share it; CostError if its ground is wrong."""
        if self.problems:
            raise CostError("; ".join(self.problems))
        _ = self.table
        return self

    @cached_property
    def table(self) -> CostTable:
        """The model, tabulated over the slopes that were seen."""
        problem = self.problem
        slope = survey.steepest(self.looks, self.tiling, self.moves, problem.cell)
        limits = slope_limits(problem.model)
        if limits and slope > min(-limits[0], limits[1]):
            raise CostError(
                f"a step of the elevation has slope {slope:.4g}, outside the slope table "
                f"({limits[0]:.4g} to {limits[1]:.4g}); extend the table, or give it "
                "outside='clamp' or 'barrier'"
            )
        return tabulate(problem.model, slope, problem.options.dtype)

    def job(self, options: LeastCostOptions) -> Job:
        """Return what is the same for every visit of a surface."""
        sign = 1.0 if options.direction == "from" else -1.0
        return Job(self.moves, self.table, self.problem.cell, sign, cap_of(options), options.dtype)

    @property
    def mark(self) -> bytes:
        """Fingerprint of model and ground; the ground is in it only if results are stored."""
        seen = b"".join(item.digest for item in self.looks.values())
        return survey.fingerprint(self.table.line, self.table.break_at, seen)

    def step(self, tile: Tile) -> float:
        """Cost of a cheap step of a tile, by which its labels are sorted."""
        item = self.looks[tile]
        friction = max(min(item.least_friction, 1e30), item.mean_friction / SPREAD)
        return friction * self.table.lowest * self.problem.cell

    def each(
        self, executor: TileExecutor, calls: Iterable[Call], label: str
    ) -> Iterator[tuple[Tile, Any]]:
        """Make one call for each tile; yield results by tile."""
        for n, pair in enumerate(zip(self.tiling, executor.each(calls), strict=True)):
            if self.run.progress is not None:
                self.run.progress(n + 1, len(self.tiling), label)
            yield pair

    def _look_over(self, executor: TileExecutor) -> dict[Tile, survey.Look]:
        digest = self.run.store_path is not None
        calls: Iterator[Call] = (
            (
                survey.look,
                self.blocks("elevation", tile),
                self.blocks("friction", tile),
                self.moves,
                digest,
            )
            for tile in self.tiling
        )
        return dict(self.each(executor, calls, "surveying"))


def cap_of(options: LeastCostOptions) -> float:
    """Smallest label that is too dear."""
    if options.max_cost is None:
        return np.inf
    real = np.dtype(options.dtype).type
    return float(np.nextafter(real(options.max_cost), real(np.inf)))
