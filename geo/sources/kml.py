"""Placemarks of KML and KMZ as a table of text; XML is read without entities or outside files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from geo.errors import LayoutError
from geo.sources.archives import read_member, safe_members

LIMIT = 200_000_000


def is_kml(path: Path) -> bool:
    """Return whether the bytes are KML, or a zip that holds one."""
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return any(n.lower().endswith(".kml") for n in archive.namelist())
        except (zipfile.BadZipFile, OSError):
            return False
    with path.open("rb") as stream:
        return b"<kml" in stream.read(4096).lower()


def read_placemarks(path: Path, where: str) -> pd.DataFrame:
    """Return one row a point: name, folder, longitude, latitude and the extended data.

    Raises
    ------
    LayoutError
        If the XML is broken, uses entities, or holds no point.
    """
    rows: list[dict[str, str]] = []
    folders: list[str] = []
    content = io.BytesIO(_bytes(path, where))
    try:
        for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if tag == "Folder":
                folders = [*folders, ""] if event == "start" else folders[:-1]
            elif event == "end" and tag == "name" and folders and folders[-1] == "":
                folders[-1] = (element.text or "").strip()
            elif event == "end" and tag == "Placemark":
                row = _placemark(element)
                if row:
                    rows.append({"folder": folders[-1] if folders else "", **row})
                element.clear()
    except (DefusedXmlException, SyntaxError, ValueError) as error:
        raise LayoutError(
            f"{where}: this KML cannot be read ({type(error).__name__}); it may be cut off, or use "
            "entities, which are refused. Export it again."
        ) from None
    if not rows:
        raise LayoutError(f"{where}: this KML holds no point. Export the layer of points.")
    table = pd.DataFrame(rows, dtype=object).fillna("")
    table.index = pd.RangeIndex(1, len(table) + 1)
    return table


def _bytes(path: Path, where: str) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    inside = [m for m in safe_members(path, where) if m.lower().endswith(".kml")]
    if len(inside) != 1:
        raise LayoutError(f"{where}: the KMZ holds {len(inside)} KML files. Give one with one.")
    return read_member(path, inside[0], where, LIMIT)


def _placemark(element: Any) -> dict[str, str]:
    row: dict[str, str] = {}
    for child in element.iter():
        tag = child.tag.rpartition("}")[2]
        text = (child.text or "").strip()
        if tag == "name" and "name" not in row:
            row["name"] = text
        elif tag == "SimpleData":
            row[child.get("name", "")] = text
        elif tag == "Data":
            value = next((g for g in child if g.tag.rpartition("}")[2] == "value"), None)
            row[child.get("name", "")] = "" if value is None else (value.text or "").strip()
        elif tag == "Point":
            row.update(_point(child))
    row.pop("", None)
    return row if "longitude" in row else {}


def _point(element: Any) -> dict[str, str]:
    for child in element.iter():
        if child.tag.rpartition("}")[2] == "coordinates":
            parts = (child.text or "").strip().split(",")
            if len(parts) >= 2:
                return {"longitude": parts[0].strip(), "latitude": parts[1].strip()}
    return {}
