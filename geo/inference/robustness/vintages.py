"""R13: the headline on the records as an earlier state of their source had them.

A vintage ends before today's records do. It is asked of the study years that were over when it was
made, and so are today's records beside it: what is left between the two is what was revised, and
who was found, since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from geo.errors import ContractError
from geo.inference.estimation.rows import Estimate
from geo.inference.panel.ground import study_years
from geo.inference.registered.inputs import Variant
from geo.parameters import load
from geo.records import MIN_GROUP

LEAST_YEARS = int(load("battery")["vintage_years"].value)
"""Study years that a vintage must hold whole."""
NOW = ".today"
"""Ending of the row that asks today's records of the same years."""


def vintage(
    name: str,
    then: gpd.GeoDataFrame,
    years: Sequence[int],
    changed: str = "",
    parents: str = "",
) -> dict[str, Variant]:
    """Return the two variants that tell what revision did to the headline.

    Parameters
    ----------
    name
        Of the vintage, as the study names it.
    then
        Contract `deaths`: all records of the study as they stood then.
    years
        Study years: calendar years.
    changed
        What became of the records since, in a sentence.
    parents
        Identifiers of the vintage, for its own row beside those of the analysis.

    Returns
    -------
    dict of str to Variant
        The records as they stood then, and today's records of the same years.

    Raises
    ------
    ContractError
        If fewer than five study years were over when the vintage was made.

    Examples
    --------
    >>> from geo import examples, inference
    >>> sorted(inference.vintage("2013", examples.deaths(), examples.YEARS))
    ['R13.2013', 'R13.2013.today']
    """
    last = then.loc[then["date_ok"], "found_on"].max()
    # the year of the last report was not over yet
    until = -1 if pd.isna(last) else int(study_years(pd.Series([last]))[0]) - 1
    held = tuple(y for y in years if y <= until)
    if len(held) < LEAST_YEARS:
        raise ContractError(
            f"{name} holds {len(held)} whole years of the study; give a vintage with at least "
            f"{LEAST_YEARS}"
        )
    span = f"study years {held[0]} to {held[-1]}"
    old = f"Records as they stood in {name}, {span}. {changed}".strip()
    return {
        f"R13.{name}": Variant(deaths=then, years=held, note=old, parents=parents),
        f"R13.{name}{NOW}": Variant(years=held, note=f"Today's records, {span}."),
    }


def floored(rows: Iterable[Estimate]) -> list[Estimate]:
    """Leave out the number of records of a vintage that today's exceeds by fewer than five.

    The difference of two published numbers is published too.
    """
    rows = list(rows)
    today = {r.analysis.removesuffix(NOW): r.n for r in rows if r.analysis.endswith(NOW)}
    out = []
    for row in rows:
        other = today.get(row.analysis)
        near = other is not None and row.n is not None and 0 < abs(other - row.n) < MIN_GROUP
        out.append(replace(row, n=None) if near else row)
    return out
