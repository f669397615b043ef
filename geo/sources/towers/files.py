"""Tower files of every wrapping as one table of text, with latitude and longitude where it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo import sizes
from geo.errors import LayoutError
from geo.sources import kml
from geo.sources.archives import is_archive
from geo.sources.columns import plain
from geo.sources.tabular import read_table
from geo.sources.towers.columns import GUESSES
from geo.sources.vector import open_vector

HEAD = 65_536
"""Numerical: bytes by which a file is recognised."""
POSITION = ("latitude", "longitude")
MANY = "features hold several points; each point is read as a tower"


def read_file(path: Path, where: str) -> pd.DataFrame:
    """Return a tower file as a table whose cells are text.

    Parameters
    ----------
    path
        The file.
    where
        Its name in messages.

    Returns
    -------
    DataFrame
        Cells as written; `attrs["said"]` holds what was decided.

    Raises
    ------
    LayoutError
        If the bytes are no file of towers that can be opened.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples
    >>> from geo.sources import towers
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["towers"]
    >>> towers.read_file(path, "towers.csv")["height_m"].tolist()
    ['25', '25']
    """
    if kml.is_kml(path):
        return kml.read_placemarks(path, where)
    if is_esri(path):
        sizes.judge_bytes(path.stat().st_size, where)
        return read_esri(path.read_bytes(), where)
    if is_vector(path) or is_archive(path):
        return from_vector(open_vector(path, where), where)
    return read_table(path, where)


def is_vector(path: Path) -> bool:
    """Return whether the bytes begin as GeoJSON, a shapefile, a GeoPackage or a zip of them."""
    head = _head(path)
    if head.startswith((b"\x00\x00\x27\x0a", b"SQLite format 3\x00")):
        return True
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"Feature' in head


def is_esri(path: Path) -> bool:
    """Return whether the bytes begin as the JSON of an ArcGIS query: features with attributes."""
    head = _head(path)
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") or b'"Feature' in head:
        return False
    return b'"features"' in head and (b"esriGeometry" in head or b'"attributes"' in head)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(HEAD)


def from_vector(frame: gpd.GeoDataFrame, where: str = "") -> pd.DataFrame:
    """Return a vector layer as a table of text; a feature of several points is several rows."""
    table = pd.DataFrame(frame.drop(columns="geometry")).astype(object)
    table = table.where(table.notna(), "").map(_as_text)
    places = [list(_points(shape)) for shape in frame.geometry]
    return _placed(table, places, where)


def read_esri(content: bytes, where: str) -> pd.DataFrame:
    """Return the features of an ArcGIS query in Esri JSON as a table of text.

    Raises
    ------
    LayoutError
        If the JSON is cut off, holds no features, or does not say its CRS.
    """
    sizes.judge_json(content, where)
    try:
        data = json.loads(content.decode("utf-8-sig"))
        features = data["features"]
        rows = [dict(f["attributes"]) for f in features]
        shapes_ = [f.get("geometry") or {} for f in features]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LayoutError(
            f"{where}: this Esri JSON cannot be read ({type(error).__name__}); it may be cut off. "
            "Ask the service again, or export GeoJSON."
        ) from None
    if not rows or not all(isinstance(s, dict) for s in shapes_):
        raise LayoutError(f"{where}: this Esri JSON holds no feature. Ask the service again.")
    to_degrees = _transformer(data, shapes_, where)
    table = pd.DataFrame(rows, dtype=object)
    table = table.where(table.notna(), "").map(_as_text)
    places = [[to_degrees.transform(x, y) for x, y in _esri_points(s)] for s in shapes_]
    return _placed(table, places, where)


def _transformer(data: dict[str, Any], places: list[Any], where: str) -> Transformer:
    own: dict[str, Any] = next(
        (s["spatialReference"] for s in places if "spatialReference" in s), {}
    )
    reference = data.get("spatialReference") or own
    code = reference.get("latestWkid") or reference.get("wkid")
    wkt = reference.get("wkt")
    for text in (wkt, f"EPSG:{code}", f"ESRI:{code}"):
        try:
            if text and (code or text == wkt):
                return Transformer.from_crs(CRS.from_user_input(text), 4326, always_xy=True)
        except CRSError:
            continue
    raise LayoutError(
        f"{where}: the file does not say its CRS (spatialReference, wkid). Ask the service with "
        "outSR=4326 or f=geojson."
    )


def _esri_points(shape: dict[str, Any]) -> Iterator[tuple[float, float]]:
    pairs = shape.get("points") or ([(shape["x"], shape["y"])] if {"x", "y"} <= set(shape) else [])
    for pair in pairs:
        try:
            x, y = float(pair[0]), float(pair[1])
        except (TypeError, ValueError, IndexError):
            continue  # "NaN" and null stand for no place
        if x == x and y == y:  # noqa: PLR0124 - false for NaN
            yield x, y


def _points(shape: Any) -> Iterator[tuple[float, float]]:
    if shape is None or shape.is_empty:
        return
    if shape.geom_type == "Point":
        yield shape.x, shape.y
    elif shape.geom_type == "MultiPoint":
        yield from dict.fromkeys((p.x, p.y) for p in shape.geoms)


def _placed(
    table: pd.DataFrame, places: list[list[tuple[float, float]]], where: str
) -> pd.DataFrame:
    """Return the table with the positions of its shapes, one row a point; the shape's count."""
    table = table.drop(columns=[c for c in table if str(c).lower() in POSITION])
    keys = [c for c in table if plain(str(c)) in GUESSES["tower_id"]]
    many = sum(len(p) > 1 for p in places)
    rows = []
    for row, points in zip(table.to_dict("records"), places, strict=True):
        for n, point in enumerate(points or [None]):
            numbered = {k: f"{row[k]} ({n + 1})" for k in keys if n and row[k]}
            x, y = ("", "") if point is None else (f"{point[0]!r}", f"{point[1]!r}")
            rows.append({**row, **numbered, "longitude": x, "latitude": y})
    out = pd.DataFrame(rows, dtype=object)
    out.index = pd.RangeIndex(1, len(out) + 1)
    out.attrs["said"] = [f"{where}: {many} {MANY}."] if many else []
    return out


def _as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
