"""Equations of walking speed on plain float64 arrays, and the table of models built from them.

Grade as signed rise over run, speed along the ground in m s-1. `geo.locomotion.speed` is the
public face with units checked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from geo import parameters
from geo.parameters import load
from geo.typing import Floats

_P = parameters.load("locomotion")
_TOBLER = _P["tobler"].value
_ON_PATH = _P["irmischer_clarke_on_path"].value
_OFF_PATH = _P["irmischer_clarke_off_path"].value
CAMPBELL = _P["campbell"].value
SULLIVAN = _P["sullivan"].value
_LEVAN = _P["levan"].value
_LANGMUIR = _P["langmuir"].value
_KM_H = 1.0 / 3.6
"""Definition: metres per second of a kilometre an hour."""
_MEASURED_DEG = float(load("locomotion")["campbell_measured_deg"].value)
"""Campbell et al. measured to this angle; speeds are held beyond it."""


def tobler(grade: Floats) -> Floats:
    top = _TOBLER["top"] * _KM_H
    return np.asarray(top * np.exp(-_TOBLER["decay"] * np.abs(grade + _TOBLER["shift"])))


def tobler_off_path(grade: Floats) -> Floats:
    return np.asarray(_TOBLER["off_path"] * tobler(grade))


def _gaussian(grade: Floats, c: Mapping[str, float]) -> Floats:
    offset = 100.0 * grade + c["shift"]
    return np.asarray(c["floor"] + c["height"] * np.exp(-(offset**2) / (2.0 * c["width"] ** 2)))


def irmischer_on(grade: Floats) -> Floats:
    return _gaussian(grade, _ON_PATH)


def irmischer_off(grade: Floats) -> Floats:
    return _gaussian(grade, _OFF_PATH)


def _angle(grade: Floats) -> Floats:
    return np.asarray(np.clip(np.degrees(np.arctan(grade)), -_MEASURED_DEG, _MEASURED_DEG))


def lorentz(grade: Floats, coefficients: tuple[float, ...]) -> Floats:
    a, b, c, d, e = coefficients
    theta = _angle(grade)
    return np.asarray(c / (np.pi * b * (1.0 + ((theta - a) / b) ** 2)) + d + e * theta)


def _campbell_walkers(grade: Floats) -> Floats:
    return lorentz(grade, tuple(CAMPBELL["25"]))


def _sullivan_median(grade: Floats) -> Floats:
    return lorentz(grade, tuple(SULLIVAN["50"]))


def levan(grade: Floats) -> Floats:
    constant, linear, square = _LEVAN
    theta = _angle(grade)
    return np.asarray(constant + linear * theta + square * theta**2)


def langmuir(grade: Floats) -> Floats:
    c = _LANGMUIR
    angle = np.degrees(np.arctan(grade))
    up = c["b"] * np.maximum(grade, 0.0)
    moderate = np.where((angle <= -c["moderate_deg"]) & (angle > -c["steep_deg"]), c["c"], 0.0)
    steep = np.where(angle <= -c["steep_deg"], c["d"], 0.0)
    return np.asarray(c["a"] + up + (moderate + steep) * np.minimum(grade, 0.0))


@dataclass(frozen=True)
class SpeedModel:
    """A named speed function and what it was measured on.

    Attributes
    ----------
    name
        Key in `SPEED_MODELS`.
    function
        Grade to m s-1 on plain arrays.
    surface
        "path" or "off path": what a time coefficient is relative to.
    slope_range
        Grades it was measured on, or is plausible on.
    role
        "default", "sensitivity" or "replication".
    """

    name: str
    function: Callable[[Floats], Floats]
    surface: Literal["path", "off path"]
    slope_range: tuple[float, float]
    role: Literal["default", "sensitivity", "replication"]


_STEEP = float(np.tan(np.radians(_MEASURED_DEG)))
_SLOPES = {name: tuple(ends) for name, ends in _P["speed_slopes"].value.items()}
SPEED_MODELS: Mapping[str, SpeedModel] = MappingProxyType(
    {
        m.name: m
        for m in (
            SpeedModel(
                "irmischer_clarke_off_path",
                irmischer_off,
                "off path",
                _SLOPES["irmischer_clarke"],
                "default",
            ),
            SpeedModel(
                "tobler_off_path", tobler_off_path, "off path", _SLOPES["tobler"], "sensitivity"
            ),
            SpeedModel("sullivan", _sullivan_median, "off path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel("campbell", _campbell_walkers, "path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel("levan_off_trail", levan, "off path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel(
                "irmischer_clarke_on_path",
                irmischer_on,
                "path",
                _SLOPES["irmischer_clarke"],
                "sensitivity",
            ),
            SpeedModel("tobler", tobler, "path", _SLOPES["tobler"], "replication"),
        )
    }
)
"""Speed functions that slope tables can be built from."""
