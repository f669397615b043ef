"""IOM Missing Migrants Project, four layouts, as a cross-check never added to the deaths.

In Arizona most of its rows come from the same medical examiners: they are the same people.
Descriptions, titles and links stay unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo import records
from geo.sources import cells, vocabulary
from geo.sources.dates import Order
from geo.sources.layouts import Layout
from geo.sources.reading import Reading, RowValidator, finish, identifier

LAYOUTS = (
    Layout(
        "iom_webid",
        needs={
            "incident_id": "Web ID",
            "found_on": "Reported Date",
            "persons": "Total Dead and Missing",
            "cause_class": "Cause of Death",
            "region": "Region of Incident",
            "route": "Migration Route",
            "informant": "Information Source",
            "quality": "Source Quality",
            "point": "Location Coordinates",
        },
        knows=("Reported Year", "Number Dead", "Location Description", "URL"),
    ),
    Layout(
        "iom_mainid",
        needs={
            "incident_id": "Main ID",
            "found_on": "Website Date",
            "persons": "Total Number of Dead and Missing",
            "cause_class": "Cause of Death",
            "region": "Region of Incident",
            "route": "Migration route",
            "informant": "Information Source",
            "quality": "Source Quality",
            "point": "Coordinates",
        },
        knows=("Incident ID", "Incident Type", "Location of death", "Article title", "URL"),
    ),
    Layout(
        "iom_json",
        needs={
            "incident_id": "web_id",
            "found_on": "reported_date",
            "persons": "total_dead_and_missing",
            "cause_class": "cause_death",
            "region": "region",
            "route": "migration_route",
            "informant": "information_source",
            "quality": "source_quality",
            "point": "location_coodinates",
        },
        knows=("number_dead", "location_description", "url"),
    ),
    Layout(
        "iom_hxl",
        needs={
            "incident_id": "#event+id",
            "found_on": "#date+reported",
            "persons": "#affected+dead+missing",
            "cause_class": "#cause+type",
            "region": "#region+incident",
            "route": "#route+description",
            "informant": "#meta+source+name",
            "quality": "#meta+source+quality",
            "point": "#geo+coord",
        },
        knows=("#affected+dead", "#affected+missing", "#loc+description"),
    ),
)
UNITED_STATES = (-125.0, 24.0, -66.0, 50.0)
"""Guard: west, south, east, north: where a turned sign of a United States-Mexico row would put it.
"""
NEVER_ADDED = (
    "These incidents are a cross-check: in Arizona they are largely the same people as the "
    "recorded deaths, so the two are never added."
)


def layout_of(header: list[str]) -> Layout | None:
    """Return the layout a header belongs to, or None."""
    best = max(LAYOUTS, key=lambda layout: layout.likeness(header))
    return best if best.likeness(header) >= 0.6 else None


MOST_QUALITY = 5
"""Guard: the publisher grades its sources 1 to 5."""
NO_QUALITY = "no grade of a source"


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
) -> Reading:
    """Read one file, or several put one below the other; see `geo.sources.read`."""
    layout = max(LAYOUTS, key=lambda one: one.likeness(list(table.columns)))
    chosen, _ = layout.resolve(list(table.columns), where, columns)
    raw = {name: table[column].fillna("").astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    places = border_points(raw, chosen["point"], validator, plausible)
    us_mexico = at_border(raw["region"], raw["route"])
    persons = cells.persons(raw["persons"], chosen["persons"], validator)
    quality = _quality(raw["quality"], chosen["quality"], validator)
    x, y = places.x.to_numpy(float), places.y.to_numpy(float)
    with np.errstate(invalid="ignore"):
        coarse = (x == np.round(x)) & (y == np.round(y))
    keys = raw["incident_id"] + "\n" + table.index.astype(str)
    days = raw["found_on"], chosen["found_on"]
    found_on = reported(*days, layout, where, validator, as_of, date_order)
    frame = gpd.GeoDataFrame(
        {
            "incident_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": table.index,
            "found_on": found_on,
            "persons": np.where(np.isfinite(persons), persons, 1).astype(int),
            "cause_class": vocabulary.cause(raw["cause_class"]),
            "us_mexico": us_mexico,
            "examiner": _from_examiner(raw["informant"]),
            "quality": quality.round(),
            "coarse": coarse,
        },
        geometry=places,
        index=table.index,
    )
    repeated = int(raw["incident_id"].duplicated(keep=False).sum())
    warnings = [f"{where}: {NEVER_ADDED}"]
    if repeated:
        warnings.append(f"{where}: {repeated} rows share their publisher's id with another row.")
    return finish(
        records.CROSSCHECK,
        frame,
        validator,
        layout.reader,
        warnings=warnings,
        counts={
            "us_mexico": int(us_mexico.sum()),
            "no_date": int((raw["found_on"].str.strip() == "").sum()),
            "no_coordinates": int((raw["point"].str.strip() == "").sum()),
            "repeated_ids": repeated,
            "coarse": int((coarse & us_mexico).sum()),
        },
        remedies=cells.REMEDIES,
    )


def border_points(
    raw: Mapping[str, pd.Series],
    column: str,
    validator: RowValidator,
    plausible: cells.Bounds | None,
) -> gpd.GeoSeries:
    """Return places; a row of this border without the minus of its longitude is set aside."""
    longitude, latitude = cells.split_point(raw["point"])
    places = cells.points(longitude, latitude, validator, (column, column), plausible)
    border = at_border(raw["region"], raw["route"])
    turned = border & (pd.to_numeric(longitude, errors="coerce") > 0)
    validator.drop(turned, column, cells.SIGN, longitude + " " + latitude)
    return places


def _quality(text: pd.Series, column: str, validator: RowValidator) -> pd.Series:
    """Return the publisher's grades; what is none is left blank."""
    quality = pd.to_numeric(text.where(text != ""), errors="coerce")
    odd = quality.notna() & ~quality.between(0, MOST_QUALITY)
    validator.blank(odd, column, NO_QUALITY, text)
    return quality.mask(odd)


def reported(
    text: pd.Series,
    column: str,
    layout: Layout,
    where: str,
    validator: RowValidator,
    as_of: date | None,
    given: Order | None,
) -> pd.Series:
    """Return the days reported; tagged files wrote the day first or the month, each as it liked."""
    usual: Order | None = None if layout.reader == "iom_hxl" else "month"
    return cells.dates(text, column, validator, as_of, where=where, given=given, usual=usual)


def at_border(region: pd.Series, route: pd.Series) -> pd.Series:
    """Say which incidents the publisher records at the border of the United States and Mexico."""
    both = vocabulary.tidy(region) + " " + vocabulary.tidy(route)
    return both.str.contains("us-mexico border", regex=False)


def _from_examiner(informant: pd.Series) -> pd.Series:
    text = vocabulary.tidy(informant)
    return text.str.contains("pcome|medical examiner", regex=True)
