"""The same steps as one Prefect flow: what `funnel run` executes and `funnel serve` schedules.

The store, not Prefect, knows what is done: tasks take and return paths, nothing is pickled, and
the database can be lost without losing evidence. Not named `flows`: a worker puts this folder on
its path, where a module of that name would hide the package.
"""

# Without postponed annotations: Prefect makes the form of a flow from them, and finds only
# builtins when they are strings.

import platform
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.states import Completed, Failed
from pydantic import Field

from flows.core.executor import executor as pool_of
from flows.core.settings import Home, cores, home, now
from flows.core.stage import Progress, RunSpec, Stage
from flows.core.store import StepStore, locked
from flows.orchestration import artifacts as shown
from flows.orchestration.afterwards import Afterwards
from flows.orchestration.away import without_api
from flows.orchestration.form import Asked, options
from flows.orchestration.limits import LEASE_S, publishers
from flows.workflow.checks import examine
from flows.workflow.history import runs_of
from flows.workflow.journal import journal
from flows.workflow.prepare import prepare
from flows.workflow.progress import Reporter
from flows.workflow.runner import Planned, bundle, execute, log_run, plan
from geo.errors import FunnelError, SourceUnreachableError

DOWNLOAD_AGAIN_S = (60, 300, 1_800)
"""Only downloads are tried again: a step that failed once fails the same way again."""
HOUR_S = 3_600.0
TOWERS = ["/data/towers.csv", "s3://bucket/towers.csv", "block:local-file-system/team/towers.csv"]
"""Examples: the three ways in which a file is given."""
TIMED_OUT = "TimedOut"
"""Prefect's name of the state of a task that took longer than it may."""
Result = TypeVar("Result")
QUESTION = "Did recorded deaths move to harder ground when surveillance towers went up?"
OURS = (
    "A fault of the program, not of your data. The traceback stands in this run's log. Run "
    "`funnel doctor`; if all is well there, report it with the log. Another run continues where "
    "this one stopped"
)
AWAY = "What was done is kept: run the study again, and it continues there"


class TooLongError(FunnelError):
    """A step took longer than it may."""

    def __init__(self, step: str, limit_s: float) -> None:
        super().__init__(
            f"{step} took longer than the {limit_s / HOUR_S:g} hours that a step may. What it "
            "finished is kept, and the next run continues there; give it more with `hours`"
        )


def run_flow(
    question: RunSpec,
    place: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run a question that is posed already as a flow, and return the bundle."""

    @flow(
        name="funnel run",
        flow_run_name=f"{question.study.name} {question.run_id}",
        description=f"{QUESTION} One run from the command line.",
        persist_result=False,
        validate_parameters=False,
    )
    def funnel() -> str:
        return str(_walk(question, place, executor, workers, progress))

    return Path(funnel())


@flow(
    name="funnel study",
    flow_run_name="{study}",
    description=(
        f"{QUESTION} Snapshots the sources of a study and runs it. A question that is answered "
        "already answers at once; a run that was stopped continues. Results are files: the bundle "
        "is named in the artifacts, and this database can be lost without losing any of it."
    ),
    persist_result=False,
)
def scheduled(  # noqa: PLR0913 - the form of a run: one field each
    study: Annotated[str, Field(min_length=1, examples=["sample", "arizona"])] = "sample",
    *,
    towers: Annotated[str | None, Field(examples=TOWERS)] = None,
    towers_credit: Annotated[str | None, Field(examples=["Towers of Ana Example, 2026-11"])] = None,
    deaths: Annotated[str | None, Field(examples=["/data/deaths.csv"])] = None,
    elevation: Annotated[str | None, Field(examples=["/data/dted0", "/data/relief.tif"])] = None,
    landcover: Annotated[str | None, Field(examples=["/data/worldcover.tif"])] = None,
    as_of: Annotated[date | None, Field(examples=["2026-10-01"])] = None,
    language: Literal["en", "es"] | None = None,
    restricted: bool = False,
    sign: Annotated[str | None, Field(examples=["/run/secrets/funnel_signing_key"])] = None,
    offline: bool = False,
    refresh: bool = False,
    revised: Annotated[float, Field(ge=0, le=1, examples=[0.05])] = 0.05,
    workers: Annotated[int | None, Field(ge=1, le=1024)] = None,
    dask: Annotated[str | None, Field(pattern=r"^(local|[a-z]+://.+)$")] = None,
    hours: Annotated[float, Field(gt=0, le=720, examples=[24])] = 24.0,
) -> State[Any]:
    """Run a study from its name: what a schedule or a team's work pool calls.

    Args:
        study: A built-in study (sample, null, tiny, arizona), or the path of a study file on the
            machine of the worker.
        towers: A file of towers in place of the study's: a path of the worker's machine, an
            address as s3://bucket/file.csv, or block:TYPE/NAME/PATH, the file of a block of this
            server. It enters the resolved study and stands everywhere as supplied by the user.
        towers_credit: The name under which that file is credited.
        deaths: A file of recorded deaths in place of the study's, given in the same ways.
        elevation: A raster, or a folder of tiles, in place of the study's elevation.
        landcover: A raster in place of the study's land cover.
        as_of: Day on which the study stands, in place of its own; never later than today.
        language: Language of the pages, in place of the study's.
        restricted: Also write the restricted tree, one row per record, on the worker's machine.
        sign: An OpenSSH key on the worker's machine with which to sign the finished bundle.
        offline: Open no socket to a publisher; use what the vault and local folders hold.
        refresh: Ask publishers again for what the vault holds already, as a schedule should.
        revised: Share of the records of deaths that a publisher revised since the last run, from
            which on a notice is sent.
        workers: Threads; one per core if left empty.
        dask: Address of a running Dask scheduler, as tcp://host:8786 or tls://host:8786, or local
            for a cluster of processes of this run; threads if left empty.
        hours: Longest that one step may take, hours; what it finished by then is kept.
    """  # Prefect reads the sections of this style only, and puts them beside the form's fields
    files = {"towers": towers, "deaths": deaths, "elevation": elevation, "landcover": landcover}
    asked = Asked(
        files={role: named for role, named in files.items() if named},
        credits={"towers": towers_credit} if towers_credit else {},
        offline=offline,
        refresh=refresh,
        as_of=as_of,
        language=language,
    )
    after = Afterwards(restricted=restricted, sign=sign, revised=revised)
    try:
        question, folder = _answer(study, asked, after, workers or cores(), dask, hours * HOUR_S)
        return Completed(message=shown.finding(question, folder))
    except FunnelError as error:
        shown.trouble(study, str(error))
        return Failed(message=str(error))
    except Exception as error:  # noqa: BLE001 - the page of a run says what to do; the log has the rest
        get_run_logger().exception("the program failed")
        away = without_api(error)
        said = OURS if away is None else f"{away}. {AWAY}"
        shown.trouble(study, said)
        return Failed(message=said)


def _answer(
    study: str, asked: Asked, after: Afterwards, workers: int, dask: str | None, limit_s: float
) -> tuple[RunSpec, Path]:
    place, started = home(), now().isoformat(timespec="seconds")
    after.check()
    question = _sources(study, place, asked, limit_s)
    earlier = runs_of(question.study.name, place)
    with (
        locked(place.locks / f"{question.run_id}.lock", lambda: None),
        journal(question, place, workers) as log,
        pool_of(workers, dask) as pool,
    ):
        if not all(p.done for p in plan(question, StepStore(place.store))):
            examine(question)
        bar = shown.Bar(question)
        reports = bar.over(Reporter(quiet=True).for_stage)
        folder = _walk(question, place, pool, workers, log.watch(question, reports), limit_s)
        bar.full()
        log_run(place, question, started, platform.node())
        after.do(question, place, folder, earlier)
    return question, folder


def _sources(study: str, place: Home, asked: Asked, limit_s: float) -> RunSpec:
    """Snapshot the sources as a task of its own, the only one that is tried again."""

    def work() -> RunSpec:
        hosts = [] if asked.offline else publishers(study)
        with concurrency(hosts, lease_duration=LEASE_S), options(asked, place, shown.told) as given:
            return prepare(study, place, given, lambda _done, _total, _label: None)

    return _as_task(
        work,
        "Snapshots taken",
        name="sources",
        task_run_name="Getting the sources",
        description="Snapshots every source into the vault; tried again if a publisher is away.",
        tags=["download"],
        retries=len(DOWNLOAD_AGAIN_S),
        retry_delay_seconds=list(DOWNLOAD_AGAIN_S),
        retry_condition_fn=_out_of_reach,
        timeout_seconds=limit_s,
    )


def _out_of_reach(_task: Any, _run: Any, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), SourceUnreachableError)


def _walk(
    question: RunSpec,
    place: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
    limit_s: float | None = None,
) -> Path:
    before: dict[str, Path] = {}
    for planned in plan(question, StepStore(place.store)):
        before[planned.stage.name] = _as_task(
            partial(_execute, planned, question, before, place, executor, workers, progress),
            "Done before" if planned.done else "Computed",
            name=planned.stage.name,
            task_run_name=planned.stage.title,
            description=f"{planned.stage.title}. Reads {_reads(planned.stage)}.",
            tags=["done before" if planned.done else "computed"],
            timeout_seconds=limit_s,
        )
    return bundle(place, question)


def _execute(
    planned: Planned,
    question: RunSpec,
    before: Mapping[str, Path],
    place: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    report = progress(planned.stage)
    return execute(planned, question, before, place, executor, workers, report)


def _reads(stage: Stage) -> str:
    return ", ".join((*stage.roles, *(f"what step {n} left" for n in stage.needs)))


def _as_task(work: Callable[[], Result], done: str, **settings: Any) -> Result:
    """Run work as a task whose state is a sentence: what became of it, or what to do."""
    stopped: list[FunnelError] = []

    @task(cache_policy=NO_CACHE, persist_result=False, log_prints=False, **settings)
    def step() -> Any:
        try:
            return Completed(message=done, data=work())
        except SourceUnreachableError:
            raise  # may be tried again
        except FunnelError as error:
            stopped.append(error)
            return Failed(message=str(error))

    state = step(return_state=True)
    if stopped:
        raise stopped[0]
    if state.name == TIMED_OUT:
        raise TooLongError(settings["task_run_name"], settings["timeout_seconds"])
    result: Result = state.result()
    return result
