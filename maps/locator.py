"""The small map that shows where the study lies: outlines beyond it, the border, its frame."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from shapely import MultiLineString, box, make_valid, union_all
from shapely.geometry.base import BaseGeometry

from maps import shapes
from maps.inputs import MapInputs
from maps.smallmap import SmallMap
from maps.words import words

REACH = {"country": 8.0, "state": 4.0, "county": 2.5}
"""Display: kinds of outlines, the widest first, and how many times the study's side is shown."""
BEYOND = 1.25
"""Display: what is shown is at least this many times as wide or high as the study."""
STEPS = 250
"""Display: outlines keep their shape within this part of what is shown."""
ALIKE = (0.5, 2.0)
"""Display: width over height of the small map, at least and at most."""

Line = list[tuple[float, float]]


@dataclass(frozen=True)
class Locator:
    """Outlines, border and frame of the study, as points of a small map."""

    paper: SmallMap
    outlines: list[Line]
    border: list[Line]
    frame: Line


def locator(inputs: MapInputs) -> Locator | None:
    """Return the small map; None where no source reaches beyond the study, or land is made up."""
    if inputs.study.synthetic is not None:
        return None
    table = inputs.table("areas")
    kind = next((k for k in REACH if (table["kind"] == k).any()), None)
    if kind is None:
        return None
    west, south, east, north = inputs.study.bounds_lonlat
    study = box(west, south, east, north)
    half = max(east - west, north - south) * REACH[kind] / 2
    middle = study.centroid
    wanted = box(middle.x - half, max(middle.y - half, -80), middle.x + half, middle.y + half)
    own = [make_valid(shape) for shape in table.loc[table["kind"] == kind].geometry]
    own = [shape for shape in own if shape.intersects(wanted)]
    if not own:
        return None
    shown = union_all([*(s.intersection(wanted).envelope for s in own), study]).envelope
    left, low, right, high = shown.bounds
    if max((right - left) / (east - west), (high - low) / (north - south)) < BEYOND:
        return None
    shown = _shaped(shown)
    paper = SmallMap(shown.bounds)
    within = (shown.bounds[2] - shown.bounds[0]) / STEPS
    lines = inputs.table("lines")
    border = [g for g in lines.loc[lines["kind"] == "border"].geometry if g.intersects(shown)]
    return Locator(
        paper,
        _tracks([s.boundary for s in own], shown, within, paper),
        _tracks(border, shown, within, paper),
        [paper.at(*c) for c in study.exterior.coords],
    )


def _shaped(shown: BaseGeometry) -> BaseGeometry:
    """Widen or heighten what is shown, so that it is no strip."""
    left, low, right, high = shown.bounds
    wide, tall = right - left, high - low
    least, most = ALIKE
    more_wide, more_tall = max(0.0, tall * least - wide) / 2, max(0.0, wide / most - tall) / 2
    return box(left - more_wide, low - more_tall, right + more_wide, high + more_tall)


def _tracks(
    found: list[BaseGeometry], shown: BaseGeometry, within: float, paper: SmallMap
) -> list[Line]:
    lines = union_all([shape.simplify(within) for shape in found]).intersection(shown)
    parts = [p for p in getattr(lines, "geoms", [lines]) if "Line" in p.geom_type]
    if not parts:
        return []
    drawn = shapes.as_layer([shapes.as_feature(MultiLineString(parts), {})])
    return [[paper.at(*c[:2]) for c in track] for track in shapes.tracks(drawn)]


def drawing(found: Locator, inputs: MapInputs) -> Markup:
    """Return the small map as inline SVG."""
    parts = [
        f'<path class="{name}" d="M{"L".join(f"{x} {y}" for x, y in line)}"/>'
        for name, lines in (
            ("outline", found.outlines), ("border", found.border), ("study", [found.frame])
        )
        for line in lines
    ]  # fmt: skip
    return found.paper.drawing("locator", words(inputs.language)["orientation"]["where"], parts)
