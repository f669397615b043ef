"""The loop that visits tiles until no label can fall, on threads, an executor or inline.

A tile waits with the lowest label that reached its edge; the lowest goes first. Two adjacent tiles
are never visited at once. The order changes how much work is done twice, never the result.
"""

from __future__ import annotations

import heapq
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import numpy as np

from geo.errors import CostError
from geo.leastcost.options import Resources
from geo.leastcost.tiles import Tile, TileHalo, Tiling

Call = tuple[Any, ...]
ATTEMPTS = 3
"""Guard: times a tile is tried on a worker that may be lost."""
LOST = (
    "workers of the executor were lost again and again; give them more memory or fewer tiles at "
    "once (workers=), and run again, which goes on from store_path if one was given"
)


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


class TileExecutor:
    """Whoever does the work: an executor, and how many calls to keep in flight.

    Calls are repeated when the worker that had them is lost; they are made so that doing one twice
    changes nothing.
    """

    def __init__(self, executor: Any, workers: int, *, ours: bool) -> None:
        self.executor, self.workers, self.ours = executor, workers, ours
        takes = inspect.signature(executor.submit).parameters
        # Dask would otherwise answer a repeated call from memory.
        self._keywords = {"pure": False} if "pure" in takes else {}

    def submit(self, call: Call) -> Any:
        """Hand a call out."""
        try:
            return self.executor.submit(*call, **self._keywords)
        except BrokenExecutor as error:
            raise CostError(LOST) from error

    def result(self, future: Any, call: Call) -> Any:
        """Wait for a result; hand the call out again if its worker was lost."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return future.result()
            except Exception as error:
                if not _lost(error):
                    raise
                if attempt == ATTEMPTS:
                    raise CostError(LOST) from error
            future = self.submit(call)
        raise AssertionError

    def each(self, calls: Iterable[Call]) -> Iterator[Any]:
        """Make independent calls, a few ahead; yield their results in order."""
        flying: list[tuple[Any, Call]] = []
        for call in calls:
            flying.append((self.submit(call), call))
            if len(flying) > 2 * self.workers:
                yield self.result(*flying.pop(0))
        for future, call in flying:
            yield self.result(future, call)


@contextmanager
def tile_executor(run: Resources) -> Iterator[TileExecutor]:
    """Give the executor that the caller asked for."""
    if run.executor is not None:
        yield TileExecutor(run.executor, run.workers or _workers_of(run.executor), ours=False)
    elif run.workers == 0:
        yield TileExecutor(Inline(), 1, ours=True)
    else:
        count = run.workers or os.cpu_count() or 1
        with ThreadPoolExecutor(count) as pool:
            yield TileExecutor(pool, count, ours=True)


def _workers_of(executor: Any) -> int:
    if hasattr(executor, "nthreads"):
        return sum(executor.nthreads().values()) or 1
    return int(getattr(executor, "_max_workers", 0) or os.cpu_count() or 1)


def _lost(error: Exception) -> bool:
    """Say whether an error means that a worker went away, on any executor."""
    return isinstance(error, (BrokenExecutor, CancelledError, ConnectionError, EOFError)) or type(
        error
    ).__name__ in ("KilledWorker", "FutureCancelledError")


class TileQueue:
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

    def tell(self, tile: Tile, old: TileHalo | None, new: TileHalo, reach: int) -> None:
        """Let the neighbours wait that a tile's new rim may help."""
        for (a, b), near in self.tiling.around(tile):
            towards = (-a, -b)
            part = new.facing(towards, reach)
            before = old.facing(towards, reach) if old is not None else np.nan
            fallen = part[(part < before) | (np.isfinite(part) & np.isnan(before))]
            if fallen.size:
                self.wait(near, float(fallen.min()))


def drive(
    front: TileQueue,
    executor: TileExecutor,
    launch: Callable[[Tile], Call],
    land: Callable[[Tile, Any], None],
) -> None:
    """Visit tiles until none waits.

    `launch(tile)` returns the call to make; `land(tile, outcome)` takes its result and gives the
    tile back to the front.
    """
    done: SimpleQueue[tuple[Tile, Call, Any]] = SimpleQueue()
    flying = 0
    try:
        while front.waiting or flying:
            while flying < executor.workers and (tile := front.take()) is not None:
                call = launch(tile)
                future = executor.submit(call)
                future.add_done_callback(
                    lambda ended, tile=tile, call=call: done.put((tile, call, ended))
                )
                flying += 1
            tile, call, future = done.get()
            flying -= 1
            land(tile, executor.result(future, call))
    finally:
        for _ in range(flying):
            done.get()
