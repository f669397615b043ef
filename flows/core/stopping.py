"""Ctrl-C: one stops the process at once and keeps what is done, in every mode.

A `KeyboardInterrupt` reaches the main thread only, once it is back in Python, and whoever runs
there may swallow it: an event loop, a flow engine that marks its run as crashed, a pool that waits
for its threads. So the signal is watched by a thread of its own, which ends the processes that
this one started and leaves. Nothing has to be tidied: a step is in the store whole or not at all,
and locks are freed by the system.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import psutil  # here and not on the way out: an import that waits there would keep the process

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
GRACE_S = 0.5
"""What child processes are given to end by themselves [s]."""
SHOW_CURSOR = "\r\x1b[?25h\x1b[K"
"""A terminal whose bars were cut short is given its cursor back."""
STOPPED = "stopped; what is done is kept: run the same command again to continue"


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Leave with exit code 130 on the first SIGINT while the block runs; a second one kills."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    heard: list[int] = []

    def hear(_signal: int, _frame: object) -> None:
        heard.append(1)
        if len(heard) > 1:
            os._exit(INTERRUPTED)
        os.write(write, b"!")  # an event loop may have put its own pipe in place of ours

    old = signal.signal(signal.SIGINT, hear)
    before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(read,), name="ctrl-c", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(signal.SIGINT, old)
        os.close(write)  # ends the watcher
        watcher.join()
        os.close(read)


def _watch(read: int) -> None:
    while got := os.read(read, 1):
        if got[0] in (signal.SIGINT, ord("!")):
            _leave()


def _leave() -> NoReturn:
    # straight to the file: whoever was printing may hold the locks of streams and of the console
    cursor = SHOW_CURSOR if os.isatty(2) else ""
    os.write(2, f"{cursor}{STOPPED}\n".encode())
    children = psutil.Process().children(recursive=True)
    for child in children:
        _quietly(child.terminate)
    _, alive = psutil.wait_procs(children, timeout=GRACE_S)
    for child in alive:
        _quietly(child.kill)
    os._exit(INTERRUPTED)


def _quietly(end: Callable[[], None]) -> None:
    try:
        end()
    except psutil.Error:
        return
