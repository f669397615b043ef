"""Linkage of records: how many people two series may both hold, told in classes."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.parameters import load
from geo.sources.iom_deaths import METRES_PER_DEGREE

SHARE_FROM = 100
"""Safeguard: a share of records is told from this many on, so that whole percent gives away no one.
"""


def link(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> pd.Series:
    """Match the records of two series that may be one person, each at most once.

    Two records may be one person where they were reported within `linkage_days` of each other, lie
    within the larger of their two stated precisions and never further than that apart (at least
    `linkage_least_m`), neither contradicts the other's sex, and their ages differ by at most
    `linkage_years`. Of several, the nearest in days, then in metres, are taken first.

    Parameters
    ----------
    first, second
        Contract `deaths`, EPSG:4326.

    Returns
    -------
    Series
        Index label of `first` = index label of the record of `second`.

    Examples
    --------
    >>> from geo import examples, sources
    >>> deaths = examples.deaths()
    >>> len(sources.link(deaths, deaths)) <= len(deaths)
    True
    """
    days, years, least = (
        float(load("recorded_deaths")[f"linkage_{n}"].value) for n in ("days", "years", "least_m")
    )
    middle = float(np.nanmean([*first.geometry.y, *second.geometry.y]))
    one = _arrays(_comparable(first, middle))
    two = _arrays(_comparable(second, middle).sort_values("day", kind="stable"))
    low = np.searchsorted(two["day"], one["day"] - days, "left")
    high = np.searchsorted(two["day"], one["day"] + days, "right")
    pairs: list[tuple[float, float, int, int]] = []
    for n in range(len(one["day"])):
        at = np.arange(low[n], high[n])
        apart = {c: np.abs(two[c][at] - one[c][n]) for c in ("day", "male", "age")}
        metres = np.hypot(two["x"][at] - one["x"][n], two["y"][at] - one["y"][n])
        fits = metres <= np.maximum(np.maximum(two["reach"][at], one["reach"][n]), least)
        fits &= ~(apart["age"] > years) & ~(apart["male"] > 0)  # what is not recorded fits
        pairs += [
            (float(apart["day"][k]), float(metres[k]), int(one["label"][n]), int(two["label"][m]))
            for k, m in enumerate(at)
            if fits[k]
        ]
    return _each_once(pairs)


def _arrays(table: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    return {str(c): table[c].to_numpy(float) for c in table.columns}


def _each_once(pairs: list[tuple[float, float, int, int]]) -> pd.Series:
    mine: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, a, b in sorted(pairs):
        if a not in mine and b not in taken:
            mine[a] = b
            taken.add(b)
    return pd.Series(mine, dtype="int64")


def _comparable(deaths: gpd.GeoDataFrame, middle: float) -> pd.DataFrame:
    """Return day, place [m, a local cylinder], reach [m], sex and age of placed, dated records."""
    at = deaths.geometry
    use = at.notna() & ~at.is_empty & deaths["found_on"].notna()
    kept = deaths[use]
    lon, lat = kept.geometry.x.to_numpy(float), kept.geometry.y.to_numpy(float)
    return pd.DataFrame(
        {
            "day": (kept["found_on"] - pd.Timestamp("1970-01-01")).dt.days.to_numpy(float),
            "x": lon * METRES_PER_DEGREE * np.cos(np.radians(middle)),
            "y": lat * METRES_PER_DEGREE,
            "reach": kept["precision_m"].fillna(0.0).to_numpy(float),
            "male": kept["sex"].map({"male": 1.0, "female": 0.0}).to_numpy(float),
            "age": kept["age_years"].to_numpy(float),
            "label": kept.index.to_numpy(),
        }
    )


def linkage(series: Mapping[str, gpd.GeoDataFrame]) -> list[str]:
    """Say of every two series how many people both hold, in classes.

    Parameters
    ----------
    series
        Source = contract `deaths`.

    Returns
    -------
    list of str
        A sentence for each pair of series that may hold the same people, and one for all others.

    Examples
    --------
    >>> from geo import examples, sources
    >>> said = sources.linkage({"a": examples.deaths(), "b": examples.deaths()})
    >>> said[0].startswith("a and b: ")
    True
    """
    names = list(series)
    said, apart = [], 0
    for n, one in enumerate(names):
        for two in names[n + 1 :]:
            found = len(link(series[one], series[two]))
            apart += not found
            if not found:
                continue
            of = " and ".join(
                _share(found, len(_comparable(series[s], 0.0)), s) for s in (one, two)
            )
            said.append(f"{one} and {two}: {of} may be the same people.")
    if apart:
        several = "one pair" if apart == 1 else f"{apart} {'other ' if said else ''}pairs"
        said.append(f"Of {several} of series no record was found in both.")
    return said


def _share(found: int, of: int, name: str) -> str:
    """Say how many records of a series were found: in classes, and in whole percent of many."""
    share = f" ({100 * found // of} %)" if of >= SHARE_FROM else ""
    return f"{_class(found)} of {_class(of)} placed and dated records of {name}{share}"


def _class(count: int) -> str:
    near = records.rounded(count)
    return records.count_class(count) if near is None or count < 20 else f"about {near:,}"
