"""A map a block of years as a picture to take away: SVG and PNG from one list of shapes.

All blocks of a study have one extent and scale. Counts stand in the public classes, on the public
cells; towers are those that surely stood in the block.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

import numpy as np
from markupsafe import escape
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from geo.study import Period
from maps import counts, shapes, view
from maps.inputs import MapInputs
from maps.smallmap import SmallMap
from maps.words import words

WIDTH, RIM, HEAD, LINE = 1200, 24, 64, 22
"""Display: width of a picture, its rim, height of its title and of a line below [pixels]."""
TWICE = 2
"""Display: pixels of a PNG to one of the drawing."""
LETTERS = 150
"""Display: letters of a line of the credit."""
PAPER, LAND, INK, SOFT, DEATH, HALO, TOWER, ROAD, ZONE = (
    "#faf8f4", "#e9e3d6", "#1c1a17", "#5c574e", "#6b1230", "#fffaf2", "#17456b", "#a08c6a",
    "#c3cbd0",
)  # fmt: skip
_FONTS = {"bold": "DejaVu Sans:bold", "plain": "DejaVu Sans"}


@dataclass
class _Sheet:
    """A drawing as SVG and as pixels at once."""

    height: int
    svg: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lay the paper."""
        self.image = Image.new("RGB", (WIDTH * TWICE, self.height * TWICE), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def area(self, points: list[tuple[float, float]], fill: str, rim: str = "none") -> None:
        """Fill a polygon."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.svg.append(f'<path d="M{path}z" fill="{fill}" stroke="{rim}"/>')
        self.pen.polygon([(x * TWICE, y * TWICE) for x, y in points], fill, None)
        if rim != "none":
            self.line([*points, points[0]], rim, 1.2, told=False)

    def line(
        self, points: list[tuple[float, float]], colour: str, width: float, *, told: bool = True
    ) -> None:
        """Draw a line."""
        if told:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
            self.svg.append(f'<path d="M{path}" fill="none" stroke="{colour}" '
                            f'stroke-width="{width}"/>')  # fmt: skip
        self.pen.line([(x * TWICE, y * TWICE) for x, y in points], colour, round(width * TWICE))

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """Draw a circle with a light rim."""
        self.svg.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" '
                        f'stroke="{HALO}"/>')  # fmt: skip
        box = [(v - r) * TWICE for v, r in ((x, radius), (y, radius))]
        self.pen.ellipse([*box, *((v + radius) * TWICE for v in (x, y))], fill, HALO, TWICE)

    def text(self, x: float, y: float, words_: str, size: int, colour: str = INK,
             kind: str = "plain", anchor: str = "start") -> None:  # fmt: skip
        """Write a line."""
        weight = ' font-weight="700"' if kind == "bold" else ""
        self.svg.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight} '
            f'text-anchor="{anchor}">{escape(words_)}</text>'
        )
        font = ImageFont.truetype(font_manager.findfont(_FONTS[kind]), size * TWICE)
        where = {"start": "ls", "middle": "ms"}[anchor]
        self.pen.text((x * TWICE, y * TWICE), words_, colour, font, anchor=where)

    def files(self, alt: str) -> tuple[bytes, bytes]:
        """Return SVG and PNG with their text for who cannot see them, without a clock value."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{WIDTH}" height="{self.height}" role="img" font-family="DejaVu Sans, '
            f'system-ui, sans-serif"><title>{escape(alt)}</title>'
            f'<rect width="{WIDTH}" height="{self.height}" fill="{PAPER}"/>'
        )
        facts = PngImagePlugin.PngInfo()
        facts.add_itxt("Description", alt)
        sink = io.BytesIO()
        self.image.save(sink, "PNG", pnginfo=facts)
        return f"{head}{''.join(self.svg)}</svg>\n".encode(), sink.getvalue()


def windows(inputs: MapInputs) -> dict[str, bytes]:
    """Return name = bytes of the pictures of every block: SVG, and PNG at twice its size.

    Parameters
    ----------
    inputs
        Published tables.
    """
    cells = shapes.death_cells(inputs)["features"]
    zones = shapes.zones(inputs)["features"]
    ways = [
        (shapes.tracks(shapes.lines(inputs, kinds, shapes.EMBED_DEG)), colour, width)
        for kinds, colour, width in ((("highway", "road"), ROAD, 1.2), (("border",), INK, 2.0))
    ]
    found: dict[str, bytes] = {}
    for number, block in enumerate(inputs.blocks if cells else ()):
        svg, png = _picture(inputs, block, number, (cells, zones, ways))
        found[f"map-{block.id}.svg"], found[f"map-{block.id}.png"] = svg, png
    return found


def _picture(
    inputs: MapInputs,
    block: Period,
    number: int,
    shown: tuple[list[shapes.Features], list[shapes.Features], list[Any]],
) -> tuple[bytes, bytes]:
    cells, zones, ways = shown
    say, paper = words(inputs.language), SmallMap(inputs.study.bounds_lonlat)
    larger = (WIDTH - 2 * RIM) / paper.width
    credit = _credit(inputs)
    land = paper.height * larger
    sizes = _key_sizes(inputs, cells, paper, larger)
    key = max(2.0 * LINE, 2 * max(sizes) + LINE)
    sheet = _Sheet(round(HEAD + land + key + LINE * len(credit) + RIM))

    def at(lon: float, lat: float) -> tuple[float, float]:
        x, y = paper.at(lon, lat)
        return RIM + x * larger, HEAD + y * larger

    marked = f"{say['synthetic']}. " if inputs.synthetic else ""
    title = f"{marked}{say['layers']['deaths']}, {block.label}"
    sheet.area([(RIM, HEAD), (WIDTH - RIM, HEAD), (WIDTH - RIM, HEAD + land), (RIM, HEAD + land)],
               LAND)  # fmt: skip
    for lines, colour, width in ways:
        for line in lines:
            sheet.line([at(*point) for point in line], colour, width)
    for ring in shapes.rings(z for z in zones if shapes.surely(z, number)):
        sheet.area([at(*point) for point in ring], ZONE, TOWER)
    for x, y in (at(*place) for place in shapes.standing(inputs, block)):
        sheet.area([(x, y - 7), (x + 6.5, y + 5), (x - 6.5, y + 5)], TOWER, HALO)
    for x, y, radius in counts.circles(cells, number, paper):
        sheet.circle(RIM + x * larger, HEAD + y * larger, radius * larger, DEATH)
    stood = bool(shapes.standing(inputs, block))
    worked = any(shapes.surely(z, number) for z in zones)
    _key(sheet, say, HEAD + land + key / 2, sizes, stood=stood, worked=worked)
    sheet.text(RIM, RIM + 18, title, 22, kind="bold")
    for i, line in enumerate(credit):
        sheet.text(RIM, HEAD + land + key + LINE * (i + 1), line, 13, SOFT)
    alt = f"{title}. {say['deaths_unit'].format(km2=view.cell_size(inputs))}."
    return sheet.files(alt)


def _key_sizes(
    inputs: MapInputs, cells: list[shapes.Features], paper: SmallMap, larger: float
) -> list[float]:
    """Return the radius of every class as it is drawn, for a cell of mean size in the middle."""
    _, south, _, north = inputs.study.bounds_lonlat
    km2 = float(np.mean([c["properties"]["km2"] for c in cells]))
    return [r * larger for r in counts.radii(km2, (south + north) / 2, paper)[1:]]


def _key(
    sheet: _Sheet, say: dict[str, Any], y: float, sizes: list[float], *, stood: bool, worked: bool
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
    return [line for text in view.credit(inputs) for line in wrap(text, LETTERS)]
