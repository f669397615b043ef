"""Colours of the map, from Crameri's perceptually even, colour-blind safe maps.

Surfaces are ramps of one hue whose opacity grows with the class: the strong end stands out on
light paper by being darker, on a dark page by being lighter, so that one picture serves both.
"""

from __future__ import annotations

from dataclasses import dataclass

from cmcrameri import cm

Rgba = tuple[int, int, int, int]


@dataclass(frozen=True)
class Ramp:
    """A classed ramp: a stretch of a Crameri map with growing opacity."""

    source: str
    start: float
    end: float
    faint: float = 0.30
    strong: float = 0.86

    def colours(self, classes: int) -> tuple[Rgba, ...]:
        """Return one colour a class, faintest first."""
        steps = [i / max(classes - 1, 1) for i in range(classes)]
        return tuple(self._colour(s) for s in steps)

    def _colour(self, step: float) -> Rgba:
        red, green, blue, _ = getattr(cm, self.source)(self.start + step * (self.end - self.start))
        alpha = self.faint + step * (self.strong - self.faint)
        return (round(red * 255), round(green * 255), round(blue * 255), round(alpha * 255))


RAMPS = {
    "route_density": Ramp("lajolla", 0.28, 0.58),
    "in_view_share": Ramp("devon", 0.62, 0.42),
    "hardness_rank": Ramp("bilbao", 0.52, 0.72, 0.10, 0.90),
    "hardship": Ramp("grayC", 0.35, 0.6, 0.25, 0.80),
}
"""Ramp of each surface."""


def css(colour: Rgba) -> str:
    """Return a colour as CSS writes it."""
    return "#" + "".join(f"{part:02x}" for part in colour)
