"""The paper and pencils of every figure: style, axes, and bytes that do not change.

Colours are Okabe and Ito's (2008), told apart by colour-blind readers; shape and line style say
the same again.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#5a5a5a"
STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "legend.frameon": False,
    "svg.hashsalt": "funnel-effect",
    "svg.fonttype": "path",
    "figure.dpi": 100,
}
"""Display: how every figure looks."""
Drawing = tuple[Canvas, str, str]
"""What a figure is before it is bytes: drawing, caption, text for who cannot see it."""


def axes_on_sheet(
    n: int, columns: int = 3, height: float = 2.2, *, share: bool = False
) -> tuple[Canvas, list[Axes]]:
    """Return a sheet of `n` axes, and the axes."""
    columns = min(n, columns)
    lines = -(-n // columns)
    size = (7.2, max(2.8, height * lines + 0.7))
    canvas = Canvas(figsize=size, layout="constrained")
    grid = canvas.subplots(lines, columns, squeeze=False, sharex=share, sharey=share)
    flat = list(grid.ravel())
    for axis in flat[n:]:
        axis.set_visible(False)
    return canvas, flat[:n]


def legend(canvas: Canvas, axis: Axes) -> None:
    """Put one legend under all axes."""
    handles, labels = axis.get_legend_handles_labels()
    if labels:
        canvas.legend(handles, labels, loc="outside lower left", ncols=len(labels))


def errors(rows: pd.DataFrame, value: str = "value") -> np.ndarray[Any, Any]:
    """Return lengths of the error bars below and above, zero where there are none."""
    below = (rows[value] - rows["low"]).fillna(0).clip(lower=0)
    above = (rows["high"] - rows[value]).fillna(0).clip(lower=0)
    return np.stack([below, above])


def svg(canvas: Canvas, caption: str, alt: str) -> bytes:
    """Return the sheet as SVG with its title and description."""
    sink = io.BytesIO()
    FigureCanvasSVG(canvas)
    meta = {"Date": None, "Creator": None, "Title": caption, "Description": alt}
    canvas.savefig(sink, format="svg", metadata=meta)
    text = sink.getvalue().decode()
    return text.replace("<svg ", '<svg role="img" ', 1).encode()


def png(canvas: Canvas, alt: str) -> bytes:
    """Return the sheet as PNG with its description."""
    sink = io.BytesIO()
    FigureCanvasAgg(canvas)
    canvas.savefig(sink, format="png", dpi=200, metadata={"Software": None, "Description": alt})
    return sink.getvalue()
