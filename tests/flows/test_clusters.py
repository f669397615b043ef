"""The whole pipeline on clusters: the same bytes as threads, and lost workers cost nothing."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time

import pytest
from test_faults import RUN, started, wait_until
from test_schedule import free_port


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, funnel, workers, scheme="tcp", **env):
        self.address = f"{scheme}://127.0.0.1:{free_port()}"
        self.env = funnel.environment(DASK_DISTRIBUTED__DASHBOARD__LINK="", **env)
        host, port = self.address.removeprefix(f"{scheme}://").split(":")
        words = ["scheduler", "--host", f"{scheme}://{host}", "--port", port, "--no-dashboard"]
        self.processes = [self.begin(*words)]
        self.workers = [
            self.begin(
                "worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny",
                "--memory-limit", "1GB", "--death-timeout", "60",
            )
            for _ in range(workers)
        ]  # fmt: skip
        self.processes += self.workers

    def begin(self, *words):
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *words], env=self.env,
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
