"""The same map as a still picture, for cards, print and pages that allow no frame."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from pyproj import Transformer

from maps import attribution, lettering, locator, orientation, shapes, still_places, surfaces, view
from maps.inputs import MapInputs
from maps.still_places import Mark
from maps.words import words

INK, SOFT, PAPER, LAND = "#1c1a17", "#5c574e", "#faf8f4", "#e7e1d4"
DEATH, HALO, TOWER, ROAD, WARN = "#6b1230", "#fffaf2", "#17456b", "#a08c6a", "#7a3b00"
AREA = "#8d8675"
AREAS_PT2 = (0.0, 9.0, 26.0, 55.0, 100.0)
"""Area of the dot of each class [pt²]."""
_TO = Transformer.from_crs("EPSG:4326", surfaces.MERCATOR, always_xy=True)


@dataclass(frozen=True)
class Shape:
    """A shape of the picture: size [inch], dots per inch, letters on a line, places of the key.

    Places are shares of the picture: left and height of the key, bottom of the maps.
    """

    size_in: tuple[float, float]
    dpi: int
    title: int
    sentence: int
    note: int
    key_x: float
    key_y: float
    bottom: float
    square: bool


SHAPES = {
    "16x9": Shape((12.0, 6.75), 150, 58, 125, 175, 0.62, 0.16, 0.225, square=False),
    "1x1": Shape((8.0, 8.0), 135, 40, 86, 122, 0.47, 0.178, 0.245, square=True),
}
"""Display: name of a shape = the shape."""
WIDE = 3.0
"""Width over height of an area from which on two pictures stand one above the other."""
TITLE_PT, TOWER_PT = 19.0, 6.0
"""Size of the title and of a tower."""
BESIDE = 0.88
"""Display: share of the width that is left to the words beside the small map."""


def picture(inputs: MapInputs, shape: str = "16x9") -> bytes:
    """Return the first and the last block of years, together.

    Parameters
    ----------
    inputs
        Published tables and rasters.
    shape
        One of `SHAPES`.

    Returns
    -------
    bytes
        PNG without a clock value in it; wide 1,800 by 1,012 pixels, square 1,080 by 1,080.
    """
    form = SHAPES[shape]
    cells, towers, zones = (f(inputs) for f in (shapes.death_cells, shapes.towers, shapes.zones))
    last = len(inputs.blocks) - 1
    steps = (0, last) if last else (0,)
    with mpl.rc_context({"font.family": "DejaVu Sans", "font.size": 10}):
        figure = Figure(figsize=form.size_in, dpi=form.dpi, facecolor=PAPER)
        FigureCanvasAgg(figure)
        _words(figure, inputs, view.headline(inputs), form)
        ground = _drawn_ground(inputs)
        for axes, number in zip(_panels(figure, len(steps), inputs, form), steps, strict=True):
            _ground(axes, inputs, ground)
            _areas(axes, zones, number)
            _dots(axes, cells, number)
            _triangles(axes, towers, number)
            still_places.names(figure, axes, ground.names, _marks(cells, towers, number))
            axes.set_title(inputs.blocks[number].label, loc="left", color=INK, size=11)
        buffer = io.BytesIO()
        alt = f"{words(inputs.language)['alt']['still']} {view.headline(inputs).sentence}"
        figure.savefig(buffer, format="png", metadata={"Software": None, "Description": alt})
    return buffer.getvalue()


def _panels(figure: Figure, count: int, inputs: MapInputs, form: Shape) -> list[Axes]:
    """Lay the periods one above the other where the area is wide, else side by side."""
    west, south, east, north = inputs.study.bounds_lonlat
    (left, bottom), (right, top) = _TO.transform(west, south), _TO.transform(east, north)
    wide = (right - left) / (top - bottom) >= (1.0 if form.square else WIDE)
    shape = (count, 1) if wide else (1, count)
    grid = figure.add_gridspec(
        *shape, left=0.03, right=0.97, bottom=form.bottom, top=0.77, hspace=0.16, wspace=0.05
    )
    return [figure.add_subplot(grid[i]) for i in range(count)]


def _words(figure: Figure, inputs: MapInputs, head: view.Finding, form: Shape) -> None:
    say = words(inputs.language)
    km2 = view.cell_size(inputs)
    left: dict[str, Any] = {"x": 0.03, "ha": "left", "va": "top", "color": INK}
    title = _plain(inputs.study.title)
    where = locator.locator(inputs)
    share = 1.0 if where is None else BESIDE
    if where is not None:
        still_places.where(figure, where, (LAND, AREA, INK))
    size = min(TITLE_PT, TITLE_PT * form.title * share / max(len(title), 1))
    figure.text(y=0.965, s=title, size=size, family="DejaVu Serif", weight="bold", **left)
    lines = 3 + form.square
    sentence = fill(_plain(head.sentence), round(form.sentence * share), max_lines=lines)
    figure.text(y=0.925 if form.square else 0.9, s=sentence, size=10.5, **left)
    zoned = f"{say['layers']['zones']}. " if len(inputs.table("zones")) else ""
    note = (
        f"{say['layers']['deaths']}: {say['deaths_unit'].format(km2=km2)}. "
        f"{say['level'].format(level=head.level)}: {say['levels'][head.level]}. {say['limits'][0]} "
        f"{' '.join(attribution.map_credit(inputs)[1:])}"
    )
    note = fill(_plain(zoned + note), form.note)
    figure.text(0.03, 0.03, note, size=7.5, color=SOFT, va="bottom")
    if inputs.synthetic:
        figure.text(0.97, 0.965, say["synthetic"], size=14, color=WARN, ha="right", va="top")
    for i in range(1, 5):
        x = form.key_x + (0.95 - form.key_x) / 4 * (i - 1)
        figure.text(x + 0.012, form.key_y, say["classes"][i], size=8.5, color=INK, va="center")
        figure.add_artist(
            mpl.lines.Line2D(
                [x], [form.key_y], marker="o", color=DEATH, markersize=AREAS_PT2[i] ** 0.5, lw=0
            )
        )
    if zoned:
        _zone_key(figure, say, form)


def _zone_key(figure: Figure, say: dict[str, Any], form: Shape) -> None:
    """Draw what the outlines of programme zones mean."""
    kinds = (("zone_sure", TOWER, 0.2, "-"), ("zone_maybe", TOWER, 0.06, "--"),
             ("zone_older", SOFT, 0.06, "--"))  # fmt: skip
    x, y = 0.03, form.key_y + 0.035
    for name, colour, alpha, line in kinds:
        for face, edge, style in (((colour, alpha), "none", "-"), ("none", colour, line)):
            figure.add_artist(
                mpl.patches.Rectangle((x, y - 0.011), 0.018, 0.022, facecolor=face,
                                      edgecolor=edge, linestyle=style, linewidth=0.9)
            )  # fmt: skip
        figure.text(x + 0.024, y, say[name], size=8.5, color=INK, va="center")
        x += 0.04 + 0.0054 * len(say[name]) * SHAPES["16x9"].sentence / form.sentence


@dataclass(frozen=True)
class _Ground:
    """Land and lines, read once for all panels: shaded picture, its extent, lines, areas, names."""

    shaded: np.ndarray[Any, Any] | None
    extent: tuple[float, float, float, float]
    lines: list[tuple[str, float, Any, Any]]
    areas: list[tuple[Any, Any]]
    names: list[lettering.Name]


def _drawn_ground(inputs: MapInputs) -> _Ground:
    relief, shaded, extent = inputs.rasters.get("relief"), None, (0.0, 0.0, 0.0, 0.0)
    if relief is not None:
        picture = surfaces.relief(relief, inputs.study.bounds_lonlat)
        data = base64.b64decode(picture.url.partition(",")[2])
        (s, w), (n, e) = picture.bounds
        corner, far = _TO.transform(w, s), _TO.transform(e, n)
        shaded = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        extent = (corner[0], far[0], corner[1], far[1])
    outlined = orientation.areas(inputs)["features"]
    shaded_areas = [f for f in outlined if f["properties"]["kind"] in orientation.SHADED]
    bounds = shapes.tracks(shapes.as_layer(f for f in outlined if f not in shaded_areas))
    lines = [(AREA, 0.5, *_TO.transform(*np.asarray(track).T)) for track in bounds]
    areas = [_TO.transform(*np.asarray(ring).T) for ring in shapes.rings(shaded_areas)]
    for kinds, colour, width in ((("highway", "road"), ROAD, 0.8), (("border",), INK, 1.4)):
        tracks = shapes.tracks(shapes.lines(inputs, kinds))
        lines += [(colour, width, *_TO.transform(*np.asarray(track).T)) for track in tracks]
    return _Ground(shaded, extent, lines, areas, lettering.names(inputs))


def _ground(axes: Axes, inputs: MapInputs, ground: _Ground) -> None:
    west, south, east, north = inputs.study.bounds_lonlat
    left, bottom = _TO.transform(west, south)
    right, top = _TO.transform(east, north)
    axes.set_facecolor(LAND)
    if ground.shaded is not None:
        axes.imshow(ground.shaded, extent=ground.extent, interpolation="bilinear")
    for x, y in ground.areas:
        axes.fill(x, y, facecolor=(AREA, 0.16), edgecolor=AREA, lw=0.5)
    for colour, width, x, y in ground.lines:
        axes.plot(x, y, color=colour, lw=width, solid_capstyle="round")
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _dots(axes: Axes, cells: shapes.Features, number: int) -> None:
    found = [f for f in cells["features"] if f["properties"]["c"][number]]
    if not found:
        return
    x, y = _TO.transform(*np.asarray([_middle(f) for f in found]).T)
    sizes = [AREAS_PT2[f["properties"]["c"][number]] for f in found]
    axes.scatter(x, y, s=sizes, color=DEATH, edgecolors=HALO, linewidths=0.4, alpha=0.9, zorder=3)


def _marks(cells: shapes.Features, towers: shapes.Features, number: int) -> list[Mark]:
    """Return longitude, latitude and width [pt] of every circle and tower of a block."""
    seen = [f for f in cells["features"] if f["properties"]["c"][number]]
    found = [(*_middle(f), AREAS_PT2[f["properties"]["c"][number]] ** 0.5) for f in seen]
    stood = [f for f in towers["features"] if f["properties"]["p"][number]]
    return [*found, *((*f["geometry"]["coordinates"], TOWER_PT) for f in stood)]


def _middle(cell: shapes.Features) -> tuple[float, float]:
    lon, lat = np.asarray(cell["geometry"]["coordinates"][0][:-1]).mean(axis=0)
    return float(lon), float(lat)


def _areas(axes: Axes, zones: shapes.Features, number: int) -> None:
    """Draw programme zones: filled where surely at work, dashed where perhaps or long before."""
    for feature in zones["features"]:
        told = feature["properties"]
        if not told["p"][number]:
            continue
        sure = told["p"][number] == 2 and not told["older"]
        colour = SOFT if told["older"] else TOWER
        geometry = feature["geometry"]
        many = geometry["type"] == "MultiPolygon"
        for rings in geometry["coordinates"] if many else [geometry["coordinates"]]:
            x, y = _TO.transform(*np.asarray(rings[0]).T)
            axes.fill(x, y, color=colour, alpha=0.2 if sure else 0.06, lw=0, zorder=2)
            axes.plot(x, y, "-" if sure else "--", color=colour, lw=0.9, zorder=2)


def _triangles(axes: Axes, towers: shapes.Features, number: int) -> None:
    found = [f for f in towers["features"] if f["properties"]["p"][number]]
    for feature in found:
        x, y = _TO.transform(*feature["geometry"]["coordinates"])
        sure = feature["properties"]["p"][number] == 2
        axes.plot(
            x, y, "^", ms=TOWER_PT, mfc=TOWER if sure else PAPER, mec=TOWER, mew=0.8, zorder=4
        )


def _plain(text: str) -> str:
    """Keep matplotlib from reading a publisher's dollar signs as mathematics."""
    return text.replace("$", r"\$")
