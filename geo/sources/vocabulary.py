"""The words of publishers, read into the contract's own; nothing unknown passes through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.parameters import load

LABEL = re.compile(r"[A-Za-z0-9][\w .,'&/-]{0,47}")
"""A short label, as corridors and land managers have; longer or stranger text is not one."""
MAX_LABELS = 60
"""Safeguard: more distinct values than this are no vocabulary but free text."""
RARE_FROM = 100
"""Safeguard: in a table of at least so many rows a label that stands in one row only is no label.
"""
SYNTHETIC = "synthetic "


@cache
def terms(name: str) -> Mapping[str, Any]:
    """Return one mapping of `data/parameters/recorded_deaths.yaml`."""
    return MappingProxyType(dict(load("recorded_deaths")[name].value))


@cache
def listed(name: str) -> tuple[Any, ...]:
    """Return one list of `data/parameters/recorded_deaths.yaml`."""
    return tuple(load("recorded_deaths")[name].value)


def tidy(values: pd.Series) -> pd.Series:
    """Return text with blanks stripped and collapsed, lower case."""
    return (
        values.fillna("").astype(str).str.strip().str.replace(r"\s+", " ", regex=True).str.lower()
    )


def precision(values: pd.Series) -> pd.Series:
    """Return `precision_class`; "none" where the label says nothing that is known."""
    known = sorted(terms("precision_terms").items(), key=lambda item: -len(item[0]))

    def one(text: str) -> str:
        if text in records.PRECISION:
            return text
        return next((code for start, code in known if text.startswith(start)), "none")

    return tidy(values).map(one)


def precision_radius(classes: pd.Series) -> pd.Series:
    """Return `precision_m` of each class, NaN where a class has no radius."""
    return classes.map(dict(terms("precision_m"))).astype(float)


def interval(values: pd.Series) -> pd.Series:
    """Return `pmi_class`; "unknown" for blanks and for anything not listed."""
    known = terms("pmi_terms")
    return tidy(values).map(lambda v: v if v in records.PMI else known.get(v, "unknown"))


def cause(values: pd.Series) -> pd.Series:
    """Return `cause_class`; "unknown" for blanks, pending cases and anything not listed."""
    return tidy(values).map(lambda v: terms("cause_terms").get(v, "unknown"))


def sex(values: pd.Series) -> pd.Series:
    """Return `sex`: male, female or unknown."""
    known = {"male": "male", "m": "male", "female": "female", "f": "female"}
    return tidy(values).map(lambda v: known.get(v, "unknown"))


def age(values: pd.Series) -> pd.Series:
    """Return age in years, NaN where it is blank, 0 or 99 (the publishers' fillers)."""
    years = pd.to_numeric(values.where(values.str.strip() != ""), errors="coerce")
    return years.where((years > 0) & (years < 99))


def identified(names: pd.Series) -> pd.Series:
    """Return whether a name is given, and nothing else of it."""
    return ~tidy(names).isin(["", "unidentified", "unknown", "no", "false", "0", "n"])


def land_manager(values: pd.Series) -> pd.Series:
    """Return the land manager if known or marked SYNTHETIC, else "other"; None if blank."""
    known = {name.lower(): name for name in listed("land_managers")}
    known["international boundary and water commisson"] = known[
        "international boundary and water commission"
    ]
    for made_up in values.dropna().astype(str).str.strip().unique():
        if made_up.lower().startswith(SYNTHETIC) and LABEL.fullmatch(made_up):
            known[made_up.lower()] = made_up
    return tidy(values).map(lambda v: known.get(v, "other") if v else None)


def label(values: pd.Series) -> pd.Series | None:
    """Return short labels as they stand, None for blanks; None if this is free text."""
    text = values.fillna("").astype(str).str.strip()
    distinct = [v for v in text.unique() if v]
    if len(distinct) > MAX_LABELS or any(LABEL.fullmatch(v) is None for v in distinct):
        return None
    if len(text) >= RARE_FROM:
        text = text.where(text.map(text.value_counts()) > 1, "")
    return text.map(lambda v: v or None)


def death_bounds(
    found_on: pd.Series, pmi_class: pd.Series
) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """Return earliest and latest date of death; NaT where a bound is not known."""
    days = terms("pmi_days")
    least = pmi_class.map(lambda c: float(days[c][0]))
    most = pmi_class.map(lambda c: np.nan if days[c][1] is None else float(days[c][1]))
    earliest = found_on - pd.to_timedelta(most, unit="D")
    latest = found_on - pd.to_timedelta(least, unit="D")
    return earliest.to_numpy(), latest.to_numpy()


def rounded_count(count: int) -> str:
    """Return a number of records as a message may say it: to the nearest 10, never a few."""
    near = records.rounded(int(count))
    return f"fewer than {records.MIN_GROUP}" if near is None else f"about {near:,}"
