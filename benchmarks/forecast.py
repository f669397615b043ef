"""Compare what `funnel run --plan` foretells with what a run then takes.

Run as `python -m benchmarks.forecast`; a minute of an otherwise idle machine. A fresh store is
asked for its plan of `tiny`, runs it, and both are printed side by side with their ratios. Exits 1
where a step or the whole is off by more than the plan promises; no test does, since a busy machine
is no fault of the forecast.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from flows.workflow.extent import most_off

FLOOR_S = 1.5
"""A step shorter than this is start-up and noise."""
FACTOR = float(most_off())
"""What the plan promises."""


def main() -> int:
    """Foretell, run, compare."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        plan = json.loads(_funnel(home, "run", "tiny", "--plan", "--json", "--workers", "1"))
        _funnel(home, "run", "tiny", "--plain", "--quiet", "--workers", "1")
        records = [json.loads(p.read_text("utf-8")) for p in (home / "store").glob("*/*/done.json")]
    recorded = {r["step"]: r for r in records if "cpu_seconds" in r}
    off = 0
    whole = [0.0, 0.0]
    for step in plan["steps"]:
        record = recorded[step["step"]]
        times = step["cpu_seconds"], record["cpu_seconds"]
        whole = [whole[0] + times[0], whole[1] + times[1]]
        time = max(times[0], FLOOR_S) / max(times[1], FLOOR_S)
        memory = step["peak_mb"] / record["peak_mb"]
        off += not all(1 / FACTOR <= ratio <= FACTOR for ratio in (time, memory))
        print(
            f"{step['step']:12} {times[0]:7.1f} s foretold, {times[1]:7.1f} s taken ({time:.2f}); "
            f"{step['peak_mb']:6.0f} MB foretold, {record['peak_mb']:6.0f} MB taken ({memory:.2f})"
        )
    ratio = whole[0] / whole[1]
    off += not 1 / FACTOR <= ratio <= FACTOR
    print(f"in all       {whole[0]:7.1f} s foretold, {whole[1]:7.1f} s taken ({ratio:.2f})")
    return 1 if off else 0


def _funnel(home: Path, *words: str) -> str:
    environment = {**os.environ, "FUNNEL_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.app", *words, "--out", str(home.parent / "runs")],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
