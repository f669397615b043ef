"""A map a block of years as a picture to take away: SVG and PNG from one list of shapes.

All blocks of a study have one extent and scale. Counts stand in the public classes, on the public
cells; towers are those that surely stood in the block.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from geo.study import Period
from maps import attribution, counts, lettering, locator, orientation, shapes, view
from maps.inputs import MapInputs
from maps.sheet import HALO, INK, WIDTH, Sheet, text_width
from maps.smallmap import SmallMap
from maps.words import words

RIM, HEAD, LINE = 24, 64, 22
"""Display: rim of a picture, height of its title and of a line below [pixels]."""
LETTERS = 150
"""Display: letters of a line of the credit."""
NAME_PX, APART_PX, MOST_NAMES = 13, 75, 40
"""Display: size of the names and distance between towns with one [pixels], and names at most."""
LAND, SOFT, DEATH, TOWER, ROAD, ZONE, AREA, GROUND = (
    "#e9e3d6", "#5c574e", "#6b1230", "#17456b", "#a08c6a", "#c3cbd0", "#8d8675", "#dcd5c5",
)  # fmt: skip


@dataclass(frozen=True)
class _Land:
    """What every block of a study has in common: lines, areas, names, where the study lies."""

    zones: list[shapes.Features]
    areas: list[shapes.Features]
    ways: list[tuple[list[Any], str, float]]
    names: list[lettering.Name]
    where: locator.Locator | None


def _ground(inputs: MapInputs) -> _Land:
    ways = [
        (shapes.tracks(shapes.lines(inputs, kinds, shapes.EMBED_DEG)), colour, width)
        for kinds, colour, width in ((("highway", "road"), ROAD, 1.2), (("border",), INK, 2.0))
    ]
    return _Land(
        shapes.zones(inputs)["features"],
        orientation.areas(inputs, shapes.EMBED_DEG)["features"],
        ways,
        lettering.names(inputs),
        locator.locator(inputs),
    )


def windows(inputs: MapInputs) -> dict[str, bytes]:
    """Return name = bytes of the pictures of every block: SVG, and PNG at twice its size.

    Parameters
    ----------
    inputs
        Published tables.
    """
    cells = shapes.death_cells(inputs)["features"]
    found: dict[str, bytes] = {}
    if not cells:
        return found
    ground = _ground(inputs)
    for number, block in enumerate(inputs.blocks):
        svg, png = _picture(inputs, block, number, cells, ground)
        found[f"map-{block.id}.svg"], found[f"map-{block.id}.png"] = svg, png
    return found


def _picture(
    inputs: MapInputs, block: Period, number: int, cells: list[shapes.Features], ground: _Land
) -> tuple[bytes, bytes]:
    say, paper = words(inputs.language), SmallMap(inputs.study.bounds_lonlat)
    larger = (WIDTH - 2 * RIM) / paper.width
    credit = _credit(inputs)
    land = paper.height * larger
    sizes = _key_sizes(inputs, cells, paper, larger)
    key = max(2.0 * LINE, 2 * max(sizes) + LINE)
    sheet = Sheet(round(HEAD + land + key + LINE * len(credit) + RIM))

    def at(lon: float, lat: float) -> tuple[float, float]:
        x, y = paper.at(lon, lat)
        return RIM + x * larger, HEAD + y * larger

    marked = f"{say['synthetic']}. " if inputs.synthetic else ""
    title = f"{marked}{say['layers']['deaths']}, {block.label}"
    stood = [at(*place) for place in shapes.standing(inputs, block)]
    circles = [
        (RIM + x * larger, HEAD + y * larger, radius * larger)
        for x, y, radius in counts.circles(cells, number, paper)
    ]
    with sheet.clipped(RIM, HEAD, WIDTH - RIM, HEAD + land):
        _land(sheet, at, ground, number, HEAD + land)
        for x, y in stood:
            sheet.area([(x, y - 7), (x + 6.5, y + 5), (x - 6.5, y + 5)], TOWER, HALO)
        for x, y, radius in circles:
            sheet.circle(x, y, radius, DEATH)
        _names(sheet, at, ground, stood, circles, HEAD + land)
    worked = any(shapes.surely(z, number) for z in ground.zones)
    _key(sheet, say, HEAD + land + key / 2, sizes, stood=bool(stood), worked=worked)
    sheet.text(RIM, RIM + 18, title, 22, kind="bold")
    if ground.where is not None:
        _where(sheet, ground.where)
    for i, line in enumerate(credit):
        sheet.text(RIM, HEAD + land + key + LINE * (i + 1), line, 13, SOFT)
    alt = f"{title}. {say['deaths_unit'].format(km2=view.cell_size(inputs))}."
    return sheet.files(alt)


def _land(sheet: Sheet, at: lettering.Place, ground: _Land, number: int, low: float) -> None:
    """Draw the land, its areas and lines, and the programme zones at work in a block."""
    sheet.area([(RIM, HEAD), (WIDTH - RIM, HEAD), (WIDTH - RIM, low), (RIM, low)], LAND)
    shaded = [f for f in ground.areas if f["properties"]["kind"] in orientation.SHADED]
    for ring in shapes.rings(shaded):
        sheet.area([at(*point) for point in ring], GROUND, AREA)
    bounded = shapes.as_layer(f for f in ground.areas if f not in shaded)
    for lines, colour, width in ((shapes.tracks(bounded), AREA, 0.8), *ground.ways):
        for line in lines:
            sheet.line([at(*point) for point in line], colour, width)
    for ring in shapes.rings(z for z in ground.zones if shapes.surely(z, number)):
        sheet.area([at(*point) for point in ring], ZONE, TOWER)


def _names(
    sheet: Sheet,
    at: lettering.Place,
    ground: _Land,
    stood: list[tuple[float, float]],
    circles: list[tuple[float, float, float]],
    low: float,
) -> None:
    """Write the names that find a place clear of towers, circles and one another."""
    taken = [lettering.Box(x, y, 14, 14) for x, y in stood]
    taken += [lettering.Box(x, y, 2 * r, 2 * r) for x, y, r in circles]
    frame = lettering.Box(WIDTH / 2, (HEAD + low) / 2, WIDTH - 2 * RIM, low - HEAD)
    paper = lettering.Space(at, frame, NAME_PX, _name_width, MOST_NAMES, APART_PX)
    for name, spot in lettering.placed(ground.names, paper, taken):
        colour = INK if name.kind in lettering.SETTLEMENTS else SOFT
        sheet.text(spot.x, spot.y + NAME_PX * 0.36, name.text, NAME_PX, colour,
                   _style(name), "middle", LAND)  # fmt: skip


def _style(name: lettering.Name) -> str:
    return "italic" if name.kind in orientation.SHADED else "plain"


def _name_width(name: lettering.Name) -> float:
    return text_width(name.text, NAME_PX, _style(name))


def _where(sheet: Sheet, found: locator.Locator) -> None:
    """Draw where the study lies at the right of the title, so that it hides no land."""
    tall = HEAD - 10
    scale = tall / found.paper.height
    left = WIDTH - RIM - found.paper.width * scale

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return left + point[0] * scale, 5 + point[1] * scale

    right = WIDTH - RIM
    sheet.area([(left, 5), (right, 5), (right, 5 + tall), (left, 5 + tall)], LAND)
    for lines, colour, width in (
        (found.outlines, AREA, 0.6), (found.border, INK, 1.0), ([found.frame], INK, 1.6)
    ):  # fmt: skip
        for line in lines:
            sheet.line([at(point) for point in line], colour, width)


def _key_sizes(
    inputs: MapInputs, cells: list[shapes.Features], paper: SmallMap, larger: float
) -> list[float]:
    """Return the radius of every class as it is drawn, for a cell of mean size in the middle."""
    _, south, _, north = inputs.study.bounds_lonlat
    km2 = float(np.mean([c["properties"]["km2"] for c in cells]))
    return [r * larger for r in counts.radii(km2, (south + north) / 2, paper)[1:]]


def _key(
    sheet: Sheet, say: dict[str, Any], y: float, sizes: list[float], *, stood: bool, worked: bool
) -> None:
    """Draw what circles, at the sizes of the map, and triangles mean."""
    names = say["classes"]
    x = float(RIM)
    for radius, name in zip(sizes, names[1:], strict=True):
        sheet.circle(x + radius, y, radius, DEATH)
        sheet.text(x + 2 * radius + 6, y + 5, name, 14)
        x += 2 * radius + 26 + 8.5 * len(name)
    if stood:
        sheet.area([(x + 6, y - 7), (x + 12.5, y + 5), (x - 0.5, y + 5)], TOWER)
        sheet.text(x + 20, y + 5, f"{say['layers']['towers']}: {say['tower_sure']}", 14)
    if worked:
        x += 380 if stood else 0
        sheet.area([(x, y - 7), (x + 18, y - 7), (x + 18, y + 6), (x, y + 6)], ZONE, TOWER)
        sheet.text(x + 26, y + 5, f"{say['layers']['zones']}: {say['zone_sure']}", 14)


def _credit(inputs: MapInputs) -> list[str]:
    """Return sources, day, run and whom to ask, wrapped."""
    return [line for text in attribution.map_credit(inputs) for line in wrap(text, LETTERS)]
