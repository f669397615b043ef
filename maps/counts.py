"""Small multiples: recorded deaths in cells, every block of years side by side at one scale.

A block is never subtracted from another: most cells hold one to four records, whose change is
chance. Change is told by corridor, where both windows hold enough records.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from maps import shapes, view
from maps.inputs import MapInputs
from maps.smallmap import SmallMap
from maps.words import words

RADII = (0.0, 0.14, 0.22, 0.32, 0.44)
"""Display: radius of the circle of each class, as a share of the width of a cell."""
LEAST = (0.0, 1.1, 1.8, 2.7, 3.8)
"""Display: radius of the circle of each class at least [pixels of the drawing]."""
EARTH_KM = 6371.0
"""Definition: mean radius of the earth, with which a drawing's scale is told."""


def counts(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return a drawing of every block: circles of its classes, towers as they surely stood."""
    cells = shapes.death_cells(inputs)["features"]
    if not cells:
        return []
    paper = SmallMap(inputs.study.bounds_lonlat)
    zones = shapes.zones(inputs)["features"]
    border = paper.border(inputs)
    say, found = words(inputs.language), []
    for number, block in enumerate(inputs.blocks):
        parts = [*_zones(zones, number, paper), *border]
        parts += [
            f'<path class="tower" d="M{x} {y - 2.6}l2.5 4.4h-5z"/>'
            for x, y in (paper.at(*p) for p in shapes.standing(inputs, block))
        ]
        drawn = circles(cells, number, paper)
        parts += [
            f'<circle class="death" cx="{x}" cy="{y}" r="{radius:.1f}"/>' for x, y, radius in drawn
        ]
        alt = say["counts_alt"].format(years=block.label)
        title = block.label if drawn else say["counts_none"].format(years=block.label)
        found.append({"title": title, "svg": paper.drawing("counts", alt, parts)})
    return found


def tall(inputs: MapInputs) -> bool:
    """Say whether the land is higher than it is wide."""
    paper = SmallMap(inputs.study.bounds_lonlat)
    return paper.height > paper.width


def circles(
    cells: list[shapes.Features], number: int, paper: SmallMap
) -> list[tuple[float, float, float]]:
    """Return place and radius of the circle of every cell with a record in a block."""
    found = []
    for feature in cells:
        level = feature["properties"]["c"][number]
        if not level:
            continue
        ring = np.asarray(feature["geometry"]["coordinates"][0][:-1])
        lon, lat = ring.mean(axis=0)
        found.append((*paper.at(lon, lat), radii(feature["properties"]["km2"], lat, paper)[level]))
    return found


def radii(km2: float, lat: float, paper: SmallMap) -> list[float]:
    """Return the radius of the circle of each class, for cells of an area at a latitude."""
    # a cell is as wide as a square of its area
    wide = km2**0.5 / EARTH_KM / np.cos(np.radians(lat)) * paper.scale
    return [max(least, share * wide) for least, share in zip(LEAST, RADII, strict=True)]


def _zones(zones: list[shapes.Features], number: int, paper: SmallMap) -> list[str]:
    """Draw the programme zones that surely worked in a block."""
    rings = shapes.rings(z for z in zones if shapes.surely(z, number))
    paths = ("L".join(f"{x} {y}" for x, y in (paper.at(*c) for c in ring)) for ring in rings)
    return [f'<path class="zone" d="M{path}z"/>' for path in paths]


def counts_note(inputs: MapInputs) -> str:
    """Say what the circles are, the marks that a study has, and where change is told if it is."""
    say = words(inputs.language)
    marks = "".join(
        f"; {say['counts_marks'][n]}" for n in say["counts_marks"] if len(inputs.table(n))
    )
    note = str(say["counts_note"].format(km2=view.cell_size(inputs), marks=marks))
    return note if view.compared(inputs) is None else f"{note} {say['counts_change']}"
