"""A study's sources: from local files, the vault or publishers; kills, revisions, two at once."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
import rasterio

from fetch import mirror
from fetch.mirror import File
from flows.fetch import Ways, resolve, supplied
from flows.fetch.catalogue import Entry, load
from flows.fetch.connectors import wants
from flows.fetch.vault import Vault
from geo import sources, terrain
from geo.errors import EvidenceError, InputProblems, SourceUnreachableError
from geo.grid import make_grid
from geo.study import Source, parse

STUDY = """
name = "here"
title = "Here"
as_of = 2024-10-01
seed = 1
crs = "EPSG:32612"
bounds_lonlat = [-111.8, 31.3, -111.4, 31.7]
pre_tower = [2000-10-01, 2007-06-01]
[grid]
resolution_m = 1000
[[periods]]
id = "all"
label = "All"
start = 2021-10-01
end = 2024-10-01
"""


def study(*given):
    return parse(STUDY, "here").model_copy(update={"sources": tuple(given)})


def entry(url, **fields):
    base = load()["ogis-deaths"].model_dump()
    return Entry.model_validate({**base, "url": url, "hosts": (), **fields})


@pytest.fixture
def ask(vault, manners, clock):
    def ask(one, *, offline=False, folder=None, catalogue=None, refresh=False, vault=vault):
        said: list[str] = []
        ways = Ways(refresh, said.append, catalogue or {}, manners)
        found = resolve(
            one, vault, offline=offline, local_data=folder, study_folder=None, clock=clock,
            progress=lambda *_: None, ways=ways,
        )  # fmt: skip
        return found, said

    return ask


DEATHS = Source(id="records", role="deaths")


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
from fetch.test_resolve import DEATHS, entry, study
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


def test_tiles_of_the_studys_area_and_seas_without_a_tile(ask, vault, ramp):
    one = study(Source(id="dem", role="elevation"))
    wide = one.model_copy(update={"bounds_lonlat": (-112.2, 31.3, -111.4, 31.7)})
    file = File(ramp, kind="image/tiff")
    path = "/Copernicus_DSM_COG_10_N31_00_W112_00_DEM.tif"
    with mirror.mirror({path: file}) as base:
        base_entry = load()["copernicus-glo30"].model_dump()
        url = base + "/Copernicus_DSM_COG_10_{tile}_DEM.tif"
        catalogue = {"dem": Entry.model_validate({**base_entry, "url": url})}
        found, _ = ask(wide, catalogue=catalogue)
        asked = len(file.asked)
        ask(wide, catalogue=catalogue)
        assert len(file.asked) == asked, "what is there, and what is sea, is not asked for again"
        wider = one.model_copy(update={"bounds_lonlat": (-113.2, 31.3, -111.4, 31.7)})
        ask(wider, catalogue=catalogue)
        assert len(file.asked) == asked + 1, "a wider study asks for what is not there yet"
    (snapshot,) = found.snapshots["dem"]
    kept = vault.open(snapshot)
    assert kept.name == path.strip("/")
    assert terrain.describe(kept).datum == "EGM2008"
    offline, _ = ask(one, offline=True, catalogue=catalogue)
    assert offline.snapshots == found.snapshots


def test_an_srtm_tile_that_is_a_gzip_bomb_is_an_error(ask, vault):
    one = study(Source(id="dem", role="elevation"))
    tile = (np.arange(1201 * 1201) % 900).astype(">i2").tobytes()
    for content, whole in ((tile, True), (b"\0" * 300_000_000, False)):
        file = File(gzip.compress(content, 1), kind="application/gzip")
        with mirror.mirror({"/N31/N31W112.hgt.gz": file}) as base:
            fields = load()["srtm-skadi"].model_dump()
            url = base + "/{tile_row}/{tile}.hgt.gz"
            catalogue = {"dem": Entry.model_validate({**fields, "url": url})}
            found, _ = ask(one, catalogue=catalogue, refresh=True)
        paths = [vault.open(s) for s in found.snapshots["dem"]]
        grid = make_grid((-111.8, 31.3, -111.4, 31.7), "EPSG:32612", 1000)
        problems = terrain.check(paths, grid)
        assert (problems == []) is whole
        if not whole:
            assert "are no SRTM tile" in problems[0].what


def test_a_window_is_read_by_range_and_keeps_the_publishers_cells(ask, vault, ramp):
    one = study(Source(id="dem", role="elevation"))
    file = File(ramp, kind="image/tiff")
    with mirror.mirror({"/USGS_13_n32w112.tif": file}) as base:
        fields = load()["usgs-3dep"].model_dump()
        url = base + "/USGS_13_{tile}.tif"
        catalogue = {"dem": Entry.model_validate({**fields, "url": url})}
        found, _ = ask(one, catalogue=catalogue)
    assert all("range" in asked for asked in file.asked)
    (snapshot,) = found.snapshots["dem"]
    assert snapshot.size < len(ramp) / 2
    with rasterio.open(vault.open(snapshot)) as cut, rasterio.MemoryFile(ramp) as whole:
        with whole.open() as source:
            x, y = -111.6, 31.5
            assert next(cut.sample([(x, y)])) == next(source.sample([(x, y)]))
            assert cut.res == pytest.approx(source.res)
        assert cut.bounds.left <= -111.8 + 1e-9
        assert cut.bounds.top >= 31.7 - 1e-9


def feature(n):
    return {
        "type": "Feature",
        "properties": {"OBJECTID": n, "status": "Complete"},
        "geometry": {"type": "LineString", "coordinates": [[-111 - n, 31], [-111 - n, 31.1]]},
    }


def test_a_feature_service_is_paged_to_its_end(ask, vault):
    one = study(Source(id="wall", role="border"))
    pages = {
        "/q?o=0": {
            "features": [feature(0), feature(1)],
            "properties": {"exceededTransferLimit": True},
        },
        "/q?o=2": {"features": [feature(2), feature(3)], "exceededTransferLimit": True},
        "/q?o=4": {"features": [feature(4)]},
    }
    files = {
        k: File(json.dumps({"type": "FeatureCollection", **v}).encode()) for k, v in pages.items()
    }
    fields = {**load()["cbp-smart-wall"].model_dump()}
    with mirror.mirror(files) as base:
        catalogue = {"wall": Entry.model_validate({**fields, "url": base + "/q?o={offset}"})}
        found, _ = ask(one, catalogue=catalogue)
        reading = sources.read(
            vault.open(found.snapshots["wall"][0]), role="border", source_id="wall"
        )
        assert len(reading.records) == 5
        files["/q?o=2"].content = b'{"error": {"code": 400}}'
        again, said = ask(one, catalogue=catalogue, refresh=True)
    assert again.snapshots == found.snapshots
    assert any("answered with an error" in s for s in said)


def test_one_file_a_year_becomes_one_snapshot(ask, vault):
    one = study(Source(id="iom", role="crosscheck"))
    row = {
        "web_id": "2022.MMP1", "region": "North America", "reported_date": "2022-05-01",
        "total_dead_and_missing": "2", "cause_death": "Drowning", "source_quality": "5",
        "location_coodinates": "31.5, -111.5", "migration_route": "US-Mexico border crossing",
        "information_source": "PCOME", "number_dead": "2", "location_description": "x\n",
        "url": "https://example.org",
    }  # fmt: skip
    files = {
        f"/{year}/json": File(json.dumps([{**row, "web_id": f"{year}.MMP1"}]).encode())
        for year in (2021, 2022, 2023)
    }
    fields = load()["iom-missing-migrants"].model_dump()
    with mirror.mirror(files) as base:
        catalogue = {"iom": Entry.model_validate({**fields, "url": base + "/{year}/json"})}
        found, _ = ask(one, catalogue=catalogue)
        again, _ = ask(one, catalogue=catalogue, refresh=True)
    assert again.snapshots == found.snapshots
    reading = sources.read(
        vault.open(found.snapshots["iom"][0]), role="crosscheck", source_id="iom"
    )
    assert reading.counts["read"] == 3
    assert reading.records["persons"].sum() == 6
    assert reading.records["us_mexico"].all()


def test_archives_that_bite_are_refused(ask, vault):
    one = study(Source(id="roads", role="roads"))

    def archive(build):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            build(z)
        return out.getvalue()

    def link(z):
        info = zipfile.ZipInfo("link.shp")
        info.external_attr = 0o120777 << 16
        z.writestr(info, "/etc/passwd")

    cases = {
        "outside": archive(lambda z: z.writestr("../../evil.shp", b"x")),
        "claims": archive(lambda z: z.writestr("bomb.shp", b"\0" * 60_000_000)),
        "a link": archive(link),
        "files in one archive": archive(lambda z: [z.writestr(f"{n}", b"") for n in range(2500)]),
        "damaged": archive(lambda z: z.writestr("a.shp", b"x" * 5000))[:-30],
    }
    fields = load()["tiger-roads"].model_dump()
    for message, content in cases.items():
        with mirror.mirror({"/r.zip": File(content, kind="application/zip")}) as base:
            catalogue = {"roads": Entry.model_validate({**fields, "url": base + "/r.zip"})}
            with pytest.raises(SourceUnreachableError, match=message):
                ask(one, catalogue=catalogue)
    assert vault.latest("roads") == ()


def test_every_pattern_of_the_catalogue_fills_in_for_the_real_area():
    from importlib import resources

    text = resources.files("data").joinpath("studies", "arizona.toml").read_text("utf-8")
    arizona = parse(text, "arizona")
    expected = {
        "copernicus-glo30": (18, "Copernicus_DSM_COG_10_N31_00_W112_00_DEM.tif"),
        "srtm-skadi": (18, "skadi/N31/N31W112.hgt.gz"),
        "usgs-3dep": (18, "n32w112/USGS_13_n32w112.tif"),
        "esa-worldcover": (6, "2021_v200_N30W114_Map.tif"),
        "iom-missing-migrants": (13, "global-figures/2026/json"),
        "gridmet-tmmx": (27, "tmmx_2000.nc"),
        "daymet": (1, "lat=32.6000&lon=-111.9500&vars=dayl,tmax,tmin,srad,vp&start=2000-01-01"),
        "ghcn-daily": (1, "startDate=2000-01-01&endDate=2024-01-01"),
    }
    for source_id, one in load().items():
        assert one.publisher
        assert one.licence
        assert one.citation
        # what ships with the program has its page there too
        assert one.landing.startswith("https://") or one.kind == "package"
        if not one.fetchable:
            continue
        wanted = wants(source_id, one, arizona)
        assert all(w.url.startswith("https://") and "{" not in w.url for w in wanted)
        assert len({w.name for w in wanted}) == len(wanted)
        if source_id in expected:
            number, part = expected[source_id]
            assert len(wanted) == number, source_id
            assert any(part in w.url for w in wanted), (source_id, [w.url for w in wanted][:2])


def test_changed_layouts_are_kept_and_named(ask, vault, deaths_csv):
    file = File(deaths_csv)
    with mirror.mirror({"/d.csv": file}) as base:
        catalogue = {"records": entry(base + "/d.csv")}
        ask(study(DEATHS), catalogue=catalogue)
        file.content = deaths_csv.replace(b"Reporting Date", b"Report Date", 1)
        found, _ = ask(study(DEATHS), catalogue=catalogue, refresh=True)
    assert '"Reporting Date" for found_on (renamed to "Report Date"?)' in found.changes[0]


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
