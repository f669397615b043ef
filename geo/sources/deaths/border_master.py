"""The border master of No More Deaths: the records of ten offices in one table without names.

Each office writes its dates in its own way and works on its own ground, so dates are read and
coordinates are judged office by office. The master states no precision: class and radius are
assumed from the decimals of the coordinates, and every record says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.errors import InputProblems, Problem
from geo.sources import cells, vocabulary
from geo.sources.dates import Order
from geo.sources.deaths import words
from geo.sources.deaths.frame import table_of
from geo.sources.layouts import Layout
from geo.sources.reading import Reading, RowValidator, finish

LAYOUT = Layout(
    "border_master",
    needs={
        "system": "Source",
        "found_on": "Date",
        "age_years": "Age",
        "sex": "Gender",
        "cause_class": "Cause_of_Death",
        "latitude": "Latitude",
        "longitude": "Longitude",
    },
    knows=("Year", "Age_Range", "Nationality", "County", "State"),
)
ASSUMED = (
    "{where}: the file states no precision; records whose coordinates have {least} decimals count "
    "as a place with directions, the others as vaguely placed: assumed. Analyses of GPS records "
    "alone are not run on them."
)
NO_KEYS = (
    "{where}: the file has no case keys; records are known by their row, so an earlier state of it "
    "cannot be compared record by record."
)


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
) -> Reading:
    """Read the master; see `geo.sources.read`."""
    chosen, warnings = LAYOUT.resolve(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    office = vocabulary.tidy(raw["system"])
    found_on = _dates(raw["found_on"], office, chosen["found_on"], validator, as_of, date_order)
    names = (chosen["longitude"], chosen["latitude"])
    both = raw["longitude"], raw["latitude"]
    places = _points(*both, office, names, validator, plausible)
    _judge_side(places, names, validator)
    classes, radius = _precision(raw["longitude"], raw["latitude"], places)
    frame = table_of(
        source_id,
        table.index,
        table.index,
        places,
        found_on,
        sex=vocabulary.sex(raw["sex"]),
        age_years=vocabulary.age(raw["age_years"]),
        cause_class=words.cause(raw["cause_class"]),
        precision_class=classes,
        precision_m=radius,
        precision_basis=pd.Series("assumed", table.index).where(classes != "none", None),
    )
    least = vocabulary.terms("border_master_precision")["directions"][0]
    return finish(
        records.DEATHS,
        frame,
        validator,
        LAYOUT.reader,
        warnings=[
            *warnings,
            ASSUMED.format(where=where, least=least),
            NO_KEYS.format(where=where),
        ],
        counts=_counts(office),
        remedies=cells.REMEDIES,
    )


def system_of(office: pd.Series) -> pd.Series:
    """Return the record system of each word of the column Source; None where it is not known."""
    known = vocabulary.terms("border_master_systems")
    return vocabulary.tidy(office).map(dict(known).get)


def rows_of(
    table: pd.DataFrame, where: str, system: str, columns: Mapping[str, str] | None
) -> pd.DataFrame:
    """Return the rows of one record system, under their numbers in the file.

    Raises
    ------
    InputProblems
        If the file holds no row of that system.
    """
    chosen, _ = LAYOUT.resolve(list(table.columns), where, columns)
    named = system_of(table[chosen["system"]].astype(str))
    rows = table[(named == system).to_numpy(bool)]
    if rows.empty:
        known = ", ".join(sorted(set(named.dropna())))
        what = f"the file holds no row of the record system {system!r}"
        raise InputProblems([Problem(where, what, f"Use one of {known}", field="system")])
    rows.attrs = {
        **table.attrs,
        "said": [
            *table.attrs.get("said", ()),
            f"{where}: the rows of the record system {system} are read, and no others.",
        ],
    }
    return rows


def systems_known() -> tuple[str, ...]:
    """Return the record systems whose rows the master holds."""
    return tuple(sorted(set(vocabulary.terms("border_master_systems").values())))


def _counts(office: pd.Series) -> dict[str, int]:
    named = system_of(office).fillna("unknown")
    return {f"system_{name}": int(n) for name, n in named.value_counts().sort_index().items()}


def _parts(office: pd.Series, validator: RowValidator) -> list[tuple[pd.Index, RowValidator]]:
    groups = office.groupby(office, sort=True).groups.values()
    return [(pd.Index(rows), RowValidator(validator.source_id, rows.to_numpy())) for rows in groups]


def _gather(parts: list[tuple[pd.Index, RowValidator]], validator: RowValidator) -> None:
    for _, part in parts:
        validator.faults += part.faults
        validator.said += part.said


def _dates(
    text: pd.Series,
    office: pd.Series,
    column: str,
    validator: RowValidator,
    as_of: date | None,
    order: Order | None,
) -> pd.Series:
    days = pd.Series(np.datetime64("NaT", "us"), index=text.index)
    parts = _parts(office, validator)
    for rows, part in parts:
        days[rows] = cells.dates(text[rows], column, part, as_of, given=order)
    _gather(parts, validator)
    return days


def _points(
    longitude: pd.Series,
    latitude: pd.Series,
    office: pd.Series,
    names: tuple[str, str],
    validator: RowValidator,
    plausible: cells.Bounds | None,
) -> gpd.GeoSeries:
    parts = _parts(office, validator)
    found = [
        cells.points(longitude[rows], latitude[rows], part, names, plausible)
        for rows, part in parts
    ]
    _gather(parts, validator)
    return gpd.GeoSeries(pd.concat(found).reindex(longitude.index), crs="EPSG:4326")


def _judge_side(places: gpd.GeoSeries, names: tuple[str, str], validator: RowValidator) -> None:
    """Set rows aside that lie east of Greenwich: the border lies west of it, whatever the office.

    In an office of few records, most of them unsigned, no box of its own tells them.
    """
    x, y = places.x.to_numpy(float), places.y.to_numpy(float)
    shown = [f"{a:.4f} {b:.4f}" for a, b in zip(x, y, strict=True)]
    with np.errstate(invalid="ignore"):
        east = x > 0
    known = {f["source_row"] for f in validator.faults if f["scope"] is None}
    fresh = np.array([int(row) not in known for row in validator.rows])
    validator.drop(east & fresh, names[0], cells.SIGN, shown)


def _precision(
    longitude: pd.Series, latitude: pd.Series, places: gpd.GeoSeries
) -> tuple[pd.Series, pd.Series]:
    """Return class and radius [m], assumed from the decimals of the coordinates."""
    known = vocabulary.terms("border_master_precision")
    decimals = np.minimum(_decimals(longitude), _decimals(latitude))
    near = decimals >= known["directions"][0]
    words_ = np.where(places.isna(), "none", np.where(near, "directions", "vague"))
    classes = pd.Series(words_, index=places.index)
    return classes, classes.map({name: float(m) for name, (_, m) in known.items()})


def _decimals(number: pd.Series) -> NDArray[np.int64]:
    return np.asarray(number.str.strip().str.partition(".")[2].str.len(), np.int64)
