"""The loop that visits tiles until no label can fall, on threads, an executor or inline.

A tile waits with the lowest label that reached its edge; the lowest goes first. Two adjacent tiles
are never visited at once. The order changes how much work is done twice, never the result.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import numpy as np

from geo.leastcost.options import Resources
from geo.leastcost.tiles import Rim, Tile, Tiling


class Inline:
    """An executor that works in the calling thread."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Future[Any]:
        """Call the function and return its finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args))
        except Exception as error:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(error)
        return future


@contextmanager
def crew(run: Resources) -> Iterator[tuple[Any, int]]:
    """Give the executor to use and how many tasks to keep in flight."""
    if run.executor is not None:
        yield run.executor, run.workers or _workers_of(run.executor)
    elif run.workers == 0:
        yield Inline(), 1
    else:
        count = run.workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count) as pool:
            yield pool, count


def _workers_of(executor: Any) -> int:
    if hasattr(executor, "nthreads"):
        return sum(executor.nthreads().values()) or 1
    return int(getattr(executor, "_max_workers", 0) or os.cpu_count() or 1)


class Front:
    """Which tiles wait, with which label, and which may be visited now."""

    def __init__(self, tiling: Tiling) -> None:
        self.tiling = tiling
        self.waiting: dict[Tile, float] = {}
        self._heap: list[tuple[float, Tile]] = []
        self.busy: set[Tile] = set()

    def wait(self, tile: Tile, label: float) -> None:
        """Let a tile wait for a visit, for the lowest label it was told of."""
        if label < self.waiting.get(tile, np.inf):
            self.waiting[tile] = label
            heapq.heappush(self._heap, (label, tile))

    def take(self) -> Tile | None:
        """Take the first tile that has no neighbour at work; None if there is none now."""
        passed = []
        found = None
        while self._heap and found is None:
            label, tile = heapq.heappop(self._heap)
            if self.waiting.get(tile) != label:
                continue
            if tile in self.busy or any(near in self.busy for _, near in self.tiling.around(tile)):
                passed.append((label, tile))
            else:
                found = tile
        for entry in passed:
            heapq.heappush(self._heap, entry)
        if found is not None:
            del self.waiting[found]
            self.busy.add(found)
        return found

    def give_back(self, tile: Tile, old: Rim | None, new: Rim | None, reach: int) -> None:
        """End a visit, and let the neighbours wait that its new rim may help."""
        self.busy.remove(tile)
        if new is None:
            return
        for (a, b), near in self.tiling.around(tile):
            towards = (-a, -b)
            part = new.facing(towards, reach)
            before = old.facing(towards, reach) if old is not None else np.nan
            fallen = part[(part < before) | (np.isfinite(part) & np.isnan(before))]
            if fallen.size:
                self.wait(near, float(fallen.min()))


def drive(
    front: Front,
    executor: Any,
    workers: int,
    launch: Callable[[Tile], tuple[Any, ...]],
    land: Callable[[Any], None],
) -> None:
    """Visit tiles until none waits.

    `launch(tile)` returns the call to submit; `land(outcome)` takes its result and gives the tile
    back to the front.
    """
    done: SimpleQueue[Any] = SimpleQueue()
    flying = 0
    try:
        while front.waiting or flying:
            while flying < workers and (tile := front.take()) is not None:
                executor.submit(*launch(tile)).add_done_callback(done.put)
                flying += 1
            outcome = done.get()
            flying -= 1
            land(outcome.result())
    finally:
        for _ in range(flying):
            done.get()


def spread_out(executor: Any, workers: int, calls: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Submit independent calls, a few ahead, and yield results in the order of the calls."""
    flying: list[Any] = []
    for call in calls:
        flying.append(executor.submit(*call))
        if len(flying) > 2 * workers:
            yield flying.pop(0).result()
    for future in flying:
        yield future.result()
