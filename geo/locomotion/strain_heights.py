"""Predicted heat strain over land whose weather is that of one place, lapsed with height.

Such weather is a function of height alone, so water and core temperature are functions of height
and metabolic rate: a table of two axes takes the place of one of five, and is built in a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from geo import quantities as q
from geo.climate.weather import Weather
from geo.locomotion.strain import StrainOptions, predicted_heat_strain
from geo.locomotion.walkers import Walker

STEP_M = 25.0
"""Numerical: heights stand this far apart [m]; air differs by about 0.2 K between them."""
POWERS = np.geomspace(30.0, 1_200.0, 361)
"""Numerical: metabolic rates [W m-2]; beyond them the nearest is taken."""


class TabulatedStrain(NamedTuple):
    """Core temperature [degC] and water loss [g] at the end of a walk."""

    core_c: Any
    water_g: Any


@dataclass(frozen=True, eq=False)
class HeightStrain:
    """Heat strain of one walker in the weather of one place, by height and metabolic rate.

    Attributes
    ----------
    walker, options
        What it was built for.
    lowest_m
        Height of the first row of the tables [m]; rows follow every `STEP_M`.
    core_c, water_g
        (height, power): core temperature [degC] and water lost [g] at the end of the walk.
    """

    walker: Walker
    options: StrainOptions
    lowest_m: float
    core_c: NDArray[np.float64]
    water_g: NDArray[np.float64]

    def __call__(self, elevation_m: Any, metabolic_w_m2: Any) -> TabulatedStrain:
        """Core temperature and water loss at the end of a walk.

        Parameters
        ----------
        elevation_m
            [m], a raster or an array; held within the heights of the table.
        metabolic_w_m2
            [W m-2], of the same shape.

        Returns
        -------
        TabulatedStrain
            float32; lazy where an argument is.

        Raises
        ------
        UnitsError
            If an argument is in another unit.
        """
        values = (q.ELEVATION.check(elevation_m), q.METABOLIC.check(metabolic_w_m2))
        core, water = q.apply(self._interpolated, *values, unit="", outputs=2, dtype=np.float32)
        return TabulatedStrain(
            q.label(core, "core_temperature", "degC"), q.label(water, "water_loss", "g")
        )

    def _interpolated(
        self, height: NDArray[Any], power: NDArray[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        row = (np.asarray(height, np.float64) - self.lowest_m) / STEP_M
        ratio = np.log(POWERS[-1] / POWERS[0]) / (POWERS.size - 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            column = np.log(np.asarray(power, np.float64) / POWERS[0]) / ratio
        unknown = np.isnan(row) | np.isnan(column)
        at = np.broadcast_arrays(np.where(unknown, 0.0, row), np.where(unknown, 0.0, column))
        found = []
        for table in (self.core_c, self.water_g):
            value = map_coordinates(table, at, order=1, mode="nearest").astype(np.float32)
            value[unknown] = np.nan
            found.append(value)
        return found[0], found[1]


def strain_over_heights(
    walker: Walker,
    weather: Callable[[NDArray[np.float64]], Weather],
    lowest_m: float,
    highest_m: float,
    options: StrainOptions | None = None,
) -> HeightStrain:
    """Tabulate predicted heat strain (ISO 7933) over the heights of a study.

    Parameters
    ----------
    walker, options
        As `predicted_heat_strain`.
    weather
        Weather at (n,) heights [m], (n,) each; `geo.climate.at_heights` of a walk.
    lowest_m, highest_m
        Heights to cover [m].

    Returns
    -------
    HeightStrain
        Core temperature and water loss by height and metabolic rate; called with rasters of both,
        it interpolates.

    Raises
    ------
    UnitsError
        If the weather is in another unit.

    Notes
    -----
    ISO 7933:2023, Annex E (`predicted_heat_strain`), at heights 25 m apart.

    Examples
    --------
    >>> from functools import partial
    >>> from geo import climate, examples, locomotion
    >>> weather = partial(climate.at_heights, climate.summer_mean(climate.synthetic()))
    >>> found = locomotion.strain_over_heights(examples.walker(), weather, 700.0, 1_300.0)
    >>> found.lowest_m, found.core_c.ndim
    (700.0, 2)
    """
    chosen = options or StrainOptions()
    first = np.floor(lowest_m / STEP_M) * STEP_M
    heights = np.arange(first, highest_m + STEP_M, STEP_M)
    columns = Weather(*(np.asarray(field)[:, None] for field in weather(heights).checked()))
    found = predicted_heat_strain(walker, columns, POWERS[None, :], chosen)
    return HeightStrain(
        walker, chosen, float(first), np.asarray(found.core_c), np.asarray(found.water_g)
    )
