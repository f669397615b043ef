"""How a tile's part of an input raster reaches whoever works on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

from geo.leastcost.problem import CostProblem
from geo.leastcost.tiles import Array, Tile, Tiling, as_block


class Blocks:
    """Cuts tiles out of the input rasters.

    Rasters in memory are cut without copying. Lazy ones are read by the worker; within this
    process the latest `budget` bytes read are kept, as a tile is visited several times.
    """

    def __init__(self, problem: CostProblem, tiling: Tiling, budget: int | None) -> None:
        self.problem, self.tiling = problem, tiling
        self._kept: OrderedDict[tuple[str, Tile], Array] = OrderedDict()
        self._budget, self._lock = budget, Lock()

    def __call__(self, name: str, tile: Tile) -> Any:
        """Cut one raster ("elevation", "friction" or "sources")."""
        problem = self.problem
        raster = problem.model.friction if name == "friction" else getattr(problem, name)
        block = problem.block(raster, self.tiling.window(tile))
        if self._budget is None or not problem.is_lazy(raster):
            return block
        return partial(self._read, (name, tile), partial(as_block, block))

    def _read(self, key: tuple[str, Tile], read: Callable[[], Array]) -> Array:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        values = read()
        with self._lock:
            self._kept[key] = values
            while sum(kept.nbytes for kept in self._kept.values()) > (self._budget or 0):
                self._kept.popitem(last=False)
        return values
