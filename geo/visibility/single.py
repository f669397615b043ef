"""What one tower sees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from geo.errors import GridError, UnitsError
from geo.grid import cell_index, grid_of, require_metric
from geo.parameters import load
from geo.visibility._kernel import sweep

TARGET_M = float(load("visibility")["target_height_m"].value)
"""Height of what is looked for."""
REFRACTION = float(load("visibility")["refraction"].value)
"""Coefficient of refraction of light."""
ROUND = 360.0
"""Definition: degrees of a full turn."""


@dataclass(frozen=True)
class Optics:
    """How the line of sight is drawn.

    Attributes
    ----------
    target_height_m
        Height of the target above its cell, m.
    bend
        Drop of the ground at one cell's distance by curvature less refraction, m; it grows with
        the square of the distance.
    cell_m
        Cell side, m.
    by_range
        Whether every cell with ground within range counts, without a line of sight.
    """

    target_height_m: float
    bend: float
    cell_m: float
    by_range: bool = False

    @classmethod
    def of(
        cls, cell_m: float, target_height_m: float, refraction: float, *, by_range: bool = False
    ) -> Optics:
        """Derive the drop from the refraction coefficient k: (1 - k) d^2 / (2 R_earth)."""
        if target_height_m < 0 or not -1.0 < refraction < 1.0:
            raise UnitsError(
                f"target_height_m={target_height_m} and refraction={refraction}; give a height of "
                "at least 0 m and a coefficient between -1 and 1 (0.13 is usual)"
            )
        radius = float(load("visibility")["earth_radius_m"].value)
        bend = (1.0 - refraction) * cell_m**2 / (2.0 * radius)
        return cls(target_height_m, bend, cell_m, by_range)

    def radius2(self, range_m: float) -> float:
        """Return the squared range in cells, kind to ranges that are whole multiples."""
        return (range_m / self.cell_m) ** 2 * (1.0 + 1e-12)


@dataclass(frozen=True)
class Patch:
    """Rows and columns of a raster, end excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def around(cls, row: int, col: int, reach: int, shape: tuple[int, int]) -> Patch:
        """Return the window of `reach` cells around a cell, cut at the raster's edges."""
        return cls(
            max(0, row - reach),
            min(shape[0], row + reach + 1),
            max(0, col - reach),
            min(shape[1], col + reach + 1),
        )

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Return top, bottom, left, right as a plain tuple, for kernels."""
        return self.top, self.bottom, self.left, self.right

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the patch as indices of a raster."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, whole: Patch) -> tuple[slice, slice]:
        """Return the patch as indices of a patch that holds it."""
        return (
            slice(self.top - whole.top, self.bottom - whole.top),
            slice(self.left - whole.left, self.right - whole.left),
        )


def read_patch(elevation: xr.DataArray, patch: Patch) -> NDArray[np.floating[Any]]:
    """Read a patch as contiguous floats, in the calling thread."""
    rows, cols = patch.slices
    data = elevation.data[rows, cols]
    if hasattr(data, "compute"):
        data = data.compute(scheduler="synchronous")
    kind = np.float64 if data.dtype == np.float64 else np.float32
    return np.ascontiguousarray(data, dtype=kind)


def see(
    z: NDArray[np.floating[Any]],
    row: int,
    col: int,
    observer_height_m: float,
    range_m: float,
    optics: Optics,
) -> NDArray[np.uint8]:
    """Return which cells of a contiguous window are seen from, or in range of, one of them."""
    if optics.by_range:
        down, right = np.ogrid[-row : z.shape[0] - row, -col : z.shape[1] - col]
        near = down**2 + right**2 <= optics.radius2(range_m)
        return np.asarray(near & np.isfinite(z), np.uint8)
    sight = (float(z[row, col]) + observer_height_m, optics.target_height_m, optics.bend)
    return np.asarray(sweep(z, row, col, sight, optics.radius2(range_m)))


def viewshed(
    elevation: xr.DataArray,
    observer_xy: tuple[float, float],
    *,
    observer_height_m: float,
    range_m: float,
    target_height_m: float = TARGET_M,
    refraction: float = REFRACTION,
    sector: tuple[float, float] | None = None,
    extent: Literal["grid", "window"] = "grid",
) -> xr.DataArray:
    """Return the cells in which a target can be seen from a tower.

    The line of sight from the tower to the centre of every cell within range is tested against
    the ground wherever it crosses a row (or column, along the longer axis) of cell centres; there
    ground is interpolated linearly between two cells (R3 of Franklin, Ray & Mehta 1994, exact).
    Curvature and refraction lower the ground by (1 - k) d^2 / (2 R_earth).

    The tower stands at the centre of the cell it lies in. A target exactly on the line of sight is
    seen. A cell without elevation is never seen and hides nothing; nothing is known beyond the
    raster's edge, and nothing there hides anything inside.

    Parameters
    ----------
    elevation
        (y, x) metres, on square metric cells; only the window around the tower is read.
    observer_xy
        x, y of the tower in the raster's CRS, m.
    observer_height_m
        Height of the eye above ground, m.
    range_m
        Greatest horizontal distance to a cell centre, m.
    target_height_m
        Height of the target above ground, m: 1.7 walking, 0.5 crouched.
    refraction
        Coefficient k: 0.13 for light, 0.25 for radar.
    sector
        Azimuths (from, to) in degrees clockwise from grid north; a sector may pass north, as in
        (300, 60). None sees all around.
    extent
        "grid" returns the whole raster, "window" the square around the tower.

    Returns
    -------
    xr.DataArray
        bool (y, x), true where seen.

    Raises
    ------
    GridError
        If the raster is not metric, or the tower lies outside it or on a cell without elevation.
    UnitsError
        If a height or range is not a plausible number.

    Examples
    --------
    >>> from geo import examples, visibility
    >>> land = examples.elevation()
    >>> at = (float(land.x[9]), float(land.y[6]))
    >>> seen = visibility.viewshed(land, at, observer_height_m=25, range_m=4_000)
    >>> seen.shape, round(float(seen.mean()), 2)
    ((12, 18), 0.33)
    """
    grid = grid_of(elevation)
    optics = Optics.of(require_metric(elevation), target_height_m, refraction)
    if not (range_m > 0 and math.isfinite(range_m) and observer_height_m >= 0):
        raise UnitsError(
            f"range_m={range_m}, observer_height_m={observer_height_m}; give a positive range "
            "and a height of at least 0, both in metres"
        )
    rows, cols, inside = cell_index(grid, [observer_xy[0]], [observer_xy[1]])
    if not inside[0]:
        raise GridError(
            f"observer at {observer_xy} lies outside the elevation raster "
            f"{tuple(grid.boundingbox)}; extend the raster or leave the tower out"
        )
    row, col = int(rows[0]), int(cols[0])
    shape = (int(grid.shape[0]), int(grid.shape[1]))
    patch = Patch.around(row, col, int(range_m / optics.cell_m) + 1, shape)
    z = read_patch(elevation, patch)
    row, col = row - patch.top, col - patch.left
    if not np.isfinite(z[row, col]):
        raise GridError(
            f"no elevation at the observer {observer_xy}; fill the void first or leave the tower "
            "out"
        )
    seen = see(z, row, col, observer_height_m, range_m, optics).astype(bool)
    if sector is not None:
        seen &= in_sector(z.shape, row, col, sector)
    if extent == "grid":
        full = np.zeros(shape, bool)
        full[patch.slices] = seen
        return _like(elevation, full)
    return _like(elevation[patch.slices], seen)


def _like(elevation: xr.DataArray, seen: NDArray[np.bool_]) -> xr.DataArray:
    """Give a viewshed its elevation's coordinates; laying them anew costs more than looking."""
    out = elevation.copy(data=seen).drop_encoding().rename("viewshed")
    out.attrs = {"units": "1", "grid_mapping": "spatial_ref"}
    return out


def in_sector(
    shape: tuple[int, ...], row: int, col: int, sector: tuple[float, float]
) -> NDArray[np.bool_]:
    """Return the cells whose azimuth from a cell lies in a sector; the cell itself always does."""
    start, end = sector
    if not all(map(math.isfinite, sector)):
        raise UnitsError(
            f"sector {sector} is none; give two azimuths in degrees, clockwise from north"
        )
    down = np.arange(shape[0])[:, None] - row
    right = np.arange(shape[1])[None, :] - col
    azimuth = np.degrees(np.arctan2(right, -down))
    width = end - start if 0 <= end - start <= ROUND else (end - start) % ROUND
    # a ray along the sector's own edge belongs to it whatever the rounding of the arctangent
    within = (azimuth - start + 1e-9) % ROUND <= width + 2e-9
    within[row, col] = True
    return np.asarray(within)
