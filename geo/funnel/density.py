"""Route density: how modelled movement spreads over the land, from excess cost.

A single least-cost line is unstable and nobody walks it knowingly. Density spreads each
origin's whole weight, within every band of progress along the crossing, over the cells of the
band as exp(-E / theta). Mass is conserved band by band, and the result does not depend on cell
size: what decides is what a detour costs, not how many parallel paths a grid happens to have.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import CostError
from geo.funnel.loading import Floats, Loading, blocks
from geo.grid import grid_of, same_grid, wrap

NO_WAY = (
    "no cell is reached from both the origin and a destination; check barriers, and where the "
    "ends lie"
)
BANDS = 60
"""Numerical: bands of progress along a crossing; a 40 km crossing has one every 700 m."""


def excess_cost(forward: xr.DataArray, reverse: xr.DataArray) -> xr.DataArray:
    """Return what passing through each cell costs beyond the least crossing.

    Parameters
    ----------
    forward, reverse
        (y, x) accumulated cost from the origin and to the destination, same unit; NaN where
        unreachable.

    Returns
    -------
    xr.DataArray
        (y, x) float64, same unit, 0 on the least-cost corridor. Differences of large labels are
        taken in float64.

    Raises
    ------
    CostError
        If no cell is reached from both ends.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> away = examples.remoteness()
    >>> back = away.copy(data=away.values[::-1])
    >>> float(funnel.excess_cost(away, back).max())
    0.0
    """
    same_grid(forward, reverse)
    total = forward.values.astype(np.float64) + reverse.values.astype(np.float64)
    unit = str(forward.attrs.get("units", "1"))
    return wrap(_above_least(total), grid_of(forward), "excess_cost", unit)


def route_density(
    forward: xr.DataArray, reverse: xr.DataArray, theta: float, *, bands: int = BANDS
) -> xr.DataArray:
    r"""Spread one origin's crossings over the land.

    Parameters
    ----------
    forward, reverse
        (y, x) accumulated cost from the origin and to the destination, same unit.
    theta
        Spread in the unit of the costs: a cell whose excess cost is theta is passed 1/e times as
        often as the best cell of its band. Near 0 everything takes the least-cost corridor;
        large values wander.
    bands
        Number of equal steps of progress forward / (forward + reverse).

    Returns
    -------
    xr.DataArray
        (y, x) float64, share of crossings; every band that has a cell sums to 1 / its number,
        the whole to 1. 0 where unreachable.

    Raises
    ------
    CostError
        If theta is not positive or no cell is reached from both ends.

    Notes
    -----
    In each band of progress the share of a cell is

    $$p_i \propto e^{-(c_i - c_{min})/\theta}$$

    with c the cost through the cell; ours, after the excess-cost reading of conditional minimum
    transit costs (docs/decisions/0001).

    Examples
    --------
    >>> from geo import examples, funnel
    >>> away = examples.remoteness()
    >>> back = away.copy(data=away.values[::-1])
    >>> found = funnel.route_density(away, back, 0.1, bands=4)
    >>> round(float(found.sum()), 6)
    1.0
    """
    same_grid(forward, reverse)
    near, far = (a.values.astype(np.float64) for a in (forward, reverse))
    return wrap(shares(near, far, theta, bands), grid_of(forward), "density", "1")


def shares(near: Floats, far: Floats, theta: float, bands: int = BANDS) -> Floats:
    """Spread one origin's crossings, plain arrays; see `route_density`."""
    if not theta > 0:
        raise CostError(f"theta is {theta}; give a positive one, in the unit of the costs")
    total = near + far
    if not np.isfinite(total).any():
        raise CostError(NO_WAY)
    loading = Loading.of(theta, 1.0, bands, float(np.nanmin(total)))
    for window in blocks((near.shape[0], near.shape[1])):
        loading.weigh(near[window], far[window])
    out = np.empty(near.shape)
    for window in blocks((near.shape[0], near.shape[1])):
        out[window] = loading.place(near[window], far[window])
    return out


def progress_band(
    forward: xr.DataArray, reverse: xr.DataArray, bands: int = BANDS
) -> NDArray[np.intp]:
    """Return the band of progress of every cell.

    Parameters
    ----------
    forward, reverse
        (y, x) accumulated cost from the origin and to the destination, same unit.
    bands
        Number of equal steps of progress forward / (forward + reverse).

    Returns
    -------
    array
        intp (y, x), 0 at the origin to bands - 1; 0 where unreachable.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> away = examples.remoteness()
    >>> funnel.progress_band(away, away.copy(data=away.values[::-1]), 4)[:, 0]
    array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3])
    """
    return _band(forward.values.astype(np.float64), reverse.values.astype(np.float64), bands)


def _above_least(total: Floats) -> Floats:
    """Subtract the least crossing; differences of large labels need float64."""
    if not np.isfinite(total).any():
        raise CostError(NO_WAY)
    return np.asarray(total - np.nanmin(total))


def _band(near: Floats, far: Floats, bands: int) -> NDArray[np.intp]:
    total = near + far
    with np.errstate(invalid="ignore", divide="ignore"):
        progress = np.where(total > 0, near / total, 0.0)
    filled = np.nan_to_num(progress, nan=0.0)
    return np.minimum((filled * bands).astype(np.intp), bands - 1)
