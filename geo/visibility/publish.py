"""The only form in which what towers saw is published: shares of coarse cells, closed periods."""

from __future__ import annotations

from collections.abc import Collection

import xarray as xr

from geo.aggregation import aggregate
from geo.errors import GridError, StudyError
from geo.records import SURFACE_CELL_M


def publish_share(
    coverage: xr.Dataset, resolution_m: float = SURFACE_CELL_M, *, closed: Collection[str]
) -> xr.DataArray:
    """Return the share of each coarse cell that was in view, for closed periods.

    Parameters
    ----------
    coverage
        Result of `coverage`.
    resolution_m
        Side of the published cells, m; at least `geo.records.SURFACE_CELL_M`.
    closed
        Ids of the periods that may be published, from `geo.study.closed_periods`.

    Returns
    -------
    xr.DataArray
        `in_view_share` float32 (period, y, x), 0 to 1: mean over the fine cells of the share of
        the period's days in view. Periods in their order, open ones left out.

    Raises
    ------
    GridError
        If the cells asked for are finer than the floor.
    StudyError
        If a closed period is not in the coverage, or none is closed.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> periods = examples.made_up_study().periods
    >>> seen = visibility.coverage(examples.elevation(), examples.towers(), periods)
    >>> visibility.publish_share(seen, closed=["before", "after"]).shape
    (2, 6, 9)
    """
    if resolution_m < SURFACE_CELL_M:
        raise GridError(
            f"cells of {resolution_m} m show what towers see too finely; publish cells of at "
            f"least {SURFACE_CELL_M:.0f} m"
        )
    known = [str(p) for p in coverage["period"].values]
    chosen = [p for p in known if p in set(closed)]
    if not chosen or set(closed) - set(known):
        raise StudyError(
            f"closed periods {sorted(closed)} do not fit the coverage's {known}; publish periods "
            "that ended long enough before as_of"
        )
    # one period at a time: a fine surface of every period would not fit in memory
    shares = [aggregate(coverage["in_view"].sel(period=[p]), resolution_m) for p in chosen]
    share = xr.concat(shares, "period").astype("float32").rename("in_view_share")
    return share.assign_attrs(units="1", long_name="Share of the land in view")
