"""Exact accumulated cost of any slope cost model over rasters of any size.

Knows no towers, no walkers and no deaths: a cost model comes in, a cost surface goes out.
"""

from __future__ import annotations

from geo.leastcost.accumulate import Plan, accumulate, plan
from geo.leastcost.corridor import corridor
from geo.leastcost.model import CostModel, SlopeTable
from geo.leastcost.options import LeastCostOptions, Resources
from geo.leastcost.surfaces import CostSurface, Surfaces

__all__ = [
    "CostModel",
    "CostSurface",
    "LeastCostOptions",
    "Plan",
    "Resources",
    "SlopeTable",
    "Surfaces",
    "accumulate",
    "corridor",
    "plan",
]
