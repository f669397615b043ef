"""Weather of a study: what air, sun and wind were by month and hour of day.

`from_daily` and `from_subdaily` make a climatology of what the readers return; `synthetic` is made
up for the samples. `walk_mean` takes the hours of a walk from it and `on_land` spreads them over
terrain. `read_*` take a publisher's file. `wbgt` describes heat as a heat-stress monitor would.
"""

from __future__ import annotations

from geo.climate.climatology import from_daily, from_subdaily, synthetic, walk_mean
from geo.climate.globe import wbgt
from geo.climate.gridded import read_daymet, read_elevation, read_gridmet, read_vic_forcings
from geo.climate.land import lapse_rates, on_land
from geo.climate.stations import read_ameriflux, read_daymet_pixel, read_fahrenheit_days
from geo.climate.weather import Weather

__all__ = [
    "Weather",
    "from_daily",
    "from_subdaily",
    "lapse_rates",
    "on_land",
    "read_ameriflux",
    "read_daymet",
    "read_daymet_pixel",
    "read_elevation",
    "read_fahrenheit_days",
    "read_gridmet",
    "read_vic_forcings",
    "synthetic",
    "walk_mean",
    "wbgt",
]
