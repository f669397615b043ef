"""Made-up deaths: where and when they truly were, and what a publisher's file makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer

from geo.grid import LONLAT, cell_centres, grid_of
from geo.synthetic.ground_truth import GroundTruth, place_weight
from geo.synthetic.landscape import strip
from geo.typing import Floats

MONTHS = (3, 3, 4, 6, 8, 14, 17, 11, 6, 3, 3, 2)
"""Made up: relative number of deaths by month from January; most die in the hot months."""
CLASSES = ("gps", "address", "directions", "vague", "moved", "none")
EARLY = (0.66, 0.04, 0.17, 0.09, 0.02, 0.02)
"""Made up: shares of `CLASSES` in the first year."""
LATE = (0.90, 0.02, 0.05, 0.02, 0.005, 0.005)
"""Made up: shares of `CLASSES` in the first and in the last year: places become better known."""
RADIUS_M = {"gps": 100.0, "address": 300.0, "directions": 2_000.0, "vague": 15_000.0}
"""Made up: radius of each class; the true place lies within it, nearer more often than farther."""
OFFICE_SHARE = 0.015
"""Made up: share of records that stand at an office instead of their place."""
PMI_DAYS = ((0, 1), (1, 7), (7, 21), (21, 35), (35, 92), (92, 244), (244, 1_100))
"""Made up: bounds of the post-mortem classes, days."""
PMI_SHARES = (0.29, 0.12, 0.07, 0.10, 0.09, 0.11, 0.22)
"""Made up: days from death to recovery, and the share of each class."""


@dataclass(frozen=True)
class Drawn:
    """One draw of records, one row a death.

    Attributes
    ----------
    truth
        corridor, bin (positions), year, x, y (metres in the grid's CRS), died_on.
    recorded
        x, y as recorded, precision ("office" for placeholders), pmi (position in `PMI_DAYS`),
        found_on; in the order of `truth`.
    """

    truth: pd.DataFrame
    recorded: pd.DataFrame


def draw(world: GroundTruth, rng: np.random.Generator) -> Drawn:
    """Draw the deaths of a world and what becomes of them in the records.

    Parameters
    ----------
    world
        From `world`.
    rng
        Other generators give other records of the same world.

    Returns
    -------
    Drawn
        Truth and record of each death, one row each; metres in the grid's CRS.

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, synthetic
    >>> drawn = synthetic.draw(examples.made_up_world(), np.random.default_rng(0))
    >>> len(drawn.truth) == len(drawn.recorded)
    True
    """
    counts = rng.poisson(world.expected.values)
    truth = _place(world, counts, rng)
    return Drawn(truth, _record(world, truth, rng))


def counts(drawn: Drawn, world: GroundTruth) -> xr.DataArray:
    """Return true numbers by corridor, bin and year, as no real record shows them.

    Parameters
    ----------
    drawn
        From `draw`.
    world
        From `world`.

    Returns
    -------
    xr.DataArray
        int64 (corridor, bin, year).

    Examples
    --------
    >>> import numpy as np
    >>> from geo import examples, synthetic
    >>> world = examples.made_up_world()
    >>> drawn = synthetic.draw(world, np.random.default_rng(0))
    >>> synthetic.counts(drawn, world).dims
    ('corridor', 'bin', 'year')
    """
    out = np.zeros(world.expected.shape, np.int64)
    first = int(world.expected["year"].values[0])
    t = drawn.truth
    np.add.at(out, (t["corridor"], t["bin"], t["year"] - first), 1)
    return world.expected.copy(data=out).rename("deaths")


def _place(
    world: GroundTruth, numbers: NDArray[np.int64], rng: np.random.Generator
) -> pd.DataFrame:
    """Place the deaths of every corridor, bin and year on cells, those in view less often."""
    corridors, bins, years = numbers.shape
    known = np.flatnonzero(world.bins.values.ravel() >= 0)
    label = world.labels.values.ravel()[known].astype(np.int64)
    group = label * bins + world.bins.values.ravel()[known]
    order = np.argsort(group, kind="stable")
    known, group = known[order], group[order]
    start = np.searchsorted(group, np.arange(corridors * bins + 1))
    weight = place_weight(world.routes, world.labels).ravel()[known]
    shy = max(0.0, 1.0 - 1.0 / _rate_ratio(world))
    parts = []
    for year in range(years):
        seen = world.in_view.values[year].ravel()[known]
        total = np.concatenate([[0.0], np.cumsum(weight * (1.0 - shy * seen))])
        wanted = numbers[:, :, year].ravel()
        cell = np.repeat(np.arange(corridors * bins), wanted)
        low, high = total[start[cell]], total[start[cell + 1]]
        at = np.searchsorted(total, low + rng.random(cell.size) * (high - low), "right") - 1
        at = np.clip(at, start[cell], start[cell + 1] - 1)
        parts.append(
            pd.DataFrame({"corridor": cell // bins, "bin": cell % bins, "at": known[at],
                          "year": int(world.expected["year"].values[year])})
        )  # fmt: skip
    frame = pd.concat(parts, ignore_index=True)
    return _spot(world, frame, rng)


def _rate_ratio(world: GroundTruth) -> float:
    made_up = world.study.synthetic
    return 1.0 if made_up is None else made_up.rate_ratio


def _spot(world: GroundTruth, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give every death a spot in its cell and a day in its year."""
    grid = grid_of(world.labels)
    x, y = cell_centres(grid)
    row, col = np.divmod(frame.pop("at").to_numpy(), grid.shape[1])
    half = 0.499 * float(grid.resolution.x)
    frame["x"] = x[col] + rng.uniform(-half, half, len(frame))
    frame["y"] = y[row] + rng.uniform(-half, half, len(frame))
    month = rng.choice(12, len(frame), p=np.array(MONTHS) / sum(MONTHS))
    first = pd.to_datetime({"year": frame["year"], "month": month + 1, "day": 1})
    day = np.floor(rng.random(len(frame)) * first.dt.days_in_month.to_numpy())
    frame["died_on"] = first + pd.to_timedelta(day, unit="D")
    return frame


def _record(world: GroundTruth, truth: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Blur places by class, move some, and let time pass until the recovery."""
    n = len(truth)
    years = world.expected["year"].values
    late = (truth["year"].to_numpy() - years[0]) / max(len(years) - 1, 1)
    share = np.outer(1.0 - late, EARLY) + np.outer(late, LATE)
    kind = (rng.random(n)[:, None] > np.cumsum(share, axis=1)).sum(axis=1)
    kind = np.minimum(kind, len(CLASSES) - 1)
    precision = np.array(CLASSES, dtype=object)[kind]
    radius = np.array([RADIUS_M.get(c, 0.0) for c in CLASSES])[kind]
    x, y = _blur(world, truth, radius, rng)
    town = world.land.places.geometry.iloc[rng.integers(len(world.land.places), size=n)]
    carried = np.isin(precision, ["moved", "none"])
    x, y = np.where(carried, town.x, x), np.where(carried, town.y, y)
    office = rng.random(n) < OFFICE_SHARE
    precision[office] = "office"
    pmi = rng.choice(len(PMI_DAYS), n, p=PMI_SHARES)
    low, high = np.array(PMI_DAYS, float)[pmi].T
    passed = np.exp(rng.uniform(np.log(low + 1.0), np.log(high + 1.0))) - 1.0
    found = truth["died_on"] + pd.to_timedelta(np.floor(passed), unit="D")
    return pd.DataFrame({"x": x, "y": y, "precision": precision, "pmi": pmi, "found_on": found})


def _blur(
    world: GroundTruth, truth: pd.DataFrame, radius: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move each place within its radius, but never out of the strip or across the border."""
    area = strip(world.study)
    x, y = truth["x"].to_numpy(), truth["y"].to_numpy()
    new_x, new_y = x.copy(), y.copy()
    foot = float(world.land.border.total_bounds[3])
    waiting = np.arange(len(truth))
    for _ in range(200):
        angle = rng.uniform(0.0, 2.0 * np.pi, waiting.size)
        far = radius[waiting] * rng.random(waiting.size)
        new_x[waiting] = x[waiting] + far * np.cos(angle)
        new_y[waiting] = y[waiting] + far * np.sin(angle)
        out = (new_x < area.west) | (new_x > area.west + area.width)
        out |= (new_y < np.minimum(y, foot)) | (new_y > area.south + area.height)
        waiting = np.flatnonzero(out)
        if not waiting.size:
            return new_x, new_y
    new_x[waiting], new_y[waiting] = x[waiting], y[waiting]
    return new_x, new_y


def lonlat(world: GroundTruth, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude of points of the grid, rounded as publishers round."""
    to_lonlat = Transformer.from_crs(str(grid_of(world.labels).crs), LONLAT, always_xy=True)
    lon, lat = to_lonlat.transform(x, y)
    return np.round(lon, 6), np.round(lat, 6)


def last_day(world: GroundTruth) -> pd.Timestamp:
    """Return the last day on which the file of a world reports a death: before `as_of`."""
    return pd.Timestamp(world.study.as_of - timedelta(days=93))
