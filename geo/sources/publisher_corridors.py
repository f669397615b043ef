"""Corridors from the labels that a publisher gave its own records.

A label is geography: the publisher divides the land and says of each record in which part it lies.
Only coarse cells with several labels speak for a corridor, so that no boundary tells where one
record lies; the cells are those of a geography that no study can shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from scipy.spatial import cKDTree
from shapely.geometry import box, shape

from geo.parameters import load
from geo.records import MIN_GROUP

LONLAT = "EPSG:4326"
FEWEST = 2
"""Definition: one corridor divides nothing."""
MARGIN_DEG = 1.0
"""Numerical: cells this far around the area are looked at, more than the width of one."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """How well nearest labels tell a publisher's corridor.

    Attributes
    ----------
    labels
        Precisely placed records that carry a label.
    nearest
        Share of them whose nearest neighbour has the same label.
    held_out
        The same with the neighbours of one's own block left out, block by block.
    earlier
        Share of the later records whose nearest earlier one has the same label; None where
        either are fewer than a group.
    cells
        Share that the corridors made of coarse cells put where the publisher does.
    """

    labels: int
    nearest: float
    held_out: float
    earlier: float | None
    cells: float


def corridors_from_labels(
    lon: ArrayLike,
    lat: ArrayLike,
    labels: Sequence[str],
    bounds_lonlat: tuple[float, float, float, float],
    crs: str,
    *,
    least: int = MIN_GROUP,
) -> gpd.GeoDataFrame:
    """Divide an area into corridors by the labels of records.

    A cell with enough labels takes their commonest one; land takes that of the nearest such cell
    within reach. Labels that stand for no corridor take part and are then left out.

    Parameters
    ----------
    lon, lat
        Precisely placed records, degrees.
    labels
        The publisher's corridor of each.
    bounds_lonlat
        West, south, east, north of the area, degrees.
    crs
        Projected CRS in which distances are taken, metres.
    least
        A study's floor of groups; never below that of `corridors.yaml`.

    Returns
    -------
    GeoDataFrame
        `corridor` and polygons within the area, EPSG:4326, by name; without a row where fewer
        than two corridors come out.
    """
    return corridors_from_cells(label_cells(lon, lat, labels, least=least), bounds_lonlat, crs)


def corridors_from_cells(
    spoken: pd.Series, bounds_lonlat: tuple[float, float, float, float], crs: str
) -> gpd.GeoDataFrame:
    """Divide an area into corridors by cells that each speak for one.

    Parameters
    ----------
    spoken
        H3 cell = label, from `label_cells`.
    bounds_lonlat, crs
        As `corridors_from_labels`.

    Returns
    -------
    GeoDataFrame
        As `corridors_from_labels`.
    """
    settings = load("corridors")
    resolution = int(settings["cell_resolution"].value)
    west, south, east, north = bounds_lonlat
    around = box(west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
    cells = sorted(h3.geo_to_cells(around.__geo_interface__, resolution))
    label = _nearest_cell(cells, spoken, crs, 1e3 * float(settings["reach_km"].value))
    none = {"", *settings["no_corridor"].value}
    names = sorted(set(label) - none)
    shapes = [
        shape(h3.cells_to_geo([c for c, own in zip(cells, label, strict=True) if own == name]))
        for name in names
    ]
    found = gpd.GeoDataFrame({"corridor": names}, geometry=shapes, crs=LONLAT)
    found["geometry"] = found.geometry.intersection(box(*bounds_lonlat))
    found = found[~found.geometry.is_empty].reset_index(drop=True)
    return found if len(found) >= FEWEST else found.iloc[:0]


def label_agreement(
    lon: ArrayLike,
    lat: ArrayLike,
    labels: Sequence[str],
    early: ArrayLike,
    crs: str,
    *,
    spoken: pd.Series,
    least: int = MIN_GROUP,
) -> Agreement:
    """Judge the labels by cross-validation.

    Parameters
    ----------
    lon, lat, labels, crs, least
        As `corridors_from_labels`.
    early
        True for records from before the first tower.
    spoken
        The cells that the corridors are made of, from `label_cells`.

    Returns
    -------
    Agreement
        Shares 0 to 1.

    Notes
    -----
    Blocks of `held_out_km` are left out whole: records that lie side by side are no test of each
    other.
    """
    settings = load("corridors")
    x, y = _project(lon, lat, crs)
    points, own = np.column_stack([x, y]), np.asarray(labels, object)
    block_m = 1e3 * float(settings["held_out_km"].value)
    block = np.unique(np.floor(points / block_m), axis=0, return_inverse=True)[1].ravel()
    before = np.asarray(early, bool)
    resolution = int(settings["cell_resolution"].value)
    cells = [
        h3.latlng_to_cell(b, a, resolution)
        for a, b in zip(np.ravel(lon).tolist(), np.ravel(lat).tolist(), strict=True)
    ]
    by_cell = _nearest_cell(cells, spoken, crs, 1e3 * float(settings["reach_km"].value))
    return Agreement(
        len(own),
        _held_out(points, own, np.arange(len(own))),
        _held_out(points, own, block),
        _from_earlier(points, own, before, least),
        float(np.mean(np.asarray(by_cell, object) == own)),
    )


def label_cells(
    lon: ArrayLike, lat: ArrayLike, labels: Sequence[str], *, least: int = MIN_GROUP
) -> pd.Series:
    """Return the cells that speak for a corridor: those with enough labels.

    Parameters
    ----------
    lon, lat, labels, least
        As `corridors_from_labels`.

    Returns
    -------
    Series
        H3 cell = its commonest label; ties go by name.
    """
    settings = load("corridors")
    resolution = int(settings["cell_resolution"].value)
    least = max(least, int(settings["least_labels"].value))
    at = zip(np.ravel(lon).tolist(), np.ravel(lat).tolist(), strict=True)
    cell = [h3.latlng_to_cell(b, a, resolution) for a, b in at]
    table = pd.crosstab(pd.Series(cell, dtype=str), pd.Series(list(labels), dtype=str))
    table = table[table.sum(axis=1) >= least]
    return table.idxmax(axis=1) if len(table) else pd.Series(dtype=str)


def _nearest_cell(cells: Sequence[str], spoken: pd.Series, crs: str, reach_m: float) -> list[str]:
    if spoken.empty or not len(cells):
        return [""] * len(cells)
    away, at = cKDTree(_centres(spoken.index, crs)).query(_centres(cells, crs))
    words = spoken.to_numpy()
    return [str(words[i]) if d <= reach_m else "" for d, i in zip(away, at, strict=True)]


def _centres(cells: Any, crs: str) -> Floats:
    at = np.array([h3.cell_to_latlng(c) for c in cells], float)
    return np.column_stack(_project(at[:, 1], at[:, 0], crs))


def _project(lon: ArrayLike, lat: ArrayLike, crs: str) -> tuple[Floats, Floats]:
    to_metres = Transformer.from_crs(LONLAT, crs, always_xy=True)
    x, y = to_metres.transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.asarray(x, float), np.asarray(y, float)


def _held_out(points: Floats, own: NDArray[Any], block: NDArray[np.intp]) -> float:
    """Return the share told right by the nearest point of another block.

    One tree serves all blocks: the nearest points of each are gone through until one lies in
    another block, or a tree without the block is asked.
    """
    tree, right = cKDTree(points), np.zeros(len(own), bool)
    _, near = tree.query(points, k=min(len(own), 16))
    near = near.reshape(len(own), -1)
    foreign = block[near] != block[:, None]
    found = foreign.any(axis=1)
    first = near[np.arange(len(own)), foreign.argmax(axis=1)]
    right[found] = own[first[found]] == own[found]
    for number in np.unique(block[~found]):
        left = (block == number) & ~found
        others = np.flatnonzero(block != number)
        if len(others):
            _, at = cKDTree(points[others]).query(points[left])
            right[left] = own[others[at]] == own[left]
    return float(right.mean())


def _from_earlier(
    points: Floats, own: NDArray[Any], early: NDArray[np.bool_], least: int
) -> float | None:
    if early.sum() < least or (~early).sum() < least:
        return None
    _, at = cKDTree(points[early]).query(points[~early])
    return float(np.mean(own[early][at] == own[~early]))
