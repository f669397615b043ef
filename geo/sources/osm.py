"""OpenStreetMap extracts: which layer, and which of its features, serve a role, by their tags.

Three layouts are told apart: the layers into which GDAL sorts a PBF (and a GeoPackage made of one
with ogr2ogr), with tags that have no column in `other_tags`; Geofabrik's files, one a theme, with
`fclass`; and single layers of other exports, with a column for each tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geo import sizes
from geo.errors import LayoutError

Bounds = tuple[float, float, float, float]

HIGHWAYS = ("motorway", "trunk", "primary", "secondary")
ROADS = ("tertiary",)
SETTLEMENTS = ("city", "town", "village")
CHOSEN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "roads": {"highway": (*HIGHWAYS, *(f"{h}_link" for h in HIGHWAYS), *ROADS)},
    "places": {"place": SETTLEMENTS},
    "border": {"boundary": ("administrative",), "admin_level": ("2",)},
}
"""Role = tag = values. Smaller roads, tracks and paths are left out: a crossing that ends on any of
them would end anywhere."""
LAYERS: Mapping[str, tuple[str, ...]] = {
    "roads": ("lines", "gis_osm_roads_free"),
    "places": ("points", "gis_osm_places_free"),
    "border": ("lines", "multipolygons", "gis_osm_adminareas_a_free"),
}
"""Role = layers in which it is looked for, the better first."""
FCLASS: Mapping[str, tuple[str, ...]] = {
    "roads": CHOSEN["roads"]["highway"],
    "places": (*SETTLEMENTS, "national_capital"),
    "border": ("admin_level2", "national"),
}
"""Geofabrik's classes for the same features."""
KNOWN = frozenset(name for names in LAYERS.values() for name in names)
IDS = ("osm_id", "@id", "full_id", "osm_way_id")
"""Columns by which a single layer is known to come from OpenStreetMap."""
OTHER = "other_tags"
AROUND_DEG = 2.0
"""Numerical: features this far around an area are read too, degrees: more than distances reach to a
border."""
CREDIT = "OpenStreetMap contributors, ODbL 1.0: name them wherever this is shown"
PBF = b"OSMHeader"


def is_pbf(head: bytes) -> bool:
    """Return whether a file begins as OpenStreetMap's binary format does."""
    return PBF in head[:64]


def themed(member: str, role: str) -> bool:
    """Return whether a file of an archive is Geofabrik's layer of a role."""
    return _plain(PurePosixPath(member).stem) in LAYERS.get(role, ())


def is_extract(layers: Sequence[str]) -> bool:
    """Return whether names of layers are those of an extract."""
    return bool(KNOWN & {_plain(name) for name in layers})


def tagged(target: str, layers: Sequence[str]) -> bool:
    """Return whether a layer of an extract's name has its columns; anybody may call one lines."""
    marks = {OTHER, "fclass", *IDS}
    known = [name for name in layers if _plain(name) in KNOWN]
    return any(
        marks & {str(field).lower() for field in pyogrio.read_info(target, layer=name)["fields"]}
        for name in known
    )


def read_extract(
    target: str, layers: Sequence[str], role: str, where: str, area: Bounds | None
) -> tuple[gpd.GeoDataFrame, str]:
    """Read the features of a role from an extract of several layers.

    Parameters
    ----------
    target
        What GDAL opens.
    layers
        Names of its layers.
    role
        roads, places or border.
    where
        Name of the file in messages.
    area
        West, south, east, north, degrees, around which features are read; None for all.

    Returns
    -------
    features, said
        With columns name and highway or place; and how they were chosen, in a sentence.

    Raises
    ------
    LayoutError
        If the extract has no feature with the tags of the role.
    """
    wanted = [n for base in LAYERS.get(role, ()) for n in layers if _plain(n) == base]
    for layer in wanted:
        frame = _read(target, layer, _where(target, layer, role), role, area)
        if len(frame):
            return _of_role(frame, role), _said(len(frame), role, layer)
    there = ", ".join(wanted or layers)
    near = " in and around the area" if area else ""
    raise LayoutError(
        f"{where}: no feature with {_tags(role)}{near} in this OpenStreetMap extract (layers "
        f"{there}). {_remedy(role)}"
    )


def choose(frame: gpd.GeoDataFrame, role: str) -> tuple[gpd.GeoDataFrame, str]:
    """Choose the features of a role from a single layer with OpenStreetMap's ids and tags.

    A layer without the tags of the role is returned as it is: somebody has chosen already.
    """
    own = {str(c).lower(): c for c in frame.columns}
    if role not in CHOSEN or not any(i in own for i in IDS):
        return frame, ""
    keys = ["fclass"] if "fclass" in own else list(CHOSEN[role])
    if not any(k in own or OTHER in own for k in keys):
        return frame, ""
    fit = pd.Series(data=True, index=frame.index)
    for key in keys:
        values = FCLASS[role] if key == "fclass" else CHOSEN[role][key]
        fit &= _values(frame, key).isin(values)
    if role == "border":
        fit &= _values(frame, "maritime") != "yes"
    chosen = frame[fit]
    return _of_role(chosen, role), _said(len(chosen), role, "one layer")


def _read(target: str, layer: str, where: str, role: str, area: Bounds | None) -> gpd.GeoDataFrame:
    """Read what a condition chooses of a layer; without coordinates of the seas' boundaries."""
    near = None
    if area is not None:
        west, south, east, north = area
        near = (west - AROUND_DEG, south - AROUND_DEG, east + AROUND_DEG, north + AROUND_DEG)
    most = sizes.judge_layer(0, len(pyogrio.read_info(target, layer=layer)["fields"]), 0, layer)
    frame = pyogrio.read_dataframe(
        target, layer=layer, where=where, bbox=near, max_features=most + 1
    )
    if len(frame) > most:
        what = f"more than {most:,} features have {_tags(role)}"
        raise sizes.too_large(layer, what, f"{most:,}", _remedy(role).rstrip("."))
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if role == "border" and len(frame):
        # what a condition on text let through is judged again by the tags themselves
        fit = _values(frame, "maritime") != "yes"
        if "fclass" not in frame:
            for key, values in CHOSEN[role].items():
                fit &= _values(frame, key).isin(values)
        frame = frame[fit]
    return frame


def _where(target: str, layer: str, role: str) -> str:
    """Return the condition on a layer's columns, or on its text of other tags."""
    fields = {str(f).lower() for f in pyogrio.read_info(target, layer=layer)["fields"]}
    if "fclass" in fields:
        return f"fclass IN ({_listed(FCLASS[role])})"
    parts = []
    for key, values in CHOSEN[role].items():
        if key in fields:
            parts.append(f'"{key}" IN ({_listed(values)})')
        else:
            kinds = [t for v in values for t in (f'"{key}"=>"{v}"', f'"{key}":"{v}"')]
            parts.append("(" + " OR ".join(f"{OTHER} LIKE '%{k}%'" for k in kinds) + ")")
    return " AND ".join(parts)


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{v}'" for v in values)


def _of_role(frame: gpd.GeoDataFrame, role: str) -> gpd.GeoDataFrame:
    """Return features with the columns that readers of shapes look for."""
    key = {"roads": "highway", "places": "kind"}.get(role)
    columns: dict[str, Any] = {"name": _values(frame, "name")}
    if key is not None:
        tag = "fclass" if "fclass" in frame else next(iter(CHOSEN[role]))
        columns[key] = _values(frame, tag).str.removesuffix("_link")
        columns[key] = columns[key].replace("national_capital", "city")
    shapes = frame.geometry
    if role == "border":
        areas = shapes.geom_type.isin(["Polygon", "MultiPolygon"])
        shapes = shapes.where(~areas, shapes.boundary)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frame.crs, index=frame.index)


def _values(frame: gpd.GeoDataFrame, key: str) -> pd.Series:
    """Return a tag of every feature, from its column or from the text of other tags; "" if none."""
    own = {str(c).lower(): c for c in frame.columns}
    none = pd.Series("", index=frame.index, dtype=object)
    if key in own:
        none = frame[own[key]].astype(object).where(frame[own[key]].notna(), "").astype(str)
    if OTHER in own:
        text = frame[own[OTHER]].astype(object).where(frame[own[OTHER]].notna(), "").astype(str)
        pattern = rf'"{re.escape(key)}"\s*(?:=>|:)\s*"((?:[^"\\]|\\.)*)"'
        found = text.str.extract(pattern, expand=False).astype(object)
        none = none.where(none != "", found.where(found.notna(), ""))
    return none


def _plain(layer: str) -> str:
    return re.sub(r"_\d+$", "", layer.lower())


def _tags(role: str) -> str:
    chosen = CHOSEN.get(role, {})
    return ", ".join(f"{k} = {' | '.join(v)}" for k, v in chosen.items()) or f"the role {role}"


def _said(count: int, role: str, layer: str) -> str:
    return f"{count:,} features chosen by {_tags(role)} ({layer}). {CREDIT}."


def _remedy(role: str) -> str:
    if role == "border":
        return (
            "Extract the area with whole boundaries, or take the catalogue's natural-earth-borders."
        )
    if role in CHOSEN:
        return f"Give an extract of the area, or take the catalogue's natural-earth-{role}."
    return "Such an extract serves as roads, places or border; give a file of this role's own."


def can_read_pbf() -> bool:
    """Return whether the vector library of this installation reads PBF files."""
    return "OSM" in pyogrio.list_drivers(read=True)


def refuse_pbf(path: Path, where: str) -> None:
    """Raise LayoutError where the vector library cannot read PBF files.

    Raises
    ------
    LayoutError
        With the command that makes a file which it can read.
    """
    if can_read_pbf():
        return
    raise LayoutError(
        f"{where}: this installation's vector library cannot read OpenStreetMap's PBF. Give a "
        f"GeoPackage made of it: ogr2ogr -f GPKG {path.stem or 'extract'}.gpkg FILE.osm.pbf."
    )
