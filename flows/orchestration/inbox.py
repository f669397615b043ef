"""A file of notices: a receiver on loopback that writes a line for each one that comes.

`python -m flows.orchestration.inbox FILE --port 4202` for a team; `funnel serve` starts its
own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import ClassVar

from flows.core.settings import now

HOST = "127.0.0.1"
LARGEST = 65_536
"""Operational: bytes of a notice that are read at most."""


class _Inbox(BaseHTTPRequestHandler):
    """Writes what is posted; answers nothing else."""

    file: ClassVar[Path]
    lock: ClassVar[Lock]

    def do_POST(self) -> None:
        """Write one line: when, and the text."""
        content = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        try:
            text = str(json.loads(content)["text"])
        except (ValueError, KeyError, TypeError):
            self.send_error(400, "a notice is JSON with a text")
            return
        line = json.dumps({"at": now().isoformat(timespec="seconds"), "text": text})
        with self.lock, self.file.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def server(file: Path, port: int, host: str = HOST) -> ThreadingHTTPServer:
    """Return a receiver that writes to a file; port 0 for any that is free."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = type("Inbox", (_Inbox,), {"file": file, "lock": Lock()})
    return ThreadingHTTPServer((host, port), handler)


@contextmanager
def receiving(file: Path, port: int = 0) -> Iterator[str]:
    """Receive notices into a file while this lasts, and give the address to send them to."""
    with answering(server(file, port)) as address:
        yield address


@contextmanager
def answering(receiver: ThreadingHTTPServer) -> Iterator[str]:
    """Let a server of loopback answer while this lasts, and give its address."""
    Thread(target=receiver.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{receiver.server_port}"
    finally:
        receiver.shutdown()
        receiver.server_close()


def main() -> None:
    """Receive until interrupted."""
    words = argparse.ArgumentParser(description="Write notices that are posted into a file")
    words.add_argument("file", type=Path)
    words.add_argument("--port", type=int, default=4202)
    words.add_argument("--host", default=HOST, help="loopback unless a wall stands around it")
    given = words.parse_args()
    server(given.file, given.port, given.host).serve_forever()


if __name__ == "__main__":
    main()
