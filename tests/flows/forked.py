"""The command line in forked processes: what it imports is loaded once for all who call it.

Every call is a process with its own folder, environment and streams, which ends as the program
does; forking spares it the seconds that imports take. Whoever asks what is imported, or sets what
is read on import, starts a process of their own instead.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

LOADED = (
    "flows.cli.app",
    "flows.cli.run",
    "flows.cli.evidence",
    "flows.workflow.checks",
    "flows.workflow.synthesis",
    "flows.stages.publish",
)


class ForkServer:
    """The process that has loaded everything and forks itself on request, as a test sees it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.turn = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, words: tuple[str, ...], folder: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Call the command line and wait for its end."""
        with tempfile.TemporaryDirectory() as streams:
            out, err = (Path(streams, name) for name in ("out", "err"))
            request = {
                "words": words,
                "folder": str(folder),
                "environment": environment,
                "streams": [str(out), str(err)],
            }
            with self.turn:
                self.process.stdin.write(json.dumps(request) + "\n")
                self.process.stdin.flush()
                code = json.loads(self.process.stdout.readline())
            said = [path.read_text("utf-8") for path in (out, err)]
        return subprocess.CompletedProcess(words, code, *said)

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


def serve() -> None:
    """Load everything, then fork on request until the other side goes away."""
    given = set(os.environ)
    for name in LOADED:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork takes one thread along"
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if not pid:
            become(request, given)
            return
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def become(request: dict, given: set[str]) -> None:
    """Be the command line, whose end is that of this process; what imports set stays set."""
    for name in given - set(request["environment"]):
        del os.environ[name]
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    opened = [os.open(os.devnull, os.O_RDONLY)]
    opened += [os.open(path, os.O_WRONLY | os.O_CREAT) for path in request["streams"]]
    for number, stream in enumerate(opened):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = ["funnel", *request["words"]]
    from flows.cli import main

    main()


if __name__ == "__main__":
    serve()
