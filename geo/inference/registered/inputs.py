"""What the analysis is given: records, ground, doses, and everything it may be repeated with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.inference.panel.eligibility import PanelOptions, records_used
from geo.inference.panel.ground import place_records
from geo.inference.panel.panel import Panel, build_panel
from geo.inference.registered.headline import Headline
from geo.typing import Array

Progress = Callable[[int, int, str], None]
Stream = Callable[[str], np.random.Generator]


@dataclass(frozen=True)
class InView:
    """What one group of towers saw, as far as deaths in view need it.

    Attributes
    ----------
    seen
        (year, record) share of the year in which the cell of each record was in view, by every
        study year, not only that of the record.
    area
        (corridor, year) share of the land in view.
    routes
        (corridor, year) share of modelled movement before towers in view; None without a route
        model.
    """

    seen: Array
    area: Array
    routes: Array | None = None

    def of(self, keep: Array) -> InView:
        """Return it for some of the records."""
        return InView(self.seen[:, keep], self.area, self.routes)


@dataclass(frozen=True)
class Variant:
    """The headline asked again with something exchanged; None leaves it as it is.

    Attributes
    ----------
    deaths, ground, dose
        As in `Inputs`: another vintage (R13), hardness or unit (R5, R6), exposure (R7).
    placed
        Classes of the records of `Inputs` on that ground (`place_records`), of which no more is
        needed then than its attributes: several wide grounds are never held beside each other.
    clusters
        Unit to the corridor in which its dose was assigned, where units are catchments.
    years
        Study years, where not all are asked.
    note
        What was exchanged, in a sentence before that of the row.
    parents
        Identifiers of what was exchanged, beside those of the analysis.
    """

    deaths: gpd.GeoDataFrame | None = None
    ground: xr.Dataset | None = None
    dose: pd.DataFrame | None = None
    placed: pd.DataFrame | None = None
    clusters: Mapping[str, str] = field(default_factory=dict)
    years: Sequence[int] = ()
    note: str = ""
    parents: str = ""


@dataclass(frozen=True)
class Inputs:
    """What the analysis is given.

    Attributes
    ----------
    deaths
        Records of the contract `deaths`.
    ground
        From `classify_ground`.
    dose
        corridor, year, dose.
    years
        Study years.
    density
        (y, x) pre-tower route density, if the route model is used.
    densities
        Name to (y, x) pre-tower route density of further route models, for S3.
    dose_draws
        Dose tables under drawn tower dates and positions.
    placebo_doses
        Dose tables of placebo towers.
    batches
        Programme to the dose without its towers, for R1.
    month_dose
        corridor, year, month, dose, for the analysis by month; None where it is not known.
    in_view
        Group of towers to what it saw; the first is all towers.
    placebos
        (set, year, record) share of the year in which placebo towers had the records in view.
    covariates
        Name to (corridor, year), or (term, corridor, year), values, for R9.
    variants
        Name of a row to what is exchanged: R5 hardness, R6 units, R7 exposures, R13 vintages.
    refused
        Name of a row to why it cannot be computed here and what would let it.
    route_model_validated
        Whether the route model beat its baselines; None where not examined.
    route_model_reason
        Why it was not examined.
    no_view
        Why ground cannot be told apart by what towers saw; empty where it can.
    caps
        (level, reason) of exposures or records that hold the claim down, as `claim` takes them.
    land
        Row name to a word of `land_manager` that splits records in two.
    """

    deaths: gpd.GeoDataFrame
    ground: xr.Dataset
    dose: pd.DataFrame
    years: Sequence[int]
    density: xr.DataArray | None = None
    densities: Mapping[str, xr.DataArray] = field(default_factory=dict)
    dose_draws: Sequence[pd.DataFrame] = ()
    placebo_doses: Sequence[pd.DataFrame] = ()
    batches: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    month_dose: pd.DataFrame | None = None
    in_view: Mapping[str, InView] = field(default_factory=dict)
    placebos: Array | None = None
    covariates: Mapping[str, xr.DataArray] = field(default_factory=dict)
    variants: Mapping[str, Variant] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    route_model_validated: bool | None = None
    route_model_reason: str = ""
    no_view: str = ""
    caps: Sequence[tuple[str, str]] = ()
    land: Mapping[str, str] = field(default_factory=lambda: {"tohono_oodham": "Tohono"})


@dataclass(frozen=True)
class Task:
    """The analysis under way: what every part of the battery is given.

    Attributes
    ----------
    inputs, options
        Records and exposures; who enters.
    panel, recorded
        The panel of the records as recorded, and what came of it.
    stream
        Random stream of a named step.
    draws
        Permutations where not all can be listed.
    parents
        Identifiers of the inputs.
    """

    inputs: Inputs
    options: PanelOptions
    panel: Panel
    recorded: Headline
    stream: Stream
    draws: int | None
    parents: str

    def placed(self) -> pd.DataFrame:
        """Return the records' classes, with `corridor` by name and `used` as the headline does."""
        own = self.inputs
        placed = place_records(own.deaths, own.ground)
        used = records_used(own.deaths, placed, own.years, self.options)
        names = np.array([*own.ground.attrs["units"], ""])  # -1, outside, is the empty name
        placed["corridor"] = names[placed["unit"].to_numpy(int)]
        placed["used"] = used & placed["corridor"].isin(self.panel.corridors).to_numpy(bool)
        return placed

    def build(
        self, variant: Variant, options: PanelOptions | None = None, years: Sequence[int] = ()
    ) -> Panel:
        """Build a panel with something exchanged."""
        own = self.inputs
        return build_panel(
            own.deaths if variant.deaths is None else variant.deaths,
            own.ground if variant.ground is None else variant.ground,
            own.dose if variant.dose is None else variant.dose,
            years or variant.years or own.years,
            options or self.options,
            variant.placed,
        )
