"""Every way in which a download can go wrong ends in whole bytes or in a clear error."""

from __future__ import annotations

import gzip

import pytest

from fetch import mirror
from fetch.mirror import File
from flows.fetch.http_policy import HttpPolicy, refuse_address, refuse_private, same_publisher
from flows.fetch.request import Want
from flows.fetch.web import Web
from geo.errors import SourceUnreachableError


def get(web, files, path="/deaths.csv", **options):
    with mirror.mirror(files) as base:
        want = Want(base + path, "deaths.csv", options.pop("content", "csv"), **options)
        answer = web.download(want, options.get("part", web.part))
        return answer, web.part.read_bytes() if web.part.exists() else b""


def once(web):
    return Web(HttpPolicy(**{**web.manners.__dict__, "tries": 1}))


@pytest.fixture(autouse=True)
def part(web, tmp_path):
    web.part = tmp_path / "part"
    return web.part


def test_a_whole_file_arrives_with_its_validators_and_the_tool_names_itself(web, deaths_csv):
    file = File(deaths_csv)
    answer, content = get(web, {"/deaths.csv": file})
    assert content == deaths_csv
    assert answer.kind == "new"
    assert answer.etag == file.tag
    assert file.asked[0]["user-agent"].startswith("funnel-effect/")
    assert file.asked[0]["accept-encoding"] == "identity"
    assert any("MB are being retrieved" in s for s in web.said), "a large one is announced"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_truncated_download_goes_on_where_it_broke_off(web, deaths_csv, share):
    file = File(deaths_csv, fail=mirror.truncated(share), times=1)
    _, content = get(web, {"/deaths.csv": file})
    assert content == deaths_csv
    if share > 0:
        start = int(file.asked[1]["range"].removeprefix("bytes=").rstrip("-"))
        assert start == int(len(deaths_csv) * share)
        assert file.asked[1]["if-range"] == file.tag


def test_a_file_that_changed_meanwhile_starts_again(web, deaths_csv):
    file = File(deaths_csv, fail=mirror.truncated(0.5), times=1)
    newer = File(deaths_csv.replace(b"Private", b"Bureau!"))
    with mirror.mirror({"/deaths.csv": file}) as base:
        want = Want(base + "/deaths.csv", "deaths.csv", "csv")
        with once(web) as single, pytest.raises(SourceUnreachableError):
            single.download(want, web.part)
        assert 0 < web.part.stat().st_size < len(deaths_csv)
        newer.asked = file.asked
        file.content, file.fail = newer.content, None
        web.download(Want(base + "/deaths.csv", "deaths.csv", "csv"), web.part)
    assert web.part.read_bytes() == newer.content, "no mixture of two versions"


def test_without_ranges_or_validators_it_starts_again(web, deaths_csv):
    for options in ({"ranges": False}, {"etag": False}):
        file = File(deaths_csv, fail=mirror.truncated(0.5), times=1, **options)
        assert get(web, {"/deaths.csv": file})[1] == deaths_csv


@pytest.mark.parametrize(
    "fail",
    [mirror.resetting, mirror.dripping, mirror.silent, mirror.status(500), mirror.status(503),
     mirror.status(429, {"Retry-After": "1"})],
    ids=["reset", "drip", "silence", "500", "503", "429"],
)  # fmt: skip
def test_what_passes_is_tried_again_and_what_stays_is_said(web, deaths_csv, fail):
    assert get(web, {"/deaths.csv": File(deaths_csv, fail=fail, times=1)})[1] == deaths_csv
    web.part.unlink()
    file = File(deaths_csv, etag=False, fail=fail)
    with pytest.raises(SourceUnreachableError, match=r"after 3 attempts\. Try again later"):
        get(web, {"/deaths.csv": file})
    assert len(file.asked) == 3


@pytest.mark.parametrize(
    ("fail", "message", "attempts"),
    [
        (mirror.status(403), r"answered 403\. It refuses", 1),
        (mirror.status(401), r"asks for a login", 1),
        (mirror.status(400), r"answered 400", 1),
        (mirror.status(429, {"Retry-After": "86400"}), "asks to wait 86400 s", 1),
        (mirror.with_length(2_000_000_000), "claims 2,000 MB", 1),
        (mirror.packed(gzip.compress(b"0" * 50_000_000)), "packed bytes", 1),
        (mirror.endless, "sends more than the 5 MB", 1),
        (mirror.status(200, None, b"<!DOCTYPE html><html>Sign in</html>"), "web page", 1),
        (mirror.status(200, None, b""), "empty", 1),
        (mirror.redirect("https://example.org/elsewhere.csv"), "not the publisher", 1),
        (mirror.redirect("http://127.0.0.2:1/x"), "not the publisher", 1),
        (mirror.redirect("file:///etc/passwd"), "not the publisher", 1),
        (mirror.redirect("/deaths.csv"), "redirects without end", 6),
    ],
)
def test_what_will_not_pass_is_refused_at_once(web, deaths_csv, fail, message, attempts):
    file = File(deaths_csv, fail=fail)
    with pytest.raises(SourceUnreachableError, match=message):
        get(web, {"/deaths.csv": file}, max_bytes=5_000_000)
    assert len(file.asked) == attempts


def test_wrong_length_is_noticed_both_ways(web, deaths_csv):
    longer = File(deaths_csv, etag=False, fail=mirror.with_length(len(deaths_csv) + 100))
    with pytest.raises(SourceUnreachableError, match="broke off in the middle"):
        get(web, {"/deaths.csv": longer})
    cut = len(deaths_csv) - 150
    shorter = File(deaths_csv, etag=False, fail=mirror.with_length(cut))
    with pytest.raises(SourceUnreachableError, match="cut off"):
        get(web, {"/deaths.csv": shorter})


def test_redirects_within_the_publisher_304_and_404(web, deaths_csv):
    file = File(deaths_csv)
    moved = File(b"", fail=mirror.redirect("/new.csv", 302))
    assert get(web, {"/deaths.csv": moved, "/new.csv": file})[1] == deaths_csv
    same, _ = get(web, {"/deaths.csv": file}, etag=file.tag)
    assert same.kind == "same"
    assert get(web, {})[0].kind == "absent"


def test_416_forgets_the_part(web, deaths_csv):
    file = File(deaths_csv, fail=mirror.truncated(0.9), times=1)
    with mirror.mirror({"/deaths.csv": file}) as base:
        want = Want(base + "/deaths.csv", "deaths.csv", "csv")
        with once(web) as single, pytest.raises(SourceUnreachableError):
            single.download(want, web.part)
        web.part.write_bytes(deaths_csv + b"too much")
        web.download(want, web.part)
    assert web.part.read_bytes() == deaths_csv


@pytest.mark.parametrize(
    "url",
    [
        "http://humaneborders.info/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://user:secret@93.184.216.34/x",
        "https://93.184.216.34:8443/x",
        "ftp://93.184.216.34/x",
    ],
)
def test_private_places_are_never_spoken_to(url):
    with pytest.raises(SourceUnreachableError) as caught:
        refuse_address(url, HttpPolicy())
    assert "secret" not in str(caught.value)


def test_private_addresses_by_kind():
    for address in ("10.1.2.3", "192.168.0.1", "100.64.0.1", "fd00::1", "0.0.0.0", "224.0.0.1"):  # noqa: S104 - refused
        with pytest.raises(SourceUnreachableError, match="not public"):
            refuse_private(address, "host")
    refuse_private("93.184.216.34", "host")


def test_the_reached_peer_is_checked_even_if_the_name_looked_public(
    deaths_csv, monkeypatch, tmp_path
):
    """A name that resolves to a public address first and to a private one then gains nothing."""
    from flows.fetch import request as module

    monkeypatch.setattr(module, "refuse_address", lambda _url, _manners: None)
    with (
        mirror.mirror({"/x": File(deaths_csv)}) as base,
        Web(HttpPolicy(pause_s=0)) as plain,
        pytest.raises(SourceUnreachableError, match="not public"),
    ):
        plain.download(Want(base + "/x", "x"), tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_same_publisher():
    assert same_publisher("www.census.gov", "www2.census.gov", ("www2.census.gov",))
    assert same_publisher("example.org", "www.example.org", ())
    assert same_publisher("example.org", "data.example.org", ())
    assert not same_publisher("a.amazonaws.com", "b.amazonaws.com", ())
    assert not same_publisher("example.org", "evilexample.org", ())


def test_hosts_are_asked_no_faster_than_the_pause():
    from flows.fetch.http_policy import Pace

    now = [0.0]
    slept: list[float] = []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(1.0, sleep, lambda: now[0])
    for host in ("a", "a", "b", "a"):
        pace.wait(host)
    assert slept == [1.0, 1.0]
