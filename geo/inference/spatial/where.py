"""S4, where the pattern of records changed.

A map of it would show places finer than may be shown, so the rows hold what the test says and
how much of the land it is about, never where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from scipy import stats

from geo.aggregation import aggregate
from geo.grid import cell_index, coarse_grid, grid_of, wrap
from geo.inference.estimation.rows import Estimate, alpha, p_words
from geo.inference.registered.headline import refusal
from geo.inference.registered.imputation import PRECISE
from geo.inference.registered.inputs import Inputs, Task
from geo.inference.spatial.patterns import (
    DISCOVERY_RATE,
    EXCHANGES,
    cross_validated,
    discovered,
    local_g_star,
    oversmoothing,
    relative_risk,
)
from geo.parameters import load
from geo.records import DEATH_CELL_M
from geo.strips import by_strips, rows_of
from geo.typing import Array

SMOOTH_CELL_M = float(load("battery")["risk_cell_m"].value)
FIXED_M = float(load("battery")["risk_width_m"].value)
LEAST = int(load("battery")["pattern_least_records"].value)
"""Records a pattern needs before and after the first tower."""
CANDIDATES_M = np.geomspace(*load("battery")["risk_widths_m"].value)


@dataclass(frozen=True)
class _Points:
    """Precisely placed records: (record,) place, corridor, year; index into all records."""

    x: Array
    y: Array
    corridor: Array
    year: Array
    index: Array

    def of(self, keep: Array) -> _Points:
        return _Points(
            self.x[keep], self.y[keep], self.corridor[keep], self.year[keep], self.index[keep]
        )


def rows(task: Task) -> list[Estimate]:
    """Return every row of S4."""
    names = ["S4.relative_risk", "S4.clusters_of_residuals"]
    points = _points(task)
    first = _first_year(task)
    before, after = points.of(points.year < first), points.of(points.year >= first)
    if min(len(before.x), len(after.x)) < LEAST:
        reason = (
            f"{len(before.x)} precisely placed records before and {len(after.x)} after the first "
            f"coverage; at least {LEAST} of each are needed"
        )
        return [refusal(Estimate(n, "pattern of records", parents=task.parents), reason)
                for n in names]  # fmt: skip
    return [*_relative_risks(task, before, after), _hot_cells(task, after)]


def _points(task: Task) -> _Points:
    own, placed = task.inputs, task.placed()
    deaths: gpd.GeoDataFrame = own.deaths
    keep = placed["used"] & deaths["precision_class"].isin(PRECISE)
    index = np.flatnonzero(keep.to_numpy(bool))
    xy = deaths.geometry.iloc[index].to_crs(str(grid_of(own.ground["score"]).crs))
    return _Points(
        xy.x.to_numpy(), xy.y.to_numpy(), placed["corridor"].to_numpy()[index],
        placed["year"].to_numpy(int)[index], index,
    )  # fmt: skip


def _first_year(task: Task) -> int:
    dosed = np.flatnonzero(task.panel.dose.any(axis=0))
    years = task.panel.data["year"].values.astype(int)
    return int(years[dosed[0]]) if len(dosed) else int(years[-1]) + 1


def _relative_risks(task: Task, before: _Points, after: _Points) -> list[Estimate]:
    """S4: three bandwidths; labels exchanged within corridors, the largest departure anywhere."""
    own = task.inputs
    grid = grid_of(own.ground["score"])
    side = max(SMOOTH_CELL_M, float(grid.resolution.x))
    coarse = coarse_grid(grid, side)
    unit = own.ground["unit"].values
    known = by_strips(unit.shape, lambda rows: (unit[rows] >= 0).astype(float))
    inside = np.asarray(aggregate(wrap(known, grid, "inside", "1"), side, "max").values) > 0
    cells = [np.stack(cell_index(coarse, p.x, p.y)[:2], axis=1) for p in (before, after)]
    x, y = (np.concatenate([getattr(p, v) for p in (before, after)]) for v in ("x", "y"))
    widths = {
        "cross_validated": cross_validated(x, y, CANDIDATES_M),
        "oversmoothed": oversmoothing(x, y),
        "5_km": FIXED_M,
    }
    found = []
    for name, width in widths.items():
        risk = relative_risk(
            cells[0], cells[1], inside, width / side, (before.corridor, after.corridor),
            task.stream(f"relative risk {name}"), EXCHANGES,
        )  # fmt: skip
        size = np.abs(risk.surface[inside])
        share = float((size > risk.threshold).mean())
        row = Estimate(
            f"S4.relative_risk.{name}",
            "largest absolute log ratio, anywhere, of the density of records after the first "
            "coverage to that before",
            float(size.max()), p=risk.p, n=len(x), level="L0", parents=task.parents,
            reference_set=f"{EXCHANGES} exchanges of before and after within corridors, largest "
            "departure anywhere",
        )  # fmt: skip
        state = "changed" if risk.p <= alpha() else "was not found to change"
        found.append(
            row.says(
                f"Within corridors, the pattern of recorded deaths {state} between the years "
                f"before and after the first coverage (kernel of {width / 1e3:.1f} km; "
                f"{p_words(risk.p)}); {_share_words(share)} of the land departs by more "
                "than chance would anywhere. This says nothing of why."
            )
        )
    return found


def _share_words(share: float) -> str:
    """Word a share of the land: what rounds to nothing and is something is under 1 %."""
    said = f"{share:.0%}"
    return "under 1%" if said == "0%" and share > 0.0 else said


def _movement(own: Inputs, number: int) -> Any:
    """Return modelled movement in a corridor, all cells alike without a model: (y, x)."""
    unit, density = own.ground["unit"].values, own.density

    def of(rows: slice) -> Array:
        here: Array = (unit[rows] == number).astype(float)
        if density is not None:
            here *= np.nan_to_num(rows_of(density, rows).astype(float)).clip(0.0)
        return here

    return by_strips(unit.shape, of)


def _hot_cells(task: Task, after: _Points) -> Estimate:
    """S4: Gi* of deviance residuals of the route-density model, false discoveries held at 5 %."""
    own = task.inputs
    grid = grid_of(own.ground["score"])
    side = max(DEATH_CELL_M, float(grid.resolution.x))
    coarse = coarse_grid(grid, side)
    at = cell_index(coarse, after.x, after.y)[:2]
    observed, expected = np.zeros(coarse.shape), np.zeros(coarse.shape)
    np.add.at(observed, at, 1.0)
    for corridor in task.panel.corridors:
        mass = _movement(own, list(own.ground.attrs["units"]).index(corridor))
        whole = aggregate(wrap(mass, grid, "share", "1"), side, "sum").fillna(0.0).values
        if (total := whole.sum()) > 0:
            expected += whole / total * (after.corridor == corridor).sum()
    cells = np.argwhere(expected > 0)
    y, mu = observed[expected > 0], expected[expected > 0]
    log = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mu), 0.0)
    residual = np.sign(y - mu) * np.sqrt(np.maximum(2.0 * (log - (y - mu)), 0.0))
    away = np.abs(cells[:, None, :] - cells[None, :, :]).max(axis=2)
    z = local_g_star(residual, (away <= 1).astype(float))
    found = discovered(2.0 * stats.norm.sf(np.abs(z)))
    hot, cold = int((found & (z > 0)).sum()), int((found & (z < 0)).sum())
    row = Estimate(
        "S4.clusters_of_residuals",
        f"cells of {side / 1e3:g} km whose neighbourhood holds more recorded deaths after the "
        "first coverage than modelled movement gives (Gi*), cells",
        float(hot), n=len(after.x), level="L0", parents=task.parents,
    )  # fmt: skip
    return row.says(
        f"Of {len(cells)} cells, {hot} stand in neighbourhoods with more and {cold} in ones with "
        "fewer recorded deaths after the first coverage than modelled movement gives (Gi* of "
        f"deviance residuals, false discovery rate {100 * DISCOVERY_RATE:g} %). Descriptive: the "
        "model may be wrong there."
    )
