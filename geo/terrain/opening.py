"""Rasters of any publisher, opened so that each can be read window by window.

The kind of a file is told from its first bytes. GDAL is given only the drivers of local grids.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import netCDF4  # noqa: F401 - what xarray reads these files with: part of every step that does
import numpy as np
import rasterio
import xarray as xr
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.transform import Affine, from_origin

from geo import sizes
from geo.errors import LayoutError, MissingInputError
from geo.guard import guarded

TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
NETCDF = (b"\x89HDF\r\n\x1a\n", b"CDF\x01", b"CDF\x02")
DTED = (b"UHL1", b"VOL1", b"HDR1")
"""First bytes of DTED: the user header, or labels of the tape that stood before it."""
HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
HGT_SIDES = {3601: 3601 * 3601 * 2, 1201: 1201 * 1201 * 2}
"""Definition: cells along the side of an SRTM tile = bytes of the file."""
HGT_VOID = -32768
"""Definition: what an SRTM tile writes where it has no height."""
MAX_HGT = 30_000_000
"""Guard: bytes of an SRTM tile once unpacked."""
SATURATED = 32_767
"""Definition: gridMET stores int16 decimetres: heights of 3,276.7 m and more, and those below the
sea that wrapped around, are not heights (348 cells of the published file)."""
GRIDMET = ("elevation", "meters")
EGM2008 = "EGM2008"
DATUMS = (("DEM_COG", EGM2008), ("Copernicus", EGM2008), ("USGS_13", "NAVD88"), ("NED", "NAVD88"))


@dataclass(frozen=True)
class Described:
    """What an opened raster says of itself."""

    kind: str
    datum: str
    void: float | None


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Described]]:
    """Open a GeoTIFF or COG, a DTED or SRTM tile, or gridMET's elevation NetCDF.

    Yields
    ------
    rasterio dataset, Described

    Raises
    ------
    MissingInputError
        If the file is not there.
    LayoutError
        If it is none of these, damaged, or says no CRS; also where a window that is read later
        turns out to be cut off.
    """
    with ExitStack() as stack:
        with guarded(path.name, "raster"):
            found = stack.enter_context(_opened(path))
        try:
            yield found
        except RasterioError as error:  # of the user's block: a window that is not there
            raise LayoutError(
                f"{path.name}: this raster opens, but its cells cannot be read; a download may "
                "have been cut off. Fetch it again."
            ) from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Described]]:
    if not path.is_file():
        raise MissingInputError(f"{path.name}: no such file. Correct the path in the study.")
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(TIFF):
        with _tiff(path) as dataset:
            yield dataset, Described("geotiff", _datum(path, dataset), dataset.nodata)
    elif head.startswith(DTED):
        with _dted(path) as dataset:
            yield dataset, Described("dted", _dted_datum(dataset), dataset.nodata)
    elif head.startswith(NETCDF):
        with _in_memory(*_gridmet(path)) as dataset:
            yield dataset, Described("gridmet", "not stated by gridMET", float("nan"))
    elif head.startswith((b"\x1f\x8b", b"PK\x03\x04")) or path.stat().st_size in HGT_SIDES.values():
        with _in_memory(*_hgt(path, head)) as dataset:
            yield dataset, Described("srtm", "EGM96", float(HGT_VOID))
    else:
        raise LayoutError(_unknown(path, head))


@contextmanager
def _tiff(path: Path) -> Iterator[Any]:
    try:
        dataset = rasterio.open(path, driver="GTiff")
    except RasterioError as error:
        raise LayoutError(
            f"{path.name}: this GeoTIFF cannot be opened ({type(error).__name__}); it may be cut "
            "off. Fetch it again."
        ) from None
    with dataset:
        sizes.judge_raster(dataset, path.name)
        if dataset.crs is None:
            raise LayoutError(
                f"{path.name}: this raster does not say its CRS. Write it with gdal_edit -a_srs, "
                "or give the publisher's own file."
            )
        if not (dataset.crs.is_geographic or dataset.crs.is_projected):
            raise LayoutError(
                f"{path.name}: its CRS {_crs_name(dataset.crs)!r} is tied to no place on Earth. "
                "Write the right one with gdal_edit -a_srs EPSG:..., or give the publisher's file."
            )
        yield dataset


def _crs_name(crs: Any) -> str:
    """Return the name in a CRS's text, such as LOCAL_CS["Arbitrary",...]."""
    found = re.search(r'"([^"]*)"', str(crs.to_wkt()))
    return found[1] if found else "unnamed"


@contextmanager
def _dted(path: Path) -> Iterator[Any]:
    """Open a DTED tile; its posts are the middles of GDAL's cells, which overlap by one post."""
    try:
        dataset = rasterio.open(path, driver="DTED")
    except RasterioError as error:
        raise LayoutError(
            f"{path.name}: this DTED tile cannot be opened ({type(error).__name__}); it may be cut "
            "off. Fetch it again."
        ) from None
    with dataset:
        yield dataset


def _dted_datum(dataset: Any) -> str:
    stated = str(dataset.tags().get("DTED_VerticalDatum", "")).strip()
    return {"MSL": "mean sea level, as DTED states it", "E96": "EGM96"}.get(stated, "not stated")


@contextmanager
def _in_memory(values: NDArray[Any], transform: Affine) -> Iterator[Any]:
    height, width = values.shape
    void = np.nan if values.dtype.kind == "f" else HGT_VOID
    profile = {
        "driver": "GTiff",
        "height": height,
        "width": width,
        "count": 1,
        "dtype": values.dtype.name,
        "crs": "EPSG:4326",
        "transform": transform,
        "nodata": void,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as written:
            written.write(values, 1)
        with memory.open() as dataset:
            yield dataset


def _gridmet(path: Path) -> tuple[NDArray[np.float32], Affine]:
    name, unit = GRIDMET
    try:
        # xarray holds the lock that HDF5, which is not safe for threads, needs
        with xr.open_dataset(path, engine="netcdf4", **sizes.UNREAD) as data:
            sizes.judge_gridded(data, path.name)
        with xr.open_dataset(path, engine="netcdf4", mask_and_scale=False) as data:
            if name not in data or data[name].dims != ("lat", "lon"):
                raise LayoutError(
                    f"{path.name}: this NetCDF has no elevation(lat, lon). Give GeoTIFF, SRTM or "
                    "gridMET's own elevation file."
                )
            if data[name].attrs.get("units", unit) != unit:
                raise LayoutError(f"{path.name}: elevation is not in metres. Convert it first.")
            raw = data[name].values
            scale = float(data[name].attrs.get("scale_factor", 1.0))
            lat, lon = data["lat"].values, data["lon"].values
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, LayoutError):
            raise
        raise LayoutError(
            f"{path.name}: this NetCDF cannot be read ({type(error).__name__}); it may be cut off. "
            "Fetch it again."
        ) from None
    if not (_is_axis(lat, 90.0) and _is_axis(lon, 360.0) and lon[0] < lon[-1]):
        raise LayoutError(f"{path.name}: its axes are no rows of degrees. Fetch it again.")
    signed = raw.astype(np.int32)
    void = (signed < 0) | (signed >= SATURATED)
    metres = np.where(void, np.nan, signed * scale).astype(np.float32)
    if lat[0] < lat[-1]:
        lat, metres = lat[::-1], metres[::-1]
    step_x = float(lon[-1] - lon[0]) / (len(lon) - 1)
    step_y = float(lat[0] - lat[-1]) / (len(lat) - 1)
    return metres, from_origin(lon[0] - step_x / 2, lat[0] + step_y / 2, step_x, step_y)


def _is_axis(values: NDArray[Any], most: float) -> bool:
    """Return whether values are degrees in even steps that all go one way."""
    steps = np.diff(np.asarray(values, float))
    known = values.size > 1 and bool(np.isfinite(steps).all() and (np.abs(values) <= most).all())
    return known and bool((steps * steps[0] > 0).all() and np.allclose(steps, steps[0], rtol=0.01))


def _hgt(path: Path, head: bytes) -> tuple[NDArray[np.int16], Affine]:
    match = HGT_NAME.search(path.name)
    if match is None:
        raise LayoutError(
            f"{path.name}: an SRTM tile says where it lies by its name only. Keep the publisher's "
            "name, such as N31W112.hgt."
        )
    raw = _hgt_bytes(path, head)
    side = next((s for s, size in HGT_SIDES.items() if size == len(raw)), 0)
    if not side:
        raise LayoutError(
            f"{path.name}: {len(raw):,} bytes are no SRTM tile (3601 or 1201 cells a side). It may "
            "be cut off; fetch it again."
        )
    values = np.frombuffer(raw, dtype=">i2").reshape(side, side).astype(np.int16)
    south = int(match[2]) * (1 if match[1].upper() == "N" else -1)
    west = int(match[4]) * (1 if match[3].upper() == "E" else -1)
    step = 1.0 / (side - 1)
    return values, from_origin(west - step / 2, south + 1 + step / 2, step, step)


def _hgt_bytes(path: Path, head: bytes) -> bytes:
    try:
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as stream:
                return stream.read(MAX_HGT)
        if head.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                inside = [n for n in archive.namelist() if n.lower().endswith(".hgt")]
                with archive.open(inside[0]) as member:
                    return member.read(MAX_HGT)
    except (
        OSError,
        EOFError,
        IndexError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise LayoutError(
            f"{path.name}: this archive holds no SRTM tile that can be read "
            f"({type(error).__name__}). Fetch it again."
        ) from None
    return io.BytesIO(path.read_bytes()).read(MAX_HGT)


def _datum(path: Path, dataset: Any) -> str:
    text = f"{path.name} {dataset.tags().get('VERTICAL_DATUM', '')}"
    return next((name for mark, name in DATUMS if mark in text), "not stated")


def _unknown(path: Path, head: bytes) -> str:
    if head.lstrip()[:20].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return (
            f"{path.name}: this is a web page or XML, not a raster. Download the file itself; a "
            "login or an error page may have been saved instead."
        )
    return (
        f"{path.name}: no raster that is known here. Give GeoTIFF, DTED (.dt0, .dt1, "
        ".dt2), SRTM (.hgt) or gridMET NetCDF."
    )
