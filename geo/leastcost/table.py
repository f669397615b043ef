"""From a cost function to the table that the kernel reads.

The table has even bins of signed slope. In a bin the cost per horizontal metre is linear in slope,
with at most one break where the line may bend or jump: explicit knots are kept exactly, and the
kinks and jumps of a function are found by zooming in on them. Bins are halved until the error is
small or the table would leave the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import CostError
from geo.leastcost.model import CostModel, Floats, SlopeTable, check_cost

FEWEST_BINS, MOST_BINS, LAST_RESORT = 1024, 16384, 1 << 18
"""Numerical: bins that a table of slopes may have."""
GOOD_ENOUGH, BENT, OUTLIER = 1e-6, 4e-6, 30
"""Numerical: relative error at which bins are fine enough; that of a knot where the curve bends;
and how many times the typical error makes a knot worth its own bin."""
SLACK = 1e-6
"""Numerical: part of the slope range by which a slope may exceed the last knot and still count as
on it."""


@dataclass(frozen=True)
class CostTable:
    """Cost per horizontal metre, as the kernel reads it.

    Attributes
    ----------
    line
        (2 * (bins + 2), 2) intercept and slope of the line left and right of each bin's break,
        in bins; the first and last bin stand for everything outside.
    break_at
        (bins + 2,) where in a bin the right line starts, in bins from slope 0.
    bins_per_slope
        Bins per unit of slope.
    lowest
        Smallest cost per horizontal metre in the table.
    error
        Largest relative error against the function, at quarter points between bin edges.
    """

    line: NDArray[np.floating]
    break_at: NDArray[np.floating]
    bins_per_slope: float
    lowest: float
    error: float


def slope_limits(model: CostModel) -> tuple[float, float] | None:
    """Return the slopes that a step may have, None where steeper ones have a rule."""
    if not isinstance(model.table, SlopeTable) or model.table.outside != "error":
        return None
    low, high = model.table.slope[0], model.table.slope[-1]
    slack = SLACK * max(-low, high)
    return low - slack, high + slack


def tabulate(model: CostModel, steepest: float, dtype: str = "float32") -> CostTable:
    """Tabulate a cost model.

    Parameters
    ----------
    model
        Cost model; a function is sampled between plus and minus `steepest`.
    steepest
        Largest absolute slope (rise/run) of any step.
    dtype
        "float32" or "float64".

    Raises
    ------
    CostError
        If the cost is not positive and finite at some slope, or knots lie too close together.
    """
    bins = FEWEST_BINS
    while bins <= LAST_RESORT:
        table = _build(model, _knots(model, steepest), bins, np.dtype(dtype))
        if table is not None and (table.error <= GOOD_ENOUGH or bins >= MOST_BINS):
            return table
        bins *= 2
    raise CostError("knots of the slope table lie too close together; spread them out")


def _knots(model: CostModel, steepest: float) -> Floats:
    """Slopes where the line may bend, the first and last being the ends of the table."""
    if isinstance(model.table, SlopeTable):
        knots = np.unique(model.table.slope)
        slack = SLACK * max(-knots[0], knots[-1])
        return np.concatenate([[knots[0] - slack], knots[1:-1], [knots[-1] + slack]])
    # Sixteenths, so that the elevation draws of one area share a table.
    end = max(np.ceil(steepest * 16 - 1e-9) / 16, 1 / 16)
    return np.array([-end, end])


def _build(
    model: CostModel, knots: Floats, bins: int, dtype: np.dtype[np.floating]
) -> CostTable | None:
    """Fill a table with this many bins; None if two knots fall into one bin."""
    limit = float(max(-knots[0], knots[-1]))
    scale = bins / (2 * limit)
    edge = np.linspace(-limit, limit, bins + 1)
    breaks = _breaks(model, knots, edge)
    if breaks is None:
        return None
    split = np.where(np.isfinite(breaks), breaks, edge[1:])
    start, end = np.stack([edge[:-1], split], -1), np.stack([split, edge[1:]], -1)
    cost = _inside(model)
    line, sampled = _lines(cost, start, end)
    error = _error(cost, line / [1, scale], start, end, scale, dtype)
    middle = (start + end) / 2
    if not isinstance(model.table, SlopeTable) or model.table.outside != "clamp":
        line[(middle < knots[0]) | (middle > knots[-1])] = (np.inf, 0.0)
        first = last = np.inf
    else:
        first, last = cost(knots[[0, -1]])
    outer = [[[first, 0.0]] * 2], [[[last, 0.0]] * 2]
    lines = np.concatenate([outer[0], line / [1, scale], outer[1]]).reshape(-1, 2)
    break_at = np.concatenate([[np.inf], breaks * scale, [np.inf]])
    return CostTable(
        lines.astype(dtype), break_at.astype(dtype), scale, float(sampled.min()), error
    )


def _inside(model: CostModel) -> Callable[[Floats], Floats]:
    """Cost per horizontal metre, constant beyond the knots."""
    if not isinstance(model.table, SlopeTable):
        return model.per_run
    low, high = model.table.slope[0], model.table.slope[-1]
    return lambda slope: model.per_run(np.clip(slope, low, high))


def _breaks(model: CostModel, knots: Floats, edge: Floats) -> Floats | None:
    """Return the slope of each bin's break, inf for none; None if a bin would need two."""
    breaks = np.full(edge.size - 1, np.inf)
    if not isinstance(model.table, SlopeTable):
        line, _ = _lines(model.per_run, edge[:-1, None], edge[1:, None])
        off = _misfit(model.per_run, line, edge[:-1, None], edge[1:, None])
        # A smooth line misfits everywhere alike; a kink or jump stands out.
        bent = np.flatnonzero(off > max(BENT, OUTLIER * float(np.median(off))))
        breaks[bent] = _zoom(model.per_run, edge[bent], edge[bent + 1])
        return breaks
    width = edge[1] - edge[0]
    place = (knots - edge[0]) / width
    inner = np.flatnonzero(np.abs(place - np.round(place)) > 1e-7)
    owner = np.floor(place[inner]).astype(int)
    if np.unique(owner).size < owner.size:
        return None
    breaks[owner] = knots[inner]
    return breaks


def _lines(cost: Callable[[Floats], Floats], start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope of the line through each piece's ends, and the costs there.

    The ends are approached from inside, so that a jump on an end stays sharp.
    """
    inset = 1e-7 * (end - start)
    slope = np.stack([start + inset, end - inset])
    value = cost(slope.ravel()).reshape(slope.shape)
    check_cost(slope.ravel(), value.ravel())
    run = slope[1] - slope[0]
    wide = run > 1e-9 * run.max()
    rate = np.where(wide, (value[1] - value[0]) / np.where(wide, run, 1), 0)
    return np.stack([value[0] - rate * slope[0], rate], -1), value


def _misfit(
    cost: Callable[[Floats], Floats], line: Floats, start: Floats, end: Floats
) -> NDArray[np.floating]:
    """Largest relative error of each bin's line at its quarter points."""
    worst = np.zeros(start.shape[0])
    for part in (0.25, 0.5, 0.75):
        slope = start + part * (end - start)
        true = cost(slope.ravel()).reshape(slope.shape)
        off = np.abs(line[..., 0] + line[..., 1] * slope - true) / true
        worst = np.maximum(worst, np.where(end > start, off, 0).max(axis=1))
    return worst


def _error(
    cost: Callable[[Floats], Floats],
    line: Floats,
    start: Floats,
    end: Floats,
    scale: float,
    dtype: np.dtype[np.floating],
) -> float:
    """Largest relative error of the table as the kernel evaluates it."""
    rounded = line.astype(dtype)
    start, end = start * scale, end * scale
    return float(
        _misfit(
            lambda s: cost(np.asarray(s, float) / scale),
            rounded,
            start.astype(dtype),
            end.astype(dtype),
        ).max()
    )


def _zoom(cost: Callable[[Floats], Floats], start: Floats, end: Floats) -> Floats:
    """Find the kink or jump in each bin: where the second difference is largest."""
    least = 1e-9 * (end - start)
    while (wide := np.flatnonzero(end - start > least)).size:
        slope = np.linspace(start[wide], end[wide], 33, axis=-1)
        bend = np.abs(np.diff(cost(slope.ravel()).reshape(slope.shape), 2, axis=-1))
        at = bend.argmax(axis=-1, keepdims=True) + 1
        start[wide] = np.take_along_axis(slope, at - 1, -1)[:, 0]
        end[wide] = np.take_along_axis(slope, at + 1, -1)[:, 0]
    return (start + end) / 2
