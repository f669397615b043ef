"""The words of tower files, and how much such a file says."""

from __future__ import annotations

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import Problem
from geo.parameters import load

PROGRAMMES = (
    ("project_28", r"project[ _-]?28|\bp[ -]?28\b"),
    ("sbinet_tus1", r"(sbi ?net|block 1).*(tuc|tus)|\btus[ -]?1\b|sbinet_tus1"),
    ("sbinet_ajo1", r"(sbi ?net|block 1).*ajo|\bajo[ -]?1\b|sbinet_ajo1"),
    ("sbinet", r"sbi ?net"),
    ("ift", r"\bift\b|integrated fixed"),
    ("legacy_rvss", r"legacy.*rvss"),
    ("rvss", r"rvss|remote video"),
    ("ast", r"\bast\b|autonomous|anduril|sentry"),
    ("mvss", r"\bmvss\b|mobile video"),
    ("msc", r"\bmsc\b|mobile surveillance capab"),
    ("mss", r"\bmss\b|mobile surveillance sys"),
)
STATUS = (
    ("cancelled", r"cancel|abandon|not built|unbuilt|withdrawn"),
    ("replaced", r"replac|remov|decommission|dismantl|retired|former|inactive"),
    ("planned", r"plan|propos|future|under construction|pending|candidate"),
    ("test", r"\btest|experiment|pilot|demonstrat"),
    ("deployed", r"deploy|active|exist|operational|install|built|in service|current|complete"),
)


def programme(text: str, stands_for: Mapping[str, str] | None = None) -> str:
    """Return the programme's name as in the parameters, or a plain form of the text.

    `stands_for` are the study's own words, in lower case: word = programme; they count first.
    """
    plain = text.strip().lower()
    if stands_for and plain in stands_for:
        return stands_for[plain]
    for name, pattern in PROGRAMMES:
        if re.search(pattern, plain):
            return name
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "unknown"


def unknown_programmes(towers: gpd.GeoDataFrame, where: str) -> list[Problem]:
    """Return one problem that names every programme nothing is known of, or none.

    Only towers that enter a dose count: built, dated, and without a height or range of their own.

    Parameters
    ----------
    towers
        Contract `towers`.
    where
        Name of the file in the message.

    Returns
    -------
    list of Problem
        One, or none.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.unknown_programmes(examples.towers(), "towers.csv")
    []
    """
    known = sorted({p.extra["programme"] for p in load("tower_programmes").values()})
    needs = towers["height_m"].isna() | towers["range_m"].isna()
    dated = towers[["active_from_earliest", "active_from_latest"]].notna().all(axis=1)
    built = towers["status"].isin(["deployed", "replaced"])
    hit = towers[needs & dated & built & ~towers["programme"].isin(known)]
    if hit.empty:
        return []
    words = ", ".join(f"{w} ({n})" for w, n in hit["programme"].value_counts().items())
    return [
        Problem(
            where,
            f"{len(hit)} towers are of programmes whose height and range are not known: {words}",
            "Give height_m and range_m in the file, or say under this source in the study what the "
            f'words stand for, programmes = {{ "their word" = "ift" }}: one of {", ".join(known)}',
            row=int(hit["source_row"].iloc[0]),
            field="programme",
        )
    ]


def status(text: str) -> str | None:
    """Return the contract's word for a status, "deployed" for a blank, None for anything else."""
    plain = text.strip().lower()
    if not plain:
        return "deployed"
    return next((name for name, pattern in STATUS if re.search(pattern, plain)), None)


def completeness(towers: gpd.GeoDataFrame) -> pd.Series:
    """Return the share of deployed towers with each thing that a route or a dose needs.

    Parameters
    ----------
    towers
        Contract `towers`.

    Returns
    -------
    Series
        Shares by `start`, `start_within_a_year`, `height`, `range`, `citation`, `verified` and
        `usable` (start and citation), of the file's own: a rule's start is none. NaN where no
        tower is deployed or replaced.

    Examples
    --------
    >>> from geo import examples, sources
    >>> sources.completeness(examples.towers())[["start", "citation"]].to_dict()
    {'start': 1.0, 'citation': 1.0}
    """
    built = towers[towers["status"].isin(["deployed", "replaced"])]
    first, last = built["active_from_earliest"], built["active_from_latest"]
    start = first.notna() & last.notna() & built["dated_by"].isna()
    marks = {
        "start": start,
        "start_within_a_year": start & ((last - first).dt.days <= 366),
        "height": built["height_m"].notna(),
        "range": built["range_m"].notna(),
        "citation": built["citation"].notna(),
        "verified": built["verified_by"].notna(),
        "usable": start & built["citation"].notna(),
    }
    return pd.Series({k: float(v.mean()) if len(v) else np.nan for k, v in marks.items()})
