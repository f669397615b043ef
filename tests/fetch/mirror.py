"""A publisher on this machine: serves files as real ones do, and fails as real ones do."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODIFIED = "Tue, 01 Oct 2024 06:00:00 GMT"


@dataclass
class File:
    """Bytes at a path, and how often and in which way serving them fails first.

    `fail` is called with (handler, file) instead of serving, for the first `times` requests.
    """

    content: bytes
    kind: str = "text/csv"
    etag: bool = True
    ranges: bool = True
    fail: Callable[[Handler, File], None] | None = None
    times: int = 10**9
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = self.server.files.get(self.path)
        if file is None:
            return self.plain(404, b"<html>not here</html>")
        file.asked.append({k.lower(): v for k, v in self.headers.items()})
        if file.fail is not None and len(file.asked) <= file.times:
            return file.fail(self, file)
        return self.serve(file)

    def serve(self, file: File):
        if file.etag and self.headers.get("If-None-Match") == file.tag:
            return self.plain(304, b"")
        span = self.headers.get("Range")
        fresh = self.headers.get("If-Range") in (None, file.tag, MODIFIED)
        if span and file.ranges and fresh:
            first, _, last = span.removeprefix("bytes=").partition("-")
            start = int(first)
            stop = min(len(file.content), int(last) + 1 if last else len(file.content))
            if start >= len(file.content):
                return self.plain(416, b"", {"Content-Range": f"bytes */{len(file.content)}"})
            part = file.content[start:stop]
            where = {"Content-Range": f"bytes {start}-{stop - 1}/{len(file.content)}"}
            return self.plain(206, part, {**self.marks(file), **where}, file.kind)
        return self.plain(200, file.content, self.marks(file), file.kind)

    def marks(self, file: File) -> dict[str, str]:
        return {"ETag": file.tag, "Last-Modified": MODIFIED} if file.etag else {}

    def plain(self, status, body, headers=None, kind="text/html"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def hang_up(self):
        self.close_connection = True
        self.wfile.flush()

    def reset(self):
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def mirror(files: dict[str, File]):
    server = Quiet(("127.0.0.1", 0), Handler)
    server.files = files
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def truncated(share: float):
    """Claim the whole length and hang up after a share of it."""

    def fail(handler, file):
        start = 0
        span = handler.headers.get("Range")
        if span:
            start = int(span.removeprefix("bytes=").partition("-")[0])
        body = file.content[start:]
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body)))
        if start:
            total = len(file.content)
            handler.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        for key, value in handler.marks(file).items():
            handler.send_header(key, value)
        handler.end_headers()
        handler.wfile.write(body[: int(len(body) * share)])
        handler.hang_up()

    return fail


def status(code: int, headers=None, body=b"<html>no</html>"):
    return lambda handler, _file: handler.plain(code, body, headers)


def redirect(target: str, code: int = 301):
    return lambda handler, _file: handler.plain(code, b"", {"Location": target})


def with_length(claimed: int):
    """Claim a length that is not that of the body."""

    def fail(handler, file):
        handler.send_response(200)
        handler.send_header("Content-Length", str(claimed))
        handler.end_headers()
        handler.wfile.write(file.content)
        handler.hang_up()

    return fail


def packed(content: bytes):
    """Send packed bytes although none were asked for."""
    return lambda handler, _file: handler.plain(
        200, content, {"Content-Encoding": "gzip"}, "text/csv"
    )


def dripping(handler, file):
    """Send a byte now and then."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(file.content)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        for byte in file.content[:200]:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)
    handler.hang_up()


def silent(handler, _file):
    """Say nothing for longer than anybody waits."""
    time.sleep(1.5)
    handler.hang_up()


def resetting(handler, file):
    """Reset the connection in the middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(file.content)))
    handler.end_headers()
    handler.wfile.write(file.content[: len(file.content) // 2])
    handler.reset()


def endless(handler, file):
    """Send without a length and without an end."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    block = (file.content * 100)[:50_000]
    with contextlib.suppress(OSError):
        for _ in range(400):
            handler.wfile.write(f"{len(block):x}\r\n".encode() + block + b"\r\n")
    handler.hang_up()
