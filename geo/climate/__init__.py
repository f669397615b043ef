"""Weather of a study: what air, sun and wind were by month and hour of day.

`from_daily` and `from_subdaily` make a climatology of what the readers return; `synthetic` is made
up for the samples. `walk_mean` and `summer_mean` take the hours of a walk from it, `on_land`
spreads them over terrain and `at_heights` over heights. `read` makes a climatology of whatever file
a study names, `read_*` take a publisher's. `wbgt` describes heat as a heat-stress monitor would.
"""

from __future__ import annotations

from geo.climate.climatology import from_daily, from_subdaily, synthetic
from geo.climate.files import Place, read
from geo.climate.globe import wbgt
from geo.climate.gridded import read_daymet, read_elevation, read_gridmet
from geo.climate.land import at_heights, lapse_rates, on_land
from geo.climate.stations import read_ameriflux, read_daymet_pixel, read_fahrenheit_days
from geo.climate.sub_daily import read_vic_forcings
from geo.climate.walks import summer_mean, walk_mean
from geo.climate.weather import Weather

__all__ = [
    "Place",
    "Weather",
    "at_heights",
    "from_daily",
    "from_subdaily",
    "lapse_rates",
    "on_land",
    "read",
    "read_ameriflux",
    "read_daymet",
    "read_daymet_pixel",
    "read_elevation",
    "read_fahrenheit_days",
    "read_gridmet",
    "read_vic_forcings",
    "summer_mean",
    "synthetic",
    "walk_mean",
    "wbgt",
]
