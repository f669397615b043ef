"""The funnel itself: how modelled movement spreads over the land, and what towers change.

Joins visibility, locomotion and the least-cost engine. Knows no deaths: whether its density
deserves belief is tested against records in `geo.inference`.
"""

from __future__ import annotations

from geo.funnel.catchments import catchments
from geo.funnel.crossings import Labels, Land, Spread, avoiding, combine, spread
from geo.funnel.density import excess_cost, progress_band, route_density
from geo.funnel.ends import End, border_segments, destinations
from geo.funnel.hardness import (
    bin_scores,
    corridor_labels,
    dose,
    energy_per_km,
    hardness,
    hardness_bins,
)
from geo.funnel.measures import Measure, concentration, displacement, share_in_view

__all__ = [
    "End",
    "Labels",
    "Land",
    "Measure",
    "Spread",
    "avoiding",
    "bin_scores",
    "border_segments",
    "catchments",
    "combine",
    "concentration",
    "corridor_labels",
    "destinations",
    "displacement",
    "dose",
    "energy_per_km",
    "excess_cost",
    "hardness",
    "hardness_bins",
    "progress_band",
    "route_density",
    "share_in_view",
    "spread",
]
