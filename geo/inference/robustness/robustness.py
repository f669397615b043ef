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
from geo.inference.estimation.compare import Question, ask
from geo.inference.estimation.poisson import Array, fit
from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, Headline, primary, question, refusal

PLACEBO_YEARS = (3, 5)
"""Years by which dose is moved forward for placebo dates."""
TOUCHED = 0.005
"""Dose that a batch of towers must add to a corridor-year to count as touching it."""
PLACEBO_EXCHANGES = 199
"""Exchanges of dose paths by which a set of placebo towers is tested by itself."""


def variants(
    panels: Mapping[str, Panel], rng: np.random.Generator, *, draws: int | None = None
) -> list[Estimate]:
    """Run the headline on other panels, one row each, named by the mapping's keys."""
    return [
        primary(panel, stream, analysis=name, draws=draws, invert=False).estimate
        for (name, panel), stream in zip(panels.items(), rng.spawn(len(panels)), strict=True)
    ]


def leave_one_out(
    panel: Panel, headline: Headline, batches: Mapping[str, pd.DataFrame] | None = None
) -> list[Estimate]:
    """R1: the headline without each corridor, each year and each batch of towers.

    Rows hold the headline with the smallest and largest leave-one-out value as bounds.

    Parameters
    ----------
    batches
        Programme to the dose without its towers. Corridor-years to whose dose the programme adds
        are left out: with their records kept and their dose taken away, ground that towers saw
        would pass for a control.
    """
    if headline.answer is None:
        return []
    corridor = headline.answer.interval.leave_one_out[:, 0]
    asked = question(panel)
    years = panel.data["year"].values
    by_year = np.array([_beta(_without_year(asked, t)) for t in range(len(years))])
    doses = {name: path_of(table, panel) for name, table in (batches or {}).items()}
    by_batch = np.array([_beta(_without_batch(asked, dose)) for dose in doses.values()])
    rows = []
    for name, values, labels in (
        ("R1.corridor", corridor, panel.corridors),
        ("R1.year", by_year, [str(y) for y in years]),
        ("R1.batch", by_batch, list(doses)),
    ):
        known = np.flatnonzero(np.isfinite(values))
        if not len(known):
            continue
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
        rows.append(answered(asked, row, rng, draws, "Placebo dates", exchange=False))
    return rows


def path_of(table: pd.DataFrame, panel: Panel) -> Array:
    """Lay a table of doses out as the panel's: (corridor, year)."""
    wide = table.pivot_table(index="corridor", columns="year", values="dose")
    wide = wide.reindex(index=panel.corridors, columns=panel.data["year"].values)
    return np.asarray(wide.fillna(0.0).to_numpy(float))


def placebo_towers(
    panel: Panel,
    headline: Headline,
    doses: Sequence[pd.DataFrame],
    rng: np.random.Generator,
    parents: str = "",
) -> Estimate | None:
    """R2: the headline's coefficient among those of placebo towers; None without any.

    Parameters
    ----------
    doses
        corridor, year, dose of each set of placebo towers; consumed here and kept nowhere.
    rng
        Stream of the exchanges by which each set is tested by itself.
    """
    if not len(doses) or headline.answer is None:
        return None
    asked = question(panel)
    paths = [path_of(table, panel) for table in doses]
    betas = [_beta(replace(asked, dose=path)) for path in paths]
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
    share = _placebo_rejections(asked, paths, rng)
    return row.says(
        f"The headline lies {'outside' if p <= 0.05 else 'within'} what placebo towers show "
        f"({ratio_words(low)} to {ratio_words(high)}; {p_words(float(p))}). Tested by themselves, "
        f"{share:.1%} of the sets would pass for towers with an effect; 5 % would by chance."
    )


def _placebo_rejections(asked: Question, paths: Sequence[Array], rng: np.random.Generator) -> float:
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
    return answered(asked, row, rng, draws, "Before the first dose", exchange=False)


def answered(
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


def _without_batch(asked: Question, dose: Array) -> Question:
    """Leave out the corridor-years to whose dose a batch of towers adds."""
    touched = asked.dose - dose > TOUCHED
    return replace(asked, y=np.where(touched[:, None, :], 0.0, asked.y))


def _beta(asked: Question) -> float:
    try:
        return float(fit(asked.design()).beta[0])
    except IdentificationError:
        return math.nan


def _onset(dose: Array) -> Array:
    """First year index with dose; infinite where there is none."""
    return np.where(dose.any(axis=1), np.argmax(dose > 0, axis=1).astype(float), np.inf)
