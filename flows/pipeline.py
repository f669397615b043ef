"""The same steps as one Prefect flow: what `funnel run` executes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.runner import Planned, bundle, execute, plan
from flows.settings import Home
from flows.stage import Progress, Question, Stage
from flows.store import Store


def run_flow(
    question: Question,
    home: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run every step as a Prefect task, in order, and return the bundle.

    The store, not Prefect, knows what is done: tasks take and return paths, nothing is pickled,
    and the database can be lost without losing evidence.
    """

    @flow(
        name="funnel",
        flow_run_name=f"{question.study.name}-{question.run_id}",
        description="Did deaths move to harder ground when towers went up?",
        persist_result=False,
        validate_parameters=False,
    )
    def funnel() -> str:
        before: dict[str, Path] = {}
        for planned in plan(question, Store(home.store)):
            work = partial(
                execute,
                planned,
                question,
                dict(before),
                home,
                executor,
                workers,
                progress(planned.stage),
            )
            before[planned.stage.name] = Path(_as_task(planned)(work))
        return str(bundle(home, question))

    return Path(funnel())


def _as_task(planned: Planned) -> Callable[[Callable[[], Path]], str]:
    @task(
        name=planned.stage.name,
        task_run_name=planned.stage.title,
        cache_policy=NO_CACHE,
        persist_result=False,
        log_prints=False,
    )
    def step(work: Callable[[], Path]) -> str:
        return str(work())

    return step
