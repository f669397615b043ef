"""Catchments: the ground of a corridor that is entered by one stretch of the border.

Units finer than corridors for robustness analyses. Every cell has an entry: the place on the border
from which it costs least to reach, without towers. The ground of a corridor is cut by its entries
into stretches of border, so each catchment lies within one corridor, which stays the cluster: dose
and shocks are the corridor's. Catchments of a whole border, laid over corridors, would leave
slivers along every edge; and a corridor's own entries may lie beyond its foot, which is no reason
to leave it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.border_line import BorderLine
from geo.funnel.marks import on_open_ground
from geo.grid import cell_centres, grid_of, require_metric, same_grid, wrap
from geo.leastcost import CostModel, LeastCostOptions, Resources, accumulate
from geo.parameters import load

NOWHERE = -1
"""Definition: label of ground in no catchment."""
WANTED = int(load("funnel")["catchments"].value)
"""Catchments of a study, at most: two of each corridor of the Arizona records."""
MAY_MOVE = float(load("funnel")["catchment_cut_share"].value)
"""A cut may stand this far from even, as a share of an even part of its corridor."""
NEAR_M = 1_000.0
"""Numerical: ground that is entered this near a cut is what may change hands."""

Floats = NDArray[np.float64]


def border_entry(
    elevation: xr.DataArray,
    border: xr.DataArray,
    line: BorderLine,
    cost: CostModel,
    options: LeastCostOptions | None = None,
    run: Resources | None = None,
) -> xr.DataArray:
    """Say where on the border the cheapest way to each cell begins.

    Parameters
    ----------
    elevation
        (y, x) metres.
    border
        (y, x) boolean, cells of the border.
    line
        The border itself, along which positions are counted.
    cost
        Cost of a step without towers.
    options, run
        For the engine; direction and allocation are set here.

    Returns
    -------
    xr.DataArray
        (y, x) float64 metres: position of the entry along the border line, west to east
        (south to north where the border runs so); NaN where no way leads.

    Raises
    ------
    CostError
        If the border lies outside the elevation.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import burn, grid_of
    >>> land = examples.elevation()
    >>> line = funnel.BorderLine.of(examples.border(), grid_of(land))
    >>> entry = funnel.border_entry(
    ...     land, burn(examples.border(), grid_of(land)), line, examples.energy()
    ... )
    >>> entry.dims, bool(entry[0, 0] < entry[0, -1])
    (('y', 'x'), True)
    """
    border = on_open_ground(border, elevation, cost)
    found = accumulate(elevation, border, cost, options, run=run, direction="from", allocation=True)
    source = np.ascontiguousarray(found["allocation"].values)
    del found
    grid = grid_of(elevation)
    x, y = cell_centres(grid)
    row, col = np.nonzero(np.asarray(border.values))  # row by row: their numbers ascend
    position = np.append(line.position_m(x[col], y[row]), np.nan)
    # row by row in the same memory: a second raster of a wide land is another gigabyte
    along = source.view(np.float64)
    cells = row * x.size + col
    for n, here in enumerate(source):
        along[n] = position[np.where(here < 0, -1, np.searchsorted(cells, here))]
    return wrap(along, grid, "border_entry", "m")


def catchments(
    entry: xr.DataArray, corridors: xr.DataArray, *, wanted: int = WANTED
) -> xr.DataArray:
    """Cut the ground of each corridor into catchments.

    Parameters
    ----------
    entry
        (y, x) position along the border where the cheapest way to the cell begins
        (`border_entry`).
    corridors
        (y, x) labels with names (`corridor_labels`).
    wanted
        Catchments in all, at most: shared among corridors by area, at least one each. Where many
        ways share an entry there are fewer.

    Returns
    -------
    xr.DataArray
        (y, x) int16 labels, -1 outside and where no way leads, corridor by corridor and along the
        border within each. Attributes: `names`, as `corridor_labels` has them, and `corridors`,
        the corridor of each catchment in the same order.

    Raises
    ------
    CostError
        If no cell of a corridor is reached from the border.

    Notes
    -----
    Ways share entries, so a cut through a busy one hands a whole valley to and fro at the
    smallest change of a cost. Each cut may move by up to 0.4 of an even part of the corridor, or to
    the nearest gap between entries where there is none, and stands where the least ground is
    entered within 1 km of it.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import burn, grid_of
    >>> land = examples.elevation()
    >>> line = funnel.BorderLine.of(examples.border(), grid_of(land))
    >>> entry = funnel.border_entry(
    ...     land, burn(examples.border(), grid_of(land)), line, examples.energy()
    ... )
    >>> parts = funnel.catchments(entry, examples.labels(), wanted=4)
    >>> sorted(set(parts.attrs["corridors"]))
    ['East', 'West']
    """
    same_grid(entry, corridors)
    names = list(corridors.attrs["names"])
    at, corridor = entry.values, corridors.values
    inside = np.isfinite(at) & (corridor >= 0)
    if not inside.any():
        raise CostError("the border reaches no cell of a corridor; check where the corridors lie")
    area = np.bincount(corridor[inside], minlength=len(names))
    parts = _apportioned(area, wanted)
    near_m = max(NEAR_M, require_metric(entry))
    label = np.full(at.shape, NOWHERE, np.int16)
    found: list[str] = []
    for number, name in enumerate(names):
        here = inside & (corridor == number)
        if here.any():
            cuts = _cuts(at[here], parts[number], near_m)
            label[here] = len(found) + np.searchsorted(cuts, at[here])
            found += [name] * (len(cuts) + 1)
    return wrap(label, grid_of(entry), "catchments", "1", names=_numbered(found), corridors=found)


def _apportioned(area: NDArray[np.intp], wanted: int) -> list[int]:
    """Share catchments among corridors by area: at least one each, largest remainders first."""
    exact = area / area.sum() * wanted
    parts = np.maximum(np.floor(exact), 1).astype(int)
    left = max(0, wanted - int(parts.sum()))
    for number in np.argsort(parts - exact, kind="stable")[:left]:
        parts[number] += 1
    return [int(n) for n in parts]


def _cuts(at: Floats, parts: int, near_m: float) -> list[float]:
    """Positions along the border between the catchments of one corridor."""
    entries, counts = np.unique(at, return_counts=True)
    between = (entries[1:] + entries[:-1]) / 2.0
    before = np.concatenate([[0], np.cumsum(counts)])
    share = before[1:-1] / at.size * parts
    last, first = (np.searchsorted(entries, between + d) for d in (near_m, -near_m))
    hanging = before[last] - before[first]
    cuts: set[float] = set()
    for n in range(1, parts) if between.size else ():
        away = np.abs(share - n)
        allowed = away <= max(MAY_MOVE, float(away.min()))
        # of equal cuts the most even: `away` is below one cell
        cuts.add(float(between[np.argmin(np.where(allowed, hanging + away, np.inf))]))
    return sorted(cuts)


def _numbered(corridors: Sequence[str]) -> list[str]:
    """Name catchments by their corridor and their number within it."""
    seen: Counter[str] = Counter()
    names = []
    for corridor in corridors:
        seen[corridor] += 1
        names.append(f"{corridor} / {seen[corridor]}")
    return names
