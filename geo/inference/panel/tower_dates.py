"""Dose tables under drawn tower dates and positions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from geo.funnel import dose as dose_of
from geo.typing import Array


def draw_doses(
    views: xr.DataArray,
    activity: Sequence[tuple[NDArray[np.datetime64], NDArray[np.datetime64]]],
    weight: xr.DataArray | None,
    corridors: xr.DataArray,
    years: Sequence[int],
) -> list[pd.DataFrame]:
    """Dose tables under drawn tower dates and positions.

    Parameters
    ----------
    views
        (tower, y, x) or (position, tower, y, x) whether a tower sees a cell; draws walk through
        the positions in turn.
    activity
        For each draw, first day and first day after of every tower, (tower,) each
        (`geo.visibility.dated` with rule "draw").
    weight, corridors
        As for `geo.funnel.dose`.
    years
        Study years.

    Returns
    -------
    list of DataFrame
        corridor, year, area_share, dose (0 to 1), one table a draw.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, inference
    >>> view = (examples.in_view()[-1] > 0).expand_dims("tower")
    >>> start, end = (np.array([day], "M8[D]") for day in ("2007-01-01", "2013-01-01"))
    >>> tables = inference.draw_doses(view, [(start, end)], None, examples.labels(), [2006, 2007])
    >>> tables[0]["dose"].round(2).tolist()
    [0.0, 0.0, 0.0, 0.7]
    """
    shape = views.shape[-2:]
    stacked = np.asarray(views.values, bool).reshape(-1, views.sizes["tower"], shape[0] * shape[1])
    cells = [[np.flatnonzero(v) for v in position] for position in stacked]
    tables = []
    for draw, (start, end) in enumerate(activity):
        share = _shares_in_view(cells[draw % len(cells)], start, end, years, shape[0] * shape[1])
        seen = corridors.expand_dims(year=list(years)).astype(float)
        seen = seen.copy(data=share.reshape(len(years), *shape))
        tables.append(dose_of(seen, weight, corridors))
    return tables


def _shares_in_view(
    cells: Sequence[NDArray[np.intp]],
    start: NDArray[np.datetime64],
    end: NDArray[np.datetime64],
    years: Sequence[int],
    size: int,
) -> Array:
    """Share of each study year in which at least one tower sees a cell: (year, cell)."""
    share = np.zeros((len(years), size))
    for index, year in enumerate(years):
        first = np.datetime64(f"{year}-01-01")
        last = np.datetime64(f"{year + 1}-01-01")
        on = np.clip(start.astype("datetime64[D]"), first, last)
        off = np.clip(end.astype("datetime64[D]"), first, last)
        active = np.flatnonzero(on < off)
        days = sorted({first, last, *on[active], *off[active]})
        for low, high in itertools.pairwise(days):
            seen = np.zeros(size, bool)
            for tower in active[(on[active] <= low) & (off[active] >= high)]:
                seen[cells[tower]] = True
            share[index, seen] += (high - low) / (last - first)
    return share
