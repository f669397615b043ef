"""Sizes are judged before a parser sees the bytes; a refusal says size, limit and remedy."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import numpy as np
import openpyxl
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from geo import climate, sizes, sources
from geo.errors import LayoutError
from geo.terrain.opening import opened

LIMIT_MB = 1_000
SHORT = b"," * 99 + b"\n"


def book(folder, sheet):
    out, plain = folder / "book.xlsx", io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name.endswith("sheet1.xml") else old.read(name))
    return out


def sheet(rows):
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (space, rows)


def grid(folder, side, name="elevation"):
    """Write a NetCDF that claims side x side cells and holds none."""
    path = folder / "grid.nc"
    zeros = xr.Variable(("lat", "lon"), np.zeros((side, side), "i2"))
    data = xr.Dataset({name: zeros}, {"lat": np.arange(side * 1.0), "lon": np.arange(side * 1.0)})
    data.to_netcdf(path, engine="netcdf4", encoding={name: {"zlib": True}})
    return path


def refused(read, *said):
    with pytest.raises(LayoutError) as caught:
        read()
    for words in said:
        assert words in str(caught.value)


def table(path, role="towers"):
    return sources.read(path, role=role, source_id="s")


@pytest.fixture
def small(monkeypatch):
    """Set every limit so low that small files are beyond it."""
    for name, value in {
        "HELD": 100_000, "TEXT_BYTES": 50_000, "ROWS": 200, "CELLS": 1_000, "BOOK_BYTES": 20_000,
        "ARRAY_CELLS": 400, "RASTER_BLOCK": 1_000,
    }.items():  # fmt: skip
        monkeypatch.setattr(sizes, name, value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cells.csv", SHORT * 11, "1,100 cells or more, and at most 1,000"),
        ("rows.csv", b"a,b\n" + b"1,2\n" * 450, "451 rows or more, and at most 200"),
        ("bytes.csv", b"a,b\n" + b"x" * 60_000, "at most 0 MB are read"),
        ("wide.csv", ("a,b\n" + "x" * 60_000).encode("utf-16"), "at most 0 MB are read"),
        ("values.json", b"[" + b"{}," * 900 + b"{}]", "values or more, and at most 1,111"),
        ("esri.json", b'{"features":[' + b"[]," * 900 + b'[]],"attributes":1}', "at most 1,111"),
        ("shapes.geojson", b'{"type":"FeatureCollection","features":[' + b"[]," * 900, "at most"),
        ("tags.kml", b"<kml>" + b"<a/>" * 900, "tags that belong together, and at most 833"),
        ("marks.kml", b"<kml>" + b"<Placemark></Placemark>" * 300, "300 rows or more"),
    ],
)
def test_a_text_that_would_fill_the_memory_is_refused(tmp_path, small, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    refused(lambda: table(path), name, said, "Cut it down")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (b"<row><c><v>1</v></c></row>" * 1_000, "unpack to 0 MB of XML"),
        (b"<row>" + b"<c/>" * 900 + b"</row>", "903 tags that belong together"),
    ],
)
def test_a_workbook_is_judged_by_what_it_unpacks_to(tmp_path, small, rows, said):
    refused(lambda: table(book(tmp_path, sheet(rows))), "book.xlsx", said)


def test_a_sheet_that_claims_a_row_beyond_all_sheets_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("geo.sources.sheets.SHEET_ROWS", 1_000)
    path = book(tmp_path, sheet(b'<row r="2000000000"><c><v>1</v></c></row>'))
    refused(lambda: table(path), "more rows than a sheet has")


def test_a_zip_is_judged_by_its_list_and_by_what_comes_out(tmp_path, monkeypatch, small):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(60):
            archive.writestr(f"{n}.csv", b"a,b\n")
    monkeypatch.setattr("geo.sources.archives.MAX_DIRECTORY", 1_000)
    refused(lambda: table(path), "its list of files is longer")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"1," * 50_000)
    refused(lambda: table(bomb, "deaths"), "larger than 50,000 bytes")


def test_a_gridded_file_is_judged_by_its_claim(tmp_path, small):
    path = grid(tmp_path, 30)

    def heights():
        with opened(path):
            pass

    refused(heights, "claims 30 x 30 cells, and at most 400")
    refused(lambda: climate.read(path, climate.Place(-111, 32, 700)), "30 x 30 cells")


def test_a_raster_of_one_large_block_is_refused_with_the_remedy(tmp_path, small):
    path = tmp_path / "strip.tif"
    profile = {"driver": "GTiff", "width": 50, "height": 50, "count": 1, "dtype": "int16",
               "crs": "EPSG:32612", "transform": from_origin(0, 0, 9, 9), "blockysize": 50,
               "compress": "deflate"}  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(np.ones((1, 50, 50), "i2"))

    def heights():
        with opened(path):
            pass

    refused(heights, "blocks of 50 x 50 cells", "gdal_translate -co TILED=YES")


READ = """
import resource, sys
from pathlib import Path
from geo import sources
from geo.errors import LayoutError
from geo.terrain.opening import opened
role, path = sys.argv[1], Path(sys.argv[2])
try:
    if role == "elevation":
        with opened(path):
            pass
    else:
        sources.read(path, role=role, source_id="s")
    print("read")
except LayoutError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def measured(role, path):
    """Read a file in a process of its own; return what it said and its largest memory, MB."""
    command = [sys.executable, "-c", READ, role, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said, peak = done.stdout.strip().rsplit("\n", 1)
    return said, float(peak)


@pytest.mark.attack
@pytest.mark.parametrize("name", ["cells", "grid", "book", "near"])
def test_files_of_the_sizes_that_hurt_stay_under_a_gigabyte(tmp_path, name):
    role, path = "deaths", tmp_path / f"{name}.csv"
    if name == "cells":  # 96 MB of short cells
        path.write_bytes(SHORT.replace(b",", b"1,") * 480_000)
    elif name == "grid":
        role, path = "elevation", grid(tmp_path, 12_000)
    elif name == "book":  # some 2 MB of 150 MB XML
        row = b"<row><c><v>%d</v></c><c><v>%d</v></c></row>"
        path = book(tmp_path, sheet(b"".join(row % (n, n * n) for n in range(2_700_000))))
    else:  # as large as is read
        head = b"found_on,latitude,longitude,persons," + b",".join(b"x%d" % n for n in range(15))
        row = b"\n2012-03-%02d,31.%06d,-111.%06d,1," + b"ab," * 14 + b"cd"
        path.write_bytes(head + b"".join(row % (n % 28 + 1, n, n) for n in range(240_000)))
    said, peak = measured(role, path)
    assert peak < LIMIT_MB, said
    assert ("at most" in said) is (name != "near")
