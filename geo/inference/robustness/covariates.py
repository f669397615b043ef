"""R9: covariates times hardness beside the headline; R4: precision by year in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import residualise
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, question, refusal
from geo.inference.registered.imputation import PRECISE
from geo.inference.robustness.robustness import answered
from geo.inference.robustness.variants import TITLE_42
from geo.parameters import load
from geo.typing import Array

SEPARABLE = float(load("battery")["separable_r2"].value)
"""Partial R2 of dose on a covariate above which the two are not separable."""
BLOCK_YEARS = int(load("battery")["jurisdiction_years"].value)
"""Length of the periods in which the gradient of one jurisdiction may differ."""


@dataclass(frozen=True)
class Adjusted:
    """The headline beside a covariate.

    Attributes
    ----------
    estimate
        Row of `estimates`.
    partial_r2
        Share of the dose regressor that the covariate explains.
    absorbed
        Whether the covariate is equal in all corridors, so that the headline holds it anyway.
    """

    estimate: Estimate
    partial_r2: float
    absorbed: bool = False

    @property
    def separable(self) -> bool:
        """Whether dose keeps enough variation of its own."""
        return self.partial_r2 < SEPARABLE


def adjusted(
    panel: Panel,
    covariates: Mapping[str, xr.DataArray],
    rng: np.random.Generator,
    *,
    draws: int | None = None,
    parents: str = "",
) -> dict[str, Adjusted]:
    """R9: the headline with a covariate times hardness held beside it.

    Parameters
    ----------
    panel
        From `build_panel`.
    covariates
        Name of the row, such as R9.agents, to (corridor, year) values; (term, corridor, year)
        where a covariate has several. One equal in all corridors, such as a border-wide policy,
        is absorbed by the border-wide drift already and is reported so.
    """
    asked = question(panel)
    out = {}
    for name, values in covariates.items():
        what = in_words(name.partition(".")[2])
        row = Estimate(name, RRR + f", {what} times hardness held", parents=parents)
        if not panel.corridors:
            reason = "no corridor has enough records before its first dose"
            out[name] = Adjusted(refusal(row, reason), 0.0)
            continue
        z = _laid_out(values, panel)
        if np.allclose(z, z[:, :1]):
            text = (
                f"{what[0].upper()}{what[1:]}: equal in all corridors, hence absorbed by the "
                "border-wide drift of the gradient, which the headline holds anyway."
            )
            out[name] = Adjusted(row.says(text, "L0"), 0.0, absorbed=True)
            continue
        held = z[:, :, None, :] * panel.slope[None, :, :, None]
        share = _partial_r2(panel, held)
        row = answered(replace(asked, held=held), row, rng, draws, f"With {what} held")
        if share >= SEPARABLE:
            row = row.says(
                f"Dose and {what} are not separable (partial R2 {share:.2f}): the records cannot "
                "tell which of the two the gradient moved with.",
                "L0",
            )
        out[name] = Adjusted(row, share)
    return out


def trends(panel: Panel) -> xr.DataArray:
    """Return a linear trend for every corridor but the first: (term, corridor, year).

    The border-wide drift holds the trend that all corridors share; where record systems have
    drifts of their own, the first corridor of each is left out.
    """
    count, years = len(panel.corridors), panel.data["year"].values.astype(int)
    time = years - years.mean()
    system = np.zeros(count, int) if panel.system is None else panel.system
    firsts = np.unique(system, return_index=True)[1]
    terms = np.delete(np.eye(count), firsts, axis=0)[:, :, None] * time
    coords = {"corridor": panel.corridors, "year": years}
    return xr.DataArray(terms, coords, ("term", "corridor", "year"))


def in_words(name: str) -> str:
    """Return the name of a covariate as a sentence has it.

    Example
    -------
    >>> in_words("title_42_on_tohono_oodham")
    "Title 42 on Tohono O'odham land"
    """
    said = name.replace("_", " ").replace("title 42", "Title 42")
    return said.replace("tohono oodham", "Tohono O'odham land")


def precise_share(deaths: gpd.GeoDataFrame, panel: Panel, placed: pd.DataFrame) -> xr.DataArray:
    """Share of a corridor-year's placed records known by GPS or address: (corridor, year).

    Years without records take the corridor's mean. Location precision rose from a half to nearly
    all records, not everywhere at once, and could look like a shift.
    """
    precise = deaths["precision_class"].isin(PRECISE).to_numpy(float)
    sums = [_by_corridor_year(panel, placed, w) for w in (precise, np.ones(len(precise)))]
    total = np.maximum(sums[1].sum(axis=1, keepdims=True), 1.0)
    mean = sums[0].sum(axis=1, keepdims=True) / total
    share = np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1.0), mean)
    return _array(panel, share)


def policies(
    deaths: gpd.GeoDataFrame, panel: Panel, placed: pd.DataFrame, land: Mapping[str, str]
) -> dict[str, xr.DataArray]:
    """Title 42, and jurisdiction by period, from dates and land managers alone.

    Parameters
    ----------
    deaths, placed
        Records and their classes (`place_records`), their corridors by the panel's names.
    land
        Name to a word of `land_manager`. A corridor's share of a jurisdiction is that of its
        records before the first dose anywhere.

    Returns
    -------
    dict
        `R9.title_42` where the study reaches 2020; for each jurisdiction `R9.NAME_by_period`
        (share times periods of five years) and `R9.title_42_on_NAME`.
    """
    years = panel.data["year"].values.astype(int)
    out: dict[str, xr.DataArray] = {}
    if not panel.corridors:
        return out
    during = np.isin(years, list(TITLE_42)).astype(float)
    if during.any():
        out["R9.title_42"] = _array(panel, np.tile(during, (len(panel.corridors), 1)))
    manager = deaths["land_manager"].astype("string").fillna("")
    early = panel.data["year"].values < _first_dose(panel)
    block = (years - years[0]) // BLOCK_YEARS
    for name, word in land.items():
        on = manager.str.contains(word, regex=False).to_numpy(float)
        inside, every = (
            (_by_corridor_year(panel, placed, w) * early).sum(axis=1) for w in (on, on * 0 + 1)
        )
        share = inside / np.maximum(every, 1.0)
        if not share.max() > 0 or np.allclose(share, share[0]):
            continue
        terms = [share[:, None] * (block == b) for b in np.unique(block)[1:]]
        coords = {"corridor": panel.corridors, "year": years}
        dims = ("term", "corridor", "year")
        out[f"R9.{name}_by_period"] = xr.DataArray(np.stack(terms), coords, dims)
        if during.any():
            out[f"R9.title_42_on_{name}"] = _array(panel, share[:, None] * during)
    return out


def _laid_out(values: xr.DataArray, panel: Panel) -> Array:
    """(term, corridor, year) values of the panel's corridors and years, each of unit spread."""
    aligned = values.reindex(corridor=panel.data["corridor"], year=panel.data["year"])
    if "term" not in aligned.dims:
        aligned = aligned.expand_dims("term")
    z = np.nan_to_num(np.asarray(aligned.transpose("term", "corridor", "year").values, float))
    return np.asarray(z / np.maximum(z.std(axis=(1, 2), keepdims=True), 1e-12))


def _partial_r2(panel: Panel, held: Array) -> float:
    """Share of the dose regressor, fixed effects out, that the held ones explain."""
    design = question(panel).design()
    try:
        mu = fit(design.with_x(design.x[:0])).mu
    except IdentificationError:
        return 1.0
    both = residualise(design, np.concatenate([design.x[:1], held]), mu)[0]
    root = np.sqrt(mu).ravel()
    own, others = root * both[0].ravel(), root * both[1:].reshape(len(held), -1)
    scale = float(own @ own)
    if scale <= 0:
        return 1.0
    fitted = np.linalg.lstsq(others.T, own, rcond=None)[0] @ others
    return float(fitted @ fitted) / scale


def _by_corridor_year(panel: Panel, placed: pd.DataFrame, weight: Array) -> Array:
    """Sum a weight of placed records: (corridor, year)."""
    years = panel.data["year"].values.astype(int)
    unit = pd.Index(panel.corridors).get_indexer(pd.Index(placed["corridor"]))
    year = placed["year"].to_numpy(int)
    known = (unit >= 0) & (year >= years[0]) & (year <= years[-1])
    out = np.zeros((len(panel.corridors), len(years)))
    np.add.at(out, (unit[known], year[known] - years[0]), weight[known])
    return out


def _first_dose(panel: Panel) -> int:
    dosed = np.flatnonzero(panel.dose.any(axis=0))
    years = panel.data["year"].values.astype(int)
    return int(years[dosed[0]]) if len(dosed) else int(years[-1]) + 1


def _array(panel: Panel, values: Array) -> xr.DataArray:
    coords = {"corridor": panel.corridors, "year": panel.data["year"].values.astype(int)}
    return xr.DataArray(values, coords, ("corridor", "year"))
