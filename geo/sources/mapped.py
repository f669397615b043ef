"""Recorded deaths in a layout nobody has described: columns as the study maps them, else as titled.

Every guess is said aloud. Columns of names and free text are never guessed and never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import pandas as pd

from geo import records
from geo.errors import InputProblems, Problem
from geo.sources import cells, vocabulary
from geo.sources.columns import unit_of
from geo.sources.dates import Order
from geo.sources.deaths import words
from geo.sources.deaths.columns import choose
from geo.sources.deaths.frame import UNPLACED, table_of
from geo.sources.ogis import REMEDIES
from geo.sources.reading import Reading, RowValidator, check_keys, finish

NO_PERSONS = "not a number of persons"


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
) -> Reading:
    """Read the mapped columns and no other; see `geo.sources.read`."""
    chosen, guessed = choose(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    if "point" in raw:
        raw["longitude"], raw["latitude"] = cells.split_point(raw["point"])
    names = (chosen.get("longitude", "point"), chosen.get("latitude", "point"))
    places = cells.points(raw["longitude"], raw["latitude"], validator, names, plausible)
    days = raw["found_on"], chosen["found_on"]
    found_on = cells.dates(*days, validator, as_of, where=where, given=date_order, usual=None)
    keys = table.index.to_series().astype(str)
    if "death_id" in raw:
        keys = check_keys(raw["death_id"], chosen["death_id"], validator)
    blank = pd.Series("", index=table.index)
    precision, radius, assumed = _precision(raw, chosen, places, validator)
    always = source_id, table.index, keys, places, found_on
    frame = table_of(
        *always,
        pmi_class=words.interval(raw.get("pmi_class", blank)),
        sex=vocabulary.sex(raw.get("sex", blank)),
        age_years=vocabulary.age(raw.get("age_years", blank)),
        cause_class=words.cause(raw.get("cause_class", blank)),
        precision_class=precision,
        precision_m=radius,
        precision_basis=assumed.map({True: "assumed", False: None}),
        corridor=_label(raw, chosen, where),
        land_manager=vocabulary.land_manager(raw.get("land_manager", blank)),
        identified=vocabulary.identified(raw.get("identified", blank)),
        persons=_persons(raw, chosen, validator, table.index),
    )
    stated = {"precision_class", "precision_m"} & set(chosen)
    warnings = guessed if stated else [*guessed, NO_PRECISION.format(where=where)]
    if stated and assumed[validator.kept].any():
        count = vocabulary.rounded_count(int(assumed[validator.kept].sum()))
        warnings = [*warnings, ASSUMED.format(where=where, count=count)]
    return finish(
        records.DEATHS,
        frame,
        validator,
        "mapped_deaths",
        warnings=warnings,
        remedies={**REMEDIES, NO_PERSONS: "Map persons to a column of whole numbers"},
    )


NO_PRECISION = (
    "{where}: no column says how well a place is known; every record counts as vaguely placed, "
    "assumed, and stays out of analyses that need a precise place. Map precision_class if the file "
    "has one."
)
ASSUMED = (
    "{where}: words say how well a place is known; class and radius of {count} records are assumed "
    "from them and marked so."
)


def _precision(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    places: gpd.GeoSeries,
    validator: RowValidator,
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return class, radius [m], and whether both are assumed."""
    classes = pd.Series("vague", index=places.index)
    assumed = pd.Series(data=True, index=places.index)
    radius = vocabulary.precision_radius(classes)
    if "precision_class" in raw:
        title = chosen["precision_class"]
        classes, radius, assumed = words.accuracy(raw["precision_class"], title)
    if "precision_m" in raw:
        title = chosen["precision_m"]
        own = pd.Series(cells.numbers(raw["precision_m"], title, validator), index=places.index)
        own *= (unit_of(title) or ("m", 1.0))[1]
        if "precision_class" not in raw:
            classes = classes.where(own.isna(), own.map(words.class_of))
        radius, assumed = own.fillna(radius), assumed & own.isna()
    classes = classes.mask(places.isna(), "none")
    placed = ~classes.isin(UNPLACED)
    return classes, radius.where(placed), assumed & placed


def _label(raw: Mapping[str, pd.Series], chosen: Mapping[str, str], where: str) -> pd.Series | None:
    if "corridor" not in raw:
        return None
    labels = vocabulary.label(raw["corridor"])
    if labels is None:
        problem = Problem(
            where,
            "this column holds free text, or too many values for a corridor",
            "Map corridor to a column of short labels",
            field=chosen["corridor"],
        )
        raise InputProblems([problem])
    return labels


def _persons(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    validator: RowValidator,
    index: pd.Index,
) -> pd.Series:
    if "persons" not in raw:
        return pd.Series(1, index=index)
    values = pd.Series(cells.persons(raw["persons"], chosen["persons"], validator), index=index)
    bad = values.notna() & ((values < 1) | (values != values.round()))
    validator.drop(bad, chosen["persons"], NO_PERSONS, values)
    return values.where(~bad).fillna(1).astype(int)
