"""S3: deaths against where people were predicted to walk, with and without coverage.

Each death is matched with places drawn from modelled pre-tower movement in its own corridor and
year; the conditional logit of case against controls has the Poisson intensity model as its limit
(Diggle & Rowlingson 1994; Fithian & Hastie 2013).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation.rows import Estimate, p_words, ratio_words, tails
from geo.inference.registered.headline import refusal
from geo.parameters import load
from geo.typing import Array

CONTROLS = int(load("battery")["controls_per_death"].value)
"""Places drawn for each death."""


def conditional_logit(cases: Array, controls: Array, start: Array | None = None) -> Array:
    """Maximise the conditional likelihood of 1:k matched sets.

    Parameters
    ----------
    cases
        (set, covariate).
    controls
        (set, control, covariate).

    Returns
    -------
    (covariate,) coefficients.

    Raises
    ------
    IdentificationError
        If the sets separate or a covariate never varies within a set.
    """
    z = controls - cases[:, None, :]
    flat = z.reshape(-1, z.shape[2])
    beta = np.zeros(cases.shape[1]) if start is None else start.copy()
    for _ in range(40):
        odds = np.exp(np.clip(z @ beta, -50.0, 50.0))
        share = odds / (1.0 + odds.sum(axis=1, keepdims=True))
        weighted = share[..., None] * z
        mean = weighted.sum(axis=1)
        spread = weighted.reshape(-1, flat.shape[1]).T @ flat - mean.T @ mean
        if np.linalg.eigvalsh(spread)[0] < 1e-9:
            raise IdentificationError("cases and controls do not differ in a covariate")
        step = -np.linalg.solve(spread, mean.sum(axis=0))
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            return np.asarray(beta)
    raise IdentificationError("the matched comparison did not settle: cases and controls separate")


def case_control(
    placed: pd.DataFrame,
    ground: xr.Dataset,
    density: xr.DataArray,
    dose: pd.DataFrame,
    rng: np.random.Generator,
    *,
    controls: int = CONTROLS,
    parents: str = "",
) -> Estimate:
    """Estimate dose x hardness from deaths matched to modelled movement.

    Covariates are hardness, hardness x time (the border-wide drift, linear) and dose x hardness;
    the interval is a jackknife over corridors.

    Parameters
    ----------
    placed
        Records that enter, from `place_records`.
    ground, density, dose
        As for `build_panel`; density before towers.
    controls
        Places drawn per record.
    """
    row = Estimate(
        "S3.case_control",
        "ratio of rate ratios: recorded deaths against modelled movement, per unit dose and "
        "standard deviation of hardness",
        parents=parents,
    )
    kept = placed[(placed["unit"] >= 0) & (placed["year"] >= 0)]
    paths = dose.pivot_table(index="corridor", columns="year", values="dose")
    paths = paths.reindex(index=list(ground.attrs["units"])).fillna(0.0)
    kept = kept[kept["year"].isin(paths.columns)]
    if not len(kept):
        return refusal(row, "no record lies in a corridor and year with a dose table")
    unit = kept["unit"].to_numpy(int)
    given = paths.to_numpy(float)[unit, paths.columns.get_indexer(pd.Index(kept["year"]))]
    drawn = _drawn(unit, ground, density, controls, rng)
    own = kept["score"].to_numpy(float)
    time = (kept["year"].to_numpy(float) - float(kept["year"].mean())) / 10.0
    cases = np.stack([given * own, own, time * own], axis=1)
    others = np.stack([given[:, None] * drawn, drawn, time[:, None] * drawn], axis=2)
    groups = np.unique(unit)
    if len(groups) < int(load("inference")["min_clusters"].value):
        return refusal(row, f"{len(groups)} corridors hold records")
    try:
        full = conditional_logit(cases, others)
        left = np.array(
            [conditional_logit(cases[unit != g], others[unit != g], full)[0] for g in groups]
        )
    except IdentificationError as error:
        return refusal(row, str(error))
    return _judged(replace(row, n=len(kept)), float(full[0]), left, controls)


def _judged(row: Estimate, beta: float, left: Array, controls: int) -> Estimate:
    """Return the estimate with the jackknife of its (corridor,) coefficients without each."""
    count = len(left)
    se = float(np.sqrt((count - 1) / count * ((left - beta) ** 2).sum()))
    half = float(stats.t.ppf(tails()[1], count - 1)) * se
    p = float(2.0 * stats.t.sf(abs(beta) / se, count - 1))
    filled = replace(
        row, estimate=float(np.exp(beta)), low=float(np.exp(beta - half)),
        high=float(np.exp(beta + half)), p=p, clusters=count,
        reference_set=f"t distribution with {count - 1} degrees of freedom, jackknife of corridors",
    )  # fmt: skip
    return filled.says(
        f"Against modelled movement, {controls} places a record: ratio "
        f"{ratio_words(filled.estimate or 0)} ({ratio_words(filled.low or 0)} to "
        f"{ratio_words(filled.high or 0)}; {p_words(p)})."
    )


def _drawn(
    unit: Array, ground: xr.Dataset, density: xr.DataArray, count: int, rng: np.random.Generator
) -> Array:
    """Hardness of control places by modelled movement: (record, control)."""
    home = np.where(ground["bin"].values >= 0, ground["unit"].values, np.int16(-1)).ravel()
    score, mass = ground["score"].values.ravel(), density.values.ravel()
    out = np.empty((len(unit), count))
    for label in np.unique(unit):
        cells = np.flatnonzero((home == label) & (mass > 0))
        here = unit == label
        weight = mass[cells].astype(float)
        if not len(cells):
            cells = np.flatnonzero(home == label)
            weight = np.ones(len(cells))
        out[here] = score[rng.choice(cells, (int(here.sum()), count), p=weight / weight.sum())]
    return out
