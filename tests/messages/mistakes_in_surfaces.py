"""Quantities along routes, surfaces brought up to date, and the ground they lie on."""

from __future__ import annotations

import numpy as np
from mistakes_in_costs import FLAT, START, UNLIKE, cost, even, on

from geo.leastcost import CostModel, Surfaces, accumulate, path_accumulation

EVEN = np.ones((20, 20))
SHUT = np.where(np.arange(20) == 9, np.nan, 1.0) * EVEN
WRONG, BARRED = CostModel(even, on(UNLIKE, "friction")), CostModel(even, on(SHUT, "friction"))


def with_quantity(name: str, model: CostModel) -> object:
    return accumulate(FLAT, START, even, quantities={name: model})


def cheaper(_folder: object) -> object:
    usual, cheap = (CostModel(even, on(EVEN * by, "friction")) for by in (2.0, 1.0))
    before = Surfaces(FLAT, usual)
    return before.under(cheap).renew(before.accumulate(START, "from"), before)


CASES = [
    cost("quantity", "cannot be called cost", lambda _: with_quantity("cost", CostModel(even)),
         "accumulate"),
    cost("cost", "cheaper somewhere", cheaper, "dearer"),
    cost("friction", "zero or negative", lambda _: Surfaces(FLAT, WRONG), "field"),
    cost("hours", "zero or negative", lambda _: with_quantity("hours", WRONG), "field"),
    cost("hours at", "shuts", lambda _: with_quantity("hours", BARRED), "path_accumulation"),
    # only a store altered by others comes to this; the check itself is what is asked
    cost("2 cells", "no step from a cheaper cell", lambda _: path_accumulation.check(0, 2), "path_accumulation"),
]  # fmt: skip
