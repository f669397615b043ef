"""Small multiples: where modelled routes were lost and gained since the time before towers.

All periods share one scale and one extent. Below each stand four numbers of the modelled movement
with the band of the ensemble's members. Modelled, not observed: the page says so beside them.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from markupsafe import Markup

from geo.evidence.tables.answer import number
from geo.study import Period
from maps import shapes, surfaces
from maps.inputs import Language, MapInputs
from maps.palette import Rgba, css
from maps.smallmap import SmallMap
from maps.words import words

QUANTILES = (0.5, 0.75, 0.9, 0.97)
"""Display: quantiles of the absolute changes of all periods at which the classes begin."""
LOST, GAINED = (94, 60, 153), (208, 92, 12)
"""Display: red, green and blue of routes lost and routes gained."""
ALPHAS = (70, 120, 175, 235)
"""Display: opacity of the classes, faintest first."""
NUMBERS = (
    ("moved", 100.0, 0, "%"), ("added_energy", 1.0, 0, "kJ"), ("added_hours", 1.0, 1, "h"),
    ("added_litres", 1.0, 1, "L"),
)  # fmt: skip
"""Display: measure, factor to its printed unit, decimals, unit."""
WHOLE = "all"


def colours() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the colours of the key: lost and gained, faintest first."""
    return tuple(map(css, _classes(LOST))), tuple(map(css, _classes(GAINED)))


def route_changes(inputs: MapInputs) -> list[dict[str, Any]]:
    """Return a drawing and its numbers for every published period after the first."""
    density = inputs.rasters.get("route_density")
    if density is None:
        return []
    known = [p for p in inputs.study.periods if p.id in {str(v) for v in density["period"].values}]
    if len(known) < 2 or known[0] != inputs.study.periods[0]:
        return []
    before = density.sel(period=known[0].id)
    changed = {p.id: density.sel(period=p.id) - before for p in known[1:]}
    sizes = np.abs(np.stack([c.values for c in changed.values()]))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return []
    breaks = np.quantile(sizes, QUANTILES)
    return [
        {
            "title": period.label,
            "svg": _drawing(inputs, period, changed[period.id], breaks),
            "numbers": _numbers(inputs, period),
        }
        for period in known[1:]
    ]


def _classes(colour: tuple[int, int, int]) -> tuple[Rgba, ...]:
    return tuple((*colour, alpha) for alpha in ALPHAS)


def _drawing(
    inputs: MapInputs, period: Period, change: xr.DataArray, breaks: np.ndarray[Any, Any]
) -> Markup:
    paper = SmallMap(inputs.study.bounds_lonlat)
    image = surfaces.change(change, inputs.study.bounds_lonlat, breaks, (LOST, GAINED), ALPHAS)
    (s, w), (n, e) = image.bounds
    (x, y), (right, bottom) = paper.at(w, n), paper.at(e, s)
    image_tag = (
        f'<image href="{image.url}" x="{x}" y="{y}" width="{right - x:.1f}" '
        f'height="{bottom - y:.1f}" preserveAspectRatio="none" class="surface"/>'
    )
    parts = [image_tag, *paper.border(inputs)]
    dots = (paper.at(*point) for point in shapes.standing(inputs, period))
    parts += [f'<circle class="tower" cx="{a}" cy="{b}" r="1.8"/>' for a, b in dots]
    label = words(inputs.language)["changes_alt"].format(period=period.label)
    return paper.drawing("change", label, parts)


def _numbers(inputs: MapInputs, period: Period) -> list[tuple[str, str]]:
    """Return what and how much, of the whole border: with towers avoided, and beside it without."""
    say, table = words(inputs.language), inputs.table("funnel_measures")
    own = table[(table["period_id"] == period.id) & (table["segment"] == WHOLE)]
    if own.empty:
        return []
    most = own["avoidance"].max()
    found = []
    for measure, factor, digits, unit in NUMBERS:
        rows = own[own["measure"] == measure].set_index("avoidance")
        if most not in rows.index:
            continue
        text = _printed(rows.loc[most], factor, digits, unit, inputs.language)
        if most > 0 and 0.0 in rows.index:
            none = number(rows["value"].loc[0.0] * factor, digits, inputs.language)
            text += "; " + say["changes_without"].format(value=f"{none}\u00a0{unit}")
        found.append((say["changes_numbers"][measure], text))
    return found


def _printed(row: pd.Series, factor: float, digits: int, unit: str, language: Language) -> str:
    say = words(language)
    value = number(row["value"] * factor, digits, language)
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return f"{value}\u00a0{unit}"
    low, high = (number(row[k] * factor, digits, language) for k in ("low", "high"))
    outside = not row["low"] <= row["value"] <= row["high"]
    text = f"{value}\u00a0{unit} ({say['from_to'].format(low=low, high=high)})"
    return f"{text} {say['changes_outside']}" if outside else text


def key(inputs: MapInputs) -> list[tuple[str, str]]:
    """Return colour and name of the ends and middle of the key."""
    say = words(inputs.language)["changes_key"]
    lost, gained = colours()
    every = list(chain(reversed(lost), gained))
    return [(c, say.get(str(i), "")) for i, c in enumerate(every)]
