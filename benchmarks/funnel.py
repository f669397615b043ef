"""The ensemble: CPU and memory of members on the sample's grid, and of one on a large one.

Run as `python -m benchmarks.funnel [MEMBERS] [LARGE_COLUMNS]`; writes results/funnel.md beside
this file. Times are of the processor, so that a busy machine disturbs them little. The large grid
has the shape of Arizona's, its surfaces lie in zarr and each period's spread is dropped when it is
made; it runs in a process of its own, whose peak memory is the member's.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from geo import funnel
from geo.funnel.marks import light
from geo.grid import grid_from_bounds, wrap
from geo.leastcost import LeastCostOptions, Resources

CRS = "EPSG:32612"
REFERENCE = funnel.Member("lcda_graded", "irmischer_clarke_off_path", "adult-light", 0.05)
SAMPLE = (163, 800)
ARIZONA = (7_000, 19_000)
PERIODS = 4
WORKERS = 2


def ground(rows: int, cols: int, cell_m: float, origins: int, goals: int) -> funnel.Ground:
    """Rough land with the border in the south, roads in the north and one watched third."""
    box = grid_from_bounds((0, 0, cols * cell_m, rows * cell_m), CRS, cell_m)
    noise = np.random.default_rng(1).standard_normal((rows, cols)).astype(np.float32)
    height = gaussian_filter(noise, 900 / cell_m) * (900 / cell_m) * 300
    land = funnel.MovementDomain(
        wrap(height, box, "elevation", "m"),
        _ends(box, -1, origins, "segment"),
        _ends(box, 0, goals, "destination"),
        LeastCostOptions(),
        Resources(workers=0),
    )
    seen = {}
    for n in range(PERIODS):
        watched = np.zeros((rows, cols), np.float32)
        watched[rows // 3 : rows // 2, cols // 3 : cols // 3 + (n + 1) * cols // 10] = 1.0
        seen[f"period-{n}"] = wrap(watched, box, "seen", "1")
    return funnel.Ground(land, None, seen, (0.0, 1.0))


def _ends(box, row, count, prefix):
    ends = []
    for n, columns in enumerate(np.array_split(np.arange(box.shape[1]), count)):
        mask = np.zeros(tuple(box.shape), bool)
        mask[row, columns] = True
        whole = wrap(mask, box, "end", "1")
        ends.append(funnel.End(f"{prefix}-{n + 1:02d}", light(whole), 1 / count))
    return tuple(ends)


def peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def large(rows: int, columns: int) -> dict[str, float]:
    """Run one member with its surfaces on disk."""
    one = ground(rows, columns, 30.0, 12, 6)
    cost = REFERENCE.quantities(one)["energy"].model
    inputs = peak_gb()
    with tempfile.TemporaryDirectory(prefix="funnel-bench-") as folder:
        land = replace(
            one.land,
            run=Resources(workers=WORKERS, store_path=folder),
            quantities={"energy": funnel.CrossingQuantity(cost, "kJ", 1e3)},
        )
        cpu, wall = time.process_time(), time.perf_counter()
        base = land.labels(cost)
        funnel.combine(land, base, base, REFERENCE.theta_share)
        usual = time.process_time()
        for name, seen in one.seen.items():
            funnel.spread(land, funnel.avoiding(cost, seen, 1.0), base, 0.2, name)
            for group in Path(folder).glob(f"{name}-*.zarr"):
                shutil.rmtree(group)
        return {
            "inputs_gb": inputs,
            "before": usual - cpu,
            "periods": time.process_time() - usual,
            "wall": time.perf_counter() - wall,
            "peak_gb": peak_gb(),
        }


def main(count: int = 200, columns: int = 1_900) -> None:
    small = ground(*SAMPLE, 300.0, 12, 6)
    funnel.run_member(small, REFERENCE)
    members = funnel.design(REFERENCE, count, np.random.default_rng(0))
    with ThreadPoolExecutor(WORKERS) as pool:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in funnel.run_members(small, members, pool, WORKERS):
            pass
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    lines = [
        f"# The ensemble, {date.today()}",  # noqa: DTZ011 - a benchmark's day is the local one
        "",
        (
            f"{count} members, {SAMPLE[0]} x {SAMPLE[1]} cells, 12 segments, 6 destinations, "
            f"{PERIODS} periods: {cpu:.0f} s of processor, {wall:.0f} s on {WORKERS} workers; "
            f"{cpu / count:.1f} s a member, 200 members "
            f"{cpu / count * 200 / WORKERS / 60:.0f} min of "
            f"{WORKERS} idle cores."
        ),
    ]
    rows = columns * ARIZONA[0] // ARIZONA[1]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        took = apart.submit(large, rows, columns).result()
    scale = ARIZONA[0] * ARIZONA[1] / (rows * columns)
    lines += [
        "",
        (
            f"One member, {rows} x {columns} cells, {PERIODS} periods, energy counted along the "
            f"routes: {took['before']:.0f} s of processor without towers, {took['periods']:.0f} s "
            f"for the periods, of which only what lies beyond watched ground is found again; "
            f"{took['wall']:.0f} s on {WORKERS} threads of a machine shared with other work; peak "
            f"{took['peak_gb']:.2f} GB, of which {took['inputs_gb']:.2f} GB stood before it "
            f"began. At {ARIZONA[0]} x {ARIZONA[1]} cells ({scale:.2f} times as many) that is "
            f"{(took['before'] + took['periods']) * scale / 3600:.2f} h of processor on one core "
            "(target: 0.5 h on two, 4 GB)."
        ),
    ]
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "results" / "funnel.md").write_text(text, "utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
