"""Tables with geometry as small GeoJSON: clipped, simplified, rounded, text kept as data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box, set_precision
from shapely.geometry import MultiLineString, mapping

from geo.records import CLASS_LABELS
from geo.study import Period, Study
from maps.inputs import MapInputs
from maps.words import words

DEGREES = 1e-4
"""Coordinates are rounded to this [degree], about 10 m; no record's position is among them."""
SIMPLIFY_DEG = 0.0012
"""Lines keep their shape within this [degree], about 120 m: a pixel at the closest zoom."""
EMBED_DEG = 0.004
"""The same in an embed, about 400 m: a pixel at the zoom at which it opens."""
LINE_DEGREES = 1e-3
"""Coordinates of lines are rounded to this [degree], which is finer than they keep their shape."""
RAMP = 5
"""Display: a piece of road of fewer such tolerances is a ramp or a crossing, and is not drawn. Set
together with the embed's width, after Arizona's weights had been seen."""

SIGN_LETTERS = 12
"""A longer name of a road does not stand on the map; the reading panel has it."""
_SIGNS = {"I-": "I-", "US Hwy": "US ", "State Rte": "SR ", "State Hwy": "SR "}
_NUMBERED = re.compile(r"(?P<kind>I-|US Hwy|State Rte|State Hwy)\s*(?P<number>\d+\w?)")

SURELY = 2
"""Definition: mark of a tower or zone that surely stood; 1 is perhaps."""

Features = dict[str, Any]
NONE: Features = {"type": "FeatureCollection", "features": []}
"""Definition: a layer without a shape."""


def death_cells(inputs: MapInputs) -> Features:
    """Return one feature a source and cell, with the class of every block (0 is none)."""
    table = inputs.table("deaths_by_cell_block")
    order = {b.id: i for i, b in enumerate(inputs.blocks)}
    table = table[table["block"].isin(order)]
    cells: dict[str, Features] = {}
    several = len(set(table["source_id"])) > 1
    columns = ("source_id", "cell_id", "block", "deaths_class", "row_id", "area_km2", "geometry")
    for source, cell, block, label, row, km2, shape in zip(
        *(table[c] for c in columns), strict=True
    ):
        key = f"{cell} {source}"
        if key not in cells:
            blank = {"id": cell, "c": [0] * len(order), "r": [""] * len(order), "km2": round(km2)}
            cells[key] = as_feature(shape, blank | ({"source": source} if several else {}))
        cells[key]["properties"]["c"][order[block]] = CLASS_LABELS.index(label)
        cells[key]["properties"]["r"][order[block]] = row
    found = (cells[cell] for cell in sorted(cells))
    return as_layer(f for f in found if any(f["properties"]["c"]))


def towers(inputs: MapInputs) -> Features:
    """Return deployed towers with a sourced start, and in which blocks of years each stood.

    0 is no, 1 perhaps (the dates leave it open), 2 yes.
    """
    table = inputs.table("towers")
    table = table[(table["status"] != "planned") & table["active_from_earliest"].notna()]
    table = table[table["status"].isin(["deployed", "replaced"])]
    features = []
    for row in table.sort_values("tower_id").itertuples():
        properties = {
            "id": row.tower_id,
            "p": [_stood(row, block) for block in inputs.blocks],
            "programme": _text(row.programme),
            "from": _interval(row.active_from_earliest, row.active_from_latest),
            "to": _interval(row.active_to_earliest, row.active_to_latest),
            "height": _number(row.height_m),
            "range": _number(row.range_m),
            "near": _number(row.location_uncertainty_m),
            "cite": _text(row.citation),
        }
        features.append(as_feature(row.geometry, properties))
    return as_layer(features)


def standing(inputs: MapInputs, period: Period) -> list[tuple[float, float]]:
    """Return longitude and latitude of the towers that surely stood in a period."""
    table = inputs.table("towers")
    table = table[table["status"].isin(["deployed", "replaced"])]
    table = table[table["active_from_earliest"].notna()]
    rows: list[Any] = list(table.sort_values("tower_id").itertuples())
    return [(r.geometry.x, r.geometry.y) for r in rows if _stood(r, period) == SURELY]


def zones(inputs: MapInputs) -> Features:
    """Return programme zones as areas, and in which periods each was at work (as `towers`)."""
    say = words(inputs.language)["zone_extent"]
    first = pd.Timestamp(inputs.study.pre_tower[1])
    features = []
    row: Any
    for row in inputs.table("zones").sort_values("zone_id").itertuples():
        properties = {
            "id": row.zone_id,
            "p": [_stood(row, block) for block in inputs.blocks],
            "older": bool(pd.notna(row.active_from_latest) and row.active_from_latest < first),
            "name": _text(row.name),
            "from": _interval(row.active_from_earliest, row.active_from_latest),
            "to": _interval(row.active_to_earliest, row.active_to_latest),
            "span": _range_km(row.span_low_km, row.span_high_km),
            "depth": _range_km(row.depth_low_km, row.depth_high_km),
            "extent": say["replaced" if row.extent_of == "replaced" else row.extent],
            "cite": _text(row.citation),
            "confirmations": str(row.confirmations),
            "inferred": _text(row.note),
        }
        features.append(as_feature(row.geometry, properties))
    return as_layer(features)


def sites(inputs: MapInputs) -> Features:
    """Return infrastructure that is not a tower, for what its publisher calls it."""
    table = inside(inputs.table("sites"), inputs.study)
    features = [
        as_feature(
            row.geometry,
            {
                "id": row.site_id,
                "kind": _text(row.kind),
                "operator": _text(row.operator),
                "from": _day(row.from_date),
                "to": _day(row.to_date),
            },
        )
        for row in table.sort_values("site_id").itertuples()
    ]
    return as_layer(_once(features))


def lines(inputs: MapInputs, kinds: tuple[str, ...], within_deg: float = SIMPLIFY_DEG) -> Features:
    """Return lines of some kinds, one feature a kind and name, that keep their shape within."""
    table = inside(inputs.table("lines"), inputs.study)
    table = table[table["kind"].isin(kinds)]
    if table.empty:
        return as_layer([])
    table = table.assign(name=table["name"].map(_text))
    merged = table.dissolve(by=["kind", "name"], sort=True).reset_index()
    shapes = merged.geometry.line_merge().simplify(within_deg)
    if "border" not in kinds:
        shapes = shapes.map(lambda shape: _long(shape, RAMP * within_deg))
    return as_layer(
        as_feature(shape, {"kind": kind, "name": name, "short": _short(name)}, LINE_DEGREES)
        for shape, kind, name in zip(shapes, merged["kind"], merged["name"], strict=True)
        if not shape.is_empty
    )


def _long(shape: Any, least_deg: float) -> Any:
    """Return the pieces of a road that are as long as this or longer [degree]."""
    pieces = [p for p in getattr(shape, "geoms", [shape]) if p.length >= least_deg]
    return pieces[0] if len(pieces) == 1 else MultiLineString(pieces)


def tracks(collection: Features) -> list[Any]:
    """Return every line of a collection, as its points."""
    found: list[Any] = []
    for feature in collection["features"]:
        geometry = feature["geometry"]
        many = geometry["type"].startswith("Multi")
        found += geometry["coordinates"] if many else [geometry["coordinates"]]
    return [line for line in found if len(line) > 1]


def rings(areas: Iterable[Features]) -> list[Any]:
    """Return the outer ring of every area, as its points."""
    found: list[Any] = []
    for feature in areas:
        geometry = feature["geometry"]
        many = geometry["type"] == "MultiPolygon"
        polygons = geometry["coordinates"] if many else [geometry["coordinates"]]
        found += [polygon[0] for polygon in polygons]
    return found


def surely(zone: Features, number: int) -> bool:
    """Say whether a programme zone of the study surely worked in a block of years."""
    told = zone["properties"]
    return not told["older"] and told["p"][number] == SURELY


def corridors(inputs: MapInputs, within_deg: float = SIMPLIFY_DEG) -> Features:
    """Return the outlines of the study's corridors."""
    table = inputs.table("corridors").sort_values("corridor")
    return as_layer(
        as_feature(shape, {"name": str(name)})
        for shape, name in zip(table.geometry.simplify(within_deg), table["corridor"], strict=True)
    )


def _short(name: str) -> str:
    """Return what a road sign says; empty for a name too long to stand on the map."""
    numbered = _NUMBERED.match(name)
    if numbered:
        return f"{_SIGNS[numbered['kind']]}{numbered['number']}"
    return name if len(name) <= SIGN_LETTERS else ""


def inside(table: pd.DataFrame, study: Study) -> gpd.GeoDataFrame:
    """Return the shapes of a table, cut to the study's area."""
    if table.empty:
        return gpd.GeoDataFrame(table)
    return gpd.GeoDataFrame(table).clip(box(*study.bounds_lonlat))


def as_feature(shape: Any, properties: dict[str, Any], degrees: float = DEGREES) -> Features:
    """Return a shape with rounded coordinates and what is said of it."""
    rounded = set_precision(shape, degrees, mode="pointwise")
    return {"type": "Feature", "geometry": _listed(mapping(rounded)), "properties": properties}


def _listed(geometry: Any) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return (
            [plain(v) for v in value]
            if isinstance(value, (tuple, list))
            else round(float(value), 4)
        )

    return {"type": geometry["type"], "coordinates": plain(geometry["coordinates"])}


def _once(features: list[Features]) -> list[Features]:
    """Leave out a feature that says the same at the same place as one before it."""
    seen: dict[str, Features] = {}
    for feature in features:
        said = {k: v for k, v in feature["properties"].items() if k != "id"}
        seen.setdefault(repr((feature["geometry"], said)), feature)
    return list(seen.values())


def as_layer(features: Any) -> Features:
    """Return shapes as one layer."""
    return {"type": "FeatureCollection", "features": list(features)}


def _stood(row: Any, period: Period) -> int:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    never = pd.Timestamp.max
    gone_early = row.active_to_earliest if pd.notna(row.active_to_earliest) else never
    gone_late = row.active_to_latest if pd.notna(row.active_to_latest) else never
    if row.active_from_earliest >= end or gone_late <= start:
        return 0
    sure = pd.notna(row.active_from_latest) and row.active_from_latest < end and gone_early > start
    return 2 if sure else 1


def _interval(early: Any, late: Any) -> str:
    first, last = _day(early), _day(late)
    return first if first == last or not last else f"{first} … {last}"


def _range_km(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"{low:g} km" if low == high else f"{low:g}\N{EN DASH}{high:g} km"


def _day(value: Any) -> str:
    return "" if pd.isna(value) else pd.Timestamp(value).date().isoformat()


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) or not np.isfinite(value) else float(value)
