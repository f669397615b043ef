"""Every measure of one period against the land without towers."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr

from geo.funnel.crossing_parts import EVERYWHERE, Distribution
from geo.funnel.measures import (
    Measure,
    concentration,
    displacement,
    effective_corridors,
    new_ground,
    share_in_view,
    shift_along,
)
from geo.funnel.spreading import Spread

ALONG = (
    "A crossing is charged what adds up along the routes taken: the least-cost route under the "
    "period's cost to a cell and on to the destination, what towers make dearer not counted, "
    "weighted by route density; theta stays as it was, so that dearer ground also draws routes "
    "together and the sum can fall"
)
ROUNDING = 1e-9
"""Numerical: part of a crossing below which two sums in different order do not differ."""
SUMMARIES = (
    ("", "median", "difference of the medians over crossings"),
    ("_mean", "mean", "difference of the means over crossings"),
    ("_p05", "low", "difference of the 5 % quantiles over crossings"),
    ("_p95", "high", "difference of the 95 % quantiles over crossings"),
)


def changes(
    before: Spread,
    after: Spread,
    seen: xr.DataArray,
    corridors: xr.DataArray | None = None,
    along: xr.DataArray | None = None,
) -> list[tuple[str, Measure]]:
    """Measure a period.

    Parameters
    ----------
    before, after
        Crossings without towers and in the period.
    seen
        (y, x) share of the period in view, 0 to 1.
    corridors
        (y, x) labels of corridors (`corridor_labels`); without, their number is not measured.
    along
        (y, x) positions along the border (`BorderLine.along`); without, no shift along it is.

    Returns
    -------
    list of (segment, Measure)
        Segment of the border, or "all". For every quantity of the land, `added_<quantity>`
        (medians) and the same of the means (`_mean`) and at the 5 and 95 % quantiles over
        crossings (`_p05`, `_p95`).

    Raises
    ------
    GridError
        If the rasters lie on different grids.

    Notes
    -----
    What is added can be negative. Theta, the excess a walker shrugs off, is set by the land
    without towers and stays. Where towers make everything dearer by one factor, the excess of
    every detour grows by it too, which is the same as a smaller theta: people keep closer to the
    best way and spend less. Where towers see a roundabout way, fewer take it. Both are what the
    model says, not errors. With theta near 0, when all take the one best way, nothing is saved.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land, cost = examples.crossed_land(), examples.energy()
    >>> base = land.labels(cost)
    >>> before = funnel.combine(land, base, base, 0.1)
    >>> seen = examples.in_view()[-1]
    >>> after = funnel.spread(land, funnel.avoiding(cost, seen, 1.0), base, 0.1)
    >>> sorted({m.name for _, m in funnel.changes(before, after, seen)})[:3]
    ['effective_area', 'entropy', 'gini']
    """
    # those of a wide land are put together whenever they are read: once is enough
    old, new = before.density.compute(), after.density.compute()
    found = [
        share_in_view(new, seen),
        *concentration(new),
        displacement(old, new),
        new_ground(old, new),
    ]
    if corridors is not None:
        found.append(effective_corridors(new, corridors))
    if along is not None:
        found += shift_along(old, new, along)
    rows = [(EVERYWHERE, m) for m in found]
    for segment, spent in after.spent.items():
        for name, now in spent.items():
            rows += [(segment, m) for m in _added(name, before.spent[segment][name], now)]
    return rows


def _added(name: str, usual: Distribution, now: Distribution) -> Iterator[Measure]:
    for suffix, part, what in SUMMARIES:
        value = getattr(now, part) - getattr(usual, part)
        if abs(value) < ROUNDING * abs(getattr(usual, part)):
            value = 0.0
        text = f"{name} of a crossing against the land without towers, {what}. {ALONG}"
        yield Measure(f"added_{name}{suffix}", value, now.unit, text)
