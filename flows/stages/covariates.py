"""Covariates of a study (R9): its own tables by corridor and year, laid out for the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from geo.records import COVARIATE_NAMES

SHOWN = 3  # gaps named in a refusal
"""Display: names that a message lists."""


@dataclass(frozen=True)
class Covariates:
    """What is known of each covariate.

    Attributes
    ----------
    known
        Name to (corridor, year) values, without gaps.
    refused
        Name of the row in `estimates` to why it cannot be computed and what would let it.
    """

    known: dict[str, xr.DataArray] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def covariates(table: pd.DataFrame, corridors: Sequence[str], years: Sequence[int]) -> Covariates:
    """Lay covariates out; one with a gap is refused, since a gap is not a zero.

    Parameters
    ----------
    table
        By `geo.records.COVARIATES`.
    corridors, years
        Of the study; every one must have a value.
    """
    found = Covariates()
    for name, words in COVARIATE_NAMES.items():
        own = table[table["name"] == name]
        if own.empty:
            found.refused[f"R9.{name}"] = (
                f"the study has no table of {words} by corridor and year; give one as a source of "
                "role covariates"
            )
            continue
        values = own.set_index(["corridor", "year"])["value"]
        wanted = [(c, y) for c in corridors for y in years]
        laid = values.reindex(pd.MultiIndex.from_tuples(wanted)).to_numpy(float)
        gaps = [f"{c} in {y}" for (c, y), gap in zip(wanted, np.isnan(laid), strict=True) if gap]
        if gaps:
            more = f" and {len(gaps) - SHOWN} more" if len(gaps) > SHOWN else ""
            found.refused[f"R9.{name}"] = (
                f"the table of {words} has no value for {', '.join(gaps[:SHOWN])}{more}; fill "
                "every corridor and year of the study"
            )
            continue
        coords = {"corridor": list(corridors), "year": list(years)}
        found.known[name] = xr.DataArray(
            laid.reshape(len(corridors), len(years)), coords, ("corridor", "year")
        )
    return found
