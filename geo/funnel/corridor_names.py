"""Names by which a reader finds strips of a border again: places near their stretch of it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

RANK = {"city": 0, "town": 1, "village": 2}
"""Definition: kinds of places, the best known first."""
NEAR_M = 30_000.0
"""Display: a place farther from the border than this names no strip [m]."""


def named_by_places(
    strips: gpd.GeoDataFrame, places: gpd.GeoDataFrame, border: gpd.GeoDataFrame, crs: str
) -> gpd.GeoDataFrame:
    """Call each strip by its number and the best known place near its stretch of border.

    Parameters
    ----------
    strips
        Column `corridor` and polygons.
    places
        Columns `name` and `kind`, points; as `geo.records.PLACES`.
    border
        The line from which places are as far as they are.
    crs
        Metric CRS in which that is measured.

    Returns
    -------
    GeoDataFrame
        The strips, "strip 07" called "07 Nogales": of the places within `NEAR_M` of the line, on
        either side of it, each is counted to the nearest strip; a city stands before a town before
        a village, of a kind the one nearest to the border, of equals the first by name. A strip
        without any keeps its name.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import LineString, Point, box
    >>> strips = gpd.GeoDataFrame({"corridor": ["strip 01"]}, geometry=[box(-111, 31, -110, 32)])
    >>> towns = gpd.GeoDataFrame(
    ...     {"name": ["Far", "Near"], "kind": "town"},
    ...     geometry=[Point(-110.5, 31.9), Point(-110.5, 31.1)],
    ... )
    >>> line = gpd.GeoDataFrame(geometry=[LineString([(-111, 31), (-110, 31)])], crs=4326)
    >>> named = named_by_places(strips.set_crs(4326), towns.set_crs(4326), line, "EPSG:32612")
    >>> list(named["corridor"])
    ['01 Near']
    """
    known = places[places["name"].notna() & ~places.geometry.is_empty]
    if known.empty or border.empty:
        return strips
    points = known.geometry.to_crs(crs).representative_point()
    line = border.geometry.to_crs(crs).union_all()
    table = gpd.GeoDataFrame(
        {"name": known["name"].astype(str), "away": points.distance(line)}, geometry=points
    )
    table["rank"] = known["kind"].map(RANK).fillna(len(RANK)).to_numpy(int)
    near = table[table["away"] <= NEAR_M]
    shapes = strips[["corridor", strips.geometry.name]].to_crs(crs)
    inside = gpd.sjoin_nearest(near, shapes)
    best = inside.sort_values(["rank", "away", "name"]).drop_duplicates("corridor")
    called = pd.Series(best["name"].to_numpy(), best["corridor"].to_numpy())
    return strips.assign(
        corridor=[
            f"{c.removeprefix('strip ')} {called[c]}" if c in called.index else c
            for c in strips["corridor"]
        ]
    )
