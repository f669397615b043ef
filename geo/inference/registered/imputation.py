"""Multiple imputation of place, death date and tower date, pooled by Rubin's rules.

A draw replaces every uncertain thing at once: the date of death within its post-mortem class; the
place within its precision class, weighted by where people were modelled to walk before the first
tower and by the rates that precisely placed records show; the dates of towers within their bounds.

Rates come in two kinds. A place drawn without regard to the analysis model is blurred twice and
attenuates the coefficient (Meng 1994), so the *interval* uses rates of the full model, its
coefficient drawn anew for every imputation. The *permutation p* uses rates of the null model,
which do not know the dose, so that exchanging whole dose paths across all draws stays valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from geo.errors import IdentificationError
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.uncertainty import jackknife
from geo.inference.panel.eligibility import PanelOptions
from geo.inference.panel.ground import study_years
from geo.inference.panel.panel import Panel, build_panel
from geo.inference.registered.candidate_places import candidates, place_once
from geo.inference.registered.headline import question
from geo.parameters import load
from geo.strips import rows_of, strips
from geo.typing import Array

PRECISE = ("gps", "address")
"""Precision classes whose place says in which cell a record lies."""


@dataclass(frozen=True)
class ImputationOptions:
    """How places and dates are drawn.

    Attributes
    ----------
    draws
        Number of joint draws.
    flat_prior
        Draw places from the precision class alone, without the route model (sensitivity).
    longer_mean_days
        Mean of the interval beyond eight months; None for the registered one.
    corridors
        Corridors that enter; None for those that enter with the records as recorded and the first
        table of doses.
    """

    draws: int = 50
    flat_prior: bool = False
    longer_mean_days: float | None = None
    corridors: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Imputed:
    """Drawn panels, all with the same corridors.

    Attributes
    ----------
    panels
        Drawn with rates of the full model: for estimate and interval.
    blind
        Drawn with rates of the null model: for the permutation p.
    """

    panels: list[Panel]
    blind: list[Panel]


def draw_rates(
    panel: Panel,
    ground: xr.Dataset,
    prior: xr.DataArray | None,
    rng: np.random.Generator,
    draws: int,
    *,
    blind: bool,
) -> Array | None:
    """Rates of precisely placed records: (draw, unit, bin, year); None where they fit no model.

    Parameters
    ----------
    panel
        Precisely placed records, all corridors.
    blind
        Rates of the null model, which do not know the dose; else of the full model, with its
        coefficient drawn from its sampling distribution.
    """
    design = question(panel).design()
    try:
        null = fit(design.with_x(design.x[:0]))
        if blind:
            fitted = [null.mu] * draws
        else:
            interval = jackknife(design, np.arange(len(panel.corridors)), null=null)
            betas = interval.beta[0] + interval.se * rng.standard_normal(draws)
            fitted = [fit(design.with_x(design.x[:0], b * design.x[0])).mu for b in betas]
    except IdentificationError:
        return None
    mass = _bin_mass(ground, prior)
    total = design.y.sum(axis=1, keepdims=True)
    even = (mass / np.maximum(mass.sum(axis=1, keepdims=True), np.finfo(float).tiny))[:, :, None]
    smooth = np.stack(fitted) + 0.5 * even * np.ones_like(total)
    return np.asarray(smooth / np.where(mass > 0, mass, np.inf)[:, :, None])


def impute_intervals(
    deaths: pd.DataFrame,
    rng: np.random.Generator,
    draws: int,
    longer_mean_days: float | None = None,
    system: pd.Series | None = None,
) -> Array:
    """Draw post-mortem intervals in days: (draw, record).

    Log-uniform within the class; beyond eight months 240 days plus an exponential. A blank class is
    drawn from the mix of known classes among records of the same year of report, and of the same
    record system where `system` names it; without any known class there the interval is 0, which
    is the date as reported.
    """
    settings = load("inference")
    bounds = {k: tuple(map(float, v)) for k, v in settings["pmi_days"].value.items()}
    floor = float(settings["pmi_longer_floor"].value)
    mean = longer_mean_days or float(settings["pmi_longer_mean"].value)
    known = deaths["pmi_class"].astype(str).to_numpy()
    year = pd.to_datetime(deaths["found_on"]).dt.year.fillna(0).to_numpy(int)
    out = np.zeros((draws, len(deaths)))
    for draw in range(draws):
        label = _filled(known, year, rng, system)
        uniform, tail = rng.random(len(label)), rng.exponential(mean, len(label))
        for name, (low, high) in bounds.items():
            here = label == name
            out[draw, here] = low * (high / low) ** uniform[here]
        out[draw, label == "longer"] = floor + tail[label == "longer"]
    return out


def impute_panels(
    deaths: gpd.GeoDataFrame,
    ground: xr.Dataset,
    doses: Sequence[pd.DataFrame],
    years: Sequence[int],
    rng: np.random.Generator,
    *,
    prior: xr.DataArray | None = None,
    panel_options: PanelOptions | None = None,
    options: ImputationOptions | None = None,
) -> Imputed:
    """Draw panels.

    Parameters
    ----------
    deaths, ground, years
        As for `build_panel`.
    doses
        Dose tables, one a draw of tower dates (`draw_doses`); one alone where dates are certain.
    rng
        Stream of this analysis: same seed, same bytes.
    prior
        (y, x) pre-tower route density.
    panel_options, options
        Who enters; how is drawn.

    Returns
    -------
    Imputed
        Panels that know the dose, and panels whose places were drawn without it.

    Notes
    -----
    Multiple imputation (Rubin 1987); pooled by `pool`.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> own = examples.inputs()
    >>> drawn = inference.impute_panels(
    ...     own.deaths, own.ground, [own.dose], own.years, np.random.default_rng(0),
    ...     panel_options=examples.options(), options=inference.ImputationOptions(draws=2),
    ... )
    >>> len(drawn.panels), len(drawn.blind)
    (2, 2)
    """
    options = options or ImputationOptions()
    asked = panel_options or PanelOptions()
    entered = options.corridors
    if entered is None:
        entered = tuple(build_panel(deaths, ground, doses[0], years, asked).corridors)
    kept = list(entered)
    everyone = replace(asked, min_records_before=0)
    precise = replace(everyone, precision=PRECISE)
    density = None if options.flat_prior else prior
    streams = rng.spawn(5)
    found = candidates(deaths, ground, density, streams[0], asked.sources)
    several = asked.sources and "systems" in ground.attrs
    system = deaths["source_id"].map(dict(asked.sources)).fillna("") if several else None
    lags = impute_intervals(deaths, streams[1], options.draws, options.longer_mean_days, system)
    died = [_died(deaths, lag, years) for lag in lags]
    surely = build_panel(deaths, ground, doses[0], years, precise)

    def drawn(*, blind: bool, stream: np.random.Generator) -> list[Panel]:
        rates = draw_rates(surely, ground, density, streams[2], options.draws, blind=blind)
        panels = []
        for draw, year in enumerate(died):
            index = np.where((year >= years[0]) & (year <= years[-1]), year - years[0], -1)
            rate = None if rates is None else rates[draw]
            placed = place_once(found, ground, index, rate, stream)
            placed = placed.set_index(deaths.index).assign(year=year)
            dose = doses[draw % len(doses)]
            panel = build_panel(deaths, ground, dose, years, everyone, placed)
            panels.append(Panel(panel.data.sel(corridor=kept), panel.left_out, panel.flow))
        return panels

    return Imputed(drawn(blind=False, stream=streams[3]), drawn(blind=True, stream=streams[4]))


def _died(deaths: pd.DataFrame, lag: Array, years: Sequence[int]) -> Array:
    """Study year of death: recovery less the interval, not before the study unless found before."""
    found = pd.to_datetime(deaths["found_on"])
    start = pd.Timestamp(year=years[0], month=1, day=1)
    died = found - pd.to_timedelta(np.floor(lag), unit="D")
    return study_years(died.where((died >= start) | (found < start), start))


def _bin_mass(ground: xr.Dataset, prior: xr.DataArray | None) -> Array:
    """Prior mass of each corridor's bins: (unit, bin)."""
    bins, units = int(ground.attrs["bins"]), len(ground.attrs["units"])
    total = np.zeros(units * bins)
    for rows in strips(*ground["unit"].shape):
        unit, label = ground["unit"].values[rows].astype(int), ground["bin"].values[rows]
        inside = (unit >= 0) & (label >= 0)
        mass = np.ones(int(inside.sum()))
        if prior is not None:
            mass = np.nan_to_num(rows_of(prior, rows)[inside].astype(float)).clip(0.0)
        total += np.bincount(unit[inside] * bins + label[inside], mass, units * bins)
    return np.asarray(total.reshape(units, bins))


def _filled(known: Array, year: Array, rng: np.random.Generator, system: pd.Series | None) -> Array:
    """Fill blank classes, in each record system by itself."""
    if system is None:
        return _fill_classes(known, year, rng)
    out = known.copy()
    for name in sorted(set(system)):
        own = (system == name).to_numpy(bool)
        out[own] = _fill_classes(known[own], year[own], rng)
    return out


def _fill_classes(known: Array, year: Array, rng: np.random.Generator) -> Array:
    """Give a blank class the class of a random known record of its year, else of any year."""
    label = known.copy()
    blank = known == "unknown"
    pool_all = np.flatnonzero(~blank)
    if not blank.any() or not len(pool_all):
        return label
    for y in np.unique(year[blank]):
        here = np.flatnonzero(blank & (year == y))
        pool = pool_all[year[pool_all] == y]
        donors = pool if len(pool) else pool_all
        label[here] = known[rng.choice(donors, len(here))]
    return label
