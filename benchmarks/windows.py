"""Measure how the work of crossings grows with a border's length, window by window, and whole.

Run as `python -m benchmarks.windows [SEGMENTS ...]`; minutes of one core. The made-up land is a
rough strip, longer and longer, with segments and destinations at one density. Times are of the
processor; theta is the registered one.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from geo import funnel
from geo.funnel import crossing_runs
from geo.grid import grid_from_bounds, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources
from geo.parameters import load

RESULTS = Path(__file__).parent / "results" / "windows.md"
ROWS, COLS, CELL_M, SEED = 76, 38, 800.0, 20261128
LENGTHS = (48, 96, 192, 384)
WHOLE_UP_TO = 48
"""Segments up to which the whole land is worked out at once too."""


def strip(segments: int) -> tuple[funnel.MovementDomain, CostModel, funnel.Watch]:
    """Return a strip with so many segments, its cost, and towers that see a third of it."""
    rng = np.random.default_rng([SEED, segments])
    shape = (ROWS, COLS * segments)
    box = (0.0, 0.0, shape[1] * CELL_M, shape[0] * CELL_M)
    grid = grid_from_bounds(box, "EPSG:32612", CELL_M)
    rough = wrap(rng.normal(0, 8, shape).cumsum(0).astype(np.float32), grid, "elevation", "m")

    def ends(row: int, name: str) -> tuple[funnel.End, ...]:
        found = []
        for n in range(segments):
            mark = np.zeros(shape, bool)
            mark[row, n * COLS : (n + 1) * COLS] = True
            found.append(funnel.End(f"{name}-{n:03d}", rough.copy(data=mark), 1 / segments))
        return tuple(found)

    cost = CostModel(lambda slope: 5.0 * (1.0 + 10.0 * np.abs(slope)))
    land = funnel.MovementDomain(
        rough,
        ends(-1, "origin"),
        ends(0, "goal"),
        LeastCostOptions(),
        Resources(workers=0),
        {"energy": funnel.CrossingQuantity(cost, "kJ", 1e3)},
    )
    seen = np.zeros(shape, np.float32)
    seen[25:50, (np.arange(shape[1]) // COLS) % 3 == 0] = 0.8
    watch = funnel.Watch({"after": wrap(seen, grid, "in_view", "1")}, (0.0, 1.0))
    return land, cost, watch


def timed(segments: int, cells: int) -> tuple[float, float]:
    """Return processor seconds, and cells of all surfaces in cells of the land, of one spread."""
    land, cost, watch = strip(segments)
    usual = crossing_runs.WINDOWED_CELLS
    crossing_runs.WINDOWED_CELLS = cells
    theta = float(load("funnel")["theta_share"].value)
    start = time.process_time()
    try:
        found = funnel.spread_crossings(land, cost, watch, theta)
        found.after("after", 1.0)
    finally:
        crossing_runs.WINDOWED_CELLS = usual
    places = getattr(found, "places", None)
    work = 2 * segments if places is None else sum(p.work for p in places) / land.elevation.size
    return time.process_time() - start, work


def main() -> None:
    """Measure and write the table."""
    lengths = [int(word) for word in sys.argv[1:]] or list(LENGTHS)
    timed(lengths[0], 0), timed(lengths[0], 1 << 60)  # compile
    rows, seconds, works = [], [], []
    for n in lengths:
        took, work = timed(n, 0)
        seconds.append(took)
        works.append(work * n)
        whole = f"{timed(n, 1 << 60)[0]:.1f}" if n <= WHOLE_UP_TO else ""
        rows.append(f"| {n} | {ROWS * COLS * n:,} | {work:.2f} | {took:.1f} | {whole} |")
        print(rows[-1], flush=True)
    slopes = [np.polyfit(np.log(lengths), np.log(v), 1)[0] for v in (works, seconds)]
    theta = load("funnel")["theta_share"].value
    text = f"""# Work against length of border, {datetime.now(UTC).date().isoformat()}

A rough strip of {ROWS} x {COLS} cells of {CELL_M:g} m a segment, theta {theta:g} of the least cost,
seed {SEED}; without towers and in one period; one core. `python -m benchmarks.windows`.

| segments | cells | surfaces, in lands | windows, processor s | whole, processor s |
|---|---|---|---|---|
{chr(10).join(rows)}

Exponent of growth over a factor of {max(lengths) // min(lengths)}: {slopes[0]:.2f} of cells worked
on, {slopes[1]:.2f} of processor time. That of the whole land is 2: surfaces times area.
"""
    RESULTS.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
