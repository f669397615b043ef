"""Interference: whether records moved with the coverage of neighbours (assumption A2)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from geo.inference.estimation.agreement import loud, powered
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.panel import Panel
from geo.inference.registered.headline import question, refusal
from geo.inference.robustness.robustness import answered
from geo.strips import strips

HELD = "R9.neighbours_dose"
"""Row of the headline with the neighbours' dose held."""
SPILL_OVER = "neighbours.spill_over"
"""Row of the neighbours' dose itself."""
ESTIMAND = (
    "ratio of rate ratios: change, per unit of the mean dose of neighbouring corridors, in the "
    "ratio of recorded deaths on ground one standard deviation harder to that on average ground, "
    "the corridor's own dose held"
)


def neighbours_dose(panel: Panel, ground: xr.Dataset) -> xr.DataArray:
    """Return the mean dose of the corridors that touch each: (corridor, year).

    Parameters
    ----------
    panel
        The corridors that enter; the doses of others do not count.
    ground
        From `classify_ground`: corridors touch where their cells do.

    Examples
    --------
    >>> from geo import examples
    >>> panel = examples.panel()
    >>> dose = neighbours_dose(panel, examples.ground())
    >>> dose.shape == panel.dose.shape, bool(dose.any())  # none of it lies on that ground
    (True, False)
    """
    names = [str(u) for u in ground.attrs["units"]]
    unit = ground["unit"].values
    touch = np.zeros((len(names) + 1, len(names) + 1), bool)
    for rows in strips(*unit.shape):
        here = unit[rows.start : rows.stop + 1]  # a strip touches the row below it
        for one, other in ((here[:, 1:], here[:, :-1]), (here[1:], here[:-1])):
            border = one != other
            pair = one[border], other[border]
            touch[pair] = touch[pair[::-1]] = True  # -1, outside, is the last row
    at = [names.index(c) if c in names else -1 for c in panel.corridors]
    near = touch[np.ix_(at, at)] & ~np.eye(len(at), dtype=bool)
    near[np.array(at, int) < 0] = False
    mean = near @ panel.dose / np.maximum(near.sum(axis=1, keepdims=True), 1)
    coords = {"corridor": panel.corridors, "year": panel.data["year"].values.astype(int)}
    return xr.DataArray(mean, coords, ("corridor", "year"))


def spill_over(
    panel: Panel, dose: xr.DataArray, rng: np.random.Generator, parents: str = ""
) -> Estimate:
    """Estimate the coefficient of the neighbours' dose with a corridor's own held.

    Parameters
    ----------
    dose
        From `neighbours_dose`.
    rng
        Stream of this analysis.
    """
    row = Estimate(SPILL_OVER, ESTIMAND, parents=parents)
    values = np.asarray(dose.values, float)
    if not values.any():
        return refusal(row, "no corridor that enters touches a covered one that enters")
    own = question(panel)
    held = own.design().x
    row = answered(
        replace(own, dose=values, held=held), row, rng, None, "Where neighbours were covered",
        exchange=False,
    )  # fmt: skip
    if row.estimate is None:
        return row
    if loud(row):
        said = (
            "Records moved with the neighbours' coverage: corridors are not independent of each "
            "other's towers, and assumption A2 does not hold on these records."
        )
    elif powered(row):
        said = "Nothing speaks against assumption A2: no spill-over from neighbours was found."
    else:
        said = "This says nothing of assumption A2: the check has too little power."
    return row.says(f"{row.sentence} {said}")
