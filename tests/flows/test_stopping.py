"""One Ctrl-C leaves at once, whatever the main thread does, and takes its children along."""

from __future__ import annotations

import signal
import subprocess
import sys

import psutil
import pytest

from flows.core.stopping import INTERRUPTED, STOPPED

EARLY = """
import signal, sys, time
from importlib.abc import MetaPathFinder

class Slow(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "cyclopts":
            print("importing", flush=True)
            time.sleep(600)

signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts what it puts in the background
sys.meta_path.insert(0, Slow())
sys.argv = ["funnel", "run", "tiny"]
from flows.cli import main
main()
"""
DEAF = """
import subprocess, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from flows.core.stopping import stops_at_once

def work():
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
    while True:
        try:
            {wait}
        except BaseException:
            pass

with stops_at_once(), ThreadPoolExecutor(1) as pool:
    pool.submit(time.sleep, 600)
    work()
"""


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(600)",
        "import asyncio; asyncio.run(asyncio.sleep(600))",
        "pool.submit(time.sleep, 600).result()",
        "signal = __import__('signal'); signal.pthread_sigmask(0, [2]); time.sleep(600)",
    ],
    ids=["swallowed", "event loop", "pool", "blocked in the main thread"],
)
def test_one_interrupt_stops_and_ends_the_children(wait):
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF.format(wait=wait)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert said.strip() == STOPPED
    assert not psutil.pid_exists(child)


def test_an_interrupt_is_heard_while_the_program_is_still_being_loaded():
    process = subprocess.Popen(
        [sys.executable, "-c", EARLY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert said.strip() == STOPPED
