"""The panel: recorded deaths by corridor, hardness bin, ground and study year, with dose.

Records lie on ground that was classified before (`ground`). A record contributes its persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.funnel import bin_scores
from geo.inference.estimation.compare import numbered
from geo.inference.estimation.fixed_effects import Design
from geo.inference.panel.eligibility import TOWERS, PanelOptions, enter, steps_of
from geo.inference.panel.ground import place_records
from geo.typing import Array

GROUND = ("never in view", "in view by the end")


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
    steps = steps_of(deaths, placed, years, options)
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
