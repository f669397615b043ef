"""Files that readers refuse: tables, archives, shapes, rasters."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
import zipfile
from datetime import date
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import rasterio
import xarray as xr
from provoking import Case
from rasterio.transform import from_origin

from geo import sizes, sources, terrain
from geo.grid import make_grid
from geo.sources import archives, iom
from geo.sources.fitting import fit
from geo.synthetic.death_file import HEADER

POINTS = {"type": "FeatureCollection", "features": [{
    "type": "Feature", "properties": {"name": "a"},
    "geometry": {"type": "Point", "coordinates": [26.0, 41.0]},
}]}  # fmt: skip
AREA = {"type": "FeatureCollection", "features": [{
    "type": "Feature", "properties": {"name": "a"},
    "geometry": {"type": "Polygon", "coordinates": [[[26, 41], [27, 41], [27, 42], [26, 41]]]},
}]}  # fmt: skip
TOWERS = "tower_id,latitude,longitude\nA1,41.0,26.4\n"
DEATHS = "death_id,found_on,latitude,longitude\n1,2010-01-01,41,26\n"


def read(name: str, content: bytes | str, role: str, folder: Path, **more: object) -> object:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return sources.read(path, role=role, source_id="mine", **more)


def given(file: str, where: str, what: str, name: str, content: bytes | str, role: str = "deaths",
          **more: object) -> Case:  # fmt: skip
    return Case(f"geo/sources/{file}", where, what, partial(read, name, content, role, **more))


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def link() -> bytes:
    entry = zipfile.ZipInfo("roads.geojson")
    entry.external_attr = 0o120777 << 16
    return zipped((entry, b"/etc/passwd"))


def encrypted() -> bytes:
    raw = bytearray(zipped(("roads.geojson", b"{}")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def row(header: list[str], **cells: str) -> str:
    """A header and one row; its last cell is filled, as a blank row would be left out."""
    filled = {header[-1]: "x", **cells}
    return ",".join(header) + "\n" + ",".join(filled.get(h, "") for h in header) + "\n"


def long_table(folder: Path) -> object:
    path = folder / "long.csv"
    with path.open("wb") as out:
        out.truncate(sizes.TEXT_BYTES + 1)
    return sources.read(path, role="deaths", source_id="mine")


def wide_table(folder: Path) -> object:
    header, lines = ",".join(f"c{n}" for n in range(2000)), sizes.CELLS // 2000 + 1
    return read("wide.csv", f"{header}\n" + f"1{',' * 1999}\n" * lines, "deaths", folder)


def larger_than_it_says(folder: Path) -> object:
    path = folder / "big.zip"
    path.write_bytes(zipped(("a.csv", b"x" * 100)))
    return archives.read_member(path, "a.csv", "big.zip", limit=10)


def damaged_inside(folder: Path) -> object:
    raw = bytearray(zipped(("a.csv", bytes(range(256)) * 20)))
    raw[60:90] = b"\x00" * 30
    return read("dented.zip", bytes(raw), "deaths", folder)


def no_shapes(folder: Path) -> object:
    import pandas as pd
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"a": [1]}), folder / "bare.gpkg", driver="GPKG")
    return sources.read(folder / "bare.gpkg", role="roads", source_id="mine")


def without_crs() -> bytes:
    """A shapefile without its .prj."""
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=gpd.points_from_xy([26], [41]), crs=4326)
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "a.shp")
        parts = [p for p in Path(folder).iterdir() if p.suffix != ".prj"]
        return zipped(*((p.name, p.read_bytes()) for p in parts))


def beyond_the_pole(folder: Path) -> object:
    far = json.loads(json.dumps(POINTS))
    far["features"][0]["geometry"]["coordinates"] = [500_000.0, 4_500_000.0]
    return read("far.geojson", json.dumps(far), "places", folder)


def folder_of(folder: Path, *names: str, role: str = "roads") -> object:
    inside = folder / "several"
    inside.mkdir()
    for name in names:
        (inside / name).write_text(json.dumps(POINTS))
    return sources.read(inside, role=role, source_id="mine")


LABELS = "death_id,found_on,latitude,longitude,corridor\n" + "".join(
    f"{n},2010-01-01,41,26,found by a walker near the well number {n} at noon\n" for n in range(80)
)
OGIS_LABELS = ",".join(HEADER) + "\n" + "".join(
    ",".join(
        {"ML Number": f"10-{n:05d}", "Reporting Date": "2010-07-01", "Latitude": "31.7",
         "Longitude": "-111.7", "Corridor": f"found by a walker near the well {n}"}.get(h, "")
        for h in HEADER
    ) + "\n"
    for n in range(80)
)  # fmt: skip
DATES = "death_id,found_on,latitude,longitude\n" + "".join(f"{n},soon,41,26\n" for n in range(9))
LOST = without_crs()
ESCAPE = zipped(("../roads.geojson", b"{}"))
TABLE_OF_ROADS = zipped(("a.geojson", b"{}"), ("b.geojson", b"{}"))
MANY = zipped(*((f"{n}.csv", b"") for n in range(archives.MAX_MEMBERS + 1)))
BOMB = zipped(("a.csv", b"0" * 20_000_000))
KML = "<kml><Document>{}</Document></kml>"

CASES = [
    given("archives.py", "cut.zip", "damaged or cut off", "cut.zip", zipped(("a", b"x"))
          .replace(b"PK\x01\x02", b"PKxx"), "roads"),
    Case("geo/sources/archives.py", "dented.zip", "damaged or cut off", damaged_inside),
    given("archives.py", "many.zip", "files in one archive", "many.zip", MANY),
    given("archives.py", "bomb.zip", "claims", "bomb.zip", BOMB),
    given("archives.py", "escape.zip", "outside", "escape.zip", ESCAPE, "roads"),
    given("archives.py", "locked.zip", "encrypted", "locked.zip", encrypted(), "roads"),
    given("archives.py", "link.zip", "a link", "link.zip", link(), "roads"),
    Case("geo/sources/archives.py", "big.zip", "larger than", larger_than_it_says),
    given("kml.py", "cut.kml", "cannot be read", "cut.kml", "<kml><Document>", "towers"),
    given("kml.py", "none.kml", "no point", "none.kml", KML.format(""), "towers"),
    given("kml.py", "two.kmz", "2 KML files", "two.kmz",
          zipped(("a.kml", b"<kml/>"), ("b.kml", b"<kml/>")), "towers"),
    given("columns.py", "a.csv", "no record has", "a.csv", DEATHS, columns={"hat": "a"}),
    given("columns.py", "a.csv", "not in the file", "a.csv", DEATHS, columns={"sex": "a"}),
    given("mapped.py", "a.csv", "free text", "a.csv", LABELS),
    given("ogis.py", "a.csv", "free text", "a.csv", OGIS_LABELS),
    given("reading.py", "mine", "in 9 of 9 rows", "a.csv", DATES),
    given("recognise.py", "a.csv", "no reader for the role", "a.csv", DEATHS, "hats"),
    given("recognise.py", "a.csv", "recorded deaths", "a.csv", row(HEADER), "towers"),
    given("iom_deaths.py", "a.csv", "no column Number Dead", "a.csv",
          row(list(iom.LAYOUTS[0].needs.values()))),
    Case("geo/sources/recognise.py", "nowhere.csv", "no such file",
         lambda f: sources.read(f / "nowhere.csv", role="deaths", source_id="mine")),
    Case("geo/sources/recognise.py", "several", "holds no file", folder_of),
    Case("geo/sources/recognise.py", "2 files", "takes one",
         lambda f: folder_of(f, "a.geojson", "b.geojson")),
    Case("geo/sources/recognise.py", "nowhere.csv", "no such file",
         lambda f: sources.check(f / "nowhere.csv", "deaths")),
    Case("geo/sources/recognise.py", "a.csv", "no record has",
         lambda f: ((f / "a.csv").write_text(DEATHS),
                    sources.check(f / "a.csv", "deaths", {"hat": "a"}))[1]),
    given("vector.py", "two.zip", "2 vector layers", "two.zip", TABLE_OF_ROADS, "roads"),
    given("vector.py", "cut.gpkg", "can be opened", "cut.gpkg", b"SQLite format 3\x00cut", "roads"),
    given("vector.py", "a.json", "no GeoJSON", "a.json", '{"type": "Topology"}', "roads"),
    given("vector.py", "a.txt", "known kind", "a.txt", "hello", "roads"),
    Case("geo/sources/vector.py", "bare.gpkg", "no shapes", no_shapes),
    given("vector.py", "lost.zip", "CRS", "lost.zip", LOST, "places"),
    given("areas.py", "a.geojson", "cannot be told", "a.geojson", json.dumps(AREA), "areas"),
    Case("geo/sources/shapes.py", "far.geojson", "beyond 90 degrees", beyond_the_pole),
    given("layouts.py", "a.csv", "no known layout", "a.csv", "name,coat\n1,2\n"),
    given("layouts.py", "a.csv", "may be data already", "a.csv", "hat,coat\n1,2\n"),
    given("layouts.py", "a.csv", "a column is missing", "a.csv",
          row([h for h in HEADER if h != "Latitude"])),
    Case("geo/sizes.py", "long.csv", "MB", long_table),
    Case("geo/sizes.py", "wide.csv", "cells or more", wide_table),
    given("tabular.py", "a.csv", "is empty", "a.csv", ""),
    given("tabular.py", "a.csv", "web page", "a.csv", "<!doctype html><p>Log in"),
    given("tabular.py", "a.csv", "binary file", "a.csv", b"ab\x00\x01"),
    given("tabular.py", "a.csv", "too long", "a.csv", 'a,b\n"' + "x" * 140_000),
    given("tabular.py", "a.csv, row 2", "cells, but the header", "a.csv", "a,b\n1,2\n1,2,3\n"),
    given("sheets.py", "a.xlsx", "cannot be opened", "a.xlsx",
          zipped(("[Content_Types].xml", b""))),
    given("sheets.py", "a.xlsx", "its sheets are empty", "a.xlsx", workbook()),
    given("tabular.py", "a.json", "cannot be read", "a.json", "[{"),
    given("tabular.py", "a.json", "no list of records", "a.json", '{"a": 1}'),
    given("tabular.py", "a.csv", "no header", "a.csv", "2010-01-01,41.5\n2010-01-02,41.6\n"),
    given("tabular.py", "a.csv", "two columns", "a.csv", "a,a\n1,2\n"),
    given("tabular.py", "a.csv", "no row", "a.csv", "a,b\n"),
    given("columns.py", "a.csv", "no tower has", "a.csv", TOWERS, "towers", columns={"hat": "a"}),
    given("columns.py", "a.csv", "not in the file", "a.csv", TOWERS, "towers",
          columns={"height_m": "tall"}),
    Case("geo/sources/fitting.py", "deaths", "EPSG:4326", lambda _: fit(
        gpd.GeoDataFrame({"a": [1]}, geometry=gpd.points_from_xy([26], [41])),
        (25, 40, 27, 42), date(2000, 1, 1), date(2001, 1, 1))),
]  # fmt: skip

GRID = make_grid((26.0, 40.6, 26.2, 40.8), "EPSG:32635", 100.0)


def land(name: str, content: bytes, folder: Path) -> object:
    (folder / name).write_bytes(content)
    return terrain.elevation_on(GRID, [folder / name])


def geotiff(name: str, folder: Path, crs: str | None = None, west: float = 26.0) -> Path:
    with rasterio.open(folder / name, "w", driver="GTiff", width=9, height=9, count=1,
                       dtype="float32", crs=crs,
                       transform=from_origin(west, 41, 0.1, 0.1)) as out:  # fmt: skip
        out.write(np.ones((9, 9), "float32"), 1)
    return folder / name


def netcdf(folder: Path, **attrs: str) -> object:
    name = "elevation" if attrs else "height"
    values = xr.DataArray(np.ones((3, 3)), dims=("lat", "lon"), attrs=attrs)
    values = values.assign_coords(lat=[42.0, 41.0, 40.0], lon=[25.0, 26.0, 27.0])
    values.to_dataset(name=name).to_netcdf(folder / "a.nc", engine="netcdf4")
    return terrain.elevation_on(GRID, [folder / "a.nc"])


def relief(where: str, what: str, content: bytes) -> Case:
    return Case("geo/terrain/opening.py", where, what, partial(land, where, content))


CASES += [
    Case("geo/terrain/opening.py", "no.tif", "no such file",
         lambda f: terrain.elevation_on(GRID, [f / "no.tif"])),
    relief("cut.tif", "cannot be opened", b"II*\x00cut"),
    relief("a.txt", "no", b"hello"),
    relief("cut.nc", "cannot be read", b"\x89HDF\r\n\x1a\ncut"),
    relief("tile.hgt.gz", "where it lies", gzip.compress(b"12")),
    relief("N40E026.hgt.gz", "no SRTM tile", gzip.compress(b"12")),
    relief("N40E026.hgt.zip", "holds no SRTM tile", zipped(("a.txt", b"x"))),
    Case("geo/terrain/opening.py", "bare.tif", "CRS",
         lambda f: terrain.elevation_on(GRID, [geotiff("bare.tif", f)])),
    Case("geo/terrain/opening.py", "a.nc", "no elevation", netcdf),
    Case("geo/terrain/opening.py", "a.nc", "not in metres", partial(netcdf, units="feet")),
    Case("geo/terrain/inspection.py", "cut.tif", "cannot be opened",
         lambda f: ((f / "cut.tif").write_bytes(b"II*\x00cut"),
                    terrain.check([f / "cut.tif"], GRID))[1]),
    Case("geo/terrain/inspection.py", "far.tif", "of the study's area",
         lambda f: terrain.check([geotiff("far.tif", f, "EPSG:4326", 80.0)], GRID)),
    Case("geo/terrain/tiles.py", "moon", "no tiles",
         lambda _: terrain.tiles_for("moon", (0.0, 0.0, 1.0, 1.0))),
]  # fmt: skip
