"""Programme zones of anybody: spans of border around a named place, or drawn areas.

A zone says where a programme worked and when, as coarsely as its source does; nothing here places
a tower. A point is the place that the source names, with the span of border that was watched, its
depth, and how far along the border the middle of the span may lie from that place. A polygon is an
area of responsibility as drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import records
from geo.errors import InputProblems, LayoutError, Problem
from geo.sources.cells import FUTURE, numbers
from geo.sources.dates import one
from geo.sources.ogis import check_keys
from geo.sources.reading import Reading, RowValidator, finish, identifier
from geo.sources.shapes import AREA_TYPES, EMPTY, WRONG_SHAPE
from geo.sources.towers.words import programme
from geo.sources.vector import open_vector

TEXT = ("zone_id", "name", "programme", "replaces", "side", "extent", "citation", "note")
NUMBERS = ("span_low_km", "span_high_km", "depth_low_km", "depth_high_km", "shift_km")
DATES = ("active_from_earliest", "active_from_latest", "active_to_earliest", "active_to_latest")
FIELDS = (*TEXT, *NUMBERS, *DATES, "confirmations")
NEEDED = ("name", "programme", "active_from_earliest", "citation", "extent")
BAD_DAY = "not a day, month or year"
NO_START = "no start: a zone without one enters no dose"
BACKWARDS = "earliest after latest"
NO_CITATION = "no citation"
BAD_WORD = "none of the words allowed"
FINER = f"finer than {records.ZONE_KM:g} km: a zone is no place"
NO_EXTENT = "neither a span and a depth, nor an area, nor a zone it replaces"
UNKNOWN = "replaces a zone that the file does not hold, that was set aside, or itself"
REMEDIES = {
    NO_START: "Give active_from_earliest, a day, month or year with its source",
    NO_CITATION: "Say where dates and span come from, so that another person finds the sentence",
    FINER: "Give bounds of at least 10 km along the border and from it",
    NO_EXTENT: "Give span_low_km, span_high_km, depth_low_km and depth_high_km, or a polygon",
    WRONG_SHAPE: "Give a point, the place that the source names, or a polygon",
}


def read(
    path: Path,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
) -> Reading:
    """Read programme zones from any vector file (contract `zones`).

    Raises
    ------
    LayoutError
        If the file is no vector file or lacks a field that every zone needs.
    InputProblems
        If the mapping names a field or column that does not exist, or most rows share a fault.
    """
    raw = open_vector(path, where)
    named = _columns(raw, where, columns)
    validator = RowValidator(source_id, raw.index.to_numpy(np.int64))
    text = {f: _text(raw, named.get(f)) for f in FIELDS}
    keys = text["zone_id"].where(text["zone_id"] != "", text["name"])
    check_keys(keys, "zone_id", validator)
    days = {f: _days(text[f], f, validator, last=f.endswith("latest")) for f in DATES}
    validator.drop(text[DATES[0]] == "", DATES[0], NO_START)
    _check_dates(days, validator, as_of)
    amount = {f: numbers(text[f], f, validator) for f in NUMBERS}
    kind = _extent_of(raw, amount, text["replaces"] != "", validator)
    _check_words(text, validator)
    confirmed = numbers(text["confirmations"], "confirmations", validator)
    _check_lineage(keys, text["replaces"], validator)
    frame = gpd.GeoDataFrame(
        {
            "zone_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": raw.index,
            "name": text["name"],
            "programme": text["programme"].map(programme),
            **days,
            "replaces": [identifier(source_id, [r])[0] if r else None for r in text["replaces"]],
            **{f: pd.Series(v, raw.index) for f, v in amount.items()},
            "shift_km": np.nan_to_num(amount["shift_km"]),
            "side": text["side"].where(text["side"] != "", "both"),
            "extent": text["extent"],
            "extent_of": kind,
            "citation": text["citation"],
            "confirmations": np.nan_to_num(confirmed),
            "note": text["note"].where(text["note"] != "", None),
        },
        geometry=raw.geometry,
        index=raw.index,
    )
    return finish(records.ZONES, frame, validator, "zones", remedies=REMEDIES)


def _columns(
    raw: gpd.GeoDataFrame, where: str, columns: Mapping[str, str] | None
) -> dict[str, str]:
    """Find the column of each field: the study's mapping first, then the field's own name."""
    header = [str(c) for c in raw.columns if c != "geometry"]
    given = dict(columns or {})
    problems = [
        Problem(where, f"columns maps {k!r}, which no zone has", f"Use one of {', '.join(FIELDS)}")
        for k in given
        if k not in FIELDS
    ]
    problems += [
        Problem(where, f"there is no column {v!r}", f"Map one of {', '.join(header)}", field=k)
        for k, v in given.items()
        if k in FIELDS and v not in header
    ]
    if problems:
        raise InputProblems(problems)
    lower = {c.lower().strip(): c for c in header}
    named = {f: given.get(f) or lower.get(f, "") for f in FIELDS}
    absent = [f for f in NEEDED if not named[f]]
    if absent:
        raise LayoutError(
            f"{where}: no column {', '.join(absent)}, which every zone needs; the file has "
            f"{', '.join(header) or 'none'}. Map them in the study, or follow "
            "data/towers/zones.geojson."
        )
    return {f: c for f, c in named.items() if c}


def _text(raw: gpd.GeoDataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series("", index=raw.index)
    values = raw[column].astype(object)
    plain = values.where(values.notna(), "").map(
        lambda v: v.strftime("%Y-%m-%d") if isinstance(v, pd.Timestamp | date) else str(v)
    )
    tidy: pd.Series = plain.str.replace(r"\s+", " ", regex=True).str.strip().str[:600]
    return tidy


def _days(text: pd.Series, column: str, validator: RowValidator, *, last: bool) -> pd.Series:
    """Return the first day that a text allows, or the last; NaT for blanks."""
    spans = [one(t) for t in text]
    validator.drop((text != "") & np.array([s is None for s in spans]), column, BAD_DAY, text)
    days = [np.datetime64("NaT", "us") if s is None else np.datetime64(s[last], "us")
            for s in spans]  # fmt: skip
    return pd.Series(np.array(days, "datetime64[us]"), index=text.index)


def _check_dates(
    days: Mapping[str, pd.Series], validator: RowValidator, as_of: date | None
) -> None:
    first, last, end_first, end_last = (days[f] for f in DATES)
    validator.drop(first > last, "active_from_latest", BACKWARDS, last.dt.strftime("%Y-%m-%d"))
    validator.drop(end_first > end_last, "active_to_latest", BACKWARDS)
    validator.drop(end_last < first, "active_to_latest", "ends before it starts")
    if as_of is not None:
        validator.drop(first > pd.Timestamp(as_of), "active_from_earliest", FUTURE)


def _check_words(text: Mapping[str, pd.Series], validator: RowValidator) -> None:
    validator.drop(text["name"] == "", "name", "no name")
    validator.drop(text["programme"] == "", "programme", "no programme")
    validator.drop(text["citation"] == "", "citation", NO_CITATION)
    validator.drop(~text["side"].isin([*records.ZONE_SIDES, ""]), "side", BAD_WORD, text["side"])
    validator.drop(~text["extent"].isin(("sourced", "assumed")), "extent", BAD_WORD, text["extent"])


def _check_lineage(keys: pd.Series, replaces: pd.Series, validator: RowValidator) -> None:
    """Set aside what replaces a zone that is not there, is set aside, or is itself in a circle."""
    while True:
        kept = validator.kept
        rooted = set(keys[kept & (replaces == "").to_numpy()])
        parent = dict(zip(keys[kept], replaces[kept], strict=True))
        while more := {k for k, p in parent.items() if p in rooted} - rooted:
            rooted |= more
        lost = kept & ~keys.isin(rooted).to_numpy()
        if not lost.any():
            return
        validator.drop(lost, "replaces", UNKNOWN)


def _extent_of(
    raw: gpd.GeoDataFrame,
    amount: Mapping[str, np.ndarray],
    replaces: pd.Series,
    validator: RowValidator,
) -> pd.Series:
    """Say what bounds each zone, and set aside what is finer than a zone may be."""
    shape = raw.geometry
    void = shape.isna() | shape.is_empty
    validator.drop(void, "geometry", EMPTY)
    area, point = shape.geom_type.isin(AREA_TYPES), shape.geom_type == "Point"
    validator.drop(~void & ~area & ~point, "geometry", WRONG_SHAPE, shape.geom_type)
    sizes = [amount[f] for f in NUMBERS[:4]]
    whole = np.logical_and.reduce([np.isfinite(v) for v in sizes])
    bare = np.logical_and.reduce([~np.isfinite(v) for v in sizes])
    taken = point & replaces & bare
    validator.drop(point & ~whole & ~taken, "span_low_km", NO_EXTENT)
    for low, high, name in ((0, 1, "span_high_km"), (2, 3, "depth_high_km")):
        validator.drop(point & (sizes[low] > sizes[high]), name, "lower bound above the upper one")
        validator.drop(point & (sizes[low] < records.ZONE_KM), name.replace("high", "low"), FINER)
    narrow = np.array([bool(a) and _width_km(g) < records.ZONE_KM
                       for g, a in zip(shape, area & ~void, strict=True)])  # fmt: skip
    validator.drop(narrow, "geometry", FINER)
    return pd.Series(np.select([area, taken], ["area", "replaced"], "span"), index=raw.index)


def _width_km(shape: object) -> float:
    """Shorter side of the smallest rectangle around an area, on ground."""
    one = gpd.GeoSeries([shape], crs="EPSG:4326")
    metric = one.to_crs(one.estimate_utm_crs())
    box = metric.minimum_rotated_rectangle().iloc[0]
    corners = np.asarray(box.exterior.coords) if box.geom_type == "Polygon" else np.zeros((3, 2))
    return float(np.hypot(*np.diff(corners[:3], axis=0).T).min() / 1e3)
