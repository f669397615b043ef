"""How the tool behaves towards publishers, and whom it does not talk to at all."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from geo.errors import SourceUnreachableError

AGENT = "funnel-effect/0.1 (retrospective research; https://github.com/funnel-effect/funnel-effect)"


@dataclass(frozen=True)
class HttpPolicy:
    """Limits of every retrieval.

    Attributes
    ----------
    agent
        Names the tool to the publisher.
    pause_s
        Least time between two requests to one host.
    tries, backoff_s, longest_wait_s
        A request that may be repeated is, after backoff_s, twice that, four times that ..., each
        with jitter, or after what the publisher asks for, up to longest_wait_s.
    timeout_s
        Silence after which a connection is given up.
    patience_s, slowest_byte_s
        A download that after patience_s is slower than slowest_byte_s is given up.
    large_mb
        Size that is announced before it is downloaded.
    trusted_hosts
        Hosts spoken to without TLS although they are private. Empty outside tests.
    """

    agent: str = AGENT
    pause_s: float = 1.0
    tries: int = 4
    backoff_s: float = 2.0
    longest_wait_s: float = 60.0
    timeout_s: float = 30.0
    patience_s: float = 60.0
    slowest_byte_s: float = 500.0
    large_mb: float = 50.0
    trusted_hosts: frozenset[str] = frozenset()


def refuse_address(url: str, manners: HttpPolicy) -> None:
    """Raise SourceUnreachableError unless a URL is HTTPS to a public address.

    Looked at before connecting; `refuse_peer` looks again at whom the connection reached, so that
    a name that resolves differently the second time gains nothing.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in manners.trusted_hosts:
        return
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443):
        raise SourceUnreachableError(
            f"{shown(url)}: only https on its usual port, without a password, is spoken. "
            "Correct the address in the catalogue."
        )
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        raise SourceUnreachableError(
            f"{host}: no such host, or no network. Try again later, or give the file itself."
        ) from None
    for *_, address in found:
        refuse_private(str(address[0]), host)


def refuse_private(address: str, host: str) -> None:
    """Raise SourceUnreachableError for loopback, private, reserved or multicast addresses."""
    number = ipaddress.ip_address(address.partition("%")[0])
    plain = getattr(number, "ipv4_mapped", None) or number
    if not plain.is_global or plain.is_multicast:
        raise SourceUnreachableError(
            f"{host}: leads to an address that is not public; refused. Give the file itself."
        )


def same_publisher(host: str, other: str, allowed: tuple[str, ...]) -> bool:
    """Return whether a redirect from one host to another stays with the publisher."""
    first, second = host.lower().removeprefix("www."), other.lower().removeprefix("www.")
    return (
        first == second
        or second.endswith("." + first)
        or first.endswith("." + second)
        or other.lower() in allowed
    )


def shown(url: str) -> str:
    """Return a URL for messages: host and path, without query or password."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{parts.path}"[:120]


@dataclass
class Pace:
    """Keeps the pause between requests to one host."""

    pause_s: float
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    last: dict[str, float] = field(default_factory=dict)

    def wait(self, host: str) -> None:
        """Sleep until the host may be asked again."""
        now = self.clock()
        due = self.last.get(host, -1e9) + self.pause_s
        if due > now:
            self.sleep(due - now)
        self.last[host] = self.clock()
