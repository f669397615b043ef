"""What an editor pastes: an iframe, and the optional script that lets it grow."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from textwrap import wrap
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from geo.errors import EvidenceError
from geo.evidence.tables.comparison import HardnessComparison
from maps import shapes, view
from maps.central import PHONE, WIDE, height
from maps.inputs import MapInputs
from maps.words import words

STEPS = (
    *(0, 340, 360, 400, 440, 480, 520, 545, 560, 600, 640, 680, 720),
    *(737, 760, 800, 840, 880, 961, 1000, 1060, 1120, 1153, 1200),
)
"""Display: least widths of the classes of the frame [pixels], the layout's own among them."""
WIDEST, NARROWEST = 1280, 320
"""Display: widths that the first and the last class are counted for [pixels]."""
TIGHT, PHONE_MOST, ONE_COLUMN, ONE_SCREEN = 544, 736, 960, 1152
"""Display: widths up to which, in `page.css`, the rim is narrow, the figure has its form for a
phone, the key stands below the map, and the words stand above the figure [pixels]."""
TELLING, SIDE = 432, 328
"""Display: what the words take beside the figure, and the key beside the map [pixels]."""
PHONE_PX, WIDE_PX = 416, 800
"""Display: width of the figure at most, in its form for a phone and in its wide one [pixels]."""
MAP_PX, LEAST_MAP_PX, LEAST_WIDE_PX, MAP_RIM_PX = 340, 210, 280, 34
LEAST_TALL = 600
"""Display: height of the map at most, at least in a narrow and in a wide frame, and of its rim."""
REST_PX, NONE_PX = 280, 90
"""Display: height of rims, gaps, controls and folds, and of what stands for a missing figure."""


@dataclass(frozen=True)
class Letter:
    """Size of a kind of text: width of a letter, height of a line, width at most [pixels]."""

    wide: float
    tall: float
    most: float = 1e6

    def height(self, text: str, width: float) -> float:
        """Return how high the text stands in a width."""
        letters = max(8, int(min(width, self.most) / self.wide))
        return self.tall * len(wrap(text, letters))


TITLE, LEDE, SURE = Letter(11.8, 23.1, 680), Letter(8.9, 21.2, 690), Letter(8.4, 22.1)
CAPTION, NOTE = Letter(8.1, 21.6, 662), Letter(7.5, 20.3, 833)
"""Display: sizes of the text, in the widest of the fonts that a reader may have."""
MESSAGE = "funnel-effect:height"
_PLAIN = re.compile(r"[\w\-.~:/?#\[\]@!$&()*+,;=%]+", re.ASCII)
_SRC = re.compile(r'src="[^"]*?(?P<page>embed(\.\w+)?\.html)"')
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
        f"@container (min-width:{least}px){{.funnel-effect iframe{{height:{h}px}}}}"
        for least, h in zip(STEPS, tall, strict=True)
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


def hosted(snippet: str, url: str) -> str:
    """Return the snippet for the address at which somebody publishes the map.

    Parameters
    ----------
    snippet
        As `frame` wrote it.
    url
        Address of the embed itself, or of the folder that holds it.

    Raises
    ------
    EvidenceError
        If the address is not one of the web.
    """
    try:
        parts = urlsplit(url)
        named = parts.hostname
    except ValueError:
        named = None
    if not named or parts.scheme not in ("http", "https") or not _PLAIN.fullmatch(url):
        raise EvidenceError(
            f"--url {url!r} is no address of a web page; give the whole address, like "
            "https://news.example/maps/embed.html"
        )
    page = "" if parts.path.endswith((".html", ".htm")) else "{page}"
    if page and not parts.path.endswith("/"):
        page = "/{page}"

    def there(found: re.Match[str]) -> str:
        src = url + page.format(page=found["page"])
        return f'src="{escape(src)}"'

    told, _, rest = snippet.partition("\n")
    placed = _SRC.sub(there, rest, count=1)
    if not told.startswith("<!--") or (placed == rest and url not in rest):
        raise EvidenceError(
            "the bundle's snippet is not one that this version wrote; run the study again"
        )
    return placed


def heights(inputs: MapInputs) -> tuple[int, ...]:
    """Return the height of the frame in each class of widths, pixels, so that nothing scrolls.

    Counted for the narrowest line and the largest figure of the class; what is left over goes to
    the map (`layers.js`). What a reader unfolds lies over the map and changes no height.
    """
    told, ends = _told(inputs), (*STEPS[1:], WIDEST)
    return tuple(
        math.ceil(_height(told, max(least, NARROWEST), most - 1))
        for least, most in zip(STEPS, ends, strict=True)
    )


@dataclass(frozen=True)
class _Told:
    """Every text of the embed, the rows of its figure, and width over height of its land."""

    banner: str
    kicker: str
    title: str
    change: str
    sure: str
    level: str
    shown: str
    reading: str
    says: str
    links: str
    footer: str
    drawn: HardnessComparison | None
    shape: float


def _told(inputs: MapInputs) -> _Told:
    say, said, drawn = words(inputs.language), view.answer(inputs), view.compared(inputs)
    note = say["planted_note"] if inputs.study.planted else say["synthetic_note"]
    cells, towers, zones = (f(inputs) for f in (shapes.death_cells, shapes.towers, shapes.zones))
    facts = view.period_facts(inputs, cells, towers, zones)
    west, south, east, north = inputs.study.bounds_lonlat
    flat = [math.asinh(math.tan(math.radians(y))) for y in (south, north)]  # as Mercator's map
    return _Told(
        banner=f"{say['synthetic']} {note}" if inputs.synthetic else "",
        kicker=inputs.study.title,
        title=said.title,
        change=said.change,
        sure=said.sure,
        level=f"[{say['level'].format(level=said.level)}] {say['levels'][said.level]}.",
        shown=f"{said.shown} {'' if said.points == said.change else said.points}",
        reading="" if drawn is None else view.read_it(inputs, drawn),
        says=max((f.sentence(say) for f in facts), key=len, default=""),
        links=f"{say['full_page']} · {say['data_title']} {say['download']}: {say['data_cells']} []",
        footer=say["footer"].format(version=inputs.version, run=inputs.run_id, as_of=inputs.as_of),
        drawn=drawn,
        shape=math.radians(east - west) / (flat[1] - flat[0]),
    )


def _height(told: _Told, least: int, most: int) -> float:
    """Return the height at any width between two that share a layout."""
    rim = 30 if least <= TIGHT else 42
    inner, whole = least - rim, most - rim
    above = TITLE.height(told.title, inner) + NOTE.height(told.kicker, inner)
    if told.banner:
        above += CAPTION.height(told.banner, least - 42) + 15
    below = NOTE.height(told.footer, inner) + CAPTION.height(told.links, inner - 20) + 4
    below += SURE.height(told.says, inner - (0 if least <= ONE_COLUMN else SIDE))
    if least < PHONE_PX or least > ONE_COLUMN:  # what the key holds takes a line of its own
        below += SURE.tall
    land = whole - (0 if most <= ONE_COLUMN else SIDE)
    lowest = LEAST_MAP_PX if land < LEAST_TALL else LEAST_WIDE_PX
    high = min(MAP_PX, max(lowest, land / told.shape + MAP_RIM_PX))
    return above + _first(told, inner, whole, most) + high + below + REST_PX


def _first(told: _Told, inner: float, whole: float, most: int) -> float:
    """Return the height of the answer and of the figure it stands on."""
    beside = most > ONE_SCREEN
    telling, figure = (TELLING - 32, inner - TELLING) if beside else (inner, inner)
    words_px = LEDE.height(told.change, telling) + SURE.height(told.sure, telling)
    words_px += CAPTION.height(told.level, telling) + 46
    drawn_px: float = NONE_PX
    if told.drawn is not None:
        form, widest = (PHONE, PHONE_PX) if most <= PHONE_MOST else (WIDE, WIDE_PX)
        across = min(widest, whole - (TELLING if beside else 0))
        drawn_px = height(told.drawn, form) * across / form.width
        drawn_px += CAPTION.height(told.shown, figure) + NOTE.height(told.reading, figure) + 30
    return max(words_px, drawn_px) if beside else words_px + drawn_px


def _comment(text: str) -> str:
    return text.replace("--", "- -").replace(">", "")
