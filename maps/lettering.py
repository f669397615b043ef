"""Names on a drawn map: each takes the first free spot beside its point, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import dist
from typing import Any

from shapely.geometry import shape

from maps import orientation, shapes
from maps.inputs import MapInputs

SETTLEMENTS = ("city", "town", "village")
"""Definition: kinds of names that are of places where people live."""
Place = Callable[[float, float], tuple[float, float]]
"""From degrees to the drawing."""


@dataclass(frozen=True)
class Box:
    """A box of the drawing by its middle, width and height."""

    x: float
    y: float
    wide: float
    tall: float

    def meets(self, other: Box) -> bool:
        """Say whether two boxes overlap."""
        apart_x, apart_y = abs(self.x - other.x), abs(self.y - other.y)
        return 2 * apart_x < self.wide + other.wide and 2 * apart_y < self.tall + other.tall

    def within(self, frame: Box) -> bool:
        """Say whether the box lies inside a frame."""
        across = 2 * abs(self.x - frame.x) + self.wide
        return across <= frame.wide and 2 * abs(self.y - frame.y) + self.tall <= frame.tall


@dataclass(frozen=True)
class Name:
    """A name, what it is a name of, and degrees of the points it may stand at."""

    text: str
    kind: str
    at: tuple[tuple[float, float], ...]


def names(inputs: MapInputs) -> list[Name]:
    """Return the names of a map in the order in which they take their place."""
    found = [
        Name(n["name"], n["kind"], ((n["at"][1], n["at"][0]),)) for n in orientation.labels(inputs)
    ]
    roads: list[tuple[float, Name]] = []
    for road in shapes.lines(inputs, ("highway", "road"), shapes.EMBED_DEG)["features"]:
        tracks = shapes.tracks(shapes.as_layer([road]))
        longest = max(tracks, key=lambda t: shape(_line(t)).length, default=None)
        if road["properties"]["short"] and longest:
            spots = [longest[int((len(longest) - 1) * s)] for s in (0.5, 0.35, 0.65, 0.2, 0.8)]
            name = Name(road["properties"]["short"], "road", tuple((s[0], s[1]) for s in spots))
            roads.append((shape(_line(longest)).length, name))
    roads.sort(key=lambda r: (-r[0], r[1].text))
    return [*found, *(name for _, name in roads)]


def _line(track: list[Any]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": track}


@dataclass(frozen=True)
class Space:
    """What names are set on: the drawing, its frame, the size of the letters, how many at most.

    Half as many names of roads may stand beside those of all else. `widths` gives the width of a
    text; `rim` is kept free around every name. A settlement nearer than `apart` to one that is
    named already stays without a name.
    """

    at: Place
    frame: Box
    tall: float
    widths: Callable[[Name], float]
    most: int
    apart: float = 0.0
    rim: float = 2.0


def placed(wanted: Iterable[Name], space: Space, taken: list[Box]) -> list[tuple[Name, Box]]:
    """Return the names that found a spot clear of marks, of other names and of the frame."""
    marks = list(taken)
    towns: list[tuple[float, float]] = []
    found: list[tuple[Name, Box]] = []
    for name in wanted:
        road = name.kind == "road"
        if sum((n.kind == "road") == road for n, _ in found) >= space.most // (2 if road else 1):
            continue
        here = space.at(*name.at[0])
        lived_in = name.kind in SETTLEMENTS
        if lived_in and any(dist(here, other) < space.apart for other in towns):
            continue
        spot = next((b for b in _spots(name, space) if _free(b, space.frame, marks)), None)
        if spot is not None:
            marks.append(spot)
            found.append((name, spot))
            towns += [here] if lived_in else []
    return found


def _free(spot: Box, frame: Box, marks: list[Box]) -> bool:
    return spot.within(frame) and not any(spot.meets(mark) for mark in marks)


def _spots(name: Name, space: Space) -> Iterable[Box]:
    wide, tall = space.widths(name) + 2 * space.rim, space.tall + 2 * space.rim
    aside = (wide + tall) / 2
    shifts = [(0.0, 0.0)]
    if name.kind != "road":
        shifts += [(0, -tall), (0, tall), (aside, 0), (-aside, 0), (0, -2 * tall), (0, 2 * tall)]
    for lon, lat in name.at:
        x, y = space.at(lon, lat)
        yield from (Box(x + dx, y + dy, wide, tall) for dx, dy in shifts)
