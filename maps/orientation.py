"""What a reader finds a way by: named areas and places, and what no source was given for."""

from __future__ import annotations

from typing import Any

import pandas as pd
from shapely import box, line_merge, make_valid, union_all
from shapely.geometry.base import BaseGeometry

from maps import shapes
from maps.inputs import MapInputs
from maps.words import words

BOUNDED, SHADED = ("state", "county"), ("protected", "tribal")
"""Display: kinds of areas of which only the boundary is drawn, and those with a ground."""
RANK = {"city": 0, "state": 1, "tribal": 2, "protected": 3, "town": 4, "county": 5, "village": 6}
"""Display: order in which names take their place on a map, the first to give way last."""
NAMED_SHARE = 0.002
"""Display: an area with a smaller share of the map has no name on it."""


def areas(inputs: MapInputs, within_deg: float = shapes.SIMPLIFY_DEG) -> shapes.Features:
    """Return the areas of the map: boundaries of states and counties, ground of the others."""
    table, frame = inputs.table("areas"), box(*inputs.study.bounds_lonlat)
    features = []
    for kind in (*BOUNDED, *SHADED):
        own = [make_valid(shape) for shape in table.loc[table["kind"] == kind].geometry]
        own = [shape for shape in own if shape.intersects(frame)]
        if not own:
            continue
        if kind in BOUNDED:
            drawn = union_all([shape.boundary for shape in own]).intersection(frame)
            drawn = line_merge(drawn) if drawn.geom_type == "MultiLineString" else drawn
        else:
            drawn = union_all(own).intersection(frame)
        kept = _only(drawn.simplify(within_deg), "Line" if kind in BOUNDED else "Polygon")
        if kept is not None:
            features.append(shapes.as_feature(kept, {"kind": kind}))
    return shapes.as_layer(features)


def _only(shape: BaseGeometry, kind: str) -> BaseGeometry | None:
    """Return the parts of a shape that are lines, or areas; None where there are none."""
    parts = [p for p in getattr(shape, "geoms", [shape]) if kind in p.geom_type and not p.is_empty]
    return union_all(parts) if parts else None


def labels(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return names with the point they stand at, in the order in which they take their place.

    Cities stand before areas, towns and villages; of a kind the larger first.
    """
    found = [*_settlements(inputs), *_areas(inputs)]
    found.sort(key=lambda name: (RANK[name["kind"]], -name["size"], name["name"]))
    return [
        {k: name[k] for k in ("name", "kind")}
        | {"at": [round(name["at"].y, 4), round(name["at"].x, 4)]}
        for name in found
    ]


def _settlements(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return settlements; of an outline a point inside."""
    table = shapes.inside(inputs.table("places"), inputs.study)
    return [
        {"name": str(r.name), "kind": r.kind, "at": r.geometry.representative_point(),
         "size": 0.0 if pd.isna(r.population) else float(r.population)}
        for r in table.itertuples()
    ]  # fmt: skip


def _areas(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return areas with a name, each by the largest of its parts on the map."""
    table, frame = inputs.table("areas"), box(*inputs.study.bounds_lonlat)
    table = table[table["kind"].isin((*BOUNDED, *SHADED)) & table["name"].notna()]
    best: dict[tuple[str, str], dict[str, Any]] = {}
    row: Any
    for row in table.itertuples():
        shape = make_valid(row.geometry).intersection(frame)
        parts = [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon"]
        part = max(parts, key=lambda p: p.area, default=None)
        if part is None or part.area < NAMED_SHARE * frame.area:
            continue
        key = (str(row.kind), str(row.name))
        if key not in best or best[key]["size"] < part.area:
            best[key] = {"name": key[1], "kind": key[0], "at": part.representative_point(),
                         "size": part.area}  # fmt: skip
    return list(best.values())


def told(inputs: MapInputs, *, located: bool) -> str:
    """Return what is not on the map for want of a source, and whose boundaries stand on it.

    Parameters
    ----------
    inputs
        Published tables, and the sources that the study names and that are not there.
    located
        Whether a small map shows where the study lies.
    """
    say = words(inputs.language)["orientation"]
    kinds = set(inputs.table("areas")["kind"])
    roads = inputs.table("lines")["kind"].isin(["highway", "road"]).any()
    have = {
        "places": {"towns": len(inputs.table("places")) > 0},
        "roads": {"highways": bool(roads)},
        "areas": {
            "states": bool(kinds & set(BOUNDED)),
            "protected": "protected" in kinds,
            "tribal": "tribal" in kinds,
            "locator": located or inputs.study.synthetic is not None,  # made-up land lies nowhere
        },
    }
    sentences = []
    for role, things in have.items():
        absent = [say["no"].format(what=say[name]) for name, there in things.items() if not there]
        if absent:
            titles = "; ".join(inputs.absent_sources.get(role, ()))
            why = say["not_there"].format(sources=titles) if titles else say["not_named"]
            listed = ", ".join(absent)
            sentences.append(f"{listed[:1].upper()}{listed[1:]}: {why}")
    if "tribal" in kinds:
        sentences.append(say["nations"])
    return " ".join(sentences)
