"""Minute steps of predicted heat strain (ISO 7933:2023 and 2004, Annex E) on plain numbers.

Temperatures in degC, flows in W m-2, vapour pressure in kPa, wind in m s-1. The numbers beside the
formulas are the standard's. `geo.locomotion.strain` is the public face.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba as nb

from geo import parameters

_P = parameters.load("heat")
CORE_LIMIT_C = float(_P["core_limit"].value)
"""Highest rectal temperature for work by the standard [degC]."""
CORE_CEILING_C = float(_P["core_ceiling"].value)
"""Core temperatures are reported up to here; the equations describe nobody beyond [degC]."""
_RADIATING = float(_P["radiating_fraction"].value)
_EMISSIVITY = float(_P["emissivity"].value)
_PERMEABILITY = float(_P["moisture_permeability"].value)


class Body(NamedTuple):
    """What the kernel needs of walker and options, as plain numbers."""

    minutes: int
    is_2023: bool
    area: float
    heat_capacity: float
    max_sweat: float
    max_wetness: float
    clo: float
    walking_speed: float


@nb.njit(cache=True, inline="always")
def relative_wind(wind: float, walking_speed: float) -> float:
    """Air speed that the walker feels, m s-1."""
    return max(wind, walking_speed)


@nb.njit(cache=True)
def clothing_of(wind: float, body: Body) -> tuple[float, float, float, float]:
    """Dynamic insulation, evaporative resistance, convection coefficient, clothing area factor."""
    clo = body.clo
    area_factor = 1.0 + (0.28 if body.is_2023 else 0.30) * clo
    relative = relative_wind(wind, body.walking_speed)
    air, walk = min(relative, 3.0), min(body.walking_speed, 1.5)
    dressed = 1.044 * math.exp((0.066 * air - 0.398) * air + (0.094 * walk - 0.378) * walk)
    bare = math.exp((0.047 * relative - 0.472) * relative + (0.117 * walk - 0.342) * walk)
    dressed, bare = min(dressed, 1.0), min(bare, 1.0)
    both = dressed if clo > 0.6 else ((0.6 - clo) * bare + clo * dressed) / 0.6
    total = (clo * 0.155 + 0.111 / area_factor) * both
    clothing = total - bare * 0.111 / area_factor
    permeability = min(_PERMEABILITY * ((2.6 * both - 6.5) * both + 4.9), 0.9)
    resistance = total / permeability / 16.7
    forced = 8.7 * relative**0.6 if relative > 1.0 else 3.5 + 5.2 * relative
    return clothing, resistance, forced, area_factor


@nb.njit(cache=True)
def dry_loss(
    skin: float, start: float, air: float, radiant: float, clothing: float, convection: float,
    area_factor: float,
) -> tuple[float, float]:  # fmt: skip
    """Convection plus radiation from the clothing surface [W m-2], and its temperature."""
    surface = start
    radiation = 0.0
    for _ in range(40):
        hot, cold = surface + 273.0, radiant + 273.0
        # (a^4 - b^4) / (a - b), written so that a = b is no special case
        radiation = _EMISSIVITY * 5.67e-8 * _RADIATING * (hot * hot + cold * cold) * (hot + cold)
        new = (area_factor * (convection * air + radiation * radiant) + skin / clothing) / (
            area_factor * (convection + radiation) + 1.0 / clothing
        )
        moved = abs(new - surface)
        surface = new
        if moved < 1e-4:
            break
    loss = area_factor * (convection * (surface - air) + radiation * (surface - radiant))
    return loss, surface


@nb.njit(cache=True)
def required_sweat(required: float, maximal: float, most: float) -> float:
    """Sweat that would give the required evaporation, at its efficiency, up to the most [W m-2]."""
    if required <= 0.0:
        return 0.0
    if maximal <= 0.0:
        return most
    wetness = required / maximal
    if wetness >= 1.7:
        return most
    efficiency = (2.0 - wetness) ** 2 / 2.0 if wetness > 1.0 else 1.0 - wetness * wetness / 2.0
    return min(required / max(efficiency, 0.05), most)


@nb.njit(cache=True)
def evaporation(sweat: float, maximal: float, max_wetness: float) -> float:
    """Evaporation that a sweat rate gives [W m-2]."""
    if sweat <= 0.0 or maximal <= 0.0:
        return 0.0
    ratio = maximal / max(sweat, 1e-6)
    wetness = -ratio + math.sqrt(ratio * ratio + 2.0) if ratio >= 0.5 else 1.0
    return min(wetness, max_wetness) * maximal


@nb.njit(cache=True)
def core_step(
    storage: float, capacity: float, skin: float, skin0: float, core0: float, weight0: float
) -> tuple[float, float]:
    """Core temperature after a minute, and the weight of the skin in the body's mean."""
    core, weight = core0, weight0
    for _ in range(40):
        weight = min(max(0.3 - 0.09 * (core - 36.8), 0.1), 0.3)
        new = storage / capacity + skin0 * weight0 / 2.0 - skin * weight / 2.0
        new = (new + core0 * (1.0 - weight0 / 2.0)) / (1.0 - weight / 2.0)
        moved = abs(new - core)
        core = new
        if moved < 1e-4:
            break
    return core, weight


@nb.njit(cache=True)
def equilibrium_skin(
    air: float, radiant: float, vapour: float, wind: float, metabolic: float, clo: float
) -> tuple[float, float]:
    """Equilibrium skin temperature as intercept and slope in rectal temperature."""
    bare = 7.191 + 0.064 * air + 0.061 * radiant + 0.198 * vapour - 0.348 * wind
    dressed = (
        12.165 + 0.02017 * air + 0.04361 * radiant + 0.19354 * vapour
        - 0.25315 * wind + 0.005346 * metabolic
    )  # fmt: skip
    share = min(max(2.5 * (clo - 0.2), 0.0), 1.0)
    return bare + share * (dressed - bare), 0.616 + share * (0.51274 - 0.616)


@nb.njit(cache=True)
def most_sweat(metabolic: float, body: Body) -> float:
    """Highest sweat rate of the edition, W m-2."""
    if body.is_2023:
        return body.max_sweat
    # 2004: grows with work between 250 and 400, a quarter more when acclimatised
    most = min(max((metabolic - 32.0) * body.area, 250.0), 400.0)
    return most * (1.25 if body.max_wetness == 1.0 else 1.0)


@nb.njit(cache=True)
def simulate(
    air: float, radiant: float, vapour: float, wind: float, metabolic: float, body: Body
) -> tuple[float, float, float]:
    """Rectal temperature, water lost [g] and minutes to the core limit of one walk."""
    clothing, resistance, forced, area_factor = clothing_of(wind, body)
    free = 2.38 * abs((radiant + 0.1 if body.is_2023 else 34.1) - air) ** 0.25
    convection = max(forced, free)
    breath = 0.001516 * metabolic * (28.56 + 0.115 * air + 0.641 * vapour - air)
    breath_water = 0.00127 * metabolic * (59.34 + 0.53 * air - 11.63 * vapour)
    skin_base, skin_slope = equilibrium_skin(air, radiant, vapour, wind, metabolic, body.clo)
    most = most_sweat(metabolic, body)
    slow, quick = math.exp(-1.0 / 10.0), math.exp(-1.0 / 3.0)
    skin, core, rectal, target, weight = 34.1, 36.8, 36.8, 36.8, 0.3
    surface, sweat, lost, reached = radiant + 0.1, 0.0, 0.0, 0
    for minute in range(1, body.minutes + 1):
        skin0, target0 = skin, target
        target = target0 * slow + (0.0036 * metabolic + 36.6) * (1.0 - slow)
        stored = body.heat_capacity * (target - target0) * (1.0 - weight)
        goal = skin_base + skin_slope * rectal
        skin = goal if minute == 1 and body.is_2023 else skin0 * quick + goal * (1.0 - quick)
        dry, surface = dry_loss(skin, surface, air, radiant, clothing, convection, area_factor)
        saturated = 0.6105 * math.exp(17.27 * skin / (skin + 237.3))
        maximal = (saturated - vapour) / resistance
        required = max(metabolic - stored - breath - breath_water - dry, 0.0)
        sweat = sweat * slow + required_sweat(required, maximal, most) * (1.0 - slow)
        storage = required - evaporation(sweat, maximal, body.max_wetness) + stored
        core, weight = core_step(storage, body.heat_capacity, skin, skin0, core, weight)
        rectal += (2.0 * core - 1.962 * rectal - 1.31) / 9.0
        lost += sweat + breath_water
        if reached == 0 and rectal >= CORE_LIMIT_C:
            reached = minute
    water = lost * 2.67 * body.area / 1.8 / 60.0
    return rectal, water, float(reached or body.minutes)


@nb.njit(cache=True, nogil=True)
def simulate_many(inputs: Any, body: Body, out: Any) -> None:
    """Simulate n walks.

    `inputs` is (5, n) float64: air and radiant temperature [degC], vapour pressure [kPa], wind
    [m s-1], metabolic rate [W m-2]; `out` (3, n) float64 is filled with what `simulate` returns,
    NaN where an input is.
    """
    for i in range(inputs.shape[1]):
        if math.isnan(inputs[:, i].sum()):
            for row in range(3):  # a slice would take numba seconds to compile
                out[row, i] = math.nan
            continue
        out[0, i], out[1, i], out[2, i] = simulate(
            inputs[0, i], inputs[1, i], inputs[2, i], inputs[3, i], inputs[4, i], body
        )
