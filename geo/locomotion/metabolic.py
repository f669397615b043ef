"""Metabolic rate of walking with a load on a slope.

Every equation takes the signed grade (rise over run, uphill positive) and speed along the ground.
Public functions check units and take numbers, arrays or DataArrays; the private kernels below them
work on plain float64 arrays. Constants and their sources: `data/parameters/locomotion.yaml`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geo import quantities as q
from geo.errors import UnitsError
from geo.locomotion import _power as k
from geo.locomotion._power import LastTerm
from geo.locomotion.terrain import energy_values
from geo.typing import Floats

LAST_TERMS: tuple[LastTerm, ...] = ("25 - V2", "25 V2")


def lcda_graded(speed_m_s: Any, grade: Any) -> Any:
    """Metabolic rate without load, Load Carriage Decision Aid, graded walking.

    Parameters
    ----------
    speed_m_s
        Speed along the ground [m s-1], fitted to 1.96.
    grade
        Signed rise over run, fitted to -0.40..+0.45.

    Returns
    -------
    float, ndarray or DataArray
        W per kg of body mass, standing included.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Looney et al. 2019, Med Sci Sports Exerc 51(9):1954-1960; SEE 0.42 W/kg on grades.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> round(float(metabolic.lcda_graded(1.3, 0.1)), 2)
    8.4
    """
    return q.apply(
        k.lcda_graded, q.SPEED.check(speed_m_s), q.GRADE.check(grade), unit="W kg-1", name="power"
    )


def lcda_backpacking(
    mass_kg: Any,
    load_kg: Any,
    speed_m_s: Any,
    grade: Any,
    terrain_coefficient: Any = 1.0,
    *,
    coefficient_on_grade: bool = False,
) -> Any:
    """Metabolic rate with a backpack, Load Carriage Decision Aid 2022.

    Parameters
    ----------
    mass_kg, load_kg
        Body mass and load [kg]; loads to 66 % of body mass.
    speed_m_s, grade
        Speed along the ground [m s-1], signed rise over run.
    terrain_coefficient
        Energy coefficient [1]: a number, an array or an `EnergyCoefficient`.
    coefficient_on_grade
        Whether the coefficient also multiplies the grade term; two implementations disagree.

    Returns
    -------
    float, ndarray or DataArray
        W, rest included.

    Raises
    ------
    UnitsError
        If an argument is in another unit, or the coefficient is one of time.

    Notes
    -----
    Looney et al. 2022, Med Sci Sports Exerc (PMC8919998), eq. 4.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> round(float(metabolic.lcda_backpacking(73.0, 10.6, 1.0, 0.1)))
    526
    """
    arguments = _body(mass_kg, load_kg, speed_m_s, grade, terrain_coefficient)
    kernel = k.lcda_backpacking_all if coefficient_on_grade else k.lcda_backpacking
    return q.apply(kernel, *arguments, unit="W", name="power")


def pandolf(
    mass_kg: Any, load_kg: Any, speed_m_s: Any, grade: Any, terrain_coefficient: Any = 1.0
) -> Any:
    r"""Metabolic rate with a load on level ground or uphill.

    Parameters
    ----------
    mass_kg, load_kg
        Body mass and load [kg].
    speed_m_s, grade
        Speed along the ground [m s-1], rise over run, at least 0.
    terrain_coefficient
        Energy coefficient [1]: a number, an array or an `EnergyCoefficient`.

    Returns
    -------
    float, ndarray or DataArray
        W, standing included.

    Raises
    ------
    UnitsError
        If an argument is in another unit, the coefficient is one of time, or a grade is negative
        (the equation is for level and uphill walking).

    Notes
    -----
    Pandolf, Givoni & Goldman 1977, J Appl Physiol 43:577-581:

    $$M = 1.5\,W + 2.0\,(W + L)(L/W)^2 + \eta\,(W + L)(1.5\,V^2 + 0.35\,V G)$$

    with body mass W and load L [kg], speed V [m/s], grade G [%] and terrain coefficient eta.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> round(float(metabolic.pandolf(70.0, 10.0, 1.3, 0.05)))
    493
    """
    arguments = _body(mass_kg, load_kg, speed_m_s, grade, terrain_coefficient)
    if not q.is_lazy(arguments[3]) and np.any(np.asarray(arguments[3]) < 0):
        raise UnitsError("pandolf takes grades from 0 upward; use pandolf_santee downhill")
    return q.apply(k.pandolf, *arguments, unit="W", name="power")


def pandolf_santee(
    mass_kg: Any,
    load_kg: Any,
    speed_m_s: Any,
    grade: Any,
    terrain_coefficient: Any = 1.0,
    *,
    last_term: LastTerm = "25 - V2",
    floor: float | None = k.SANTEE_FLOOR,
) -> Any:
    """Metabolic rate with a load up and downhill: Pandolf with Santee's correction (W).

    Parameters
    ----------
    mass_kg, load_kg, speed_m_s, grade, terrain_coefficient
        As `lcda_backpacking`.
    last_term
        The disputed last term of the correction: "25 - V2" (three code bases) or "25 V2" (one).
    floor
        Grade below which the value is held, as the correction grows without bound beyond its
        fitted -12 %; None to extrapolate.

    Returns
    -------
    float, ndarray or DataArray
        W, standing included.

    Raises
    ------
    UnitsError
        If an argument is in another unit, or the coefficient is one of time.

    Notes
    -----
    Pandolf et al. 1977; Santee et al. 2001, 2003; Yokota et al. 2004. The grade is signed in both
    the Pandolf term and the correction.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> round(float(metabolic.pandolf_santee(70.0, 10.0, 1.3, -0.05)))
    255
    """
    if last_term not in LAST_TERMS:
        raise UnitsError(f"last_term {last_term!r} is unknown; use one of {LAST_TERMS}")
    arguments = _body(mass_kg, load_kg, speed_m_s, grade, terrain_coefficient)
    lowest = -np.inf if floor is None else float(floor)

    def kernel(mass: Floats, load: Floats, speed: Floats, grade: Floats, eta: Floats) -> Floats:
        return k.pandolf_santee(mass, load, speed, np.maximum(grade, lowest), eta, last_term)

    return q.apply(kernel, *arguments, unit="W", name="power")


def santee_additive(mass_kg: Any, speed_m_s: Any, grade: Any) -> Any:
    """Metabolic rate as level walking plus vertical work.

    Parameters
    ----------
    mass_kg
        Total mass carried by the legs [kg]: body and load.
    speed_m_s, grade
        Speed along the ground [m s-1], signed rise over run; measured to +-0.12.

    Returns
    -------
    float, ndarray or DataArray
        W.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    Santee, Allison, Blanchard & Small 2001, Aviat Space Environ Med 72:562-566.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> round(float(metabolic.santee_additive(80.0, 1.3, 0.05)))
    503
    """
    return q.apply(
        k.santee_additive,
        q.MASS.check(mass_kg),
        q.SPEED.check(speed_m_s),
        q.GRADE.check(grade),
        unit="W",
        name="power",
    )


def minetti(grade: Any, *, clamp: bool = True) -> Any:
    r"""Net cost of walking one metre along the ground, each gradient at its best speed.

    Parameters
    ----------
    grade
        Signed rise over run, measured to +-0.45.
    clamp
        Whether the value is held beyond +-0.45, where the polynomial was not measured and turns
        negative.

    Returns
    -------
    float, ndarray or DataArray
        J kg-1 m-1, net of rest.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Minetti et al. 2002, J Appl Physiol 93:1039-1046:

    $$C = 280.5\,i^5 - 58.7\,i^4 - 76.8\,i^3 + 51.9\,i^2 + 19.6\,i + 2.5$$

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> metabolic.minetti([-0.1, 0.0, 0.1]).round(2)
    array([1.13, 2.5 , 4.9 ])
    """
    return q.apply(k.minetti if clamp else k.minetti_raw, q.GRADE.check(grade), unit="J kg-1 m-1")


def herzog(grade: Any) -> Any:
    """Net cost of walking one metre along the ground, sixth-degree fit.

    Parameters
    ----------
    grade
        Signed rise over run; held beyond +-0.45.

    Returns
    -------
    float, ndarray or DataArray
        J kg-1 m-1, net of rest.

    Raises
    ------
    UnitsError
        If the grade is in another unit.

    Notes
    -----
    Herzog 2013 (Internet Archaeology 36.5) to the measurements of Minetti et al. 2002.

    Examples
    --------
    >>> from geo.locomotion import metabolic
    >>> metabolic.herzog([-0.1, 0.0, 0.1]).round(2)
    array([0.62, 1.64, 4.43])
    """
    return q.apply(k.herzog, q.GRADE.check(grade), unit="J kg-1 m-1")


def _body(mass: Any, load: Any, speed: Any, grade: Any, coefficient: Any) -> tuple[Any, ...]:
    return (
        q.MASS.check(mass),
        q.LOAD.check(load),
        q.SPEED.check(speed),
        q.GRADE.check(grade),
        energy_values(coefficient),
    )
