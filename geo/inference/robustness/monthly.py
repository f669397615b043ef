"""By month: onset dates that annual doses round away, beside the headline and never in its place.

Corridor x hardness bin x month; the total of every corridor-month is conditioned out, which takes
volume, heat and search of that month with it; a bin has an effect in each corridor, one of its
calendar month and one of its year, both of the record system. The case-crossover is no alternative:
exposure switches on once, so referents of the same month would contrast where towers were put.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from geo.errors import IdentificationError
from geo.inference.estimation.multinomial import Multinomial, coefficient
from geo.inference.estimation.rows import Estimate, p_words, ratio_words, tails
from geo.inference.estimation.uncertainty import detectable
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import RRR, refusal
from geo.inference.registered.imputation import impute_intervals
from geo.inference.registered.inputs import Task
from geo.inference.robustness.controls import FRESH
from geo.parameters import load
from geo.typing import Array

YEAR = 12
"""Definition: months of a year."""
NO_DOSE = "this study gives no dose by month"


def rows(task: Task) -> list[Estimate]:
    """Return the row of records found within a week, and that of all with dates drawn."""
    names = {
        "monthly.fresh": "by month, records found within a week of death",
        "monthly.dates_drawn": "by month, dates of death drawn within their classes",
    }
    bare = {n: Estimate(n, f"{RRR}, {words}", parents=task.parents) for n, words in names.items()}
    if task.inputs.month_dose is None:
        return [refusal(row, NO_DOSE) for row in bare.values()]
    if task.recorded.answer is None:
        return [refusal(row, task.recorded.refused) for row in bare.values()]
    df = task.recorded.answer.interval.df
    dose = month_path(task.inputs.month_dose, task.panel)
    placed = task.placed()
    fresh = task.inputs.deaths["pmi_class"].isin(FRESH) & placed["used"]
    found = _when(task.inputs.deaths)
    first = estimate(
        task.panel, count_months(task.inputs.deaths, placed, found, fresh, task.panel), dose, df,
        bare["monthly.fresh"],
    )  # fmt: skip
    return [first, _drawn(task, placed, dose, df, bare["monthly.dates_drawn"])]


def estimate(panel: Panel, counts: Array, dose: Array, df: float, row: Estimate) -> Estimate:
    r"""Estimate the ratio by month, with the leave-one-corridor-out jackknife.

    Parameters
    ----------
    panel
        The corridors that enter.
    counts
        (corridor, bin, month) records, months of all study years after each other.
    dose
        (corridor, month) dose, 0 to 1.
    df
        Degrees of freedom of the headline's interval.
    row
        Row to be filled in.

    Notes
    -----
    $$E[Y_{cqt}] = \exp(a_{cq} + d_{ct} + m_{q,month(t)} + k_{q,year(t)} + b\,D_{ct} H_q)$$

    with t a month. d is conditioned out; m and k are those of the record system where a study has
    several.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples
    >>> from geo.inference import Estimate
    >>> panel = examples.panel()
    >>> counts = np.repeat(panel.deaths, 12, axis=2) / 12
    >>> row = estimate(panel, counts, np.repeat(panel.dose, 12, axis=1), 6.0, Estimate("x", "r"))
    >>> round(row.estimate, 1)  # the annual one: nothing differs within a year
    3.3
    """
    row = replace(row, n=int(counts.sum()))
    try:
        beta, se = _jackknife(*_model(panel, counts, dose))
    except IdentificationError as error:
        return refusal(row, str(error))
    return _worded(_filled(row, beta, se, df, len(panel.corridors)))


def month_path(table: pd.DataFrame, panel: Panel) -> Array:
    """Lay corridor, year, month, dose out: (corridor, month), months after each other."""
    wide = table.pivot_table(index="corridor", columns=["year", "month"], values="dose")
    columns = pd.MultiIndex.from_product([panel.data["year"].values, range(1, YEAR + 1)])
    wide = wide.reindex(index=panel.corridors, columns=columns)
    return np.asarray(wide.fillna(0.0).to_numpy(float))


def count_months(
    deaths: gpd.GeoDataFrame, placed: pd.DataFrame, when: pd.Series, keep: pd.Series, panel: Panel
) -> Array:
    """Count persons: (corridor, bin, month)."""
    years = panel.data["year"].values.astype(int)
    month = (when.dt.year - years[0]) * YEAR + when.dt.month - 1
    unit = pd.Index(panel.corridors).get_indexer(pd.Index(placed["corridor"]))
    inside = month.between(0, len(years) * YEAR - 1).to_numpy(bool)
    use = keep.to_numpy(bool) & inside & (unit >= 0)
    out = np.zeros((len(panel.corridors), panel.slope.shape[1], len(years) * YEAR))
    at = (unit[use], placed["bin"].to_numpy(int)[use], month[use].to_numpy(int))
    np.add.at(out, at, deaths["persons"].to_numpy(float)[use])
    return out


def _when(deaths: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series(pd.to_datetime(deaths["death_latest"].fillna(deaths["found_on"])))


def _drawn(task: Task, placed: pd.DataFrame, dose: Array, df: float, row: Estimate) -> Estimate:
    """Pool draws of the dates of death by Rubin's rules, places as recorded."""
    deaths, panel = task.inputs.deaths, task.panel
    draws = int(load("inference")["monthly_draws"].value)
    system = None
    if "system" in panel.data:
        system = deaths["source_id"].map(dict(task.options.sources)).fillna("")
    lags = impute_intervals(deaths, task.stream("monthly"), draws, system=system)
    reported, pairs = pd.to_datetime(deaths["found_on"]), []
    for lag in lags:
        died = reported - pd.to_timedelta(np.floor(lag), unit="D")
        counts = count_months(deaths, placed, died, placed["used"], panel)
        row = replace(row, n=int(counts.sum()))
        try:
            pairs.append(_jackknife(*_model(panel, counts, dose)))
        except IdentificationError as error:
            return refusal(row, str(error))
    beta, se = (np.array(values) for values in zip(*pairs, strict=True))
    total = (se**2).mean() + (1.0 + 1.0 / draws) * beta.var(ddof=1)
    return _worded(_filled(row, float(beta.mean()), float(np.sqrt(total)), df, len(dose)))


def _model(panel: Panel, counts: Array, dose: Array) -> tuple[Multinomial, NDArray[np.intp]]:
    """Lay corridor-months out as rows; also the corridor of each."""
    corridors, bins, months = counts.shape
    unit, time = (v.ravel() for v in np.indices((corridors, months)))
    system = np.zeros(corridors, int) if panel.system is None else panel.system
    home = system[unit]
    labels = (unit, home * YEAR + time % YEAR, home * (months // YEAR) + time // YEAR)
    y = counts.transpose(0, 2, 1).reshape(-1, bins)
    x = dose.reshape(-1, 1) * panel.slope[unit]
    rows_used = y.sum(axis=1) > 0
    sizes = tuple(int(label.max()) + 1 for label in labels)
    return Multinomial(y, x, labels, sizes).keep(rows_used), unit[rows_used]


def _jackknife(model: Multinomial, corridor: NDArray[np.intp]) -> tuple[float, float]:
    """Coefficient, and its standard error from leaving out one corridor at a time."""
    beta, theta = coefficient(model)
    names = np.unique(corridor)
    if len(names) < int(load("inference")["min_clusters"].value):
        raise IdentificationError(f"{len(names)} corridors hold such records; too few to compare")
    left = np.array([coefficient(model.keep(corridor != name), theta)[0] for name in names])
    count = len(names)
    se = float(np.sqrt((count - 1) / count * ((left - beta) ** 2).sum()))
    if not se > 0:
        raise IdentificationError("no corridor changes the estimate; there is no interval")
    return beta, se


def _filled(row: Estimate, beta: float, se: float, df: float, clusters: int) -> Estimate:
    half = float(stats.t.ppf(tails()[1], df)) * se
    low, middle, high, mde = np.exp([beta - half, beta, beta + half, detectable(se, df)])
    return replace(
        row, estimate=float(middle), low=float(low), high=float(high), mde=float(mde),
        p=float(2.0 * stats.t.sf(abs(beta) / se, df)), clusters=clusters,
        reference_set=f"t distribution with {df:.1f} degrees of freedom, jackknife over corridors",
    )  # fmt: skip


def _worded(row: Estimate) -> Estimate:
    what = row.estimand.rpartition(", by month, ")[2] or "records"
    return row.says(
        f"By month, {what}: ratio {ratio_words(row.estimate or 0)} ({ratio_words(row.low or 0)} to "
        f"{ratio_words(row.high or 0)}; {p_words(row.p or 0)}; smallest ratio this could find "
        f"{ratio_words(row.mde or 0)}). Registered as secondary: it decides "
        "nothing."
    )
