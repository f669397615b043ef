"""The whole pipeline on clusters: the same bytes as threads, and lost workers cost nothing."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
import yaml
from test_faults import RUN, started, wait_until
from test_schedule import ROOT, free_port

from flows.core.executor import executor
from geo.errors import InputProblems

OPERATE = ROOT / "docs" / "howto" / "operate.md"


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, funnel, workers, scheme="tcp", **env):
        self.address = f"{scheme}://127.0.0.1:{free_port()}"
        self.env = funnel.environment(DASK_DISTRIBUTED__DASHBOARD__LINK="", **env)
        host, port = self.address.removeprefix(f"{scheme}://").split(":")
        words = ["scheduler", "--host", f"{scheme}://{host}", "--port", port, "--no-dashboard"]
        self.processes = [self.begin(*words)]
        self.workers = [self.worker() for _ in range(workers)]

    def worker(self, **env):
        begun = self.begin(
            "worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny",
            "--memory-limit", "1GB", "--death-timeout", "60", **env,
        )  # fmt: skip
        self.processes.append(begun)
        return begun

    def begin(self, *words, **env):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words], env={**self.env, **env},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def __enter__(self):
        port, end = int(self.address.rsplit(":", 1)[1]), time.monotonic() + 120
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.mark.attack
def test_a_local_cluster_of_four_workers_gives_the_same_bytes(make_funnel, undisturbed):
    funnel = make_funnel("local-cluster")
    funnel.alone(*RUN, "--dask", "local", "--workers", "4")
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_processes_of_their_own_give_the_same_bytes_though_one_is_lost(make_funnel, undisturbed):
    funnel = make_funnel("processes")
    with Cluster(funnel, 3) as cluster:
        process = started(funnel, *RUN, "--dask", cluster.address)
        store = funnel.home / "store"
        assert wait_until(process, lambda: any((store / "funnel").glob("*.partial/*")))
        cluster.workers[0].send_signal(signal.SIGKILL)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_a_scheduler_behind_tls_gives_the_same_bytes_and_none_is_said(make_funnel, undisturbed):
    funnel = make_funnel("tls")
    key, cert = funnel.folder / "key.pem", funnel.folder / "cert.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
         "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("no openssl to make a certificate with")
    names = {"CA_FILE": cert}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        names |= {f"{role}__CERT": cert, f"{role}__KEY": key}
    env = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in names.items()}
    with Cluster(funnel, 2, "tls", **env) as cluster:
        funnel.alone(*RUN, "--dask", cluster.address, **env)
        address = cluster.address
    assert funnel.sums() == undisturbed
    gone = make_funnel("no-scheduler").alone(*RUN, "--dask", address, code=3, **env)
    assert "no Dask scheduler answers" in gone.stderr
    assert "Traceback" not in gone.stderr


@pytest.mark.attack
def test_workers_of_another_version_do_no_work_whenever_they_join(make_funnel, tmp_path):
    for package in ("geo", "flows", "maps", "data", "validation"):
        shutil.copytree(ROOT / package, tmp_path / package)
    with (tmp_path / "geo" / "errors.py").open("a") as changed:
        changed.write("# of another version\n")
    with Cluster(make_funnel("versions"), 1) as cluster:
        with executor(1, cluster.address) as pool:
            assert pool.submit(abs, -1).result() == 1
            cluster.worker(PYTHONPATH=str(tmp_path), PYTHONSAFEPATH="1")
            pool.wait_for_workers(2)
            cluster.workers[0].kill()
            with pytest.raises(InputProblems, match="a worker that joined later has this program"):
                pool.submit(abs, -2).result()
        with pytest.raises(InputProblems, match=r"worker tcp://.*: this program .* where this"):
            executor(1, cluster.address).__enter__()


SLURM = {
    "sbatch": 'bash "$1" >"$0.log" 2>&1 & echo "Submitted batch job $!"',
    "scancel": 'pkill -P "$1"; kill "$1"',
}
"""As much of a queue as a recipe needs: a job begins at once, in a process of its own."""


def recipe(fence):
    """Return the one block of the operator's page that is fenced as told."""
    (found,) = re.findall(rf"```{fence}\n(.+?)```", OPERATE.read_text("utf-8"), re.DOTALL)
    return found


@pytest.mark.attack
def test_the_recipe_for_slurm_gives_the_same_bytes_as_jobs_are_asked_for(
    make_funnel, undisturbed, tmp_path
):
    pytest.importorskip("dask_jobqueue", reason="set up by `make attack`")
    for name, body in SLURM.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n")
        (tmp_path / name).chmod(0o700)
    text = recipe("text").replace("/opt/funnel/bin/python", sys.executable)
    funnel = make_funnel("slurm")
    env = funnel.environment(PATH=f"{tmp_path}:{os.environ['PATH']}")
    login = subprocess.Popen(
        [sys.executable, "-u", "-c", text.replace("maximum=64", "maximum=3")], env=env,
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        address = login.stdout.readline().strip()
        funnel.alone(*RUN, "--dask", address)
        login.communicate("\n", timeout=300)
    finally:
        login.kill()
    assert login.returncode == 0
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_the_recipe_for_kubernetes_gives_the_same_bytes_as_processes(make_funnel, undisturbed):
    (container,) = yaml.safe_load(recipe("yaml"))["spec"]["template"]["spec"]["containers"]
    entry, *words = container["args"]
    assert entry == "dask", "the image's entrypoint is `python -m`"
    funnel = make_funnel("kubernetes")
    with Cluster(funnel, 0) as cluster:
        here = [cluster.address if "funnel-scheduler" in w else w for w in words]
        cluster.processes += [cluster.begin(*here) for _ in range(2)]
        funnel.alone(*RUN, "--dask", cluster.address)
    assert funnel.sums() == undisturbed
