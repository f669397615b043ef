"""IOM Missing Migrants Project as the recorded deaths of a study, where no better series is had.

One row is an incident: it counts its dead, not its missing. The publisher states no precision, so
class and radius are assumed from the location text, the grade of the source and the decimals of the
coordinates, and every record says so. The text itself stays in this module.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.errors import InputProblems, Problem
from geo.parameters import load
from geo.sources import cells, vocabulary
from geo.sources.dates import Order
from geo.sources.deaths.frame import table_of
from geo.sources.iom import border_points, layout_of, reported
from geo.sources.layouts import unknown
from geo.sources.reading import Reading, RowValidator, finish

TEXTS = {
    "iom_webid": ("Number Dead", "Location Description"),
    "iom_mainid": ("Number of Dead", "Location of death"),
    "iom_json": ("number_dead", "location_description"),
    "iom_hxl": ("#affected+dead", "#loc+description"),
}
"""Reader = columns of the number of dead and of the location text."""
ONLY_MISSING = "no dead, only missing persons"
NO_PERSONS = "not a number of persons"
ASSUMED = (
    "{where}: the publisher states no precision; {near} records are taken to lie at a named place, "
    "{vague} on a stretch of land, by location text, source quality and decimals: assumed. None is "
    "placed precisely, so analyses of GPS records alone are not run."
)
METRES_PER_DEGREE = 111_320.0
"""Definition: length of a degree of latitude on a sphere of the earth's radius at the equator [m].
"""


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
) -> Reading:
    """Read incidents as deaths, one row an incident; see `geo.sources.read`."""
    header = list(table.columns)
    layout = layout_of(header)
    if layout is None:
        raise unknown(where, header, "recorded deaths", ["found_on", "latitude", "longitude"])
    chosen, warnings = layout.resolve(header, where, columns)
    dead_column, text_column = TEXTS[layout.reader]
    if dead_column not in table:
        problem = Problem(where, f"there is no column {dead_column}", "Give the whole export")
        raise InputProblems([problem])
    raw = {name: table[column].fillna("").astype(str) for name, column in chosen.items()}
    validator = RowValidator(source_id, table.index.to_numpy(np.int64))
    dead = _dead(table[dead_column].fillna("").astype(str), dead_column, validator)
    longitude, latitude = cells.split_point(raw["point"])
    points = border_points(raw, chosen["point"], validator, plausible)
    found_on = reported(
        raw["found_on"], chosen["found_on"], layout, where, validator, as_of, date_order
    )
    text = table[text_column] if text_column in table else pd.Series("", index=table.index)
    classes, radius = _precision(text, raw["quality"], longitude, latitude)
    classes = classes.mask(points.isna(), "none")
    repeat = raw["incident_id"].groupby(raw["incident_id"]).cumcount().astype(str)
    frame = table_of(
        source_id,
        table.index,
        raw["incident_id"] + "\n" + repeat,
        points,
        found_on,
        cause_class=vocabulary.cause(raw["cause_class"]),
        precision_class=classes,
        precision_m=radius.where(classes.isin(["directions", "vague"])),
        precision_basis="assumed",
        persons=dead,
    )
    kinds = classes[validator.kept].value_counts()
    near, vague = (vocabulary.rounded_count(kinds.get(k, 0)) for k in ("directions", "vague"))
    return finish(
        records.DEATHS,
        frame,
        validator,
        layout.reader,
        warnings=[*warnings, ASSUMED.format(where=where, near=near, vague=vague)],
        counts={f"precision_{c}": int(kinds.get(c, 0)) for c in ("directions", "vague", "moved")},
        remedies={
            **cells.REMEDIES,
            ONLY_MISSING: "These incidents record missing persons and no death",
            NO_PERSONS: "Give whole numbers of dead",
        },
    )


def _dead(text: pd.Series, column: str, validator: RowValidator) -> NDArray[np.int64]:
    """Return the number of dead; rows without one are set aside."""
    number = cells.numbers(text, column, validator)
    filled = np.nan_to_num(number)
    broken = (filled < 0) | (filled != np.round(filled))
    validator.drop(broken, column, NO_PERSONS, number)
    unread = (text.str.strip() != "").to_numpy(bool) & ~np.isfinite(number)
    validator.drop((filled == 0) & ~unread, column, ONLY_MISSING)
    return np.where(broken | (filled == 0), 1, filled).astype(np.int64)


def _precision(
    text: pd.Series, quality: pd.Series, longitude: pd.Series, latitude: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Return precision class and radius [m], assumed from text, grade and decimals."""
    terms = vocabulary.terms("iom_place_terms")
    plain = vocabulary.tidy(text.fillna("").astype(str).map(html.unescape))

    def one(words: str) -> str:
        if any(w in words for w in terms["moved"]):
            return "moved"
        if not words or any(w in words for w in terms["vague"]):
            return "vague"
        named = any(w in words for w in terms["near"])
        return "directions" if named or not any(w in words for w in terms["wide"]) else "vague"

    classes = plain.map(one)
    decimals = np.minimum(_decimals(longitude), _decimals(latitude))
    classes = classes.mask((decimals == 0) & (classes == "directions"), "vague")
    known: Mapping[str, Any] = vocabulary.terms("iom_precision_m")
    least = float(load("recorded_deaths")["iom_good_source"].value)
    good = (pd.to_numeric(quality, errors="coerce") >= least).to_numpy(bool)
    metres = [
        float(known[c][0 if well else 1]) if c in known else np.nan
        for c, well in zip(classes, good, strict=True)
    ]
    digit = METRES_PER_DEGREE * 0.5 * 10.0**-decimals
    return classes, pd.Series(np.maximum(metres, digit), index=text.index)


def _decimals(number: pd.Series) -> NDArray[np.float64]:
    part = number.str.strip().str.partition(".")[2].str.rstrip("0")
    return np.asarray(part.str.len(), float)


def same_people(readers: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with several series of deaths in one study.

    Parameters
    ----------
    readers
        Source of role deaths = layout by which it was read.

    Returns
    -------
    list of Problem
        Two series that count the same people are one problem; empty where all is well.

    Examples
    --------
    >>> from geo import sources
    >>> sources.same_people({"own": "ogis"})
    []
    """
    incidents = [s for s, reader in readers.items() if reader in TEXTS]
    others = [s for s in readers if s not in incidents]
    if not incidents or len(readers) < 2:
        return []
    kept = others[0] if others else incidents[0]
    return [
        Problem(
            source,
            "these are incidents of the Missing Migrants Project, largely the same people as "
            f"those of {kept}, and two series of the same people are never added",
            'Give this source the role "crosscheck", or take the other one out',
            field="role",
        )
        for source in incidents
        if source != kept
    ]
