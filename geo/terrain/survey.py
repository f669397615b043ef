"""One reading of a raster in a study's area, block by block, before any work."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geo.errors import LayoutError
from geo.terrain.heights import Heights
from geo.terrain.opening import opened

Bounds = tuple[float, float, float, float]
PLAUSIBLE_M = (-500.0, 9_000.0)
"""Guard: land lies between these heights; anything else in a file is a void that was not marked."""
CODES = (0.0, -1.0, -99.0)
"""Guard: what programs write for a void, although land may have such a height."""
GAP_M = 100.0
"""Guard: land that falls by so much to one of `CODES`, nothing between, is a void (assumed)."""
BLOCK = 2_048
"""Numerical: cells a side that are read at once: 16 MB of heights."""
MOST_CELLS = 64_000_000
"""Numerical: of a larger window every so many-th cell is read: the check of a run may not take
minutes."""


@dataclass(frozen=True)
class Survey:
    """What a raster holds within an area.

    Attributes
    ----------
    cells, valid
        Cells read, and those with a height that land has.
    odd
        Value as stored = cells, of values that no land has and the file does not mark as void.
    floor_m
        What lies lower is void, m: above the code of a void that land may have, where one stands.
    """

    cells: int
    valid: int
    odd: Counter[float]
    floor_m: float = PLAUSIBLE_M[0]

    @property
    def unmarked(self) -> float | None:
        """The commonest of the odd values: a void that is to be masked before resampling."""
        return self.odd.most_common(1)[0][0] if self.odd else None


def survey(path: Path, area: Bounds, heights: Heights) -> Survey:
    """Read the heights of a raster that lie in an area.

    Parameters
    ----------
    path
        The raster.
    area
        West, south, east, north, degrees.
    heights
        How its numbers become metres.

    Raises
    ------
    LayoutError
        If its cells cannot be read to the end.
    """
    cells = valid = 0
    odd: Counter[float] = Counter()
    codes: Counter[float] = Counter()
    lowest = math.inf
    low, high = PLAUSIBLE_M
    for values, known in _read(path, area):
        metres = values.astype(np.float64) * heights.scale + heights.offset
        with np.errstate(invalid="ignore"):
            sound = known & (metres >= low) & (metres <= high)
        strange, count = np.unique(values[known & ~sound & np.isfinite(metres)], return_counts=True)
        odd.update(dict(zip(strange.tolist(), count.tolist(), strict=True)))
        cells += values.size
        valid += int(sound.sum())
        for code in CODES:
            hit = sound & (values == code)
            codes[code] += int(hit.sum())
            sound &= ~hit
        lowest = min(lowest, float(metres[sound].min(initial=math.inf)))
    return _without_codes(Survey(cells, valid, odd), codes, lowest, heights)


def _without_codes(
    found: Survey, codes: Counter[float], lowest_m: float, heights: Heights
) -> Survey:
    """Count the code of a void that lies far below all other land among the odd values."""
    for code, count in codes.items():
        height_m = code * heights.scale + heights.offset
        if count and math.isfinite(lowest_m) and lowest_m - height_m > GAP_M:
            odd = Counter({**found.odd, code: count})
            floor_m = max(found.floor_m, (height_m + lowest_m) / 2)
            found = Survey(found.cells, found.valid - count, odd, floor_m)
    return found


def codes_in(path: Path, area: Bounds) -> frozenset[int]:
    """Return the class codes of a land cover that lie in an area, voids left out.

    Raises
    ------
    LayoutError
        If its cells cannot be read, or are no whole numbers.
    """
    found: set[int] = set()
    for values, known in _read(path, area):
        present = np.unique(values[known])
        if not np.array_equal(present, np.floor(present)):
            raise LayoutError(
                f"{path.name}: its cells are no whole numbers, so no classes of a land cover. Give "
                "the product's own raster of classes."
            )
        found |= {int(code) for code in present}
    return frozenset(found)


def shift_into(box: Bounds, area: Bounds) -> float:
    """Return by how many degrees a raster's longitudes are to be moved so that it meets an area.

    0, or -360 and 360 for rasters that count longitudes from 0 to 360 or the other way round.
    """
    overlap = {
        turn: min(box[2] + turn, area[2]) - max(box[0] + turn, area[0])
        for turn in (0.0, -360.0, 360.0)
    }
    return max(overlap, key=lambda turn: (overlap[turn], turn == 0.0))


def lonlat_bounds(dataset: Any) -> Bounds:
    """Return west, south, east, north of a raster in degrees, however it is turned."""
    transform = dataset.transform
    corners = [transform @ (x, y) for x in (0, dataset.width) for y in (0, dataset.height)]
    xs, ys = zip(*corners, strict=True)
    box = (min(xs), min(ys), max(xs), max(ys))
    if dataset.crs.is_geographic:
        return box
    to_lonlat = Transformer.from_crs(dataset.crs, "EPSG:4326", always_xy=True)
    west, south, east, north = to_lonlat.transform_bounds(*box)
    return west, south, east, north


def _read(path: Path, area: Bounds) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    with opened(path) as (dataset, _said):
        whole = _window(dataset, area)
        thin = max(1, int(np.ceil(np.sqrt(whole.width * whole.height / MOST_CELLS))))
        side = BLOCK * thin
        try:
            for top in range(whole.row_off, whole.row_off + whole.height, side):
                for left in range(whole.col_off, whole.col_off + whole.width, side):
                    part = Window(
                        left,
                        top,
                        min(side, whole.col_off + whole.width - left),
                        min(side, whole.row_off + whole.height - top),
                    )
                    shape = (-(-part.height // thin), -(-part.width // thin))
                    values = dataset.read(1, window=part, out_shape=shape)
                    known = dataset.read_masks(1, window=part, out_shape=shape) > 0
                    yield values, known & np.isfinite(values)
        except RasterioError as error:
            raise LayoutError(
                f"{path.name}: its cells cannot be read to the end ({type(error).__name__}); it is "
                "cut off or damaged. Fetch it again."
            ) from None


def _window(dataset: Any, area: Bounds) -> Window:
    """Return the window of a raster that holds an area, cut at the raster's edges."""
    box = lonlat_bounds(dataset)
    turn = shift_into(box, area)
    west, south, east, north = area[0] - turn, area[1], area[2] - turn, area[3]
    to_raster = Transformer.from_crs("EPSG:4326", dataset.crs, always_xy=True)
    x, y = np.meshgrid(np.linspace(west, east, 21), np.linspace(south, north, 21))
    if not dataset.crs.is_geographic:
        x, y = to_raster.transform(x, y)
    cols, rows = ~dataset.transform @ (np.ravel(x), np.ravel(y))
    near = np.isfinite(cols) & np.isfinite(rows)
    if not near.any():
        return Window(0, 0, 0, 0)
    left, right = (
        int(v) for v in np.clip([cols[near].min(), cols[near].max() + 1], 0, dataset.width)
    )
    top, bottom = (
        int(v) for v in np.clip([rows[near].min(), rows[near].max() + 1], 0, dataset.height)
    )
    return Window(left, top, right - left, bottom - top)
