"""R8 on cells instead of bins, with intervals that depend on distance (Conley 1999).

Cells of five kilometres, cut at corridors, with an effect each; corridor-years conditioned out;
a border-wide drift by hardness bin. It is the headline's model with more places, so the machinery
is the headline's: the cells of a corridor stand where its bins stood.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats
from scipy.spatial.distance import cdist

from geo.errors import IdentificationError
from geo.grid import cell_centres, cell_index, coarse_grid, grid_of
from geo.inference.estimation.fixed_effects import Design, residualise
from geo.inference.estimation.poisson import fit
from geo.inference.estimation.rows import Estimate, ratio_words, tails
from geo.inference.registered.headline import RRR, refusal
from geo.inference.registered.inputs import Task
from geo.parameters import load
from geo.records import DEATH_CELL_M
from geo.strips import strips
from geo.typing import Array

CUTOFFS_M = tuple(load("battery")["conley_cutoffs_m"].value)
"""Distances at which two cells count as unrelated."""


def conley(scores: Array, x: Array, y: Array, cutoff_m: float) -> Array:
    """Sum products of scores, weighted by distance: the meat of Conley (1999).

    sum_ij K(d_ij / b) s_i s_j' with the Bartlett kernel K(u) = max(1 - u, 0).

    Parameters
    ----------
    scores
        (cell, coefficient).
    x, y
        (cell,) metres.
    cutoff_m
        b, metres.

    Returns
    -------
    (coefficient, coefficient).
    """
    place = np.stack([x, y], axis=1)
    out = np.zeros((scores.shape[1],) * 2)
    for first in range(0, len(scores), 1024):  # bounds the table of distances
        part = slice(first, first + 1024)
        near = np.maximum(1.0 - cdist(place[part], place) / cutoff_m, 0.0)
        out += scores[part].T @ near @ scores
    return out


def conley_rows(task: Task) -> list[Estimate]:
    """R8: one coefficient from cells, with an interval for each distance."""
    base = Estimate("", RRR + ", cells of five kilometres", parents=task.parents)
    names = [f"R8.cells_conley_{cutoff / 1e3:g}_km" for cutoff in CUTOFFS_M]
    if task.recorded.answer is None:
        return [refusal(replace(base, analysis=n), task.recorded.refused) for n in names]
    cells = _cells(task)
    design, xy = _design(task, cells)
    try:
        found = fit(design)
    except IdentificationError as error:
        return [refusal(replace(base, analysis=n), str(error)) for n in names]
    residual = residualise(design, design.x, found.mu)[0][0]
    bread = float((found.mu * residual**2).sum())
    score = (residual * (design.y - found.mu)).sum(axis=2)
    known = np.isfinite(xy[..., 0])
    beta = float(found.beta[0])
    df = task.recorded.answer.interval.df
    reach = float(stats.t.ppf(tails()[1], df))
    rows = []
    for name, cutoff in zip(names, CUTOFFS_M, strict=True):
        meat = conley(score[known][:, None], xy[known][:, 0], xy[known][:, 1], cutoff)[0, 0]
        se = float(np.sqrt(max(meat, 0.0))) / bread
        row = replace(
            base, analysis=name, estimate=float(np.exp(beta)), low=float(np.exp(beta - reach * se)),
            high=float(np.exp(beta + reach * se)), n=int(design.y.sum()),
            clusters=len(task.panel.corridors),
        )  # fmt: skip
        rows.append(
            row.says(
                f"Cells of five kilometres, related up to {cutoff / 1e3:g} km: ratio "
                f"{ratio_words(row.estimate or 0)} ({ratio_words(row.low or 0)} to "
                f"{ratio_words(row.high or 0)}). Dose was assigned to whole corridors, so an "
                "interval by distance alone is too short; it stands here for comparison."
            )
        )
    return rows


def _cells(task: Task) -> pd.DataFrame:
    """List cells cut at corridors, means of fine cells: index key, columns unit, score, x, y."""
    ground = task.inputs.ground
    unit, score = ground["unit"].values, ground["score"].values
    x, y = cell_centres(grid_of(ground["score"]))
    parts = []
    for rows in strips(*unit.shape):
        usable = (unit[rows] >= 0) & np.isfinite(score[rows])
        row, col = np.nonzero(usable)
        frame = pd.DataFrame(
            {"unit": unit[rows][usable], "score": score[rows][usable].astype(float),
             "x": x[col], "y": y[rows][row], "cells": 1},
            index=_keys(ground, row + rows.start, col),
        )  # fmt: skip
        parts.append(frame.groupby(level=0).sum())
    total = pd.concat(parts).groupby(level=0).sum()
    return total.drop(columns="cells").div(total["cells"], axis=0)


def _keys(ground: xr.Dataset, row: Array, col: Array) -> Array:
    """Return a key of coarse cell and corridor for fine cells by their rows and columns."""
    grid = grid_of(ground["score"])
    side = max(DEATH_CELL_M, float(grid.resolution.x))
    coarse = coarse_grid(grid, side)
    x, y = cell_centres(grid)
    rows = cell_index(coarse, np.full(y.shape, coarse.boundingbox.left + 1.0), y)[0]
    cols = cell_index(coarse, x, np.full(x.shape, coarse.boundingbox.top - 1.0))[1]
    units = len(ground.attrs["units"])
    cell = rows[row] * coarse.shape[1] + cols[col]
    return np.asarray(cell * units + np.maximum(ground["unit"].values[row, col], 0))


def _design(task: Task, cells: pd.DataFrame) -> tuple[Design, Array]:
    """Lay cells with records out as the bins of a corridor: table, and (corridor, slot, 2) places.

    Slots of one number share a hardness bin in every corridor; empty ones hold no record and
    are dropped by the fit.
    """
    own, panel = task.inputs, task.panel
    placed = task.placed()
    grid = grid_of(own.ground["score"])
    points = own.deaths.geometry.to_crs(str(grid.crs))
    row, col, _ = cell_index(grid, points.x, points.y)
    used = placed["used"].to_numpy(bool) & (placed["bin"] >= 0).to_numpy(bool)
    home = pd.Series(_keys(own.ground, row[used], col[used]))
    cells = cells.loc[np.unique(home)].copy()
    names = np.array(own.ground.attrs["units"])[cells["unit"].to_numpy(int)]
    cells["unit"] = pd.Index(panel.corridors).get_indexer(pd.Index(names))
    count = panel.slope.shape[1]
    rank = cells["score"].to_numpy() / np.sqrt(12.0) + 0.5
    cells["bin"] = np.clip((rank * count).astype(int), 0, count - 1)
    cells["nth"] = cells.groupby(["unit", "bin"]).cumcount()
    width = int(cells["nth"].max()) + 1 if len(cells) else 1
    unit, slot = cells["unit"].to_numpy(int), (cells["bin"] * width + cells["nth"]).to_numpy(int)
    years = panel.dose.shape[1]
    shape = (len(panel.corridors), count * width)
    hard, xy, y = np.zeros(shape), np.full((*shape, 2), np.nan), np.zeros((*shape, years))
    hard[unit, slot] = cells["score"]
    xy[unit, slot] = cells[["x", "y"]]
    at = cells.index.get_indexer(pd.Index(home))
    when = placed["year"].to_numpy(int)[used] - int(panel.data["year"].values[0])
    np.add.at(y, (unit[at], slot[at], when), own.deaths["persons"].to_numpy(float)[used])
    x = panel.dose[None, :, None, :] * hard[None, :, :, None]
    return Design(y, x, np.repeat(np.arange(count), width), stratum=panel.system), xy
