"""Record systems in the panel: whose records count where, and which systems can be compared.

Two systems differ in what they find, how precisely they place it and since when, so each has a
baseline and a drift of its own; what they share is the coefficient.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from geo.typing import Array

ALONE = "no other corridor of its record system ({system}) enters, to compare it with"
UNCOVERED = "dose is the same in every corridor of its record system ({system}) that enters"
NO_SYSTEM = "its ground is of no record system of the study"


def of_own_system(deaths: pd.DataFrame, placed: pd.DataFrame, sources: Mapping[str, str]) -> Array:
    """Say which records lie on ground of the system that recorded them: (record,) bool."""
    own = deaths["source_id"].map(dict(sources)).fillna("").to_numpy(str)
    return np.asarray((own == placed["system"].to_numpy(str)) & (own != ""), bool)


def compared(data: xr.Dataset, reasons: Array, described: Mapping[str, str]) -> Array:
    """Add to the reasons why corridors do not enter those of their record systems: (corridor,).

    Parameters
    ----------
    data
        `dose` (corridor, year) and `system` (corridor).
    reasons
        (corridor,) why each does not enter; empty where it does.
    described
        System to the reason why it is described only.
    """
    out = reasons.copy()
    systems = data["system"].values.astype(str)
    for system in np.unique(systems):
        own = systems == system
        if not system or system in described:
            out[own] = described.get(system, NO_SYSTEM)
            continue
        left = np.flatnonzero(own & (out == ""))
        dose = data["dose"].values[left]
        if len(left) == 1:
            out[left] = ALONE.format(system=system)
        elif len(left) and np.allclose(dose, dose[0]):
            out[left] = UNCOVERED.format(system=system)
    return out
