"""One file from one publisher: asked for politely, resumed where it broke off, never trusted."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import httpx

from flows.fetch import partial_download
from flows.fetch.content import fault
from flows.fetch.http_policy import HttpPolicy, Pace, shown
from flows.fetch.request import AgainError, Opened, Want, plain
from geo.errors import SourceUnreachableError

AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504))
ABSENT = frozenset((404, 410))
Got = TypeVar("Got")


@dataclass(frozen=True)
class HttpAnswer:
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

    manners: HttpPolicy = field(default_factory=HttpPolicy)
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

    def download(self, want: Want, part: Path) -> HttpAnswer:
        """Bring one file into `part`, going on where an earlier attempt broke off.

        Raises
        ------
        SourceUnreachableError
            If the publisher cannot be reached, refuses, or answers with something else.
        """
        kept = "later; what was already retrieved is kept"
        return self._patiently(want, lambda: self._once(want, part), kept)

    def ranged(self, want: Want, start: int, stop: int) -> tuple[bytes, int, str | None]:
        """Return bytes [start, stop) of a file, its whole length and its ETag.

        Raises
        ------
        SourceUnreachableError
            As `download`; also where the publisher does not answer in ranges.
        """
        return self._patiently(want, lambda: self._range(want, start, stop), "later")

    def _patiently(self, want: Want, once: Callable[[], Got], when: str) -> Got:
        """Ask as often as the policy allows.

        A library of retries was tried: to wait as a publisher asks, refuse to wait longer than the
        policy allows and say so, it took more lines than this loop.
        """
        why = ""
        for attempt in range(self.manners.tries):
            try:
                return once()
            except AgainError as again:
                why = again.why
                if attempt + 1 < self.manners.tries:
                    self._back_off(attempt, again, want)
        raise SourceUnreachableError(
            f"{shown(want.url)}: {why}, after {self.manners.tries} attempts. Try again {when}."
        )

    def _back_off(self, attempt: int, again: AgainError, want: Want) -> None:
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
            if response.status_code not in (200, 206):
                self._refuse_status(response, want)
            if response.status_code == 200:
                raise SourceUnreachableError(
                    f"{shown(want.url)}: does not answer in parts. Give the file itself."
                )
            first, total = _content_range(response)
            if first != start:
                raise AgainError("answered with another part than asked for")
            try:
                content = b"".join(_capped(response, stop - start))
            except httpx.TransportError as error:
                raise AgainError(plain(error)) from None
            wanted = min(stop, total) - start
            if len(content) != wanted:
                raise AgainError(f"sent {len(content)} of {wanted} bytes")
            return content, total, response.headers.get("etag")

    def _once(self, want: Want, part: Path) -> HttpAnswer:
        begun = partial_download.begun(part, want.url)
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
                return HttpAnswer("same", want.url, want.etag, want.last_modified)
            if status in ABSENT:
                return HttpAnswer("absent", want.url)
            if status == 416 and begun:
                partial_download.forget(part)
                raise AgainError("the part that was there no longer fits")
            if status not in (200, 206):
                self._refuse_status(response, want)
            self._receive(response, want, part)
            answer = HttpAnswer(
                "new",
                str(response.url),
                response.headers.get("etag"),
                response.headers.get("last-modified"),
            )
        wrong = fault(part, want.content)
        if wrong:
            partial_download.forget(part)
            raise SourceUnreachableError(
                f"{shown(want.url)}: {wrong}. The earlier snapshot stands; look at the publisher's "
                "page, or give the file itself."
            )
        partial_download.marks(part).unlink(missing_ok=True)
        return answer

    def _receive(self, response: httpx.Response, want: Want, part: Path) -> None:
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            raise SourceUnreachableError(
                f"{shown(want.url)}: sent packed bytes that were not asked for. Try again later."
            )
        start, total = 0, int(response.headers.get("content-length", -1))
        if response.status_code == 206:
            start, total = _content_range(response)
            if start != part.stat().st_size:
                partial_download.forget(part)
                raise AgainError("answered with another part than asked for")
        if max(total, 0) > want.max_bytes:
            partial_download.forget(part)
            raise SourceUnreachableError(
                f"{shown(want.url)}: claims {total / 1e6:,.0f} MB, more than the "
                f"{want.max_bytes / 1e6:,.0f} MB this source may have. Give the file itself."
            )
        if total > self.manners.large_mb * 1e6:
            self.announce(f"{want.name}: {total / 1e6:,.0f} MB are being retrieved")
        partial_download.remember(part, want.url, response)
        try:
            with part.open("ab" if start else "wb") as out:
                self._copy(response, want, out, want.max_bytes - start)
        except httpx.TransportError as error:
            raise AgainError(plain(error)) from None
        size = part.stat().st_size
        if 0 <= total != size:
            raise AgainError(f"sent {size:,} of {total:,} bytes")

    def _copy(self, response: httpx.Response, want: Want, out: Any, room: int) -> None:
        begun, got = self.pace.clock(), 0
        for block in response.iter_raw():
            got += len(block)
            if got > room:
                raise SourceUnreachableError(
                    f"{shown(want.url)}: sends more than the {want.max_bytes / 1e6:,.0f} MB this "
                    "source may have. Give the file itself."
                )
            out.write(block)
            passed = self.pace.clock() - begun
            if passed > self.manners.patience_s and got / passed < self.manners.slowest_byte_s:
                raise AgainError(f"sends only {got / passed:.0f} bytes a second")

    def _open(self, want: Want, headers: Mapping[str, str]) -> Opened:
        return Opened(self.client, self.pace, self.manners, want, dict(headers))

    def _refuse_status(self, response: httpx.Response, want: Want) -> None:
        status = response.status_code
        if status in AGAIN:
            raise AgainError(f"answered {status}", _retry_after(response))
        hint = {
            401: "It asks for a login; download the file by hand and give it to the study.",
            403: "It refuses; download the file by hand and give it to the study.",
        }.get(status, "Look at the publisher's page; the address may have changed.")
        raise SourceUnreachableError(f"{shown(want.url)}: answered {status}. {hint}")


def _content_range(response: httpx.Response) -> tuple[int, int]:
    text = response.headers.get("content-range", "")
    try:
        span, total = text.removeprefix("bytes ").split("/")
        return int(span.split("-")[0]), int(total)
    except ValueError:
        raise SourceUnreachableError(
            f"{shown(str(response.url))}: answered with a part and did not say which. Try "
            "again later."
        ) from None


def _capped(response: httpx.Response, room: int) -> Any:
    for block in response.iter_raw():
        room -= len(block)
        if room < 0:
            raise SourceUnreachableError(
                f"{shown(str(response.url))}: sent more than was asked for. Give the file itself."
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
