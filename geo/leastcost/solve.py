"""Survey, visits, certificate: from a problem to its accumulated cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from geo import grid
from geo.errors import CostError
from geo.leastcost import driver, survey, tiles
from geo.leastcost.model import SlopeTable
from geo.leastcost.moves import moves
from geo.leastcost.options import Resources
from geo.leastcost.problem import Problem
from geo.leastcost.table import slope_limits, tabulate
from geo.leastcost.tiles import Buffers, Job, Outcome, Rim, Tile, Tiling, Visit

SIDE = 512
SPREAD = 64
"""Buckets are not narrower than this part of a tile's mean step, however cheap one cell is."""


def solve(problem: Problem, run: Resources) -> xr.Dataset:
    """Accumulate the cost of a checked problem."""
    side = SIDE
    tiling = Tiling(*problem.shape, side)
    with driver.crew(run) as (executor, workers):
        work = _Run(problem, tiling, executor, workers)
        work.look_over()
        work.visit_all()
        work.certify()
    return _dataset(problem, work)


class _Run:
    """State of one run: the rims of all tiles, the front, the cost so far."""

    def __init__(self, problem: Problem, tiling: Tiling, executor: Any, workers: int) -> None:
        self.problem, self.tiling = problem, tiling
        self.executor, self.workers = executor, workers
        self.moves = moves(problem.options.neighbours)
        self.front = driver.Front(tiling)
        self.looks: dict[Tile, survey.Look] = {}
        self.rims: dict[Tile, Rim] = {}
        self.settled = self.visits = 0
        self.spare: list[Buffers] = []
        rows, cols = problem.elevation.shape
        self.cost = np.full((rows, cols), np.nan, problem.options.dtype)
        self.inside = self.cost[problem.rows, problem.cols]

    def look_over(self) -> None:
        """Look at every tile, check everything, and make the job."""
        p = self.problem
        calls = (
            (
                survey.look,
                p.block(p.elevation, self.tiling.window(tile)),
                p.block(p.model.friction, self.tiling.window(tile)),
                p.block(p.sources, self.tiling.window(tile)),
                self.moves,
            )
            for tile in self.tiling
        )
        found = driver.spread_out(self.executor, self.workers, calls)
        self.looks = dict(zip(self.tiling, found, strict=True))
        survey.check(self.looks)
        slope = survey.steepest(self.looks, self.tiling, self.moves, p.cell)
        limits = slope_limits(p.model)
        if limits and slope > min(-limits[0], limits[1]):
            raise CostError(
                f"a step of the elevation has slope {slope:.4g}, outside the slope table "
                f"({limits[0]:.4g} to {limits[1]:.4g}); extend the table, or give it "
                "outside='clamp' or 'barrier'"
            )
        cap = p.options.max_cost
        real = np.dtype(p.options.dtype).type
        self.job = Job(
            self.moves,
            tabulate(p.model, slope, p.options.dtype),
            p.cell,
            1.0 if p.options.direction == "from" else -1.0,
            np.inf if cap is None else float(np.nextafter(real(cap), real(np.inf))),
            p.options.dtype,
        )
        for tile, item in self.looks.items():
            if item.sources:
                self.front.wait(tile, 0.0)

    def visit_all(self) -> None:
        """Visit tiles until no label can fall."""
        driver.drive(self.front, self.executor, self.workers, self._launch, self._land)

    def certify(self) -> None:
        """Verify that no step improves any cell."""
        calls = ((self._with_buffers, tiles.certify, self._task(tile)) for tile in self.tiling)
        left = sum(driver.spread_out(self.executor, self.workers, calls))
        if left:
            raise RuntimeError(f"certificate failed: {left} cells can still be improved")

    def _launch(self, tile: Tile) -> tuple[Any, ...]:
        task = self._task(tile)
        if self.looks[tile].sources and tile not in self.rims:
            task.sources = self.problem.block(self.problem.sources, self.tiling.window(tile))
        return self._with_buffers, tiles.visit, task

    def _with_buffers(self, function: Any, task: Visit) -> Any:
        side = self.tiling.side + 2 * self.job.reach
        buffers = self.spare.pop() if self.spare else Buffers.of(side * side, self.job.dtype)
        result = function(self.job, task, buffers)
        self.spare.append(buffers)
        return result

    def _task(self, tile: Tile) -> Visit:
        p, window, item = self.problem, self.tiling.window(tile), self.looks[tile]
        friction = max(min(item.least_friction, 1e30), item.mean_friction / SPREAD)
        near = dict(self.tiling.around(tile))
        return Visit(
            tile,
            p.block(p.elevation, window),
            p.block(p.model.friction, window),
            self.inside[window],
            None,
            friction * self.job.table.lowest * p.cell,
            {way: self.looks[t].rim for way, t in near.items()},
            {way: self.rims[t] for way, t in near.items() if t in self.rims},
        )

    def _land(self, outcome: Outcome) -> None:
        self.visits += 1
        self.settled += outcome.settled
        old = self.rims.get(outcome.tile)
        self.front.give_back(outcome.tile, old, outcome.rim, self.job.reach)
        if outcome.rim is not None:
            self.rims[outcome.tile] = outcome.rim


def _dataset(problem: Problem, work: _Run) -> xr.Dataset:
    """Return the result with its CRS, units and what was done."""
    unreached = int(np.isnan(work.cost).sum())
    name = "slope table" if isinstance(problem.model.table, SlopeTable) else "function of slope"
    options = problem.options
    attrs = {
        "long_name": f"accumulated cost {options.direction} the nearest source",
        "cost_model": f"{name}, per {problem.model.length} metre",
        "neighbours": options.neighbours,
        "direction": options.direction,
        "table_relative_error": work.job.table.error,
        "unreached_cells": unreached,
        "unreached": f"{unreached} cells are NaN: no source reaches them",
    }
    units = "cost per metre x metres"
    cost = grid.wrap(work.cost, grid.grid_of(problem.elevation), "cost", units, **attrs)
    return cost.to_dataset()
