"""A plan as a person reads it, and as a program does."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from flows.core.stage import RunSpec
from flows.workflow.extent import extent, most_cells, most_off
from flows.workflow.runner import Planned

QUICK, TO_DO = "already done", "to do"
MINUTE_S, HOUR_S, GB, MILLION = 60.0, 3_600.0, 1_000.0, 1e6


@dataclass(frozen=True)
class Forecast:
    """What one step is thought to take.

    Attributes
    ----------
    planned
        The step.
    seconds, cpu_seconds
        On the clock with the workers given; of all cores.
    peak_mb
        The most memory held at once, the program itself included.
    recalled
        Whether a record of this installation had a say.
    """

    planned: Planned
    seconds: float
    cpu_seconds: float
    peak_mb: float
    recalled: bool


def as_lines(
    question: RunSpec,
    planned: tuple[Planned, ...],
    costs: tuple[Forecast, ...] | None,
    workers: int,
) -> list[str]:
    """Return the plan for the terminal: a line a step, what is skipped, and the whole.

    Parameters
    ----------
    question, planned
        The run.
    costs
        Of the steps to do; None where an input cannot be measured.
    workers
        On which the times are reckoned.
    """
    of = {c.planned.stage.name: c for c in costs or ()}
    lines = [f"[bold]{question.study.title}[/]  (run {question.run_id})"]
    grid = question.study.grid
    lines += [f"  grid {grid.resolution_m:,g} m: {grid.reason}"] if grid.reason else []
    if question.of("towers"):
        lines += [f"  {told_by(question)}", *(f"  {a}" for a in set_aside(question))]
    for step in planned:
        cost = of.get(step.stage.name)
        figures = "" if cost is None else f"{_time(cost.seconds):>9} {_memory(cost.peak_mb):>8}"
        mark = QUICK if step.done else TO_DO
        lines.append(f"  {mark:12} {step.stage.title:42}{figures}".rstrip())
    lines += [
        f"  [yellow]skipped[/]      {gap.what}: {gap.missing}. {gap.how}"
        for gap in question.missing
    ]
    if costs is None:
        lines.append("  no forecast: an input cannot be measured; `funnel check` says which")
    if costs:
        lines += _whole(costs, workers, extent(question).cells)
    return lines


def told_by(question: RunSpec) -> str:
    """Say how what towers see is told on the study's grid."""
    from flows.stages.sight import CAP_REASON, sight  # noqa: PLC0415 - loads the science

    study = question.study
    if sight(study).by_range:
        return f"{CAP_REASON}; the claim stops at L1"
    made_up = " on made-up land, whose relief is exact at these cells" if study.grid.exact else ""
    return f"views of towers: viewsheds on cells of {study.grid.resolution_m:,g} m{made_up}"


def set_aside(question: RunSpec) -> list[str]:
    """Say where programme zones give way to towers: two kinds of exposure are never mixed."""
    if not (question.of("towers") and question.of("zones")):
        return []
    said = (
        "programme zones are not used: the study has towers, which take precedence; leave the "
        "tower file out to ask by zones"
    )
    return [said]


def as_json(
    question: RunSpec, planned: tuple[Planned, ...], costs: tuple[Forecast, ...] | None
) -> dict[str, Any]:
    """Return the plan as data; figures are null where nothing is to do or known."""
    of = {c.planned.stage.name: c for c in costs or ()}
    steps = []
    for step in planned:
        cost = of.get(step.stage.name)
        steps.append(
            {
                "step": step.stage.name,
                "title": step.stage.title,
                "done": step.done,
                "seconds": None if cost is None else round(cost.seconds, 1),
                "cpu_seconds": None if cost is None else round(cost.cpu_seconds, 1),
                "peak_mb": None if cost is None else round(cost.peak_mb),
                "from_own_records": None if cost is None else cost.recalled,
            }
        )
    return {
        "study": question.study.name,
        "run_id": question.run_id,
        "grid": {
            "resolution_m": question.study.grid.resolution_m,
            "reason": question.study.grid.reason,
        },
        "steps": steps,
        "skipped": [gap.what for gap in question.missing],
    }


def _whole(costs: tuple[Forecast, ...], workers: int, cells: float) -> list[str]:
    peak = max(c.peak_mb for c in costs)
    on = f"{workers} worker{'s' if workers != 1 else ''} with nothing else running"
    recalled = any(c.recalled for c in costs)
    basis = "own records" if recalled else "rates measured elsewhere"
    whole = f"in all {_time(sum(c.seconds for c in costs))} on {on}, {_memory(peak)} at most"
    sure = f"right within a factor of {most_off()}"
    if cells > most_cells() and not recalled:
        sure = (
            f"measured on up to {most_cells() / MILLION:.1f} million cells; this land has "
            f"{cells / MILLION:.1f}, where neither time nor memory is sure"
        )
    lines = [f"  {whole} (from {basis}; {sure})"]
    here = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
    if peak > here:
        lines.append(
            f"  [red]this machine has {_memory(here)}[/]: give fewer --workers, a coarser "
            "grid.resolution_m, or a larger machine"
        )
    return lines


def _time(seconds: float) -> str:
    if seconds < MINUTE_S:
        return f"{max(1, round(seconds))} s"
    if seconds < HOUR_S:
        return f"{seconds / MINUTE_S:.1f} min"
    return f"{seconds / HOUR_S:.1f} h"


def _memory(megabytes: float) -> str:
    return f"{megabytes / GB:.1f} GB"
