"""Survey, visits, certificate: from a problem to its accumulated cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr

from geo import grid
from geo.errors import CostError
from geo.leastcost import along, store, survey, tiles
from geo.leastcost.allocate import allocate
from geo.leastcost.blocks import Blocks
from geo.leastcost.driver import Call, Crew, Front, crew, drive
from geo.leastcost.model import CostModel
from geo.leastcost.moves import moves
from geo.leastcost.options import LeastCostOptions, Resources
from geo.leastcost.problem import Problem
from geo.leastcost.table import Table, slope_limits, tabulate
from geo.leastcost.tiles import Buffers, Job, Outcome, Rim, Tile, Tiling, Visit

SIDE_IN_MEMORY, SIDE_STORED, SIDE_LEAST = 512, 1024, 64
KEPT_BYTES = 512 * 2**20
"""Bytes of lazily read tiles that are kept when no memory limit is given."""
SPREAD = 64
"""Buckets are not narrower than this part of a tile's mean step, however cheap one cell is."""


def solve(problem: Problem, run: Resources, quantities: Mapping[str, CostModel]) -> xr.Dataset:
    """Accumulate the cost of a checked problem, and quantities along its routes."""
    others = {n: model for n, model in quantities.items() if model is not problem.model}
    with crew(run) as workers:
        work = Run(problem, run, workers, others)
        work.visit_all()
        found = {"cost": work.store.result()}
        if others:
            routes = along.Routes(work, work.others)
            along.check(*routes.verify())
            routes.add_up()
            found |= routes.results()
        else:
            work.certify()
        if problem.options.allocation:
            found["allocation"] = allocate(work)
    found |= {name: found["cost"] for name in quantities if name not in others}
    return _dataset(problem, work.job.table, found)


def tile_side(problem: Problem, run: Resources, workers: int) -> int:
    """Side of the tiles: as large as is useful, or as half of the memory limit allows."""
    side = SIDE_IN_MEMORY if run.store_path is None else SIDE_STORED
    if run.memory_limit is not None:
        cells = run.memory_limit / (2 * max(workers, 1) * bytes_per_cell(problem.options.dtype))
        side = min(side, 2 ** int(math.log2(max(math.sqrt(cells), SIDE_LEAST))))
    return side


def bytes_per_cell(dtype: str) -> int:
    """Bytes a worker needs for each cell of its tile: working arrays, and the blocks it read."""
    return 6 * np.dtype(dtype).itemsize + 10


class Run:
    """State of one run: what was seen of each tile, its rim, and which tiles wait."""

    def __init__(
        self,
        problem: Problem,
        run: Resources,
        workers: Crew,
        others: Mapping[str, CostModel],
    ) -> None:
        self.problem, self.run, self.crew = problem, run, workers
        self.moves = moves(problem.options.neighbours)
        side = tile_side(problem, run, workers.workers)
        self.side = store.side_of(run.store_path) or side
        self.tiling = Tiling(*problem.shape, self.side)
        kept = KEPT_BYTES if run.memory_limit is None else run.memory_limit // 2
        self.kept = kept if workers.ours else None
        self.blocks = Blocks(problem, self.tiling, self.kept)
        self.looks = self.look_over(self.blocks)
        self.job = self.make_job(problem, self.looks)
        self.others = {name: along.Companion(self, name, m) for name, m in others.items()}
        self.group = self._open_group()
        self.front = Front(self.tiling)
        self.rims: dict[Tile, Rim] = {}
        self.seeded: set[Tile] = set()
        self.spare: list[Buffers] = []
        self.store, there = self.keep("cost", problem.options.dtype, np.nan)
        if there:
            self._resume()
        for tile, item in self.looks.items():
            if item.sources:
                self.front.wait(tile, 0.0)

    def report(self, done: int, label: str) -> None:
        """Tell the caller how many tiles are done."""
        if self.run.progress is not None:
            self.run.progress(done, len(self.tiling), label)

    def each(self, calls: Any, label: str) -> dict[Tile, Any]:
        """Make one call for each tile; return results by tile."""
        found = {}
        for tile, result in zip(self.tiling, self.crew.each(calls), strict=True):
            found[tile] = result
            self.report(len(found), label)
        return found

    def keep(self, name: str, dtype: str, fill: float) -> tuple[Any, bool]:
        """Make the place for a raster of results; say whether it held something."""
        shape = self.problem.shape
        if self.group is None:
            return store.Memory(np.full(shape, fill, dtype), ships=not self.crew.ours), False
        there = store.open_array(self.group, name, shape, self.side, dtype, fill)
        return store.Zarr(str(self.run.store_path), name), there

    def visit_all(self) -> None:
        """Visit tiles until no label can fall."""
        drive(self.front, self.crew, self._launch, self._land)

    def certify(self) -> None:
        """Verify that no step improves any cell."""
        calls = (self.call(tiles.certify, self.task(tile)) for tile in self.tiling)
        along.check(sum(self.each(calls, "verifying").values()), 0)

    def call(self, function: Any, task: Visit) -> Call:
        """Make a call for a worker; workers of this process share buffers."""
        return (
            (self._with_buffers, function, task) if self.crew.ours else (function, self.job, task)
        )

    def task(self, tile: Tile) -> Visit:
        """Put together what a visit needs."""
        item = self.looks[tile]
        friction = max(min(item.least_friction, 1e30), item.mean_friction / SPREAD)
        near = dict(self.tiling.around(tile))
        rows, cols = self.tiling.window(tile)
        return Visit(
            tile,
            (rows.stop - rows.start, cols.stop - cols.start),
            self.blocks("elevation", tile),
            self.blocks("friction", tile),
            self.store.block((rows, cols)),
            friction * self.job.table.lowest * self.problem.cell,
            {way: self.looks[t].rim for way, t in near.items()},
            {way: self.rims[t] for way, t in near.items() if t in self.rims},
        )

    def look_over(self, blocks: Blocks) -> dict[Tile, survey.Look]:
        """Look at every tile and check everything."""
        names = ("elevation", "friction", "sources")
        digest = self.run.store_path is not None
        calls = (
            (survey.look, *(blocks(name, tile) for name in names), self.moves, digest)
            for tile in self.tiling
        )
        looks = self.each(calls, "surveying")
        survey.check(looks)
        return looks

    def make_job(self, problem: Problem, looks: dict[Tile, survey.Look]) -> Job:
        """Tabulate a cost model over the slopes that were seen."""
        options = problem.options
        slope = survey.steepest(looks, self.tiling, self.moves, problem.cell)
        limits = slope_limits(problem.model)
        if limits and slope > min(-limits[0], limits[1]):
            raise CostError(
                f"a step of the elevation has slope {slope:.4g}, outside the slope table "
                f"({limits[0]:.4g} to {limits[1]:.4g}); extend the table, or give it "
                "outside='clamp' or 'barrier'"
            )
        table = tabulate(problem.model, slope, options.dtype)
        sign = 1.0 if options.direction == "from" else -1.0
        return Job(self.moves, table, problem.cell, sign, _cap(options), options.dtype)

    def _open_group(self) -> Any:
        if self.run.store_path is None:
            return None
        job = self.job
        question = (self.problem.shape, job.cell, job.sign, job.cap, job.dtype, self.moves.reach)
        seen = b"".join(item.digest for item in self.looks.values())
        seen += b"".join(name.encode() + other.mark for name, other in self.others.items())
        mark = survey.fingerprint(question, job.table.line, job.table.break_at, self.side, seen)
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
        if self.looks[tile].sources and tile not in self.seeded:
            task.sources = self.blocks("sources", tile)
            self.seeded.add(tile)
        return self.call(tiles.settle, task)

    def _land(self, tile: Tile, outcome: Outcome) -> None:
        self.front.busy.remove(tile)
        if outcome.rim is None:
            return
        self.store.land(self.tiling.window(tile), outcome.values)
        self.front.tell(tile, self.rims.get(tile), outcome.rim, self.job.reach)
        self.rims[tile] = outcome.rim
        self.report(len(self.rims), "accumulating cost")


def _cap(options: LeastCostOptions) -> float:
    """Smallest label that is too dear."""
    if options.max_cost is None:
        return np.inf
    real = np.dtype(options.dtype).type
    return float(np.nextafter(real(options.max_cost), real(np.inf)))


def _dataset(problem: Problem, table: Table, found: dict[str, Any]) -> xr.Dataset:
    """Return the results on the whole grid with CRS, units and what was done."""
    options, model = problem.options, problem.model
    values = found["cost"]
    missing = "cells that no source reaches, or lie beyond max_cost or bounds, are NaN"
    if isinstance(values, np.ndarray):
        missing = f"{np.count_nonzero(np.isnan(values))} {missing}"
    attrs = {
        "long_name": f"accumulated cost {options.direction} the nearest source",
        "step_cost": f"{model.length} length x table(signed slope) x mean friction",
        "neighbours": options.neighbours,
        "direction": options.direction,
        "table_relative_error": table.error,
        "unreached": missing,
        "certificate": "no step improves any cell",
    }
    box = grid.grid_of(problem.elevation)
    whole = _on_whole_grid(problem, values, np.nan)
    layers = {"cost": grid.wrap(whole, box, "cost", "cost of the table x m per m", **attrs)}
    if "allocation" in found:
        whole = _on_whole_grid(problem, found.pop("allocation"), -1)
        what = "row x columns + column of the cheapest source cell, -1 where none reaches"
        layers["allocation"] = grid.wrap(whole, box, "allocation", "1", long_name=what)
    for name in (n for n in found if n != "cost"):
        whole = _on_whole_grid(problem, found[name], np.nan)
        what = f"{name} added up along the least-cost route {options.direction} the nearest source"
        unit = "quantity of its table x m per m"
        layers[name] = grid.wrap(whole, box, name, unit, long_name=what)
    return xr.Dataset(layers)


def _on_whole_grid(problem: Problem, values: Any, fill: float) -> Any:
    """Put the rows and columns within the bounds back into the whole grid."""
    n_rows, n_cols = problem.elevation.shape
    rows, cols = problem.rows, problem.cols
    if values.shape == (n_rows, n_cols):
        return values
    around = ((rows.start, n_rows - rows.stop), (cols.start, n_cols - cols.stop))
    pad = np.pad if isinstance(values, np.ndarray) else da.pad
    return pad(values, around, constant_values=fill)
