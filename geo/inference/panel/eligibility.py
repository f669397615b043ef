"""Who enters the panel: which records are counted, and which corridors are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.inference.panel.systems import compared, of_own_system
from geo.parameters import load
from geo.typing import Array

TOWERS = "tower coverage"


@dataclass(frozen=True)
class PanelOptions:
    """Who enters the panel.

    Attributes
    ----------
    min_records_before
        Records a corridor needs before its first dose.
    precision
        Precision classes that are placed.
    without_causes
        Cause classes left out; empty for all.
    only_causes
        Cause classes kept; empty for all.
    pmi
        Post-mortem classes kept; empty for all.
    strata
        Corridor to the stratum within which doses may be exchanged.
    clusters
        Unit to the coarser unit at which dose was assigned, where units are finer than that
        (catchments within corridors); empty where units are what dose was assigned to.
    coverage
        What a dose is the growth of, in the words of every sentence about it.
    sources
        Series of deaths to its record system, where a study has several; a record then counts on
        the ground of its own system alone (attribute `systems` of the ground).
    described
        Record system to the reason why it is described and not compared.
    """

    min_records_before: int = int(load("study")["min_records_before"].value)
    precision: tuple[str, ...] = tuple(load("inference")["placed_classes"].value)
    without_causes: tuple[str, ...] = tuple(load("inference")["left_out_causes"].value)
    only_causes: tuple[str, ...] = ()
    pmi: tuple[str, ...] = ()
    strata: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    coverage: str = TOWERS
    sources: Mapping[str, str] = field(default_factory=dict)
    described: Mapping[str, str] = field(default_factory=dict)


def records_used(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, years: Sequence[int], options: PanelOptions
) -> Array:
    """Say which records enter: (record,) bool."""
    return np.asarray(
        np.logical_and.reduce(list(steps_of(deaths, placed, years, options).values()))
    )


def steps_of(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, years: Sequence[int], options: PanelOptions
) -> dict[str, NDArray[np.bool_]]:
    """Return what a record must be to enter, in order, and which records are: (record,) bool."""
    cause = deaths["cause_class"].astype(str)
    asked = ~cause.isin(options.without_causes)
    if options.only_causes:
        asked = cause.isin(options.only_causes)
    if options.pmi:
        asked &= deaths["pmi_class"].isin(options.pmi)
    located = deaths["place_ok"].astype(bool) & deaths["precision_class"].isin(options.precision)
    steps = {
        "placed": located.to_numpy(bool),
        "dated": (deaths["date_ok"].astype(bool) & (placed["year"] >= 0)).to_numpy(bool),
        "of the causes asked for": asked.to_numpy(bool),
        "in window": placed["year"].between(years[0], years[-1]).to_numpy(bool),
        "in a corridor": (placed["unit"] >= 0).to_numpy(bool),
    }
    if "system" in placed:
        steps["of the corridor's record system"] = of_own_system(deaths, placed, options.sources)
    return steps


def enter(
    data: xr.Dataset, min_records_before: int, described: Mapping[str, str] | None = None
) -> tuple[xr.Dataset, pd.DataFrame]:
    """Leave out corridors that nothing can be compared of, and list them with the reason.

    A corridor needs records before its first dose; where a study has several record systems, also
    another corridor of its own system that enters, with another dose.
    """
    total = data["deaths"].sum(("bin", "ground"))
    before = (total * (data["dose"].cumsum("year") == 0)).sum("year").values
    enough = before >= min_records_before
    names = data["corridor"].values
    few = f"fewer than {min_records_before} records before the first dose"
    reasons = np.where(enough, "", few).astype(object)
    if "system" in data and min_records_before:
        reasons = compared(data, reasons, described or {})
        enough = reasons == ""
    rows = [
        {
            "corridor": str(names[i]),
            "records": int(total.values[i].sum()),
            "records_before": int(before[i]),
            "reason": str(reasons[i]),
            "covered": bool(data["dose"].values[i].any()),
        }
        for i in np.flatnonzero(~enough)
    ]
    columns = ["corridor", "records", "records_before", "reason", "covered"]
    return data.isel(corridor=np.flatnonzero(enough)), pd.DataFrame(rows, columns=columns)
