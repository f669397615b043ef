"""Predicted heat strain (ISO 7933): core temperature and water loss of a person who walks.

The algorithm follows the standard minute by minute: skin and core temperature by exponential
averaging, evaporation from required and maximal flow, heat storage from what is left. Both editions
are here: 2023 (default) and 2004, which differ in maximal sweat, clothing area and convection.
The array kernel is private; the public function takes a walker, weather and metabolic rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo import parameters
from geo import quantities as q
from geo.climate.weather import Weather
from geo.locomotion._strain import CORE_CEILING_C, Body, simulate_many
from geo.locomotion.walkers import Walker
from geo.parameters import load

Edition = Literal["2023", "2004"]
_P = parameters.load("heat")
WALK_MINUTES = int(_P["walk_minutes"].value)
_CLO = float(_P["clothing_clo"].value)
_VALID = {k: tuple(v) for k, v in load("heat")["metabolic_range"].value.items()}
"""Metabolic rates the editions are stated for [W m-2]."""


@dataclass(frozen=True)
class StrainOptions:
    """How the standard is applied.

    Attributes
    ----------
    edition
        "2023" or "2004".
    minutes
        Length of the walk.
    walking_speed_m_s
        Speed that moves air through clothing; not the speed that sets metabolic rate.
    clothing_clo
        Static insulation; the standard takes 0.1 to 1.
    """

    edition: Edition = "2023"
    minutes: int = WALK_MINUTES
    walking_speed_m_s: float = 0.8
    clothing_clo: float = _CLO


class Strain(NamedTuple):
    """Result of a walk in the heat; arrays or DataArrays of the shape of the input.

    Attributes
    ----------
    core_c
        Rectal temperature at the end, held at `CORE_CEILING_C` [degC].
    water_g
        Water lost by sweating and breathing over the walk [g].
    minutes_to_limit
        Minutes until the core reaches `CORE_LIMIT_C`; the length of the walk if it does not.
    """

    core_c: Any
    water_g: Any
    minutes_to_limit: Any


def body_of(walker: Walker, options: StrainOptions) -> Body:
    """Return the kernel's numbers for a walker under options."""
    area = walker.surface_m2
    sweat = 500.0 if walker.acclimatised else 400.0
    return Body(
        minutes=int(options.minutes),
        is_2023=options.edition == "2023",
        area=area,
        # 3.49 kJ/kg/K as W min per m2 and K
        heat_capacity=3490.0 / 60.0 * walker.mass_kg / area,
        max_sweat=sweat,
        max_wetness=1.0 if walker.acclimatised else 0.85,
        clo=float(options.clothing_clo),
        walking_speed=float(options.walking_speed_m_s),
    )


def predicted_heat_strain(
    walker: Walker,
    weather: Weather,
    metabolic_w_m2: Any,
    options: StrainOptions | None = None,
) -> Strain:
    """Core temperature and water loss at the end of a walk, minute by minute (exact, slow).

    Parameters
    ----------
    walker
        Body mass, height and acclimatisation.
    weather
        Air and mean radiant temperature [degC], vapour pressure [kPa], wind [m s-1].
    metabolic_w_m2
        Metabolic rate per body surface [W m-2].
    options
        Edition, duration, clothing.

    Returns
    -------
    Strain
        Of the broadcast shape of weather and metabolic rate.

    Raises
    ------
    UnitsError
        If an argument is in another unit.

    Notes
    -----
    ISO 7933:2023 and 2004, Annex E. External work is taken as zero and water as drunk freely.
    For rasters use `geo.locomotion.strain_over_heights`.

    Examples
    --------
    >>> from geo import climate, examples, locomotion
    >>> weather = climate.at_heights(climate.summer_mean(climate.synthetic()), [800.0])
    >>> found = locomotion.predicted_heat_strain(examples.walker(), weather, 250.0)
    >>> found.core_c.round(1), found.water_g.round(-1)
    (array([38.4]), array([8230.]))
    """
    body = body_of(walker, options or StrainOptions())

    def kernel(*arrays: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
        flat = np.stack([np.broadcast_to(a, shape).ravel() for a in arrays])
        out = np.empty((3, flat.shape[1]))
        simulate_many(flat, body, out)
        out[0] = np.minimum(out[0], CORE_CEILING_C)
        return tuple(row.reshape(shape) for row in out)

    values = (*weather.checked(), q.METABOLIC.check(metabolic_w_m2))
    core, water, minutes = q.apply(kernel, *values, unit="", outputs=3)
    return Strain(
        q.label(core, "core_temperature", "degC"),
        q.label(water, "water_loss", "g"),
        q.label(minutes, "minutes_to_limit", "min"),
    )


def within_standard(metabolic_w_m2: Any, edition: Edition = "2023") -> Any:
    """Return where the metabolic rate lies in the edition's stated range.

    Parameters
    ----------
    metabolic_w_m2
        Metabolic rate per body surface [W m-2], any shape.
    edition
        "2023" or "2004" of ISO 7933.

    Returns
    -------
    bool, ndarray or DataArray
        Of the shape of the rate.

    Notes
    -----
    Ranges of validity of ISO 7933:2004 and 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from geo.locomotion import within_standard
    >>> within_standard(np.array([50.0, 250.0, 900.0]))
    array([False,  True, False])
    """
    low, high = _VALID[edition]
    return (metabolic_w_m2 >= low) & (metabolic_w_m2 <= high)
