"""One file from one publisher: asked for politely, resumed where it broke off, never trusted."""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urljoin, urlsplit

import httpx

from flows.fetch.content import fault
from flows.fetch.manners import Manners, Pace, refuse_address, refuse_private, same_publisher, shown
from geo.errors import SourceUnreachableError

MAX_REDIRECTS = 5
AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
MOVED = frozenset((301, 302, 303, 307, 308))
ABSENT = frozenset((404, 410))


class _AgainError(Exception):
    """The request may be repeated, after this many seconds if the publisher said so."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        self.why, self.wait_s = why, wait_s
        super().__init__(why)


@dataclass(frozen=True)
class Want:
    """What is asked for.

    Attributes
    ----------
    url, name
        Address, and the name the file gets.
    content
        Kind, see `flows.fetch.content.fault`.
    max_bytes
        A longer answer is refused.
    hosts
        Hosts of others that a redirect may lead to.
    etag, last_modified
        Validators of the snapshot that is there already.
    """

    url: str
    name: str
    content: str = "any"
    max_bytes: int = 200_000_000
    hosts: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Answer:
    """What became of a request: `new` (the bytes are in the file), `same` or `absent`."""

    kind: Literal["new", "same", "absent"]
    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass
class Web:
    """The connection to publishers; use it as a context manager.

    Attributes
    ----------
    manners
        Limits.
    announce
        Told of large downloads and of repeated attempts, in sentences.
    sleep
        Waits; tests give one that does not.
    """

    manners: Manners = field(default_factory=Manners)
    announce: Callable[[str], None] = lambda _text: None
    sleep: Callable[[float], None] = time.sleep
    client: httpx.Client = field(init=False)
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        """Open the client: TLS verified, no proxy or password of the environment, no redirects."""
        self.client = httpx.Client(
            timeout=self.manners.timeout_s,
            follow_redirects=False,
            trust_env=False,
            verify=ssl.create_default_context(),
            headers={"User-Agent": self.manners.agent, "Accept-Encoding": "identity"},
        )
        self.pace = Pace(self.manners.pause_s, self.sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def download(self, want: Want, part: Path) -> Answer:
        """Bring one file into `part`, going on where an earlier attempt broke off.

        Raises
        ------
        SourceUnreachableError
            If the publisher cannot be reached, refuses, or answers with something else.
        """
        for attempt in range(self.manners.tries):
            try:
                return self._once(want, part)
            except _AgainError as again:
                why = again.why
                if attempt + 1 < self.manners.tries:
                    self._back_off(attempt, again, want)
        raise SourceUnreachableError(
            f"{shown(want.url)}: {why}, after {self.manners.tries} attempts. Try again later; what "
            "was already retrieved is kept."
        )

    def ranged(self, want: Want, start: int, stop: int) -> tuple[bytes, int, str | None]:
        """Return bytes [start, stop) of a file, its whole length and its ETag.

        Raises
        ------
        SourceUnreachableError
            As `download`; also where the publisher does not answer in ranges.
        """
        why = ""
        for attempt in range(self.manners.tries):
            try:
                return self._range(want, start, stop)
            except _AgainError as again:
                why = again.why
                if attempt + 1 < self.manners.tries:
                    self._back_off(attempt, again, want)
        raise SourceUnreachableError(
            f"{shown(want.url)}: {why}, after {self.manners.tries} attempts. Try again later."
        )

    def _back_off(self, attempt: int, again: _AgainError, want: Want) -> None:
        wait = self.manners.backoff_s * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        if again.wait_s is not None:
            wait = max(wait, again.wait_s)
        if wait > self.manners.longest_wait_s:
            raise SourceUnreachableError(
                f"{shown(want.url)}: {again.why}; asks to wait {wait:.0f} s. Try again later."
            )
        self.announce(f"{shown(want.url)}: {again.why}; trying again")
        self.sleep(wait)

    def _range(self, want: Want, start: int, stop: int) -> tuple[bytes, int, str | None]:
        with self._open(want, {"Range": f"bytes={start}-{stop - 1}"}) as response:
            if response.status_code != 206:
                self._refuse_status(response, want)
                raise SourceUnreachableError(
                    f"{shown(want.url)}: answered {response.status_code} to a request for a part."
                )
            first, total = _content_range(response)
            if first != start:
                raise _AgainError("answered with another part than asked for")
            try:
                content = b"".join(_capped(response, stop - start))
            except httpx.TransportError as error:
                raise _AgainError(_plain(error)) from None
            wanted = min(stop, total) - start
            if len(content) != wanted:
                raise _AgainError(f"sent {len(content)} of {wanted} bytes")
            return content, total, response.headers.get("etag")

    def _once(self, want: Want, part: Path) -> Answer:
        begun = _begun(part, want.url)
        headers: dict[str, str] = {}
        if begun:
            headers = {"Range": f"bytes={part.stat().st_size}-", "If-Range": str(begun)}
        elif want.etag:
            headers = {"If-None-Match": want.etag}
        elif want.last_modified:
            headers = {"If-Modified-Since": want.last_modified}
        with self._open(want, headers) as response:
            status = response.status_code
            if status == 304:
                return Answer("same", want.url, want.etag, want.last_modified)
            if status in ABSENT:
                return Answer("absent", want.url)
            if status == 416 and begun:
                _forget(part)
                raise _AgainError("the part that was there no longer fits")
            if status not in (200, 206):
                self._refuse_status(response, want)
            self._receive(response, want, part)
            answer = Answer(
                "new",
                str(response.url),
                response.headers.get("etag"),
                response.headers.get("last-modified"),
            )
        wrong = fault(part, want.content)
        if wrong:
            _forget(part)
            raise SourceUnreachableError(
                f"{shown(want.url)}: {wrong}. The earlier snapshot stands; look at the publisher's "
                "page, or give the file itself."
            )
        _marks(part).unlink(missing_ok=True)
        return answer

    def _receive(self, response: httpx.Response, want: Want, part: Path) -> None:
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise SourceUnreachableError(
                f"{shown(want.url)}: sent packed bytes that were not asked for; refused."
            )
        start, total = 0, int(response.headers.get("content-length", -1))
        if response.status_code == 206:
            start, total = _content_range(response)
            if start != part.stat().st_size:
                _forget(part)
                raise _AgainError("answered with another part than asked for")
        if max(total, 0) > want.max_bytes:
            _forget(part)
            raise SourceUnreachableError(
                f"{shown(want.url)}: claims {total / 1e6:,.0f} MB, more than the "
                f"{want.max_bytes / 1e6:,.0f} MB this source may have; refused."
            )
        if total > self.manners.large_mb * 1e6:
            self.announce(f"{want.name}: {total / 1e6:,.0f} MB are being retrieved")
        _remember(part, want.url, response)
        try:
            with part.open("ab" if start else "wb") as out:
                self._copy(response, want, out, want.max_bytes - start)
        except httpx.TransportError as error:
            raise _AgainError(_plain(error)) from None
        size = part.stat().st_size
        if 0 <= total != size:
            raise _AgainError(f"sent {size:,} of {total:,} bytes")

    def _copy(self, response: httpx.Response, want: Want, out: Any, room: int) -> None:
        begun, got = self.pace.clock(), 0
        for block in response.iter_raw():
            got += len(block)
            if got > room:
                raise SourceUnreachableError(
                    f"{shown(want.url)}: sends more than the {want.max_bytes / 1e6:,.0f} MB this "
                    "source may have; refused."
                )
            out.write(block)
            passed = self.pace.clock() - begun
            if passed > self.manners.patience_s and got / passed < self.manners.slowest_byte_s:
                raise _AgainError(f"sends only {got / passed:.0f} bytes a second")

    def _open(self, want: Want, headers: Mapping[str, str]) -> Any:
        return _Opened(self, want, dict(headers))

    def _refuse_status(self, response: httpx.Response, want: Want) -> None:
        status = response.status_code
        if status in AGAIN:
            raise _AgainError(f"answered {status}", _retry_after(response))
        hint = {
            401: "It asks for a login; download the file by hand and give it to the study.",
            403: "It refuses; download the file by hand and give it to the study.",
        }.get(status, "Look at the publisher's page; the address may have changed.")
        raise SourceUnreachableError(f"{shown(want.url)}: answered {status}. {hint}")


class _Opened:
    """A response after its redirects, each of them checked; closes what it opened."""

    def __init__(self, web: Web, want: Want, headers: dict[str, str]) -> None:
        self.web, self.want, self.headers = web, want, headers
        self.response: httpx.Response | None = None

    def __enter__(self) -> httpx.Response:
        url, origin = self.want.url, urlsplit(self.want.url).hostname or ""
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(url)
            if response.status_code not in MOVED:
                return response
            target = urljoin(url, response.headers.get("location", ""))
            response.close()
            host = urlsplit(target).hostname or ""
            if not same_publisher(origin, host, self.want.hosts):
                raise SourceUnreachableError(
                    f"{shown(url)}: redirects to {host}, which is not the publisher; refused. If "
                    "it has moved, add the host to the catalogue."
                )
            url = target
        raise SourceUnreachableError(f"{shown(self.want.url)}: redirects without end; refused.")

    def _send(self, url: str) -> httpx.Response:
        manners = self.web.manners
        refuse_address(url, manners)
        host = urlsplit(url).hostname or ""
        self.web.pace.wait(host)
        try:
            request = self.web.client.build_request("GET", url, headers=self.headers)
            response = self.web.client.send(request, stream=True)
        except httpx.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
                raise SourceUnreachableError(
                    f"{host}: its certificate cannot be verified; refused."
                ) from None
            raise _AgainError(_plain(error)) from None
        except httpx.TransportError as error:
            raise _AgainError(_plain(error)) from None
        self.response = response
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if host not in manners.trusted_hosts and peer is not None:
            try:
                refuse_private(str(peer[0]), host)
            except SourceUnreachableError:
                response.close()
                raise
        return response

    def __exit__(self, *_: object) -> None:
        if self.response is not None:
            self.response.close()


def _marks(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _remember(part: Path, url: str, response: httpx.Response) -> None:
    marks = {"url": url, "etag": response.headers.get("etag")}
    marks["last_modified"] = response.headers.get("last-modified")
    _marks(part).write_text(json.dumps(marks), "utf-8")


def _begun(part: Path, url: str) -> str | None:
    """Return the validator under which a broken-off download may go on, or None."""
    try:
        marks = json.loads(_marks(part).read_text("utf-8"))
        whole = part.stat().st_size > 0
    except (OSError, ValueError):
        return None
    etag = marks.get("etag")
    validator = etag if etag and not etag.startswith("W/") else marks.get("last_modified")
    return validator if whole and marks.get("url") == url else None


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _marks(part).unlink(missing_ok=True)


def _content_range(response: httpx.Response) -> tuple[int, int]:
    text = response.headers.get("content-range", "")
    try:
        span, total = text.removeprefix("bytes ").split("/")
        return int(span.split("-")[0]), int(total)
    except ValueError:
        raise SourceUnreachableError(
            f"{shown(str(response.url))}: answered with a part and did not say which; refused."
        ) from None


def _capped(response: httpx.Response, room: int) -> Any:
    for block in response.iter_raw():
        room -= len(block)
        if room < 0:
            raise SourceUnreachableError(
                f"{shown(str(response.url))}: sent more than was asked for; refused."
            )
        yield block


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _plain(error: Exception) -> str:
    words = {
        "ConnectTimeout": "did not answer in time",
        "ReadTimeout": "fell silent",
        "ConnectError": "could not be connected to",
        "RemoteProtocolError": "broke off in the middle",
        "ReadError": "broke off in the middle",
    }
    return words.get(type(error).__name__, f"failed ({type(error).__name__})")
