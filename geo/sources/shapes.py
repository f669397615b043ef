"""Lines, places and areas from any vector file, whatever its CRS and wrapping."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyproj import CRS

from geo import records
from geo.contract import Table
from geo.errors import LayoutError
from geo.sources import cells
from geo.sources.archives import HEAD, head_of, safe_members
from geo.sources.reading import Reading, Sieve, finish, identifier
from geo.sources.tabular import read_table, refuse_foreign

VECTOR = (".shp", ".geojson", ".json", ".gpkg", ".fgb")
MAGIC = (b"\x00\x00\x27\x0a", b"SQLite format 3\x00", b"fgb")
NAMES = ("name", "fullname", "namelsad", "label", "title", "corridor", "nombre")
TIGER = {"S1100": "highway", "S1200": "highway", "S1400": "road", "S1500": "road"}
NATURAL_EARTH = {
    **dict.fromkeys(("major highway", "secondary highway", "beltway", "bypass"), "highway"),
    "road": "road",
}
OSM = {
    **dict.fromkeys(("motorway", "trunk", "primary", "secondary", "highway"), "highway"),
    **dict.fromkeys(("tertiary", "residential", "unclassified", "track", "road"), "road"),
}
EMPTY = "no shape"
BROKEN = "the shape cannot be read"
WRONG_SHAPE = "another kind of shape than this role takes"
LINE_TYPES = ("LineString", "MultiLineString")
AREA_TYPES = ("Polygon", "MultiPolygon")
POINT_TYPES = ("Point", "MultiPoint")


def open_vector(path: Path, where: str) -> gpd.GeoDataFrame:
    """Read the one vector layer of a file or zip, without asking its name and without a network.

    Archives made on a Mac carry a `__MACOSX/` twin of every file; it is left aside.

    Raises
    ------
    LayoutError
        If there is no layer, more than one, or no CRS.
    """
    target = str(path)
    if zipfile.is_zipfile(path):
        found = [m for m in safe_members(path, where) if m.lower().endswith(VECTOR)]
        if len(found) != 1:
            said = "no vector layer" if not found else f"{len(found)} vector layers"
            raise LayoutError(f"{where}: the archive holds {said}. Give one with exactly one.")
        target = f"/vsizip/{path.resolve()}/{found[0]}"
        _refuse_foreign(head_of(path, found[0], where), where)
    else:
        with path.open("rb") as stream:
            _refuse_foreign(stream.read(HEAD), where)
    try:
        frame = pyogrio.read_dataframe(target, fid_as_index=False)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise LayoutError(
            f"{where}: no vector file that can be opened ({type(error).__name__}). Give GeoJSON, a "
            "GeoPackage, or a zipped shapefile with .shp, .shx, .dbf and .prj."
        ) from None
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayoutError(
            f"{where}: the file has attributes but no shapes. Export it with its geometry."
        )
    if frame.crs is None:
        raise LayoutError(
            f"{where}: the file does not say its CRS. Add the .prj file, or save it as GeoJSON "
            "(EPSG:4326)."
        )
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if not frame.crs.equals(CRS.from_epsg(4326)):
        frame = frame.to_crs("EPSG:4326")
    return frame


def _refuse_foreign(head: bytes, where: str) -> None:
    """Let through only kinds that cannot make the vector library open something else."""
    plain = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(MAGIC) or (
        plain.startswith(b"{") and re.search(rb'"type"\s*:\s*"(Feature|Geometry)', plain)
    ):
        return
    if plain.startswith(b"{"):
        raise LayoutError(f"{where}: this JSON is no GeoJSON. Give a FeatureCollection.")
    if not head.startswith(b"\x00"):
        refuse_foreign(plain, where)
    raise LayoutError(
        f"{where}: no vector file of a known kind. Give GeoJSON, a GeoPackage, or a zipped "
        "shapefile with .shp, .shx, .dbf and .prj."
    )


def read_lines(
    path: Path, where: str, source_id: str, role: str, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read the border, roads or other lines (contract `lines`)."""
    raw = open_vector(path, where)
    sieve = _sieve(raw, source_id, LINE_TYPES)
    kind = pd.Series("border", index=raw.index) if role == "border" else _kinds(raw, columns)
    frame = gpd.GeoDataFrame(
        {
            "line_id": identifier(source_id, raw.index),
            "source_id": source_id,
            "source_row": raw.index,
            "kind": kind,
            "name": _names(raw, columns) if role != "border" else None,
        },
        geometry=raw.geometry,
    )
    return _done(records.LINES, frame, sieve, where)


def read_places(
    path: Path, where: str, source_id: str, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read settlements, points or outlines (contract `places`).

    A table with columns latitude, longitude and name, as GeoNames publishes, serves as well.
    """
    raw = _pinned(path, where, source_id, columns) if _is_table(path) else open_vector(path, where)
    sieve = _sieve(raw, source_id, (*POINT_TYPES, *AREA_TYPES))
    names = _names(raw, columns)
    sieve.drop(names.isna(), "name", "no name")
    column = (columns or {}).get("kind", "kind")
    given = raw[column].astype(str).str.lower() if column in raw else pd.Series("", raw.index)
    frame = gpd.GeoDataFrame(
        {
            "place_id": identifier(source_id, raw.index),
            "source_id": source_id,
            "source_row": raw.index,
            "name": names.fillna(""),
            "kind": given.where(given.isin(["town", "city", "village"]), "town"),
        },
        geometry=raw.geometry,
    )
    return _done(records.PLACES, frame, sieve, where)


def _is_table(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    first = head.partition(b"\n")[0].lower()
    return b"latitude" in first and not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<"))


def _pinned(
    path: Path, where: str, source_id: str, columns: Mapping[str, str] | None
) -> gpd.GeoDataFrame:
    """Read a table of places; rows without a usable point have no shape and are set aside."""
    table = read_table(path, where)
    chosen = {"latitude": "latitude", "longitude": "longitude", **(columns or {})}
    absent = [k for k in ("latitude", "longitude") if chosen[k] not in table]
    if absent:
        raise LayoutError(
            f"{where}: no column {', '.join(chosen[k] for k in absent)}. Name it in the study "
            'under this source: columns = { latitude = "its name" }.'
        )
    aside = Sieve(source_id, table.index.to_numpy(np.int64))
    points = cells.points(
        table[chosen["longitude"]].astype(str), table[chosen["latitude"]].astype(str), aside
    )
    return gpd.GeoDataFrame(table, geometry=points.where(aside.kept, None), crs="EPSG:4326")


def read_corridors(
    path: Path, where: str, source_id: str, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read the corridors of a study, one polygon a name (contract `corridors`)."""
    raw = open_vector(path, where)
    sieve = _sieve(raw, source_id, AREA_TYPES)
    names = _names(raw, columns)
    sieve.drop(names.isna(), "corridor", "no name")
    sieve.drop(names.notna() & names.duplicated(), "corridor", "the name stands in an earlier row")
    frame = gpd.GeoDataFrame(
        {
            "source_id": source_id,
            "source_row": raw.index,
            "corridor": names.fillna(""),
            "basis": "study",
        },
        geometry=raw.geometry,
        index=raw.index,
    )
    return _done(records.CORRIDORS, frame, sieve, where)


def _sieve(raw: gpd.GeoDataFrame, source_id: str, kinds: tuple[str, ...]) -> Sieve:
    sieve = Sieve(source_id, raw.index.to_numpy(np.int64))
    void = raw.geometry.isna() | raw.geometry.is_empty
    sieve.drop(void, "geometry", EMPTY)
    sieve.drop(~void & ~raw.geom_type.isin(kinds), "geometry", WRONG_SHAPE, raw.geom_type)
    bounds = raw.geometry.bounds.to_numpy(float)
    far = ~void.to_numpy(bool) & ~np.isfinite(bounds).all(axis=1)
    sieve.drop(far, "geometry", BROKEN)
    return sieve


def _done(table: Table, frame: gpd.GeoDataFrame, sieve: Sieve, where: str) -> Reading:
    remedies = {WRONG_SHAPE: "Give the file of the right kind for this role"}
    reading = finish(table, frame, sieve, "vector", remedies=remedies)
    bounds = frame.total_bounds
    if np.isfinite(bounds).all() and (abs(bounds[1]) > 90 or abs(bounds[3]) > 90):
        raise LayoutError(
            f"{where}: latitudes beyond 90 degrees; the coordinates are not in the CRS that the "
            "file names. Correct the CRS."
        )
    return reading


def _kinds(raw: gpd.GeoDataFrame, columns: Mapping[str, str] | None) -> pd.Series:
    allowed = ("border", "highway", "road", "other")
    known = {
        **{k: k for k in allowed},
        **NATURAL_EARTH,
        **OSM,
        **{k.lower(): v for k, v in TIGER.items()},
    }
    by_name = {str(c).lower(): c for c in raw.columns}
    for name in ((columns or {}).get("kind", "kind").lower(), "mtfcc", "highway", "fclass", "type"):
        if name in by_name:
            words = raw[by_name[name]].astype(str).str.lower().str.strip()
            kinds: pd.Series = words.map(lambda w: known.get(w, "other"))
            return kinds
    return pd.Series("other", index=raw.index)


def _names(raw: gpd.GeoDataFrame, columns: Mapping[str, str] | None) -> pd.Series:
    by_name = {str(c).lower(): c for c in raw.columns}
    wanted = [v.lower() for k, v in (columns or {}).items() if k in ("name", "corridor")]
    for name in (*wanted, *NAMES):
        if name in by_name:
            text = raw[by_name[name]].astype(object).where(raw[by_name[name]].notna(), None)
            names: pd.Series = text.map(lambda v: None if v is None else _plain(str(v)))
            return names
    return pd.Series(None, index=raw.index, dtype=object)


def _plain(text: str) -> str | None:
    return re.sub(r"\s+", " ", text).strip()[:80] or None
