"""The same steps as one Prefect flow: what `funnel run` executes and `funnel serve` schedules.

The store, not Prefect, knows what is done: tasks take and return paths, nothing is pickled, and
the database can be lost without losing evidence.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import pandas as pd
from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_table_artifact,
)
from prefect.cache_policies import NO_CACHE

from flows.cluster import executor as pool_of
from flows.prepare import Options, prepare
from flows.progress import Reporter
from flows.runner import Planned, bundle, execute, log_run, plan
from flows.settings import Home, cores, home, now
from flows.stage import Progress, Question, Stage
from flows.store import Store, locked


def run_flow(
    question: Question,
    place: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run a question that is posed already as a flow, and return the bundle."""

    @flow(
        name="funnel",
        flow_run_name=f"{question.study.name}-{question.run_id}",
        description="Did deaths move to harder ground when towers went up?",
        persist_result=False,
        validate_parameters=False,
    )
    def funnel() -> str:
        return str(_walk(question, place, executor, workers, progress))

    return Path(funnel())


@flow(
    name="funnel-scheduled",
    flow_run_name="{study}",
    description="Snapshot the sources of a study and run it; a finished question answers at once.",
    persist_result=False,
)
def scheduled(study: str = "sample", *, offline: bool = False, workers: int | None = None) -> str:
    """Run a study from its name: what a schedule or a team's work pool calls.

    Parameters
    ----------
    study
        A built-in name, or the path of a study file on the worker's machine.
    offline
        Open no socket; use what vault and local folders hold.
    workers
        Threads; one per core by default.
    """
    place, started = home(), now().isoformat(timespec="seconds")
    count = workers or cores()
    question = prepare(study, place, Options(offline=offline), lambda _d, _t, _l: None)
    with (
        locked(place.locks / f"{question.run_id}.lock", lambda: None),
        pool_of(count, None) as pool,
    ):
        folder = _walk(question, place, pool, count, Reporter(quiet=True).for_stage)
        log_run(place, question, started, platform.node())
    _show(question, folder)
    return str(folder)


def _walk(
    question: Question,
    place: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    before: dict[str, Path] = {}
    for planned in plan(question, Store(place.store)):
        work = partial(
            execute,
            planned,
            question,
            dict(before),
            place,
            executor,
            workers,
            progress(planned.stage),
        )
        before[planned.stage.name] = Path(_as_task(planned)(work))
    return bundle(place, question)


def _as_task(planned: Planned) -> Callable[[Callable[[], Path]], str]:
    @task(
        name=planned.stage.name,
        task_run_name=planned.stage.title,
        tags=["done before" if planned.done else "computed"],
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )
    def step(work: Callable[[], Path]) -> str:
        return str(work())

    return step


def _show(question: Question, folder: Path) -> None:
    """Leave headline, counts and the way to the map where a person looks at the run."""
    headline = json.loads((folder / "headline.json").read_text("utf-8"))
    key = f"{question.study.name}-{question.run_id}"
    create_markdown_artifact(
        f"{headline['sentence']}\n\nClaim level {headline['claim_level']}.",
        key=f"headline-{key}",
        description="The finding, at its claim level",
    )
    counts = pd.read_parquet(folder / "tables" / "counts.parquet")
    shown = counts[["source_id", "step", "reason", "records"]].astype(str)
    create_table_artifact(
        {str(column): list(shown[column]) for column in shown},
        key=f"counts-{key}",
        description="Flow of records: read, quarantined, excluded, used",
    )
    create_link_artifact(
        (folder / "maps" / "funnel.html").as_uri(),
        link_text="Map",
        key=f"map-{key}",
        description="The page; its tables stand beside it",
    )
