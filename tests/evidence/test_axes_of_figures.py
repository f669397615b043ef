"""Every drawing is measured as it is rendered: no text lies over another or beyond the sheet."""

from __future__ import annotations

from itertools import combinations

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.text import Text

from flows.stages.calibration import calibration as shipped
from geo.evidence.documents.drawing import STYLE
from geo.evidence.documents.figures import DRAWINGS
from geo.evidence.documents.forest import GROUPS
from geo.inference.registered.headline import RRR

APART_PX = 1.0
"""Two boxes may touch by the rounding of a pixel."""


def texts(canvas):
    """Return (text, box) of everything written on a sheet, as it will be rendered."""
    canvas.draw_without_rendering()
    found = [t for t in canvas.findobj(Text) if t.get_visible() and t.get_text().strip()]
    # of an axis only the labels between its ends are drawn
    drawn = [t for t in found if t.axes is None or t.axes.get_visible()]
    ticks = {
        id(label)
        for axes in canvas.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
    }
    shown = {
        id(tick.label1)
        for axes in canvas.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis._update_ticks()
    }
    kept = [t for t in drawn if id(t) not in ticks or id(t) in shown]
    return [(t.get_text(), t.get_window_extent()) for t in kept]


def faults(canvas):
    written, sheet = texts(canvas), canvas.bbox
    beyond = [
        text for text, box in written
        if box.x0 < sheet.x0 - APART_PX or box.x1 > sheet.x1 + APART_PX
        or box.y0 < sheet.y0 - APART_PX or box.y1 > sheet.y1 + APART_PX
    ]  # fmt: skip
    over = [
        (one, other) for (one, a), (other, b) in combinations(written, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > APART_PX
        and min(a.y1, b.y1) - max(a.y0, b.y0) > APART_PX
    ]  # fmt: skip
    return beyond, over


def every_row(tables):
    """Give estimates a row for each analysis that a forest plot asks for, with a long name."""
    (headline,) = (tables["estimates"].loc[lambda t: t["analysis"] == "headline"]).to_dict(
        "records"
    )
    names = [p for _, asked in GROUPS.values() for p in asked]
    rows = [
        headline | {"analysis": n.replace("*", "with_a_rather_long_name_of_its_own"),
                    "estimand": RRR, "estimate": 1.5, "low": 0.04 * k, "high": 2.0 + 4.0 * k}
        for k, n in enumerate(dict.fromkeys(names), 1)
    ]  # fmt: skip
    others = tables["estimates"].loc[lambda t: ~t["analysis"].isin([r["analysis"] for r in rows])]
    return pd.concat([others, pd.DataFrame(rows)], ignore_index=True)


@pytest.mark.parametrize("stem", DRAWINGS)
def test_no_text_of_a_figure_is_cut_or_overprinted(stem, found, tables):
    rates = shipped().assign(row_id="cal-0", parents="", data_status="SYNTHETIC")
    held = {**tables, "calibration": rates, "estimates": every_row(tables)}
    with mpl.rc_context(STYLE):
        drawn = DRAWINGS[stem](found, held)
        assert drawn is not None
        assert faults(drawn[0]) == ([], [])
