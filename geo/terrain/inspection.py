"""What stands in the way of a study's rasters, and what is converted: said before any work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from odc.geo.geobox import GeoBox

from geo.errors import FunnelError, LayoutError, Problem
from geo.terrain.elevation_file import describe
from geo.terrain.heights import heights_in
from geo.terrain.landcover import legend_of
from geo.terrain.mosaic import area_of, touch
from geo.terrain.opening import opened
from geo.terrain.survey import Bounds, shift_into, survey

LEAST_COVERED = 0.5
"""Guard: share of the study's area that its rasters cover at least."""


@dataclass
class Inspection:
    """Faults, and sentences on what is converted."""

    problems: list[Problem]
    said: list[str]


def inspect_elevation(
    paths: Sequence[Path], grid: GeoBox, names: Sequence[str] | None = None
) -> Inspection:
    """Read every raster of elevation once, in the grid's area, block by block.

    Parameters
    ----------
    paths
        Files of one source.
    grid
        The study's grid.
    names
        What messages call the files; None takes their own names.

    Returns
    -------
    Inspection
        Without raising: a picture, a CRS of no place, a unit that is no length, a file that is cut
        off, and rasters without a height in the area are problems; scales, feet and voids that
        the file does not mark are converted and said.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> terrain.inspect_elevation([path], grid_of(examples.elevation())).problems
    []
    """
    found = _outline(paths, grid, names)
    if found.problems or not paths:
        return found
    area, valid = area_of(grid), 0
    for path, name in zip(paths, names or [p.name for p in paths], strict=True):
        try:
            valid += _heights(path, name, area, found)
        except FunnelError as error:
            found.problems.append(_problem(path, name, error))
    if not found.problems and not valid:
        what = "no cell in the study's area has a height"
        remedy = "Give an elevation that covers the area, or correct bounds_lonlat"
        found.problems.append(_of_all(paths, names, what, remedy))
    return found


def inspect_landcover(
    paths: Sequence[Path],
    grid: GeoBox,
    names: Sequence[str] | None = None,
    stated: str | None = None,
) -> Inspection:
    """Read the codes of a land cover in the grid's area and name its product.

    Parameters
    ----------
    paths, grid, names
        As for `inspect_elevation`.
    stated
        The legend that the study states, if it does.

    Returns
    -------
    Inspection
        Without raising: codes of no known product are a problem; the legend is named.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["landcover"]
    >>> terrain.inspect_landcover([path], grid_of(examples.elevation())).problems
    []
    """
    found = _outline(paths, grid, names)
    if found.problems or not paths:
        return found
    try:
        legend = legend_of(paths, grid, stated)
        found.said.append(f"{_all(paths, names)}: read as {legend} by its codes")
    except LayoutError as error:
        what, _, remedy = str(error).partition(". ")
        found.problems.append(_of_all(paths, names, what, remedy))
    return found


def check(paths: Sequence[Path], grid: GeoBox) -> list[Problem]:
    """Return what stands in the way of laying rasters of elevation on a grid, without raising.

    Parameters
    ----------
    paths
        Rasters of elevation.
    grid
        The study's grid.

    Returns
    -------
    list of Problem
        Empty where all is well; else each with the file, what is wrong and what to do.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, terrain
    >>> from geo.grid import grid_of
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["elevation"]
    >>> terrain.check([path], grid_of(examples.elevation()))
    []
    """
    return inspect_elevation(paths, grid).problems


def _heights(path: Path, name: str, area: Bounds, found: Inspection) -> int:
    """Return the number of heights of a raster in the area, and say what is done to them."""
    if not touch(describe(path).bounds_lonlat, area):
        return 0
    with opened(path) as (dataset, _said):
        heights = heights_in(dataset, path.name)
        marked = dataset.nodata
    seen = survey(path, area, heights)
    found.said += [f"{name}: {sentence}" for sentence in heights.said]
    if seen.odd:
        value, count = seen.odd.most_common(1)[0]
        beside = "" if marked is None else f" beside the marked void {marked:g}"
        found.said.append(
            f"{name}: {count:,} cells of {value:g}{beside} are no heights: taken as void"
        )
    return seen.valid


def _outline(paths: Sequence[Path], grid: GeoBox, names: Sequence[str] | None) -> Inspection:
    """Open every raster and see whether they cover the area."""
    found, boxes = Inspection([], []), []
    for path, name in zip(paths, names or [p.name for p in paths], strict=True):
        try:
            boxes.append(describe(path).bounds_lonlat)
        except FunnelError as error:
            found.problems.append(_problem(path, name, error))
    if found.problems or not boxes:
        return found
    area = area_of(grid)
    share = _covered(boxes, area)
    if share < LEAST_COVERED:
        what = f"covers {share:.0%} of the study's area"
        if not any(touch(box, area) for box in boxes):
            lies = (min(b[0] for b in boxes), min(b[1] for b in boxes),
                    max(b[2] for b in boxes), max(b[3] for b in boxes))  # fmt: skip
            what += f": it lies at {_box(lies)}, the study at {_box(area)}"
        remedy = "Give rasters that cover it, or correct bounds_lonlat"
        found.problems.append(_of_all(paths, names, what, remedy))
    return found


def _box(bounds: Bounds) -> str:
    return ", ".join(f"{v:.2f}" for v in bounds) + " (west, south, east, north)"


def _all(paths: Sequence[Path], names: Sequence[str] | None) -> str:
    return ", ".join(names or [p.name for p in paths])


def _of_all(paths: Sequence[Path], names: Sequence[str] | None, what: str, remedy: str) -> Problem:
    return Problem(_all(paths, names), what, remedy)


def _problem(path: Path, name: str, error: FunnelError) -> Problem:
    what, _, remedy = str(error).removeprefix(f"{path.name}: ").partition(". ")
    return Problem(name, what.rstrip("."), remedy or "Give another file")


def _covered(
    boxes: Sequence[tuple[float, float, float, float]], area: tuple[float, float, float, float]
) -> float:
    west, south, east, north = area
    x = np.linspace(west, east, 61)[None, :]
    y = np.linspace(south, north, 61)[:, None]
    hit = np.zeros((61, 61), bool)
    for box in boxes:
        left, bottom, right, top = box
        turn = shift_into(box, area)
        hit |= (x >= left + turn) & (x <= right + turn) & (y >= bottom) & (y <= top)
    return float(hit.mean())
