"""How a body walks: energy, time, water and heat strain, each equation with its source.

The face of the room:

- `metabolic`, `speed`: the equations, signed grade, arrays in and out;
- `energy_per_metre`, `time_per_metre`, `water_per_metre`: slope tables for any cost engine;
- `energy_coefficients`, `time_coefficients`: what ground does, as two types that do not mix;
- `predicted_heat_strain`, `strain_over_heights`: core temperature and water
  loss of a walk (ISO 7933), exact, for rasters, and for the weather of one place; `sweat`: the
  regressions beside it;
- `curves`: what each model looks like, for figures that an expert recognises;
- `walker`, `walkers`: named scenarios of body and load.
"""

from __future__ import annotations

from geo.locomotion import metabolic, speed, sweat
from geo.locomotion._power import METABOLIC_MODELS, MetabolicModel
from geo.locomotion._speed import SPEED_MODELS, SpeedModel
from geo.locomotion._strain import CORE_CEILING_C, CORE_LIMIT_C
from geo.locomotion.figures import PublishedCurve, curves
from geo.locomotion.friction import energy_friction, time_friction
from geo.locomotion.slope_cost import SlopeCost, energy_per_metre, time_per_metre, water_per_metre
from geo.locomotion.strain import (
    Strain,
    StrainOptions,
    predicted_heat_strain,
    within_standard,
)
from geo.locomotion.strain_heights import HeightStrain, strain_over_heights
from geo.locomotion.terrain import (
    EnergyCoefficient,
    TimeCoefficient,
    energy_coefficients,
    snow_coefficient,
    time_coefficients,
)
from geo.locomotion.walkers import Walker, walker, walkers

__all__ = [
    "CORE_CEILING_C",
    "CORE_LIMIT_C",
    "METABOLIC_MODELS",
    "SPEED_MODELS",
    "EnergyCoefficient",
    "HeightStrain",
    "MetabolicModel",
    "PublishedCurve",
    "SlopeCost",
    "SpeedModel",
    "Strain",
    "StrainOptions",
    "TimeCoefficient",
    "Walker",
    "curves",
    "energy_coefficients",
    "energy_friction",
    "energy_per_metre",
    "metabolic",
    "predicted_heat_strain",
    "snow_coefficient",
    "speed",
    "strain_over_heights",
    "sweat",
    "time_coefficients",
    "time_friction",
    "time_per_metre",
    "walker",
    "walkers",
    "water_per_metre",
    "within_standard",
]
