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
from geo.locomotion._power import Array, LastTerm
from geo.locomotion.terrain import energy_values

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
    """
    arguments = _body(mass_kg, load_kg, speed_m_s, grade, terrain_coefficient)
    kernel = k.lcda_backpacking_all if coefficient_on_grade else k.lcda_backpacking
    return q.apply(kernel, *arguments, unit="W", name="power")


def pandolf(
    mass_kg: Any, load_kg: Any, speed_m_s: Any, grade: Any, terrain_coefficient: Any = 1.0
) -> Any:
    """Metabolic rate with a load on level ground or uphill (W).

    Pandolf, Givoni & Goldman 1977, J Appl Physiol 43:577-581. Arguments as `lcda_backpacking`.

    Raises
    ------
    UnitsError
        If an argument is in another unit, the coefficient is one of time, or a grade is negative
        (the equation is for level and uphill walking).
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

    Raises
    ------
    UnitsError
        If an argument is in another unit, or the coefficient is one of time.

    Notes
    -----
    Pandolf et al. 1977; Santee et al. 2001, 2003; Yokota et al. 2004. The grade is signed in both
    the Pandolf term and the correction.
    """
    if last_term not in LAST_TERMS:
        raise UnitsError(f"last_term {last_term!r} is unknown; use one of {LAST_TERMS}")
    arguments = _body(mass_kg, load_kg, speed_m_s, grade, terrain_coefficient)
    lowest = -np.inf if floor is None else float(floor)

    def kernel(mass: Array, load: Array, speed: Array, grade: Array, eta: Array) -> Array:
        return k.pandolf_santee(mass, load, speed, np.maximum(grade, lowest), eta, last_term)

    return q.apply(kernel, *arguments, unit="W", name="power")


def santee_additive(mass_kg: Any, speed_m_s: Any, grade: Any) -> Any:
    """Metabolic rate as level walking plus vertical work (W).

    Parameters
    ----------
    mass_kg
        Total mass carried by the legs [kg]: body and load.
    speed_m_s, grade
        Speed along the ground [m s-1], signed rise over run; measured to +-0.12.

    Notes
    -----
    Santee, Allison, Blanchard & Small 2001, Aviat Space Environ Med 72:562-566.
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
    """Net cost of walking one metre along the ground (J kg-1 m-1), each gradient at its best speed.

    Minetti et al. 2002, J Appl Physiol 93:1039-1046. Net of rest. `clamp` holds the value beyond
    +-0.45, where the polynomial was not measured and turns negative.
    """
    return q.apply(k.minetti if clamp else k.minetti_raw, q.GRADE.check(grade), unit="J kg-1 m-1")


def herzog(grade: Any) -> Any:
    """Net cost of walking one metre along the ground (J kg-1 m-1), sixth-degree fit.

    Herzog 2013 (Internet Archaeology 36.5) to the measurements of Minetti et al. 2002; held beyond
    +-0.45.
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
