"""S4, where the pattern of records changed; S5, clusters found without knowing a tower.

Maps of either would show places finer than may be shown, so the rows hold what the test says and
how much of the land it is about, never where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from scipy import stats

from geo.grid import aggregate, cell_index, coarse_grid, grid_of, wrap
from geo.inference.estimation.poisson import Array
from geo.inference.estimation.rows import Estimate, alpha, p_words, ratio_words
from geo.inference.registered.headline import refusal
from geo.inference.registered.imputation import PRECISE
from geo.inference.registered.inputs import Task
from geo.inference.spatial.patterns import (
    DISCOVERY_RATE,
    EXCHANGES,
    cross_validated,
    discovered,
    local_g_star,
    oversmoothing,
    relative_risk,
)
from geo.inference.spatial.scan import Cluster, space_time_scan
from geo.parameters import load
from geo.records import DEATH_CELL_M, MIN_GROUP

SMOOTH_CELL_M = float(load("battery")["risk_cell_m"].value)
FIXED_M = float(load("battery")["risk_width_m"].value)
LEAST = int(load("battery")["pattern_least_records"].value)
"""Records a pattern needs before and after the first tower."""
CANDIDATES_M = np.geomspace(*load("battery")["risk_widths_m"].value)
LEAD_YEARS = int(load("battery")["lead_years"].value)
"""Years before a cluster within which new coverage counts as near to it in time."""


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
    """Return every row of S4 and S5."""
    names = ["S4.relative_risk", "S4.clusters_of_residuals", "S5.space_time_scan"]
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
    return [*_relative_risks(task, before, after), _hot_cells(task, after), *_scan(task, points)]


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
    known = wrap((own.ground["unit"].values >= 0).astype(float), grid, "inside", "1")
    inside = np.asarray(aggregate(known, side, "max").values) > 0
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


def _hot_cells(task: Task, after: _Points) -> Estimate:
    """S4: Gi* of deviance residuals of the route-density model, false discoveries held at 5 %."""
    own = task.inputs
    grid = grid_of(own.ground["score"])
    side = max(DEATH_CELL_M, float(grid.resolution.x))
    coarse = coarse_grid(grid, side)
    unit = own.ground["unit"].values
    mass = np.where(unit >= 0, 1.0, 0.0)
    if own.density is not None:
        mass *= np.nan_to_num(np.asarray(own.density.values, float)).clip(0.0)
    at = cell_index(coarse, after.x, after.y)[:2]
    observed, expected = np.zeros(coarse.shape), np.zeros(coarse.shape)
    np.add.at(observed, at, 1.0)
    for corridor in task.panel.corridors:
        own_mass = mass * (unit == list(own.ground.attrs["units"]).index(corridor))
        total = own_mass.sum()
        if total > 0:
            share = aggregate(wrap(own_mass / total, grid, "share", "1"), side, "sum")
            expected += np.nan_to_num(share.values) * (after.corridor == corridor).sum()
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


def _scan(task: Task, points: _Points) -> list[Estimate]:
    """S5: the scan on cells no finer than the floor, and how its cluster meets new viewsheds."""
    x, y = (np.floor(v / DEATH_CELL_M) * DEATH_CELL_M for v in (points.x, points.y))
    cluster = space_time_scan(x, y, points.year, task.stream("scan"), draws=EXCHANGES)
    row = Estimate(
        "S5.space_time_scan",
        "ratio: records in the most unusual cluster of places and years over those expected",
        p=cluster.p, n=len(x), level="L0", parents=task.parents,
        reference_set=f"{EXCHANGES} exchanges of dates over places, largest cluster anywhere",
    )  # fmt: skip
    if cluster.observed >= MIN_GROUP and cluster.expected > 0:
        row = replace(row, estimate=cluster.observed / cluster.expected)
    state = "stands out from" if cluster.p <= alpha() else "does not stand out from"
    first = row.says(
        f"Without knowing a tower, the most unusual cluster of recorded deaths {state} chance "
        f"({p_words(cluster.p)}): {cluster.last - cluster.first + 1} years, "
        f"{ratio_words(row.estimate or np.nan)} times the records its places and years expect. "
        "Recovery sweeps make such clusters too."
    )
    return [first, _overlap(task, points, cluster, np.hypot(x - cluster.x, y - cluster.y))]


def _overlap(task: Task, points: _Points, cluster: Cluster, away: Array) -> Estimate:
    """Share of the cluster's ground that came into view in its years, against shifted dates."""
    row = Estimate(
        "S5.overlap_with_new_coverage",
        "share of the ground of the most unusual cluster, by its records of all years, that came "
        f"into view during the cluster or the {LEAD_YEARS} years before",
        level="L0",
        parents=task.parents,
    )
    if not task.inputs.in_view:
        return refusal(row, "no viewshed of a dated tower is at hand")
    inside = points.index[away <= cluster.radius_m + 1.0]
    if len(inside) < MIN_GROUP:
        return refusal(row, "the cluster holds fewer than five records")
    at = next(iter(task.inputs.in_view.values())).seen[:, inside]
    new = np.maximum(np.diff(at, axis=0, prepend=0.0), 0.0)
    years = list(map(int, task.inputs.years))
    window = [i for i, t in enumerate(years)
              if cluster.first - LEAD_YEARS <= t <= cluster.last]  # fmt: skip
    shares = np.array(
        [
            np.minimum(np.roll(new, shift, axis=0)[window].sum(axis=0), 1.0).mean()
            for shift in range(len(years))
        ]
    )
    p = float((shares >= shares[0] - 1e-12).mean())
    filled = replace(
        row, estimate=float(shares[0]), p=p, n=len(inside),
        reference_set=f"all {len(years)} circular shifts of the dates of coverage",
    )  # fmt: skip
    return filled.says(
        f"{shares[0]:.0%} of the ground of the most unusual cluster came into view during it or "
        f"the {LEAD_YEARS} years before; {p:.0%} of shifted dates give as much ({p_words(p)})."
    )
