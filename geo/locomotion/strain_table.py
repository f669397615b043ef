"""Predicted heat strain over rasters: a table in place of 480 minute steps per cell.

The table has five axes: metabolic rate, wind, radiant excess, and, in place of air temperature and
vapour pressure, a heat load and an evaporative power. Both are closed forms of the inputs made so
that the kinks of the model (sweating starts; evaporation reaches its limit; wet skin and not sweat
becomes that limit) lie at the same values of them everywhere, so that linear interpolation between
few nodes is accurate. Water is tabulated as the difference to
its closed-form steady state, for the same reason. Outside the table's domain the minute steps are
run, so that no value is extrapolated.

`MAX_CORE_ERROR_K` and `MAX_WATER_ERROR` are what tests hold at 10,000 random points of the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo import quantities as q
from geo.climate.weather import Weather
from geo.locomotion import _strain_grid as grid
from geo.locomotion.strain import StrainOptions, body_of, predicted_heat_strain
from geo.locomotion.walkers import Walker

MAX_CORE_ERROR_K = 0.05
"""Largest difference of core temperature between table and minute steps [K]."""
MAX_WATER_ERROR = 0.02
"""Largest relative difference of water loss between table and minute steps [1]."""
TABLE_PAYS_FROM = 700_000
"""Cells from which building a table is cheaper than minute steps."""
DOMAIN = {
    "air_temperature_c": grid.AIR_C,
    "radiant_excess_k": (float(grid.EXCESS[0]), float(grid.EXCESS[-1])),
    "vapour_pressure_kpa": grid.VAPOUR_KPA,
    "wind_m_s": (float(grid.WIND[0]), float(grid.WIND[-1])),
    "metabolic_w_m2": (float(grid.METABOLIC[0]), float(grid.METABOLIC[-1])),
}
"""Where the table is used; elsewhere the minute steps are run."""


class TabulatedStrain(NamedTuple):
    """Core temperature [degC] and water loss [g] at the end of a walk."""

    core_c: Any
    water_g: Any


@dataclass(frozen=True, eq=False)
class StrainTable:
    """Predicted heat strain of one walker under one set of options, ready for rasters.

    Attributes
    ----------
    walker, options
        What the table was built for.
    values
        (metabolic, wind, vapour, excess, load, 2) float32: core temperature [degC], and water loss
        less its steady state [g].
    """

    walker: Walker
    options: StrainOptions
    values: NDArray[np.float32]

    def __call__(self, weather: Weather, metabolic_w_m2: Any) -> TabulatedStrain:
        """Core temperature and water loss at the end of a walk.

        Parameters
        ----------
        weather
            Numbers, arrays or (lazy) DataArrays.
        metabolic_w_m2
            Metabolic rate per body surface [W m-2].

        Returns
        -------
        TabulatedStrain
            float32, of the broadcast shape; lazy where an argument is. Within `MAX_CORE_ERROR_K`
            and `MAX_WATER_ERROR` of `predicted_heat_strain`.

        Raises
        ------
        UnitsError
            If an argument is in another unit.
        """
        body = body_of(self.walker, self.options)

        def kernel(*arrays: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
            shape = np.broadcast_shapes(*(np.shape(a) for a in arrays))
            flat = np.stack([np.broadcast_to(a, shape).ravel() for a in arrays], dtype=np.float32)
            out = np.empty((2, flat.shape[1]), np.float32)
            grid.interpolate(flat, self.values, body, out)
            return tuple(row.reshape(shape) for row in out)

        values = (*weather.checked(), q.METABOLIC.check(metabolic_w_m2))
        core, water = q.apply(kernel, *values, unit="", outputs=2, dtype=np.float32)
        return TabulatedStrain(
            q.label(core, "core_temperature", "degC"), q.label(water, "water_loss", "g")
        )


@dataclass(frozen=True)
class MinuteStrain:
    """Predicted heat strain in minute steps, called like a `StrainTable`: exact, for few cells."""

    walker: Walker
    options: StrainOptions

    def __call__(self, weather: Weather, metabolic_w_m2: Any) -> TabulatedStrain:
        """Core temperature and water loss at the end of a walk, as `predicted_heat_strain`."""
        exact = predicted_heat_strain(self.walker, weather, metabolic_w_m2, self.options)
        return TabulatedStrain(exact.core_c, exact.water_g)


StrainModel = StrainTable | MinuteStrain
"""What turns weather and metabolic rate into core temperature and water."""


def strain_model(
    walker: Walker,
    cells: int,
    options: StrainOptions | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> StrainModel:
    """Return minute steps for few cells and a table for many; arguments as `build_strain_table`.

    Parameters
    ----------
    cells
        How many cells will be asked in all; a table costs as much as `TABLE_PAYS_FROM` of them.
    """
    if cells < TABLE_PAYS_FROM:
        return MinuteStrain(walker, options or StrainOptions())
    return build_strain_table(walker, options, executor, progress)


def build_strain_table(
    walker: Walker,
    options: StrainOptions | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> StrainTable:
    """Tabulate predicted heat strain (ISO 7933) for a walker.

    Parameters
    ----------
    walker, options
        As `predicted_heat_strain`.
    executor
        Runs the slices of the table; threads suffice, as the kernel releases the lock.
    progress
        Called with (done, total, label).

    Returns
    -------
    StrainTable
        The same numbers with and without an executor.
    """
    chosen = options or StrainOptions()
    body = body_of(walker, chosen)
    axes = (grid.WIND, grid.BEND, grid.EXCESS, grid.LOAD)
    total = grid.METABOLIC.size
    values = np.empty((total, *(axis.size for axis in axes), 2), np.float32)

    def fill(index: int) -> int:
        grid.tabulate(grid.METABOLIC[index], *axes, body, values[index])
        return index

    done = map(fill, range(total)) if executor is None else executor.map(fill, range(total))
    for index in done:
        if progress is not None:
            progress(index + 1, total, f"heat strain of {walker.name}")
    return StrainTable(walker, chosen, values)
