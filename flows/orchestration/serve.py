"""`funnel serve`: server, schedule and worker of one machine, in one command, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from flows.core.settings import home
from flows.orchestration.inbox import HOST, answering, receiving
from flows.workflow.progress import console
from flows.workflow.studies import locate
from geo.errors import InputProblems, Problem, SourceUnreachableError

PATIENCE_S = 180.0
HEARTBEAT_S = "30"
"""Operational: seconds between two signs of life of a run; Prefect takes no fewer."""
ORDERING = "prefect.server.events.ordering.db"
"""Operational: a server keeps what its notices wait for in its database; in memory it is lost with
the server."""


@dataclass(frozen=True)
class Schedule:
    """When a study runs, and who is told.

    Attributes
    ----------
    cron, timezone
        Five fields, and the zone they are read in.
    notify
        Webhooks, e-mail addresses in Apprise's form, and files, for notices.
    late_s
        Seconds that a run may wait before it is called late.
    """

    cron: str
    timezone: str
    notify: tuple[str, ...] = ()
    late_s: float = 600.0


def serve_study(study: str, when: Schedule, port: int, parameters: Mapping[str, Any]) -> int:
    """Run a study by a cron schedule until interrupted.

    Raises
    ------
    InputProblems
        If there is no such study, the schedule is none, or a port is taken.
    SourceUnreachableError
        If the server does not come up.
    """
    place = home()
    locate(study)  # a wrong name is said now, not at the first run
    prefect = os.environ.setdefault("PREFECT_HOME", str(place.root / "prefect"))
    Path(prefect).mkdir(parents=True, exist_ok=True, mode=0o700)  # Prefect makes no parents
    # Prefect reads its settings once, when it is first imported
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", HEARTBEAT_S)
    os.environ.setdefault("PREFECT_SERVER_EVENTS_CAUSAL_ORDERING", ORDERING)
    os.environ["PREFECT_API_URL"] = f"http://{HOST}:{port}/api"
    _check(when)
    place.out.mkdir(parents=True, exist_ok=True)
    with (
        _server(port),
        _bundles(place.out, port + 1) as shown,
        _addresses(when.notify) as told,
    ):
        os.environ.setdefault("FUNNEL_BUNDLES_URL", shown)
        console.print(
            f"schedule, runs and findings: http://{HOST}:{port}/deployments\n"
            f"bundles: {shown}\nschedule: {when.cron} ({when.timezone}); stop with Ctrl-C"
        )
        from prefect.schedules import Cron  # noqa: PLC0415 - reads the variables set above

        from flows.orchestration.notices import TAG, install  # noqa: PLC0415
        from flows.orchestration.study_flow import scheduled  # noqa: PLC0415

        install(told, when.late_s)
        if when.notify:
            console.print(f"notices: {len(told)} places, on failure, lateness, a changed answer")
        scheduled.serve(
            name=study_tag(study),
            schedule=Cron(when.cron, timezone=when.timezone),
            parameters={"study": study, **parameters},
            tags=[TAG, study_tag(study)],
            description=f"Study {study} by schedule, on this machine. {scheduled.description}",
            limit=1,
            print_starting_message=False,
        )
    return 0


@contextmanager
def _addresses(notify: Sequence[str]) -> Iterator[list[str]]:
    """Give every address that the server can send to; a file gets a receiver of its own."""
    with ExitStack() as receivers:
        yield [
            n if "://" in n else receivers.enter_context(receiving(Path(n).expanduser().absolute()))
            for n in notify
        ]


class _Files(SimpleHTTPRequestHandler):
    """The public bundles, read only, without a line a request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _bundles(folder: Path, port: int) -> Iterator[str]:
    """Show the folder of the public bundles on loopback, so that a run's page can link to them."""
    _refuse_taken(port)
    server = ThreadingHTTPServer((HOST, port), partial(_Files, directory=str(folder)))
    with answering(server) as address:
        yield address


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise InputProblems(
                [Problem("--port", f"port {port} is taken", "Choose another with --port")]
            )


@contextmanager
def _server(port: int) -> Iterator[None]:
    _refuse_taken(port)
    words = ["-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    # a server in trouble writes hundreds of lines, which belong into a file
    log = home().root / "logs" / "prefect-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [sys.executable, *words, "--log-level", "ERROR"], stdout=stream, stderr=stream
        )
    try:
        _wait(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def study_tag(study: str) -> str:
    """Return what runs of a study are tagged with: its name, without a path."""
    return Path(study).stem


def _check(when: Schedule) -> None:
    """Refuse what is no schedule, or no address, before anything starts."""
    from prefect.client.schemas.schedules import CronSchedule  # noqa: PLC0415 - seconds of import

    from flows.orchestration.notices import faults  # noqa: PLC0415

    problems = []
    try:
        ZoneInfo(when.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = "Give one like America/Phoenix or UTC"
        problems.append(Problem("--timezone", f"there is no time zone {when.timezone!r}", remedy))
    try:
        CronSchedule(cron=when.cron)
    except ValueError:
        remedy = 'Give five fields, as "0 6 1 1,4,7,10 *": minute, hour, day, month, weekday'
        problems.append(Problem("--cron", f"{when.cron!r} is no schedule", remedy))
    problems += faults([address for address in when.notify if "://" in address])
    if problems:
        raise InputProblems(problems)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"http://{HOST}:{port}/api/health", timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SourceUnreachableError(
        f"the Prefect server did not come up on port {port}; run `funnel doctor`, and look at "
        "`python -m prefect server start`"
    )
