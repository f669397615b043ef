"""Identifiers of rows: hashes of their key, so that a row keeps its id from run to run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

PREFIX = {
    "deaths_by_cell_block": "cell",
    "deaths_by_corridor_block": "dcb",
    "deaths_by_year": "year",
    "hardship_by_block": "hard",
    "hardness_by_corridor": "hbc",
    "hardness_fifths": "hfi",
    "exposures_by_corridor_block": "exp",
    "coverage_by_corridor_year": "cov",
    "funnel_measures": "fun",
    "estimates": "est",
    "counts": "cnt",
    "snapshots": "src",
    "towers": "twr",
    "zones": "zon",
    "tower_dating": "tdt",
    "sites": "site",
    "corridors": "cor",
    "corridor_basis": "cob",
    "crossing_basis": "crb",
    "covariates": "cvr",
    "skipped": "skip",
    "parameters": "par",
    "calibration": "cal",
}
"""Table = what its identifiers start with."""


def row_id(table: str, *key: object) -> str:
    """Return the identifier of a row: prefix of its table and a hash of its key."""
    text = "\x1f".join([table, *(str(k) for k in key)])
    return f"{PREFIX[table]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples."""
    yield from frame.itertuples(index=False)


def with_ids(table: str, key: Iterable[str], frame: pd.DataFrame, parents: str) -> pd.DataFrame:
    """Return the frame with `row_id` and `parents`, keeping those it has where they are whole."""
    out = frame.copy()
    given = out.get("row_id")
    whole = given is not None and bool((given.astype(str).str.len() > 0).all()) and given.is_unique
    if not whole:
        columns = list(key)
        rows = out[columns].itertuples(index=False, name=None)
        out["row_id"] = [row_id(table, *values) for values in rows]
    if "parents" not in out:
        out["parents"] = parents
    out["parents"] = out["parents"].fillna("").where(out["parents"].fillna("") != "", parents)
    return out
