"""Progress for people: bars on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from flows.core.stage import Progress as Report
from flows.core.stage import Stage

console = Console(stderr=True, highlight=False)
"""What happens while a command runs; an answer goes to `answers`."""
answers = Console(highlight=False, soft_wrap=True)
"""What a command was asked for, so that it can be piped."""


class Reporter:
    """Shows which step runs and how far it is."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bars: Progress | None = None

    @contextmanager
    def running(self) -> Iterator[Reporter]:
        """Show bars while the block runs, if there is a terminal to show them on."""
        if self.quiet or not console.is_terminal:
            yield self
            return
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[label]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        ) as bars:
            self._bars = bars
            yield self
        self._bars = None

    def for_stage(self, stage: Stage) -> Report:
        """Return the function that one step reports to."""
        return self.plain(stage.title)

    def plain(self, title: str) -> Report:
        """Return the function that some work with a title reports to."""
        if self.quiet:
            return lambda _done, _total, _label: None
        if self._bars is None:
            return _lines(title)
        bars = self._bars
        task = bars.add_task(title, total=None, label="")

        def report(done: int, total: int, label: str) -> None:
            bars.update(task, completed=done, total=total, label=label)

        return report


def _lines(title: str) -> Report:
    print(f"  {title}", file=sys.stderr, flush=True)  # noqa: T201 - the log of a run is a print
    last = time.monotonic()

    def report(done: int, total: int, label: str) -> None:
        nonlocal last
        if time.monotonic() - last > 10:  # a line every ten seconds is enough in a log
            last = time.monotonic()
            print(f"    {label}: {done} of {total}", file=sys.stderr, flush=True)  # noqa: T201

    return report
