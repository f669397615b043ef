"""Whether crossings can be modelled, asked of a coarse grid before work; and which then were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.ndimage import label

from geo.errors import GridError
from geo.funnel.crossings import MovementDomain
from geo.funnel.inland import Inland
from geo.funnel.origins_destinations import End, border_segments, length_of
from geo.grid import LONLAT, cell_centres, grid_of

Mask = NDArray[np.bool_]
EVERY_NEIGHBOUR = np.ones((3, 3), int)
"""Definition: cells that touch, corners included."""
NO_ELEVATION = "no elevation is known there"
ON_BARRIER = "it lies on a barrier, such as water"
CUT_OFF = "a barrier, or ground without elevation, lies between it and every destination"


@dataclass(frozen=True)
class Reach:
    """What can be crossed.

    Attributes
    ----------
    segments
        Number of segments of the border.
    cut_off
        A sentence for each that reaches no destination.
    deepest_m
        Depth to which every stretch of border keeps a destination (`Inland.deepest_m`).
    """

    segments: int
    cut_off: tuple[str, ...]
    deepest_m: float


def cut_off(
    elevation: xr.DataArray,
    open_ground: xr.DataArray,
    border: gpd.GeoDataFrame,
    ways_out: Sequence[gpd.GeoDataFrame],
    depth_m: float,
    side: int | None = None,
) -> Reach:
    """Say which segments of the border reach no destination, and why.

    Parameters
    ----------
    elevation
        (y, x) metres on a coarse grid; NaN where no source has a value.
    open_ground
        (y, x) boolean on the same grid: no barrier, such as water.
    border, ways_out
        Lines; highways and settlements; of any CRS.
    depth_m
        Least distance of destinations to the border, metres.
    side
        Side of the border on which the study lies; None for both.

    Returns
    -------
    Reach
        With a sentence for each segment that reaches no destination.

    Raises
    ------
    GridError
        If there is no border or nothing to walk to in the area, or nothing deep enough.

    Notes
    -----
    A segment reaches a destination where both touch one patch of ground that joins its cells side
    by side or corner to corner. Nothing is accumulated, so that the answer takes no time.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land = examples.elevation()
    >>> found = funnel.cut_off(land, land > 0, examples.border(), [examples.roads()], 4_000.0)
    >>> found.cut_off
    ()
    """
    grid = grid_of(elevation)
    known = np.isfinite(elevation.values)
    walkable = known & np.asarray(open_ground.values)
    origins = border_segments(border, grid)
    inland = Inland.of(ways_out, border, grid, side)
    goals = inland.beyond(depth_m)
    patch, _ = label(walkable, EVERY_NEIGHBOUR)
    reached = set(np.unique(patch[_any(goals)])) - {0}
    if not (_any(goals) & known).any():
        raise GridError(
            f"no elevation is known where roads and settlements lie {depth_m / 1e3:g} km or more "
            "from the border; give elevation that covers the whole area"
        )
    sentences = []
    for origin in origins:
        mask = np.asarray(origin.mask.values)
        if not reached & set(np.unique(patch[mask])):
            why = _why(mask, known, walkable)
            sentences.append(f"{origin.name} of the border ({_where(origin)}): {why}")
    return Reach(len(origins), tuple(sentences), inland.deepest_m(depth_m))


def left_out(land: MovementDomain, reached: Mapping[str, float]) -> dict[str, str]:
    """Return the segments from which no crossing was modelled, each with a sentence that says why.

    Parameters
    ----------
    land
        Elevation and ends of the study.
    reached
        Origin on open ground = least cost of a crossing, inf if none is found
        (`Crossings.reached`).

    Returns
    -------
    dict of str to str
        Name of the segment = sentence; empty where every segment reaches a destination.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land = examples.crossed_land()
    >>> found = funnel.spread_crossings(land, examples.energy(), funnel.Watch({}, (0.0,)), 0.1)
    >>> funnel.left_out(land, found.reached)
    {}
    """
    known = np.isfinite(land.elevation.values)
    found = {}
    for origin in land.origins:
        if origin.name not in reached:
            on_land = (np.asarray(origin.mask.values) & known).any()
            why = ON_BARRIER if on_land else NO_ELEVATION
        elif not np.isfinite(reached[origin.name]):
            why = CUT_OFF
        else:
            continue
        found[origin.name] = f"{origin.name} of the border ({_where(origin)}): {why}"
    return found


def crossing_facts(
    land: MovementDomain,
    reached: Mapping[str, float],
    depth_m: float,
    drawn_m: tuple[float, float] | None,
) -> pd.DataFrame:
    """Say where crossings start and end, and which segments were left out.

    Parameters
    ----------
    land, reached
        As for `left_out`.
    depth_m
        Least distance of destinations to the border, metres.
    drawn_m
        Range from which an ensemble drew that depth, metres; None where there was none.

    Returns
    -------
    DataFrame
        Columns aspect, value, unit, sentence: contract `crossing_basis` without ids.

    Examples
    --------
    >>> from geo import examples, funnel
    >>> land = examples.crossed_land()
    >>> known = funnel.spread_crossings(land, examples.energy(), funnel.Watch({}, (0.0,)), 0.1)
    >>> found = funnel.crossing_facts(land, known.reached, 4_000.0, None)
    >>> found["aspect"].tolist()
    ['crossing depth', 'depth drawn', 'segments', 'segments left out']
    """
    lost, many, km = left_out(land, reached), len(land.origins), length_of("segment_length_m") / 1e3
    ends = (
        f"Crossings end on highways and in settlements {depth_m / 1e3:g} km or more behind the "
        "border."
    )
    starts = (
        f"Crossings set out from the border in the area, cut along its own length into {many} "
        f"segments of about {km:g} km."
    )
    whole = "Every segment reaches a destination; none is left out."
    some = f"{len(lost)} of them reach no destination and are left out."
    rows: list[tuple[str, float | None, str, str]] = [
        ("crossing depth", depth_m / 1e3, "km", ends),
        *_drawn(drawn_m),
        ("segments", many, "1", starts),
        ("segments left out", len(lost), "1", some if lost else whole),
        *((name, None, "1", f"Left out: {said}.") for name, said in lost.items()),
    ]
    return pd.DataFrame(rows, columns=["aspect", "value", "unit", "sentence"])


def _drawn(drawn_m: tuple[float, float] | None) -> list[tuple[str, float | None, str, str]]:
    if drawn_m is None:
        return [("depth drawn", None, "km", "No ensemble was run: no other depth was drawn.")]
    low, high = (bound / 1e3 for bound in drawn_m)
    least = f"The members of the ensemble drew depths of {low:.0f} km and more."
    most = (
        f"They drew none deeper than {high:.0f} km, to which every stretch of the border that has "
        "a destination keeps one."
    )
    return [("depth drawn from", low, "km", least), ("depth drawn to", high, "km", most)]


def _any(ends: Sequence[End]) -> Mask:
    return np.asarray(np.logical_or.reduce([np.asarray(e.mask.values) for e in ends]))


def _why(mask: Mask, known: Mask, walkable: Mask) -> str:
    if not (mask & known).any():
        return NO_ELEVATION
    if not (mask & walkable).any():
        return ON_BARRIER
    return CUT_OFF


def _where(end: End) -> str:
    """Return the middle of a segment in degrees, to a tenth."""
    rows, cols = np.nonzero(np.asarray(end.mask.values))
    x, y = cell_centres(grid_of(end.mask))
    middle = rows.size // 2
    to_lonlat = Transformer.from_crs(str(grid_of(end.mask).crs), LONLAT, always_xy=True)
    lon, lat = to_lonlat.transform(x[cols[middle]], y[rows[middle]])
    return f"near {lat:.1f}, {lon:.1f}"
