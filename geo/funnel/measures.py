"""What changed between periods, in numbers that are defined and cited."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.stats import wasserstein_distance

from geo.aggregation import aggregate
from geo.funnel.density_strips import both, gini, p_log_p, parts, total, usual_ground
from geo.grid import grid_of, require_metric, same_grid
from geo.parameters import load

USUAL = float(load("funnel")["usual_share"].value)
"""Share of movement before that the usual ground holds, as a 95 % highest density region does."""


@dataclass(frozen=True)
class Measure:
    """One number about modelled movement in one period.

    Attributes
    ----------
    name, unit, definition
        `definition` says how it is computed and whose measure it is.
    value
        The number.
    """

    name: str
    value: float
    unit: str
    definition: str


def concentration(density: xr.DataArray) -> tuple[Measure, ...]:
    """Return entropy, effective number of cells and Gini coefficient of a density.

    Parameters
    ----------
    density
        (y, x) non-negative; it is normalised here.

    Returns
    -------
    tuple of Measure
        Entropy [nat], effective area [km2] and Gini coefficient [1].

    Notes
    -----
    Shannon (1948) entropy H = -sum p ln p in nats; effective number exp(H) (Hill 1973, order
    1), given as area; Gini (1912) over all cells of the grid.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> [(m.name, m.unit) for m in funnel.concentration(examples.density())]
    [('entropy', 'nat'), ('effective_area', 'km2'), ('gini', '1')]
    """
    whole = total(density)
    entropy = -sum(p_log_p(values / whole) for values in parts(density))
    area_km2 = abs(grid_of(density).resolution.x) ** 2 / 1e6
    return (
        Measure("entropy", entropy, "nat", "-sum p ln p over cells (Shannon 1948)"),
        Measure(
            "effective_area",
            float(np.exp(entropy)) * area_km2,
            "km2",
            "exp(entropy) cells (Hill 1973, order 1) times the area of a cell",
        ),
        Measure("gini", gini(density), "1", "Gini (1912) coefficient over all cells of the grid"),
    )


def effective_corridors(density: xr.DataArray, corridors: xr.DataArray) -> Measure:
    """Return how many corridors crossings are spread over.

    Parameters
    ----------
    density
        (y, x) non-negative.
    corridors
        (y, x) labels on the same grid, -1 outside every corridor (`corridor_labels`); what lies
        outside does not count.

    Returns
    -------
    Measure
        Exponential of the entropy of the corridors' shares [1].

    Raises
    ------
    GridError
        If the grids differ.

    Notes
    -----
    Hill (1973), order 1.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> round(funnel.effective_corridors(examples.density(), examples.labels()).value, 2)
    2.0
    """
    same_grid(density, corridors)
    by_corridor = np.zeros(1 + max(0, int(corridors.max())))
    for mass, label in zip(parts(density), parts(corridors, None), strict=True):
        inside = label >= 0
        by_corridor += np.bincount(label[inside], mass[inside], by_corridor.size)
    p = by_corridor[by_corridor > 0] / by_corridor.sum()
    return Measure(
        "effective_corridors",
        float(np.exp(-(p * np.log(p)).sum())),
        "1",
        "exp of the entropy of corridors' shares of route density (Hill 1973, order 1): 1 when all "
        "movement is in one corridor, the number of corridors when it is even",
    )


def share_in_view(density: xr.DataArray, in_view: xr.DataArray) -> Measure:
    """Return the share of route density that towers see.

    Parameters
    ----------
    density
        (y, x) share of crossings.
    in_view
        (y, x) share of the period in view, 0 to 1.

    Returns
    -------
    Measure
        0 to 1 [1].

    Raises
    ------
    GridError
        If the grids differ.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> round(funnel.share_in_view(examples.density(), examples.in_view()[-1]).value, 2)
    0.37
    """
    same_grid(density, in_view)
    pairs = zip(parts(density), parts(in_view), strict=True)
    seen = sum(float((mass * np.nan_to_num(share)).sum()) for mass, share in pairs)
    return Measure(
        "share_in_view",
        seen / total(density),
        "1",
        "sum of route density times share of the period in view, over the sum of route density",
    )


def displacement(before: xr.DataArray, after: xr.DataArray) -> Measure:
    """Return the least share of crossings that must change cells between two periods.

    Parameters
    ----------
    before, after
        (y, x) densities on one grid.

    Returns
    -------
    Measure
        Total variation distance, 0 to 1: half the sum of absolute differences.

    Raises
    ------
    GridError
        If the grids differ.

    Notes
    -----
    Half the L1 distance of two densities, which is the least share that must change cells.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> density = examples.density()
    >>> funnel.displacement(density, density).value
    0.0
    """
    same_grid(before, after)
    moved = sum(float(np.abs(new - old).sum()) for old, new in both(before, after))
    return Measure(
        "moved",
        moved / 2,
        "1",
        "total variation distance: least share of crossings that change cells",
    )


def shift_along(
    before: xr.DataArray, after: xr.DataArray, along: xr.DataArray
) -> tuple[Measure, ...]:
    """Return how far modelled movement moved along the border between two periods.

    Parameters
    ----------
    before, after
        (y, x) densities on one grid.
    along
        (y, x) position along the border line of the point of it nearest to each cell, metres, on
        the same area and cells no finer (`BorderLine.along`).

    Returns
    -------
    tuple of Measure
        Wasserstein-1 distance and shift of the mean position [km].

    Raises
    ------
    GridError
        If the densities lie on different grids.

    Notes
    -----
    Wasserstein-1 distance (Villani 2009) between the distributions of position along the line:
    its own length, whatever its direction, gaps between pieces not counted.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> from geo.grid import grid_of
    >>> line = funnel.BorderLine.of(examples.border(), grid_of(examples.elevation()))
    >>> density = examples.density()
    >>> along = line.along(grid_of(density))
    >>> [m.value for m in funnel.shift_along(density, density, along)]
    [0.0, 0.0]
    """
    same_grid(before, after)
    at = along.values.ravel()
    side = require_metric(along)
    old, new = (np.nan_to_num(aggregate(d, side, "sum").values).ravel() for d in (before, after))
    old, new = old / old.sum(), new / new.sum()
    return (
        Measure(
            "wasserstein_along",
            float(wasserstein_distance(at, at, old, new)) / 1000.0,
            "km",
            "Wasserstein-1 distance of movement's positions along the border line (Villani 2009)",
        ),
        Measure(
            "mean_shift_along",
            float((at * new).sum() - (at * old).sum()) / 1000.0,
            "km",
            "difference of the mean position along the border line; positive is towards its east, "
            "or its north where it runs south to north",
        ),
    )


def new_ground(before: xr.DataArray, after: xr.DataArray, share: float = USUAL) -> Measure:
    """Return how much movement leaves the ground that held most of it before.

    Parameters
    ----------
    before, after
        (y, x) densities on one grid.
    share
        Share of `before` that its usual ground holds.

    Returns
    -------
    Measure
        Share of crossings [1], 0 where nothing changed.

    Raises
    ------
    GridError
        If the grids differ.

    Notes
    -----
    The usual ground is the highest density region (Hyndman 1996): the fewest cells that
    hold `share` of `before`, equal cells in the order of the grid. What of `before` itself lies
    outside is taken off, so that nothing changed is nothing new.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> density = examples.density()
    >>> funnel.new_ground(density, density).value
    0.0
    """
    same_grid(before, after)
    least, equal = usual_ground(before, share)
    added = 0.0
    for values, (old, new) in zip(parts(before, None), both(before, after), strict=True):
        outside = values < least
        tied = np.flatnonzero(values == least)
        outside[tied[equal:]] = True
        equal = max(0, equal - tied.size)
        added += float((new - old)[outside].sum())
    return Measure(
        "new_ground",
        added,
        "1",
        f"share of route density outside the cells that held {share:.0%} of it without towers "
        "(highest density region, Hyndman 1996), less what lay there before",
    )
