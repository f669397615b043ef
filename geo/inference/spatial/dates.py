"""S2, when the gradient moves; R14, further ways to exchange dates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.errors import IdentificationError
from geo.inference.estimation.compare import ask, require
from geo.inference.estimation.fixed_effects import Design, residualise
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate, p_words, ratio_words
from geo.inference.estimation.uncertainty import jackknife
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, question, refusal
from geo.parameters import load
from geo.typing import Array

EVENT_BINS = tuple(map(tuple, load("battery")["event_bins"].value))
"""Years since the first dose, first and last of each bin; the year before is the reference."""
TREND_BREAKS = tuple(load("battery")["trend_breaks"].value)
"""How many times the largest break before the first dose trends may break after it."""
DRAWS = int(load("battery")["scheme_draws"].value)
"""Shifts, and draws of dates."""


def event_study(panel: Panel, *, parents: str = "") -> list[Estimate]:
    """S2: the gradient by years since the first dose, the year before as reference.

    Per unit of the largest dose that a corridor reaches, on the scale of the headline's ratio.

    Bounds of Rambachan & Roth (2023) for the average after the first dose follow in rows of their
    own: how the interval widens when, after the dose, trends may break by M times the largest
    break before it.
    """
    onset = np.where(
        panel.dose.any(axis=1), np.argmax(panel.dose > 0, axis=1).astype(float), np.inf
    )
    since = np.arange(panel.dose.shape[1])[None, :] - onset[:, None]
    bins = [(since >= low) & (since <= high) for low, high in EVENT_BINS]
    most = panel.dose.max(axis=1)[:, None, None]
    x = np.stack([b[:, None, :] * panel.slope[:, :, None] * most for b in bins]).astype(float)
    far = (since < EVENT_BINS[0][0]) & np.isfinite(since)
    y = np.where(far[:, None, :], 0.0, panel.deaths)
    design = Design(y, x, np.arange(panel.slope.shape[1]), stratum=panel.system)
    names = [f"S2.years_{low}_to_{high}".replace("-", "minus_") for low, high in EVENT_BINS]
    base = Estimate("", RRR.replace(
                        "per unit dose",
                        "since the year before the first dose, per unit of the dose reached",
                    ),
                    n=int(y.sum()), parents=parents)  # fmt: skip
    try:
        require(question(panel))
        null = fit(design.with_x(x[:0]))
        interval = jackknife(design, np.arange(len(panel.corridors)), null=null)
    except IdentificationError as error:
        return [refusal(replace(base, analysis="S2.event_study"), str(error))]
    se = np.sqrt(np.diag(interval.covariance))
    reach = float(interval.bounds()[1] - interval.beta[0]) / max(interval.se, 1e-12)
    rows = []
    for name, ends, beta, spread in zip(names, EVENT_BINS, interval.beta, se, strict=True):
        low, high = (float(np.exp(beta + s * reach * spread)) for s in (-1, 1))
        row = replace(base, analysis=name, estimate=float(np.exp(beta)), low=low, high=high,
                      clusters=interval.clusters)  # fmt: skip
        rows.append(
            row.says(
                f"Gradient {_since(*ends)} the first dose: ratio {ratio_words(row.estimate or 0)} "
                f"({ratio_words(low)} to {ratio_words(high)})."
            )
        )
    return rows + _breakdown(base, interval.beta, interval.covariance, reach, interval.clusters)


def _since(first: int, last: int) -> str:
    """Word a bin of years: "2 to 3 years after", "5 to 4 years before", "6 or more years after"."""
    if last < 0:
        return f"{-first} to {-last} years before"
    until = "or more" if (first, last) == EVENT_BINS[-1] else f"to {last}"
    return f"{first} {until} years after"


def _breakdown(
    base: Estimate, beta: Array, covariance: Array, reach: float, clusters: int
) -> list[Estimate]:
    """Relative-magnitude bounds of the average after the dose (Rambachan & Roth 2023, 2.4.1).

    A break of at most M times the largest earlier break in every step of two years adds up to
    M x largest x (1 + ... + k) / k over k bins; conservative, since both intervals are added.
    """
    before, after = beta[:2], beta[2:]
    steps = np.abs(np.diff(np.append(before, 0.0)))
    weight = np.concatenate([np.zeros(2), np.full(len(after), 1.0 / len(after))])
    mean = float(weight @ beta)
    half = reach * float(np.sqrt(weight @ covariance @ weight))
    drift = float(steps.max()) * float(np.arange(1, len(after) + 1).mean())
    rows = []
    for m in TREND_BREAKS:
        low, high = (float(np.exp(mean + s * (half + m * drift))) for s in (-1, 1))
        row = replace(base, analysis=f"S2.after.break_{m:g}", estimate=float(np.exp(mean)), low=low,
                      high=high, clusters=clusters)  # fmt: skip
        rows.append(
            row.says(
                f"Average after the first dose if trends may break by {100 * m:g} % of the largest "
                f"break before: "
                f"ratio between {ratio_words(low)} and {ratio_words(high)}."
            )
        )
    return rows


def cyclic_shifts(
    panel: Panel, rng: np.random.Generator, *, shifts: int = DRAWS, parents: str = ""
) -> Estimate:
    """R14: dose paths shifted in time, each corridor by its own random number of years.

    A weaker reference set than exchanging corridors, since it assumes that dates could have fallen
    anywhere in the window; printed beside it, never instead.
    """
    row = Estimate("R14.cyclic_shifts", RRR, parents=parents)
    asked = question(panel)
    try:
        answer = ask(asked, rng, 99)
    except IdentificationError as error:
        return refusal(row, str(error))
    years = panel.dose.shape[1]
    design = asked.design()
    null = answer.null
    moved = np.empty((shifts + 1, *panel.dose.shape))
    moved[0] = panel.dose
    for b in range(1, shifts + 1):
        step = rng.integers(0, years, len(panel.dose))
        index = (np.arange(years)[None, :] - step[:, None]) % years
        moved[b] = np.take_along_axis(panel.dose, index, axis=1)
    statistics = _direct_scores(design, moved, panel.slope, null.mu)
    size = np.abs(statistics)
    p = float((size >= size[0] * (1.0 - 1e-9)).mean())
    filled = replace(answer.row(row), p=p,
                     reference_set=f"{shifts} cyclic shifts of dose paths in time")  # fmt: skip
    return filled.says(
        f"Against dose paths shifted in time instead of exchanged between corridors: {p_words(p)}."
    )


def random_dates(
    panel: Panel, rng: np.random.Generator, *, draws: int = DRAWS, parents: str = ""
) -> Estimate:
    """R14: every covered corridor's first dose redrawn within the window of its stratum.

    Corridors keep their towers and their course after the first dose; only when it began is drawn,
    evenly between the earliest and latest first dose of the stratum. It asks whether the dates
    matter, given where towers stand, and cannot reject where a stratum began all at once.
    """
    row = Estimate("R14.random_dates", RRR, parents=parents)
    asked = question(panel)
    try:
        answer = ask(asked, rng, 99)
    except IdentificationError as error:
        return refusal(row, str(error))
    dose, years = panel.dose, panel.dose.shape[1]
    covered = np.flatnonzero(dose.any(axis=1))
    onset = np.argmax(dose > 0, axis=1)
    strata = np.asarray(panel.strata)
    moved = np.tile(dose, (draws + 1, 1, 1))
    for unit in covered:
        peers = [u for u in covered if strata[u] == strata[unit]]
        first, last = int(onset[peers].min()), int(onset[peers].max())
        for b, start in enumerate(rng.integers(first, last + 1, draws), start=1):
            index = np.clip(np.arange(years) - (start - onset[unit]), 0, years - 1)
            moved[b, unit] = dose[unit, index]
    size = np.abs(_direct_scores(asked.design(), moved, panel.slope, answer.null.mu))
    p = float((size >= size[0] * (1.0 - 1e-9)).mean())
    filled = replace(answer.row(row), p=p,
                     reference_set=f"{draws} random dates of first coverage within the window of "
                     "each stratum")  # fmt: skip
    return filled.says(
        f"Against random dates of first coverage, every corridor keeping its course: {p_words(p)}."
    )


def _direct_scores(design: Design, doses: Array, slope: Array, mu: Array) -> Array:
    """Studentised scores of arbitrary dose paths: (path,)."""
    residual = design.y - mu
    out = np.empty(len(doses))
    for first in range(0, len(doses), 100):
        part = doses[first : first + 100]
        x = part[:, :, None, :] * slope[None, :, :, None]
        score = (residualise(design, x, mu)[0] * residual).sum(axis=(2, 3))
        spread = np.sqrt((score**2).sum(axis=1))
        out[first : first + 100] = score.sum(axis=1) / np.where(spread > 0, spread, np.inf)
    return out
