"""Visits and certificate: from a field and its sources to the accumulated cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from geo.leastcost import store, survey, tiles
from geo.leastcost.dearer import Earlier, Spoilt
from geo.leastcost.driver import Call, TileExecutor, TileQueue, drive
from geo.leastcost.field import Field
from geo.leastcost.options import Resources
from geo.leastcost.path_accumulation import check
from geo.leastcost.problem import CostProblem
from geo.leastcost.tiles import Buffers, Tile, TileHalo, TileResult, Visit


class Run:
    """State of one surface: its labels, the rims of its tiles, and which tiles wait."""

    def __init__(
        self,
        field: Field,
        problem: CostProblem,
        run: Resources,
        executor: TileExecutor,
        others: Mapping[str, Field],
        earlier: Earlier | None = None,
    ) -> None:
        self.field, self.problem, self.run, self.executor = field, problem, run, executor
        self.others, self.earlier = others, earlier
        self.moves, self.side, self.tiling = field.moves, field.side, field.tiling
        self.looks = field.looks
        self.starts = self._find_sources()
        self.job = field.job(problem.options)
        self.group = self.open_group()
        self.front = TileQueue(self.tiling)
        self.rims: dict[Tile, TileHalo] = {}
        self.seeded: set[Tile] = set()
        self.spare: list[Buffers] = []
        self.fresh: set[Tile] = set()
        self.store, there = self.keep("cost", problem.options.dtype, np.nan)
        if earlier is not None:
            self._take_up(earlier)
            return
        if there:
            self._resume()
        for tile, item in self.starts.items():
            if item.sources:
                self.front.wait(tile, 0.0)

    def report(self, done: int, label: str) -> None:
        """Tell the caller how many tiles are done."""
        if self.run.progress is not None:
            self.run.progress(done, len(self.tiling), label)

    def each(self, calls: Any, label: str) -> dict[Tile, Any]:
        """Make one call for each tile; return results by tile."""
        return dict(self.field.each(self.executor, calls, label))

    def keep(self, name: str, dtype: str, fill: float) -> tuple[Any, bool]:
        """Make the place for a raster of results; say whether it held something."""
        shape, earlier = self.problem.shape, self.earlier
        if self.group is None:
            values = np.full(shape, fill, dtype)
            if earlier is not None:
                values = np.array(earlier.surface.stores[name].result())
                for tile, flag in earlier.flags.items():
                    values[self.tiling.window(tile)][flag] = fill
            return store.Memory(values, ships=not self.executor.ours), False
        there = store.open_array(self.group, name, shape, self.side, dtype, fill)
        kept: store.TileStore = store.Zarr(str(self.run.store_path), name)
        if earlier is not None:
            kept = store.Over(
                earlier.surface.stores[name], kept, frozenset(earlier.flags), self.side
            )
        return kept, there

    def untouched(self, kept: Any, tile: Tile) -> Any:
        """Give the block of a tile that is to be found again, None once something was found."""
        window = self.tiling.window(tile)
        if self.earlier is None or self.group is None:
            return None
        target = kept.block(window)
        if np.isfinite(target.read()).any():
            return None
        return Spoilt(kept.base.block(window), self.earlier.flags[tile], target)

    def _take_up(self, earlier: Earlier) -> None:
        """Start from an earlier surface; what an earlier run left of the new one is kept."""
        self.rims = earlier.rims("cost", self.moves.reach)
        for tile in earlier.flags:
            if self.group is not None and self.untouched(self.store, tile) is None:
                block = self.store.block(self.tiling.window(tile))
                rim = tiles.rim_of(block, self.moves.reach)
                if rim is not None:
                    self.front.tell(tile, None, rim, self.moves.reach)
                    self.rims[tile] = rim
            else:
                self.fresh.add(tile)
            self.front.wait(tile, earlier.surface.rims["cost"][tile].lowest())

    def visit_all(self) -> None:
        """Visit tiles until no label can fall."""
        drive(self.front, self.executor, self._launch, self._land)

    def certify(self) -> None:
        """Verify that no step improves any cell."""
        calls = (self.call(tiles.certify, self.task(tile)) for tile in self.tiling)
        check(sum(self.each(calls, "verifying").values()), 0)

    def call(self, function: Any, task: Visit) -> Call:
        """Make a call for a worker; workers of this process share buffers."""
        return (
            (self._with_buffers, function, task)
            if self.executor.ours
            else (function, self.job, task)
        )

    def task(self, tile: Tile) -> Visit:
        """Put together what a visit needs."""
        near = dict(self.tiling.around(tile))
        rows, cols = self.tiling.window(tile)
        return Visit(
            tile,
            (rows.stop - rows.start, cols.stop - cols.start),
            self.field.blocks("elevation", tile),
            self.field.blocks("friction", tile),
            self.store.block((rows, cols)),
            self.field.step(tile),
            {way: self.looks[t].rim for way, t in near.items()},
            {way: self.rims[t] for way, t in near.items() if t in self.rims},
        )

    def sources(self, tile: Tile) -> Any:
        """Cut the sources of a tile."""
        return self.problem.block(self.problem.sources, self.tiling.window(tile))

    def _find_sources(self) -> dict[Tile, survey.Starts]:
        """Look for the sources and check everything."""
        digest, blocks = self.run.store_path is not None, self.field.blocks
        calls = (
            (
                survey.look_for_sources,
                self.sources(tile),
                blocks("elevation", tile),
                blocks("friction", tile),
                digest,
            )
            for tile in self.tiling
        )
        found = self.each(calls, "surveying")
        survey.check(self.field.problems, found.values())
        return found

    def open_group(self) -> Any:
        """Open the zarr group of this question, None if results stay in memory."""
        if self.run.store_path is None:
            return None
        job = self.job
        question = (self.problem.shape, job.cell, job.sign, job.cap, job.dtype, self.moves.reach)
        seen = b"".join(item.digest for item in self.starts.values()) + self.field.mark
        seen += b"".join(name.encode() + other.mark for name, other in self.others.items())
        if self.earlier is not None:
            seen += b"over an earlier surface"
        mark = survey.fingerprint(question, self.side, seen)
        return store.open_group(self.run.store_path, mark.hex())

    def _resume(self) -> None:
        """Take up what an earlier run left: its rims, and a visit for whoever borders on them."""
        calls = (
            (tiles.rim_of, self.store.block(self.tiling.window(tile)), self.moves.reach)
            for tile in self.tiling
        )
        for tile, rim in self.each(calls, "resuming").items():
            if rim is not None:
                self.rims[tile] = rim
                self.front.tell(tile, None, rim, self.moves.reach)

    def _with_buffers(self, function: Any, task: Visit) -> Any:
        side = self.side + 2 * self.job.reach
        try:
            buffers = self.spare.pop()
        except IndexError:
            buffers = Buffers.of(side * side, self.job.dtype)
        result = function(self.job, task, buffers)
        self.spare.append(buffers)
        return result

    def _launch(self, tile: Tile) -> Call:
        task = self.task(tile)
        if tile in self.fresh:
            task.fresh = True
            task.cost = self.untouched(self.store, tile) or task.cost
            self.fresh.discard(tile)
        elif self.earlier is None and self.starts[tile].sources and tile not in self.seeded:
            task.sources = self.sources(tile)
            self.seeded.add(tile)
        return self.call(tiles.settle, task)

    def _land(self, tile: Tile, outcome: TileResult) -> None:
        self.front.busy.remove(tile)
        if outcome.rim is None:
            return
        self.store.land(self.tiling.window(tile), outcome.values)
        self.front.tell(tile, self.rims.get(tile), outcome.rim, self.job.reach)
        self.rims[tile] = outcome.rim
        self.report(len(self.rims), "accumulating cost")
