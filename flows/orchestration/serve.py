"""`funnel serve`: server, schedule and worker of one machine, in one command, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from flows.core.settings import home
from flows.workflow.progress import console
from flows.workflow.studies import locate
from geo.errors import InputProblems, Problem, SourceUnreachableError

HOST = "127.0.0.1"
PATIENCE_S = 180.0


def serve_study(study: str, cron: str, timezone: str, port: int, *, offline: bool) -> int:
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
    os.environ["PREFECT_API_URL"] = f"http://{HOST}:{port}/api"
    _check(cron, timezone)
    place.out.mkdir(parents=True, exist_ok=True)
    with _server(port), _bundles(place.out, port + 1) as shown:
        os.environ.setdefault("FUNNEL_BUNDLES_URL", shown)
        console.print(
            f"schedule, runs and findings: http://{HOST}:{port}/deployments\n"
            f"bundles: {shown}\nschedule: {cron} ({timezone}); stop with Ctrl-C"
        )
        from prefect.schedules import Cron  # noqa: PLC0415 - reads the variables set above

        from flows.orchestration.study_flow import scheduled  # noqa: PLC0415

        scheduled.serve(
            name=study,
            schedule=Cron(cron, timezone=timezone),
            parameters={"study": study, "offline": offline},
            tags=["funnel", study_tag(study)],
            description=f"Study {study} by schedule, on this machine. {scheduled.description}",
            limit=1,
            print_starting_message=False,
        )
    return 0


class _Files(SimpleHTTPRequestHandler):
    """The public bundles, read only, without a line a request."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _bundles(folder: Path, port: int) -> Iterator[str]:
    """Show the folder of the public bundles on loopback, so that a run's page can link to them."""
    _refuse_taken(port)
    server = ThreadingHTTPServer((HOST, port), partial(_Files, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        server.shutdown()
        server.server_close()


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
    process = subprocess.Popen(
        [sys.executable, *words, "--log-level", "ERROR"], stdout=subprocess.DEVNULL
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


def _check(cron: str, timezone: str) -> None:
    """Refuse what is no schedule before anything starts."""
    from prefect.client.schemas.schedules import CronSchedule  # noqa: PLC0415 - seconds of import

    problems = []
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        remedy = "Give one like America/Phoenix or UTC"
        problems.append(Problem("--timezone", f"there is no time zone {timezone!r}", remedy))
    try:
        CronSchedule(cron=cron)
    except ValueError:
        remedy = 'Give five fields, as "0 6 1 1,4,7,10 *": minute, hour, day, month, weekday'
        problems.append(Problem("--cron", f"{cron!r} is no schedule", remedy))
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
