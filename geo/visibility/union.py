"""What all towers saw, period by period, computed once per chunk of the output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import StudyError
from geo.grid import grid_of, require_metric
from geo.visibility._kernel import stamp
from geo.visibility.activity import DateInterval, moments, period_days
from geo.visibility.output import CHUNK, LAYERS, Output
from geo.visibility.programmes import detection_probability
from geo.visibility.sight import LINES, Sight
from geo.visibility.single import REFRACTION, TARGET_M, Optics, Patch
from geo.visibility.towers import Batch, Site, View, batches, sites_of

FIXED_POINT = 65_536
"""Numerical: steps of a probability while towers are joined: sums of integers do not depend on
their order."""
MOST_SURE = 1.0 - 1e-4
"""Numerical: a single tower never notices with more certainty than this: nobody's detection is
perfect."""

Progress = Callable[[int, int, str], None]


class Executor(Protocol):
    """Anything that runs a function elsewhere: a `concurrent.futures` pool, a Dask client."""

    def submit(self, function: Callable[..., Any], /, *args: Any) -> Any:
        """Run the function, and return a future with a `result()`."""
        ...


def coverage(  # noqa: PLR0913 - two of them are how views are told, three who does the work
    elevation: xr.DataArray,
    towers: gpd.GeoDataFrame,
    periods: Sequence[DateInterval],
    *,
    target_height_m: float = TARGET_M,
    refraction: float = REFRACTION,
    sight: Sight = LINES,
    executor: Executor | None = None,
    progress: Progress | None = None,
    store: str | Path | None = None,
) -> xr.Dataset:
    """Return what the towers of a table saw in each period.

    The dose of a cell is the share of the period's days on which at least one active tower had it
    in view: the union over towers at every moment, then the mean over days. Only deployed and
    replaced towers with a sourced active_from enter (see `roster`); uncertain dates are settled at
    their midpoints unless `dated` settled them before; a tower without its own height or range
    gets its programme's. To single out a programme, settle first, then select:
    ``t = dated(towers); coverage(elevation, t[t.programme == "legacy_rvss"], periods)``.

    Parameters
    ----------
    elevation
        (y, x) metres on square metric cells. It should reach beyond the study by the range of the
        towers: one that stands off the raster cannot be computed and is named in the attributes.
    towers
        Table of towers (`geo.records.TOWERS`), EPSG:4326.
    periods
        Objects with id, start and end (half-open).
    target_height_m
        Height of the target above ground, m.
    refraction
        Coefficient k of `viewshed`.
    sight
        Lines of sight, or the share of each cell within range that counts as in view.
    executor
        Runs the viewsheds; None computes them in the calling thread. Results do not depend on it.
    progress
        Called as progress(done, total, label) with chunks of the output.
    store
        Path of a new zarr to write, each chunk once; the Dataset is then backed by it and memory
        does not grow with the raster. What a killed run left there is replaced. None keeps the
        arrays in memory.

    Returns
    -------
    xr.Dataset
        `in_view` float32 (period, y, x), share of the period's days in view, 0 to 1;
        `detection` float32 (period, y, x), probability that a person standing there would be
        noticed, towers taken as independent, mean over the days (`detection_probability`);
        `count` uint16 (period, y, x), most towers that had the cell in view at once;
        `ever` bool (y, x), in view on any day of any period.
        0 where there is no elevation. Attributes: `exposure` ("view", or "range" where no line of
        sight was drawn: `count` and `ever` are then of ranges), `towers` (number in the dose),
        `towers_outside` and `towers_without_elevation` (ids left out).

    Raises
    ------
    GridError
        If the raster is not metric.
    InputProblems
        If the table contradicts itself, or lacks a height or range that no programme gives.
    StudyError
        If two periods share an id or one is empty.
    FileExistsError
        If there is something else at `store`.

    Notes
    -----
    Views: R3 of Franklin, Ray & Mehta 1994 (`viewshed`); noticing: Ratches et al. 1975 (see
    `detection_probability`); independence of towers is assumed.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> periods = examples.made_up_study().periods
    >>> seen = visibility.coverage(examples.elevation(), examples.towers(), periods)
    >>> seen["in_view"].mean(("y", "x")).values.round(3), seen.attrs["towers"]
    (array([0.   , 0.347], dtype=float32), 1)
    """
    _check_periods(periods)
    grid = grid_of(elevation)
    cell_m = require_metric(elevation)
    optics = Optics.of(cell_m, target_height_m, refraction, by_range=sight.by_range)
    sites, outside = sites_of(towers, grid)
    shape = (int(grid.shape[0]), int(grid.shape[1]))
    output = Output.make(elevation, periods, store)
    blind: list[str] = []
    bands = [(top, min(top + CHUNK, shape[0])) for top in range(0, shape[0], CHUNK)]
    total = len(bands) * -(-shape[1] // CHUNK)
    done = 0
    for band, views in _by_band(elevation, sites, optics, bands, executor):
        blind += [v.site.tower_id for v in views if v.blind and _first_in(v, band)]
        for left in range(0, shape[1], CHUNK):
            chunk = Patch(*band, left, min(left + CHUNK, shape[1]))
            output.write(chunk, _chunk_layers(chunk, views, periods, cell_m, sight))
            done += 1
            if progress is not None:
                progress(done, total, "coverage")
    return output.dataset(
        {
            "exposure": "range" if sight.by_range else "view",
            "towers": len(sites) - len(blind),
            "towers_outside": outside,
            "towers_without_elevation": sorted(blind),
            "target_height_m": target_height_m,
            "refraction": refraction,
        }
    )


def _check_periods(periods: Sequence[DateInterval]) -> None:
    ids = [p.id for p in periods]
    if not ids or len(set(ids)) < len(ids) or any(period_days(p) <= 0 for p in periods):
        raise StudyError(
            f"periods {ids} cannot be mapped; give at least one, each with its own id and an "
            "end after its start"
        )


def _first_in(view: View, band: tuple[int, int]) -> bool:
    return band[0] <= view.site.row < band[1]


def compute_views(batch: Batch) -> list[View]:
    """Compute a batch; a plain function, so that any executor can carry it."""
    return batch.views()


def _by_band(
    elevation: xr.DataArray,
    sites: Sequence[Site],
    optics: Optics,
    bands: Sequence[tuple[int, int]],
    executor: Executor | None,
) -> Iterator[tuple[tuple[int, int], list[View]]]:
    """Yield each band of chunks with the views that touch it.

    Viewsheds of the band below are already submitted while a band is put together, and dropped
    when their last band is done: memory follows the towers of two bands, not the raster.
    """
    waiting = sorted(batches(elevation, sites, optics, CHUNK), key=lambda b: b.patch.top)
    running: list[tuple[int, Any]] = []
    views: list[View] = []
    for top, bottom in bands:
        while waiting and waiting[0].patch.top < bottom + CHUNK:
            batch = waiting.pop(0)
            running.append((batch.patch.top, _start(batch, executor)))
        ready = [future for first, future in running if first < bottom]
        running = [(first, future) for first, future in running if first >= bottom]
        for future in ready:
            views += future() if executor is None else future.result()
        yield (top, bottom), [v for v in views if v.patch.top < bottom and v.patch.bottom > top]
        views = [v for v in views if v.patch.bottom > bottom]


def _start(batch: Batch, executor: Executor | None) -> Any:
    if executor is None:
        return batch.views
    return executor.submit(compute_views, batch)


def _chunk_layers(
    chunk: Patch,
    views: Iterable[View],
    periods: Sequence[DateInterval],
    cell_m: float,
    sight: Sight = LINES,
) -> dict[str, NDArray[Any]]:
    """Walk through time, adding and taking away towers, and sum up each period."""
    near = [v for v in views if not v.blind and _touch(v.patch, chunk)]
    shape = (chunk.bottom - chunk.top, chunk.right - chunk.left)
    layers = {
        name: np.zeros(shape if name == "ever" else (len(periods), *shape), dtype)
        for name, dtype in LAYERS.items()
    }
    if not near:
        return layers
    changes = [day for v in near for day in (v.site.start, v.site.end)]
    misses = {v.site.range_m: _misses(v.site, cell_m, sight) for v in near}
    scene = _Scene(chunk, np.zeros(shape, np.int32), np.zeros(shape, np.int32), misses)
    for index, period in enumerate(periods):
        days = np.zeros(shape)
        noticed = np.zeros(shape, np.float32)
        for first, last in moments(changes, period):
            scene.show([v for v in near if v.site.start <= first and v.site.end > first])
            length = int((last - first).astype(int))
            days += sight.covered(scene.towers) * length
            if scene.shown:
                missed = np.float32(-1.0 / FIXED_POINT) * scene.missed.astype(np.float32)
                noticed -= np.float32(length) * np.expm1(missed)
            most = layers["count"][index]
            np.maximum(most, scene.towers.astype(most.dtype), out=most)
        layers["in_view"][index] = days / np.float32(period_days(period))
        layers["detection"][index] = noticed / np.float32(period_days(period))
        layers["ever"] |= days > 0
    return layers


@dataclass
class _Scene:
    """The towers on show at one moment, and what they add up to in one chunk."""

    chunk: Patch
    towers: NDArray[np.int32]
    missed: NDArray[np.int32]
    misses: dict[float, NDArray[np.int32]]
    shown: tuple[View, ...] = ()

    def show(self, active: Sequence[View]) -> None:
        """Add the towers that came and take away those that went; the rest stays as it is."""
        now, before = {id(v) for v in active}, {id(v) for v in self.shown}
        for view in self.shown:
            if id(view) not in now:
                self._stamp(view, -1)
        for view in active:
            if id(view) not in before:
                self._stamp(view, 1)
        self.shown = tuple(active)

    def _stamp(self, view: View, sign: int) -> None:
        stamp(
            (view.bits, view.patch.box, (view.site.row, view.site.col)),
            self.misses[view.site.range_m],
            self.chunk.box,
            sign,
            self.towers,
            self.missed,
        )


def _touch(a: Patch, b: Patch) -> bool:
    return a.top < b.bottom and b.top < a.bottom and a.left < b.right and b.left < a.right


def _misses(site: Site, cell_m: float, sight: Sight) -> NDArray[np.int32]:
    """Return -log(1 - p) by squared distance in cells, fixed point."""
    squares = np.arange(2 * site.reach**2 + 1)
    sure = detection_probability(np.sqrt(squares) * cell_m, site.range_m)
    sure = sure if sight.share is None else sure * sight.share
    missed = -np.log1p(-np.minimum(sure, MOST_SURE))
    return np.asarray(np.rint(missed * FIXED_POINT).astype(np.int32))
