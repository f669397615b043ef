"""Does the route model deserve belief? Its density against plain baselines on old records.

The density that defines the dose is scored on records from before the first tower whose place is
known by GPS, block by block along the border: what a block is scored with was fitted on the other
blocks, and the score is of the place within the block, since the dose too is a share within a
corridor and says nothing of how many people cross where. If it does not beat the best baseline,
maps and memo say "not validated", the dose falls back to area share, and no claim rises above L1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import spearmanr
from scipy.stats import t as student

from geo.errors import IdentificationError
from geo.grid import cell_index, grid_of, same_grid
from geo.inference.estimation.rows import Estimate, tails
from geo.parameters import load

Floats = NDArray[np.float64]
BLOCKS = int(load("battery")["route_blocks"].value)
LEAST_RECORDS = int(load("battery")["route_least_records"].value)
LEAST_BLOCKS = int(load("battery")["route_least_blocks"].value)
BOYCE = int(load("battery")["boyce_classes"].value)
FLOOR = float(load("battery")["route_even_share"].value)
"""Least share of the density that is spread evenly: nobody's model knows everything."""


@dataclass(frozen=True)
class Validation:
    """How the route model did.

    Attributes
    ----------
    gains
        Baseline = mean gain in log score per record, nats.
    low, high
        95 % interval of the gain over the best baseline, from the blocks.
    best
        The best baseline.
    boyce
        Continuous Boyce index of the density at the records, -1 to 1.
    records, blocks
        Records and blocks scored.
    validated
        Whether the interval of the gain over the best baseline lies above 0.
    """

    gains: Mapping[str, float]
    low: float
    high: float
    best: str
    boyce: float
    records: int
    blocks: int

    @property
    def validated(self) -> bool:
        """Whether the density beats every baseline, by its interval."""
        return self.low > 0


def validate_routes(
    density: xr.DataArray,
    border_km: xr.DataArray,
    road_km: xr.DataArray,
    x: Floats,
    y: Floats,
) -> Validation:
    """Score the route density and three plain baselines on records it never saw.

    Parameters
    ----------
    density
        (y, x) pre-tower route density, any scale.
    border_km, road_km
        (y, x) distance of each cell to the border and to the nearest road, km.
    x, y
        (record,) places of the records in the grid's CRS: before the first tower, GPS class.

    Returns
    -------
    Validation
        Baselines: `uniform`; `border` (log-linear in distance to the border); `border and road`
        (log-linear in both). Log-linear weights and the share of the density that is spread
        evenly are fitted on the other blocks.

    Raises
    ------
    IdentificationError
        If fewer than 30 records or 3 blocks are left.

    References
    ----------
    Log score: Good (1952). Blocked cross-validation: Roberts et al. (2017). Continuous Boyce
    index: Hirzel et al. (2006).
    """
    same_grid(density, border_km, road_km)
    cells = _Cells(density, border_km, road_km)
    at = cells.of(x, y)
    block_of = _blocks(cells.x, at) if at.size >= LEAST_RECORDS else np.zeros(0, np.intp)
    blocks = block_of[at] if block_of.size else block_of
    count = np.unique(blocks).size
    if count < LEAST_BLOCKS:
        raise IdentificationError(
            f"{at.size} pre-tower GPS records in {count} blocks cannot judge a route model; "
            f"at least {LEAST_RECORDS} in {LEAST_BLOCKS} are needed"
        )
    scores = {name: np.empty(at.size) for name in ("model", "uniform", "border", "border and road")}
    for block in range(count):
        out, rest = blocks == block, blocks != block
        fitted = _fit(cells, at[rest])
        for name, log_density in fitted.items():
            inside = log_density[block_of == block]
            scores[name][out] = log_density[at[out]] - _log_sum(inside)
    gains = {n: float(np.mean(scores["model"] - s)) for n, s in scores.items() if n != "model"}
    best = min(gains, key=lambda n: gains[n])
    low, high = _interval(scores["model"] - scores[best], blocks, count)
    return Validation(gains, low, high, best, _boyce(cells, at), records=int(at.size), blocks=count)


def as_estimate(found: Validation, parents: str = "", *, weighs: bool = False) -> Estimate:
    """Return the validation as a row of `estimates`.

    Parameters
    ----------
    weighs
        Whether modelled movement weighs the dose even where it is not validated.
    """
    dose = (
        "it still weighs the dose, for want of another measure; by land alone: R7.area_weighted"
        if weighs
        else "the dose is the area share in view"
    )
    gain = found.gains[found.best]
    verdict = (
        "The route model places pre-tower records better than every plain baseline"
        if found.validated
        else "The route model does not place pre-tower records better than every plain baseline: "
        f"it is a modelled illustration, not validated, and {dose}"
    )
    others = ", ".join(f"{value:.2f} over {name}" for name, value in found.gains.items())
    return Estimate(
        "route_model",
        "mean gain in log score per record over the best plain baseline, nats",
        estimate=gain,
        low=found.low,
        high=found.high,
        n=found.records,
        clusters=found.blocks,
        gates={"route_model_validated": found.validated},
        level="L0",
        sentence=(
            f"{verdict} (gain {others}; 95 % interval over {found.best} {found.low:.2f} to "
            f"{found.high:.2f} nats a record; continuous Boyce index {found.boyce:.2f})."
        ),
        parents=parents,
    )


class _Cells:
    """The cells that a record may fall in, flat, with their covariates."""

    def __init__(self, density: xr.DataArray, border: xr.DataArray, road: xr.DataArray) -> None:
        self.grid = grid_of(density)
        values = np.asarray(density.values, float)
        near, far = np.asarray(border.values, float), np.asarray(road.values, float)
        self.usable = np.isfinite(values) & np.isfinite(near) & np.isfinite(far)
        self.density = values[self.usable]
        self.density /= self.density.sum()
        self.border, self.road = near[self.usable], far[self.usable]
        self.position = np.full(values.shape, -1)
        self.position[self.usable] = np.arange(self.density.size)
        self.x = np.nonzero(self.usable)[1].astype(float)

    def of(self, x: Floats, y: Floats) -> NDArray[np.intp]:
        """Cells of the records that fall in one."""
        row, col, inside = cell_index(self.grid, x, y)
        cell = np.where(inside, self.position[row, col], -1)
        return np.asarray(cell[cell >= 0], np.intp)


def _blocks(column: Floats, at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Block along the border of every cell; blocks hold about equal numbers of records."""
    edges = np.unique(np.quantile(column[at], np.linspace(0, 1, BLOCKS + 1)[1:-1]))
    label = np.searchsorted(edges, column, side="right")
    known = np.unique(label[at])
    number = np.full(int(label.max()) + 1, -1)
    number[known] = np.arange(known.size)
    return np.asarray(number[label], np.intp)


def _fit(cells: _Cells, at: NDArray[np.intp]) -> dict[str, Floats]:
    n = cells.density.size
    even = np.full(n, -np.log(n))
    return {
        "model": _mixture(cells.density, at),
        "uniform": even,
        "border": _log_linear(cells.border[:, None], at),
        "border and road": _log_linear(np.column_stack([cells.border, cells.road]), at),
    }


def _mixture(density: Floats, at: NDArray[np.intp]) -> Floats:
    """Density mixed with an even share, which is chosen on the records at hand."""
    even = 1.0 / density.size
    shares = np.linspace(FLOOR, 1.0, 39)
    fit = [np.log((1 - s) * density[at] + s * even).sum() for s in shares]
    share = shares[int(np.argmax(fit))]
    return np.asarray(np.log((1 - share) * density + share * even))


def _log_linear(covariates: Floats, at: NDArray[np.intp]) -> Floats:
    """Log density proportional to a linear form, by maximum likelihood (concave)."""
    z = (covariates - covariates.mean(axis=0)) / covariates.std(axis=0).clip(1e-9)
    mean = z[at].mean(axis=0)

    def loss(weight: Floats) -> tuple[float, Floats]:
        score = z @ weight
        top = score.max()
        mass = np.exp(score - top)
        total = mass.sum()
        value = top + np.log(total) - mean @ weight
        return float(value), np.asarray(mass @ z / total - mean)

    weight = minimize(loss, np.zeros(z.shape[1]), jac=True, method="BFGS").x
    score = z @ weight
    return np.asarray(score - _log_sum(score))


def _log_sum(log_values: Floats) -> float:
    top = log_values.max()
    return float(top + np.log(np.exp(log_values - top).sum()))


def _interval(gain: Floats, block: NDArray[np.intp], count: int) -> tuple[float, float]:
    """Interval of the mean gain, blocks as clusters (delete-one-block jackknife, t)."""
    mean = gain.mean()
    left = np.array([gain[block != b].mean() for b in range(count)])
    error = np.sqrt((count - 1) / count * ((left - mean) ** 2).sum())
    reach = float(student.ppf(tails()[1], count - 1)) * error
    return float(mean - reach), float(mean + reach)


def _boyce(cells: _Cells, at: NDArray[np.intp], windows: int = BOYCE) -> float:
    """Rank correlation of density class with the ratio of records found to expected there."""
    edges = np.unique(np.quantile(cells.density, np.linspace(0, 1, windows + 1)))
    last = edges.size - 2
    if last < 2:
        return float("nan")
    everywhere = np.clip(np.searchsorted(edges, cells.density, side="right") - 1, 0, last)
    expected = np.bincount(everywhere, minlength=last + 1) / cells.density.size
    found = np.bincount(everywhere[at], minlength=last + 1) / at.size
    held = expected > 0  # where many cells share a density, a class may be left without any
    if held.sum() <= 2:
        return float("nan")
    return float(spearmanr(np.flatnonzero(held), found[held] / expected[held]).statistic)
