"""What publishers hand out: tiles, windows, pages, a file a year, and archives that bite."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import numpy as np
import pytest
import rasterio

from fetch import mirror
from fetch.mirror import File
from fetch.small_study import DEATHS, entry, study
from flows.fetch.catalogue import Entry, load
from flows.fetch.connectors import wants
from geo import sources, terrain
from geo.errors import SourceUnreachableError
from geo.grid import make_grid
from geo.study import Source, parse


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
