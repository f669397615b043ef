"""R8: the same question put to other estimators; each jackknifed over corridors.

Negative binomial with the headline's effects; a multinomial logit whose bins each have a
coefficient of their own; a gradient that may drift smoothly along the border, period by period;
least squares on shares. Cells and distances stand in `geo.inference.robustness.cells`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from geo.errors import IdentificationError
from geo.inference.estimation.fixed_effects import Design, residualise
from geo.inference.estimation.poisson import fit, live_cells
from geo.inference.estimation.rows import Estimate, ratio_words, tails
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, Headline, question, refusal
from geo.inference.registered.inputs import Task
from geo.inference.robustness.cells import conley_rows
from geo.inference.robustness.robustness import answered
from geo.parameters import load
from geo.typing import Array

STEPS = 200
"""Numerical: steps after which the negative binomial is given up."""
PERIODS = int(load("battery")["smooth_periods"].value)
"""Parts of the study in each of which the gradient may differ smoothly along the border."""
DEGREE = int(load("battery")["smooth_degree"].value)
"""Degree of the polynomial along the border."""


def rows(task: Task) -> list[Estimate]:
    """Return every row of R8."""
    panel, headline, parents = task.panel, task.recorded, task.parents
    return [
        negative_binomial_row(panel, headline, parents),
        multinomial_row(panel, task.stream("multinomial"), parents),
        smooth_row(panel, _positions(task), task.stream("smooth"), parents),
        ols_shares(panel, headline, parents),
        *conley_rows(task),
    ]


def negative_binomial(design: Design) -> tuple[float, float]:
    """Fit a negative binomial with the effects of the headline.

    Var y = mu + alpha mu^2 (Cameron & Trivedi 1986, NB2): iteratively reweighted least squares
    with weights mu / (1 + alpha mu), alternating with the maximum-likelihood alpha at the fitted
    mu, as MASS's glm.nb does (Venables & Ripley 2002, section 7.4).

    Returns
    -------
    coefficient, alpha
        Of the first regressor; overdispersion, 0 for Poisson.

    Raises
    ------
    IdentificationError
        If the iteration does not settle.
    """
    y = design.y
    live = live_cells(design) & (y.sum(axis=1, keepdims=True) > 0)
    start = fit(design)
    eta = np.log(np.maximum(start.mu, 1e-10))
    beta = np.inf
    for _ in range(STEPS):
        mu = np.exp(np.clip(eta, -25.0, 25.0))
        alpha = _overdispersion(y[live], mu[live])
        weight = np.where(live, mu / (1.0 + alpha * mu), 0.0)
        z = np.where(live, eta + (y - mu) / mu, 0.0)
        own = residualise(design, np.concatenate([design.x[:1], z[None]]), weight)[0]
        new = float((weight * own[0] * own[1]).sum() / (weight * own[0] ** 2).sum())
        eta = z - own[1] + new * own[0]
        if abs(new - beta) < 1e-9:
            return new, alpha
        beta = new
    raise IdentificationError("the negative binomial did not settle")


def _overdispersion(y: Array, mu: Array) -> float:
    def loss(log_alpha: float) -> float:
        size = np.exp(-log_alpha)
        part = gammaln(y + size) - gammaln(size) + size * np.log(size / (size + mu))
        return -float((part + y * np.log(mu / (size + mu))).sum())

    return float(np.exp(minimize_scalar(loss, bounds=(-14.0, 3.0), method="bounded").x))


def negative_binomial_row(panel: Panel, headline: Headline, parents: str = "") -> Estimate:
    """R8: negative binomial with corridor x bin, corridor x year and bin x year effects."""
    row = Estimate("R8.negative_binomial", RRR + ", negative binomial", parents=parents)
    if headline.answer is None:
        return refusal(row, headline.refused)
    try:
        beta, alpha = negative_binomial(question(panel).design())
        se = _jackknife(panel, beta, lambda p: negative_binomial(question(p).design())[0])
    except IdentificationError as error:
        return refusal(row, str(error))
    filled = _filled(row, headline, beta, se)
    return filled.says(
        f"Negative binomial: ratio {ratio_words(filled.estimate or 0)} "
        f"({ratio_words(filled.low or 0)} to {ratio_words(filled.high or 0)}); overdispersion "
        f"{alpha:.3f}, 0 for Poisson."
    )


def multinomial_row(panel: Panel, rng: np.random.Generator, parents: str = "") -> Estimate:
    """R8: every hardness bin with a dose coefficient of its own; the row is their slope.

    The headline is a multinomial logit over bins with coefficients proportional to hardness. Here
    they are free: dose times orthogonal polynomials of hardness up to the number of bins less one
    spans them all, and the coefficient of the linear one is the least-squares slope of the bins'
    coefficients on hardness.
    """
    row = Estimate(
        "R8.multinomial_logit",
        RRR + ", slope of the coefficients of a multinomial logit with one for each bin",
        parents=parents,
    )
    if not panel.corridors:
        return refusal(row, "no corridor has enough records before its first dose")
    slope = panel.slope[0]
    if len(slope) < 3:
        return refusal(row, "fewer than three bins leave no coefficient free")
    powers = np.vander(slope, len(slope), increasing=True)
    bent = np.linalg.qr(powers)[0][:, 2:].T * np.sqrt(len(slope))
    held = panel.dose[None, :, None, :] * bent[:, None, :, None]
    asked = replace(question(panel), held=held)
    # the bent parts are doses too: exchanging one without the other would be no reference set
    return answered(asked, row, rng, None, "With a coefficient for each bin", exchange=False)


def smooth_row(
    panel: Panel, position: Array, rng: np.random.Generator, parents: str = ""
) -> Estimate:
    """R8: the gradient may drift smoothly along the border, in each part of the study by itself.

    A sensitivity in the spirit of spatial+ (Dupont, Wood & Augustin 2022), never a correction:
    most ways to take spatial confounding out are contested (Khan & Berrett 2023).

    Parameters
    ----------
    position
        (corridor,) place along the border, any unit.
    """
    row = Estimate(
        "R8.smooth_space_by_period",
        RRR + ", a smooth gradient along the border held in each third of the study",
        parents=parents,
    )
    spread = float(np.ptp(position)) / 2.0 if len(position) else 0.0
    if len(position) <= DEGREE + 1 or spread <= 0:
        return refusal(row, "too few corridors for a smooth surface along the border")
    z = (position - position.mean()) / spread
    years = panel.dose.shape[1]
    part = np.minimum(np.arange(years) * PERIODS // years, PERIODS - 1)
    terms = [
        z[:, None] ** degree * (part == p)
        for p in range(1, PERIODS)
        for degree in range(1, DEGREE + 1)
    ]
    held = np.stack(terms)[:, :, None, :] * panel.slope[None, :, :, None]
    asked = replace(question(panel), held=held)
    return answered(asked, row, rng, 1, "With smooth drift along the border", exchange=False)


def ols_shares(panel: Panel, headline: Headline, parents: str = "") -> Estimate:
    """R8: least squares on shares within corridor-years, weighted by their records."""
    row = Estimate(
        "R8.least_squares",
        "change, per unit dose and standard deviation of hardness, in a bin's share of its "
        "corridor-year, percentage points",
        parents=parents,
    )
    if headline.answer is None:
        return refusal(row, headline.refused)
    total = panel.deaths.sum(axis=1, keepdims=True)
    share = 100.0 * panel.deaths / np.maximum(total, 1.0)
    count = len(panel.corridors)

    def slope(keep: Array) -> float:
        design = question(panel).units(keep).design()
        weight = total[keep] * np.ones_like(design.y)
        even = weight / design.y.shape[1]
        residual = residualise(design, design.x, even)[0][0]
        return float((even * residual * share[keep]).sum() / (even * residual**2).sum())

    everyone = np.ones(count, bool)
    full = slope(everyone)
    left = np.array([slope(np.arange(count) != g) for g in range(count)])
    se = _spread(left, full)
    reach = float(stats.t.ppf(tails()[1], headline.answer.interval.df)) * se
    filled = replace(
        row,
        estimate=full,
        low=full - reach,
        high=full + reach,
        clusters=count,
        n=headline.estimate.n,
    )
    return filled.says(
        f"Least squares on shares: {full:.2f} percentage points ({filled.low:.2f} to "
        f"{filled.high:.2f}) per bin and standard deviation."
    )


def _jackknife(panel: Panel, full: float, estimate: Callable[[Panel], float]) -> float:
    left = np.array([estimate(panel.without(corridor=c)) for c in panel.corridors])
    return _spread(left, full)


def _spread(left: Array, full: float) -> float:
    count = len(left)
    return float(np.sqrt((count - 1) / count * ((left - full) ** 2).sum()))


def _filled(row: Estimate, headline: Headline, beta: float, se: float) -> Estimate:
    """Fill in a row with a ratio whose degrees of freedom are the headline's."""
    assert headline.answer is not None  # noqa: S101 - asked by the caller
    df = headline.answer.interval.df
    half = float(stats.t.ppf(tails()[1], df)) * se
    return replace(
        row,
        estimate=float(np.exp(beta)),
        low=float(np.exp(beta - half)),
        high=float(np.exp(beta + half)),
        p=float(2.0 * stats.t.sf(abs(beta) / se, df)) if se > 0 else None,
        reference_set=f"t distribution with {df:.1f} degrees of freedom, jackknife over corridors",
        n=headline.estimate.n,
        clusters=headline.answer.interval.clusters,
    )


def _positions(task: Task) -> Array:
    """Mean west-east place of each corridor's cells: (corridor,)."""
    ground = task.inputs.ground
    x = np.asarray(ground["x"].values, float)
    unit = ground["unit"].values
    names = list(ground.attrs["units"])
    column = np.broadcast_to(x, unit.shape)
    return np.array([column[unit == names.index(c)].mean() for c in task.panel.corridors])
