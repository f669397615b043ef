"""The tested hardness as a surface that may be published: coarse, ranked within each corridor."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.stats import rankdata

from geo.aggregation import aggregate
from geo.grid import grid_of, same_grid, wrap

PERCENT = 100.0
"""Definition: end of the scale on which hardness is shown."""


def coarse_hardness(
    hard: xr.DataArray, corridors: xr.DataArray, resolution_m: float
) -> xr.DataArray:
    """Rank the ground of each corridor by its hardness, in coarse cells.

    Parameters
    ----------
    hard
        (y, x) `hardness`, on the study's grid.
    corridors
        (y, x) labels of the coarse grid (`corridor_labels`), of `aggregate(hard, resolution_m)`.
    resolution_m
        Side of the coarse cells, metres.

    Returns
    -------
    xr.DataArray
        (y, x) float32, "hardness_rank": 0 (easiest) to 100 (hardest) of its corridor, so that each
        fifth of the scale holds a fifth of the corridor's cells; NaN outside corridors. Hardness
        looks at no tower, no death and no period.

    Raises
    ------
    GridError
        If the labels lie on another grid, or the cells asked for are finer than those given.

    Notes
    -----
    Ours: the mean of the fine cells' ranks, ranked once more.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.aggregation import aggregate
    >>> from geo.grid import grid_of
    >>> hard, side = examples.hard(), 2 * float(grid_of(examples.hard()).resolution.x)
    >>> grid = grid_of(aggregate(hard, side))
    >>> labels = funnel.corridor_labels(examples.corridors(), grid)
    >>> found = funnel.coarse_hardness(hard, labels, side)
    >>> round(float(found.mean()))
    50
    """
    coarse = aggregate(hard, resolution_m)
    same_grid(coarse, corridors)
    values, labels = coarse.values, corridors.values
    out = np.full(values.shape, np.nan, np.float32)
    usable = np.isfinite(values) & (labels >= 0)
    for label in np.unique(labels[usable]):
        here = usable & (labels == label)
        out[here] = PERCENT * (rankdata(values[here]) - 0.5) / here.sum()
    return wrap(out, grid_of(coarse), "hardness_rank", "1")
