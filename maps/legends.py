"""Surfaces of the map in words: what they are called, their classes and what they mean."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from maps import surfaces, view
from maps.inputs import MapInputs
from maps.words import words

SURFACES = ("hardness_rank", "in_view_share", "route_density", "hardship")


def classed_surfaces(inputs: MapInputs) -> dict[str, surfaces.SurfaceLayer]:
    """Return the surfaces that the run has, in classes, in their order on the page."""
    found = {}
    for name in SURFACES:
        if name in inputs.rasters:
            classed = surfaces.surface(inputs.rasters[name], inputs.study.bounds_lonlat)
            if classed:
                found[name] = classed
    return found


def legend(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> dict[str, Any]:
    """Return the key of a surface: title, unit, caution, and colour and name of each class."""
    say = words(inputs.language)
    told = say["surfaces"][classed.name]
    unproved = classed.name == "route_density" and not inputs.route_validated
    return {
        "name": classed.name,
        "title": told["title"],
        "unit": told["unit"],
        "caution": say["not_validated"] if unproved else "",
        "classes": list(zip(classed.colours, _class_names(inputs, classed), strict=True)),
    }


def for_scripts(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> dict[str, Any]:
    """Return what the scripts of the page say of a surface in each period."""
    key = legend(inputs, classed)
    under = [inputs.period_in(block) for block in inputs.blocks]
    return {
        "title": key["title"],
        "unit": key["unit"],
        "caution": key["caution"],
        "meaning": _meaning(inputs, classed.name),
        "colours": [colour for colour, _ in key["classes"]],
        "classes": [name for _, name in key["classes"]],
        "periods": [
            0
            if "" in classed.pictures
            else _place(list(classed.pictures), "" if p is None else p.id)
            for p in under
        ],
        "of": ["" if "" in classed.pictures or p is None else p.label for p in under],
    }


def _meaning(inputs: MapInputs, name: str) -> str:
    say = words(inputs.language)
    if name == "route_density" and len(inputs.table("zones")):
        return str(say["routes_before"])
    return str(say["surfaces"][name]["meaning"])


def _place(periods: list[str], wanted: str) -> int:
    return periods.index(wanted) if wanted in periods else -1


def _class_names(inputs: MapInputs, classed: surfaces.SurfaceLayer) -> list[str]:
    say = words(inputs.language)
    if classed.name == "hardness_rank":
        return list(say["fifths"])
    share = classed.name == "in_view_share"
    edges = [view.percent(v) if share else plain(v, say) for v in classed.breaks]
    edges[0] = say["above_zero"] if classed.breaks[0] == 0 else edges[0]
    names = [say["from_to"].format(low=low, high=high) for low, high in pairwise(edges)]
    end = "from_to" if share else "from_on"
    return [*names, say[end].format(low=edges[-1], high=view.percent(1))]


def plain(value: float, say: dict[str, Any]) -> str:
    """Return a number as a reader of the page writes it."""
    return str(say["decimal"]).join(f"{value:g}".split("."))
