"""Run gates: `python -m validation run --set quick [--gate NAME] [--workers 2]`.

`table` in place of `run` reports what has been run so far.

Every simulation is written down as it ends; a killed run goes on where it stopped. The table is
written after every gate, so a partial run leaves a partial, dated table.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

# One core a process: the matrices are small, and threads would fight over two cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from flows.core.settings import local_data
from flows.stages.calibration import ONLY
from geo.study import stream
from validation import report, store, summary
from validation.built_in import built_in
from validation.gates import GATES, SEED, Gate
from validation.places import imputed
from validation.planted_land import PlantedLand, planted_land, walk_key
from validation.trials import catchments, headline, parts, tilt
from validation.world_trial import world

TRIALS: dict[str, Callable[[Any, np.random.Generator], dict[str, float]]] = {
    "headline": headline,
    "parts": parts,
    "tilt": tilt,
    "imputed": imputed,
    "catchments": catchments,
    "built-in": built_in,
    "planted": planted_land,
    "world": world,
}


def one(gate: Gate, index: int) -> dict[str, float]:
    """Run one simulation of a gate from its own stream."""
    started = time.process_time()
    asked = gate.plan.at(index) if isinstance(gate.plan, PlantedLand) else gate.plan
    outcome = TRIALS[gate.trial](asked, stream(SEED, f"{gate.name}/{index}"))
    return {"i": index, **outcome, "cpu_s": time.process_time() - started}


def run(gate: Gate, size: int, folder: Path, workers: int) -> dict[int, dict[str, float]]:
    """Run what is missing of a gate, writing every simulation down; no worker runs nothing.

    Planted land needs the real land: without `FUNNEL_LOCAL_DATA` its gates are not run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    walk = ""
    if isinstance(gate.plan, PlantedLand):
        if local_data() is None:
            return {}
        walk = walk_key(gate.plan.study)
    path = folder / f"{gate.name}-{store.fingerprint(gate.trial, gate.plan, walk)}.jsonl"
    done = store.load(path)
    missing = [i for i in range(size) if i not in done]
    if missing and workers:
        with path.open("a", encoding="utf-8") as file, _each(gate, workers) as each:
            for entry in each(partial(one, gate), missing):
                file.write(json.dumps(entry) + "\n")
                file.flush()
        done = store.load(path)
    return {i: v for i, v in done.items() if i < size}


@contextmanager
def _each(gate: Gate, workers: int) -> Iterator[Callable[..., Iterable[dict[str, float]]]]:
    """Give a `map` over simulations: on processes, or here where they share a walk in memory."""
    if isinstance(gate.plan, PlantedLand):
        yield map
        return
    with ProcessPoolExecutor(workers) as pool:
        yield partial(pool.map, chunksize=5)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run; 1 when a gate fails."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("run", "run what is missing and write the table"),
        ("table", "write the table of the simulations done so far"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("--set", choices=("quick", "full"), default="quick", dest="size")
        command.add_argument("--gate", action="append", choices=[g.name for g in GATES])
        command.add_argument("--replicates", type=int, help="simulations of each gate, for a smoke")
        command.add_argument("--name", help="name of the table; the gates asked for by default")
        command.add_argument("--workers", type=int, default=os.cpu_count() or 1)
        command.add_argument("--store", type=Path, default=store.ROOT / ".funnel" / "validation")
        command.add_argument("--out", type=Path, default=store.ROOT / "validation" / "results")
    given = parser.parse_args(arguments)
    workers = given.workers if given.command == "run" else 0
    asked = Asked(given.size, given.gate, given.replicates, given.name)
    return run_all(asked, workers, given.store, given.out)


class Asked(NamedTuple):
    """Which gates, how often, and the table's name."""

    size: str
    names: list[str] | None = None
    replicates: int | None = None
    name: str | None = None


def run_all(asked: Asked, workers: int, home: Path, out: Path) -> int:
    """Run the gates asked for and write the table after each."""
    size, names = asked.size, asked.names
    today = datetime.now(UTC).date().isoformat()
    title = f"Validation, {size} set, {today}, seed {SEED}"
    # a run of some gates has a table of its own: it takes no whole one's place
    some = asked.name or "-".join(names or ())
    stem = f"{today}-{size}" + (f"{ONLY}{some}" if names else "")
    told: list[tuple[Gate, list[report.Line]]] = []
    for gate in GATES:
        if names and gate.name not in names:
            continue
        count = asked.replicates or (gate.quick if size == "quick" else gate.full)
        if not count and not names:
            continue
        results = run(gate, count, home, workers)
        found = report.lines(gate, results, count)
        told.append((gate, found))
        table = [line for _, lines in told for line in lines]
        report.write(out, stem, title, table, summary.sections(told))
        for line in found:
            sys.stdout.write(
                f"{line.gate:20} {line.outcome:20} {line.estimate:7.3f} "
                f"({line.low:.3f}, {line.high:.3f})  {line.goal:18} {line.verdict}\n"
            )
        sys.stdout.flush()
    return int(any(line.verdict == "fail" for _, lines in told for line in lines))


if __name__ == "__main__":
    sys.exit(main())
