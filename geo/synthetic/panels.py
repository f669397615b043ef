"""Panels of recorded deaths with a known truth, for calibrating the tests.

Counts are Poisson around

    corridor share x volume walk x border-wide gradient drift x gradient shocks x cell shocks
    x planted effect,

with every nuisance that the analysis must absorb and every mechanism that it must tell apart. The
levels of noise are those of the statistics reference, section 7 (configurations B and E); Pearson
dispersion of the real series, 1.29, lies near theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from geo.funnel import bin_scores
from geo.typing import Array

REAL_SHARES = (0.379, 0.150, 0.112, 0.109, 0.084, 0.075, 0.042, 0.012, 0.012, 0.011, 0.011, 0.003)
"""Made up: shares of the twelve named corridors in the Arizona records of 2024-10 (effective number
4.8)."""
GPS_YEARS = (0.0, 0.17, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
"""Made up: where along the study `GPS_SHARE` stands."""
GPS_SHARE = (0.46, 0.26, 0.52, 0.80, 0.87, 0.95, 0.98, 0.94)
"""Made up: share of records placed by GPS along the study (statistics reference, section 0)."""
GROUND = ("never in view", "in view by the end")
VISIBLE = 0.75
"""Made up: share of the easiest bin that a full network ends up seeing; falls to a third in the
hardest."""


@dataclass(frozen=True)
class PanelPlan:
    """What is planted, and how noisy the land is.

    Attributes
    ----------
    corridors, bins, years, first_year, records
        Size; `records` is the expected number of deaths.
    treated
        Corridors that ever get towers, at staggered dates in the middle half of the years.
    shares
        Corridor sizes: "balanced" or "real" (those of the Arizona records).
    siting
        "random" corridors get towers, or the "busiest".
    rate_ratio
        Planted ratio of rate ratios per unit dose and standard deviation of hardness.
    rescue
        Share of deaths in view averted at full dose, nobody moving.
    displacement
        Share of deaths in view that move to hard ground out of view at full dose.
    search_tilt
        Log ratio by which skeletal records are found more per unit dose and standard deviation of
        hardness: the fatal confounder.
    drift, volume_sd, cell_sd, gradient_sd, persistence
        Yearly border-wide drift of the gradient; standard deviations of the yearly volume step, of
        cell shocks and of corridor gradient shocks; their AR(1) coefficient.
    catchments, shared
        Units within each corridor, all with the corridor's towers and up to half more or less of
        its dose; share of the variance of shocks that the units of a corridor have in common.
    precision_drift
        Log ratio by which hard ground is under-recorded in the first year, fading linearly.
    """

    corridors: int = 12
    bins: int = 5
    years: int = 24
    first_year: int = 2001
    records: int = 3_400
    treated: int = 8
    shares: Literal["balanced", "real"] = "balanced"
    siting: Literal["random", "busiest"] = "random"
    rate_ratio: float = 1.0
    rescue: float = 0.0
    displacement: float = 0.0
    search_tilt: float = 0.0
    drift: float = 0.01
    volume_sd: float = 0.15
    cell_sd: float = 0.25
    gradient_sd: float = 0.2
    persistence: float = 0.5
    precision_drift: float = 0.0
    catchments: int = 1
    shared: float = 0.6


def simulate(plan: PanelPlan, rng: np.random.Generator) -> xr.Dataset:
    """Draw one panel.

    Returns
    -------
    xr.Dataset
        `deaths` (corridor, bin, ground, year) counts, of which `fresh` were recovered fresh and
        `gps` placed by GPS (a share that rises as in the Arizona records); `dose`
        (corridor, year) in 0..1; `slope` (corridor, bin) standardised hardness of the bin;
        `stratum` (corridor). Attribute `log_ratio` holds the planted coefficient. With several
        catchments a corridor, `corridor` names catchments and `cluster` (corridor) the corridor.
    """
    slope = bin_scores(plan.bins)
    dose = _within(plan, _doses(plan, rng), rng)
    base = np.exp(_nuisance(plan, slope, rng)) * corridor_shares(plan, rng)[:, None, None]
    base *= plan.records / base.sum()
    effect = np.log(plan.rate_ratio) * dose[:, None, :] * slope[None, :, None]
    mean = mechanisms(plan, base * np.exp(effect), dose, slope)
    tilt = np.exp(plan.search_tilt * dose[:, None, :] * slope[None, :, None])
    fresh = rng.poisson(0.4 * mean).astype(float)
    skeletal = rng.poisson(0.6 * mean * tilt[:, :, None, :]).astype(float)
    share = np.interp(np.arange(plan.years) / max(plan.years - 1, 1), GPS_YEARS, GPS_SHARE)
    gps = rng.binomial((fresh + skeletal).astype(int), share).astype(float)
    homes = [f"corridor {c + 1:02d}" for c in range(plan.corridors)]
    parts = range(plan.catchments)
    several = plan.catchments > 1
    names = [f"{h} catchment {p + 1}" for h in homes for p in parts] if several else homes
    within = {"cluster": ("corridor", np.repeat(homes, plan.catchments))} if several else {}
    dims = ("corridor", "bin", "ground", "year")
    return xr.Dataset(
        {
            "deaths": (dims, fresh + skeletal),
            "fresh": (dims, fresh),
            "gps": (dims, gps),
            "dose": (("corridor", "year"), dose),
            "slope": (("corridor", "bin"), np.tile(slope, (len(names), 1))),
            "stratum": ("corridor", ["all"] * len(names)),
            **within,
        },
        coords={
            "corridor": names,
            "bin": np.arange(plan.bins),
            "ground": list(GROUND),
            "year": plan.first_year + np.arange(plan.years),
        },
        attrs={"log_ratio": float(np.log(plan.rate_ratio))},
    )


def _doses(plan: PanelPlan, rng: np.random.Generator) -> Array:
    """Staggered paths that step to 0.4 and reach 1 three years later: (corridor, year)."""
    dose = np.zeros((plan.corridors, plan.years))
    order = np.arange(plan.corridors)
    if plan.siting == "random":
        order = rng.permutation(plan.corridors)
    starts = rng.integers(plan.years // 4, 3 * plan.years // 4, plan.treated)
    for corridor, start in zip(order[: plan.treated], starts, strict=True):
        since = np.arange(plan.years) - start
        dose[corridor] = np.where(since >= 0, np.minimum(0.4 + 0.2 * since, 1.0), 0.0)
    return dose


def _within(plan: PanelPlan, dose: Array, rng: np.random.Generator) -> Array:
    """Give each catchment its corridor's dose, up to half more or less of it."""
    if plan.catchments == 1:
        return dose
    factor = rng.uniform(0.5, 1.5, (plan.corridors * plan.catchments, 1))
    return np.minimum(np.repeat(dose, plan.catchments, axis=0) * factor, 1.0)


def corridor_shares(plan: PanelPlan, rng: np.random.Generator) -> Array:
    """Draw the share of each corridor, or of each catchment, in all deaths."""
    if plan.shares == "real":
        share = np.resize(np.array(REAL_SHARES), plan.corridors)
        share = share / share.sum()
    else:
        share = rng.dirichlet(np.full(plan.corridors, 20.0))
    if plan.catchments == 1:
        return np.asarray(share)
    parts = rng.dirichlet(np.full(plan.catchments, 5.0), plan.corridors)
    return np.asarray((share[:, None] * parts).ravel())


def _nuisance(plan: PanelPlan, slope: Array, rng: np.random.Generator) -> Array:
    """Log intensity without towers: (corridor, bin, year)."""
    corridors, bins, years = plan.corridors * plan.catchments, plan.bins, plan.years
    time = np.arange(years) - years / 2
    place = rng.normal(0.0, 0.5, (corridors, bins, 1))
    volume = np.cumsum(rng.normal(0.0, plan.volume_sd, (corridors, 1, years)), axis=2)
    common = np.cumsum(rng.normal(0.0, 0.1, (1, 1, years)), axis=2)
    drift = plan.drift * time * slope[None, :, None]
    fading = plan.precision_drift * (np.arange(years) / years - 1.0) * slope[None, :, None]
    gradient = _shocks(plan, 1, plan.gradient_sd, rng)
    cell = _shocks(plan, bins, plan.cell_sd, rng)
    tilt = drift + fading + gradient * slope[None, :, None]
    return np.asarray(place + volume + common + tilt + cell)


def _shocks(plan: PanelPlan, bins: int, sd: float, rng: np.random.Generator) -> Array:
    """Shocks of each unit, in part those of its corridor: (corridor, bin, year)."""
    shape = (plan.corridors * plan.catchments, bins, plan.years)
    if plan.catchments == 1:
        return autoregressive(shape, sd, plan.persistence, rng)
    own = autoregressive(shape, sd * np.sqrt(1.0 - plan.shared), plan.persistence, rng)
    wide = (plan.corridors, bins, plan.years)
    common = autoregressive(wide, sd * np.sqrt(plan.shared), plan.persistence, rng)
    return np.asarray(own + np.repeat(common, plan.catchments, axis=0))


def autoregressive(
    shape: tuple[int, ...], sd: float, persistence: float, rng: np.random.Generator
) -> Array:
    """Stationary AR(1) along the last axis with the given standard deviation."""
    noise = rng.normal(0.0, sd, shape)
    innovation = np.sqrt(1.0 - persistence**2)
    for t in range(1, shape[-1]):
        noise[..., t] = persistence * noise[..., t - 1] + innovation * noise[..., t]
    return np.asarray(noise)


def mechanisms(plan: PanelPlan, mean: Array, dose: Array, slope: Array) -> Array:
    """Split means by ground, and plant rescue and displacement: (corridor, bin, ground, year)."""
    rank = np.argsort(np.argsort(slope)) / max(len(slope) - 1, 1)
    visible = VISIBLE * (1.0 - 2.0 / 3.0 * rank)
    ever = (dose.max(axis=1) > 0)[:, None]
    seen = np.where(ever, visible[None], 0.0)[:, :, None]
    in_view = mean * seen
    out_view = mean - in_view
    lost = (plan.rescue + plan.displacement) * dose[:, None, :] * in_view
    moved = plan.displacement * (dose[:, None, :] * in_view).sum(axis=1, keepdims=True)
    hard = np.where(slope > 0, out_view.mean(axis=2), 0.0)[:, :, None]
    hard = hard / np.maximum(hard.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return np.stack([out_view + hard * moved, in_view - lost], axis=2)
