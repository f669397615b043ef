"""What a run will take, said before it starts: processor time, time on the clock, memory.

`flows/workflow/rates.yaml` is the whole model: for each step a start-up and a rate for some
quantities of the question (`flows.workflow.extent.Extent`). To describe a changed step, add a
quantity there and a line here. Where this installation has run a step before, what it recorded then
corrects the rates: the record nearest in size counts, the less the further it is away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from flows.core.stage import RunSpec
from flows.core.store import DONE, StepStore, read_record
from flows.workflow.extent import START, Extent, extent, rates
from flows.workflow.plan_text import Forecast
from flows.workflow.runner import Planned

Rates = Mapping[str, float]


def forecast(
    question: RunSpec, planned: tuple[Planned, ...], store: StepStore, workers: int
) -> tuple[Forecast, ...]:
    """Predict every step that is not done.

    Parameters
    ----------
    question, planned
        The run and its plan.
    store
        Records of earlier runs, of any study.
    workers
        Threads, or slots of a cluster.

    Returns
    -------
    tuple of Forecast
        In order of the plan.

    Raises
    ------
    FunnelError
        If an input cannot be measured, as a raster that is none.
    """
    size = extent(question)
    return tuple(_of(step, size, store, workers) for step in planned if not step.done)


def _of(planned: Planned, size: Extent, store: StepStore, workers: int) -> Forecast:
    name = planned.stage.name
    rate, now = rates()[name], size.quantities(name)
    past = _history(store, name, now)
    cpu, recalled = _recalled(rate["cpu_seconds"], now, past, "cpu_seconds")
    held = _recalled(_memory(rate, workers), now, past, "peak_mb")[0]
    alone = float(rate["serial"])
    return Forecast(planned, cpu * (alone + (1 - alone) / max(1, workers)), cpu, held, recalled)


def _memory(rate: Mapping[str, Any], workers: int) -> Rates:
    each = {n: v * workers for n, v in rate.get("memory_mb_a_worker", {}).items()}
    return {**rate["memory_mb"], **each}


def _formula(rate: Rates, quantity: Mapping[str, float]) -> float:
    return rate[START] + sum(v * quantity[n] for n, v in rate.items() if n != START)


def _history(store: StepStore, step: str, now: Mapping[str, float]) -> list[Mapping[str, Any]]:
    """Return the records of a step that name the same quantities, oldest first."""
    found = []
    for path in (store.root / step).glob(f"*/{DONE}"):
        record = read_record(path)
        if record.get("quantities", {}).keys() == now.keys():
            found.append(record)
    return sorted(found, key=lambda r: (str(r["finished_at"]), str(r["fingerprint"])))


def _recalled(
    rate: Rates, now: Mapping[str, float], past: list[Mapping[str, Any]], what: str
) -> tuple[float, bool]:
    """Correct a formula by the record nearest in size; of equally near ones the latest counts."""
    said = _formula(rate, now)
    if not past:
        return said, False
    distance = [abs(math.log(said / _formula(rate, r["quantities"]))) for r in past]
    nearest = min(range(len(past)), key=lambda n: (distance[n], -n))
    record = past[nearest]
    ratio = max(float(record[what]), 1e-3) / _formula(rate, record["quantities"])
    return said * ratio ** (1 / (1 + distance[nearest])), True
