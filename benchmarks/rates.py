"""Measure the rates behind `funnel run --plan`, and write them into flows/workflow/rates.yaml.

Run as `python -m benchmarks.rates [FOLDER]`; half an hour of two cores. A ladder of made-up
studies, each in a process and a store of its own, is run as a user runs it; where they are kept in
a folder, a killed run goes on where it stopped. What the store then says of each step is fitted by
non-negative least squares on relative errors. Which quantities a step depends on is
read from flows/workflow/rates.yaml itself: add one there, then run this again. Times are of the
processor, so that a busy machine disturbs them little.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import nnls

ROOT = Path(__file__).parents[1]
RATES = ROOT / "flows" / "workflow" / "rates.yaml"
WIDE = """extends = "sample"
[grid]
resolution_m = {cell_m}
ensemble_m = 400
[movement]
members = 0
[inference]
permutations = 499
imputations = 5"""
"""Lands that are read in strips, whose crossings are worked out in windows."""
LADDER = {
    "tiny": 'extends = "tiny"',
    "tiny-more": """extends = "tiny"
[movement]
theta = 0.2
members = 12
[inference]
permutations = 999
imputations = 12""",
    "coarse": """extends = "sample"
[grid]
resolution_m = 300
ensemble_m = 600
[inference]
permutations = 1999
imputations = 10""",
    "many-members": """extends = "sample"
[grid]
resolution_m = 300
ensemble_m = 300
[movement]
theta = 0.2
members = 4
[inference]
permutations = 499
imputations = 40""",
    "sample": 'extends = "sample"',
    "wide": WIDE.format(cell_m=60),
    "wider": WIDE.format(cell_m=30),
}
HEAD = """\
# What steps cost, for `funnel run --plan`: seconds of the processor and megabytes, for each step a
# start-up and a rate for each quantity of `flows.workflow.extent.Extent`. `serial` is the share of
# the processor time that more workers do not shorten; `memory_mb_a_worker` counts once a worker.
# Beside data/parameters, not in it: a forecast is no result, and enters no fingerprint of a step.
# Written by `python -m benchmarks.rates`; edit the quantities, not the figures.
"""


def main() -> None:
    """Run the ladder and write the rates."""
    with tempfile.TemporaryDirectory(prefix="funnel-rates-") as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        records = [r for name in LADDER for r in run(name, folder)]
    shape = yaml.safe_load(RATES.read_text("utf-8"))["steps"]
    steps, errors = {}, {}
    for step, rate in shape.items():
        own = [r for r in records if r["step"] == step]
        cpu, worst_cpu = fit(rate["cpu_seconds"], own, "cpu_seconds")
        memory = {**rate["memory_mb"], **rate.get("memory_mb_a_worker", {})}
        held, worst_mb = fit(memory, own, "peak_mb")
        serial = sum(r["serial_seconds"] for r in own) / sum(r["cpu_seconds"] for r in own)
        each = {k: v for k, v in held.items() if k in rate.get("memory_mb_a_worker", {})}
        steps[step] = {
            "cpu_seconds": cpu,
            "memory_mb": {k: v for k, v in held.items() if k not in each},
            **({"memory_mb_a_worker": {k: v / 2 for k, v in each.items()}} if each else {}),
            "serial": round(min(1.0, serial), 2),
        }
        errors[step] = {"cpu_seconds": worst_cpu, "peak_mb": worst_mb}
        print(step, steps[step], errors[step], flush=True)
    measured = {
        "at": datetime.now(UTC).date().isoformat(),
        "on": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "studies": list(LADDER),
        "most_cells": int(max(_cells(r["quantities"]) for r in records)),
        "worst_ratio": errors,
    }
    text = yaml.safe_dump({"measured": measured, "steps": steps}, sort_keys=False)
    RATES.write_text(HEAD + text, "utf-8")


def _cells(quantities: dict[str, float]) -> float:
    return quantities.get("held_cells", 0.0) + quantities.get("wide_cells", 0.0)


def run(name: str, folder: Path) -> list[dict]:
    """Run one study of the ladder and return the record of each of its steps."""
    study = folder / f"{name}.toml"
    study.write_text(f'name = "{name}"\n{LADDER[name]}\n', "utf-8")
    home = folder / name
    words = [sys.executable, "-m", "flows.cli.app", "run", str(study), "--plain", "--quiet"]
    environment = {**os.environ, "FUNNEL_HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [*words, "--workers", "2", "--out", str(folder / "runs")], env=environment, check=True
    )
    print(name, "done", flush=True)
    done = home.joinpath("store").glob("*/*/done.json")
    return [r for r in (json.loads(p.read_text("utf-8")) for p in done) if r.get("quantities")]


def fit(rate: dict, records: list[dict], what: str) -> tuple[dict[str, float], float]:
    """Return non-negative rates, and the worst ratio between what they say and what was."""
    names = list(rate)
    rows = np.array([[r["quantities"].get(n, 1.0) for n in names] for r in records])
    wanted = np.array([max(float(r[what]), 0.05) for r in records])
    scale = np.maximum(rows.max(axis=0), 1e-12)
    found, _ = nnls(rows / scale / wanted[:, None], np.ones(len(wanted)))
    found = found / scale
    ratio = (rows @ found) / wanted
    worst = float(np.maximum(ratio, 1 / ratio).max())
    return {n: float(f"{v:.3g}") for n, v in zip(names, found, strict=True)}, round(worst, 2)


if __name__ == "__main__":
    main()
