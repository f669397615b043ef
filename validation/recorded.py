"""Places and dates of a made-up panel, drawn within their errors by the pipeline's own rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from geo.inference import Panel
from geo.inference.registered.imputation import Imputed, draw_rates
from geo.synthetic.worlds import ASTRAY, LAGS, near_kernel
from geo.typing import Array
from validation.trials import panel_of


def impute_world(data: xr.Dataset, rng: np.random.Generator, draws: int) -> Imputed:
    """Draw panels as `impute_panels` does, from counts in place of records.

    A draw takes skeletal remains back by a lag, and gives every place that is not precise a bin
    (and, where it is vague, a corridor) by the kernel of its error times the rates of precisely
    placed records: rates of the full model for the interval, of the null model for the p.
    """
    kept = panel_of(data).corridors
    ground = _ground(data)
    precise = _panel(data, np.asarray(data["gps"].values, float))
    counts = np.asarray(data["by_class"].values, int)
    dates, rates, places = rng.spawn(3)
    dated = [_earlier(counts, dates) for _ in range(draws)]

    def drawn(*, blind: bool) -> list[Panel]:
        known = draw_rates(precise, ground, None, rates, draws, blind=blind)
        even = np.ones((draws, *precise.deaths.shape)) if known is None else known
        panels = []
        for own, rate in zip(dated, even, strict=True):
            placed = own[0] + _near(own[1], rate, places) + _vague(own[2], rate, places)
            panel = _panel(data, placed.astype(float))
            panels.append(Panel(panel.data.sel(corridor=kept), panel.left_out, panel.flow))
        return panels

    return Imputed(drawn(blind=False), drawn(blind=True))


def _panel(data: xr.Dataset, counts: Array) -> Panel:
    lean = data[["dose", "slope", "stratum"]]
    own = lean.assign(deaths=(("corridor", "bin", "ground", "year"), counts))
    flow = pd.DataFrame({"step": ["used"], "records": [int(counts.sum())]})
    return Panel(own, pd.DataFrame(), flow)


def _ground(data: xr.Dataset) -> xr.Dataset:
    """One cell for each corridor and bin: every bin holds as much ground."""
    unit, label = np.indices((data.sizes["corridor"], data.sizes["bin"]))
    return xr.Dataset(
        {"unit": (("y", "x"), unit), "bin": (("y", "x"), label)},
        attrs={"units": tuple(data["corridor"].values), "bins": data.sizes["bin"]},
    )


def _earlier(counts: Array, rng: np.random.Generator) -> Array:
    """(place, corridor, bin, ground, year) counts, skeletal remains in a drawn year of death."""
    split = rng.multinomial(counts[:, 1], LAGS)
    out = counts[:, 0] + split[..., 0]
    for lag in range(1, len(LAGS)):
        out[..., :-lag] += split[..., lag:, lag]
        out[..., 0] += split[..., :lag, lag].sum(axis=-1)  # not before the study
    return np.asarray(out)


def _near(counts: Array, rate: Array, rng: np.random.Generator) -> Array:
    """Give records with directions a bin: (corridor, bin, ground, year)."""
    weight = near_kernel(counts.shape[1])[None, :, :, None] * rate[:, :, None, :]
    weight = weight / weight.sum(axis=1, keepdims=True)  # (corridor, true, recorded, year)
    chosen = rng.multinomial(counts, np.moveaxis(weight, 1, -1)[:, :, None])
    return np.asarray(np.moveaxis(chosen.sum(axis=1), -1, 1))


def _vague(counts: Array, rate: Array, rng: np.random.Generator) -> Array:
    """Give vague places a bin, here or in a neighbouring corridor."""
    units, bins = rate.shape[:2]
    shifts = (-1, 0, 1)
    home = np.arange(units)[:, None] + np.array(shifts)
    chance = np.tile([ASTRAY, 1.0 - 2.0 * ASTRAY, ASTRAY], (units, 1))
    chance[0], chance[-1] = [0.0, 1.0 - ASTRAY, ASTRAY], [ASTRAY, 1.0 - ASTRAY, 0.0]
    weight = chance[:, :, None, None] * rate[home.clip(0, units - 1)]
    weight = weight.reshape(units, len(shifts) * bins, -1)
    weight = np.moveaxis(weight / weight.sum(axis=1, keepdims=True), 1, -1)
    total = counts.sum(axis=1)  # the recorded bin says nothing: (corridor, ground, year)
    chosen = rng.multinomial(total, weight[:, None]).reshape(*total.shape, len(shifts), bins)
    out = np.zeros_like(counts)
    for k, shift in enumerate(shifts):
        part = np.moveaxis(chosen[..., k, :], -1, 1)
        here = slice(max(-shift, 0), units - max(shift, 0))
        there = slice(max(shift, 0), units + min(shift, 0))
        out[there] += part[here]
    return np.asarray(out)
