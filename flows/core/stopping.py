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

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
GRACE_S = 0.5
"""What child processes are given to end by themselves [s]."""
SHOW_CURSOR = "\r\x1b[?25h\x1b[K"
"""A terminal whose bars were cut short is given its cursor back."""
STOPPED = "stopped; what is done is kept: run the same command again to continue"


@contextmanager
def stops_at_once() -> Iterator[None]:
    """Leave with exit code 130 on the first SIGINT while the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    old = signal.signal(signal.SIGINT, lambda _signal, _frame: _leave())
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
        if got[0] == signal.SIGINT:
            _leave()


_leaving = threading.Lock()


def _leave() -> NoReturn:
    if not _leaving.acquire(blocking=False):
        threading.Event().wait(4 * GRACE_S)  # the same Ctrl-C by the other way leaves before that
        os._exit(INTERRUPTED)
    # straight to the file: whoever was printing may hold the locks of streams and of the console
    cursor = SHOW_CURSOR if os.isatty(2) else ""
    os.write(2, f"{cursor}{STOPPED}\n".encode())
    _end_children()
    os._exit(INTERRUPTED)


def _end_children() -> None:
    import psutil  # noqa: PLC0415 - on the way out only

    children = psutil.Process().children(recursive=True)
    for child in children:
        _quietly(child.terminate)
    _, alive = psutil.wait_procs(children, timeout=GRACE_S)
    for child in alive:
        _quietly(child.kill)


def _quietly(end: Callable[[], None]) -> None:
    import psutil  # noqa: PLC0415 - on the way out only

    try:
        end()
    except psutil.Error:
        return
