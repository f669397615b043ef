"""Real processes that die on time: a process that has loaded everything forks one per run.

A run forked here is the command line in a process of its own, with its own folders, which stops
at an event of its walk: it is killed, or waits for the test. Forking spares each of the many runs
of the fault matrix the seconds that imports take. The events are

    named:STEP, marked:STEP, whole:STEP    a step has its final name; has its record but not the
                                           name; is computed but not recorded
    inside:STEP:N                          the N-th report of progress of a step
    raster:NAME                            a raster is written but has no name yet
    member:N                               the N-th member of the ensemble is stored
    file:N                                 the N-th file of the bundle is written
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAVY = (
    "flows.cli.run",
    "flows.workflow.restricted",
    "flows.workflow.rerun",
    "flows.workflow.checks",
    "flows.stages.ensemble",
)
STEPS = ("ingest", "terrain", "movement", "visibility", "funnel", "hardship", "inference")


class Nursery:
    """The forking process, as a test sees it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._heard() == {"threads": 1}

    def start(self, words: list[str], funnel: Any, event: str = "", do: str = "kill") -> Run:
        """Start a run in the folders of a `Funnel`; do something at an event."""
        funnel.folder.mkdir(exist_ok=True)
        log = funnel.folder / f"log-{time.monotonic_ns()}"
        answer = self._ask(
            words=words,
            folder=str(funnel.folder),
            home=str(funnel.home),
            log=str(log),
            event=event,
            do=do,
        )
        return Run(self, answer["pid"], log)

    def wait(self, pid: int) -> int:
        """Return exit code of a run, or minus the signal that ended it."""
        return self._ask(wait=pid)["code"]

    def close(self) -> None:
        """End it; whatever it forked and nobody waited for ends too."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def _ask(self, **request: Any) -> dict[str, Any]:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        return json.loads(self.process.stdout.readline())


class Run:
    """One forked run."""

    def __init__(self, nursery: Nursery, pid: int, log: Path) -> None:
        self.nursery, self.pid, self.log = nursery, pid, log

    @property
    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text("utf-8") if self.log.is_file() else ""

    @property
    def stopped(self) -> Path:
        """There once the run waits at its event; remove it and it goes on."""
        return self.log.with_suffix(".stopped")

    def until_stopped(self) -> None:
        """Wait until the run waits at its event."""
        until(self.stopped.exists, self)

    def until_said(self, words: str) -> None:
        """Wait until the run has printed something."""
        until(lambda: words in self.said, self)

    def code(self) -> int:
        """Wait for its end."""
        return self.nursery.wait(self.pid)


def until(true: Callable[[], bool], run: Run, seconds: float = 400) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, run.said
        time.sleep(0.05)


def serve() -> None:
    """Load everything, then fork on request until the other side goes away."""
    for name in (*HEAVY, *(f"flows.stages.{s}" for s in (*STEPS, "publish"))):
        importlib.import_module(name)
    print(json.dumps({"threads": threading.active_count()}), flush=True)
    left = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            left.discard(request["wait"])
            answer = {"code": os.waitstatus_to_exitcode(status)}
        elif pid := os.fork():
            left.add(pid)
            answer = {"pid": pid}
        else:
            child(request)
        print(json.dumps(answer), flush=True)
    for pid in left:
        os.kill(pid, signal.SIGKILL)


def child(request: dict[str, Any]) -> None:
    """Be the command line."""
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(request["folder"])
    os.environ["FUNNEL_HOME"] = request["home"]
    code = 1
    try:
        from flows.cli.app import _code

        watch(request["event"], request["do"], Path(request["log"]).with_suffix(".stopped"))
        code = _code(request["words"])
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def watch(event: str, do: str, stopped: Path) -> None:
    """Do something when an event comes."""
    from flows.core import rasters, store
    from flows.core.stage import Stage
    from flows.stages import ensemble
    from geo.evidence import bundle

    def tell(said: str) -> None:
        if said != event:
            return
        if do == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        stopped.touch()
        while do == "hold" and stopped.exists():
            time.sleep(0.05)

    count: Counter[str] = Counter()

    def counted(kind: str) -> str:
        count[kind] += 1
        return f"{kind}:{count[kind]}"

    def work(stage, step, work=Stage.work):
        def progress(*report):
            step.progress(*report)
            tell(counted(f"inside:{stage.name}"))

        work(stage, type(step)(**{**vars(step), "progress": progress}))
        tell(f"whole:{stage.name}")

    def put(new, final, put=store._put_in_place):
        tell(f"marked:{final.parent.name}")
        put(new, final)
        tell(f"named:{final.parent.name}")

    def rename(path, target, rename=Path.rename):
        if path.suffix == ".zarr":
            tell(f"raster:{Path(target).stem}")
        return rename(path, target)

    Stage.work, store._put_in_place, rasters.Path.rename = work, put, rename
    after(ensemble, "_write", lambda: tell(counted("member")))
    after(bundle, "_write", lambda: tell(counted("file")))


def after(place: Any, name: str, then: Callable[[], None]) -> None:
    """Call something whenever a function of a module has ended."""
    whole = getattr(place, name)

    def both(*given: Any) -> Any:
        found = whole(*given)
        then()
        return found

    setattr(place, name, both)


if __name__ == "__main__":
    serve()
