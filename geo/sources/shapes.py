"""Lines, places and areas from any vector file, whatever its CRS and wrapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import records
from geo.contract import Table
from geo.errors import LayoutError
from geo.sources import areas, cells
from geo.sources.archives import HEAD
from geo.sources.cells import Bounds
from geo.sources.reading import Reading, RowValidator, finish, identifier
from geo.sources.tabular import read_table
from geo.sources.vector import SAID, open_vector

NAMES = (
    *("name", "fullname", "namelsad", "label", "title", "corridor", "nombre"),
    *("unit_nm", "larname"),
)
INHABITANTS = ("population", "pop_max")
TIGER = {"S1100": "highway", "S1200": "highway", "S1400": "road", "S1500": "road"}
NATURAL_EARTH = {
    **dict.fromkeys(("major highway", "secondary highway", "beltway", "bypass"), "highway"),
    "road": "road",
}
OSM = {
    **dict.fromkeys(("motorway", "trunk", "primary", "secondary", "highway"), "highway"),
    **dict.fromkeys(("tertiary", "residential", "unclassified", "track", "road"), "road"),
}
NEEDED = {
    "lines": "lines",
    "places": "named points or areas",
    "areas": "areas",
    "corridors": "named areas",
}
NO_AREA = "no country, state or county, and neither protected nor tribal land"
EMPTY = "no shape"
BROKEN = "the shape cannot be read"
WRONG_SHAPE = "another kind of shape than this role takes"
LINE_TYPES = ("LineString", "MultiLineString")
AREA_TYPES = ("Polygon", "MultiPolygon")
POINT_TYPES = ("Point", "MultiPoint")


def read_lines(
    path: Path,
    where: str,
    source_id: str,
    role: str,
    columns: Mapping[str, str] | None = None,
    area: Bounds | None = None,
) -> Reading:
    """Read the border, roads or other lines (contract `lines`)."""
    raw = open_vector(path, where, role, area)
    validator = _validator(raw, source_id, LINE_TYPES)
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
    return _done(records.LINES, frame, validator, where)


def read_places(
    path: Path,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    area: Bounds | None = None,
) -> Reading:
    """Read settlements, points or outlines (contract `places`).

    A table with columns latitude, longitude and name, as GeoNames publishes, serves as well.
    """
    if _is_table(path):
        raw = _pinned(path, where, source_id, columns)
    else:
        raw = open_vector(path, where, "places", area)
    validator = _validator(raw, source_id, (*POINT_TYPES, *AREA_TYPES))
    names = _names(raw, columns)
    validator.drop(names.isna(), "name", "no name")
    column = (columns or {}).get("kind", "kind")
    given = raw[column].astype(str).str.lower() if column in raw else pd.Series("", raw.index)
    frame = gpd.GeoDataFrame(
        {
            "place_id": identifier(source_id, raw.index),
            "source_id": source_id,
            "source_row": raw.index,
            "name": names.fillna(""),
            "kind": given.where(given.isin(["town", "city", "village"]), "town"),
            "population": _inhabitants(raw, columns),
        },
        geometry=raw.geometry,
    )
    return _done(records.PLACES, frame, validator, where)


def read_areas(
    path: Path, where: str, source_id: str, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read areas that orient a reader of the map, of the kinds of contract `areas`."""
    raw = open_vector(path, where)
    validator = _validator(raw, source_id, AREA_TYPES)
    kind, names = areas.kinds(raw, columns, where), _names(raw, columns)
    validator.drop(kind.isna(), "kind", NO_AREA)
    frame = gpd.GeoDataFrame(
        {
            "area_id": identifier(source_id, raw.index),
            "source_id": source_id,
            "source_row": raw.index,
            "name": areas.called(raw, names, kind),
            "kind": kind.fillna(""),
        },
        geometry=raw.geometry,
    )
    return _done(records.AREAS, frame, validator, where)


def _inhabitants(raw: gpd.GeoDataFrame, columns: Mapping[str, str] | None) -> pd.Series:
    """Return how many live in a place; Natural Earth writes -99 where nobody knows."""
    by_name = {str(c).lower(): c for c in raw.columns}
    for name in ((columns or {}).get("population", "").lower(), *INHABITANTS):
        if name in by_name:
            told: pd.Series = pd.to_numeric(raw[by_name[name]], errors="coerce").astype(float)
            return told.where(np.isfinite(told) & (told > 0))
    return pd.Series(np.nan, index=raw.index)


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
    aside = RowValidator(source_id, table.index.to_numpy(np.int64))
    points = cells.points(
        table[chosen["longitude"]].astype(str), table[chosen["latitude"]].astype(str), aside
    )
    return gpd.GeoDataFrame(table, geometry=points.where(aside.kept, None), crs="EPSG:4326")


def read_corridors(
    path: Path, where: str, source_id: str, columns: Mapping[str, str] | None = None
) -> Reading:
    """Read the corridors of a study, one polygon a name (contract `corridors`)."""
    raw = open_vector(path, where)
    validator = _validator(raw, source_id, AREA_TYPES)
    names = _names(raw, columns)
    validator.drop(names.isna(), "corridor", "no name")
    validator.drop(
        names.notna() & names.duplicated(), "corridor", "the name stands in an earlier row"
    )
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
    return _done(records.CORRIDORS, frame, validator, where)


def _validator(raw: gpd.GeoDataFrame, source_id: str, kinds: tuple[str, ...]) -> RowValidator:
    validator = RowValidator(
        source_id, raw.index.to_numpy(np.int64), said=list(raw.attrs.get(SAID, ()))
    )
    void = raw.geometry.isna() | raw.geometry.is_empty
    validator.drop(void, "geometry", EMPTY)
    validator.drop(~void & ~raw.geom_type.isin(kinds), "geometry", WRONG_SHAPE, raw.geom_type)
    bounds = raw.geometry.bounds.to_numpy(float)
    far = ~void.to_numpy(bool) & ~np.isfinite(bounds).all(axis=1)
    validator.drop(far, "geometry", BROKEN)
    return validator


def _done(table: Table, frame: gpd.GeoDataFrame, validator: RowValidator, where: str) -> Reading:
    remedies = {WRONG_SHAPE: "Give the file of the right kind for this role"}
    # of a file of all public land most may be neither protected nor tribal
    reading = finish(
        table, frame, validator, "vector", remedies=remedies, tolerated=frozenset({NO_AREA})
    )
    if not len(reading.records):
        why = "; ".join(sorted(set(reading.quarantine["reason"]))) or "it holds none"
        raise LayoutError(
            f"{where}: no shape in it can be used ({why}). Give a file with {NEEDED[table.name]}."
        )
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
