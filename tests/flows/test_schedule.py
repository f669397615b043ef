"""The schedule for real: a server, a deployment, a run that a cron expression triggered."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import yaml

from flows.orchestration.inbox import receiving

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
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
    from flows.orchestration.notices import SILENT_S
    from flows.workflow.studies import builtin

    described = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    for deployment in described["deployments"]:
        path, name = deployment["entrypoint"].split(":")
        assert f"def {name}(" in (ROOT / path).read_text()
        assert deployment["parameters"]["study"] in builtin()
        assert deployment["concurrency_limit"] == 1
        assert deployment["schedules"][0]["timezone"] == "America/Phoenix"
        # whatever a worker's own environment says: of four signs of life one may come
        env = deployment["work_pool"]["job_variables"]["env"]
        assert 4 * int(env["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]) <= SILENT_S


@pytest.mark.attack
def test_a_cron_schedule_runs_a_study_and_people_are_told_of_one_that_fails(tiny, tmp_path):
    """Served every minute, the finished `tiny` is answered by a scheduled run."""
    port, file, heard = free_port(), tmp_path / "notices.jsonl", tmp_path / "webhook.jsonl"
    with receiving(heard) as webhook:
        words = ["serve", "tiny", "--cron", "* * * * *", "--port", str(port), "--offline"]
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.app", *words, "--notify", webhook, str(file)],
            cwd=tiny.folder,
            env=tiny.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            asked_for(port, {"study": "tiny", "offline": True, "hours": 1e-6})
            states = watched(port, until="COMPLETED", seconds=400)
            wait_for(lambda: told_of(heard, file), seconds=180)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    assert "COMPLETED" in states


def told_of(*files: Path) -> bool:
    """Whether every file of notices tells of the run that took too long, and what to do."""
    said = ("tiny: the run failed", "took longer than", "give it more with `hours`")
    texts = [f.read_text("utf-8") if f.is_file() else "" for f in files]
    return all(words in text for words in said for text in texts)


def asked_for(port: int, parameters: dict) -> None:
    """Ask for a run of the one deployment, as the form of the page does."""
    api, found = f"http://127.0.0.1:{port}/api", []

    def deployed() -> bool:
        with contextlib.suppress(httpx.TransportError):
            answer = httpx.post(f"{api}/deployments/filter", json={}, timeout=30)
            found[:] = answer.json() if answer.is_success else []
        return bool(found)

    wait_for(deployed, seconds=300)
    (deployment,) = found
    fields = deployment["parameter_openapi_schema"]["properties"]
    said = ("study", "towers", "elevation", "landcover", "as_of", "language", "restricted", "sign")
    assert all(fields[name]["description"] for name in said)
    assert fields["towers"]["examples"]
    path = f"{api}/deployments/{deployment['id']}/create_flow_run"

    def asked() -> bool:  # a database that is busy answers 503
        with contextlib.suppress(httpx.TransportError):
            return httpx.post(path, json={"parameters": parameters}, timeout=30).is_success
        return False

    wait_for(asked, seconds=60)


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(1)
    assert done


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
