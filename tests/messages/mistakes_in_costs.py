"""What a cost of travel refuses: tables, rasters, options, stores, formulas."""

from __future__ import annotations

import errno
from concurrent.futures import BrokenExecutor, Future
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox
from provoking import Act, Case

from geo import grid
from geo.leastcost import CostModel, LeastCostOptions, SlopeTable, accumulate
from geo.leastcost.driver import TileExecutor
from geo.leastcost.moves import moves
from geo.leastcost.table import tabulate
from geo.locomotion import Walker, friction, metabolic, slope_cost, walker
from geo.locomotion.speed import campbell
from geo.locomotion.terrain import (
    EnergyCoefficient,
    TimeCoefficient,
    energy_coefficients,
    time_values,
)

BOX = GeoBox.from_bbox((0, 0, 600, 600), "EPSG:32612", resolution=30)


def on(values: object, name: str = "elevation", unit: str = "m") -> xr.DataArray:
    return grid.wrap(np.asarray(values), BOX, name, unit)


def even(slope: np.ndarray) -> np.ndarray:
    return np.ones_like(slope)


FLAT = on(np.zeros((20, 20)))
MARK = np.zeros((20, 20), bool)
MARK[5, 5] = True
START = on(MARK, "sources")
CLIFF = on(np.where(np.arange(20) < 10, 0, 100.0) * np.ones((20, 20)))
UNLIKE = np.ones((20, 20))
UNLIKE[2, 3:5] = 0, -1


def cost(where: str, what: str, act: Act, file: str = "model") -> Case:
    return Case(f"geo/leastcost/{file}.py", where, what, act)


def walk(**choices: object) -> object:
    return accumulate(FLAT, START, even, **choices)


class Lost(BrokenExecutor):
    """What an executor says whose workers died."""


class Dying:
    """An executor that loses its workers when asked, or with every call."""

    def __init__(self, *, at_once: bool) -> None:
        self.at_once = at_once

    def submit(self, function: object, /, *args: object) -> Future:
        if self.at_once:
            raise Lost
        future: Future = Future()
        future.set_exception(Lost())
        return future


def lost(_folder: Path, *, at_once: bool) -> object:
    executor = TileExecutor(Dying(at_once=at_once), 1, ours=False)
    return executor.result(executor.submit((len, ())), (len, ()))


def altered(folder: Path) -> object:
    accumulate(FLAT, START, even, store_path=folder / "s.zarr")
    stored = zarr.open_group(str(folder / "s.zarr"))["cost"]
    stored[0, 0] = stored[0, 0] * 2
    return accumulate(FLAT, START, even, store_path=folder / "s.zarr")


def full_disk(folder: Path) -> object:
    def no_space(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zarr.Array, "__setitem__", no_space)
        return accumulate(FLAT, START, even, store_path=folder / "s.zarr")


def other_question(folder: Path) -> object:
    accumulate(FLAT, START, even, store_path=folder / "s.zarr")
    return accumulate(FLAT, START, lambda s: 2 * even(s), store_path=folder / "s.zarr")


def something_else(folder: Path) -> object:
    zarr.open_group(str(folder / "s.zarr"), mode="w").create_array("a", shape=(2,), dtype="i4")
    return accumulate(FLAT, START, even, store_path=folder / "s.zarr")


def no_folder(folder: Path) -> object:
    (folder / "file").write_text("")
    return accumulate(FLAT, START, even, store_path=folder / "file" / "s.zarr")


def placed() -> xr.DataArray:
    """Sources with coordinates and no CRS."""
    return xr.DataArray(MARK, {"y": START.y.values, "x": START.x.values}, ("y", "x"))


TWICE = ((0.0, 0.5, 0.5, 0.5, 1.0), (1.0,) * 5)
CLOSE = tuple(np.linspace(0, 1, 4))
CASES = [
    cost("slope", "two or more", lambda _: SlopeTable((0.0,), (1.0,))),
    cost("slope table", "decrease", lambda _: SlopeTable((1.0, 0.0), (1.0, 1.0))),
    cost("slope", "three times", lambda _: SlopeTable(*TWICE)),
    cost("outside='wrap'", "not possible", lambda _: SlopeTable((0, 1), (1, 1), "wrap")),
    cost("slope", "cost per metre", lambda _: SlopeTable((0.0, 1.0), (1.0, -2.0))),
    cost("cost table", "float", lambda _: CostModel(1.0)),
    cost("length='crow'", "not possible", lambda _: CostModel(even, length="crow")),
    cost("friction", "no DataArray", lambda _: CostModel(even, friction=UNLIKE)),
    cost("executor", "lost again", partial(lost, at_once=True), "driver"),
    cost("executor", "lost again", partial(lost, at_once=False), "driver"),
    cost("neighbours=4", "not possible", lambda _: moves(4), "moves"),
    cost("neighbours=4", "not possible", lambda _: LeastCostOptions(neighbours=4), "options"),
    cost("direction='up'", "not possible", lambda _: LeastCostOptions(direction="up"), "options"),
    cost("dtype='int8'", "not possible", lambda _: LeastCostOptions(dtype="int8"), "options"),
    cost("max_cost=-1", "not possible", lambda _: LeastCostOptions(max_cost=-1), "options"),
    cost("speed", "unknown choice", lambda _: walk(speed=1), "accumulate"),
    cost("sources", "not boolean",
         lambda _: accumulate(FLAT, START.astype("uint8"), even), "problem"),
    cost("bounds", "no cell centre", lambda _: walk(bounds=(-9, -9, -8, -8)), "problem"),
    cost("elevation", "dims", lambda _: accumulate(FLAT.T, START, even), "problem"),
    cost("sources", "no CRS", lambda _: accumulate(FLAT, placed(), even), "problem"),
    cost("store", "can still be improved", altered, "path_accumulation"),
    cost("elevation", "outside the slope table",
         lambda _: accumulate(CLIFF, START, SlopeTable((-1, 1), (1, 2))), "field"),
    cost("s.zarr", "no space left", full_disk, "store"),
    cost("s.zarr", "something else", something_else, "store"),
    cost("s.zarr", "other rasters", other_question, "store"),
    cost("s.zarr", "cannot write", no_folder, "store"),
    cost("friction", "zero or negative at 2 cells",
         lambda _: accumulate(FLAT, START, CostModel(even, on(UNLIKE, "friction"))), "survey"),
    cost("source", "no source lies inside", lambda _: accumulate(FLAT, START & False, even),
         "survey"),
    cost("1 of 1 source cells", "barrier",
         lambda _: accumulate(FLAT.where(~START), START, even), "survey"),
    cost("slope table", "too close together", lambda _: tabulate(CostModel(SlopeTable(
         (0.0, 1e-9, 2e-9, 1.0), (1.0, 1.5, 9.0, 2.0))), 1.0), "table"),
]  # fmt: skip

MUD = grid.wrap(np.full((20, 20), 77, np.uint8), BOX, "land_cover", "1")


def gait(file: str, where: str, what: str, act: Act) -> Case:
    return Case(f"geo/locomotion/{file}.py", where, what, act)


def rainy() -> object:
    from geo.climate import Weather

    return Weather(np.array([20.0, 21.0]), np.array([20.0, 21.0]), np.ones(2), np.ones(2))


ADULT = walker("adult-light")
CASES += [
    gait("metabolic", "grades", "from 0 upward",
         lambda _: metabolic.pandolf(70, 5, 1.2, -0.1)),
    gait("metabolic", "last_term", "unknown",
         lambda _: metabolic.pandolf_santee(70, 5, 1.2, -0.1, last_term="26 V2")),
    gait("slope_cost", "water_per_metre", "one weather",
         lambda _: slope_cost.water_per_metre(ADULT, rainy())),
    gait("slope_cost", "speed model 'fast'", "unknown",
         lambda _: slope_cost.time_per_metre(speed="fast")),
    gait("friction", "speed model 'fast'", "unknown",
         lambda _: friction.time_friction(TimeCoefficient(1.2), speed="fast")),
    gait("slope_cost", "metabolic model", "unknown",
         lambda _: slope_cost.energy_per_metre(ADULT, metabolic="fat")),
    gait("slope_cost", "speed", "is none", lambda _: slope_cost.time_per_metre(speed=0.0)),
    gait("speed", "percentile 7", "not tabulated", lambda _: campbell(0.1, 7)),
    gait("terrain", "EnergyCoefficient", "cannot stand",
         lambda _: time_values(EnergyCoefficient(1.2))),
    gait("terrain", "legend 'moon'", "unknown",
         lambda _: energy_coefficients(MUD, "moon")),
    gait("terrain", "land cover", "codes that",
         lambda _: energy_coefficients(MUD, "nlcd").values.compute()),
    gait("walkers", "walker 'giant'", "unknown", lambda _: walker("giant")),
    gait("walkers", "walker thirsty", "weigh more",
         lambda _: Walker("thirsty", 70, 1.7, 5, 9, acclimatised=True)),
    Case("geo/quantities.py", "speed_m_s", "the array",
         lambda _: metabolic.pandolf(70, 5, on(np.ones((20, 20)), "v", "km"), 0.0)),
    Case("geo/quantities.py", "mass_kg", "between", lambda _: metabolic.pandolf(7e4, 5, 1, 0)),
]  # fmt: skip
