"""Hardship as named components, each with its unit and its spread over models.

A component is something an expert can check: energy and hours from the border, the effort of the
ground itself, litres needed against litres carried, the margin to a dangerous core temperature,
hours to a road. A composite exists only as a stated weighted sum beside its components, with what
happens to it when the weights change.
"""

from __future__ import annotations

from geo.hardship.components import COMPONENTS, Component, components, effort
from geo.hardship.ensemble import composite, spread
from geo.hardship.heat import heat, metabolic_rate, water_members
from geo.hardship.tables import STATISTICS, by_group, corridor_mean, publish, sample
from geo.hardship.water import GRAMS_PER_LITRE, Litres, SummerLand, water_friction

__all__ = [
    "COMPONENTS",
    "GRAMS_PER_LITRE",
    "STATISTICS",
    "Component",
    "Litres",
    "SummerLand",
    "by_group",
    "components",
    "composite",
    "corridor_mean",
    "effort",
    "heat",
    "metabolic_rate",
    "publish",
    "sample",
    "spread",
    "water_friction",
    "water_members",
]
