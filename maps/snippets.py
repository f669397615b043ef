"""What an editor pastes: an iframe, and the optional script that lets it grow."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from maps import view
from maps.central import PHONE, WIDE, Form, height
from maps.inputs import MapInputs
from maps.words import words


@dataclass(frozen=True)
class Width:
    """A class of widths of the frame, and what the embed takes there, as measured in Chromium.

    Attributes
    ----------
    least, most
        Widths it holds, pixels.
    rest
        Height of all but the map, the central figure and the text beside it, pixels.
    title, lede, line
        Characters on a line of the title, of the comparison, and of the other text.
    form, scale
        Form of the central figure, the higher one where a class holds both, and how much it is
        enlarged at most.
    """

    least: int
    most: int
    rest: int
    title: int
    lede: int
    line: int
    form: Form
    scale: float


WIDTHS = (
    Width(0, 359, 640, 24, 30, 33, PHONE, 0.98),
    Width(360, 479, 615, 28, 34, 39, PHONE, 1.22),
    Width(480, 639, 510, 38, 48, 56, PHONE, 1.22),
    Width(640, 759, 515, 50, 64, 76, PHONE, 1.22),
    Width(760, 1200, 405, 56, 66, 80, WIDE, 1.06),
)
"""Display: classes of widths; `layers.js` decides the height of the map in each."""
LEDE_PX = 24
"""Display: height of a line of the comparison."""
NONE_PX = 90
"""Display: height of what stands in place of a figure that cannot be drawn."""
LINE_PX, TITLE_PX, SLACK_PX = 22, 25, 40
"""Display: height of a line of the sentence and of the title, and what is left over."""
MAP_PX, LEAST_MAP_PX, MAP_RIM_PX = 342, 212, 36
"""Display: height of the map at most and at least, and what is not land of it."""
MESSAGE = "funnel-effect:height"
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"

_RESIZE = """<script>
addEventListener("message", function (event) {{
  var said = event.data;
  if (!said || said.type !== "{message}" || !Number.isFinite(said.height)) return;
  document.querySelectorAll("iframe[data-funnel-effect]").forEach(function (frame) {{
    if (frame.contentWindow === event.source) {{
      frame.style.height = Math.min(3000, Math.max(300, Math.ceil(said.height))) + "px";
    }}
  }});
}});
</script>"""


def frame(inputs: MapInputs) -> str:
    """Return the snippet: the frame to paste, and in a comment the optional resizer."""
    say = words(inputs.language)
    title = say["embed_title"].format(title=inputs.study.title)
    address = inputs.address or "https://example.org/maps/"
    tall = heights(inputs)
    rules = ".funnel-effect iframe{border:0}" + "".join(
        f"@container (min-width:{w.least}px){{.funnel-effect iframe{{height:{h}px}}}}"
        for w, h in zip(WIDTHS, tall, strict=True)
    )
    iframe = Markup(
        '<div class="funnel-effect" style="container-type:inline-size"><style>{rules}</style>\n'
        '<iframe data-funnel-effect title="{title}" src="{address}{page}" '
        'width="100%" height="{height}" loading="lazy" referrerpolicy="no-referrer"\n'
        '  sandbox="{sandbox}"></iframe></div>'
    ).format(
        title=title,
        address=address,
        page=inputs.named("embed.html"),
        height=max(tall),
        sandbox=SANDBOX,
        rules=rules,
    )
    return "\n".join(
        (
            f"<!-- {_comment(say['snippet_use'].format(address=address))} -->",
            str(iframe),
            "",
            f"<!-- {_comment(say['snippet_resize'])}",
            _RESIZE.format(message=MESSAGE),
            "-->",
            "",
        )
    )


def heights(inputs: MapInputs) -> tuple[int, ...]:
    """Return the height of the frame in each class of widths, pixels, so that nothing scrolls.

    A reader who opens a fold sees the frame scroll, unless the optional script is pasted too.
    """
    west, south, east, north = inputs.study.bounds_lonlat
    flat = [math.asinh(math.tan(math.radians(y))) for y in (south, north)]  # as Mercator's map
    shape = math.radians(east - west) / (flat[1] - flat[0])
    said, drawn = view.answer(inputs), view.compared(inputs)
    below = "" if drawn is None else view.read_it(inputs, drawn)
    found = []
    for w in WIDTHS:
        land = min(MAP_PX, max(LEAST_MAP_PX, (w.most - MAP_RIM_PX) / shape + MAP_RIM_PX))
        text = TITLE_PX * _lines(said.title, w.title) + LEDE_PX * _lines(said.change, w.lede)
        text += LINE_PX * sum(
            _lines(t, w.line) for t in (said.sure, f"{said.shown} {said.points}", below)
        )
        figure = NONE_PX if drawn is None else w.scale * height(drawn, w.form)
        found.append(math.ceil(w.rest + land + text + figure) + SLACK_PX)
    return tuple(found)


def _lines(text: str, letters: int) -> int:
    return -(-len(text) // letters)


def _comment(text: str) -> str:
    return text.replace("--", "- -").replace(">", "")
