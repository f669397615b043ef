"""The slope table against the function it stands for, for every model we ship and some worse."""

from __future__ import annotations

import numpy as np
import pytest
from leastcost_cases import at, raster

from geo import locomotion
from geo.leastcost import CostModel, SlopeTable, accumulate
from geo.leastcost.table import tabulate

WALKER = locomotion.walkers()[0]
SHIPPED = {
    **{
        f"energy {m}": locomotion.energy_per_metre(WALKER, metabolic=m)
        for m in locomotion.METABOLIC_MODELS
    },
    **{f"time {m}": locomotion.time_per_metre(speed=m) for m in locomotion.SPEED_MODELS},
}
PEERS = {
    "Tobler": lambda s: 3.6 / (6 * np.exp(-3.5 * np.abs(s + 0.05))),
    "steps": lambda s: np.where(s < 0.1003, 1.0, 5.0) + np.where(s < -0.2, 3.0, 0.0),
    "scalar only": lambda s: 1.0 if s < 0.3 else 2.0 + s,
    "constant": lambda s: 2.0,
    "knots": SlopeTable((-1, -0.2125, -0.2125, 0, 1), (2.7, 1.1, 0.3, 0.7, 6.7)),
}


def read(table, slope):
    """Read a table as the kernel does."""
    y = slope * table.bins_per_slope
    bins = np.clip(y + table.break_at.size / 2, 0, table.break_at.size - 1).astype(int)
    side = 2 * bins + (y >= table.break_at[bins])
    return table.line[side, 0] + table.line[side, 1] * y


@pytest.mark.parametrize("name", [*SHIPPED, *PEERS])
def test_the_table_is_within_its_stated_error(name):
    function = {**SHIPPED, **PEERS}[name]
    model = CostModel(function, length="horizontal")
    table = tabulate(model, 0.6, "float64")
    assert table.error < 3e-5
    slope = np.random.default_rng(1).uniform(-0.6, 0.6, 20_000)
    true = model.per_run(slope)
    off = np.abs(read(table, slope) / true - 1)
    # A handful of random slopes may fall between the true place of a jump and the found one.
    assert np.quantile(off, 0.9999) <= max(2 * table.error, 1e-9)


def test_the_result_states_the_error():
    flat = raster(np.zeros((9, 9)))
    cost = accumulate(flat, at((9, 9), (4, 4)), PEERS["Tobler"]).cost
    assert 0 < cost.attrs["table_relative_error"] < 3e-6
