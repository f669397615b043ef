"""A team's set-up for real: PostgreSQL, a server on it, prefect.yaml, a work pool and a worker."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from test_schedule import ROOT, free_port, watched

import flows.orchestration.serve as serving

ORDERED = {"PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": serving.ORDERING}
"""What compose.yaml and the operator's page set for a team's server."""
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def tool(name):
    found = shutil.which(name) or next((str(p / name) for p in PROGRAMS[::-1]), None)
    if found is None:
        pytest.skip("PostgreSQL is not installed here")
    return found


@contextmanager
def postgres():
    """Give the address of a database of its own; the server refuses to run as root."""
    as_owner = []
    if not os.geteuid():
        if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode:
            pytest.skip("no user to run PostgreSQL as")
        as_owner = ["runuser", "-u", "postgres", "--"]
    initdb, control, port = tool("initdb"), tool("pg_ctl"), free_port()
    folder = Path(tempfile.mkdtemp(prefix="funnel-pg-", dir="/tmp"))
    if as_owner:
        shutil.chown(folder, "postgres")

    def run(*words):
        subprocess.run(
            [*as_owner, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", timeout=120,
        )  # fmt: skip

    data = str(folder / "data")
    try:
        run(initdb, "-D", data, "-U", "prefect", "-A", "trust", "--no-sync")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run(control, "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
        finally:
            run(control, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(env, log, *words):
    running = subprocess.Popen(
        [sys.executable, "-m", "prefect", *words], cwd=ROOT, env=env,
        stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):  # a test may have killed it
            os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


@pytest.mark.attack
def test_a_worker_of_a_team_runs_what_a_schedule_in_postgresql_asks_for(tiny, tmp_path):
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("w"))
        database, port = stack.enter_context(postgres()), free_port()
        env = tiny.environment(
            **ORDERED,
            PREFECT_HOME=str(tmp_path / "prefect"),
            PREFECT_API_URL=f"http://127.0.0.1:{port}/api",
            PREFECT_API_DATABASE_CONNECTION_URL=database,
            PREFECT_SERVER_ANALYTICS_ENABLED="false",
            FUNNEL_OUT=str(tiny.out),
        )
        server = stack.enter_context(process(env, log, "server", "start", "--port", str(port)))
        serving._wait(port, server)

        def prefect(*words):
            done = subprocess.run(
                [sys.executable, "-m", "prefect", "--no-prompt", *words], cwd=ROOT, env=env,
                capture_output=True, text=True, timeout=180, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr

        prefect("work-pool", "create", "funnel", "--type", "process")
        prefect("deploy", "--all")
        prefect(
            "deploy", "flows/orchestration/study_flow.py:scheduled",
            "--name", "every-minute", "--pool", "funnel",
            "--cron", "* * * * *", "--param", "study=tiny", "--param", "offline=true",
        )  # fmt: skip
        api = f"http://127.0.0.1:{port}/api"
        asked = httpx.post(f"{api}/deployments/filter", json={}, timeout=30).json()
        by_name = {d["name"]: d for d in asked}
        assert set(by_name) == {"arizona-quarterly", "sample-weekly", "every-minute"}
        quarterly = by_name["arizona-quarterly"]
        assert quarterly["concurrency_limit"] == 1 or quarterly["global_concurrency_limit"]
        form = quarterly["parameter_openapi_schema"]["properties"]
        assert form["study"]["description"]
        assert form["offline"]["type"] == "boolean"
        stack.enter_context(
            process(env, log, "worker", "start", "--pool", "funnel", "--limit", "1")
        )
        states = watched(port, until="COMPLETED", seconds=240)
    assert "COMPLETED" in states, (tmp_path / "log").read_text()[-3_000:]


@pytest.mark.attack
def test_what_waits_for_an_earlier_event_outlives_a_killed_server(make_funnel, tmp_path):
    """A crash is told once the event before it is known: kept in memory, it would never be."""
    port, home = free_port(), tmp_path / "prefect"
    env = make_funnel("events").environment(
        PREFECT_HOME=str(home), PREFECT_SERVER_ANALYTICS_ENABLED="false", **ORDERED
    )
    event = {
        "id": str(uuid.uuid4()), "follows": str(uuid.uuid4()),
        "occurred": datetime.now(UTC).isoformat(), "event": "prefect.flow-run.Crashed",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{uuid.uuid4()}"},
    }  # fmt: skip
    with (
        (tmp_path / "log").open("w") as log,
        process(env, log, "server", "start", "--port", str(port)) as server,
    ):
        serving._wait(port, server)
        asked = httpx.post(f"http://127.0.0.1:{port}/api/events", json=[event], timeout=60)
        asked.raise_for_status()
        held = lambda: kept(home / "prefect.db")  # noqa: E731
        for _ in range(600):
            if held() == [event["id"]]:
                break
            time.sleep(0.1)
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        assert held() == [event["id"]]


def kept(database):
    with closing(sqlite3.connect(database)) as open_:
        rows = open_.execute("select follower_event_id from automation_event_follower").fetchall()
    return [str(uuid.UUID(row[0])) for row in rows]
