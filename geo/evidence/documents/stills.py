"""Stills of the central figure for newsrooms, 16:9 and 1:1, with a line that says whose it is."""

from __future__ import annotations

import io
from collections.abc import Mapping

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from geo.evidence.documents.html_table import CONTACT
from geo.evidence.tables.findings import Findings
from geo.evidence.tables.plain_words import WORDS
from geo.inference.registered.phrases import Language

SHAPES: Mapping[str, tuple[int, int]] = {"16x9": (1600, 900), "1x1": (1080, 1080)}
"""Display: name of a shape = width and height [pixels]."""
PAPER, SOFT = "#faf9f6", "#525a61"
RIM, LINE_PX, LETTER_PX = 24, 40, 17
"""Display: rim of a still, height of its last line, and size of that line's letters [pixels]."""


def named(stem: str, shape: str) -> str:
    """Return the name of a still: the stem's first part, its shape, its language."""
    name, dot, language = stem.partition(".")
    return f"{name}-{shape}{dot}{language}.png"


def credit(findings: Findings, language: Language) -> str:
    """Return what stands under every still: made up or not, day, run, whom to ask."""
    say = WORDS[language]
    parts = [say["synthetic"]] if findings.synthetic else []
    run = say["run"].format(as_of=findings.study.as_of.isoformat(), run=findings.run_id)
    return " ".join([*parts, run, f"{say['corrections']} {CONTACT.removeprefix('https://')}"])


def still(drawing: bytes, shape: str, line: str, alt: str) -> bytes:
    """Fit a drawing into a shape, on its own paper.

    Parameters
    ----------
    drawing
        PNG.
    shape
        One of `SHAPES`.
    line
        What stands below it.
    alt
        Text for who cannot see it; it is in the file.

    Returns
    -------
    bytes
        PNG without a clock value in it.
    """
    wide, tall = SHAPES[shape]
    sheet = Image.new("RGB", (wide, tall), PAPER)
    with Image.open(io.BytesIO(drawing)) as opened:
        image = opened.convert("RGB")
    room = (wide - 2 * RIM, tall - 2 * RIM - LINE_PX)
    scale = min(room[0] / image.width, room[1] / image.height)
    image = image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS
    )
    sheet.paste(image, ((wide - image.width) // 2, RIM + (room[1] - image.height) // 2))
    pen = ImageDraw.Draw(sheet)
    letters = LETTER_PX
    path = font_manager.findfont("DejaVu Sans")
    font = ImageFont.truetype(path, letters)
    while pen.textlength(line, font) > room[0] and letters > LETTER_PX // 2:
        letters -= 1
        font = ImageFont.truetype(path, letters)
    pen.text((RIM, tall - RIM), line, SOFT, font, anchor="ls")
    facts = PngImagePlugin.PngInfo()
    facts.add_itxt("Description", alt)
    sink = io.BytesIO()
    sheet.save(sink, "PNG", pnginfo=facts, optimize=False)
    return sink.getvalue()
