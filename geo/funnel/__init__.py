"""The funnel itself: how modelled movement spreads over the land, and what towers change.

Joins visibility, locomotion and the least-cost engine. Knows no deaths: whether its density
deserves belief is tested against records in `geo.inference`.
"""

from __future__ import annotations

from geo.funnel.crossings import Spread, Undisturbed, avoiding, spread, undisturbed
from geo.funnel.density import excess_cost, progress_band, route_density
from geo.funnel.ends import Origin, border_segments, destinations
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
    "Measure",
    "Origin",
    "Spread",
    "Undisturbed",
    "avoiding",
    "bin_scores",
    "border_segments",
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
    "undisturbed",
]
