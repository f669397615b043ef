"""What each model looks like: curves for the figures of a methods memo, as plain numbers.

One figure per question, each with the models that answer it and the points that were measured, so
that an expert recognises them at sight. Drawing is left to `geo.evidence`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo import parameters
from geo.climate.weather import Weather
from geo.locomotion import metabolic, sweat
from geo.locomotion._speed import SPEED_MODELS
from geo.locomotion.slope_cost import energy_per_metre, time_per_metre
from geo.locomotion.speed import langmuir_pace
from geo.locomotion.strain import StrainOptions, predicted_heat_strain
from geo.locomotion.walkers import Walker
from geo.typing import Floats

_GRADE = np.round(np.linspace(-0.45, 0.45, 361), 4)
"""Display: grades on the axis."""
_MASS_KG = 70.0
"""Display: walker of the comparison of equations, who carries nothing."""
_STANDARD_SPEED = 1.34
"""Display: speed of the comparison of equations [m s-1]."""
_DESERT_AIR = np.linspace(20.0, 48.0, 57)
"""Display: temperatures on the axis [degC]."""


@dataclass(frozen=True, eq=False)
class PublishedCurve:
    """One line of a figure.

    Attributes
    ----------
    figure
        Name of the figure the curve belongs to.
    label
        Model, as in a legend.
    x, y
        Numbers of equal length.
    x_label, y_label
        Axis titles with units.
    role
        "default", "sensitivity", "replication", "range" or "measured" (points, not a line).
    source
        Author and year.
    """

    figure: str
    label: str
    x: Floats
    y: Floats
    x_label: str
    y_label: str
    role: str
    source: str


def curves(walker: Walker) -> tuple[PublishedCurve, ...]:
    """Return the curves of every figure.

    Parameters
    ----------
    walker
        Whose slope tables and heat strain are drawn; metabolic rate is drawn for 70 kg without
        load at 1.34 m/s, as the literature does.

    Returns
    -------
    tuple of PublishedCurve
        One a line of a figure: x and y with their units, and the source of the equation.

    Examples
    --------
    >>> from geo import examples, locomotion
    >>> found = locomotion.curves(examples.walker())
    >>> sorted({c.figure for c in found})[:3]
    ['core_temperature', 'metabolic_rate', 'net_cost']
    """
    return (
        *_metabolic_rate(),
        *_net_cost(),
        *_speeds(),
        *_slope_tables(walker),
        *_heat_strain(walker),
        *_sweat_rates(),
    )


def _source(name: str) -> str:
    return parameters.load("locomotion")[name].source


def _metabolic_rate() -> list[PublishedCurve]:
    speed, mass = _STANDARD_SPEED, _MASS_KG
    disputed = metabolic.pandolf_santee(mass, 0.0, speed, _GRADE, last_term="25 V2")
    lines = (
        ("LCDA graded", "default", "lcda_graded", mass * metabolic.lcda_graded(speed, _GRADE)),
        (
            "LCDA backpacking",
            "sensitivity",
            "lcda_backpacking",
            metabolic.lcda_backpacking(mass, 0.0, speed, _GRADE),
        ),
        (
            "Santee additive",
            "sensitivity",
            "santee_additive",
            metabolic.santee_additive(mass, speed, _GRADE),
        ),
        (
            "Pandolf-Santee",
            "replication",
            "pandolf",
            metabolic.pandolf_santee(mass, 0.0, speed, _GRADE),
        ),
        ("Pandolf-Santee, 25 V2", "replication", "santee_correction", disputed),
    )
    return [
        PublishedCurve(
            "metabolic_rate",
            label,
            100 * _GRADE,
            np.asarray(power),
            "grade, %",
            "metabolic rate, W",
            role,
            _source(key),
        )
        for label, role, key, power in lines
    ]


def _net_cost() -> list[PublishedCurve]:
    axes = ("gradient, rise / run", "net cost, J per kg and m")
    points = parameters.load("locomotion")["minetti_measured"].value
    at = np.array([float(k) for k in points])
    measured = np.array(list(points.values()), float)
    return [
        PublishedCurve(
            "net_cost",
            "Minetti et al. 2002, fitted",
            _GRADE,
            metabolic.minetti(_GRADE),
            *axes,
            "sensitivity",
            _source("minetti_walk"),
        ),
        PublishedCurve(
            "net_cost",
            "Herzog, sixth degree",
            _GRADE,
            metabolic.herzog(_GRADE),
            *axes,
            "sensitivity",
            _source("herzog"),
        ),
        PublishedCurve(
            "net_cost",
            "Minetti et al. 2002, measured",
            at,
            measured,
            *axes,
            "measured",
            _source("minetti_measured"),
        ),
    ]


def _speeds() -> list[PublishedCurve]:
    axes = ("slope, rise / run", "speed, m/s")
    keys = {"tobler_off_path": "tobler", "levan_off_trail": "levan"}
    lines = [
        PublishedCurve(
            "speed",
            name,
            _GRADE,
            np.asarray(model.function(_GRADE)),
            *axes,
            model.role,
            _source(keys.get(name, name)),
        )
        for name, model in SPEED_MODELS.items()
    ]
    pace = np.hypot(1.0, _GRADE) / langmuir_pace(_GRADE)
    return [
        *lines,
        PublishedCurve(
            "speed", "langmuir", _GRADE, pace, *axes, "replication", _source("langmuir")
        ),
    ]


def _slope_tables(walker: Walker) -> list[PublishedCurve]:
    energy, time = energy_per_metre(walker), time_per_metre()
    constant = energy_per_metre(walker, speed=_STANDARD_SPEED)
    return [
        PublishedCurve(
            "slope_energy",
            energy.name,
            _GRADE,
            energy(_GRADE),
            "slope, rise / run",
            "energy, J per horizontal m",
            "default",
            _source("lcda_graded"),
        ),
        PublishedCurve(
            "slope_energy",
            constant.name,
            _GRADE,
            constant(_GRADE),
            "slope, rise / run",
            "energy, J per horizontal m",
            "replication",
            _source("lcda_graded"),
        ),
        PublishedCurve(
            "slope_time",
            time.name,
            _GRADE,
            time(_GRADE),
            "slope, rise / run",
            "time, s per horizontal m",
            "default",
            _source("irmischer_clarke_off_path"),
        ),
    ]


def _heat_strain(walker: Walker) -> list[PublishedCurve]:
    """Core temperature and water after eight hours against air temperature, sun and shade."""
    found = []
    for place, excess in (("sun", 30.0), ("night", -9.0)):
        for edition, role in (("2023", "default"), ("2004", "sensitivity")):
            options = StrainOptions(edition="2023" if edition == "2023" else "2004")
            weather = Weather(_DESERT_AIR, _DESERT_AIR + excess, 1.2, 1.5)
            result = predicted_heat_strain(walker, weather, 130.0, options)
            label, source = f"ISO 7933:{edition}, {place}", f"ISO 7933:{edition}"
            for figure, values, title in (
                ("core_temperature", result.core_c, "core temperature, degC"),
                ("water_loss", np.asarray(result.water_g) / 1000.0, "water lost in 8 h, L"),
            ):
                found.append(
                    PublishedCurve(
                        figure,
                        label,
                        _DESERT_AIR,
                        np.asarray(values),
                        "air temperature, degC",
                        title,
                        role,
                        source,
                    )
                )
    return found


def _sweat_rates() -> list[PublishedCurve]:
    required = np.linspace(50.0, 600.0, 111)
    axes = ("required evaporation, W/m2", "sweat rate, g/m2/h")
    members = {
        "OSE": ("replication", sweat.ose, "ose"),
        "OSE_C": ("sensitivity", sweat.ose_corrected, "ose_corrected"),
        "PW": ("sensitivity", sweat.piecewise, "piecewise"),
        "heat balance": ("range", sweat.heat_balance, "latent_heat"),
    }
    heat = parameters.load("heat")
    return [
        PublishedCurve(
            "sweat_rate",
            label,
            required,
            np.asarray(rate(required, 400.0)),
            *axes,
            role,
            heat[key].source,
        )
        for label, (role, rate, key) in members.items()
    ]
