"""What publishers do wrong, against one on this machine that does it."""

from __future__ import annotations

import datetime as dt
import io
import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
import rasterio
from fetch import mirror
from fetch.mirror import File
from provoking import Act, Case

from flows.fetch import publisher, windows
from flows.fetch.catalogue import load
from flows.fetch.http_policy import HttpPolicy, refuse_address
from flows.fetch.request import Want
from flows.fetch.vault import Vault
from flows.fetch.web import Web

MANNERS = HttpPolicy(
    pause_s=0, tries=2, backoff_s=0.001, timeout_s=1, patience_s=1,
    trusted_hosts=frozenset({"127.0.0.1"}),
)  # fmt: skip
TABLE = b"a,b\n" + b"1,2\n" * 500
AREA = (-112.0, 31.0, -111.0, 32.0)


def case(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"flows/fetch/{file}.py", where, what, act)


def asked(file: File, ask: Callable[[Web, Want, Path], object], **want: object) -> Act:
    """Ask a publisher that serves one file."""

    def act(folder: Path) -> object:
        files = {"/deaths.csv": file}
        with (
            mirror.mirror(files) as base,
            Web(MANNERS, sleep=lambda _s: None) as web,
        ):
            return ask(web, Want(base + "/deaths.csv", "deaths.csv", "csv", **want), folder)

    return act


def down(web: Web, want: Want, folder: Path) -> object:
    return web.download(want, folder / "part")


def part(web: Web, want: Want, _folder: Path) -> object:
    return web.ranged(want, 0, 100)


def served(fail: object, ask: Callable[[Web, Want, Path], object] = down, **want: object) -> Act:
    return asked(File(TABLE, fail=fail), ask, **want)


def nameless(handler: mirror.Handler, file: File) -> None:
    handler.plain(206, file.content[:100], {"Content-Range": "bytes what/ever"})


def too_much(handler: mirror.Handler, file: File) -> None:
    handler.plain(206, file.content, {"Content-Range": f"bytes 0-99/{len(file.content)}"})


def unknown_host(_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", _no_name)
        return refuse_address("https://publisher.example/x", HttpPolicy())


def _no_name(*_given: object, **_more: object) -> object:
    raise socket.gaierror


def unvouched(folder: Path) -> object:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no") from ssl.SSLError("certificate")

    with Web(MANNERS) as web:
        web.client = httpx.Client(transport=httpx.MockTransport(refuse))
        return web.download(Want("https://127.0.0.1/x", "x"), folder / "part")


class Pages:
    """Answers of a publisher, one after the other; the last one again and again."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.announce = lambda _said: None

    def download(self, _want: Want, part: Path) -> object:
        kind, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        part.write_text(json.dumps(said))
        return SimpleNamespace(kind=kind, url="", etag=None, last_modified=None)


def published(kind: str, *answers: object) -> Act:
    """Retrieve a source of the catalogue of a kind from a publisher that answers so."""

    def act(folder: Path) -> object:
        name, one = next((n, e) for n, e in load().items() if e.kind == kind and not e.windowed)
        at = publisher.Publisher(
            Pages(*answers), Vault(folder / "vault"), lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        )
        if kind == "arcgis":
            return at._paged(name, one, Want("https://publisher.example/x", "x"))
        return at._whole(name, one, Want("https://publisher.example/x", "x"))

    return act


FULL = ("new", {"features": [1], "exceededTransferLimit": True})


class Tile:
    """A raster of a publisher, in ranges."""

    def __init__(self, content: bytes, *tags: str) -> None:
        self.content, self.tags = content, list(tags)

    def ranged(self, _want: Want, start: int, stop: int) -> tuple[bytes, int, str | None]:
        tag = self.tags.pop(0) if self.tags else "new"
        return self.content[start:stop], len(self.content), tag


def large() -> bytes:
    side = 900
    noise = np.random.default_rng(1).integers(0, 2**15, (side, side)).astype(np.int16)
    out = io.BytesIO()
    with rasterio.MemoryFile() as memory:
        with memory.open(
            driver="GTiff", height=side, width=side, count=1, dtype="int16", crs="EPSG:4326",
            transform=rasterio.transform.from_bounds(*AREA, side, side),
        ) as made:  # fmt: skip
            made.write(noise, 1)
        out.write(memory.read())
    return out.getvalue()


def tile(content: bytes, *tags: str, max_bytes: int = 10**9) -> Act:
    want = Want("https://publisher.example/N31.tif", "N31.tif", "tiff", max_bytes=max_bytes)
    return lambda _: windows.cut(Tile(content, *tags), want, AREA)


CASES = [
    case("http_policy", "publisher.example", "only https",
         lambda _: refuse_address("ftp://publisher.example/x", HttpPolicy())),
    case("http_policy", "publisher.example", "no such host", unknown_host),
    case("http_policy", "127.0.0.1", "not public",
         lambda _: refuse_address("https://127.0.0.1/x", HttpPolicy())),
    case("request", "elsewhere.example", "not the publisher",
         served(mirror.redirect("https://elsewhere.example/x"))),
    case("request", "deaths.csv", "without end", served(mirror.redirect("/deaths.csv"))),
    case("request", "127.0.0.1", "certificate", unvouched),
    case("web", "deaths.csv", "after 2 attempts", served(mirror.status(503))),
    case("web", "deaths.csv", "after 2 attempts", served(mirror.status(503), part)),
    case("web", "deaths.csv", "asks to wait", served(mirror.status(503, {"Retry-After": "90000"}))),
    case("web", "deaths.csv", "in parts", asked(File(TABLE, ranges=False), part)),
    case("web", "deaths.csv", "web page", asked(File(b"<html>sorry</html>"), down)),
    case("web", "deaths.csv", "packed bytes", served(mirror.packed(TABLE))),
    case("web", "deaths.csv", "claims", asked(File(TABLE), down, max_bytes=10)),
    case("web", "deaths.csv", "sends more", served(mirror.endless, max_bytes=10_000)),
    case("web", "deaths.csv", "answered 401", served(mirror.status(401))),
    case("web", "deaths.csv", "did not say which", served(nameless, part)),
    case("web", "deaths.csv", "more than was asked for", served(too_much, part)),
    case("publisher", "", "no such file any more", published("file", ("absent", None))),
    case("publisher", "", "no such layer", published("arcgis", ("absent", None))),
    case("publisher", "", "no features", published("arcgis", ("new", {}))),
    case("publisher", "", "without end", published("arcgis", FULL)),
    case("publisher", "", "for this area and time",
         lambda _: publisher._some((), next(iter(load().values())))),
    case("windows", "N31.tif", "larger than", tile(large(), max_bytes=300_000)),
    case("windows", "N31.tif", "changed at the publisher", tile(large(), "old")),
    case("windows", "N31.tif", "cannot be read", tile(b"no raster at all" * 99)),
]  # fmt: skip
