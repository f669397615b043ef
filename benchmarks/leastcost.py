"""Race the least-cost engine against its peers, in pairs, and write the table that README quotes.

`python -m benchmarks.leastcost` takes about twenty minutes on two idle cores. Every engine runs in
a process of its own, one after the other, ours next to each peer, so that a ratio compares runs of
the same minutes. Ratios are of processor time of one thread, which a busy machine disturbs least,
and of elapsed time with all cores. The ground is synthetic: fractal relief of 1,500 m and lognormal
friction in 30 m cells.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.leastcost_engines import CRS

RESULT = Path(__file__).parent / "results" / "leastcost.md"


def fractal(side: int, power: float, seed: int) -> Any:
    """Gaussian field whose spectrum falls with frequency to the power given."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1
    amplitude = frequency ** (-power / 2)
    amplitude[0, 0] = 0
    phase = rng.standard_normal((*frequency.shape, 2)) @ [1, 1j]
    return np.fft.irfft2(phase * amplitude, s=(side, side))


def lay_ground(folder: Path, side: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    z, f = fractal(side, 3.6, 1), fractal(side, 2.5, 2)
    np.save(folder / "z.npy", (1500 * (z - z.min()) / np.ptp(z)).astype(np.float32))
    np.save(folder / "f.npy", np.exp(0.5 * f / f.std()).clip(0.25, 8).astype(np.float32))


def run(name: str, folder: Path, neighbours: int, workers: int = 1, sources: int = 1) -> Any:
    command = [sys.executable, "-m", "benchmarks.leastcost_engines", name, str(folder)]
    command += [str(neighbours), str(workers), str(sources)]
    if name.startswith("r."):
        command = ["grass", "--tmp-location", CRS, "--exec", *command]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(ended.stdout.strip().splitlines()[-1])


def available(name: str) -> bool:
    if name.startswith("r."):
        return shutil.which("grass") is not None
    module = {"scikit-image": "skimage", "xarray-spatial": "xrspatial"}.get(name, name)
    return subprocess.run([sys.executable, "-c", f"import {module}"], check=False).returncode == 0


def middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(r[key] for r in runs) for key in runs[0]}


def race(folder: Path, side: int, peer: str, neighbours: int, repeats: int) -> str:
    """Run ours on one thread, the peer, and ours on all cores, next to each other, repeatedly."""
    mine = "ours-walk" if peer == "r.walk" else "ours"
    cells, rows = side * side, []
    for _ in range(repeats):
        one = run(mine, folder, neighbours)
        theirs = run(peer, folder, neighbours)
        rows.append((one, theirs, run(mine, folder, neighbours, os.cpu_count() or 1)))
    a, b = np.load(folder / f"{mine}.npy"), np.load(folder / f"{peer}.npy")
    off = np.abs(a - b) / np.maximum(np.abs(b), 1)
    one, theirs, many = (middle([r[i] for r in rows]) for i in range(3))
    cpu = statistics.median(r[1]["cpu"] / r[0]["cpu"] for r in rows)
    wall = statistics.median(r[1]["wall"] / r[2]["wall"] for r in rows)
    return (
        f"| {peer} | {side}² | {neighbours} |"
        f" {theirs['cpu']:.2f} | {one['cpu']:.2f} | **{cpu:.1f}** |"
        f" {theirs['wall']:.2f} | {many['wall']:.2f} | **{wall:.1f}** |"
        f" {theirs['bytes'] / cells:.0f} | {many['bytes'] / cells:.1f} |"
        f" {100 * np.mean(off <= 1e-4):.3f} |"
    )


def grow(folder: Path, side: int, neighbours: int, sources: int) -> str:
    found = run("ours-walk", folder, neighbours, 1, sources)
    cells = side * side
    label = {0: "top edge"}.get(sources, str(sources))
    return (
        f"| {side}² | {neighbours} | {label} |"
        f" {found['cpu']:.2f} | {cells / found['cpu'] / 1e6:.1f} |"
        f" {found['bytes'] / cells:.1f} |"
    )


def out_of_core(folder: Path, side: int, neighbours: int) -> str:
    """Time zarr in, zarr out; the ground is the fractal, mirrored until it is large enough."""
    command = [sys.executable, "-m", "benchmarks.leastcost_stored", str(folder)]
    ended = subprocess.run(
        [*command, str(side), str(neighbours)], check=True, capture_output=True, text=True
    )
    found = json.loads(ended.stdout.strip().splitlines()[-1])
    cells = side * side
    return (
        f"{side}² cells, {neighbours} neighbours, elevation and friction in zarr, result in zarr: "
        f"{found['wall']:.0f} s elapsed, {found['cpu']:.0f} s of processor time, "
        f"{cells / found['wall'] / 1e6:.2f} million cells a second, peak memory "
        f"{found['peak'] / 1e6:.0f} MB ({found['before'] / 1e6:.0f} MB before the call)."
    )


HEAD = """# Least-cost engine: measurements

{date}, {cpu} cores ({machine}), Python {python}, load at the start {load:.1f}. Made by
`python -m benchmarks.leastcost`; on a busy machine trust the ratios of processor time, not the
seconds.

## Against peers

Seconds of processor time on one thread, then elapsed seconds, ours with all cores (peers have one
thread). Ratios are medians of paired runs. B is peak bytes per cell above the inputs, the result
included (for GRASS the whole process). The last column is the share of cells within 1e-4.

| peer | cells | nb | peer cpu | our cpu | ratio | peer s | our s | ratio | peer B | our B | % |
|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 2000, 4000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--stored", type=int, default=20_000, help="side out of core; 0 skips it")
    parser.add_argument("--out", type=Path, default=RESULT)
    choice = parser.parse_args()
    lines = []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    say(
        HEAD.format(
            date=dt.datetime.now(dt.UTC).date(),
            cpu=os.cpu_count(),
            machine=platform.machine(),
            python=platform.python_version(),
            load=os.getloadavg()[0],
        ).rstrip("\n")
    )
    with tempfile.TemporaryDirectory() as scratch:
        grounds = {side: Path(scratch) / str(side) for side in choice.sizes}
        for side, folder in grounds.items():
            lay_ground(folder, side)
        largest = max(choice.sizes)
        for side in sorted({min(2000, largest), largest}):
            for peer, neighbours in (
                ("r.walk", 8),
                ("r.walk", 16),
                ("r.cost", 8),
                ("scikit-image", 8),
                ("xarray-spatial", 8),
                ("scipy", 8),
            ):
                if available(peer) and not (peer == "scipy" and side > 2000):
                    say(race(grounds[side], side, peer, neighbours, choice.repeats))
        say("\n## Growth (r.walk's cost, one thread)\n")
        say("| cells | nb | sources | cpu s | Mcells/s | B/cell |\n|---|---|---|---|---|---|")
        for side in choice.sizes:
            say(grow(grounds[side], side, 8, 1))
        for neighbours in (16, 32):
            say(grow(grounds[largest], largest, neighbours, 1))
        for sources in (100, 0):
            say(grow(grounds[largest], largest, 8, sources))
        if choice.stored:
            say("\n## Out of core\n")
            say(out_of_core(grounds[largest], choice.stored, 16))
    choice.out.parent.mkdir(exist_ok=True)
    choice.out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
