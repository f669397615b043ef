"""Panels from worlds that the estimator did not write.

`geo.synthetic.panels` draws what the model assumes, noise apart. Here deaths follow another
process, or the exposure was made by another rule than the one the analysis uses, or towers and
records follow something that also moves deaths. Counts come as they are recorded, with places and
dates in error, beside the kernels of these errors, so that they can be imputed without a raster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr

from geo.funnel import bin_scores
from geo.synthetic.panels import (
    GPS_SHARE,
    GPS_YEARS,
    GROUND,
    PanelPlan,
    autoregressive,
    corridor_shares,
    mechanisms,
)
from geo.synthetic.transects import Misread, exposures
from geo.typing import Array

FRESH = 0.4
"""Made up: share of deaths found within a week, as in the Arizona records."""
VAGUE = 0.45
"""Made up: share of records without a precise place whose place says little (12 of 27 % of the
Arizona records); the others are known to a neighbouring kind of ground."""
NEAR = 0.45
"""Made up: chance, relative to its own, that a record with directions falls a bin away; fitted by
eye to records of `geo.synthetic.places` (62, 24, 7, 5 and 3 % from the easiest bin)."""
ASTRAY = 0.25
"""Made up: chance that a vague place lies in each neighbouring corridor."""
LAGS = (0.66, 0.27, 0.07)
"""Made up: skeletal records found in the year of death, the next, and the one after, as drawn by
`geo.synthetic.places`."""
RISE_YEARS = (4, 8)
"""Made up: years before the first dose at which a trend begins, and years that it takes."""
LOOK_BACK = 5
"""Made up: years over which those who site towers look at the gradient."""
SHARED = 0.6
"""Made up: share of the variance of gradient shocks that corridors hit together have in common."""
GROUP = 3
"""Made up: corridors hit together where shocks are scattered."""


@dataclass(frozen=True)
class WorldPlan(PanelPlan):
    """What is planted beside `PanelPlan`.

    Attributes
    ----------
    reach
        Least and largest dose at which a covered corridor ends.
    misread
        What of the exposure the analysis reads falsely; deaths follow the true one.
    group_size
        Mean number of people who die together.
    heat_gradient
        Log ratio per standard deviation of hardness by which a hot year (a skewed index of mean
        zero and standard deviation one) kills more on hard ground, where a corridor feels it fully.
    gradient_step
        Standard deviation of the yearly step of a gradient that never returns.
    shocks
        Whom a shock of the gradient hits: each corridor by itself, neighbours, scattered groups.
    programmes
        Programmes that equip runs of neighbours in one year each; 0: every corridor its own.
    chase
        Towers go where the gradient has risen most.
    rise
        Log ratio by which the gradient of covered corridors rises per final dose, beginning before
        the towers and owing nothing to them.
    """

    reach: tuple[float, float] = (0.1, 0.8)
    misread: Misread = "nothing"
    group_size: float = 1.0
    heat_gradient: float = 0.0
    gradient_step: float = 0.0
    shocks: Literal["own", "contiguous", "scattered"] = "own"
    programmes: int = 0
    chase: bool = False
    rise: float = 0.0


def simulate_world(plan: WorldPlan, rng: np.random.Generator) -> xr.Dataset:
    """Draw one panel.

    Returns
    -------
    xr.Dataset
        As `geo.synthetic.panels.simulate`, the counts `deaths` as they are recorded, and `gps`,
        `fresh` of them; `by_class`, the same by `place` (precise, directions, vague) and `found`
        (fresh, skeletal); `programme` (corridor), empty where no tower stands;
        `true_dose`. Attribute `log_ratio` holds the planted coefficient per unit of true dose.

    Examples
    --------
    >>> import numpy as np
    >>> data = simulate_world(WorldPlan(records=500), np.random.default_rng(0))
    >>> dict(data.sizes)["corridor"], bool(data["dose"].max() < 0.9)
    (12, True)
    """
    slope = bin_scores(plan.bins)
    gradient = _gradient(plan, rng)
    starts, programme = _sited(plan, gradient, rng)
    targets = rng.uniform(*plan.reach, plan.corridors)
    true, read = exposures(plan.misread, starts, plan.years, targets, rng) if (
        plan.misread != "nothing"
    ) else (_paths(starts, targets, plan.years),) * 2  # fmt: skip
    felt = slope + (rng.normal(0.0, 0.15, (plan.corridors, plan.bins)) if plan.misread == "cost"
                    else np.zeros((plan.corridors, 1)))  # fmt: skip
    tilt = gradient + plan.drift * (np.arange(plan.years) - plan.years / 2)
    tilt = tilt + plan.rise * _rising(starts, plan.years) * true.max(axis=1, keepdims=True)
    tilt = tilt + np.log(plan.rate_ratio) * true
    hot, volume = _weather(plan, rng)
    place = rng.normal(0.0, 0.5, (plan.corridors, plan.bins, 1))
    cell = autoregressive((plan.corridors, plan.bins, plan.years), plan.cell_sd,
                          plan.persistence, rng)  # fmt: skip
    log_rate = place + volume + cell + (tilt + hot)[:, None, :] * felt[:, :, None]
    mean = np.exp(log_rate) * corridor_shares(plan, rng)[:, None, None]
    mean *= plan.records / mean.sum()
    by_ground = mechanisms(plan, mean, true, slope)
    return _recorded(plan, by_ground, true, read, programme, slope, rng)


def _gradient(plan: WorldPlan, rng: np.random.Generator) -> Array:
    """Shocks of each corridor's gradient, in part those of others: (corridor, year)."""
    shape = (plan.corridors, 1, plan.years)
    own = autoregressive(shape, plan.gradient_sd, plan.persistence, rng)[:, 0]
    steps = np.cumsum(rng.normal(0.0, plan.gradient_step, own.shape), axis=1)
    if plan.shocks == "own":
        return np.asarray(own + steps)
    if plan.shocks == "contiguous":
        apart = np.abs(np.subtract.outer(np.arange(plan.corridors), np.arange(plan.corridors)))
        mixed = np.linalg.cholesky(np.exp(-apart / 2.0)) @ own
        return np.asarray(mixed + steps)
    group = rng.permutation(plan.corridors) // GROUP
    common = autoregressive(shape, plan.gradient_sd, plan.persistence, rng)[group, 0]
    return np.asarray(np.sqrt(1.0 - SHARED) * own + np.sqrt(SHARED) * common + steps)


def _sited(plan: WorldPlan, gradient: Array, rng: np.random.Generator) -> tuple[Array, list[str]]:
    """First year of each corridor, infinite without towers, and the programme that equips it."""
    starts = np.full(plan.corridors, np.inf)
    programme = [""] * plan.corridors
    count = plan.programmes or plan.treated
    years = np.sort(rng.integers(plan.years // 4, 3 * plan.years // 4, count))
    if plan.programmes:
        size = plan.treated // plan.programmes
        runs = rng.permutation(plan.corridors // size)[: plan.programmes]
        for k, (run, year) in enumerate(zip(runs, years, strict=True)):
            starts[run * size : (run + 1) * size] = year
            programme[run * size : (run + 1) * size] = [f"programme {k + 1}"] * size
        return starts, programme
    order = rng.permutation(plan.corridors)
    for k, year in enumerate(years):
        corridor = order[k]
        if plan.chase:
            past = slice(max(int(year) - LOOK_BACK, 0), int(year))
            risen = gradient[:, past][:, -1] - gradient[:, past][:, 0]
            corridor = int(np.argmax(np.where(np.isinf(starts), risen, -np.inf)))
        starts[corridor], programme[corridor] = year, f"programme {k + 1}"
    return starts, programme


def _paths(starts: Array, targets: Array, years: int) -> Array:
    """Three equal steps, one a year, to the target: (corridor, year)."""
    since = np.arange(years) - starts[:, None]
    return np.asarray(np.clip((np.floor(since) + 1.0) / 3.0, 0.0, 1.0) * targets[:, None])


def _rising(starts: Array, years: int) -> Array:
    """Share of a trend that has come to pass: (corridor, year); none where there is no tower."""
    before, takes = RISE_YEARS
    since = np.arange(years) - starts[:, None] + before
    return np.asarray(np.clip(since / takes, 0.0, 1.0))


def _weather(plan: WorldPlan, rng: np.random.Generator) -> tuple[Array, Array]:
    """Tilt of the gradient by heat (corridor, year), and log volume (corridor, 1, year)."""
    shape = (plan.corridors, 1, plan.years)
    volume = np.cumsum(rng.normal(0.0, plan.volume_sd, shape), axis=2)
    volume = volume + np.cumsum(rng.normal(0.0, 0.1, (1, 1, plan.years)), axis=2)
    index = rng.gamma(1.0, 1.0, plan.years) - 1.0  # skewed: most years mild, a few very hot
    felt = rng.uniform(0.0, 2.0, (plan.corridors, 1)) * index
    twice = 2.0 * plan.heat_gradient  # heat kills more everywhere, and most where ground is hard
    return plan.heat_gradient * felt, np.asarray(volume + twice * felt[:, None, :])


def _recorded(
    plan: WorldPlan,
    mean: Array,
    true: Array,
    read: Array,
    programme: list[str],
    slope: Array,
    rng: np.random.Generator,
) -> xr.Dataset:
    """Draw deaths and record them: places and dates in error."""
    tilt = np.exp(plan.search_tilt * read[:, None, None, :] * slope[None, :, None, None])
    drawn = np.stack([_deaths(FRESH * mean, plan.group_size, rng),
                      _deaths((1.0 - FRESH) * mean * tilt, plan.group_size, rng)])  # fmt: skip
    drawn[1] = _delayed(drawn[1], rng)
    share = np.interp(np.arange(plan.years) / max(plan.years - 1, 1), GPS_YEARS, GPS_SHARE)
    precise = rng.binomial(drawn, share)
    vague = rng.binomial(drawn - precise, VAGUE)
    known = blur(drawn - precise - vague, near_kernel(plan.bins), rng)
    classes = np.stack([precise, known, astray(blur(vague, even_kernel(plan.bins), rng), rng)])
    dims = ("corridor", "bin", "ground", "year")
    names = [f"corridor {c + 1:02d}" for c in range(plan.corridors)]
    return xr.Dataset(
        {
            "deaths": (dims, classes.sum(axis=(0, 1)).astype(float)),
            "fresh": (dims, classes[:, 0].sum(axis=0).astype(float)),
            "gps": (dims, classes[0].sum(axis=0).astype(float)),
            "by_class": (("place", "found", *dims), classes),
            "dose": (("corridor", "year"), read),
            "true_dose": (("corridor", "year"), true),
            "slope": (("corridor", "bin"), np.tile(slope, (plan.corridors, 1))),
            "stratum": ("corridor", ["all"] * plan.corridors),
            "programme": ("corridor", programme),
        },
        coords={
            "corridor": names,
            "bin": np.arange(plan.bins),
            "ground": list(GROUND),
            "year": plan.first_year + np.arange(plan.years),
            "place": ["precise", "directions", "vague"],
            "found": ["fresh", "skeletal"],
        },
        attrs={"log_ratio": float(np.log(plan.rate_ratio))},
    )


def _deaths(mean: Array, size: float, rng: np.random.Generator) -> Array:
    """Deaths of groups that die in one place and year; geometric sizes of the mean given."""
    events = rng.poisson(mean / size)
    if size <= 1.0:
        return np.asarray(events)
    more = rng.negative_binomial(np.maximum(events, 1), 1.0 / size)
    return np.asarray(events + np.where(events > 0, more, 0))


def _delayed(counts: Array, rng: np.random.Generator) -> Array:
    """Record skeletal remains in the year they were found; what is found later is lost."""
    split = rng.multinomial(counts, LAGS)
    out = np.zeros_like(counts)
    for lag in range(len(LAGS)):
        out[..., lag:] += split[..., : counts.shape[-1] - lag, lag]
    return np.asarray(out)


def near_kernel(bins: int) -> Array:
    """Chance of each recorded bin by true bin, for records with directions."""
    apart = np.abs(np.subtract.outer(np.arange(bins), np.arange(bins)))
    weight = NEAR**apart
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def even_kernel(bins: int) -> Array:
    """Return the same for vague places, which say nothing of the ground."""
    return np.full((bins, bins), 1.0 / bins)


def blur(counts: Array, kernel: Array, rng: np.random.Generator) -> Array:
    """Move (..., corridor, bin, ground, year) counts between bins by a kernel."""
    by_bin = np.moveaxis(counts, -3, -1)
    moved = sum(rng.multinomial(by_bin[..., b], kernel[b]) for b in range(counts.shape[-3]))
    return np.moveaxis(np.asarray(moved), -1, -3)


def astray(counts: Array, rng: np.random.Generator) -> Array:
    """Move (..., corridor, bin, ground, year) counts to neighbours, never off the end."""
    left, stay, right = np.moveaxis(
        rng.multinomial(counts, [ASTRAY, 1.0 - 2.0 * ASTRAY, ASTRAY]), -1, 0
    )
    out = stay.copy()
    out[..., :-1, :, :, :] += left[..., 1:, :, :, :]
    out[..., 1:, :, :, :] += right[..., :-1, :, :, :]
    out[..., 0, :, :, :] += left[..., 0, :, :, :]
    out[..., -1, :, :, :] += right[..., -1, :, :, :]
    return np.asarray(out)
