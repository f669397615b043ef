"""Every publisher of the study `arizona` on this machine, with made-up files in their layouts.

Paths are the publishers' own, below their host; nothing is about a real person, place or tower.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
from fetch.mirror import File, mirror
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from shapely.geometry import LineString, Point, box

from flows.fetch import Ways
from flows.fetch.catalogue import Entry, load
from flows.fetch.connectors import wants
from flows.fetch.http_policy import HttpPolicy
from flows.fetch.web import Web
from geo.study import Study

AREA = (-114.9, 31.2, -109.0, 34.0)
BORDER = [(-117.2, 32.54), (-114.81, 32.49), (-111.07, 31.33), (-108.2, 31.33)]
PRECISE = "GPS Coordinate (precise to within ca. 300ft./100m)"
CORRIDORS = ("Ajo", "San Miguel", "Sasabe", "Nogales", "Patagonia", "Douglas")
RECORDS = 1_500
SEA = (-115, 31)
"""South-west corner of the one tile that a publisher does not have: sea."""


def tiff(west: float, north: float, side: float, cells: int, fill: Callable, dtype: str) -> bytes:
    """Return a tile; `fill` gets longitude and latitude of its cells."""
    step = side / cells
    lon = west + step * (np.arange(cells) + 0.5)
    lat = north - step * (np.arange(cells) + 0.5)
    values = fill(*np.meshgrid(lon, lat)).astype(dtype)
    shape = {"height": cells, "width": cells, "tiled": True, "blockxsize": 16, "blockysize": 16}
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", count=1, dtype=dtype, crs="EPSG:4326",
            transform=from_origin(west, north, step, step), **shape,
        ) as out:  # fmt: skip
            out.write(values, 1)
        return memory.read()


def heights(lon, lat):
    return 500 + 300 * np.sin(5 * lon) * np.cos(7 * lat) + 100 * (lat - 31)


def classes(lon, lat):
    return np.choose((np.floor(40 * lon) + np.floor(40 * lat)).astype(int) % 3, [20, 30, 60])


def on_the_border(lon):
    """Latitude of the made-up border."""
    x, y = zip(*BORDER, strict=True)
    return np.interp(lon, x, y)


def deaths(rows: int = RECORDS, last: str = "2024-09-30") -> bytes:
    """Return records in the publisher's layout, with its corridor labels."""
    rng = np.random.default_rng(11)
    lon = rng.uniform(AREA[0] + 1, AREA[2] - 0.1, rows)
    lat = on_the_border(lon) + rng.uniform(0.05, 1.2, rows)
    first = pd.Timestamp("2000-10-02")
    days = rng.integers(0, (pd.Timestamp(last) - first).days, rows)
    found = (first + pd.to_timedelta(days, unit="D")).strftime("%Y-%m-%d")
    span = (AREA[2] - AREA[0] - 1) / len(CORRIDORS)
    number = np.clip(((lon - AREA[0] - 1) / span).astype(int), 0, len(CORRIDORS) - 1)
    frame = pd.DataFrame({"ML Number": [f"{d[2:4]}-{n:05d}" for n, d in enumerate(found)]})
    given = {
        "Name": "Unidentified", "Sex": "male", "Age": "", "Reporting Date": found,
        "Surface Management": "Private", "Location": "", "Location Precision": PRECISE,
        "Corridor Code": number + 1, "Corridor": [CORRIDORS[n] for n in number],
        "Cause of Death": "Exposure", "OME Determined COD": "", "Condition Code": "1",
        "Body Condition": "", "Post Mortem Interval": "< 1 day ", "State": "Arizona",
        "County": "Pima", "Latitude": lat.round(6), "Longitude": lon.round(6), "UTM X": "",
        "UTM Y": "",
    }  # fmt: skip
    frame = frame.assign(**given)
    return frame.to_csv(index=False, quoting=csv.QUOTE_ALL).encode()


def incidents(year: int) -> bytes:
    rows = [
        {"web_id": f"{year}.MMP{n}", "region": "North America", "reported_date": f"{year}-0{n}-11",
         "number_dead": "1", "number_missing": "", "total_dead_and_missing": "1",
         "number_of_survivors": "", "number_of_female": "", "number_of_male": "",
         "number_of_child": "", "cause_death": "Harsh environmental conditions",
         "country_of_incident": "United States of America", "location_description": "MADE UP",
         "unsd_geographic_grouping": "Northern America",
         "location_coodinates": f"31.{n}, -111.{n}", "migration_route": "US-Mexico border crossing",
         "information_source": "MADE UP", "url": "", "source_quality": "3"}
        for n in range(1, 8)
    ]  # fmt: skip
    return json.dumps(rows).encode()


def weather() -> bytes:
    """Return days of a flux tower: 33 columns without a header."""
    rows = []
    for day in pd.date_range("2007-07-01", "2009-12-31"):
        warm = 20 - 12 * np.cos(2 * np.pi * (day.day_of_year - 15) / 365)
        cells = [day.year, day.month, day.day, 0.0, warm + 8, warm - 8, warm, 280, 320, 30, 88, 2]
        rows.append(" ".join([*(f"{c:g}" for c in cells), *["-9999"] * (33 - len(cells))]))
    return ("\n".join(rows) + "\n").encode()


def radio_sites() -> bytes:
    header = {
        "license_id": 1, "source_system": "ELS", "callsign": "WA2XXX", "lic_name": "MADE UP",
        "radio_service_desc": "Experimental Testing", "rollup_entity_desc": "Business",
        "entity_type_desc": "Unknown", "grant_date": "2015-01-01", "expired_date": "2017-01-01",
        "hgt_structure": "", "ground_elevation": "", "frequency_assigned": 457.4,
        "loc_lat_deg": 31, "loc_long_deg": 111, "lat": 31.5, "long": -111.2,
    }  # fmt: skip
    return pd.DataFrame([header]).to_csv(index=False).encode()


def zipped(frame: gpd.GeoDataFrame, stem: str, *, mac: bool = False) -> bytes:
    """Return a zipped shapefile, in a folder of its own beside a Mac's twin if so wanted."""
    out = io.BytesIO()
    with TemporaryDirectory() as folder, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        frame.to_file(Path(folder) / f"{stem}.shp")
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, f"{stem}/{path.name}" if mac else path.name)
            if mac:
                archive.writestr(f"__MACOSX/{stem}/._{path.name}", b"\x00\x05\x16\x07")
    return out.getvalue()


def border() -> bytes:
    line = gpd.GeoDataFrame({"src_name": ["MADE UP"]}, geometry=[LineString(BORDER)], crs=4326)
    return zipped(line, "usmx84", mac=True)


def roads() -> bytes:
    lines = [
        LineString([(-114.7, 33.3), (-109.2, 33.3)]),
        LineString([(-112.6, 32.2), (-112.6, 33.3)]),
        # as in the real file, a highway that begins on the border itself
        LineString([(-111.07, 31.33), (-111.0, 33.3)]),
    ]
    frame = {"LINEARID": ["1", "2", "3"], "FULLNAME": "MADE UP", "RTTYP": "I", "MTFCC": "S1100"}
    return zipped(gpd.GeoDataFrame(frame, geometry=lines, crs=4269), "tl_2021_04_prisecroads")


def places() -> bytes:
    towns = [Point(-111.0, 32.9).buffer(0.1), Point(-112.6, 33.2).buffer(0.1)]
    frame = {"NAME": ["MADE UP A", "MADE UP B"], "NAMELSAD": ["MADE UP A city", "MADE UP B town"]}
    return zipped(gpd.GeoDataFrame(frame, geometry=towns, crs=4269), "tl_2021_04_place")


def nations() -> bytes:
    outline = [Point(-112.0, 32.0).buffer(0.4)]
    frame = {"AIANNHCE": ["9999"], "NAME": ["MADE UP"], "NAMELSAD": ["MADE UP Nation Reservation"]}
    return zipped(gpd.GeoDataFrame(frame, geometry=outline, crs=4269), "tl_2021_us_aiannh")


def counties() -> bytes:
    frame = {"STATEFP": ["04"], "COUNTYFP": ["099"], "NAME": ["MADE UP"],
             "NAMELSAD": ["MADE UP County"], "STUSPS": ["AZ"], "LSAD": ["06"]}  # fmt: skip
    outline = [box(-112.5, 31.5, -111.0, 33.5)]
    return zipped(gpd.GeoDataFrame(frame, geometry=outline, crs=4269), "cb_2021_us_county_20m")


def states() -> bytes:
    frame = {"featurecla": ["Admin-1 states provinces"] * 2, "adm1_code": ["USA-0", "MEX-0"],
             "name": ["MADE UP STATE", "MADE UP ESTADO"], "adm0_a3": ["USA", "MEX"]}  # fmt: skip
    outlines = [box(-115.5, 32.0, -108.5, 37.5), box(-115.5, 26.0, -108.5, 32.0)]
    layer = gpd.GeoDataFrame(frame, geometry=outlines, crs=4326)
    return zipped(layer, "ne_10m_admin_1_states_provinces")


def towers() -> bytes:
    """Return places of towers without a date, as a mapping project publishes them."""
    lon = np.array([-113.0, -112.8, -111.6, -111.5, -111.4, -111.0, -110.9, -109.6, -110.6, -112.1])
    kinds = ["IFT"] * 6 + ["RVSS"] * 4
    return (
        pd.DataFrame(
            {"Name": [f"MADE UP {n}" for n in range(len(lon))], "Type": kinds,
             "Latitude": (on_the_border(lon) + 0.05).round(4), "Longitude": lon}
        ).to_csv(index=False).encode()
    )  # fmt: skip


def _tile(name: str, at: tuple[int, int]) -> bytes | None:
    """Return a tile by its source and south-west corner; None where the publisher has none."""
    west, south = at
    if name == "esa-worldcover":
        return tiff(west, south + 3, 3, 96, classes, "uint8")
    return None if at == SEA else tiff(west, south + 1, 1, 32, heights, "float32")


FILES: dict[str, Callable[[], bytes]] = {
    "ogis-deaths": deaths, "ameriflux-us-whs": weather, "fcc-experimental": radio_sites,
    "border-line": border, "tiger-roads": roads, "tiger-places": places, "tiger-aiannh": nations,
    "census-counties": counties, "natural-earth-states": states,
}  # fmt: skip
TILED = ("copernicus-glo30", "esa-worldcover")


@functools.cache
def content(source_id: str) -> bytes:
    return FILES[source_id]()


def served(study: Study) -> dict[str, File]:
    """Return what the publishers serve, by host and path."""
    from geo.terrain import tiles_for

    files: dict[str, File] = {}
    for source_id, entry in load().items():
        wanted = wants(source_id, entry, study) if entry.fetchable else ()
        if source_id in FILES:
            files[_path(wanted[0].url)] = File(content(source_id), kind="application/octet-stream")
        elif source_id in TILED:
            corners = [(w, s) for _, s, w in tiles_for(entry.product, study.bounds_lonlat)]
            for want, at in zip(wanted, corners, strict=True):
                tile = _tile(source_id, at)
                if tile is not None:
                    files[_path(want.url)] = File(tile, kind="image/tiff")
        elif source_id == "iom-missing-migrants":
            # the newest year is not out yet
            years = range(2014, 2026)
            files |= {_path(w.url): File(incidents(y)) for w, y in zip(wanted, years, strict=False)}
    return files


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"/{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")


def hosts(catalogue: dict[str, Entry] | None = None) -> frozenset[str]:
    """Return the hosts of every address of the catalogue."""
    entries = (catalogue or load()).values()
    return frozenset(str(urlsplit(e.url).hostname) for e in entries if e.url.startswith("https"))


class Rerouted(httpx.HTTPTransport):
    """Sends what goes to any host to the mirror, below the host's name."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = httpx.URL(base)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = f"/{request.url.host}".encode() + request.url.raw_path
        request.url = self.base.copy_with(raw_path=path)
        return super().handle_request(request)


@contextmanager
def publishers(monkeypatch, study: Study) -> Iterator[dict[str, File]]:
    """Let every retrieval of this process meet the mirror, with no pause between requests."""
    from flows.workflow import prepare

    files = served(study)
    with mirror(files) as base:
        opened = Web.__post_init__

        def reroute(self: Web) -> None:
            opened(self)
            self.client.close()
            self.client = httpx.Client(transport=Rerouted(base), headers=self.client.headers)

        monkeypatch.setattr(Web, "__post_init__", reroute)
        manners = HttpPolicy(pause_s=0, trusted_hosts=hosts())
        asked = prepare.resolve

        def known(*args: Any, ways: Ways, **named: Any) -> Any:
            return asked(*args, ways=replace(ways, manners=manners), **named)

        monkeypatch.setattr(prepare, "resolve", known)
        yield files


def vintages(folder: Path) -> Path:
    """Write the earlier states that `arizona` looks for in a folder; nobody publishes them."""
    (folder / "deaths").mkdir(parents=True)
    for name, last, rows in (("2021-02", "2021-02-24", 1_200), ("2020-06", "2020-06-29", 1_100)):
        path = folder / "deaths" / f"ogis_migrant_deaths_{name}.csv"
        path.write_bytes(deaths(rows, last))
    return folder
