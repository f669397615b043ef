"""A study's sources: from local files, the vault or publishers; kills, revisions, two at once."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from fetch import mirror
from fetch.mirror import File
from fetch.small_study import DEATHS, entry, study
from flows.fetch import supplied
from flows.fetch.catalogue import load
from flows.fetch.vault import Vault
from geo import sources
from geo.errors import EvidenceError, InputProblems, SourceUnreachableError
from geo.study import Source, parse


def test_offline_opens_no_socket(ask, monkeypatch, tmp_path, deaths_csv):
    def no_socket(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    (tmp_path / "d.csv").write_bytes(deaths_csv)
    catalogue = {"records": entry("https://example.org/d.csv")}
    with pytest.raises(InputProblems, match="run once without --offline"):
        ask(study(DEATHS), offline=True, catalogue=catalogue, refresh=True)
    local = Source(id="records", role="deaths", file="d.csv")
    ask(study(local), offline=True, folder=tmp_path, catalogue=catalogue)
    with pytest.raises(InputProblems, match="nor in the vault"):
        ask(study(DEATHS), offline=True, catalogue=catalogue)  # that file was another study's
    monkeypatch.undo()
    with mirror.mirror({"/d.csv": File(deaths_csv)}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        ask(study(DEATHS), catalogue=catalogue)
    monkeypatch.setattr(socket, "socket", no_socket)
    found, _ = ask(study(DEATHS), offline=True, catalogue=catalogue, refresh=True)
    assert len(found.snapshots["records"]) == 1, "what came once is there without a network"


def test_missing_sources_are_named_with_what_is_skipped_and_how_to_get_them(ask):
    optional = Source(id="eff-towers", role="towers", required=False)
    found, _ = ask(study(optional), offline=True, catalogue=load())
    gap = found.missing[0]
    assert "tower analyses" in gap.what
    assert "Electronic Frontier Foundation" in gap.how
    assert "--towers FILE" in gap.how
    required = study(
        Source(id="mine", role="deaths", file="nowhere.csv"), Source(id="b", role="border")
    )
    with pytest.raises(InputProblems) as caught:
        ask(required, offline=True)
    assert len(caught.value.problems) == 2, "all at once"


def test_a_stand_in_counts_only_where_the_better_source_is_not_there_and_is_named(ask, tmp_path):
    better = Source(id="better", role="places", file="a.csv", required=False)
    second = Source(id="second", role="places", file="b.csv", stands_in_for="better")
    (tmp_path / "b.csv").write_text("name,latitude,longitude\nSYN,31.5,-111.6\n")
    found, _ = ask(study(better, second), offline=True, folder=tmp_path)
    assert list(found.snapshots) == ["second"]
    assert found.missing[0].what == "the better places; second stands in for it"
    (tmp_path / "a.csv").write_text("name,latitude,longitude\nSYN,31.6,-111.6\n")
    found, _ = ask(study(better, second), offline=True, folder=tmp_path)
    assert list(found.snapshots) == ["better"]
    assert found.missing == ()
    with pytest.raises(InputProblems, match="stands_in_for names no places before it"):
        parse(study(second).toml(), "here")


def test_a_folder_and_a_shapefile_become_one_archive_with_equal_bytes(ask, tmp_path, vault):
    import geopandas as gpd
    from shapely.geometry import LineString

    line = gpd.GeoDataFrame({"NAME": ["x"]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4326)
    line.to_file(tmp_path / "line.shp")
    (tmp_path / "years").mkdir()
    for year in (2021, 2020):
        (tmp_path / "years" / f"{year}.json").write_text(json.dumps([{"a": str(year)}]))
    given = (
        Source(id="line", role="border", file="line.shp"),
        Source(id="years", role="crosscheck", file="years"),
    )
    first, _ = ask(study(*given), offline=True, folder=tmp_path)
    for path in tmp_path.rglob("*.json"):
        os.utime(path, (1e9, 1e9))
    again, _ = ask(study(*given), offline=True, folder=tmp_path, vault=Vault(tmp_path / "other"))
    for key, (snapshot,) in first.snapshots.items():
        assert again.snapshots[key][0].sha256 == snapshot.sha256
    reading = sources.read(vault.open(first.snapshots["line"][0]), role="border", source_id="line")
    assert len(reading.records) == 1


def test_a_second_fetch_asks_conditionally_and_keeps_the_snapshot(ask, deaths_csv):
    file = File(deaths_csv)
    with mirror.mirror({"/d.csv": file}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        first, said = ask(study(DEATHS), catalogue=catalogue)
        assert any("Names are published only after" in s for s in said), "terms are shown"
        ask(study(DEATHS), catalogue=catalogue)
        assert len(file.asked) == 1, "a run does not ask again for what the vault has"
        again, _ = ask(study(DEATHS), catalogue=catalogue, refresh=True)
    assert file.asked[1]["if-none-match"] == file.tag
    assert again.snapshots == first.snapshots
    assert again.changes == ("records: unchanged.",)


def test_revisions_are_said_in_counts_and_never_by_record(ask, deaths_csv):
    lines = deaths_csv.decode().splitlines(keepends=True)
    lines[1] = lines[1].replace("Unidentified", "WITHHELD-NAME-00001")
    lines[2] = lines[2].replace("-111.7", "-111.6")
    lines[3] = lines[3].replace("Exposure", "Drowning")
    del lines[10:12]
    lines.append(lines[1].replace("24-00000", "24-99999"))
    file = File(deaths_csv)
    with mirror.mirror({"/d.csv": file}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        ask(study(DEATHS), catalogue=catalogue)
        file.content = "".join(lines).encode()
        found, said = ask(study(DEATHS), catalogue=catalogue, refresh=True)
    text = " ".join([*found.changes, *said])
    for part in ("1 added", "2 removed", "1 moved", "1 reclassified", "1 identified"):
        assert part in text
    assert "WITHHELD-NAME" not in text
    assert "24-99999" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "fail",
    [mirror.status(500), mirror.status(404), mirror.status(403), mirror.resetting,
     mirror.status(200, None, b"<html>maintenance</html>"), mirror.truncated(0.5)],
    ids=["500", "404", "403", "reset", "html", "truncated"],
)  # fmt: skip
def test_whatever_fails_leaves_the_old_snapshot_in_use(ask, vault, deaths_csv, fail):
    file = File(deaths_csv)
    with mirror.mirror({"/d.csv": file}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        first, _ = ask(study(DEATHS), catalogue=catalogue)
        file.fail, file.etag = fail, False
        again, said = ask(study(DEATHS), catalogue=catalogue, refresh=True)
        assert again.snapshots == first.snapshots
        assert any("is used" in s for s in said)
        assert vault.open(first.snapshots["records"][0]).read_bytes() == deaths_csv
        with pytest.raises(SourceUnreachableError):
            ask(study(DEATHS), catalogue=catalogue, vault=Vault(vault.root.parent / "empty"))


def test_the_reason_why_a_source_is_not_reached_ends_without_a_full_stop(ask):
    """A plan sets one after it: with its own there were two."""
    optional = Source(id="records", role="crosscheck", required=False)
    gone = File(b"", fail=mirror.status(404))
    with mirror.mirror({"/d.csv": gone}) as base:
        found, _ = ask(study(optional), catalogue={"records": entry(base + "/d.csv")})
    (gap,) = found.missing
    assert "has no such file any more" in gap.why
    assert not gap.why.endswith(".")
    assert str(gap.unreachable) == f"{gap.why}."


def test_a_damaged_snapshot_is_found_at_use_and_fetched_anew(ask, vault, deaths_csv):
    with mirror.mirror({"/d.csv": File(deaths_csv)}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        found, _ = ask(study(DEATHS), catalogue=catalogue)
        (snapshot,) = found.snapshots["records"]
        vault.path(snapshot).chmod(0o600)
        vault.path(snapshot).write_bytes(b"x" * snapshot.size)
        with pytest.raises(EvidenceError, match="altered or damaged"):
            Vault(vault.root).open(snapshot)
        healed, _ = ask(study(DEATHS), catalogue=catalogue, refresh=True)
    assert vault.open(healed.snapshots["records"][0]).read_bytes() == deaths_csv


CHILD = """
import datetime as dt, sys
from pathlib import Path
sys.path.insert(0, "tests")
from fetch.small_study import DEATHS, entry, study
from flows.fetch import Ways, resolve, supplied
from flows.fetch.http_policy import HttpPolicy
from flows.fetch.vault import Vault
resolve(
    study(DEATHS), Vault(Path(sys.argv[1])), offline=False, local_data=None, study_folder=None,
    clock=lambda: dt.datetime.now(dt.UTC), progress=lambda *_: None,
    ways=Ways(True, print, {"records": entry(sys.argv[2], content="any")},
        HttpPolicy(pause_s=0, trusted_hosts=frozenset({"127.0.0.1"}))),
)
"""


def slow_body(handler, file):
    """Send the file so slowly that the reader can be killed in the middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(file.content)))
    for key, value in handler.marks(file).items():
        handler.send_header(key, value)
    handler.end_headers()
    try:
        for at in range(0, len(file.content), 50_000):
            handler.wfile.write(file.content[at : at + 50_000])
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        handler.close_connection = True


@pytest.mark.slow
def test_a_kill_during_the_download_then_resume(vault, ask):
    content = np.random.default_rng(1).bytes(10_000_000)
    file = File(content, kind="application/octet-stream", fail=slow_body, times=1)
    with mirror.mirror({"/d.bin": file}) as base:
        command = [sys.executable, "-c", CHILD, str(vault.root), base + "/d.bin"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        incoming = vault.root / "incoming"
        deadline = time.monotonic() + 60
        while (
            child.poll() is None
            and time.monotonic() < deadline
            and not any(p.stat().st_size > 500_000 for p in incoming.glob("*"))
        ):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert vault.latest("records") == (), "half a file is no snapshot"
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
    (snapshot,) = vault.latest("records")
    assert vault.open(snapshot).read_bytes() == content
    assert int(file.asked[1]["range"].removeprefix("bytes=").rstrip("-")) > 400_000
    assert not list(incoming.iterdir())


@pytest.mark.slow
def test_two_processes_fetch_one_study_and_the_publisher_is_asked_in_turn(vault, deaths_csv):
    file = File(deaths_csv)
    with mirror.mirror({"/d.csv": file}) as base:
        command = [sys.executable, "-c", CHILD, str(vault.root), base + "/d.csv"]
        running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
        assert [p.wait(120) for p in running] == [0, 0]
    assert len(vault.history("records")) == 1
    assert len(file.asked) == 2
    assert sum("if-none-match" in asked for asked in file.asked) == 1


def test_a_clock_is_given_not_read(ask, vault, deaths_csv):
    with mirror.mirror({"/d.csv": File(deaths_csv)}) as base:
        found, _ = ask(study(DEATHS), catalogue={"records": entry(base + "/d.csv")})
    assert dt.datetime.fromisoformat(found.snapshots["records"][0].retrieved_at).year == 2026


def test_two_vintages_of_one_source_are_never_handed_on_together(
    ask, tmp_path, deaths_csv, monkeypatch
):
    for name, content in (("old.csv", deaths_csv[:-200]), ("new.csv", deaths_csv)):
        (tmp_path / name).write_bytes(content[: content.rfind(b"\n") + 1])
    names = {("ogis-deaths", name) for name in ("old.csv", "new.csv")}
    monkeypatch.setattr(supplied, "shipped_files", lambda: frozenset(names))
    for name in ("new.csv", "old.csv"):
        named = Source(id="ogis-deaths", role="deaths", file=name)
        ask(study(named), offline=True, folder=tmp_path)
    for name in ("new.csv", "old.csv"):
        named = Source(id="ogis-deaths", role="deaths", file=name)
        found, _ = ask(study(named), offline=True)
        assert [s.name for s in found.snapshots["ogis-deaths"]] == [name]
    with pytest.raises(InputProblems):
        ask(study(Source(id="ogis-deaths", role="deaths")), offline=True)


def test_a_file_of_the_users_is_theirs_and_nobody_elses(ask, tmp_path, vault, deaths_csv):
    (tmp_path / "mine.csv").write_bytes(deaths_csv)
    given = Source(id="eff-towers", role="towers", file="mine.csv", credit="Ana's list")
    own = supplied.own_names(study(given), None)
    assert [s.id for s in own.sources] == ["own-towers"], "out of the publisher's slot"
    found, _ = ask(own, offline=True, folder=tmp_path)
    (snapshot,) = found.snapshots["own-towers"]
    assert (snapshot.publisher, snapshot.url) == ("supplied by the user", None)
    assert snapshot.title.startswith("Ana's list")
    assert snapshot.sha256 in snapshot.citation
    public = supplied.without_paths(own, None, found.snapshots)
    assert "mine.csv" not in public.toml()
    assert snapshot.sha256 in public.toml()
    (tmp_path / "mine.csv").unlink()
    again, _ = ask(public, offline=True)
    assert again.snapshots["own-towers"] == (snapshot,), "the public study finds it by its hash"
    for one in (Source(id="eff-towers", role="towers"), Source(id="own-towers", role="towers")):
        with pytest.raises(InputProblems):
            ask(study(one), offline=True, catalogue=load())


def test_a_file_beside_a_study_is_the_users_whatever_its_name(tmp_path):
    known = Source(id="border-line", role="border", file="boundaries/usmx84.zip")
    assert not supplied.is_supplied(known, tmp_path)
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "usmx84.zip").touch()
    assert supplied.is_supplied(known, tmp_path)


def test_record_by_record_only_where_it_is_asked_for(ask, vault, tmp_path, deaths_csv):
    from flows.fetch.changes import records

    snapshots = []
    for content in (deaths_csv, deaths_csv.replace(b'"31.650000"', b'"31.750000"')):
        (tmp_path / "d.csv").write_bytes(content)
        named = Source(id="records", role="deaths", file="d.csv")
        found, _ = ask(study(named), offline=True, folder=tmp_path)
        snapshots.append(found.snapshots["records"][0])
    rows = records(vault, DEATHS, *snapshots)
    assert list(rows["change"]) == ["moved"]


def test_a_path_that_was_typed_wrong_is_never_replaced_by_something_else(ask, tmp_path, deaths_csv):
    (tmp_path / "d.csv").write_bytes(deaths_csv)
    ask(study(Source(id="records", role="deaths", file="d.csv")), offline=True, folder=tmp_path)
    wrong = Source(id="records", role="deaths", file=str(tmp_path / "e.csv"))
    with pytest.raises(InputProblems, match=r"there is no file .*e\.csv"):
        ask(study(wrong), offline=True, folder=tmp_path, catalogue=load())
