"""What a reader hands on: records that keep their contract, and every row it set aside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import records
from geo.contract import Table
from geo.errors import InputProblems, Problem

WHOLE_FILE = 0.5
"""A fault in more than this share of the rows is a fault of the file, not of its rows."""


@dataclass(frozen=True)
class Reading:
    """One source, read.

    Attributes
    ----------
    table
        Name of the contract in `geo.records` that `records` keeps.
    records
        The rows that can be used.
    quarantine
        The rows set aside, one line a fault (contract `quarantine`).
    counts
        `read`, `quarantined` and `kept` rows (read = quarantined + kept), and what a reader
        counted on the way, under names of its own.
    reader
        Layout by which the file was recognised.
    warnings
        What the user should know, in sentences.
    """

    table: str
    records: pd.DataFrame
    quarantine: pd.DataFrame
    counts: Mapping[str, int]
    reader: str
    warnings: tuple[str, ...] = ()


@dataclass
class Sieve:
    """Collects the faults of rows while a file is read.

    A value is kept only where the reader says that its field cannot be personal.
    """

    source_id: str
    rows: NDArray[np.int64]
    faults: list[dict[str, Any]] = field(default_factory=list)

    def drop(
        self, mask: Any, column: str, reason: str, values: Iterable[Any] | None = None
    ) -> None:
        """Set rows aside; `values` only for fields of numbers, dates and codes."""
        hit = np.asarray(mask, bool)
        shown = list(values) if values is not None else [None] * len(hit)
        for at in np.flatnonzero(hit):
            value = shown[at]
            plain = None if value is None or pd.isna(value) else str(value).strip()[:24] or None
            self.faults.append(
                {
                    "source_id": self.source_id,
                    "source_row": int(self.rows[at]),
                    "field": column,
                    "reason": reason,
                    "value": plain,
                }
            )

    @property
    def kept(self) -> NDArray[np.bool_]:
        """True for rows without a fault."""
        return ~np.isin(self.rows, [f["source_row"] for f in self.faults])

    def refuse_whole_file(self, remedies: Mapping[str, str]) -> None:
        """Raise InputProblems where a fault is that of the file and not of single rows."""
        frame = pd.DataFrame(self.faults)
        if frame.empty:
            return
        problems = []
        for (column, reason), group in frame.groupby(["field", "reason"], sort=True):
            share = group["source_row"].nunique() / len(self.rows)
            if share > WHOLE_FILE and len(group) > 1:
                first = group.iloc[0]
                what = f"{reason}, in {len(group)} of {len(self.rows)} rows"
                if first["value"]:
                    what += f" (here {first['value']})"
                remedy = remedies.get(str(reason), "Correct the column, or map another one to it")
                problems.append(
                    Problem(self.source_id, what, remedy, int(first["source_row"]), str(column))
                )
        if problems:
            raise InputProblems(problems)

    def frame(self) -> pd.DataFrame:
        """Return the quarantine, in the order of the file."""
        if not self.faults:
            return records.QUARANTINE.empty()
        faults = pd.DataFrame(self.faults).drop_duplicates(["source_row", "field", "reason"])
        ordered = faults.sort_values(["source_row", "field", "reason"], kind="stable")
        return records.QUARANTINE.conform(ordered)


def finish(
    table: Table,
    frame: pd.DataFrame,
    sieve: Sieve,
    reader: str,
    *,
    warnings: Iterable[str] = (),
    counts: Mapping[str, int] | None = None,
    remedies: Mapping[str, str] | None = None,
) -> Reading:
    """Return the reading: kept rows checked against their contract, the others in quarantine."""
    sieve.refuse_whole_file(remedies or {})
    kept = sieve.kept
    total = {"read": len(kept), "quarantined": int((~kept).sum()), "kept": int(kept.sum())}
    return Reading(
        table.name,
        table.conform(frame[kept]) if kept.any() else table.empty(),
        sieve.frame(),
        MappingProxyType({**total, **(counts or {})}),
        reader,
        tuple(dict.fromkeys(warnings)),
    )


def identifier(source_id: str, keys: Iterable[Any]) -> list[str]:
    """Return the hash of source and the source's own key, 16 hex digits each."""
    return [hashlib.sha256(f"{source_id}\n{key}".encode()).hexdigest()[:16] for key in keys]


def tally(reading: Reading) -> pd.DataFrame:
    """Return the flow of records of a reading whose deaths have been fitted or not.

    Returns
    -------
    DataFrame
        source_id, step (read, quarantined, excluded, used), reason, records; read equals the sum
        of the others. A row with several faults counts under the first one.
    """
    source = _source(reading)
    lines: list[tuple[str, str, int]] = [("read", "", reading.counts["read"])]
    first = reading.quarantine.drop_duplicates("source_row")
    for reason, count in first["reason"].value_counts().sort_index().items():
        lines.append(("quarantined", str(reason), int(count)))
    used = len(reading.records)
    if "exclusion_reason" in reading.records:
        excluded = reading.records["exclusion_reason"].dropna().value_counts().sort_index()
        lines += [("excluded", str(reason), int(count)) for reason, count in excluded.items()]
        used -= int(excluded.sum())
    lines.append(("used", "", used))
    frame = pd.DataFrame(lines, columns=["step", "reason", "records"])
    frame.insert(0, "source_id", source)
    return frame


def _source(reading: Reading) -> str:
    for frame in (reading.records, reading.quarantine):
        if len(frame):
            return str(frame["source_id"].iloc[0])
    return ""
