"""R1 and R2: what happens to the headline without a corridor, year or batch, and with placebos.

Every row is printed, whatever it says. Panels of other records, ground and exposures come from
`geo.inference.robustness.variants`; other estimators and covariates have modules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.errors import IdentificationError
from geo.inference.estimation import permutation
from geo.inference.estimation.compare import Comparison, ask
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate, alpha, change_words, p_words, ratio_words, tails
from geo.inference.panel.panel import Panel
from geo.inference.registered.blocks import path_of
from geo.inference.registered.headline import (
    NOT_QUOTED,
    RRR,
    Headline,
    primary,
    question,
    refusal,
)
from geo.parameters import load
from geo.typing import Array

PLACEBO_YEARS = tuple(load("battery")["placebo_years"].value)
"""Years by which dose is moved forward for placebo dates."""
TOUCHED = float(load("battery")["touched_dose"].value)
"""Dose that a programme must add to a corridor-year to count as touching it."""
LEAST_SETS = 19
"""Definition: sets of placebo towers below which p cannot reach 0.05: 1 / (1 + 19)."""
TREND_YEARS = int(load("battery")["pre_trend_years"].value)
"""Years before the first dose in which its gradient is asked to have stood still."""
PLACEBO_EXCHANGES = int(load("battery")["placebo_exchanges"].value)
"""Exchanges of dose paths by which a set of placebo towers is tested by itself."""


def variants(
    panels: Mapping[str, Panel], rng: np.random.Generator, *, draws: int | None = None
) -> list[Estimate]:
    """Run the headline on other panels, one row each, named by the mapping's keys."""
    return [
        primary(panel, stream, analysis=name, draws=draws, invert=False, at_dose=False).estimate
        for (name, panel), stream in zip(panels.items(), rng.spawn(len(panels)), strict=True)
    ]


def leave_one_out(
    panel: Panel, headline: Headline, batches: Mapping[str, pd.DataFrame] | None = None
) -> list[Estimate]:
    """R1: the headline without each corridor, each year and each programme.

    Rows hold the headline with the smallest and largest leave-one-out value as bounds.

    Parameters
    ----------
    batches
        Programme to the dose without its towers. Corridor-years to whose dose the programme adds
        are left out: with their records kept and their dose taken away, ground that towers saw
        would pass for a control. None where the study tells no batches apart and is not asked to.
    """
    if headline.answer is None:
        return []
    corridor = headline.answer.interval.leave_one_out[:, 0]
    asked = question(panel)
    years = panel.data["year"].values
    by_year = np.array([_beta(_without_year(asked, t)) for t in range(len(years))])
    doses = {name: path_of(table, panel) for name, table in (batches or {}).items()}
    by_batch = np.array([_beta(_without_batch(asked, dose)) for dose in doses.values()])
    rows = [
        _left_out(headline, "R1.corridor", corridor, panel.corridors),
        _left_out(headline, "R1.year", by_year, [str(y) for y in years]),
    ]
    if batches is not None:
        rows.append(_left_out(headline, "R1.batch", by_batch, list(doses)))
    return rows


def _left_out(headline: Headline, name: str, values: Array, labels: Sequence[str]) -> Estimate:
    """Word the range of leave-one-out values, and whose refit was not possible."""
    row = replace(
        headline.estimate, analysis=name, low=None, high=None, p=None, reference_set=None, mde=None
    )
    what = name.split(".")[1].replace("batch", "programme")
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        bare = replace(row, estimate=None)
        reason = f"no {what} can be left out" if len(values) else f"no {what} is told apart"
        return refusal(bare, reason)
    least, most = known[np.argmin(values[known])], known[np.argmax(values[known])]
    row = replace(row, low=float(np.exp(values[least])), high=float(np.exp(values[most])))
    text = (
        f"Leaving out one {what} at a time, the ratio runs from "
        f"{ratio_words(row.low or 0)} (without {labels[least]}) to "
        f"{ratio_words(row.high or 0)} (without {labels[most]})."
    )
    if not headline.told:
        way = "crosses one" if _crosses(row) else "stays on one side of one"
        text = f"Leaving out one {what} at a time, the ratio {way}. {NOT_QUOTED}"
    lost = [label for label, value in zip(labels, values, strict=True) if not np.isfinite(value)]
    if lost:
        reason = f"without {', '.join(lost)} the ratio cannot be estimated"
        row = replace(row, refused=reason)
        text += f" W{reason[1:]}."
    return row.says(text)


def _crosses(row: Estimate) -> bool:
    return row.low is not None and row.high is not None and row.low <= 1.0 <= row.high


def same_side(rows: Sequence[Estimate]) -> bool | None:
    """Whether bounds of leave-one-out rows stay on the headline's side of one.

    Returns
    -------
    bool or None
        False where any ratio crosses one; None, not run, where none does but one could not be
        estimated.
    """
    found = [None if r.low is None or r.high is None else r.low > 1.0 or r.high < 1.0 for r in rows]
    if False in found:
        return False
    return True if rows and all(found) and not any(r.refused for r in rows) else None


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
        rows.append(answered(asked, row, rng, draws, "Placebo dates", exchange=False))
    return rows


def placebo_towers(
    panel: Panel,
    headline: Headline,
    doses: Sequence[pd.DataFrame],
    rng: np.random.Generator,
    parents: str = "",
) -> Estimate:
    """R2: the headline's coefficient among those of placebo towers.

    p is the share of sets whose ratio is at least as far from one, on the log scale, as the
    headline's. The bounds hold 95 % of the sets' ratios and are no region of that test: a headline
    may lie inside them and still be further from one than nearly all sets.

    Parameters
    ----------
    doses
        corridor, year, dose of each set of placebo towers; consumed here and kept nowhere.
    rng
        Stream of the exchanges by which each set is tested by itself.
    """
    row = Estimate(
        "R2.placebo_towers", RRR + "; bounds hold 95 % of placebo towers", parents=parents
    )
    if headline.answer is None:
        return refusal(row, headline.refused)
    asked = question(panel)
    paths = [path_of(table, panel) for table in doses]
    betas = [_beta(replace(asked, dose=path)) for path in paths]
    known = np.array([b for b in betas if math.isfinite(b)])
    if len(known) < LEAST_SETS:
        return refusal(row, f"{len(known)} sets of placebo towers, fewer than {LEAST_SETS}")
    own = float(headline.answer.interval.beta[0])
    further = int((np.abs(known) >= abs(own)).sum())
    p = (1.0 + further) / (1.0 + len(known))
    low, high = (float(np.exp(v)) for v in np.quantile(known, tails()))
    row = replace(
        row, estimate=math.exp(own), low=low, high=high, p=p,
        reference_set=f"{len(known)} sets of placebo towers", n=headline.estimate.n,
        clusters=headline.answer.interval.clusters,
    )  # fmt: skip
    share = _placebo_rejections(asked, paths, rng)
    told = headline.told
    quoted = f" {ratio_words(math.exp(own))}, of records as recorded" if told else ", not quoted"
    return row.says(
        f"Of {len(known)} sets of placebo towers, {further} gave a ratio at least as far from one "
        f"as plan 1's{quoted} ({p_words(p)}); 95 % of their ratios lie "
        f"between {ratio_words(low)} and {ratio_words(high)}. Tested by themselves, {share:.1%} of "
        f"the sets would pass for towers with an effect; {100 * alpha():g} % would by chance."
    )


def _placebo_rejections(
    asked: Comparison, paths: Sequence[Array], rng: np.random.Generator
) -> float:
    """Share of sets of placebo towers whose own permutation p is at most the nominal level."""
    null = fit(asked.design().with_x(asked.design().x[:0]))
    rejected = []
    for path in paths:
        if np.allclose(path, path[0]):
            continue
        own = replace(asked, dose=path)
        reference = permutation.admissible(path, asked.strata, rng, PLACEBO_EXCHANGES)
        scores = permutation.scores(own.design(), path, asked.slope, reference, null)
        rejected.append(permutation.p_value(scores) <= alpha())
    return float(np.mean(rejected)) if rejected else 0.0


def pre_trend(
    panel: Panel, rng: np.random.Generator, *, draws: int | None = None, parents: str = ""
) -> Estimate:
    """Movement over the years (`TREND_YEARS`) before the first dose, records after it cut.

    Scaled by the largest dose that a corridor reaches: a trend that goes with where towers would
    stand is as large as the dose will be, and the ratio is on the scale of the headline's. Passing
    is weak evidence: a test of low power passes often (Roth 2022), so its smallest detectable ratio
    stands in the row, and one too weak for the registered ratio counts as not run.
    """
    time = np.arange(panel.dose.shape[1])
    onset = _onset(panel.dose)
    ramp = np.clip((time[None, :] - onset[:, None]) / TREND_YEARS, -1.0, 0.0) + 1.0
    path = np.where(np.isfinite(onset)[:, None] & (time[None, :] < onset[:, None]), ramp, 0.0)
    path = path * panel.dose.max(axis=1, keepdims=True)
    cut = np.where(time[None, None, :] >= onset[:, None, None], 0.0, panel.deaths)
    row = Estimate(
        "S2.pre_trend",
        f"ratio of rate ratios: movement over the {TREND_YEARS} years before the first dose, per "
        "unit of the dose reached later and standard deviation of hardness",
        parents=parents,
    )
    asked = replace(question(panel), y=cut, dose=path)
    return answered(asked, row, rng, draws, "Before the first dose", exchange=False)


def answered(
    asked: Comparison,
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
    return row.says(
        f"{what}: {change_words(row)}, ratio {ratio_words(row.estimate or 0)} "
        f"({ratio_words(row.low or 0)} to {ratio_words(row.high or 0)}; {p_words(row.p or 1)}; "
        f"smallest ratio this could find {ratio_words(row.mde or 0)})."
    )


def _without_year(asked: Comparison, year: int) -> Comparison:
    counts = asked.y.copy()
    counts[:, :, year] = 0.0
    return replace(asked, y=counts)


def _without_batch(asked: Comparison, dose: Array) -> Comparison:
    """Leave out the corridor-years to whose dose a programme adds."""
    touched = asked.dose - dose > TOUCHED
    return replace(asked, y=np.where(touched[:, None, :], 0.0, asked.y))


def _beta(asked: Comparison) -> float:
    try:
        return float(fit(asked.design()).beta[0])
    except IdentificationError:
        return math.nan


def _onset(dose: Array) -> Array:
    """First year index with dose; infinite where there is none."""
    return np.where(dose.any(axis=1), np.argmax(dose > 0, axis=1).astype(float), np.inf)
