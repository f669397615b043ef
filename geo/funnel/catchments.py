"""Catchments: the ground that is cheapest to reach from each segment of the border."""

from __future__ import annotations

import numpy as np
import xarray as xr

from geo.errors import CostError
from geo.funnel.ends import End
from geo.grid import grid_of, same_grid, wrap

NOWHERE = -1


def catchments(
    forward: dict[str, xr.DataArray], origins: tuple[End, ...], *, least_cells: int = 25
) -> xr.DataArray:
    """Give every cell to the segment from which it costs least to reach.

    Parameters
    ----------
    forward
        Segment = (y, x) accumulated cost from it.
    origins
        The segments, west to east.
    least_cells
        A catchment smaller than this joins the neighbour along the border that reaches its
        cells most cheaply: slivers change hands under the smallest change of a cost.

    Returns
    -------
    xr.DataArray
        (y, x) int16 labels with attribute `names`; -1 where no segment reaches. The form of
        `corridor_labels`, so that every analysis by corridor runs by catchment too.

    Raises
    ------
    CostError
        If no segment reaches any cell.
    """
    names = [o.name for o in origins]
    arrays = [forward[n] for n in names]
    same_grid(*arrays)
    cost = np.stack([np.nan_to_num(a.values.astype(np.float64), nan=np.inf) for a in arrays])
    reached = np.isfinite(cost).any(axis=0)
    if not reached.any():
        raise CostError("no segment of the border reaches any cell; check elevation and barriers")
    while len(names) > 1:
        label = np.where(reached, cost.argmin(axis=0), NOWHERE)
        sizes = np.bincount(label[reached], minlength=len(names))
        smallest = int(sizes.argmin())
        if sizes[smallest] >= least_cells:
            break
        cost = np.delete(cost, smallest, axis=0)
        del names[smallest]
        reached = np.isfinite(cost).any(axis=0)
    label = np.where(reached, cost.argmin(axis=0), NOWHERE).astype(np.int16)
    return wrap(label, grid_of(arrays[0]), "corridor", "1", names=names)
