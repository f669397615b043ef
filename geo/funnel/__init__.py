"""The funnel itself: how modelled movement spreads over the land, and what towers change.

Joins visibility, locomotion and the least-cost engine. Knows no deaths: whether its density
deserves belief is tested against records in `geo.inference`.
"""

from __future__ import annotations

from geo.funnel.border_line import BorderLine
from geo.funnel.catchments import border_entry, catchments
from geo.funnel.changes import changes
from geo.funnel.coarse_hardness import coarse_hardness
from geo.funnel.crossing_parts import EVERYWHERE, Distribution, Part, Scenario
from geo.funnel.crossing_runs import (
    WINDOWED_CELLS,
    WITHOUT,
    Crossings,
    Keeper,
    Watch,
    spread_crossings,
)
from geo.funnel.crossings import CrossingQuantity, Labels, MovementDomain, avoiding
from geo.funnel.density import excess_cost, progress_band, route_density
from geo.funnel.dose import dose
from geo.funnel.ensemble import BEFORE, Key, MemberResult, bands, run_member, run_members, surfaces
from geo.funnel.hardness import (
    bin_scores,
    corridor_labels,
    energy_per_km,
    hardness,
    hardness_bins,
)
from geo.funnel.inland import Inland, destinations
from geo.funnel.loading import Tally
from geo.funnel.marks import on_open_ground
from geo.funnel.measures import (
    Measure,
    concentration,
    displacement,
    effective_corridors,
    new_ground,
    share_in_view,
    shift_along,
)
from geo.funnel.members import Ground, Member, coarser, depths, design
from geo.funnel.origins_destinations import End, border_segments, length_of, side_of
from geo.funnel.reach import Reach, crossing_facts, cut_off, left_out
from geo.funnel.spreading import Spread, combine, spread

__all__ = [
    "BEFORE",
    "EVERYWHERE",
    "WINDOWED_CELLS",
    "WITHOUT",
    "BorderLine",
    "CrossingQuantity",
    "Crossings",
    "Distribution",
    "End",
    "Ground",
    "Inland",
    "Keeper",
    "Key",
    "Labels",
    "Measure",
    "Member",
    "MemberResult",
    "MovementDomain",
    "Part",
    "Reach",
    "Scenario",
    "Spread",
    "Tally",
    "Watch",
    "avoiding",
    "bands",
    "bin_scores",
    "border_entry",
    "border_segments",
    "catchments",
    "changes",
    "coarse_hardness",
    "coarser",
    "combine",
    "concentration",
    "corridor_labels",
    "crossing_facts",
    "cut_off",
    "depths",
    "design",
    "destinations",
    "displacement",
    "dose",
    "effective_corridors",
    "energy_per_km",
    "excess_cost",
    "hardness",
    "hardness_bins",
    "left_out",
    "length_of",
    "new_ground",
    "on_open_ground",
    "progress_band",
    "route_density",
    "run_member",
    "run_members",
    "share_in_view",
    "shift_along",
    "side_of",
    "spread",
    "spread_crossings",
    "surfaces",
]
