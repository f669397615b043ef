"""A team's whole installation for real, and what happens to it over a few scheduled runs.

PostgreSQL where it is installed, Prefect's server, prefect.yaml, a worker, a Dask scheduler with 2
workers, a receiver of notices and a store of bundles (S3 where `make attack` set up its server). A
schedule runs `tiny` with a file of deaths each minute. One run is cancelled, one dies with its
worker and those after it are late, the server dies during one, one fails, and the file changes. At
the end: the notices, the store, equal bytes. Everything is waited for, nothing is timed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import fsspec
import httpx
import psutil
import pytest
from stand_ins import s3
from test_clusters import Cluster
from test_postgres import ORDERED, PROGRAMS, postgres
from test_schedule import ROOT, free_port

import flows.orchestration.serve as serving
from flows.orchestration.inbox import receiving

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Part:
    """A process of the installation that can be killed and started again."""

    def __init__(self, env, log, *words):
        self.env, self.log, self.words = env, log, words
        self.start()

    def start(self):
        self.running = subprocess.Popen(
            [sys.executable, "-m", "prefect", *self.words], cwd=ROOT, env=self.env,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def kill(self):
        """End it as a power cut does, with everything that it started."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.running.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(timeout=60)


class Team:
    """The installation, as somebody with the server's address sees it."""

    def __init__(self, api):
        self.api = api

    def ask(self, path, body=None):
        for _ in range(60):  # the server is killed once
            with suppress(httpx.TransportError):
                answer = httpx.post(f"{self.api}/{path}", json=body or {}, timeout=30)
                if answer.status_code < 500:
                    return answer.json()
            time.sleep(2)
        pytest.fail(f"no server at {self.api}")

    def runs(self, *states):
        asked = {"state": {"type": {"any_": list(states)}}}
        return self.ask("flow_runs/filter", {"flow_runs": asked, "limit": 200})

    def wait(self, what, seconds=900):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            time.sleep(2)
        return pytest.fail(f"waited {seconds:g} s in vain; runs: {self.told()}")

    def state(self, run):
        (found,) = (r for r in self.runs("RUNNING", *ENDED) if r["id"] == run["id"])
        return found["state"]["name"]

    def told(self):
        everything = self.runs("RUNNING", *ENDED)
        return [(r["state"]["name"], (r["state"]["message"] or "")[:200]) for r in everything]


@contextmanager
def object_store(folder):
    """Give the address of an S3 server of one process; of a folder where none is set up."""
    if not (find_spec("moto") and find_spec("s3fs")):
        yield str(folder), {}
        return
    with s3("bundles") as env:
        yield "s3://bundles", env


@contextmanager
def database():
    if PROGRAMS or shutil.which("initdb"):
        with postgres() as address:
            yield {"PREFECT_API_DATABASE_CONNECTION_URL": address}
    else:
        yield {}


def at_work(run):
    """Return the processes of this machine that work on a run."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("PREFECT__FLOW_RUN_ID") == run["id"]:
                found.append(process)
    return found


def deaths_of(tiny):
    vault = tiny.home / "vault" / "objects"
    return next(p for p in vault.glob("*/deaths.csv"))


@pytest.mark.attack
@pytest.mark.timeout(3_600)
def test_a_team_is_told_of_what_failed_and_changed_and_has_equal_bytes(tiny, make_funnel, tmp_path):
    funnel, table = make_funnel("team"), tmp_path / "deaths.csv"
    rows = deaths_of(tiny).read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(rows), "utf-8")
    heard = tmp_path / "notices.jsonl"
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log").open("w"))
        store, keys = stack.enter_context(object_store(tmp_path / "store"))
        webhook = stack.enter_context(receiving(heard))
        cluster = stack.enter_context(Cluster(funnel, 2))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(serving, "PATIENCE_S", 900)
        port = free_port()
        env = funnel.environment(
            **stack.enter_context(database()), **keys,
            PREFECT_HOME=str(tmp_path / "prefect"),
            PREFECT_API_URL=f"http://127.0.0.1:{port}/api",
            PREFECT_SERVER_ANALYTICS_ENABLED="false",
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY="30", PREFECT_CLIENT_MAX_RETRIES="8",
            FUNNEL_OUT=str(funnel.out), FUNNEL_NOTIFY=webhook, FUNNEL_BUNDLES_TO=store,
            **ORDERED,  # the notice of a crash waits for an event before it
        )  # fmt: skip
        server = Part(env, log, "server", "start", "--port", str(port))
        stack.callback(server.kill)
        serving._wait(port, server.running)
        for words in (
            ("work-pool", "create", "funnel", "--type", "process"),
            ("deploy", "--all"),
            ("deploy", "flows/orchestration/study_flow.py:scheduled", "--name", "every-minute",
             "--pool", "funnel", "--tag", "funnel", "--cron", "* * * * *",
             "--concurrency-limit", "1", "--collision-strategy", "CANCEL_NEW",
             "--param", "study=tiny", "--param", "offline=true", "--param", f"deaths={table}",
             "--param", f"dask={cluster.address}"),
        ):  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-m", "prefect", "--no-prompt", *words], cwd=ROOT, env=env,
                capture_output=True, text=True, timeout=300, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        worker = Part(
            env, log, "worker", "start", "--pool", "funnel", "--type", "process", "--limit", "2"
        )
        stack.callback(worker.kill)
        team = Team(f"http://127.0.0.1:{port}/api")
        # another deployment than that whose one place is taken
        other = next(d for d in team.ask("deployments/filter") if d["name"] == "sample-weekly")

        # people are told sooner of a run that is late than after the ten minutes of prefect.yaml
        told = f"from flows.orchestration.notices import install; install([{webhook!r}], 20)"
        subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=env, check=True, timeout=300)

        def said(words):
            return heard.is_file() and words in heard.read_text("utf-8")

        # one is cancelled while it works: its work ends in seconds, its state follows
        first = team.wait(lambda: team.runs("RUNNING"))[0]
        team.wait(lambda: any((funnel.home / "store" / "movement").glob("*")))
        asked, those = time.monotonic(), at_work(first)
        cancelling = {"state": {"type": "CANCELLING"}, "force": False}
        team.ask(f"flow_runs/{first['id']}/set_state", cancelling)
        team.wait(lambda: not any(p.is_running() for p in those))
        print(f"cancelled: its work ended after {time.monotonic() - asked:.0f} s")
        team.wait(lambda: first["id"] in {r["id"] for r in team.runs("CANCELLED")})
        print(f"cancelled: its state followed after {time.monotonic() - asked:.0f} s")

        # the worker dies with its run: the run is called crashed, and the next ones are late
        second = team.wait(lambda: team.runs("RUNNING"))[0]
        team.wait(lambda: at_work(second))
        worker.kill()
        team.wait(lambda: said("tiny: the run is late"))
        team.wait(lambda: second["id"] in {r["id"] for r in team.runs("CRASHED")})
        worker.start()

        # the server dies while the next one works
        third = team.wait(lambda: team.runs("RUNNING"))[0]
        server.kill()
        server.start()
        serving._wait(port, server.running)

        # one fails
        wrong = {"parameters": {"study": "no-such-study"}}
        team.ask(f"deployments/{other['id']}/create_flow_run", wrong)
        logs = lambda: list(funnel.out.glob("tiny/*/run-log/runs.jsonl"))  # noqa: E731
        team.wait(logs, 1_800)
        team.wait(lambda: third["id"] in {r["id"] for r in team.runs(*ENDED)})
        print(f"the run during which the server died: {team.state(third)}")
        assert team.state(third) != "Failed", "it works on, and is heard later"
        first_bytes = {p.parent.name: p.read_text() for p in funnel.out.glob("tiny/*/SHA256SUMS")}
        before = tmp_path / "before" / "deaths.csv"
        before.parent.mkdir()
        shutil.copy(table, before)

        # the publisher withdraws a fifth of the records
        table.write_text("".join(rows[:-100]), "utf-8")
        team.wait(lambda: len(logs()) == 2, 1_800)
        team.wait(lambda: said("tiny: the answer changed"))
        team.wait(lambda: said("no-such-study: the run failed"))
        # of a run that was scheduled minutes before, the server tells a quarter of an hour late
        team.wait(lambda: said("gave no sign of life"), 1_800)
        made = {"filter": {"event": {"prefix": ["prefect.asset.materialization"]}}}
        lineage = team.ask("events/filter", made)["events"]
        assert {e["resource"]["prefect.resource.id"] for e in lineage} == {"funnel://bundles/tiny"}
        files, root = fsspec.core.url_to_fs(store)
        kept = {Path(p).name for p in files.ls(f"{root}/bundles", detail=False)}
        since = files.cat_file(f"{root}/history/tiny/index.html").decode()
        assert all(p.parents[1].name in since for p in logs())
    notices = [json.loads(line)["text"] for line in heard.read_text("utf-8").splitlines()]
    print("\n".join(notices))
    assert any("revised or withdrew" in n for n in notices)
    sums = {p.parent.name: p.read_text() for p in funnel.out.glob("tiny/*/SHA256SUMS")}
    assert {hashlib.sha256(s.encode()).hexdigest() for s in sums.values()} == kept
    for name, file in (("again-before", before), ("again-after", table)):
        alone = make_funnel(name)
        # what no file of deaths changes was computed by `tiny`, on threads and in one process
        shutil.copytree(tiny.home / "store", alone.home / "store")
        alone("run", "tiny", "--plain", "--offline", "--quiet", "--deaths", str(file))
        (run,) = (p.name for p in (alone.out / "tiny").iterdir())
        assert alone.sums() == sums[run], "alone, without Prefect or Dask"
        assert (run in first_bytes) == (file is before)
    print(f"store: {sorted(kept)}")
