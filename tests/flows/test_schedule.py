"""The schedule for real: a server, a deployment, a run that a cron expression triggered."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import yaml

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_server_application_can_be_made():
    """The next breaking release of a dependency fails here, in one line."""
    script = (
        "import flows, warnings; warnings.simplefilter('ignore'); "
        "from prefect.server.api.server import create_app; app = create_app(); "
        "assert any('/api' in getattr(r, 'path', '') for r in app.routes)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_deployments_name_a_flow_that_exists_and_studies_that_are_built_in():
    from flows.workflow.studies import builtin

    described = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    for deployment in described["deployments"]:
        path, name = deployment["entrypoint"].split(":")
        assert f"def {name}(" in (ROOT / path).read_text()
        assert deployment["parameters"]["study"] in builtin()
        assert deployment["concurrency_limit"] == 1
        assert deployment["schedules"][0]["timezone"] == "America/Phoenix"


@pytest.mark.slow
def test_a_cron_schedule_runs_a_study(tiny):
    """Served every minute, the finished `tiny` is answered by a scheduled run."""
    port = free_port()
    words = ["serve", "tiny", "--cron", "* * * * *", "--port", str(port), "--offline"]
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli.app", *words],
        cwd=tiny.folder,
        env=tiny.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        states = watched(port, until="COMPLETED", seconds=400)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert "COMPLETED" in states


def watched(port: int, until: str, seconds: float) -> set[str]:
    """States of the flow runs that a schedule created and that started, until one is as wanted."""
    wanted = {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
    states: set[str] = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end and until not in states:
        time.sleep(3)
        try:
            found = httpx.post(
                f"http://127.0.0.1:{port}/api/flow_runs/filter",
                json={"flow_runs": wanted, "limit": 50},
                timeout=10,
            )
        except httpx.TransportError:
            continue
        if found.is_success:
            states |= {r["state_type"] for r in found.json() if r["auto_scheduled"]}
    return states
