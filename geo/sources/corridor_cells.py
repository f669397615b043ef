"""Corridors made once of a publisher's labels, and kept: the cells of `data/corridors/`.

Corridors made anew of every vintage would move with its records, so that two bundles could be told
apart by their borders and results of two vintages would be about two divisions of the land. A study
names kept cells (`[corridors] cells`); every vintage and every file is then divided alike.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import resources

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.sources.fitting import USABLE_PLACES
from geo.sources.publisher_corridors import label_cells

HEAD = "cell,corridor"


def cells_of_vintages(vintages: Sequence[gpd.GeoDataFrame]) -> pd.Series:
    """Return the cells that speak for a corridor by the labels of all vintages of a file.

    A record counts once, as its newest vintage has it, however many hold it.

    Parameters
    ----------
    vintages
        Contract `deaths`, the oldest first, all read under one source id.

    Returns
    -------
    Series
        H3 cell = label, by cell: cells of at least `least_labels` precisely placed, labelled
        records.
    """
    every = pd.concat(list(vintages), ignore_index=True)
    every = every.drop_duplicates("death_id", keep="last")
    reason = every["exclusion_reason"]
    every = every[reason.isna() | reason.isin(USABLE_PLACES)]
    every = every[(every["precision_class"] == "gps") & every["corridor"].notna()]
    at = gpd.GeoSeries(every["geometry"])
    every, at = every[~at.is_empty], at[~at.is_empty]
    return label_cells(at.x, at.y, list(every["corridor"])).sort_index()


def as_csv(cells: pd.Series) -> str:
    """Write cells as they are kept: H3 cell and label, no number of anything."""
    rows = [f"{cell},{label}" for cell, label in cells.items()]
    return "\n".join([HEAD, *rows]) + "\n"


def kept_cells(name: str) -> pd.Series:
    """Read `data/corridors/<name>.csv`.

    Returns
    -------
    Series
        H3 cell = label.

    Examples
    --------
    >>> from geo.sources.corridor_cells import kept_cells
    >>> kept_cells("arizona").nunique()
    12
    """
    text = resources.files("data").joinpath("corridors", f"{name}.csv").read_text("utf-8")
    table = pd.read_csv(io.StringIO(text), dtype=str)
    return pd.Series(table["corridor"].to_numpy(object), index=np.asarray(table["cell"], object))
