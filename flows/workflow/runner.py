"""Plan and execute the steps of one run; Prefect and `--plain` both come through here."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.core.fingerprint import FINGERPRINT, facts, store_key, this_program
from flows.core.os_errors import explained
from flows.core.resource_usage import Meter, give_back, peak_mb
from flows.core.settings import Home, now
from flows.core.stage import Input, Progress, RunSpec, Skipped, Stage, StageContext
from flows.core.store import StepStore, redone, write_text
from flows.fetch.catalogue import load
from flows.stages import STAGES
from flows.workflow.progress import console
from geo.errors import InputProblems, Problem
from geo.identity import run_id
from geo.study import Study

PUBLISH = "publish"
STUDY, MANIFEST, RUN_LOG, RUNS = "study.toml", "SHA256SUMS", "run-log", "runs.jsonl"
"""Names in a bundle: the first file written, the last one, and the folder that outlives both."""


@dataclass(frozen=True)
class Planned:
    """One step of a plan.

    Attributes
    ----------
    stage, fingerprint
        What, and its name in the store.
    facts
        What it depends on, as custody states it.
    done
        Whether the store already has it.
    """

    stage: Stage
    fingerprint: str
    facts: Mapping[str, Any]
    done: bool


def make_run_spec(
    study: Study, inputs: tuple[Input, ...], missing: tuple[Skipped, ...], root: Path
) -> RunSpec:
    """Put study, snapshots, code and environment together and give the run its id.

    Parameters
    ----------
    root
        Folder of the installation, in which the program keeps what its files import.
    """
    program = this_program(root)
    code, environment = program.version, program.environment(s.module for s in STAGES)
    given = [(i.source_id, i.sha256) for i in inputs]
    name = run_id(study.toml(), code, environment, given)
    here, catalogue = {i.source_id for i in inputs}, load()
    absent = [s.id for s in study.sources if s.id in catalogue and s.id not in here]
    titles = {source: catalogue[source].title for source in absent}
    return RunSpec(study, inputs, missing, name, code, environment, titles=titles)


def plan(question: RunSpec, store: StepStore) -> tuple[Planned, ...]:
    """Return every step with its fingerprint and whether it is done."""
    program = this_program(store.root.parent)
    prints: dict[str, str] = {}
    planned = []
    for stage in STAGES:
        found = facts(stage, question, prints, program)
        prints[stage.name] = found[FINGERPRINT]
        key = store_key(stage, question, found[FINGERPRINT])
        done = store.finished(stage.name, key) is not None
        planned.append(Planned(stage, key, found, done))
    return tuple(planned)


def chain(planned: Iterable[Planned]) -> dict[str, Mapping[str, Any]]:
    """Return what each step depends on, by name."""
    return {p.stage.name: p.facts for p in planned}


def bundle(home: Home, question: RunSpec) -> Path:
    """Return the folder of the run's public bundle."""
    return home.out / question.study.name / question.run_id


def execute(
    planned: Planned,
    question: RunSpec,
    before: Mapping[str, Path],
    home: Home,
    executor: Executor,
    workers: int,
    progress: Progress,
) -> Path:
    """Run one step, or return at once if it is done.

    Parameters
    ----------
    planned
        The step.
    question
        The run.
    before
        Folders of the steps before it.

    Returns
    -------
    Path
        The folder of the finished step.
    """
    store = StepStore(home.store)
    name, fingerprint = planned.stage.name, planned.fingerprint
    finished = _whole(planned, question, home, store.finished(name, fingerprint))
    if finished is not None and not store.damage(name, fingerprint):
        return finished

    def waiting() -> None:
        progress(0, 1, "another run works on this step; waiting for it")

    def say(text: str) -> None:
        # in every mode: a damaged file may mean a damaged disk
        console.print(f"step {name}: {text}", soft_wrap=True)

    with explained(f"step {name}"), store.working(name, fingerprint, waiting) as there:
        finished = _sound(store, planned, there, say)
        finished = _whole(planned, question, home, finished)
        if finished is not None:
            return finished
        folder = store.begin(name, fingerprint, say)
        whole = isinstance(executor, ThreadPoolExecutor) and not any(folder.iterdir())
        meter = Meter()
        with _output(planned, question, home) as out:
            context = StageContext(
                question=planned.stage.seen(question),
                folder=folder,
                done={n: before[n] for n in planned.stage.needs},
                progress=progress,
                executor=executor,
                workers=workers,
                out=out,
                chain=chain(plan(question, store)),
            )
            import_module(planned.stage.module).run(context)
        used = meter.read()
        give_back()
        record = {
            "step": name,
            "fingerprint": fingerprint,
            "run_id": question.run_id,
            **asdict(used),
            # a record of all the work, in this process, teaches the next forecast
            "quantities": _quantities(question, name) if whole else {},
            "finished_at": now().isoformat(timespec="seconds"),
        }
        return store.finish(name, fingerprint, record)


def _sound(
    store: StepStore, planned: Planned, finished: Path | None, say: Callable[[str], None]
) -> Path | None:
    """Return a finished step whose bytes are those that were written; set any other aside."""
    if finished is None:
        return None
    found = store.damage(planned.stage.name, planned.fingerprint)
    if not found:
        return finished
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    aside = store.set_aside(planned.stage.name, planned.fingerprint)
    say(f"{found[0]}{more} in the store is damaged; set aside as {aside.name}, computing it again")
    return None


def _whole(planned: Planned, question: RunSpec, home: Home, finished: Path | None) -> Path | None:
    """Return the folder of a finished step; the last one is finished only with its bundle."""
    if finished is None or planned.stage.name != PUBLISH:
        return finished
    return finished if (bundle(home, question) / MANIFEST).is_file() else None


@contextmanager
def _output(planned: Planned, question: RunSpec, home: Home) -> Iterator[Path]:
    """Give the folder to publish in; only a whole bundle gets the run's name."""
    folder = bundle(home, question)
    if planned.stage.name != PUBLISH:
        yield folder
        return
    there = {p.name for p in folder.iterdir()} if folder.is_dir() else set()
    if there - {RUN_LOG} and STUDY not in there:
        remedy = "Move it away, or choose another folder with --out"
        raise InputProblems([Problem(str(folder), "it holds something that is no bundle", remedy)])
    with redone(folder, RUN_LOG) as draft:
        yield draft


def _quantities(question: RunSpec, step: str) -> dict[str, float]:
    from flows.workflow.extent import extent  # noqa: PLC0415 - a finished run answers without the science

    return extent(question).quantities(step)


def execute_all(
    question: RunSpec,
    home: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run every step in order, without Prefect, and return the bundle."""
    before: dict[str, Path] = {}
    for planned in plan(question, StepStore(home.store)):
        before[planned.stage.name] = execute(
            planned, question, before, home, executor, workers, progress(planned.stage)
        )
    return bundle(home, question)


def log_run(home: Home, question: RunSpec, started: str, host: str) -> None:
    """Append this run to the bundle's run log: a hash chain of its own, outside SHA256SUMS."""
    store = StepStore(home.store)
    folder = bundle(home, question) / RUN_LOG
    folder.mkdir(exist_ok=True)
    path = folder / RUNS
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    previous = hashlib.sha256(lines[-1].encode()).hexdigest() if lines else ""
    entry = {
        "started_at": started,
        "ended_at": now().isoformat(timespec="seconds"),
        "host": host,
        "python": sys.version.split()[0],
        "peak_mb": peak_mb(),
        "steps": [_logged(store, p) for p in plan(question, store)],
        "previous": previous,
    }
    write_text(path, "\n".join([*lines, json.dumps(entry, sort_keys=True)]) + "\n")


def _logged(store: StepStore, planned: Planned) -> dict[str, Any]:
    """Return what a step took and the run in which it was computed, which may be an earlier one."""
    record = store.record(planned.stage.name, planned.fingerprint)
    kept = {k: record[k] for k in ("step", "seconds", "cpu_seconds", "peak_mb")}
    return {**kept, FINGERPRINT: planned.facts[FINGERPRINT], "computed_in": record["run_id"]}
