"""`funnel serve`: server, schedule and worker of one machine, in one command, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from flows.progress import console
from flows.settings import home
from geo.errors import InputProblems, Problem, SourceUnreachableError

HOST = "127.0.0.1"
PATIENCE_S = 180.0


def serve_study(study: str, cron: str, timezone: str, port: int, *, offline: bool) -> int:
    """Run a study by a cron schedule until interrupted.

    Raises
    ------
    InputProblems
        If the port is taken.
    SourceUnreachableError
        If the server does not come up.
    """
    place = home()
    os.environ.setdefault("PREFECT_HOME", str(place.root / "prefect"))
    with _server(port) as api:
        os.environ["PREFECT_API_URL"] = api
        console.print(f"server and its pages: http://{HOST}:{port}  (stop with Ctrl-C)")
        from prefect.schedules import Cron  # noqa: PLC0415 - reads the variables set above

        from flows.pipeline import scheduled  # noqa: PLC0415

        scheduled.serve(
            name=study,
            schedule=Cron(cron, timezone=timezone),
            parameters={"study": study, "offline": offline},
            tags=["funnel"],
            limit=1,
            print_starting_message=False,
        )
    return 0


@contextmanager
def _server(port: int) -> Iterator[str]:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise InputProblems(
                [Problem("--port", f"port {port} is taken", "Choose another with --port")]
            )
    words = ["-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, *words, "--log-level", "ERROR"], stdout=subprocess.DEVNULL
    )
    try:
        _wait(port, process)
        yield f"http://{HOST}:{port}/api"
    finally:
        process.terminate()
        process.wait(timeout=30)


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
