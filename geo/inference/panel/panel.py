"""The panel: recorded deaths by corridor, hardness bin, ground and study year, with dose.

Records lie on ground that was classified before (`ground`). A record contributes its persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.funnel import bin_scores
from geo.inference.estimation.compare import numbered
from geo.inference.estimation.fixed_effects import Design
from geo.inference.panel.ground import place_records
from geo.inference.panel.systems import compared, of_own_system
from geo.parameters import load
from geo.typing import Array

GROUND = ("never in view", "in view by the end")

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


@dataclass(frozen=True)
class Panel:
    """Counts and doses of the corridors that enter, with what was left out.

    Attributes
    ----------
    data
        `deaths` (corridor, bin, ground, year); `dose` (corridor, year), 0..1; `slope`
        (corridor, bin), standardised hardness; `stratum` (corridor); `system` (corridor), its
        record system, where the study has several.
    left_out
        Columns corridor, records, records_before, reason, covered (by any dose in any year).
    flow
        Columns step, records: read, placed, dated, of the causes asked for, in window, in a
        corridor, used.
    """

    data: xr.Dataset
    left_out: pd.DataFrame
    flow: pd.DataFrame

    @property
    def deaths(self) -> Array:
        """(corridor, bin, year) counts, both grounds together."""
        return np.asarray(self.data["deaths"].sum("ground").values, float)

    @property
    def dose(self) -> Array:
        """(corridor, year) dose."""
        return np.asarray(self.data["dose"].values, float)

    @property
    def slope(self) -> Array:
        """(corridor, bin) standardised hardness."""
        return np.asarray(self.data["slope"].values, float)

    @property
    def strata(self) -> list[str]:
        """(corridor,) stratum within which doses are exchanged: never across record systems."""
        own = [str(s) for s in self.data["stratum"].values]
        if self.system is None:
            return own
        return [f"{n}: {s}" for n, s in zip(self.data["system"].values, own, strict=True)]

    @property
    def system(self) -> Array | None:
        """(corridor,) number of the record system; None where one holds all corridors."""
        return numbered(self.data["system"].values) if "system" in self.data else None

    @property
    def systems(self) -> list[str]:
        """Names of the record systems of the corridors that enter, in their number's order."""
        return sorted({str(s) for s in self.data["system"].values}) if "system" in self.data else []

    @property
    def clusters(self) -> Array | None:
        """(corridor,) cluster; None where every corridor is its own."""
        if "cluster" not in self.data:
            return None
        own = self.data["cluster"].values.astype(str)
        return None if len(set(own)) == len(own) else own

    @property
    def coverage(self) -> str:
        """What the dose is the growth of, in words."""
        return str(self.data.attrs.get("coverage", TOWERS))

    @property
    def corridors(self) -> list[str]:
        """Names of the corridors that enter."""
        return [str(c) for c in self.data["corridor"].values]

    def design(self) -> Design:
        """Return the headline's table: dose x hardness within corridor-years."""
        x = self.dose[None, :, None, :] * self.slope[None, :, :, None]
        return Design(self.deaths, x, np.arange(self.slope.shape[1]), stratum=self.system)

    def without(self, **labels: object) -> Panel:
        """Return the panel without one corridor, or without one year."""
        (dim, label), *_ = labels.items()
        keep = self.data[dim].values != label
        return Panel(self.data.isel({dim: np.flatnonzero(keep)}), self.left_out, self.flow)

    def table(self) -> pd.DataFrame:
        """Return the panel as rows: corridor, bin, ground, year, deaths, dose, slope, stratum."""
        frame = self.data.to_dataframe().reset_index()
        return frame[["corridor", "bin", "ground", "year", "deaths", "dose", "slope", "stratum"]]


def build_panel(
    deaths: gpd.GeoDataFrame,
    ground: xr.Dataset,
    dose: pd.DataFrame,
    years: Sequence[int],
    options: PanelOptions | None = None,
    placed: pd.DataFrame | None = None,
) -> Panel:
    """Count records into the panel: corridor x hardness bin x ground x study year.

    Parameters
    ----------
    deaths
        Records of the contract `deaths`.
    ground
        From `classify_ground`.
    dose
        corridor, year, dose (`geo.funnel.dose`); missing corridor-years have dose 0.
    years
        Study years, consecutive.
    options
        Who enters.
    placed
        From `place_records`; an imputation gives its own.

    Returns
    -------
    Panel
        Counts (corridor, bin, ground, year), doses, what was left out, and the flow of records.

    Examples
    --------
    >>> from geo import examples, inference
    >>> own = examples.inputs()
    >>> who = examples.options()
    >>> panel = inference.build_panel(own.deaths, own.ground, own.dose, own.years, who)
    >>> panel.deaths.shape, panel.corridors
    ((2, 3, 12), ['West', 'East'])
    """
    options = options or PanelOptions()
    placed = place_records(deaths, ground) if placed is None else placed
    steps = _steps(deaths, placed, years, options)
    used = np.logical_and.reduce(list(steps.values()))
    counts = count_records(deaths, placed, ground, years, used)
    data = _dataset(counts, ground, dose, years, options).assign_attrs(coverage=options.coverage)
    kept, left_out = enter(data, options.min_records_before, options.described)
    flow = [("read", len(deaths))]
    alive = np.ones(len(deaths), bool)
    for name, passed in steps.items():
        alive &= passed
        flow.append((name, int(alive.sum())))
    flow.append(("used", int(kept["deaths"].sum())))
    return Panel(kept, left_out, pd.DataFrame(flow, columns=["step", "records"]))


def count_records(
    deaths: gpd.GeoDataFrame,
    placed: pd.DataFrame,
    ground: xr.Dataset,
    years: Sequence[int],
    used: Array,
) -> Array:
    """Count persons of the records used: (unit, bin, ground, year)."""
    shape = (len(ground.attrs["units"]), int(ground.attrs["bins"]), len(GROUND), len(years))
    columns = [placed[c].to_numpy(int)[used] for c in ("unit", "bin", "seen", "year")]
    counts = np.zeros(shape)
    index = (*columns[:3], columns[3] - years[0])
    np.add.at(counts, index, deaths["persons"].to_numpy(float)[used])
    return counts


def records_used(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, years: Sequence[int], options: PanelOptions
) -> Array:
    """Say which records enter: (record,) bool."""
    return np.asarray(np.logical_and.reduce(list(_steps(deaths, placed, years, options).values())))


def _steps(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, years: Sequence[int], options: PanelOptions
) -> dict[str, NDArray[np.bool_]]:
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


def _dataset(
    counts: Array,
    ground: xr.Dataset,
    dose: pd.DataFrame,
    years: Sequence[int],
    options: PanelOptions,
) -> xr.Dataset:
    units = list(ground.attrs["units"])
    path = (
        dose.pivot_table(index="corridor", columns="year", values="dose")
        .reindex(index=units, columns=list(years))
        .fillna(0.0)
    )
    names = ground.attrs.get("systems")
    own = {} if names is None else {"system": ("corridor", list(names))}
    return xr.Dataset(
        {
            **own,
            "deaths": (("corridor", "bin", "ground", "year"), counts),
            "dose": (("corridor", "year"), path.to_numpy(float)),
            "slope": (("corridor", "bin"), np.tile(bin_scores(counts.shape[1]), (len(units), 1))),
            "stratum": ("corridor", [options.strata.get(u, "all") for u in units]),
            "cluster": ("corridor", [options.clusters.get(u, u) for u in units]),
        },
        coords={
            "corridor": units,
            "bin": np.arange(counts.shape[1]),
            "ground": list(GROUND),
            "year": list(years),
        },
    )


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
