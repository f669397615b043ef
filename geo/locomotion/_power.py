"""Equations of metabolic rate on plain float64 arrays, and the table of models built from them.

Masses in kg, speed along the ground in m s-1, grade as signed rise over run, power in W.
`geo.locomotion.metabolic` is the public face with units checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np

from geo import parameters
from geo.typing import Floats

LastTerm = Literal["25 - V2", "25 V2"]

_P = parameters.load("locomotion")
_GRADED = _P["lcda_graded"].value
_PACK = _P["lcda_backpacking"].value
_PANDOLF = _P["pandolf"].value
_SANTEE = _P["santee_correction"].value
_ADDITIVE = _P["santee_additive"].value
_MINETTI = _P["minetti_walk"].value
_HERZOG = _P["herzog"].value
_STANDING = float(_P["standing_lcda_graded"].value)
_GRAVITY = float(_P["gravity"].value)
_LIMIT = float(_P["minetti_limit"].value)
SANTEE_FLOOR = float(_P["santee_floor"].value)
"""Grade below which the downhill correction is held (-20 %)."""
RESTING_W_KG = float(_P["resting_rate"].value)
"""Resting metabolic rate that a net cost lacks [W/kg]."""


def grade_term(speed: Floats, grade: Floats) -> Floats:
    percent = 100.0 * grade
    # Beyond +-100 % the exponent is settled to the last digit; the limit keeps it finite.
    inner = _GRADED["m"] ** (np.clip(percent, -100.0, 100.0) + _GRADED["shift"])
    bend = 1.0 - _GRADED["k"] ** np.maximum(1.0 - inner, -700.0)
    return np.asarray(_GRADED["c"] * speed * percent * bend)


def lcda_level(speed: Floats) -> Floats:
    return np.asarray(_GRADED["a"] * speed ** _GRADED["p"] + _GRADED["b"] * speed ** _GRADED["q"])


def lcda_graded(speed: Floats, grade: Floats) -> Floats:
    return np.asarray(_STANDING + lcda_level(speed) + grade_term(speed, grade))


def load_factor(mass: Floats, load: Floats) -> Floats:
    return np.asarray(1.0 + _PACK["load"] * (load / mass) ** _PACK["load_power"])


def lcda_loaded(mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats) -> Floats:
    """LCDA graded with the 2022 load factor and terrain coefficient on its walking terms."""
    walking = eta * lcda_level(speed) + grade_term(speed, grade)
    return np.asarray(mass * (_STANDING + walking * load_factor(mass, load)))


def lcda_backpacking(
    mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats
) -> Floats:
    level = _PACK["a"] * speed ** _PACK["p"] + _PACK["b"] * speed ** _PACK["q"]
    walking = _PACK["constant"] + eta * level + grade_term(speed, grade)
    return np.asarray(mass * (_PACK["rest"] + walking * load_factor(mass, load)))


def lcda_backpacking_all(
    mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats
) -> Floats:
    level = _PACK["a"] * speed ** _PACK["p"] + _PACK["b"] * speed ** _PACK["q"]
    walking = _PACK["constant"] + eta * (level + grade_term(speed, grade))
    return np.asarray(mass * (_PACK["rest"] + walking * load_factor(mass, load)))


def pandolf(mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats) -> Floats:
    total = mass + load
    standing = _PANDOLF["standing"] * mass + _PANDOLF["load"] * total * (load / mass) ** 2
    walking = _PANDOLF["speed"] * speed**2 + _PANDOLF["grade"] * speed * 100.0 * grade
    return np.asarray(standing + eta * total * walking)


def pandolf_santee(
    mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats, last_term: LastTerm
) -> Floats:
    total, percent = mass + load, 100.0 * grade
    constant = _SANTEE["constant"]
    last = constant - speed**2 if last_term == "25 - V2" else constant * speed**2
    correction = eta * (
        percent * total * speed / _SANTEE["divisor"]
        - total * (percent + _SANTEE["shift"]) ** 2 / mass
        + last
    )
    return np.asarray(pandolf(mass, load, speed, grade, eta) - np.where(grade < 0, correction, 0.0))


def santee_additive(mass: Floats, speed: Floats, grade: Floats) -> Floats:
    angle = np.arctan(grade)
    a = _ADDITIVE
    level = (a["mass"] * mass + a["constant"]) * (a["speed"] * speed * np.cos(angle) + a["offset"])
    vertical = mass * _GRAVITY * speed * np.sin(angle)
    damped = a["down"] * a["decay"] ** (np.abs(np.degrees(angle)) / a["angle"])
    return np.asarray(level + vertical * np.where(grade >= 0, a["up"], damped))


def minetti_raw(grade: Floats) -> Floats:
    return np.asarray(np.polyval(_MINETTI, grade))


def minetti(grade: Floats) -> Floats:
    return minetti_raw(np.clip(grade, -_LIMIT, _LIMIT))


def herzog(grade: Floats) -> Floats:
    return np.asarray(np.polyval(_HERZOG, np.clip(grade, -_LIMIT, _LIMIT)))


def _additive_loaded(
    mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats
) -> Floats:
    total = mass + load
    standing = santee_additive(total, 0.0 * speed, 0.0 * grade)
    return np.asarray(standing + eta * (santee_additive(total, speed, grade) - standing))


def _beyond(grade: Floats) -> Floats:
    """Height gained per metre relative to the steepest gradient measured; 1 within it."""
    steep = np.maximum(np.abs(grade), _LIMIT)
    return np.asarray(np.sin(np.arctan(steep)) / np.sin(np.arctan(_LIMIT)))


def _net_power(
    mass: Floats,
    load: Floats,
    speed: Floats,
    grade: Floats,
    eta: Floats,
    curve: Callable[[Floats], Floats],
) -> Floats:
    net = (mass + load) * speed * curve(grade) * _beyond(grade)
    return np.asarray(RESTING_W_KG * mass + eta * net)


def _santee_default(
    mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats
) -> Floats:
    held = np.maximum(grade, SANTEE_FLOOR)
    return pandolf_santee(mass, load, speed, held, eta, "25 - V2")


_minetti_power = partial(_net_power, curve=minetti)
_herzog_power = partial(_net_power, curve=herzog)


@dataclass(frozen=True)
class MetabolicModel:
    """A named equation of metabolic rate.

    Attributes
    ----------
    name
        Key in `METABOLIC_MODELS`.
    power
        (mass, load, speed, grade, terrain coefficient) to W, on plain arrays.
    grade_range
        Grades it was measured on.
    role
        "default", "sensitivity" or "replication".
    """

    name: str
    power: Callable[[Floats, Floats, Floats, Floats, Floats], Floats]
    grade_range: tuple[float, float]
    role: Literal["default", "sensitivity", "replication"]


_RANGES = {name: tuple(ends) for name, ends in _P["power_grades"].value.items()}
METABOLIC_MODELS: Mapping[str, MetabolicModel] = MappingProxyType(
    {
        m.name: m
        for m in (
            MetabolicModel("lcda_graded", lcda_loaded, _RANGES["lcda_graded"], "default"),
            MetabolicModel(
                "lcda_backpacking", lcda_backpacking, _RANGES["lcda_backpacking"], "sensitivity"
            ),
            MetabolicModel(
                "santee_additive", _additive_loaded, _RANGES["santee_additive"], "sensitivity"
            ),
            MetabolicModel("minetti", _minetti_power, _RANGES["minetti"], "sensitivity"),
            MetabolicModel("herzog", _herzog_power, _RANGES["herzog"], "sensitivity"),
            MetabolicModel(
                "pandolf_santee", _santee_default, _RANGES["pandolf_santee"], "replication"
            ),
        )
    }
)
"""Equations that slope tables can be built from.

`lcda_graded` with a load is the 2019 equation with the load factor and terrain coefficient of 2022
on its walking terms, so that it is the published equation without load and continuous in load.
"""
