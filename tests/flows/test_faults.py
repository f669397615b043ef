"""What goes wrong around a run, with real processes: afterwards the bundle has the same bytes.

Every test disturbs a run of `tiny`, lets the same command go on, and compares the hashes of the
whole bundle with those of an undisturbed run.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from flows.stages import STAGES

RUN = ("run", "tiny", "--plain", "--quiet")
STEPS = [stage.name for stage in STAGES]
NEVER_S = 300.0


def started(funnel, *words, **env):
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli.app", *words],
        cwd=funnel.folder,
        env=funnel.environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(process, happened):
    """Wait until something happened, or the process ended; return whether it still runs."""
    end = time.monotonic() + NEVER_S
    while process.poll() is None and time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.002)
    return False


def killed(funnel, happened):
    """Start a run, kill it the moment something happened, and say whether that came in time."""
    process = started(funnel, *RUN)
    alive = wait_until(process, happened)
    process.kill()
    process.communicate()
    return alive


def assert_plain(process_or_done, code):
    assert process_or_done.returncode == code, process_or_done.stderr
    assert "Traceback" not in process_or_done.stderr
    assert "again" in process_or_done.stderr or "--" in process_or_done.stderr


@pytest.mark.slow
def test_killed_inside_a_step_prefect_and_a_cluster_go_on_to_the_same_bytes(
    tiny, make_funnel, undisturbed
):
    """Three roads in one run, each of which `make attack` walks alone from its beginning.

    What comes before the step of the kill is taken from the undisturbed run.
    """
    funnel = make_funnel("killed")
    funnel.know_imports()
    for step in ("synthetic", *STEPS[: STEPS.index("visibility")]):
        shutil.copytree(tiny.home / "store" / step, funnel.home / "store" / step)
    assert killed(funnel, lambda: any((funnel.home / "store/visibility").glob("*.partial/*")))
    funnel.alone("run", "tiny", "--quiet", "--dask", "local", "--workers", "2")
    assert funnel.sums() == undisturbed


@pytest.mark.attack
@pytest.mark.timeout(3_600)
def test_killed_at_every_boundary_and_inside_every_step(make_funnel, undisturbed):
    """One run that is killed sixteen times: inside each step, and as each becomes whole."""
    funnel, times = make_funnel("boundaries"), 0
    store = funnel.home / "store"
    for step in STEPS:
        times += killed(funnel, lambda s=step: any((store / s).glob("*.partial/*")))
        times += killed(funnel, lambda s=step: any((store / s).glob("*/done.json")))
    assert times >= 2 * len(STEPS) - 4, "the run was faster than the killer"
    funnel(*RUN)
    assert funnel.sums() == undisturbed
    assert not list(store.rglob("*.partial"))
    assert not list(funnel.out.glob("tiny/.*"))


@pytest.mark.attack
def test_two_runs_at_once_share_one_result(make_funnel, undisturbed):
    funnel = make_funnel("twice")
    both = [started(funnel, "run", "tiny", "--plain") for _ in range(2)]
    said = [process.communicate(timeout=NEVER_S) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert any("waiting" in err + out for out, err in said)
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_the_prefect_server_goes_away_in_the_middle(make_funnel, undisturbed):
    """Its process is killed while a step is at work: one line, and the run goes on to its end."""
    funnel = make_funnel("server")
    env = {"PREFECT_HOME": str(funnel.folder / "prefect")}
    process = started(funnel, "run", "tiny", "--quiet", **env)
    store = funnel.home / "store"
    assert wait_until(process, lambda: any((store / "visibility").glob("*.partial")))
    servers = [
        child
        for child in psutil.Process(process.pid).children(recursive=True)
        if "prefect" in " ".join(child.cmdline())
    ]
    for server in servers:
        server.send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=NEVER_S)
    assert servers, "no server ran beside the flow"
    assert process.returncode == 0, err
    assert err.count("running the same steps without it") == 1
    assert len(err.splitlines()) == 1, err
    funnel(*RUN)
    assert funnel.sums() == undisturbed
    # the database is lost altogether: no evidence was in it
    shutil.rmtree(funnel.folder / "prefect")
    funnel.alone("run", "tiny", "--quiet", **env)
    assert funnel.sums() == undisturbed
    funnel("verify", "latest")


@pytest.mark.attack
def test_the_database_is_locked_for_a_while(make_funnel, undisturbed):
    funnel = make_funnel("locked")
    home = funnel.folder / "prefect"
    home.mkdir()
    lock = sqlite3.connect(home / "prefect.db", check_same_thread=False, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    release = threading.Timer(12.0, lock.rollback)
    release.start()
    try:
        done = funnel.alone("run", "tiny", "--quiet", code=None, PREFECT_HOME=str(home))
    finally:
        release.join()
        lock.close()
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    funnel(*RUN)
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_a_full_disk_is_said_and_room_is_all_it_takes(tiny, make_funnel, undisturbed):
    funnel = make_funnel("full")
    funnel.home.mkdir()
    whole = sum(p.stat().st_size for p in tiny.home.rglob("*") if p.is_file())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={whole // 2}", "tmpfs", str(funnel.home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system of a few megabytes cannot be mounted here")
    try:
        assert_plain(funnel(*RUN, code=None), 2)
        assert not list(funnel.out.glob("tiny/*/SHA256SUMS"))
        subprocess.run(
            ["mount", "-o", "remount,size=2g", str(funnel.home)], check=True, capture_output=True
        )
        funnel(*RUN)
        assert funnel.sums() == undisturbed
    finally:
        subprocess.run(["umount", str(funnel.home)], check=True)


JUMPING = """
import itertools, sys, datetime as dt, time
from flows.core import settings
base, steps = settings.now, itertools.cycle((0, 40_000, -7_000, 90))
settings.now = lambda: base() + dt.timedelta(hours=next(steps))
clock = time.time
time.time = lambda: clock() + next(steps) * 3600
from flows.cli.app import _code
sys.exit(_code(sys.argv[1:]))
"""


@pytest.mark.attack
def test_a_clock_that_jumps_changes_no_byte(make_funnel, undisturbed):
    funnel = make_funnel("clock")
    done = subprocess.run(
        [sys.executable, "-c", JUMPING, *RUN],
        cwd=funnel.folder,
        env=funnel.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=NEVER_S,
    )
    assert done.returncode == 0, done.stderr
    assert funnel.sums() == undisturbed


@pytest.mark.attack
def test_a_torn_bundle_is_made_whole_again(tiny, make_funnel, undisturbed):
    """A bundle that lost its last file, as a machine that lost power may leave it."""
    funnel = make_funnel("torn")
    # others add to its logs and locks meanwhile
    shutil.copytree(tiny.home, funnel.home, ignore=shutil.ignore_patterns("logs", "locks"))
    shutil.copytree(tiny.out, funnel.out)
    bundle: Path = funnel.bundle("tiny")
    (bundle / "SHA256SUMS").unlink()
    (bundle / "index.html").write_text("half")
    funnel(*RUN)
    assert funnel.sums() == undisturbed
