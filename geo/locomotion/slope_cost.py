"""Slope tables: what one metre costs a walker, as a function of the signed slope.

A `SlopeCost` is called with slopes (rise over run in the direction of travel) and returns cost per
metre. Speed follows the slope unless it is given as a number, so the critical slope lies where
people turn to switchbacks (0.25-0.3) and not at the 0.45 that constant speed implies.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from geo import quantities as q
from geo.climate.weather import Weather
from geo.errors import StudyError
from geo.locomotion._power import METABOLIC_MODELS, MetabolicModel
from geo.locomotion._speed import SPEED_MODELS, SpeedModel
from geo.locomotion.strain import StrainOptions, predicted_heat_strain
from geo.locomotion.walkers import Walker
from geo.typing import Floats

Kind = Literal["energy", "time", "water"]
Metre = Literal["horizontal", "surface"]
DEFAULT_METABOLIC = "lcda_graded"
DEFAULT_SPEED = "irmischer_clarke_off_path"
_UNITS = {"energy": "J m-1", "time": "s m-1", "water": "g m-1"}
_STEEPEST = 2.0
"""Numerical: grade at which tables of slope end; steeper ground costs as much."""


@dataclass(frozen=True)
class SlopeCost:
    """Cost per metre as a function of the signed slope.

    Attributes
    ----------
    name
        Model, speed and walker, for tables and logs.
    kind, unit
        "energy" [J m-1], "time" [s m-1] or "water" [g m-1].
    metre
        "horizontal": multiply by map distance, the surface length is inside the function;
        "surface": multiply by the length along the ground.
    slope_range
        Slopes the equations were measured on; beyond it values are extrapolated.
    function
        Plain arrays to plain arrays; picklable.
    """

    name: str
    kind: Kind
    metre: Metre
    slope_range: tuple[float, float]
    function: Callable[[Floats], Floats]

    @property
    def unit(self) -> str:
        """Unit of the cost."""
        return _UNITS[self.kind]

    def __call__(self, slope: Any) -> Any:
        """Return cost per metre at slopes (rise over run, uphill positive)."""
        cost = self.function(np.asarray(slope, np.float64))
        return float(cost) if np.ndim(cost) == 0 else cost

    @property
    def critical_slope(self) -> float:
        """Slope at which a metre climbed is cheapest; steeper ground is taken in switchbacks.

        Infinite where the cost per metre climbed falls all the way to a slope of 2.
        """
        return _critical(self, 1.0)

    @property
    def critical_descent(self) -> float:
        """Slope (negative) at which a metre descended is cheapest; minus infinity if none."""
        return -_critical(self, -1.0)


def _critical(cost: SlopeCost, sign: float) -> float:
    """First local minimum of cost per metre of height, so that extrapolation has no say."""
    slopes = np.geomspace(0.01, _STEEPEST, 20_001)
    values = np.asarray(cost(sign * slopes))
    length = np.hypot(1.0, slopes) if cost.metre == "surface" else 1.0
    rising = np.flatnonzero(np.diff(values * length / slopes) > 0)
    return float(slopes[rising[0]]) if rising.size else math.inf


def energy_per_metre(
    walker: Walker,
    *,
    metabolic: str = DEFAULT_METABOLIC,
    speed: str | float = DEFAULT_SPEED,
    metre: Metre = "horizontal",
) -> SlopeCost:
    """Energy per metre walked, resting metabolism included.

    Parameters
    ----------
    walker
        Body and load.
    metabolic
        Key of `METABOLIC_MODELS`.
    speed
        Key of `SPEED_MODELS`, or a constant speed in m s-1 to replicate constant-speed studies.
    metre
        Which metre the cost is per.

    Returns
    -------
    SlopeCost
        Table from signed slope (rise over run) to J per metre; NaN outside `slope_range`.

    Raises
    ------
    StudyError
        If a model is unknown or the speed is not positive.

    Notes
    -----
    Power over speed: the metabolic equation at the speed that the speed equation gives for the
    slope. Default: LCDA with a backpack (Looney et al. 2022, eq. 4) on the registered speed model.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> cost = locomotion.energy_per_metre(examples.walker())
    >>> cost([-0.2, 0.0, 0.2]).round()
    array([304., 315., 907.])
    """
    model = metabolic_model(metabolic)
    pace, speed_name, speeds = speed_model(speed)
    return SlopeCost(
        name=f"{metabolic} x {speed_name}, {walker.name}",
        kind="energy",
        metre=metre,
        slope_range=_overlap(model.grade_range, speeds),
        function=partial(_energy, model=model, speed=pace, walker=walker, metre=metre),
    )


def time_per_metre(*, speed: str | float = DEFAULT_SPEED, metre: Metre = "horizontal") -> SlopeCost:
    """Seconds per metre walked.

    Parameters
    ----------
    speed
        Key of `SPEED_MODELS`, or a constant speed in m s-1.
    metre
        Which metre the cost is per.

    Returns
    -------
    SlopeCost
        Table from signed slope (rise over run) to s per metre.

    Raises
    ------
    StudyError
        If the model is unknown or the speed is not positive.

    Notes
    -----
    The inverse of the speed equation, whose source is its own (`geo.locomotion.speed`).

    Examples
    --------
    >>> from geo.locomotion import time_per_metre
    >>> time_per_metre(speed="tobler")([-0.05, 0.3]).round(2)
    array([0.6 , 2.13])
    """
    pace, speed_name, speeds = speed_model(speed)
    return SlopeCost(
        name=speed_name,
        kind="time",
        metre=metre,
        slope_range=speeds,
        function=partial(_time, speed=pace, metre=metre),
    )


def water_per_metre(
    walker: Walker,
    weather: Weather,
    *,
    metabolic: str = DEFAULT_METABOLIC,
    speed: str | float = DEFAULT_SPEED,
    metre: Metre = "horizontal",
    options: StrainOptions | None = None,
) -> SlopeCost:
    """Water lost per metre walked in one weather, by predicted heat strain (ISO 7933).

    Parameters
    ----------
    walker
        Body, load and acclimatisation.
    weather
        Four numbers.
    metabolic, speed, metre
        As `energy_per_metre`.
    options
        Edition, duration and clothing; the rate is the mean over that duration.

    Returns
    -------
    SlopeCost
        Table from signed slope (rise over run) to g per metre.

    Raises
    ------
    StudyError
        If a model is unknown or the weather is not four numbers.
    UnitsError
        If a number is in another unit.

    Notes
    -----
    ISO 7933:2023, Annex E, at the metabolic rate of `energy_per_metre`.

    Examples
    --------
    >>> from geo import climate, examples, locomotion
    >>> weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [800.0])
    >>> noon = type(weather)(*(float(v[0]) for v in weather.checked()))
    >>> locomotion.water_per_metre(examples.walker(), noon)([0.0, 0.3]).round(2)
    array([0.24, 0.74])
    """
    if any(np.ndim(v) for v in weather.checked()):
        raise StudyError("water_per_metre takes one weather, not rasters; give four numbers")
    chosen = options or StrainOptions()
    model = metabolic_model(metabolic)
    pace, speed_name, speeds = speed_model(speed)
    powers = np.geomspace(20.0, 2000.0, 257)
    strain = predicted_heat_strain(walker, weather, powers, chosen)
    rates = np.asarray(strain.water_g) / (60.0 * chosen.minutes)
    return SlopeCost(
        name=f"water, {metabolic} x {speed_name}, {walker.name}",
        kind="water",
        metre=metre,
        slope_range=_overlap(model.grade_range, speeds),
        function=partial(
            _water, model=model, speed=pace, walker=walker, metre=metre, powers=powers, rates=rates
        ),
    )


def metabolic_model(name: str) -> MetabolicModel:
    """Return a metabolic equation by its name; StudyError if there is none."""
    if name not in METABOLIC_MODELS:
        raise StudyError(
            f"metabolic model {name!r} is unknown; use one of {', '.join(METABOLIC_MODELS)}"
        )
    return METABOLIC_MODELS[name]


def speed_model(speed: str | float) -> tuple[Callable[[Floats], Floats], str, tuple[float, float]]:
    """Return a speed [m s-1] as a function of slope, its name and the slopes it was measured on.

    StudyError if the equation is unknown or the number no speed.
    """
    if isinstance(speed, str):
        if speed not in SPEED_MODELS:
            known = ", ".join(SPEED_MODELS)
            raise StudyError(f"speed model {speed!r} is unknown; use one of {known}")
        model: SpeedModel = SPEED_MODELS[speed]
        return model.function, model.name, model.slope_range
    if not float(q.SPEED.check(speed)) > 0:
        raise StudyError(f"a constant speed of {speed} m/s is none; give a positive one")
    constant = partial(_constant, speed=float(speed))
    return constant, f"constant {speed:g} m/s", (-math.inf, math.inf)


def _constant(slope: Floats, speed: float) -> Floats:
    return np.full(np.shape(slope), speed)


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return max(a[0], b[0]), min(a[1], b[1])


def _length(slope: Floats, metre: Metre) -> Floats | float:
    return np.hypot(1.0, slope) if metre == "horizontal" else 1.0


def _time(slope: Floats, speed: Callable[[Floats], Floats], metre: Metre) -> Floats:
    return np.asarray(_length(slope, metre) / speed(slope))


def _power(
    slope: Floats, model: MetabolicModel, speed: Callable[[Floats], Floats], walker: Walker
) -> Floats:
    mass, load = np.array(walker.mass_kg), np.array(walker.load_kg)
    return model.power(mass, load, speed(slope), slope, np.ones_like(slope))


def _energy(
    slope: Floats,
    model: MetabolicModel,
    speed: Callable[[Floats], Floats],
    walker: Walker,
    metre: Metre,
) -> Floats:
    return _power(slope, model, speed, walker) * _time(slope, speed, metre)


def _water(
    slope: Floats,
    model: MetabolicModel,
    speed: Callable[[Floats], Floats],
    walker: Walker,
    metre: Metre,
    powers: Floats,
    rates: Floats,
) -> Floats:
    per_area = _power(slope, model, speed, walker) / walker.surface_m2
    return np.interp(per_area, powers, rates) * _time(slope, speed, metre)
