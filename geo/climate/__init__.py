"""Weather of a study: what air, sun and wind were by month and hour of day.

`from_daily` and `from_subdaily` make a climatology of what the readers return; `synthetic` is made
up for the samples. `walk_mean` takes the hours of a walk from it and `on_land` spreads them over
terrain. `wbgt` describes heat as a heat-stress monitor would show it.
"""

from __future__ import annotations

from geo.climate.climatology import from_daily, from_subdaily, synthetic, walk_mean
from geo.climate.land import lapse_rates, on_land
from geo.climate.weather import Weather

__all__ = [
    "Weather",
    "from_daily",
    "from_subdaily",
    "lapse_rates",
    "on_land",
    "synthetic",
    "walk_mean",
]
