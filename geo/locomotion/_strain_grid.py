"""Axes of the heat strain table, and the kernels that fill and read it.

Temperatures in degC, flows in W m-2, vapour pressure in kPa, wind in m s-1.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from geo.locomotion._strain import (
    CORE_CEILING_C,
    Body,
    clothing_of,
    dry_loss,
    equilibrium_skin,
    evaporation,
    most_sweat,
    required_sweat,
    simulate,
)

_REFERENCE_CORE_C = 37.3
_HOTTEST_C = 47.0
_LEAST_EVAPORATION = 5.0
AIR_C = (0.0, 50.0)
VAPOUR_KPA = (0.0, 3.2)
_COLD, _HOT = -25.0, 75.0
_DRY, _MOIST = -2.0, 5.0
"""Nodes beyond these air temperatures [degC] and vapour pressures [kPa] serve no cell and stay
empty; a cell that would need one is computed in minute steps."""
METABOLIC = np.array([60.0, 90.0, 130.0, 180.0, 230.0, 285.0, 340.0, 400.0])
WIND = np.array([0.0, 0.8, 1.0, 1.35, 1.8, 2.35, 3.0])
BEND = np.array(
    [
        -0.45,
        -0.28,
        -0.12,
        -0.09,
        -0.07,
        -0.055,
        -0.04,
        -0.025,
        0.0,
        0.06,
        0.18,
        0.35,
        0.6,
        0.95,
        1.45,
        2.15,
    ]
)
"""Nodes of evaporative power around the value at which wet skin, not sweat, becomes the limit."""
EXCESS = np.array([-12.0, -4.0, 4.0, 15.0, 35.0, 60.0])


def _load_nodes() -> NDArray[np.float64]:
    """Nodes of the heat load, close together where the model bends: near -1 and above 0."""
    pieces = (
        (-5.0, -2.4, 2),
        (-2.4, -1.2, 4),
        (-1.2, -1.06, 7),
        (-1.06, -1.03, 4),
        (-1.03, -0.985, 16),
        (-0.985, -0.93, 5),
        (-0.93, -0.2, 13),
        (-0.2, 0.0, 16),
        (0.0, 0.25, 20),
        (0.25, 1.0, 27),
        (1.0, 1.5, 8),
        (1.5, 4.5, 4),
    )
    parts = [np.linspace(a, b, n, endpoint=False) for a, b, n in pieces]
    return np.append(np.concatenate(parts), 4.5)


LOAD = _load_nodes()


@nb.njit(cache=True)
def _skin(
    air: float, excess: float, vapour: float, wind: float, metabolic: float, body: Body
) -> float:
    """Skin temperature at the reference core temperature."""
    base, slope = equilibrium_skin(air, air + excess, vapour, wind, metabolic, body.clo)
    return base + slope * _REFERENCE_CORE_C


@nb.njit(cache=True)
def _coordinates(
    air: float, excess: float, vapour: float, wind: float, metabolic: float, body: Body
) -> tuple[float, float, float]:
    """Heat load [1], evaporative power [1] and steady water loss [W m-2] at the reference.

    The load is -1 + required / 100 W where no evaporation is required, -1 + required / attainable
    where it can be met, and (required - attainable) / 100 W beyond. Evaporative power is the
    maximal evaporation over the most sweat, less the ratio at which the limit change
    """
    radiant = air + excess
    clothing, resistance, forced, area_factor = clothing_of(wind, body)
    free = 2.38 * abs((excess + 0.1) if body.is_2023 else (34.1 - air)) ** 0.25
    convection = max(forced, free)
    breath = 0.001516 * metabolic * (28.56 + 0.115 * air + 0.641 * vapour - air)
    breath_water = 0.00127 * metabolic * (59.34 + 0.53 * air - 11.63 * vapour)
    skin = _skin(air, excess, vapour, wind, metabolic, body)
    dry, _ = dry_loss(skin, skin, air, radiant, clothing, convection, area_factor)
    maximal = (_saturated(skin) - vapour) / resistance
    required = metabolic - breath - breath_water - dry
    most = most_sweat(metabolic, body)
    attainable = max(evaporation(most, maximal, body.max_wetness), _LEAST_EVAPORATION)
    water = required_sweat(required, maximal, most) + breath_water
    power = maximal / most - _change_of_limit(body)
    if required <= 0.0:
        return -1.0 + required / 100.0, power, water
    if required < attainable:
        return -1.0 + required / attainable, power, water
    return (required - attainable) / 100.0, power, water


@nb.njit(cache=True)
def _saturated(skin: float) -> float:
    return 0.6105 * math.exp(17.27 * skin / (skin + 237.3))


@nb.njit(cache=True)
def _change_of_limit(body: Body) -> float:
    """Evaporation over sweat at which the wettedness that sweat gives equals the largest."""
    wetness = body.max_wetness
    return (2.0 - wetness * wetness) / (2.0 * wetness)


@nb.njit(cache=True)
def _vapour_of_power(
    power: float, air: float, excess: float, wind: float, metabolic: float, body: Body
) -> float:
    """Vapour pressure at which an evaporative power is reached; may be negative off the domain."""
    resistance = clothing_of(wind, body)[1]
    drop = (power + _change_of_limit(body)) * most_sweat(metabolic, body) * resistance
    vapour = 1.0
    for _ in range(5):
        vapour = _saturated(_skin(air, excess, vapour, wind, metabolic, body)) - drop
    return vapour


@nb.njit(cache=True)
def _air_and_vapour(
    load: float, power: float, excess: float, wind: float, metabolic: float, body: Body
) -> tuple[float, float]:
    """Air temperature and vapour pressure of a node, by false position; the load rises with air."""
    low, high = _COLD, _HOT
    miss_low = _load_at(low, power, excess, wind, metabolic, body) - load
    miss_high = _load_at(high, power, excess, wind, metabolic, body) - load
    if miss_low > 0.0 or miss_high < 0.0:
        return math.nan, math.nan
    air, side = low, 0
    for _ in range(60):
        air = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        miss = _load_at(air, power, excess, wind, metabolic, body) - load
        if abs(miss) < 1e-7 or high - low < 1e-7:
            break
        if miss > 0.0:
            high, miss_high = air, miss
            miss_low = miss_low / 2.0 if side > 0 else miss_low
            side = 1
        else:
            low, miss_low = air, miss
            miss_high = miss_high / 2.0 if side < 0 else miss_high
            side = -1
    return air, _vapour_of_power(power, air, excess, wind, metabolic, body)


@nb.njit(cache=True)
def _load_at(
    air: float, power: float, excess: float, wind: float, metabolic: float, body: Body
) -> float:
    vapour = _vapour_of_power(power, air, excess, wind, metabolic, body)
    return _coordinates(air, excess, vapour, wind, metabolic, body)[0]


@nb.njit(cache=True)
def _grams(rate: float, body: Body) -> float:
    """Grams over the walk of a water loss in W m-2."""
    return rate * body.minutes * 2.67 * body.area / 1.8 / 60.0


@nb.njit(cache=True, nogil=True)
def tabulate(
    metabolic: float, winds: Any, powers: Any, excesses: Any, loads: Any, body: Body, out: Any
) -> None:
    for i, wind in enumerate(winds):
        for j, power in enumerate(powers):
            for k, excess in enumerate(excesses):
                for n, load in enumerate(loads):
                    air, vapour = _air_and_vapour(load, power, excess, wind, metabolic, body)
                    if not _DRY < vapour < _MOIST:
                        out[i, j, k, n] = math.nan
                        continue
                    core, water, _ = simulate(air, air + excess, vapour, wind, metabolic, body)
                    steady = _coordinates(air, excess, vapour, wind, metabolic, body)[2]
                    out[i, j, k, n, 0] = min(core, _HOTTEST_C)
                    out[i, j, k, n, 1] = water - _grams(steady, body)


@nb.njit(cache=True)
def _place(value: float, axis: Any) -> tuple[int, float]:
    """Cell of an axis and the share of its upper node."""
    index = min(max(np.searchsorted(axis, value, side="right") - 1, 0), axis.size - 2)
    share = (value - axis[index]) / (axis[index + 1] - axis[index])
    return index, min(max(share, 0.0), 1.0)


@nb.njit(cache=True)
def _inside(air: float, excess: float, vapour: float, wind: float, metabolic: float) -> bool:
    return (
        AIR_C[0] <= air <= AIR_C[1]
        and EXCESS[0] <= excess <= EXCESS[-1]
        and vapour <= VAPOUR_KPA[1]
        and wind <= WIND[-1]
        and METABOLIC[0] <= metabolic <= METABOLIC[-1]
    )


@nb.njit(cache=True)
def _corners(a: Any, b: Any, c: Any, d: Any, e: Any, table: Any) -> tuple[float, float]:
    """Mean of the 32 corners around a point, each axis given as (cell, share of upper node)."""
    core, water = 0.0, 0.0
    for corner in range(16):
        i, j, k, n = corner & 1, (corner >> 1) & 1, (corner >> 2) & 1, (corner >> 3) & 1
        weight = (a[1] if i else 1.0 - a[1]) * (b[1] if j else 1.0 - b[1])
        weight *= (c[1] if k else 1.0 - c[1]) * (d[1] if n else 1.0 - d[1])
        if weight == 0.0:
            continue
        cell = table[a[0] + i, b[0] + j, c[0] + k, d[0] + n]
        core += weight * (cell[e[0], 0] * (1.0 - e[1]) + cell[e[0] + 1, 0] * e[1])
        water += weight * (cell[e[0], 1] * (1.0 - e[1]) + cell[e[0] + 1, 1] * e[1])
    return core, water


@nb.njit(cache=True, nogil=True)
def interpolate(inputs: Any, table: Any, body: Body, out: Any) -> None:
    for index in range(inputs.shape[1]):
        air, radiant, vapour, wind, rate = inputs[:, index]
        excess = radiant - air
        if math.isnan(air + excess + vapour + wind + rate):
            out[0, index], out[1, index] = math.nan, math.nan
            continue
        core, water = math.nan, math.nan
        if _inside(air, excess, vapour, wind, rate):
            load, power, steady = _coordinates(air, excess, vapour, wind, rate, body)
            core, water = _corners(
                _place(rate, METABOLIC), _place(wind, WIND), _place(power, BEND),
                _place(excess, EXCESS), _place(load, LOAD), table,
            )  # fmt: skip
            water += _grams(steady, body)
        if math.isnan(core):
            core, water, _ = simulate(air, air + excess, vapour, wind, rate, body)
        out[0, index], out[1, index] = min(core, CORE_CEILING_C), water
