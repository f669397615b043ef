"""What 8, 64 and 512 cores would give for the whole US-Mexico border, at 30 m and at 10 m.

Run as `python -m benchmarks.scaling`; writes results/scaling.md beside this file. Unit costs are
measured here (seconds of one core); the work of a study is then laid out as the pipeline lays it
out, with what waits for what, and scheduled on that many simulated cores, longest first. It is a
simulation: no such cluster was used.
"""

from __future__ import annotations

import heapq
import math
import os
import platform
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.funnel import REFERENCE, ground
from benchmarks.visibility import on_grid, terrain
from geo import funnel
from geo.leastcost.field import SIDE_STORED
from geo.visibility import viewshed

LENGTH_M, DEPTH_M = 3_145_000.0, 150_000.0
"""Length of the border (International Boundary and Water Commission), and how deep the land is."""
TOWERS, PERIODS, MEMBERS, MEMBER_M = 600, 4, 200, 120.0
"""Towers as a newsroom counted in 2026 (almost 600); the rest as in a study of ours."""
SEGMENT_M, GOAL_M, REACHED_GOALS = 20_000.0, 40_000.0, 3
CORES = (1, 8, 64, 512)
PARTS_OF_WORK = ("viewsheds", "surfaces", "spreading", "members")
PARTS = 20
"""Studies of about 157 km that the border can be cut into, each with its own run."""


@dataclass(frozen=True)
class Unit:
    """Seconds of one core, measured.

    Attributes
    ----------
    surface
        A cell of an accumulated surface with energy counted along its routes.
    renewed
        Cost of a period's surface over that of the one without towers.
    spread
        A cell of a pair of origin and destination.
    tower
        A cell within a tower's range.
    task
        What a scheduler and a worker spend on a task besides its work.
    """

    surface: float
    renewed: float
    spread: float
    tower: float
    task: float


def measure() -> Unit:
    """Measure here."""
    one = ground(600, 1_600, 30.0, 4, 2)
    cells = one.land.elevation.size
    cost = REFERENCE.quantities(one)["energy"].model
    land = one.land
    quantities = {"energy": funnel.CrossingQuantity(cost, "kJ", 1e3)}
    land = funnel.MovementDomain(
        land.elevation, land.origins, land.goals, land.options, land.run, quantities
    )
    land.labels(cost)  # compile
    base, surfaces = _timed(lambda: land.labels(cost))
    seen = one.seen["period-1"]
    _, renewed = _timed(lambda: land.labels(funnel.avoiding(cost, seen, 1.0), base, "after"))
    _, spread = _timed(lambda: funnel.combine(land, base, base, 0.2))
    ends = len(land.origins) + len(land.goals)
    pairs = len(land.origins) * len(land.goals)
    relief = on_grid(terrain(1_024, 1))
    middle = (float(relief.x.mean()), float(relief.y.mean()))
    eye = {"observer_height_m": 25.0, "range_m": 12_000.0, "extent": "window"}
    viewshed(relief, middle, **eye)
    _, towers = _timed(lambda: [viewshed(relief, middle, **eye) for _ in range(10)])
    return Unit(
        surfaces / cells / ends,
        renewed / surfaces,
        spread / cells / pairs,
        towers / 10 / (math.pi * 400**2),
        _overhead(),
    )


def _timed(work):
    start = time.process_time()
    found = work()
    return found, time.process_time() - start


def _overhead(count: int = 400) -> float:
    """Seconds a task of nothing takes on a cluster of one worker in a process of its own."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.submit(abs, -1, pure=False).result()
        start = time.perf_counter()
        client.gather([client.submit(abs, n, pure=False) for n in range(count)])
        return (time.perf_counter() - start) / count


def makespan(tasks: Iterable[float], cores: int, task_s: float) -> float:
    """Hours until independent tasks are done, longest first; one scheduler hands them out."""
    lengths = sorted(tasks, reverse=True)
    free = [0.0] * cores
    for n, seconds in enumerate(lengths):
        start = max(heapq.heappop(free), n * task_s)
        heapq.heappush(free, start + seconds + task_s)
    return max(free) / 3600


@dataclass(frozen=True)
class Study:
    """A stretch of the border as one study."""

    length_m: float
    cell_m: float
    towers: int

    @property
    def shape(self) -> tuple[int, int]:
        return round(DEPTH_M / self.cell_m), round(self.length_m / self.cell_m)

    def cells(self, cell_m: float) -> float:
        return DEPTH_M * self.length_m / cell_m**2

    @property
    def ends(self) -> int:
        return math.ceil(self.length_m / SEGMENT_M) + math.ceil(self.length_m / GOAL_M)

    @property
    def pairs(self) -> int:
        segments = math.ceil(self.length_m / SEGMENT_M)
        return segments * min(REACHED_GOALS, math.ceil(self.length_m / GOAL_M))

    def viewsheds(self, unit: Unit) -> list[float]:
        return [unit.tower * math.pi * (12_000 / self.cell_m) ** 2] * self.towers

    def surface_s(self, unit: Unit) -> float:
        """Core seconds of the surfaces of every period."""
        each = unit.surface * self.cells(self.cell_m) * self.ends
        return each * (1 + unit.renewed * PERIODS)

    def front(self) -> int:
        """Tiles of one surface that can be under way at once: a front crosses the strip."""
        rows, cols = (math.ceil(n / SIDE_STORED) for n in self.shape)
        return 2 * min(rows, cols)

    def spread_s(self, unit: Unit) -> float:
        """Core seconds of spreading; one process walks over the blocks."""
        return unit.spread * self.cells(self.cell_m) * self.pairs * (1 + PERIODS)

    def member_s(self, unit: Unit) -> float:
        cells = self.cells(MEMBER_M)
        surfaces = unit.surface * cells * self.ends * (1 + unit.renewed * PERIODS)
        return surfaces + unit.spread * cells * self.pairs * (1 + PERIODS)

    def hours(self, unit: Unit, cores: int) -> dict[str, float]:
        """Hours of each part with that many cores."""
        busy = min(cores, self.front())
        return {
            "viewsheds": makespan(self.viewsheds(unit), cores, unit.task),
            "surfaces": self.surface_s(unit) / busy / 3600,
            "spreading": self.spread_s(unit) / 3600,
            "members": makespan([self.member_s(unit)] * MEMBERS, cores, unit.task),
        }

    def driver_gb(self) -> float:
        """Density, elevation, friction and one view in memory; surfaces lie in zarr."""
        return self.cells(self.cell_m) * (8 + 4 + 4 + 4) / 1e9


def main() -> None:
    unit = measure()
    lines = [
        f"# The whole border on more cores, {date.today()}",  # noqa: DTZ011 - a local day
        "",
        (
            f"Simulated from costs measured on {os.cpu_count()} cores ({platform.machine()}), "
            f"Python {platform.python_version()}: a surface {unit.surface * 1e9:.0f} ns a cell "
            f"with energy counted along its routes, a period's surface {unit.renewed:.2f} of it, "
            f"spreading {unit.spread * 1e9:.0f} ns a cell and pair, a viewshed "
            f"{unit.tower * 1e9:.0f} ns a cell in range, {unit.task * 1e3:.1f} ms a task. "
            f"{LENGTH_M / 1e3:,.0f} km by {DEPTH_M / 1e3:.0f} km, {TOWERS} towers, {PERIODS} "
            f"periods, {MEMBERS} members at {MEMBER_M:.0f} m. No such cluster was used."
        ),
        "",
        "| cell | laid out as | cores | "
        + " | ".join(f"{p} h" for p in PARTS_OF_WORK)
        + " | all h |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for cell_m in (30.0, 10.0):
        whole = Study(LENGTH_M, cell_m, TOWERS)
        part = Study(LENGTH_M / PARTS, cell_m, TOWERS // PARTS)
        lines += [_row(cell_m, "one study", n, whole.hours(unit, n)) for n in CORES]
        for cores in CORES:
            side_by_side = min(PARTS, cores)
            one = part.hours(unit, max(1, cores // side_by_side))
            rounds = math.ceil(PARTS / side_by_side)
            parts = {k: v * rounds for k, v in one.items()}
            lines.append(_row(cell_m, f"{PARTS} studies", cores, parts))
        lines += [
            "",
            (
                f"At {cell_m:.0f} m the driver of one study holds about {whole.driver_gb():.0f} GB "
                f"of rasters, that of one of {PARTS} about {part.driver_gb():.1f} GB."
            ),
            "",
        ]
        if cell_m == 30.0:
            lines += lines[4:6]
    lines.append(
        "**What limits.** One study accumulates every surface over the whole border, although "
        "nobody walks from one end to the other, and its surfaces come one after the other: no "
        "more tiles are under way than a front across the strip has. Members are independent and "
        "scale to their number. Spreading is one process. Cut the border into stretches of a few "
        "corridors, with a crossing's depth of overlap, one study each: the work falls by the "
        "number of stretches, and they need nothing of each other. Results are then of corridors, "
        "as the test is; a panel of several stretches is one study on a coarser grid."
    )
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "results" / "scaling.md").write_text(text, "utf-8")
    sys.stdout.write(text)


def _row(cell_m: float, how: str, cores: int, hours: dict[str, float]) -> str:
    parts = " | ".join(f"{v:.2f}" if v < 10 else f"{v:,.0f}" for v in hours.values())
    whole = sum(hours.values())
    shown = f"{whole:.1f}" if whole < 100 else f"{whole:,.0f}"
    return f"| {cell_m:.0f} m | {how} | {cores} | {parts} | {shown} |"


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
