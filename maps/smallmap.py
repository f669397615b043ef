"""A small map as inline SVG: one extent and scale for every one of a study, ground and border."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup, escape

from maps import shapes
from maps.inputs import MapInputs

WIDTH = 320
"""Display: width of a drawing [pixels of its own]."""


@dataclass(frozen=True)
class SmallMap:
    """The paper of a small map: from degrees to the drawing, on Mercator's map."""

    bounds_lonlat: tuple[float, float, float, float]

    @property
    def width(self) -> int:
        """Width of the drawing [pixels of its own]."""
        return WIDTH

    @property
    def scale(self) -> float:
        """Pixels of the drawing to a radian of longitude."""
        west, _, east, _ = self.bounds_lonlat
        return WIDTH / math.radians(east - west)

    @property
    def height(self) -> int:
        """Height of the drawing [pixels of its own]."""
        _, south, _, north = self.bounds_lonlat
        return round((_up(north) - _up(south)) * self.scale)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Return the place of a point, rounded so that bytes stay few and equal."""
        west, _, _, north = self.bounds_lonlat
        across = math.radians(lon - west) * self.scale
        return round(across, 1), round((_up(north) - _up(lat)) * self.scale, 1)

    def drawing(self, name: str, title: str, parts: list[str]) -> Markup:
        """Return the ground with the parts on it: numbers and fixed words, all escaped before."""
        head = (
            f'<svg class="{name}" viewBox="0 0 {WIDTH} {self.height}" role="img" '
            f'aria-label="{escape(title)}" focusable="false">'
        )
        ground = f'<rect class="ground" width="{WIDTH}" height="{self.height}"/>'
        return Markup(f"{head}{ground}{''.join(parts)}</svg>")  # noqa: S704

    def border(self, inputs: MapInputs) -> list[str]:
        """Return the international border."""
        paths = (
            "L".join(f"{a} {b}" for a, b in (self.at(*c) for c in line))
            for line in shapes.tracks(shapes.lines(inputs, ("border",)))
        )
        return [f'<path class="border" d="M{path}"/>' for path in paths]


def _up(lat: float) -> float:
    """Return the height of a latitude on Mercator's map."""
    return math.asinh(math.tan(math.radians(lat)))
