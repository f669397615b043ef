"""Heights and ranges in the units that people write, to metres."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.sources.cells import NO_NUMBER, THOUSANDS
from geo.sources.columns import UNITS, unit_of
from geo.sources.dates import BLANK
from geo.sources.reading import RowValidator

LENGTH = re.compile(r"(?:c\.|ca\.|about|approx\.?|~)?\s*(\d+(?:\.\d+)?)\s*([a-z']*)\.?")
NO_UNIT = "no unit, and too small for metres"
TALL = "no height of a tower"
FAR = "no range of a tower"
LIMITS: Mapping[str, tuple[float, float]] = {
    "height_m": (1.0, 500.0),
    "range_m": (100.0, 200_000.0),
    "location_uncertainty_m": (0.0, 1e6),
}
"""Guard: least and most that a field may be, m: beyond them a unit or a column is mistaken."""


def metres(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    name: str,
    validator: RowValidator,
    where: str,
) -> tuple[pd.Series | float, list[str]]:
    """Return a field in metres, and what was said of its unit.

    A unit in the cell (`160 ft`) counts before that of the column's title (`range_miles`); where
    neither states one, the field's own unit, metres, is taken, and said. What cannot be read, or
    cannot be, is set aside as a field; the tower stays.
    """
    if name not in raw:
        return np.nan, []
    title = chosen[name]
    text = raw[name].str.strip().str.lower().str.replace(THOUSANDS, "", regex=True)
    text = text.where(~text.isin(BLANK), "")
    parts = text.str.extract(rf"^{LENGTH.pattern}$")
    values = pd.to_numeric(parts[0], errors="coerce")
    own = parts[1].fillna("").replace({"'": "ft"})
    known = (own == "") | own.isin(list(UNITS))
    of_title = unit_of(title)
    factor = own.map(lambda w: UNITS[w][1] if w in UNITS else np.nan)
    factor = factor.fillna(1.0 if of_title is None else of_title[1])
    values = (values * factor).where(known)
    validator.blank((text != "") & values.isna(), title, NO_NUMBER)
    bare = (own == "") if of_title is None else pd.Series(data=False, index=text.index)
    low, high = LIMITS[name]
    small = bare & (values < low)
    wild = ~small & ((values < low) | (values > high))
    validator.blank(small, title, NO_UNIT, raw[name])
    validator.blank(wild, title, TALL if name == "height_m" else FAR, raw[name])
    values = values.where(~(small | wild))
    return values, _said(where, title, values, bare & values.notna(), own, of_title)


def _said(
    where: str,
    title: str,
    values: pd.Series,
    bare: pd.Series,
    own: pd.Series,
    of_title: tuple[str, float] | None,
) -> list[str]:
    read = values.dropna()
    if read.empty or (of_title and of_title[0] == "m" and not own.any()):
        return []
    first = f"row {read.index[0]} is {read.iloc[0]:,.0f} m"
    if bare.any():
        count = int(bare.sum())
        return [f"{where}, {title}: {count} values state no unit, read as metres; {first}."]
    unit = of_title[0] if of_title else ", ".join(sorted({UNITS[w][0] for w in own if w in UNITS}))
    return [f"{where}, {title}: read in {unit}; {first}."]
