"""Every measure of one period against the land without towers."""

from __future__ import annotations

import xarray as xr

from geo.funnel.crossings import Spread
from geo.funnel.measures import Measure, concentration, displacement, share_in_view

EVERYWHERE = "all"
KILO = 1e3


def changes(before: Spread, after: Spread, seen: xr.DataArray) -> list[tuple[str, Measure]]:
    """Measure a period.

    Parameters
    ----------
    before, after
        Crossings without towers and in the period, costs in J.
    seen
        (y, x) share of the period in view, 0 to 1.

    Returns
    -------
    list of (segment, Measure)
        Segment of the border, or "all".
    """
    found = [
        share_in_view(after.density, seen),
        *concentration(after.density),
        *displacement(before.density, after.density),
    ]
    rows = [(EVERYWHERE, m) for m in found]
    for segment, value in after.expected.items():
        added = Measure(
            "added_energy",
            (value - before.expected[segment]) / KILO,
            "kJ",
            "density-weighted energy of the cheapest crossing through each cell, minus the same "
            "without towers; one reference walker and model",
        )
        rows.append((segment, added))
    return rows
