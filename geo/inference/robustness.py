"""The battery: what happens to the headline when one choice, record or corridor changes.

Every row is printed, whatever it says. Variants that need other inputs (hardness R5, units R6,
exposures R7, snapshots R13, causes R3, precision R4, jurisdiction, Title 42, studies ending early)
come in as panels built from them; the rest is computed from the headline's own panel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.compare import Question, ask
from geo.inference.headline import RRR, Headline, primary, question, refusal
from geo.inference.panel import Panel
from geo.inference.poisson import Array, fit, residualise
from geo.inference.rows import Estimate, p_words, ratio_words

PLACEBO_YEARS = (3, 5)
"""Years by which dose is moved forward for placebo dates."""
SEPARABLE = 0.8
"""Partial R2 of dose on a covariate above which the two are not separable."""


def variants(
    panels: Mapping[str, Panel], rng: np.random.Generator, *, draws: int | None = None
) -> list[Estimate]:
    """Run the headline on other panels, one row each, named by the mapping's keys."""
    return [
        primary(panel, stream, analysis=name, draws=draws, invert=False).estimate
        for (name, panel), stream in zip(panels.items(), rng.spawn(len(panels)), strict=True)
    ]


def leave_one_out(panel: Panel, headline: Headline) -> list[Estimate]:
    """R1: the headline without each corridor and without each year.

    Rows hold the headline with the smallest and largest leave-one-out value as bounds.
    """
    if headline.answer is None:
        return []
    corridor = headline.answer.interval.leave_one_out[:, 0]
    asked = question(panel)
    years = panel.data["year"].values
    by_year = np.array([_beta(_without_year(asked, t)) for t in range(len(years))])
    rows = []
    for name, values, labels in (
        ("R1.corridor", corridor, panel.corridors),
        ("R1.year", by_year, [str(y) for y in years]),
    ):
        known = np.flatnonzero(np.isfinite(values))
        least, most = known[np.argmin(values[known])], known[np.argmax(values[known])]
        row = replace(
            headline.estimate,
            analysis=name,
            low=float(np.exp(values[least])),
            high=float(np.exp(values[most])),
            p=None,
            reference_set=None,
            mde=None,
        )
        rows.append(
            row.says(
                f"Leaving out one {name.split('.')[1]} at a time, the ratio runs from "
                f"{ratio_words(row.low or 0)} (without {labels[least]}) to "
                f"{ratio_words(row.high or 0)} (without {labels[most]})."
            )
        )
    return rows


def same_side(rows: list[Estimate]) -> bool:
    """Whether bounds of leave-one-out rows stay on the headline's side of one."""
    return bool(rows) and all(
        r.low is not None and r.high is not None and (r.low > 1.0 or r.high < 1.0) for r in rows
    )


def placebo_dates(
    panel: Panel, rng: np.random.Generator, *, draws: int | None = None, parents: str = ""
) -> list[Estimate]:
    """R2: dose moved three and five years earlier, records after the true first dose cut."""
    rows = []
    for shift in PLACEBO_YEARS:
        early = np.zeros_like(panel.dose)
        early[:, : panel.dose.shape[1] - shift] = panel.dose[:, shift:]
        cut = np.where(panel.dose[:, None, :] > 0, 0.0, panel.deaths)
        asked = replace(question(panel), y=cut, dose=np.where(panel.dose > 0, 0.0, early))
        row = Estimate(
            f"R2.placebo_{shift}_years",
            RRR + f", dose moved {shift} years earlier",
            parents=parents,
        )
        rows.append(_asked(asked, row, rng, draws, "Placebo dates", exchange=False))
    return rows


def placebo_towers(
    panel: Panel, headline: Headline, doses: Sequence[pd.DataFrame], parents: str = ""
) -> Estimate | None:
    """R2: the headline's coefficient among those of placebo towers; None without any.

    Parameters
    ----------
    doses
        corridor, year, dose of each set of placebo towers; consumed here and kept nowhere.
    """
    if not len(doses) or headline.answer is None:
        return None
    asked = question(panel)
    betas = []
    for table in doses:
        path = table.pivot_table(index="corridor", columns="year", values="dose")
        path = path.reindex(index=panel.corridors, columns=panel.data["year"].values).fillna(0.0)
        betas.append(_beta(replace(asked, dose=path.to_numpy(float))))
    known = np.array([b for b in betas if math.isfinite(b)])
    if len(known) < 19:
        return None
    own = float(headline.answer.interval.beta[0])
    p = (1.0 + (np.abs(known) >= abs(own)).sum()) / (1.0 + len(known))
    low, high = (float(np.exp(v)) for v in np.quantile(known, [0.025, 0.975]))
    row = Estimate(
        "R2.placebo_towers", RRR + "; bounds hold 95 % of placebo towers", math.exp(own), low, high,
        float(p), f"{len(known)} sets of placebo towers", headline.estimate.n,
        headline.answer.interval.clusters, parents=parents,
    )  # fmt: skip
    return row.says(
        f"The headline lies {'outside' if p <= 0.05 else 'within'} what placebo towers show "
        f"({ratio_words(low)} to {ratio_words(high)}; {p_words(float(p))})."
    )


def pre_trend(
    panel: Panel, rng: np.random.Generator, *, draws: int | None = None, parents: str = ""
) -> Estimate:
    """Movement over the five years before the first dose, records after it cut.

    Passing is weak evidence: a test of low power passes often (Roth 2022), so its smallest
    detectable ratio stands in the row.
    """
    time = np.arange(panel.dose.shape[1])
    onset = _onset(panel.dose)
    ramp = np.clip((time[None, :] - onset[:, None]) / 5.0, -1.0, 0.0) + 1.0
    path = np.where(np.isfinite(onset)[:, None] & (time[None, :] < onset[:, None]), ramp, 0.0)
    cut = np.where(time[None, None, :] >= onset[:, None, None], 0.0, panel.deaths)
    row = Estimate(
        "S2.pre_trend",
        "ratio of rate ratios: movement over the five years before the first dose, per standard "
        "deviation of hardness",
        parents=parents,
    )
    asked = replace(question(panel), y=cut, dose=path)
    return _asked(asked, row, rng, draws, "Before the first dose", exchange=False)


@dataclass(frozen=True)
class Adjusted:
    """The headline beside a covariate: row, and whether the two are separable."""

    estimate: Estimate
    partial_r2: float

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
        Name (fence, agents, checkpoint, heat, jurisdiction by period) to (corridor, year) values.
        A covariate equal in all corridors, such as a border-wide policy, is absorbed by the
        border-wide drift already and is reported so.
    """
    asked = question(panel)
    design = asked.design()
    out = {}
    for name, values in covariates.items():
        aligned = values.reindex(corridor=panel.data["corridor"], year=panel.data["year"])
        z = np.nan_to_num(np.asarray(aligned.transpose("corridor", "year").values, float))
        z = z / max(float(z.std()), 1e-12)
        held = z[None, :, None, :] * panel.slope[None, :, :, None]
        row = Estimate(f"R9.{name}", RRR + f", {name} times hardness held", parents=parents)
        if np.allclose(z, z[:1]):
            text = f"{name}: equal in all corridors, hence absorbed by the border-wide drift."
            out[name] = Adjusted(row.says(text, "L0"), 0.0)
            continue
        try:
            mu = fit(design.with_x(design.x[:0])).mu
            both = residualise(design, np.concatenate([design.x[:1], held]), mu)[0]
            own, other = (b.ravel() for b in both)
            weight = mu.ravel()
            overlap = float((weight * own) @ other) ** 2
            scale = float((weight * own) @ own) * float((weight * other) @ other)
            share = overlap / scale if scale > 0 else 0.0
        except IdentificationError:
            share = 1.0
        row = _asked(replace(asked, held=held), row, rng, draws, f"With {name} held")
        if share >= SEPARABLE:
            row = row.says(f"Dose and {name} are not separable (partial R2 {share:.2f}).", "L0")
        out[name] = Adjusted(row, share)
    return out


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
    se = float(np.sqrt((count - 1) / count * ((left - full) ** 2).sum()))
    reach = float(stats.t.ppf(0.975, headline.answer.interval.df)) * se
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


def _asked(
    asked: Question,
    row: Estimate,
    rng: np.random.Generator,
    draws: int | None,
    what: str,
    *,
    exchange: bool = True,
) -> Estimate:
    """Fill in a row; with `exchange` off, p is that of the jackknife.

    Where records are cut at a corridor's own first dose, its path cannot be given to a corridor
    that is cut elsewhere: exchanged scores would be too small and p with them.
    """
    row = replace(row, n=int(asked.y.sum()))
    try:
        answer = ask(asked, rng, draws if exchange else 1)
    except IdentificationError as error:
        return refusal(row, str(error))
    row = answer.row(row)
    if not exchange:
        df = answer.interval.df
        words = f"t distribution with {df:.1f} degrees of freedom, jackknife over corridors"
        row = replace(row, p=answer.interval.p, reference_set=words)
    state = "a change" if row.p is not None and row.p <= 0.05 else "no change established"
    return row.says(
        f"{what}: {state}, ratio {ratio_words(row.estimate or 0)} ({ratio_words(row.low or 0)} to "
        f"{ratio_words(row.high or 0)}; {p_words(row.p or 1)}; smallest ratio this could find "
        f"{ratio_words(row.mde or 0)})."
    )


def _without_year(asked: Question, year: int) -> Question:
    counts = asked.y.copy()
    counts[:, :, year] = 0.0
    return replace(asked, y=counts)


def _beta(asked: Question) -> float:
    try:
        return float(fit(asked.design()).beta[0])
    except IdentificationError:
        return math.nan


def _onset(dose: Array) -> Array:
    """First year index with dose; infinite where there is none."""
    return np.where(dose.any(axis=1), np.argmax(dose > 0, axis=1).astype(float), np.inf)
