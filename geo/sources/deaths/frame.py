"""The table that every reader of recorded deaths fills: its shape, and what follows of it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.sources import vocabulary
from geo.sources.reading import identifier

UNPLACED = ("moved", "none", "placeholder")
"""Precision classes of records that lie where no one was found."""
NOT_SAID: dict[str, Any] = {
    "pmi_class": "unknown",
    "sex": "unknown",
    "age_years": np.nan,
    "precision_basis": None,
    "corridor": None,
    "land_manager": None,
    "identified": False,
    "persons": 1,
    "exclusion_reason": None,
}
"""Definition: field = what stands in it where a file says nothing of it."""


def table_of(
    source_id: str,
    rows: pd.Index,
    keys: pd.Series | pd.Index,
    places: gpd.GeoSeries,
    found_on: pd.Series,
    **fields: Any,
) -> gpd.GeoDataFrame:
    """Lay fields out as contract `deaths`, with the dates of death and the marks they imply.

    Parameters
    ----------
    source_id
        Identifier of the source, as in the study.
    rows
        Rows of the file.
    keys
        Key of each record within the source.
    places
        Points in EPSG:4326; empty where a row has none.
    found_on
        Dates of recovery.
    fields
        Other fields of the contract; `cause_class`, `precision_class` and `precision_m` always.

    Returns
    -------
    gpd.GeoDataFrame
        One row a row of the file, index `rows`, before any is set aside.
    """
    said = NOT_SAID | fields
    known = pd.Series(said["pmi_class"], index=rows)
    earliest, latest = vocabulary.death_bounds(found_on, known)
    return gpd.GeoDataFrame(
        {
            "death_id": identifier(source_id, keys),
            "source_id": source_id,
            "source_row": rows,
            "found_on": found_on,
            "death_earliest": earliest,
            "death_latest": latest,
            **said,
            "place_ok": ~said["precision_class"].isin(UNPLACED),
            "date_ok": found_on.notna(),
            "cause_ok": said["cause_class"] != "unknown",
        },
        geometry=places,
        index=rows,
    )
