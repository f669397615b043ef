"""Names on the land of a still picture, and the small map of where that land lies."""

from __future__ import annotations

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pyproj import Transformer

from maps import lettering, orientation, surfaces
from maps.locator import Locator

INK, SOFT, LAND = "#1c1a17", "#5c574e", "#e7e1d4"
NAME_PT, APART_PT, MOST_NAMES = 7.5, 34.0, 14
"""Display: size of the names [pt], distance between towns with one [pt], names of a map at most."""
LETTER = 0.62
"""Display: width of a letter of a name, as a share of its size."""
POINTS_PER_INCH = 72
"""Definition: points of an inch."""
CORNER, TALL_IN = (0.97, 0.975), 0.8
"""Display: top right corner of the small map [share of the picture], and its height [inch]."""
_TO = Transformer.from_crs("EPSG:4326", surfaces.MERCATOR, always_xy=True)

Mark = tuple[float, float, float]
"""Longitude, latitude and width [pt] of something that is drawn already."""


def names(figure: Figure, axes: Axes, wanted: list[lettering.Name], marks: list[Mark]) -> None:
    """Write the names that find a place clear of the marks and of one another."""
    axes.apply_aspect()  # else the frame is where it was before it took the land's shape
    point = figure.dpi / POINTS_PER_INCH
    size = NAME_PT * point

    def at(lon: float, lat: float) -> tuple[float, float]:
        x, y = axes.transData.transform(_TO.transform(lon, lat))
        return float(x), float(y)

    def width(name: lettering.Name) -> float:
        return LETTER * size * len(name.text)

    taken = [lettering.Box(*at(lon, lat), pt * point, pt * point) for lon, lat, pt in marks]
    box = axes.get_window_extent()
    frame = lettering.Box((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width, box.height)
    paper = lettering.Space(at, frame, size, width, MOST_NAMES, APART_PT * point)
    for name, spot in lettering.placed(wanted, paper, taken):
        axes.annotate(
            name.text.replace("$", r"\$"), (spot.x, spot.y), xycoords="figure pixels",
            ha="center", va="center", size=NAME_PT, zorder=5,
            color=INK if name.kind in lettering.SETTLEMENTS else SOFT,
            style="italic" if name.kind in orientation.SHADED else "normal",
            path_effects=[patheffects.withStroke(linewidth=1.6, foreground=LAND)],
        )  # fmt: skip


def where(figure: Figure, found: Locator, colours: tuple[str, str, str]) -> None:
    """Draw the small map in the top right corner, beside the words: it hides no land."""
    land, outline, ink = colours
    wide_in, tall_in = figure.get_size_inches()
    tall = TALL_IN / tall_in
    wide = TALL_IN * found.paper.width / found.paper.height / wide_in
    axes = figure.add_axes((CORNER[0] - wide, CORNER[1] - tall, wide, tall))
    axes.set_facecolor(land)
    for lines, colour, width in (
        (found.outlines, outline, 0.5), (found.border, ink, 0.9), ([found.frame], ink, 1.3)
    ):  # fmt: skip
        for line in lines:
            axes.plot(*np.asarray(line).T, color=colour, lw=width)
    axes.set(xlim=(0, found.paper.width), ylim=(found.paper.height, 0), xticks=[], yticks=[])
    axes.spines[:].set_linewidth(0.4)
