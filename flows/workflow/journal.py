"""What a run did, as lines of JSON in FUNNEL_HOME/logs: for operators, never published.

A line holds a time, a level, the step, an event and numbers. It holds no sentence from a reader
and no label of a unit of work, since a file's name or a refused value may name a person or a
place: of an error only its kind is kept. The person at the screen reads the sentence itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flows.core.settings import Home, now
from flows.core.stage import Progress, RunSpec, Stage
from flows.core.store import StepStore
from flows.workflow.runner import Planned, plan
from geo.errors import FunnelError, InputProblems

FOLDER = "logs"
EVERY_S = 10.0
FIGURES = ("seconds", "cpu_seconds", "peak_mb")
Value = str | int | float | bool


class Journal:
    """The log of one run, appended line by line so that a kill loses nothing."""

    def __init__(self, path: Path, store: StepStore) -> None:
        self.path = path
        self._store = store
        self._at = ""
        self._said = 0.0

    def say(self, event: str, *, level: str = "info", **facts: Value) -> None:
        """Append a line."""
        line: dict[str, Value] = {"time": now().isoformat(timespec="milliseconds"), "level": level}
        if self._at:
            line["step"] = self._at
        line |= {"event": event, **facts}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=False) + "\n")

    def watch(
        self, question: RunSpec, reports: Callable[[Stage], Progress]
    ) -> Callable[[Stage], Progress]:
        """Return `reports` with a line for every step and, now and then, how far it is."""
        planned = {p.stage.name: p for p in plan(question, self._store)}

        def for_stage(stage: Stage) -> Progress:
            self._close_step(planned)
            self._at = stage.name
            self.say("already done" if planned[stage.name].done else "started")
            shown = reports(stage)

            def report(done: int, total: int, label: str) -> None:
                shown(done, total, label)
                clock = now().timestamp()
                if clock - self._said >= EVERY_S:
                    self._said = clock
                    self.say("progress", done=int(done), total=int(total))

            return report

        return for_stage

    def finish(self, question: RunSpec) -> None:
        """Write down how long the last step took, and that the run is whole."""
        self._close_step({p.stage.name: p for p in plan(question, self._store)})
        self._at = ""
        self.say("finished")

    def _close_step(self, planned: Mapping[str, Planned]) -> None:
        before = planned.get(self._at)
        if before is None or not self._store.finished(self._at, before.fingerprint):
            return
        record = self._store.record(self._at, before.fingerprint)
        self.say("done", **{k: record[k] for k in FIGURES if k in record})


@contextmanager
def journal(question: RunSpec, home: Home, workers: int) -> Iterator[Journal]:
    """Open the log of a run; what stops the run is the last line of it."""
    folder = home.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = now().strftime("%Y%m%dT%H%M%S%f")
    path = folder / f"{question.study.name}-{question.run_id}-{stamp}.jsonl"
    path.touch(mode=0o600)
    log = Journal(path, StepStore(home.store))
    log.say(
        "run",
        study=question.study.name,
        run_id=question.run_id,
        code=question.code[:12],
        workers=workers,
        inputs=len(question.inputs),
        skipped=len(question.missing),
    )
    try:
        yield log
    except BaseException as error:
        log.say("stopped", level="error", **_kind(error))
        raise
    log.finish(question)


def _kind(error: BaseException) -> dict[str, Value]:
    facts: dict[str, Value] = {"error": type(error).__name__}
    if isinstance(error, FunnelError):
        facts["exit_code"] = error.exit_code
    if isinstance(error, InputProblems):
        facts["problems"] = len(error.problems)
    return facts
