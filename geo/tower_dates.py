"""Dating rules of a study: which towers without a date of their own began to watch when.

The software never dates a tower: a person writes a rule, with the document it rests on. A rule
names a programme, an area and the interval within which a tower of that programme there began.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, Self

import shapely
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from geo.date_intervals import interval
from geo.parameters import load

Box = tuple[float, float, float, float]
Coordinates = tuple[Any, ...]
PLACES = ("area", "corridor", "polygon", "box")
"""Ways to say where a rule holds; a rule uses one."""


class TowerDates(BaseModel):
    """One dating rule: towers of a programme in an area began to watch within an interval."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: str = Field(description="Programme, as in data/parameters/tower_programmes.yaml")
    interval: str = Field(
        description="ISO interval of the start, ends may be open: 2015-08/2015-12, /2024-03, 2020/"
    )
    citation: str = Field(min_length=3, description="Document that says so, for people to find")
    area: str | None = Field(
        default=None, description="Area of responsibility named in responsibility_areas.yaml"
    )
    corridor: str | None = Field(default=None, description="A corridor of the study's corridors")
    polygon: str | Coordinates | None = Field(
        default=None, description="GeoJSON coordinates of a polygon, or the path of a file"
    )
    box: Box | None = Field(default=None, description="West, south, east, north, degrees")
    name: str = Field(default="", max_length=120, description="Name of the rule in tables")
    note: str = Field(default="", description="What is assumed, and what was not found")

    @field_validator("programme")
    @classmethod
    def _known_programme(cls, value: str) -> str:
        known = sorted({p.extra["programme"] for p in load("tower_programmes").values()})
        if value not in known:
            raise ValueError(f"{value!r} is no programme; use one of {', '.join(known)}")
        return value

    @field_validator("interval")
    @classmethod
    def _an_interval(cls, value: str) -> str:
        if interval(value) is None:
            raise ValueError(
                f"{value!r} is no ISO interval; write 2015-08/2015-12, 2015-09, or with an open "
                "end /2024-03 or 2020-01/"
            )
        return value

    @field_validator("area")
    @classmethod
    def _known_area(cls, value: str | None) -> str | None:
        if value is not None and value.lower() not in areas():
            names = ", ".join(a.extra["area"] for a in load("responsibility_areas").values())
            raise ValueError(f"{value!r} is no area known here; use a box, or one of {names}")
        return value

    @field_validator("box")
    @classmethod
    def _degrees(cls, value: Box | None) -> Box | None:
        if value is not None:
            west, south, east, north = value
            if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
                raise ValueError(f"{value} is not west, south, east, north in degrees")
        return value

    @field_validator("polygon")
    @classmethod
    def _a_polygon(cls, value: str | Coordinates | None) -> str | Coordinates | None:
        if value is not None and not isinstance(value, str):
            polygon_of(value)
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [name for name in PLACES if getattr(self, name) is not None]
        if len(given) != 1:
            said = "none" if not given else ", ".join(given)
            raise ValueError(f"a rule says its place in one of {', '.join(PLACES)}; here: {said}")
        return self

    @property
    def place(self) -> str:
        """Return where the rule holds, in words."""
        if self.polygon is not None:
            return "polygon"
        if self.box is not None:
            return f"box {', '.join(f'{v:g}' for v in self.box)}"
        return str(self.area or self.corridor)

    @property
    def label(self) -> str:
        """Return the name of the rule: its own, or programme, place and interval."""
        return self.name or f"{self.programme}, {self.place}: {self.interval}"

    def bounds(self, window: tuple[date, date]) -> tuple[date, date]:
        """Return the first and last day of the start, with open ends closed.

        An open end reaches so far beyond the study's window that a uniform draw falls outside
        the window with the odds of `open_interval_odds` (visibility.yaml): half of the draws of
        `/2010-06` in a study that begins in 2000-10 stood before it, and half of those of
        `2020-01/` do not begin within it. That choice is assumed, and marked so.

        Parameters
        ----------
        window
            First day of the study, first day after it.
        """
        given = interval(self.interval)
        if given is None:  # checked when the rule was made
            raise ValueError(f"{self.interval!r} is no interval")
        first, last = given
        share = float(load("visibility")["open_interval_odds"].value)
        beyond = share / (1.0 - share)
        if first is None and last is not None:
            inside = max(timedelta(0), last - window[0])
            return min(window[0], last) - inside * beyond, last
        if last is None and first is not None:
            inside = max(timedelta(0), window[1] - first)
            return first, max(window[1], first) + inside * beyond
        return _both(first, last)

    def ground(self, corridors: Mapping[str, BaseGeometry] | None = None) -> BaseGeometry | None:
        """Return the rule's area in EPSG:4326; None where its corridor has no polygon here."""
        if self.area is not None:
            return box(*areas()[self.area.lower()])
        if self.box is not None:
            return box(*self.box)
        if self.corridor is not None:
            return (corridors or {}).get(self.corridor)
        if isinstance(self.polygon, str) or self.polygon is None:
            raise ValueError("the polygon's file was not read")
        return polygon_of(self.polygon)


def _both(first: date | None, last: date | None) -> tuple[date, date]:
    if first is None or last is None:
        raise ValueError("an interval without a known end")
    return first, last


@cache
def areas() -> Mapping[str, Box]:
    """Return the named areas of responsibility: name in lower case = west, south, east, north."""
    found = load("responsibility_areas").values()
    return MappingProxyType({a.extra["area"].lower(): _as_box(a.value) for a in found})


def _as_box(value: Sequence[float]) -> Box:
    west, south, east, north = (float(v) for v in value)
    return west, south, east, north


def polygon_of(coordinates: Sequence[Any]) -> BaseGeometry:
    """Return the polygon of GeoJSON coordinates: one ring, a polygon's rings, or several polygons.

    Raises
    ------
    ValueError
        If they are no coordinates in degrees.
    """
    depth, inner = 0, coordinates
    while isinstance(inner, list | tuple) and inner:
        inner, depth = inner[0], depth + 1
    kind, given = {
        2: ("Polygon", [coordinates]),
        3: ("Polygon", coordinates),
        4: ("MultiPolygon", coordinates),
    }.get(depth, ("", coordinates))
    try:
        found = shapely.make_valid(shape({"type": kind, "coordinates": given}))
    except (ValueError, TypeError, AttributeError, shapely.errors.ShapelyError):
        found = None
    if found is None or found.is_empty or not found.area:
        raise ValueError("polygon holds no GeoJSON coordinates: [[[-111, 31], [-110, 31], ...]]")
    west, south, east, north = found.bounds
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError("polygon lies beyond longitudes and latitudes; give degrees, EPSG:4326")
    return found


def coordinates_of(polygon: BaseGeometry) -> Coordinates:
    """Return the GeoJSON coordinates of a polygon, rounded to about a tenth of a metre."""
    rounded = shapely.set_precision(polygon, 1e-6)
    found: Coordinates = mapping(rounded)["coordinates"]
    return found
