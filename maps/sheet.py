"""A drawing to take away, as SVG and as pixels at once, from one list of shapes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache

from markupsafe import escape
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

WIDTH = 1200
"""Display: width of a picture [pixels]."""
TWICE = 2
"""Display: pixels of a PNG to one of the drawing."""
PAPER, INK, HALO = "#faf8f4", "#1c1a17", "#fffaf2"
_FONTS = {"bold": "DejaVu Sans:bold", "plain": "DejaVu Sans", "italic": "DejaVu Sans:italic"}


@dataclass
class Sheet:
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
             kind: str = "plain", anchor: str = "start", halo: str = "") -> None:  # fmt: skip
        """Write a line; a halo keeps it readable over what it crosses."""
        around = f' stroke="{halo}" stroke-width="3" paint-order="stroke"' if halo else ""
        weight = {"bold": ' font-weight="700"', "italic": ' font-style="italic"'}.get(kind, "")
        self.svg.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{weight} '
            f'text-anchor="{anchor}"{around}>{escape(words_)}</text>'
        )
        font = _font(kind, size)
        where = {"start": "ls", "middle": "ms"}[anchor]
        at, rim = (x * TWICE, y * TWICE), 3 if halo else 0
        self.pen.text(at, words_, colour, font, anchor=where, stroke_width=rim,
                      stroke_fill=halo or None)  # fmt: skip

    @contextmanager
    def clipped(self, left: float, top: float, right: float, low: float) -> Iterator[None]:
        """Keep what is drawn meanwhile within a frame; once a drawing."""
        self.svg.append(
            f'<clipPath id="frame"><path d="M{left} {top}H{right}V{low:.1f}H{left}z"/></clipPath>'
            '<g clip-path="url(#frame)">'
        )
        whole = self.image
        self.image = whole.copy()
        self.pen = ImageDraw.Draw(self.image)
        yield
        x, y = round(left * TWICE), round(top * TWICE)
        kept = self.image.crop((x, y, round(right * TWICE), round(low * TWICE)))
        whole.paste(kept, (x, y))
        self.image, self.pen = whole, ImageDraw.Draw(whole)
        self.svg.append("</g>")

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


def text_width(text: str, size: int, kind: str = "plain") -> float:
    """Return the width of a line [pixels of the drawing]."""
    return float(_font(kind, size).getlength(text)) / TWICE


@cache
def _font(kind: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_manager.findfont(_FONTS[kind]), size * TWICE)
