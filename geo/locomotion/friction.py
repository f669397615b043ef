"""What the ground does to a slope table: multipliers of energy and of time."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo import parameters
from geo import quantities as q
from geo.errors import StudyError
from geo.locomotion._speed import SPEED_MODELS
from geo.locomotion.slope_cost import DEFAULT_METABOLIC, DEFAULT_SPEED, metabolic_model, speed_model
from geo.locomotion.terrain import (
    EnergyCoefficient,
    TimeCoefficient,
    energy_values,
    time_values,
)
from geo.locomotion.walkers import Walker

_OFF_PATH = float(parameters.load("terrain_coefficients")["time"].value["off_path"])


def energy_friction(
    coefficient: EnergyCoefficient,
    walker: Walker,
    *,
    metabolic: str = DEFAULT_METABOLIC,
    speed: str | float = DEFAULT_SPEED,
) -> Any:
    """Multiplier of `energy_per_metre` for a terrain coefficient.

    The coefficient multiplies only the walking term of a metabolic equation. As a multiplier of the
    whole cost it is 1 + (coefficient - 1) x share of walking in the power on level ground, exact on
    the level; benchmarks and tests state the error on slopes.

    Parameters
    ----------
    coefficient
        Energy coefficient of the ground [1], a number or (y, x) (`energy_coefficients`).
    walker
        Body and load.
    metabolic, speed
        As for `energy_per_metre`.

    Returns
    -------
    float, ndarray or DataArray
        Multiplier [1], of the shape of the coefficient.

    Raises
    ------
    UnitsError
        If the coefficient is one of time.

    Notes
    -----
    The walking term of the metabolic equation is the one of Pandolf et al. (1977) or of the model
    asked for; the split into a walking and a standing share is ours.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> ground = locomotion.energy_coefficients(examples.land_cover(), "nlcd")
    >>> float(locomotion.energy_friction(ground, examples.walker())[-1, 0].round(3))
    1.1720000505447388
    """
    values = energy_values(coefficient)
    power = metabolic_model(metabolic).power
    level = speed_model(speed)[0](np.zeros(1))
    mass, load = np.array(walker.mass_kg), np.array(walker.load_kg)
    zero = np.zeros(1)
    whole = float(power(mass, load, level, zero, np.ones(1))[0])
    still = float(power(mass, load, level, zero, np.zeros(1))[0])
    return _multiplier(1.0 + (values - 1.0) * ((whole - still) / whole), "energy_friction")


def time_friction(coefficient: TimeCoefficient, *, speed: str = DEFAULT_SPEED) -> Any:
    """Multiplier of `time_per_metre` for a terrain coefficient.

    Relative to off-path ground (1.67) where the speed was itself measured off path.

    Parameters
    ----------
    coefficient
        Time coefficient of the ground [1], a number or (y, x) (`time_coefficients`).
    speed
        Key of `SPEED_MODELS`.

    Returns
    -------
    float, ndarray or DataArray
        Multiplier [1], of the shape of the coefficient.

    Raises
    ------
    UnitsError
        If the coefficient is one of energy.
    StudyError
        If the speed model is unknown.

    Notes
    -----
    de Gruchy, Caswell & Edwards 2017.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> ground = locomotion.time_coefficients(examples.land_cover(), "nlcd")
    >>> float(locomotion.time_friction(ground, speed="tobler")[0, 0].round(2))
    1.350000023841858
    """
    values = time_values(coefficient)
    if speed not in SPEED_MODELS:
        raise StudyError(f"speed model {speed!r} is unknown; use one of {', '.join(SPEED_MODELS)}")
    base = _OFF_PATH if SPEED_MODELS[speed].surface == "off path" else 1.0
    return _multiplier(values / base, "time_friction")


def _multiplier(values: Any, name: str) -> Any:
    return q.label(values, name, "1")
