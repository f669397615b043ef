"""Ask a time-stamping authority (RFC 3161) for a token."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from flows.fetch.http_policy import AGENT
from geo.errors import SourceUnreachableError

LARGEST = 1_000_000
"""Bytes of an answer; one with its chain of certificates has some 10 thousand."""
TIMEOUT_S = 30.0
ANSWER = "application/timestamp-reply"


def ask(address: str, query: bytes) -> bytes:
    """Post a request for a time stamp and return the answer as it came.

    Plain HTTP is let through: the answer carries its own signature, and the request holds nothing
    but a hash and a random number. Redirects are not followed.

    Raises
    ------
    SourceUnreachableError
        If the authority is out of reach or answers with anything but a time stamp.
    """
    host = urlsplit(address).hostname
    if urlsplit(address).scheme not in ("http", "https") or not host:
        raise SourceUnreachableError(
            f"{address[:80]!r} is no address of an authority. Give one that begins with https://."
        )
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": AGENT}
    try:
        with httpx.stream(
            "POST", address, content=query, headers=headers, timeout=TIMEOUT_S, trust_env=True
        ) as response:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != httpx.codes.OK or kind != ANSWER:
                raise SourceUnreachableError(
                    f"{host}: answers {response.status_code} ({kind or 'no kind'}) and not with a "
                    "time stamp. Check the address; --request FILE writes the request for another."
                )
            return _body(response, host)
    except httpx.HTTPError as error:
        raise SourceUnreachableError(
            f"{host}: out of reach ({type(error).__name__}). Try again, or carry the request of "
            "--request FILE to an authority and give its answer as --token FILE."
        ) from None


def _body(response: httpx.Response, host: str) -> bytes:
    content = b""
    for block in response.iter_bytes():
        content += block
        if len(content) > LARGEST:
            raise SourceUnreachableError(
                f"{host}: the answer is too large to be a time stamp. Check the address."
            )
    return content
