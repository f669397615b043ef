"""What drawn, changed and placebo towers would have seen: doses, and records in their view.

Placebo towers live here and in the analysis that is given them, in memory; neither a site nor a
surface of theirs is written anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from flows.core.rasters import read_raster
from flows.core.stage import StageContext
from flows.core.store import read_table
from flows.stages.sight import NOT_RUN, read_sight
from geo import visibility
from geo.errors import ContractError
from geo.grid import grid_of, wrap
from geo.inference import InView
from geo.parameters import load
from geo.records import TOWERS
from geo.study import stream, study_years
from geo.typing import Array

RANGES_M = tuple(load("battery")["ranges_m"].value)
"""Ranges given to every tower in turn (R7)."""
RANGE_CLASSES = load("battery")["range_classes_m"].value
"""Classes of nominal range, lower bound excluded, by which deaths in view are told apart."""
ALL = "all"


@dataclass(frozen=True)
class Exposures:
    """Doses of drawn, changed and placebo towers, and what groups of towers saw.

    Attributes
    ----------
    draws
        Dose tables under drawn dates and positions.
    changed
        Name of a row of R7 to the dose it asks about.
    batches
        Programme to the dose without its towers.
    in_view
        Group of towers to what it saw; all towers first.
    placebo_doses, placebos
        Doses of sets of placebo towers; (set, year, record) share in their view.
    refused
        Name of a row to why it is not there.
    months
        corridor, year, month, dose: dates at the middle of their bounds.
    """

    draws: list[pd.DataFrame]
    changed: dict[str, pd.DataFrame]
    batches: dict[str, pd.DataFrame]
    in_view: dict[str, InView]
    placebo_doses: list[pd.DataFrame] = field(default_factory=list)
    placebos: Array | None = None
    refused: dict[str, str] = field(default_factory=dict)
    months: pd.DataFrame | None = None


def exposures(
    step: StageContext, deaths: gpd.GeoDataFrame, density: xr.DataArray | None, labels: xr.DataArray
) -> Exposures:
    """Look out from every version of the towers, once from every distinct site.

    Parameters
    ----------
    step
        The inference step.
    deaths
        Records, of which to say when they were in view.
    density
        (y, x) pre-tower route density; None weighs all land alike.
    labels
        Corridor labels.
    """
    elevation = read_raster(step.done["terrain"], "elevation")
    assert elevation is not None  # noqa: S101 - there is no dose without it
    every = visibility.with_defaults(read_table(step.done["ingest"], TOWERS.name))
    towers = visibility.dosed(every, step.study.pre_tower[1])
    tables = _versions(step, towers, elevation)
    points = deaths.geometry.to_crs(step.study.crs)
    where = points.x.to_numpy(), points.y.to_numpy()
    told = read_sight(step.done["visibility"])
    looking = visibility.Looking(sight=told, executor=step.executor, progress=step.progress)
    rng = stream(step.study.seed, "range shares")
    sights = [
        visibility.drawn_sight(told, rng) if name.startswith("draw:") else told for name in tables
    ]
    found = visibility.drawn_dose(
        elevation, list(tables.values()), study_years(step.study), density, labels,
        points=where, looking=looking, sights=sights,
    )  # fmt: skip
    at = {name: found.isel(draw=number) for number, name in enumerate(tables)}
    mine = _Groups(at, density is not None)
    placebo = _placebos(step, towers, elevation, density, labels, where, looking)
    doses = (
        mine.doses("draw:"),
        {**mine.named("R7."), "R7.area_weighted": _dose(at[ALL], "area_share")},
        mine.named("without:"),
    )
    months = _by_month(step, towers, elevation, density, labels, looking)
    if told.by_range:
        placebo_doses, _, refused = placebo
        return Exposures(*doses, {}, placebo_doses, refused={**NOT_RUN, **refused}, months=months)
    seen = {ALL: _in_view(at[ALL], routed=density is not None), **mine.views("group:")}
    return Exposures(*doses, seen, *placebo, months=months)


def _by_month(
    step: StageContext,
    towers: gpd.GeoDataFrame,
    elevation: xr.DataArray,
    density: xr.DataArray | None,
    labels: xr.DataArray,
    looking: visibility.Looking,
) -> pd.DataFrame:
    """Return doses by month: what towers saw between the days on which one starts or ends."""
    years = step.study.years
    spans = visibility.constant_spans(visibility.dated(towers), years)
    found = visibility.drawn_dose(elevation, [towers], spans, density, labels, looking=looking)
    table = found["dose"].isel(draw=0).to_dataframe(name="dose").reset_index()
    return visibility.dose_by_month(table[["corridor", "period", "dose"]], spans, years)


def _versions(
    step: StageContext, towers: gpd.GeoDataFrame, elevation: xr.DataArray
) -> dict[str, gpd.GeoDataFrame]:
    """Name every version of the towers table that is looked out from."""
    rng = stream(step.study.seed, "exposures")
    count = int(load("inference")["tower_positions"].value)
    draws = step.study.inference.imputations
    places = [visibility.moved(towers, elevation, rng) for _ in range(min(count, draws))]
    tables = {ALL: towers}
    for number in range(draws):
        tables[f"draw:{number}"] = visibility.dated(places[number % len(places)], "draw", rng)
    for reach in RANGES_M:
        tables[f"R7.range_{reach / 1e3:g}_km"] = towers.assign(range_m=reach)
    for rule in ("widest", "narrowest"):
        tables[f"R7.dates_{rule}"] = visibility.dated(towers, rule)
    dosed = towers[visibility.enters_dose(towers)]
    # what replaced a tower stays: only the link to a tower that is not there goes
    alone = towers.assign(replaces=None)
    for programme in sorted(dosed["programme"].unique()):
        own = (towers["programme"] == programme).to_numpy()
        tables[f"without:{programme}"] = alone[~own]
        tables[f"group:{programme}"] = alone[own]
    for name, (low, high) in RANGE_CLASSES.items():
        own = ((towers["range_m"] > low) & (towers["range_m"] <= high)).to_numpy()
        if visibility.enters_dose(towers)[own].any():
            tables[f"group:{name}"] = alone[own]
    return tables


@dataclass(frozen=True)
class _Groups:
    """Versions by name, with the doses and views of those whose names begin alike."""

    at: Mapping[str, xr.Dataset]
    routed: bool

    def doses(self, prefix: str) -> list[pd.DataFrame]:
        return [_dose(v) for name, v in self.at.items() if name.startswith(prefix)]

    def named(self, prefix: str) -> dict[str, pd.DataFrame]:
        return {
            name.removeprefix("without:"): _dose(v)
            for name, v in self.at.items()
            if name.startswith(prefix)
        }

    def views(self, prefix: str) -> dict[str, InView]:
        return {
            name.removeprefix(prefix): _in_view(v, routed=self.routed)
            for name, v in self.at.items()
            if name.startswith(prefix)
        }


def _placebos(
    step: StageContext,
    towers: gpd.GeoDataFrame,
    elevation: xr.DataArray,
    density: xr.DataArray | None,
    labels: xr.DataArray,
    points: tuple[Array, Array],
    looking: visibility.Looking,
) -> tuple[list[pd.DataFrame], Array | None, dict[str, str]]:
    """Draw placebo towers on this side of the border and keep what tests need of them."""
    inside = wrap(labels.values >= 0, grid_of(labels), "feasible", "1")
    if density is None:
        density = wrap(np.ones(labels.shape), grid_of(labels), "density", "1")
    try:
        sites = visibility.placebo_sites(
            elevation,
            towers,
            density,
            draws=int(load("inference")["placebo_sets"].value),
            generator=stream(step.study.seed, "placebo towers"),
            feasible=inside,
        )
    except ContractError as error:
        return [], None, {"R2.placebo_towers": str(error)}
    found = visibility.placebo_dose(
        sites, study_years(step.study), labels, points=points, looking=looking
    )
    doses = [_dose(found.isel(draw=number)) for number in range(sites.draws)]
    return doses, np.asarray(found["seen"].values), {}


def _dose(found: xr.Dataset, column: str = "dose") -> pd.DataFrame:
    """Return corridor, year, dose of one version."""
    table = found[column].to_dataframe(name="dose").reset_index()
    table["year"] = table["period"].str.removeprefix("y").astype(int)
    return table[["corridor", "year", "dose"]]


def _in_view(found: xr.Dataset, *, routed: bool) -> InView:
    by_corridor = found.transpose("corridor", "period", ...)
    return InView(
        np.asarray(found["seen"].transpose("period", "point").values),
        np.asarray(by_corridor["area_share"].transpose("corridor", "period").values),
        np.asarray(by_corridor["dose"].transpose("corridor", "period").values) if routed else None,
    )
