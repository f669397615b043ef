"""The ground of record systems: corridors are cut where one system's ends and another's begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo.parameters import load
from geo.sources.record_systems import RecordSystem


def grounds(systems: Sequence[RecordSystem]) -> dict[str, BaseGeometry]:
    """Return the ground of each system, less that of systems that stand before it; EPSG:4326.

    Parameters
    ----------
    systems
        From `systems_of`.

    Returns
    -------
    dict
        System = polygon, empty where earlier systems hold all of its area. Without an entry where
        a study has fewer than two systems with an area: all ground is then one system's.

    Examples
    --------
    >>> from geo.sources.record_systems import RecordSystem
    >>> from geo.sources.system_ground import grounds
    >>> west = RecordSystem("a", "one", (-111, 31, -110, 32), None, None)
    >>> both = RecordSystem("b", "two", (-111, 31, -109, 32), None, None)
    >>> {name: found.bounds for name, found in grounds([west, both]).items()}["two"]
    (-110.0, 31.0, -109.0, 32.0)
    """
    named = [s for s in systems if s.area is not None]
    if len({s.name for s in named}) < 2:
        return {}
    out: dict[str, BaseGeometry] = {}
    taken: BaseGeometry = shapely.Polygon()
    for system in named:
        assert system.area is not None  # noqa: S101 - asked just above
        own = box(*system.area).difference(taken)
        out[system.name] = out[system.name].union(own) if system.name in out else own
        taken = taken.union(own)
    return out


def cut_by_system(
    corridors: gpd.GeoDataFrame, systems: Sequence[RecordSystem], crs: str
) -> gpd.GeoDataFrame:
    """Cut corridors into the ground of each record system.

    Parameters
    ----------
    corridors
        `corridor` and polygons, EPSG:4326.
    systems
        From `systems_of`.
    crs
        Projected CRS in which ground is measured, metres.

    Returns
    -------
    GeoDataFrame
        The same columns. A corridor on the ground of several systems becomes one for each, its
        name followed by the system's; pieces under `least_piece_km2` and ground of no system are
        left out. As given where the study has fewer than two systems with an area.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from geo.sources.record_systems import RecordSystem
    >>> from geo.sources.system_ground import cut_by_system
    >>> strip = gpd.GeoDataFrame(
    ...     {"corridor": ["strip 1"]}, geometry=[box(-110.5, 31, -109.5, 32)], crs="EPSG:4326"
    ... )
    >>> systems = [
    ...     RecordSystem("a", "one", (-111, 31, -110, 32), None, None),
    ...     RecordSystem("b", "two", (-110, 31, -109, 32), None, None),
    ... ]
    >>> list(cut_by_system(strip, systems, "EPSG:32612")["corridor"])
    ['strip 1, one', 'strip 1, two']
    """
    own = grounds(systems)
    if not own or corridors.empty:
        return corridors
    least = 1e6 * float(load("corridors")["least_piece_km2"].value)
    pieces = []
    for name, ground in own.items():
        part = corridors.copy()
        part.geometry = corridors.geometry.intersection(ground)
        part["system"] = name
        pieces.append(part[part.geometry.to_crs(crs).area >= least])
    table = gpd.GeoDataFrame(pd.concat(pieces), crs=corridors.crs)
    table["order"] = table["corridor"].map({c: n for n, c in enumerate(corridors["corridor"])})
    table = table.sort_values("order", kind="stable").reset_index(drop=True)
    several = table.groupby("corridor")["system"].transform("size") > 1
    named = table["corridor"] + ", " + table["system"]
    table["corridor"] = table["corridor"].where(~several, named)
    kept: gpd.GeoDataFrame = table[list(corridors.columns)]
    return kept


def systems_of_corridors(
    corridors: gpd.GeoDataFrame, systems: Sequence[RecordSystem]
) -> dict[str, str]:
    """Return the record system on whose ground each corridor lies; empty where there is only one.

    Parameters
    ----------
    corridors
        From `cut_by_system`.
    systems
        From `systems_of`.

    Returns
    -------
    dict
        Corridor = system; "" where its middle lies on ground of none.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.sources.system_ground import systems_of_corridors
    >>> systems_of_corridors(examples.corridors(), ())
    {}
    """
    own = grounds(systems)
    if not own:
        return {}
    at = corridors.geometry.representative_point()
    out = {}
    for corridor, point in zip(corridors["corridor"], at, strict=True):
        out[str(corridor)] = next((n for n, g in own.items() if g.covers(point)), "")
    return out


def behind_crossings(
    systems: Mapping[str, str],
    corridors: gpd.GeoDataFrame,
    border: gpd.GeoDataFrame,
    depth_m: float,
    crs: str,
) -> dict[str, str]:
    """Say which record systems lie wholly deeper than crossings are modelled, and how deep.

    There neither dose nor hardness of the way means anything: the system is described only.

    Parameters
    ----------
    systems
        From `systems_of_corridors`.
    corridors, border
        Polygons and lines.
    depth_m
        Depth to which crossings are modelled (`movement.crossing_depth_m`), metres.
    crs
        Projected CRS, metres.

    Returns
    -------
    dict
        System = reason.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.sources.system_ground import behind_crossings
    >>> own = {str(name): "one" for name in examples.corridors()["corridor"]}
    >>> behind_crossings(own, examples.corridors(), examples.border(), 9e6, "EPSG:32612")
    {}
    """
    line = shapely.union_all(border.geometry.to_crs(crs).to_numpy())
    far = corridors.geometry.to_crs(crs).distance(line)
    home = corridors["corridor"].astype(str).map(dict(systems))
    nearest = far.groupby(home.to_numpy()).min()
    return {
        str(name): (
            f"the ground of {name} begins {metres / 1e3:.0f} km behind the border, deeper than "
            f"the {depth_m / 1e3:.0f} km to which crossings are modelled: described only"
        )
        for name, metres in nearest.items()
        if name and metres >= depth_m
    }
