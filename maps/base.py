"""The Folium map: panes, pictures and shapes, as script whose names do not change by the run.

No word of a publisher passes through Folium: it compiles what it has written as a template once
more, so that a brace in a name would run in Python. Shapes carry a number; words travel as data.
"""

from __future__ import annotations

from typing import Any

import folium
from folium.map import CustomPane

from maps.surfaces import RasterImage, SurfaceLayer

PANES = {
    "ground": 205,
    "relief": 210,
    "surface": 220,
    "zones": 240,
    "lines": 300,
    "cells": 410,
    "marks": 430,
    "picked": 440,
    "labels": 450,
}
"""Pane = its place in the pile."""


def script(
    bounds_lonlat: tuple[float, float, float, float],
    shaded: RasterImage | None,
    surfaces: dict[str, SurfaceLayer],
    shapes: dict[str, dict[str, Any]],
    alt: dict[str, str],
) -> str:
    """Return the script of the Folium map.

    The map is `map_main`; pictures are `image_overlay_<surface>_<number of the period>`, shapes
    `geo_json_<name>`. Only the relief and the lines are on the map when the page opens.
    """
    west, south, east, north = bounds_lonlat
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=7,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        control_scale=True,
        attribution_control=False,
        scroll_wheel_zoom=False,
        keyboard_pan_delta=60,
        zoom_snap=0.1,
        zoom_delta=0.5,
    )
    _name(page, "main")
    page.default_js, page.default_css = [], []
    for pane, height in PANES.items():
        _name(CustomPane(pane, z_index=height), pane).add_to(page)
    if shaded:
        _name(_overlay(shaded, "relief", alt["relief"], show=True), "relief").add_to(page)
    for name, classed in surfaces.items():
        for number, picture in enumerate(classed.pictures.values()):
            overlay = _overlay(picture, "surface", alt[name], show=False)
            _name(overlay, f"{name}_{number}").add_to(page)
    for name, collection in shapes.items():
        layer = folium.GeoJson(
            _numbered(collection),
            name=name,
            show=False,
            marker=folium.CircleMarker(radius=4),
            interactive=False,
            pane="lines" if name in ("border", "roads", "areas", "corridors", "zones") else "marks",
        )
        _name(layer, name).add_to(page)
    root: Any = page.get_root()
    root.render()
    return f"{root.script.render()}\n{_index(surfaces, shapes)}"


def _index(surfaces: dict[str, SurfaceLayer], shapes: dict[str, dict[str, Any]]) -> str:
    """Return the line by which the page's own script finds what Folium made."""
    pictures = ", ".join(
        f"{name}: [{', '.join(f'image_overlay_{name}_{i}' for i in range(len(s.pictures)))}]"
        for name, s in surfaces.items()
    )
    found = ", ".join(f"{name}: geo_json_{name}" for name in shapes)
    return f"var pictures = {{{pictures}}}, shapes = {{{found}}};"


def _numbered(collection: dict[str, Any]) -> dict[str, Any]:
    """Return the shapes with nothing but their number for property."""
    features = [
        {"type": "Feature", "geometry": feature["geometry"], "properties": {"n": number}}
        for number, feature in enumerate(collection["features"])
    ]
    return {"type": "FeatureCollection", "features": features}


def _overlay(
    picture: RasterImage, pane: str, alt: str, *, show: bool
) -> folium.raster_layers.Layer:
    return folium.raster_layers.ImageOverlay(
        picture.url,
        [list(corner) for corner in picture.bounds],
        pixelated=False,
        show=show,
        pane=pane,
        alt=alt,
        class_name=f"pane-{pane}",
    )


def _name(element: Any, name: str) -> Any:
    # folium names every element by a random number; a page must have the same bytes every time
    element._id = name  # noqa: SLF001
    return element
