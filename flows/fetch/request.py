"""One request with its redirects, each of them checked before and after connecting."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from flows.fetch.http_policy import (
    HttpPolicy,
    Pace,
    refuse_address,
    refuse_private,
    same_publisher,
    shown,
)
from geo.errors import SourceUnreachableError

MAX_REDIRECTS = 5
MOVED = frozenset((301, 302, 303, 307, 308))


class AgainError(Exception):
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


class Opened:
    """A response after its redirects, each of them checked; closes what it opened."""

    def __init__(
        self,
        client: httpx.Client,
        pace: Pace,
        manners: HttpPolicy,
        want: Want,
        headers: dict[str, str],
    ) -> None:
        self.client, self.pace, self.manners = client, pace, manners
        self.want, self.headers = want, headers
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
        raise SourceUnreachableError(
            f"{shown(self.want.url)}: redirects without end. Give the file itself."
        )

    def _send(self, url: str) -> httpx.Response:
        refuse_address(url, self.manners)
        host = urlsplit(url).hostname or ""
        self.pace.wait(host)
        try:
            request = self.client.build_request("GET", url, headers=self.headers)
            response = self.client.send(request, stream=True)
        except httpx.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
                raise SourceUnreachableError(
                    f"{host}: its certificate cannot be verified. Give the file itself."
                ) from None
            raise AgainError(plain(error)) from None
        except httpx.TransportError as error:
            raise AgainError(plain(error)) from None
        self.response = response
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if host not in self.manners.trusted_hosts and peer is not None:
            try:
                refuse_private(str(peer[0]), host)
            except SourceUnreachableError:
                response.close()
                raise
        return response

    def __exit__(self, *_: object) -> None:
        if self.response is not None:
            self.response.close()


def plain(error: Exception) -> str:
    """Return a failure of the connection in plain words."""
    words = {
        "ConnectTimeout": "did not answer in time",
        "ReadTimeout": "fell silent",
        "ConnectError": "could not be connected to",
        "RemoteProtocolError": "broke off in the middle",
        "ReadError": "broke off in the middle",
    }
    return words.get(type(error).__name__, f"failed ({type(error).__name__})")
