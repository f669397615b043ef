"""Kills, Ctrl-C and flipped bits by the hundred, at drawn moments; afterwards the bytes are equal.

`make test` holds one case of each (test_faults, test_stopping, test_store); this is the campaign.
A moment is drawn in processor time of the run, so that a busy machine draws the same ones.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from flows.core.stopping import INTERRUPTED
from flows.core.store import StepStore

RUN = ("run", "tiny", "--plain", "--quiet")
KILLS, STOPS, FLIPS, WHOLE_RUNS = 200, 50, 200, 8
pytestmark = [pytest.mark.attack, pytest.mark.timeout(4 * 3_600)]


def started(funnel):
    # as the command `funnel` starts: Ctrl-C is heard from its first line on
    words = [sys.executable, "-c", "from flows.cli import main; main()", *RUN]
    return subprocess.Popen(
        words, cwd=funnel.folder, env=funnel.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def reached(process, moment):
    """Wait until a run has used that much processor time; say whether it still runs."""
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            used = watched.cpu_times()
        except psutil.Error:
            break
        if used.user + used.system >= moment:
            return True
        time.sleep(0.01)
    return False


def disturbed(make_funnel, undisturbed, number, count, ends):
    """Disturb runs of `tiny` in one home after the other; return how many were, and whole runs."""
    rng, done, whole = np.random.default_rng(count), 0, 0
    funnel = make_funnel(f"disturbed-{number.name}-0")
    while done < count:
        process = started(funnel)
        if reached(process, float(rng.uniform(0.5, 12.0))):
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
            assert ends(process.returncode), said
            assert "Traceback" not in said
            done += 1
            continue
        _, said = process.communicate()
        assert process.returncode == 0, said
        assert funnel.sums() == undisturbed
        assert not list(funnel.home.rglob("*.partial"))
        whole += 1
        shutil.rmtree(funnel.folder)
        funnel = make_funnel(f"disturbed-{number.name}-{whole}")
    funnel(*RUN)
    assert funnel.sums() == undisturbed
    return done, whole + 1


def test_killed_two_hundred_times(make_funnel, undisturbed, capsys):
    done, whole = disturbed(
        make_funnel, undisturbed, signal.SIGKILL, KILLS, lambda code: code == -signal.SIGKILL
    )
    with capsys.disabled():
        print(f"\n{done} kills, {whole} runs to their end, equal bytes in all")


def test_interrupted_fifty_times(make_funnel, undisturbed, capsys):
    done, whole = disturbed(
        make_funnel, undisturbed, signal.SIGINT, STOPS, lambda code: code == INTERRUPTED
    )
    with capsys.disabled():
        print(
            f"\n{done} interrupts, each with exit {INTERRUPTED}; {whole} runs, equal bytes in all"
        )


def flip(path: Path, rng) -> bytes:
    before = path.read_bytes()
    data = bytearray(before)
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    path.chmod(0o600)
    path.write_bytes(data)
    return before


def test_two_hundred_flipped_bits_in_a_real_store(tiny, make_funnel, undisturbed, capsys):
    """Each is found where a step is used; every twenty-fifth is followed by a run to its end."""
    funnel, rng = make_funnel("flipped"), np.random.default_rng(20)
    shutil.copytree(tiny.home, funnel.home)
    store = StepStore(funnel.home / "store")
    files = [
        p for p in sorted(store.root.glob("*/*/**/*"))
        if p.is_file() and p.stat().st_size and ".partial" not in str(p)
    ]  # fmt: skip
    silent, runs = [], 0
    for number in range(FLIPS):
        path = files[rng.integers(len(files))]
        step, mark = path.relative_to(store.root).parts[:2]
        before = flip(path, rng)
        if not store.damage(step, mark):
            silent.append(path)
        if number % (FLIPS // WHOLE_RUNS) == 0:
            shutil.rmtree(funnel.out, ignore_errors=True)
            funnel(*RUN)
            assert funnel.sums() == undisturbed
            runs += 1
        if path.is_file():
            path.chmod(0o600)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before)
    with capsys.disabled():
        print(
            f"\n{FLIPS} flips in {len(files)} files, {len(silent)} silent; {runs} runs, equal bytes"
        )
    assert silent == []
