"""Recorded deaths in a layout nobody has described: the study says which column is which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import pandas as pd

from geo import records
from geo.errors import InputProblems, Problem
from geo.sources import cells, vocabulary
from geo.sources.dates import Order
from geo.sources.layouts import unknown
from geo.sources.ogis import REMEDIES
from geo.sources.reading import Reading, RowValidator, check_keys, finish, identifier

NEEDED = ("found_on", "latitude", "longitude")
MAPPABLE = (
    *NEEDED,
    "point",
    "death_id",
    "pmi_class",
    "sex",
    "age_years",
    "cause_class",
    "precision_class",
    "precision_m",
    "corridor",
    "land_manager",
    "identified",
    "persons",
)
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
    chosen = _mapping(list(table.columns), where, columns or {})
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    if "point" in raw:
        raw["longitude"], raw["latitude"] = cells.split_point(raw["point"])
    names = (chosen.get("longitude", "point"), chosen.get("latitude", "point"))
    places = cells.points(raw["longitude"], raw["latitude"], validator, names, plausible)
    found_on = cells.dates(
        raw["found_on"],
        chosen["found_on"],
        validator,
        as_of,
        where=where,
        given=date_order,
        usual=None,
    )
    keys = table.index.to_series().astype(str)
    if "death_id" in raw:
        keys = check_keys(raw["death_id"], chosen["death_id"], validator)
    blank = pd.Series("", index=table.index)
    pmi = vocabulary.interval(raw.get("pmi_class", blank))
    earliest, latest = vocabulary.death_bounds(found_on, pmi)
    cause = vocabulary.cause(raw.get("cause_class", blank))
    precision, radius = _precision(raw, chosen, places, validator)
    frame = gpd.GeoDataFrame(
        {
            "death_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": table.index,
            "found_on": found_on,
            "death_earliest": earliest,
            "death_latest": latest,
            "pmi_class": pmi,
            "sex": vocabulary.sex(raw.get("sex", blank)),
            "age_years": vocabulary.age(raw.get("age_years", blank)),
            "cause_class": cause,
            "precision_class": precision,
            "precision_m": radius,
            "corridor": _label(raw, chosen, where),
            "land_manager": vocabulary.land_manager(raw.get("land_manager", blank)),
            "identified": vocabulary.identified(raw.get("identified", blank)),
            "persons": _persons(raw, chosen, validator, table.index),
            "place_ok": ~precision.isin(["moved", "none", "placeholder"]),
            "date_ok": found_on.notna(),
            "cause_ok": cause != "unknown",
            "exclusion_reason": None,
        },
        geometry=places,
        index=table.index,
    )
    warnings = [] if "precision_class" in chosen else [_NO_PRECISION.format(where=where)]
    return finish(
        records.DEATHS,
        frame,
        validator,
        "mapped_deaths",
        warnings=warnings,
        remedies={**REMEDIES, NO_PERSONS: "Map persons to a column of whole numbers"},
    )


_NO_PRECISION = (
    "{where}: no column says how well a place is known; every record counts as vaguely placed and "
    "stays out of analyses that need a precise place. Map precision_class if the file has one."
)


def _mapping(header: list[str], where: str, columns: Mapping[str, str]) -> dict[str, str]:
    chosen = {**{n: n for n in MAPPABLE if n in header}, **columns}
    problems = [
        Problem(where, f"columns maps {k!r}, which no record has", f"Use one of {list(MAPPABLE)}")
        for k in columns
        if k not in MAPPABLE
    ]
    problems += [
        Problem(
            where,
            "the column mapped to this field is not in the file",
            "Correct the name in the study's columns",
            field=k,
        )
        for k, v in columns.items()
        if v not in header
    ]
    if problems:
        raise InputProblems(problems)
    needed = ("found_on",) if "point" in chosen else NEEDED
    if any(n not in chosen for n in needed):
        raise unknown(where, header, "recorded deaths", NEEDED)
    return chosen


def _precision(
    raw: Mapping[str, pd.Series],
    chosen: Mapping[str, str],
    places: gpd.GeoSeries,
    validator: RowValidator,
) -> tuple[pd.Series, pd.Series]:
    classes = pd.Series("vague", index=places.index)
    if "precision_class" in raw:
        classes = vocabulary.precision(raw["precision_class"])
    classes = classes.mask(places.isna(), "none")
    radius = vocabulary.precision_radius(classes)
    if "precision_m" in raw:
        own = cells.numbers(raw["precision_m"], chosen["precision_m"], validator)
        radius = pd.Series(own, index=places.index).fillna(radius)
    return classes, radius


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
