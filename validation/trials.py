"""One simulated study each: plant, analyse as the pipeline does, note what was concluded."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import xarray as xr

from geo.inference import Panel, claim, displacement_or_rescue, primary
from geo.inference.estimation.rows import alpha
from geo.inference.panel.eligibility import enter
from geo.inference.robustness.controls import fresh_against_skeletal
from geo.synthetic.panels import PanelPlan, simulate

DRAWS = 999
"""Random permutations of a simulated study; the registered number costs ten times as much and
changes a p value by less than its own Monte Carlo error."""

Outcome = dict[str, float]
Trial = Callable[[PanelPlan, np.random.Generator], Outcome]


def panel_of(data: xr.Dataset, counts: str = "deaths") -> Panel:
    """Apply the rule of entry to a simulated panel."""
    kept, left_out = enter(data.assign(deaths=data[counts]), 20)
    flow = pd.DataFrame({"step": ["used"], "records": [int(kept["deaths"].sum())]})
    return Panel(kept, left_out, flow)


def headline(plan: PanelPlan, rng: np.random.Generator) -> Outcome:
    """Run the headline and the decision rule without the parts."""
    return _headline(simulate(plan, rng), rng)


def parts(plan: PanelPlan, rng: np.random.Generator) -> Outcome:
    """Run the headline and its parts; `displacement` is what the wording would say."""
    data = simulate(plan, rng)
    found = _headline(data, rng)
    split = displacement_or_rescue(panel_of(data), rng, draws=DRAWS)
    rises, falls = bool(split.hard_rises), bool(split.only_in_view_falls)
    raised = found["supported"] > 0 and found["log_ratio"] > 0
    return found | {
        "hard_rises": float(rises),
        "rescue_wording": float(falls),
        "displacement": float(raised and rises),
    }


def catchments(plan: PanelPlan, rng: np.random.Generator) -> Outcome:
    """R6: units finer than corridors, which are the clusters; beside it, the clusters forgotten."""
    data = simulate(plan, rng)
    whole = data.groupby("cluster").sum()[["deaths"]].rename(cluster="corridor")
    kept, _ = enter(whole.assign(dose=data["dose"].groupby(data["cluster"]).max().rename(
        cluster="corridor")), 20)  # fmt: skip
    entered = data.isel(corridor=np.isin(data["cluster"].values, kept["corridor"].values))
    flow = pd.DataFrame({"step": ["used"], "records": [int(entered["deaths"].sum())]})
    panel = Panel(entered, pd.DataFrame(), flow)
    right = primary(panel, rng, draws=DRAWS, invert=False)
    wrong = primary(
        Panel(entered.drop_vars("cluster"), pd.DataFrame(), flow), rng, draws=DRAWS, invert=False
    )
    if right.answer is None or wrong.answer is None:
        return {"estimated": 0.0}
    truth = float(data.attrs["log_ratio"])
    low, high = right.answer.interval.bounds()
    return {
        "estimated": 1.0,
        "log_ratio": float(right.answer.interval.beta[0]),
        "df": right.answer.interval.df,
        "interval_rejects": float(not low <= 0.0 <= high),
        "covered": float(low <= truth <= high),
        "wrong_unit_rejects": float(wrong.answer.p <= alpha()),
    }


def tilt(plan: PanelPlan, rng: np.random.Generator) -> Outcome:
    """Run the headline and the comparison of fresh with skeletal records."""
    data = simulate(plan, rng)
    found = _headline(data, rng)
    kept = panel_of(data)
    fresh = panel_of(data.sel(corridor=kept.corridors), "deaths").data["fresh"].sum("ground")
    row = fresh_against_skeletal(kept, fresh.values, rng, draws=DRAWS)
    flagged = row.p is not None and row.p <= 0.05
    return found | {"flagged": float(flagged)}


def _headline(data: xr.Dataset, rng: np.random.Generator) -> Outcome:
    truth = float(data.attrs["log_ratio"])
    result = primary(panel_of(data), rng, draws=DRAWS, invert=False)
    gps = primary(panel_of(data, "gps"), rng, draws=99, invert=False)
    if result.answer is None:
        return {"estimated": 0.0, "supported": 0.0, "log_ratio": float("nan")}
    interval = result.answer.interval
    beta, (low, high) = float(interval.beta[0]), interval.bounds()
    agree = gps.answer is not None and float(gps.answer.interval.beta[0]) * beta > 0
    decided = claim(result, {"sign_gps_only": agree, "sign_as_recorded": True})
    return {
        "estimated": 1.0,
        "log_ratio": beta,
        "df": interval.df,
        "mde": interval.mde(),
        "covered": float(low <= truth <= high),
        "permutation_rejects": float(result.answer.p <= 0.05),
        "interval_rejects": float(not low <= 0.0 <= high),
        "supported": float(decided.supported),
    }
