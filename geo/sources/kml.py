"""Placemarks of KML and KMZ as a table of text; XML is read without entities or outside files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from geo import sizes
from geo.errors import LayoutError
from geo.sources.archives import DAMAGED, crowded, read_member, safe_members


def is_kml(path: Path) -> bool:
    """Return whether the bytes are KML, or a zip that holds one."""
    if zipfile.is_zipfile(path):
        if crowded(path):
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                return any(n.lower().endswith(".kml") for n in archive.namelist())
        except DAMAGED:
            return False
    with path.open("rb") as stream:
        # UTF-16, which XML may be in, has a zero beside every letter
        return b"<kml" in stream.read(4096).replace(b"\x00", b"").lower()


def read_placemarks(path: Path, where: str) -> pd.DataFrame:
    """Return one row a placemark: name, folder, extended data, longitude and latitude of its point.

    Raises
    ------
    LayoutError
        If the XML is broken, uses entities, or holds no point.
    """
    rows: list[dict[str, str]] = []
    open_: list[str] = []
    folders: list[str] = []
    content = io.BytesIO(_bytes(path, where))
    sizes.judge_xml(content, where, b"</Placemark")
    sizes.judge_rows(content.getvalue().count(b"<Placemark"), where)
    content.seek(0)
    try:
        for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                open_.append(tag)
                folders += [""] if tag == "Folder" else []
                continue
            open_.pop()
            if tag == "Folder":
                folders.pop()
            elif tag == "name" and open_[-1:] == ["Folder"]:
                folders[-1] = (element.text or "").strip()
            elif tag == "Placemark":
                rows.append({"folder": folders[-1] if folders else "", **_placemark(element)})
                element.clear()
    except (DefusedXmlException, SyntaxError, ValueError, LookupError) as error:
        raise LayoutError(
            f"{where}: this KML cannot be read ({type(error).__name__}); it may be cut off, or use "
            "entities, which are refused. Export it again."
        ) from None
    sizes.judge_rows(len(rows), where)
    if not any("longitude" in row for row in rows):
        raise LayoutError(f"{where}: this KML holds no point. Export the layer of points.")
    table = pd.DataFrame(rows, dtype=object).fillna("")
    table.index = pd.RangeIndex(1, len(table) + 1)
    return table


def _bytes(path: Path, where: str) -> bytes:
    if not zipfile.is_zipfile(path):
        sizes.judge_bytes(path.stat().st_size, where)
        return path.read_bytes()
    inside = [m for m in safe_members(path, where) if m.lower().endswith(".kml")]
    main = [m for m in inside if m.lower() == "doc.kml"]
    inside = main if len(main) == 1 else inside  # a KMZ opens with its doc.kml
    if len(inside) != 1:
        raise LayoutError(f"{where}: the KMZ holds {len(inside)} KML files. Give one with one.")
    return read_member(path, inside[0], where, sizes.TEXT_BYTES)


def _placemark(element: Any) -> dict[str, str]:
    """Return what a placemark says; without a point, as one with an address alone, no position."""
    row: dict[str, str] = {}
    point: dict[str, str] = {}
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
        elif tag == "Point" and not point:
            point = _point(child)
    # what people typed beside the point never moves it
    typed = [key for key in row if key.strip().lower() in ("", "latitude", "longitude")]
    return {**{k: v for k, v in row.items() if k not in typed}, **point}


def _point(element: Any) -> dict[str, str]:
    for child in element.iter():
        if child.tag.rpartition("}")[2] == "coordinates":
            parts = (child.text or "").strip().split(",")
            if len(parts) >= 2:
                return {"longitude": parts[0].strip(), "latitude": parts[1].strip()}
    return {}
