"""From simulations to a dated table with Monte Carlo intervals."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.inference import PLAN
from validation.gates import Gate, Watch

Results = Mapping[int, Mapping[str, float]]
BIAS = {
    "bias": "log_ratio",
    "log_error": "log_ratio",
    "recorded_error": "recorded_log_ratio",
    "naive_bias": "naive_log_ratio",
    "imputed_bias": "imputed_log_ratio",
}
MEANS = {"mean_power": "power", "mean_reached_dose": "reached_dose"}
"""Watched numbers that are means of an outcome, not shares."""
COLUMNS = (
    "gate", "outcome", "n", "asked", "estimate", "low", "high", "goal", "verdict", "cpu_s",
    "planted", "plan",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One watched number with its Monte Carlo interval and verdict."""

    gate: str
    outcome: str
    n: int
    asked: int
    estimate: float
    low: float
    high: float
    goal: str
    verdict: str
    cpu_s: float
    planted: str


def lines(gate: Gate, results: Results, asked_for: int) -> list[Line]:
    """Summarise a gate of which `asked_for` simulations are to be run."""
    values = list(results.values())
    seconds = sum(v.get("cpu_s", 0.0) for v in values)
    out = []
    for asked in gate.watch:
        watch = asked
        if watch.outcome in BIAS:
            truth = math.log(gate.plan.rate_ratio)
            errors = [v[BIAS[watch.outcome]] - truth for v in values if v.get("estimated")]
            estimate, low, high = _mean(errors)
            watch = _bias_goal(watch, truth) if watch.outcome == "bias" else watch
        elif watch.outcome in MEANS:
            errors = [v[MEANS[watch.outcome]] for v in values if v.get("estimated")]
            estimate, low, high = _mean(errors)
        else:
            flags = [v[watch.outcome] for v in values if watch.outcome in v]
            estimate, low, high = wilson(sum(flags), len(flags))
            errors = flags
        out.append(
            Line(
                gate.name,
                watch.outcome,
                len(errors),
                asked_for,
                estimate,
                low,
                high,
                _goal(watch),
                _verdict(watch, estimate, low, high),
                seconds,
                gate.note,
            )
        )
    return out


def wilson(successes: float, n: int, z: float = 1.96) -> tuple[float, float, float]:
    """Share and its 95 % interval (Wilson 1927)."""
    if n == 0:
        return math.nan, math.nan, math.nan
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return share, max(centre - half, 0.0), min(centre + half, 1.0)


def write(folder: Path, name: str, title: str, table: Sequence[Line], short: str = "") -> None:
    """Write the table as CSV and as Markdown, there with what it says in short before it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_cells(line) for line in table]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    head = "| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS) + "\n"
    body = "".join("| " + " | ".join(r) + " |\n" for r in rows)
    (folder / f"{name}.md").write_text(f"# {title}\n\n{short}{head}{body}", "utf-8")


def _cells(line: Line) -> list[str]:
    return [
        line.gate, line.outcome, str(line.n), str(line.asked), _number(line.estimate),
        _number(line.low), _number(line.high), line.goal, line.verdict,
        f"{line.cpu_s:.0f}", line.planted, str(PLAN),
    ]  # fmt: skip


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _mean(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return math.nan, math.nan, math.nan
    mean = sum(values) / len(values)
    sd = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    half = 1.96 * sd / math.sqrt(len(values))
    return mean, mean - half, mean + half


def _bias_goal(watch: Watch, truth: float) -> Watch:
    allowed = max(0.03, 0.1 * abs(truth))
    return Watch(watch.outcome, -allowed, allowed)


def _goal(watch: Watch) -> str:
    if watch.low is None and watch.high is None:
        return "reported"
    if watch.low is None:
        return f"at most {watch.high:.3f}"
    if watch.high is None:
        return f"at least {watch.low:.3f}"
    return f"{watch.low:.3f} to {watch.high:.3f}"


def _verdict(watch: Watch, estimate: float, low: float, high: float) -> str:
    """Pass or fail by the estimate; say where the Monte Carlo interval leaves it open."""
    if math.isnan(estimate):
        return "not run"
    if watch.low is None and watch.high is None:
        return "-"
    floor = -math.inf if watch.low is None else watch.low
    ceiling = math.inf if watch.high is None else watch.high
    if not floor <= estimate <= ceiling:
        return "fail" if high < floor or low > ceiling else "fail, not resolved"
    return "pass" if floor <= low and high <= ceiling else "pass, not resolved"
