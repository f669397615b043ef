"""Walking speed on a slope.

Every function takes the signed grade (rise over run, uphill positive) and returns metres per second
along the ground. Constants and sources: `data/parameters/locomotion.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from geo import parameters
from geo import quantities as q
from geo.errors import UnitsError
from geo.parameters import load
from geo.typing import Floats

_P = parameters.load("locomotion")
_TOBLER = _P["tobler"].value
_ON_PATH = _P["irmischer_clarke_on_path"].value
_OFF_PATH = _P["irmischer_clarke_off_path"].value
_CAMPBELL = _P["campbell"].value
_SULLIVAN = _P["sullivan"].value
_LEVAN = _P["levan"].value
_LANGMUIR = _P["langmuir"].value
_KM_H = 1.0 / 3.6
"""Definition: metres per second of a kilometre an hour."""
_MEASURED_DEG = float(load("locomotion")["campbell_measured_deg"].value)
"""Campbell et al. measured to this angle; speeds are held beyond it."""


def tobler(grade: Any) -> Any:
    r"""Speed on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Tobler 1993:

    $$v = 6\,e^{-3.5\,|s + 0.05|}\ \text{km/h}$$

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> (speed.tobler([-0.05, 0.0, 0.3]) * 3.6).round(2)
    array([6.  , 5.04, 1.76])
    """
    return q.apply(_tobler, q.GRADE.check(grade), unit="m s-1", name="speed")


def tobler_off_path(grade: Any) -> Any:
    """Tobler's speed off path: 0.6 times that on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Tobler 1993.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> round(float(speed.tobler_off_path(-0.05)) * 3.6, 2)
    3.6
    """
    return q.apply(_tobler_off_path, q.GRADE.check(grade), unit="m s-1", name="speed")


def irmischer_clarke_on_path(grade: Any) -> Any:
    """Speed on a path.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Irmischer & Clarke 2018.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.irmischer_clarke_on_path([0.0, 0.3]).round(2)
    array([1.1 , 0.62])
    """
    return q.apply(_irmischer_on, q.GRADE.check(grade), unit="m s-1", name="speed")


def irmischer_clarke_off_path(grade: Any) -> Any:
    """Speed off path, as measured in wooded navigation.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Irmischer & Clarke 2018.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.irmischer_clarke_off_path([0.0, 0.3]).round(2)
    array([0.78, 0.49])
    """
    return q.apply(_irmischer_off, q.GRADE.check(grade), unit="m s-1", name="speed")


def campbell(grade: Any, percentile: int = 25) -> Any:
    """Speed of a percentile of 30,000 people on foot, in m s-1.

    Parameters
    ----------
    grade
        Signed rise over run; held beyond +-30 degrees.
    percentile
        1, 5, 10, ... 95, 99. The median jogs; walkers are at or below 25.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the percentile is not tabulated.

    Notes
    -----
    Campbell et al. 2019, Applied Geography 106:93-107, Lorentz form.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.campbell([-0.2, 0.0, 0.2]).round(2)
    array([1.28, 1.9 , 0.99])
    """
    return _lorentz_public(grade, _CAMPBELL, percentile)


def sullivan(grade: Any, percentile: int = 50) -> Any:
    """Speed of wildland fire crews with packs.

    Parameters
    ----------
    grade
        Signed rise over run [1]; held beyond +-30 degrees.
    percentile
        17, 50 or 83.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the percentile is not tabulated.

    Notes
    -----
    Sullivan et al. 2020, in the Lorentz form of Campbell et al. 2019.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.sullivan([0.0, 0.2]).round(2)
    array([1.38, 1.03])
    """
    return _lorentz_public(grade, _SULLIVAN, percentile)


def levan_off_trail(grade: Any) -> Any:
    """Speed off trail in juniper and sagebrush.

    Parameters
    ----------
    grade
        Signed rise over run [1]; held beyond +-30 degrees, where it would soon turn negative.

    Returns
    -------
    float, ndarray or DataArray
        m s-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Quadratic in the slope angle; Campbell, Dennison et al., as registered in `data/parameters`.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.levan_off_trail([0.0, 0.2]).round(2)
    array([1.66, 1.46])
    """
    return q.apply(_levan, q.GRADE.check(grade), unit="m s-1", name="speed")


def langmuir_pace(grade: Any) -> Any:
    """Seconds per metre of horizontal distance.

    Jumps at -5 and -12 degrees, so it is here for comparison and in no table of costs.

    Parameters
    ----------
    grade
        Signed rise over run [1], any shape.

    Returns
    -------
    float, ndarray or DataArray
        s m-1.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Naismith-Langmuir, as in GRASS r.walk.

    Examples
    --------
    >>> from geo.locomotion import speed
    >>> speed.langmuir_pace([-0.15, 0.0, 0.2]).round(2)
    array([0.42, 0.72, 1.92])
    """
    return q.apply(_langmuir, q.GRADE.check(grade), unit="s m-1", name="pace")


def _lorentz_public(grade: Any, table: Mapping[str, list[float]], percentile: int) -> Any:
    try:
        coefficients = table[str(int(percentile))]
    except KeyError as error:
        raise UnitsError(
            f"percentile {percentile} is not tabulated; use one of {', '.join(table)}"
        ) from error
    checked = q.GRADE.check(grade)
    return q.apply(lambda s: _lorentz(s, tuple(coefficients)), checked, unit="m s-1", name="speed")


def _tobler(grade: Floats) -> Floats:
    top = _TOBLER["top"] * _KM_H
    return np.asarray(top * np.exp(-_TOBLER["decay"] * np.abs(grade + _TOBLER["shift"])))


def _tobler_off_path(grade: Floats) -> Floats:
    return np.asarray(_TOBLER["off_path"] * _tobler(grade))


def _gaussian(grade: Floats, c: Mapping[str, float]) -> Floats:
    offset = 100.0 * grade + c["shift"]
    return np.asarray(c["floor"] + c["height"] * np.exp(-(offset**2) / (2.0 * c["width"] ** 2)))


def _irmischer_on(grade: Floats) -> Floats:
    return _gaussian(grade, _ON_PATH)


def _irmischer_off(grade: Floats) -> Floats:
    return _gaussian(grade, _OFF_PATH)


def _angle(grade: Floats) -> Floats:
    return np.asarray(np.clip(np.degrees(np.arctan(grade)), -_MEASURED_DEG, _MEASURED_DEG))


def _lorentz(grade: Floats, coefficients: tuple[float, ...]) -> Floats:
    a, b, c, d, e = coefficients
    theta = _angle(grade)
    return np.asarray(c / (np.pi * b * (1.0 + ((theta - a) / b) ** 2)) + d + e * theta)


def _campbell_walkers(grade: Floats) -> Floats:
    return _lorentz(grade, tuple(_CAMPBELL["25"]))


def _sullivan_median(grade: Floats) -> Floats:
    return _lorentz(grade, tuple(_SULLIVAN["50"]))


def _levan(grade: Floats) -> Floats:
    constant, linear, square = _LEVAN
    theta = _angle(grade)
    return np.asarray(constant + linear * theta + square * theta**2)


def _langmuir(grade: Floats) -> Floats:
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
                _irmischer_off,
                "off path",
                _SLOPES["irmischer_clarke"],
                "default",
            ),
            SpeedModel(
                "tobler_off_path", _tobler_off_path, "off path", _SLOPES["tobler"], "sensitivity"
            ),
            SpeedModel("sullivan", _sullivan_median, "off path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel("campbell", _campbell_walkers, "path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel("levan_off_trail", _levan, "off path", (-_STEEP, _STEEP), "sensitivity"),
            SpeedModel(
                "irmischer_clarke_on_path",
                _irmischer_on,
                "path",
                _SLOPES["irmischer_clarke"],
                "sensitivity",
            ),
            SpeedModel("tobler", _tobler, "path", _SLOPES["tobler"], "replication"),
        )
    }
)
"""Speed functions that slope tables can be built from."""
