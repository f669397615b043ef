"""Corridors of a study that draws none: from a publisher's labels, else strips across the border.

Corridors are the units among which doses differ. They come from geography alone: labels say how a
publisher divides its land, and strips how far along the border a place lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from geo.errors import GridError
from geo.funnel.border_line import BorderLine
from geo.funnel.border_sides import border_strips, busier_side, side_ground
from geo.parameters import load
from geo.records import MIN_GROUP
from geo.sources.publisher_corridors import (
    FEWEST,
    Agreement,
    corridors_from_cells,
    label_agreement,
    label_cells,
)

LONLAT = "EPSG:4326"
NEITHER = (
    "Corridors: the study draws none, its records carry no corridor labels to make them from, and "
    "it has no border line to lay strips across: the whole area is one corridor, and no headline "
    "can be estimated. Give a source of role corridors or border."
)

Array = NDArray[Any]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class LabelledPoints:
    """Places of records, with the corridor that the publisher gives.

    Attributes
    ----------
    lon, lat
        Degrees; finite.
    label
        The publisher's corridor; None where it gives none.
    precise
        Whether the place is known well enough to stand for its label.
    early
        Whether the record is from before the first tower.
    """

    lon: Array
    lat: Array
    label: Array
    precise: Array
    early: Array

    @property
    def speaks(self) -> Array:
        """Records that can stand for their label."""
        return np.asarray(self.precise & pd.notna(self.label), bool)


@dataclass(frozen=True)
class CorridorPlan:
    """How corridors are to be made.

    Attributes
    ----------
    basis
        "labels" or "strips"; None for labels where there are enough, else strips.
    strip_m
        Length of border of one strip, metres; None for the registered one.
    least
        Labels that a cell needs, at least.
    kept
        H3 cell = label, made once of all vintages and kept; None to make cells of these records.
    """

    basis: str | None = None
    strip_m: float | None = None
    least: int = MIN_GROUP
    kept: pd.Series | None = None


@dataclass(frozen=True)
class Corridors:
    """Corridors and what is to be said of them.

    Attributes
    ----------
    polygons
        Columns corridor and basis, EPSG:4326; without a row where none could be made.
    facts
        Columns aspect, value, unit, sentence: contract `corridor_basis` without ids.
    """

    polygons: gpd.GeoDataFrame
    facts: pd.DataFrame

    @property
    def sentence(self) -> str:
        """What they are and how well they are known, in one paragraph."""
        return " ".join(self.facts["sentence"])


def make_corridors(
    plan: CorridorPlan,
    marks: LabelledPoints,
    border: gpd.GeoDataFrame,
    bounds_lonlat: Bounds,
    grid: GeoBox,
) -> Corridors:
    """Make the corridors of a study that draws none.

    Parameters
    ----------
    plan
        How.
    marks
        Records: their labels, and the side of the border on which most of them lie.
    border
        Lines of any CRS; empty where the study has none.
    bounds_lonlat
        West, south, east, north, degrees.
    grid
        Grid of the study.

    Returns
    -------
    Corridors
        Without a polygon where neither way can be gone, which `facts` then says.
    """
    line = _line(border, grid)
    why_not = "as the study asks"
    if plan.basis != "strips":
        polygons, why_not = _labelled(plan, marks, bounds_lonlat, grid)
        if not why_not:
            return _by_labels(plan, polygons, line, marks, grid)
        if plan.basis == "labels":
            return _none(f"Corridors: the study asks for those of the labels, but {why_not}.")
    if line is None:
        return _none(NEITHER)
    return _by_strips(plan, line, marks, grid, why_not)


def _labelled(
    plan: CorridorPlan,
    marks: LabelledPoints,
    bounds: tuple[float, float, float, float],
    grid: GeoBox,
) -> tuple[gpd.GeoDataFrame, str]:
    """Return corridors of the labels, and why not where there are none."""
    polygons = corridors_from_cells(_cells(plan, marks), bounds, str(grid.crs))
    if plan.kept is not None:
        few = f"the kept cells of labels give fewer than {FEWEST} corridors in the study's area"
        return polygons, few if polygons.empty else ""
    if not marks.speaks.any():
        return polygons, "no precisely placed record carries a corridor label"
    if polygons.empty:
        return polygons, (
            f"the labels of precisely placed records give fewer than {FEWEST} corridors on cells "
            f"with at least {plan.least} labels"
        )
    return polygons, ""


def _cells(plan: CorridorPlan, marks: LabelledPoints) -> pd.Series:
    return label_cells(*_spoken(marks), least=plan.least) if plan.kept is None else plan.kept


def _spoken(marks: LabelledPoints) -> tuple[Array, Array, list[str]]:
    use = marks.speaks
    return marks.lon[use], marks.lat[use], [str(v) for v in marks.label[use]]


def _by_labels(
    plan: CorridorPlan,
    polygons: gpd.GeoDataFrame,
    line: BorderLine | None,
    marks: LabelledPoints,
    grid: GeoBox,
) -> Corridors:
    side = "No border line was given: they are not cut off at it."
    if line is not None:
        ground, said = _this_side(line, marks, grid)
        side = f"They are cut off at the border and lie {said}."
        kept = polygons.geometry.to_crs(str(grid.crs)).intersection(ground)
        polygons = polygons.set_geometry(kept.to_crs(LONLAT))
        polygons = polygons[~polygons.geometry.is_empty].reset_index(drop=True)
    polygons["basis"] = "labels"
    rows = [*_label_facts(len(polygons), _told(plan, marks, grid), plan)]
    rows.append(("side of the border", None, "1", side))
    return Corridors(polygons, _facts(rows))


def _told(plan: CorridorPlan, marks: LabelledPoints, grid: GeoBox) -> Agreement | None:
    """Return how well the labels of these records agree; None where they carry too few."""
    if marks.speaks.sum() < plan.least:
        return None
    early = marks.early[marks.speaks]
    cells = _cells(plan, marks)
    return label_agreement(*_spoken(marks), early, str(grid.crs), spoken=cells, least=plan.least)


def _label_facts(count: int, told: Agreement | None, plan: CorridorPlan) -> list[Any]:
    on = f"on coarse cells with at least {plan.least} labels each"
    if plan.kept is not None:
        on = "on coarse cells made once of all its vintages, the same for each of them"
    made = (
        f"Corridors: the study draws none; {count} are made from the publisher's own labels, {on}."
    )
    return [("corridors", count, "1", made), *([] if told is None else _agreement_facts(told))]


def _agreement_facts(told: Agreement) -> list[Any]:
    block = float(load("corridors")["held_out_km"].value)
    labels = round(told.labels, -1)  # counts of records are told to the nearest 10
    return [
        (
            "labels", labels, "1",
            f"About {labels:,} precisely placed records carry a label.",
        ),
        (
            "nearest label agrees", told.nearest, "1",
            f"The nearest other label agrees for {told.nearest:.1%} of them.",
        ),
        (
            "nearest label agrees, blocks held out", told.held_out, "1",
            f"With blocks of {block:g} km held out it agrees for {told.held_out:.1%}.",
        ),
        (
            "labels from before the towers agree", told.earlier, "1",
            "Labels from before the towers are too few to be compared."
            if told.earlier is None
            else "The nearest label from before the towers agrees for "
            f"{told.earlier:.1%} of the later records.",
        ),
        (
            "cells agree", told.cells, "1",
            f"The corridors themselves, made of cells, agree for {told.cells:.1%}.",
        ),
    ]  # fmt: skip


def _by_strips(
    plan: CorridorPlan, line: BorderLine, marks: LabelledPoints, grid: GeoBox, why: str
) -> Corridors:
    length_m = plan.strip_m or 1e3 * float(load("corridors")["strip_km"].value)
    ground, said = _this_side(line, marks, grid)
    polygons = border_strips(line, grid, length_m, ground).to_crs(LONLAT)
    polygons["basis"] = "strips"
    of = f"of about {length_m / 1e3:g} km of border each, perpendicular to the line"
    sentence = (
        f"Corridors: the study draws none; {len(polygons)} strips {of}, {said} are taken ({why})."
    )
    rows = [("corridors", len(polygons), "1", sentence)]
    if len(polygons) == 1:
        rows.append(("one corridor", 1, "1", "One corridor is too few for a headline."))
    return Corridors(polygons, _facts(rows))


def _this_side(line: BorderLine, marks: LabelledPoints, grid: GeoBox) -> tuple[Any, str]:
    places = gpd.GeoSeries(gpd.points_from_xy(marks.lon, marks.lat), crs=LONLAT)
    at = places.to_crs(str(grid.crs)).clip_by_rect(*grid.boundingbox.bbox)
    at = at[~at.is_empty]
    side = busier_side(line, at.x.to_numpy(), at.y.to_numpy())
    if side == 0:
        both = side_ground(line, grid, 1).union(side_ground(line, grid, -1))
        return both, "on both sides of it, because records do not say on which"
    return side_ground(line, grid, side), "on the side where most records lie"


def _line(border: gpd.GeoDataFrame, grid: GeoBox) -> BorderLine | None:
    if border.empty:
        return None
    try:
        return BorderLine.of(border, grid)
    except GridError:
        return None


def _none(sentence: str) -> Corridors:
    empty = gpd.GeoDataFrame({"corridor": [], "basis": []}, geometry=[], crs=LONLAT)
    return Corridors(empty, _facts([("corridors", 0, "1", sentence)]))


def _facts(rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["aspect", "value", "unit", "sentence"])


def _and(facts: pd.DataFrame, row: Any) -> pd.DataFrame:
    return pd.concat([facts, _facts([row])], ignore_index=True)
