"""What a step cost: time on the clock, processor time and the most memory it held.

`ru_maxrss` is the high-water mark of the process since it started, so that every step after a
large one would look as large. On Linux the mark can be set back; elsewhere it stays cumulative.
"""

from __future__ import annotations

import contextlib
import ctypes
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Cost:
    """What a stretch of work took.

    Attributes
    ----------
    seconds, cpu_seconds
        On the clock; of all cores, with the processes started from here.
    serial_seconds
        Processor time of the calling thread alone: what more workers do not shorten.
    peak_mb
        The most memory held at once, with the peak of each process started from here.
    """

    seconds: float
    cpu_seconds: float
    serial_seconds: float
    peak_mb: int


class Meter:
    """Measures from the moment it is made."""

    def __init__(self) -> None:
        for process in _family():
            _set_back(process.pid)
        self._clock, self._cpu = time.monotonic(), _cpu_seconds()
        self._thread = time.thread_time()

    def read(self) -> Cost:
        """Return what it took since."""
        return Cost(
            round(time.monotonic() - self._clock, 3),
            round(_cpu_seconds() - self._cpu, 3),
            round(time.thread_time() - self._thread, 3),
            sum(_peak_mb(process.pid) for process in _family()),
        )


def give_back() -> None:
    """Return freed memory to the system: the C library keeps it, in gigabytes after a wide land."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc only
    if trim is not None:
        trim(0)


def peak_mb() -> int:
    """Return the peak memory of this process since it started or was last set back, MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def _family() -> list[psutil.Process]:
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def _cpu_seconds() -> float:
    """Processor time of this process, of those it waited for, and of those still running."""
    own, *others = _family()
    spent = sum(own.cpu_times()[:4])
    for process in others:
        with contextlib.suppress(psutil.Error):  # it ended while we looked
            spent += sum(process.cpu_times()[:2])
    return float(spent)


def _set_back(pid: int) -> None:
    with contextlib.suppress(OSError):  # not on Linux, not ours, or gone already
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def _peak_mb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return peak_mb() if pid == psutil.Process().pid else 0
    mark = next((line for line in status.splitlines() if line.startswith("VmHWM")), None)
    return int(mark.split()[1]) >> 10 if mark else 0
