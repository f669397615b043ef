"""Arizona OpenGIS Initiative for Deceased Migrants (Humane Borders and Pima County OME).

One layout in all vintages, written unlike each time: ISO dates with every field quoted (2021,
2024) or M/D/YYYY without quotes (2020); post-mortem intervals with trailing blanks; offices of
medical examiners where no place is known. The name is read only to learn whether there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer

from geo import records
from geo.errors import LayoutError
from geo.parameters import load
from geo.sources import cells, vocabulary
from geo.sources.dates import Order
from geo.sources.deaths.frame import table_of
from geo.sources.layouts import Layout
from geo.sources.reading import Reading, RowValidator, check_keys, finish, key_remedies

LAYOUT = Layout(
    "ogis",
    needs={
        "death_id": "ML Number",
        "identified": "Name",
        "sex": "Sex",
        "age_years": "Age",
        "found_on": "Reporting Date",
        "land_manager": "Surface Management",
        "precision_class": "Location Precision",
        "corridor": "Corridor",
        "cause_class": "Cause of Death",
        "pmi_class": "Post Mortem Interval",
        "latitude": "Latitude",
        "longitude": "Longitude",
    },
    knows=(
        "Location",
        "Corridor Code",
        "OME Determined COD",
        "Condition Code",
        "Body Condition",
        "State",
        "County",
        "UTM X",
        "UTM Y",
    ),
)
REMEDIES = {**cells.REMEDIES, **key_remedies("death_id")}
UTM_CRS = "EPSG:26912"
UTM_TOLERANCE_M = float(load("recorded_deaths")["utm_tolerance_m"].value)
"""The two positions of one record differ by 1.2 m in the median; this far apart, one is wrong."""
OFFICE_TOLERANCE = 1e-6
"""Numerical: placeholders are copied digit by digit, so they are equal to the last published digit.
"""
UNDETERMINED = "Undetermined"


def read(
    table: pd.DataFrame,
    where: str,
    source_id: str,
    columns: Mapping[str, str] | None = None,
    as_of: date | None = None,
    plausible: cells.Bounds | None = None,
    date_order: Order | None = None,
) -> Reading:
    """Read one vintage; see `geo.sources.read`."""
    chosen, warnings = LAYOUT.resolve(list(table.columns), where, columns)
    raw = {name: table[column].astype(str) for name, column in chosen.items()}
    validator = RowValidator.of(source_id, table)
    keys = check_keys(raw["death_id"], chosen["death_id"], validator)
    days = raw["found_on"], chosen["found_on"]
    found_on = cells.dates(*days, validator, as_of, where=where, given=date_order, usual="month")
    names = (chosen["longitude"], chosen["latitude"])
    places = cells.points(raw["longitude"], raw["latitude"], validator, names, plausible)
    corridor = _corridor(raw["corridor"], chosen["corridor"], where)
    published = vocabulary.precision(raw["precision_class"])
    office = _at_office(places, raw["land_manager"])
    precision = published.mask(office, "placeholder").mask(places.isna() & ~office, "none")
    pmi = vocabulary.interval(raw["pmi_class"])
    torn = _contradicted(table, places)
    always = source_id, table.index, keys, places, found_on
    frame = table_of(
        *always,
        pmi_class=pmi,
        sex=vocabulary.sex(raw["sex"]),
        age_years=vocabulary.age(raw["age_years"]),
        cause_class=vocabulary.cause(raw["cause_class"]),
        precision_class=precision,
        precision_m=vocabulary.precision_radius(precision),
        corridor=corridor.where(corridor != UNDETERMINED, None),
        land_manager=vocabulary.land_manager(raw["land_manager"]),
        identified=vocabulary.identified(raw["identified"]),
    )
    frame["place_ok"] &= ~torn
    return finish(
        records.DEATHS,
        frame,
        validator,
        LAYOUT.reader,
        warnings=[*warnings, *_cautions(torn, where)],
        counts=_profile(published, pmi, office, torn),
        remedies=REMEDIES,
    )


def _corridor(text: pd.Series, column: str, where: str) -> pd.Series:
    label = vocabulary.label(text)
    if label is None:
        raise LayoutError(
            f'{where}: column "{column}" holds free text or too many values for a '
            "corridor. Map corridor to the column of short labels."
        )
    return label


def _at_office(places: gpd.GeoSeries, manager: pd.Series) -> NDArray[np.bool_]:
    x, y = places.x.to_numpy(float), places.y.to_numpy(float)
    hit = np.zeros(len(x), bool)
    for lon, lat, _name in vocabulary.listed("office_placeholders"):
        hit |= (np.abs(x - lon) < OFFICE_TOLERANCE) & (np.abs(y - lat) < OFFICE_TOLERANCE)
    labelled = vocabulary.tidy(manager).str.contains("medical examiner", regex=False)
    point = pd.Series([f"{a:.6f} {b:.6f}" for a, b in zip(x, y, strict=True)], index=manager.index)
    shared = point.isin(point[labelled][point[labelled].duplicated()]).to_numpy(bool)
    return np.asarray(hit | (shared & np.isfinite(x)), bool)


def _contradicted(table: pd.DataFrame, places: gpd.GeoSeries) -> NDArray[np.bool_]:
    none = np.zeros(len(table), bool)
    if not {"UTM X", "UTM Y"} <= set(table.columns):
        return none
    own_x = pd.to_numeric(table["UTM X"], errors="coerce").to_numpy(float)
    own_y = pd.to_numeric(table["UTM Y"], errors="coerce").to_numpy(float)
    to_utm = Transformer.from_crs("EPSG:4326", UTM_CRS, always_xy=True)
    x, y = to_utm.transform(places.x.to_numpy(float), places.y.to_numpy(float))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.hypot(x - own_x, y - own_y) > UTM_TOLERANCE_M)


def _cautions(torn: NDArray[np.bool_], where: str) -> list[str]:
    if not torn.any():
        return []
    text = (
        f"{where}: {int(torn.sum())} row(s) lie more than {UTM_TOLERANCE_M / 1000:g} km from their "
        "own UTM position; they are in no spatial work."
    )
    return [text]


def _profile(
    published: pd.Series, pmi: pd.Series, office: NDArray[np.bool_], torn: NDArray[np.bool_]
) -> dict[str, int]:
    return {
        "office_placeholders": int(office.sum()),
        "contradicting_positions": int(torn.sum()),
        **{f"precision_{c}": int((published == c).sum()) for c in records.PRECISION[:-1]},
        **{f"pmi_{c}": int((pmi == c).sum()) for c in records.PMI},
    }
