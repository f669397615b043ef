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
from geo.errors import ContractError, InputProblems, Problem
from geo.sources.dates import Order
from geo.study import Source

ONE_FIELD = "this field alone"
"""Scope of a fault that leaves its row in use."""
NO_KEY = "no key"
REPEATED = "the key stands in an earlier row"
WHOLE_FILE = 0.5
"""Guard: a fault in more than this share of the rows is a fault of the file, not of its rows."""


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


@dataclass(frozen=True)
class Hints:
    """What a study says of how a file is written.

    Attributes
    ----------
    columns
        Contract column = column of the file.
    date_order
        Whether the day or the month stands first in dates such as 03/04/2015.
    programmes
        Word of a tower file = programme that it stands for.
    system
        Record system whose rows are read, of a file that holds those of several.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: Order | None = None
    programmes: Mapping[str, str] = field(default_factory=dict)
    system: str | None = None

    @classmethod
    def of(cls, source: Source) -> Hints:
        """Return what a study says of a source."""
        return cls(source.columns, source.date_order, source.programmes, source.system)


@dataclass
class RowValidator:
    """Collects the faults of rows while a file is read.

    A value is kept only where the reader says that its field cannot be personal. `said` holds what
    was decided for whole columns, in sentences; `problems` is what refuses the file.
    """

    source_id: str
    rows: NDArray[np.int64]
    faults: list[dict[str, Any]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, source_id: str, table: pd.DataFrame) -> RowValidator:
        """Return an empty validator for the rows of a table."""
        return cls(source_id, table.index.to_numpy(np.int64))

    def blank(
        self, mask: Any, column: str, reason: str, values: Iterable[Any] | None = None
    ) -> None:
        """Set one optional field of rows aside and keep the rows; the caller empties the cells."""
        before = len(self.faults)
        self.drop(mask, column, reason, values)
        for fault in self.faults[before:]:
            fault["scope"] = ONE_FIELD

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
                    "scope": None,
                }
            )

    @property
    def kept(self) -> NDArray[np.bool_]:
        """True for rows without a fault."""
        lost = [f["source_row"] for f in self.faults if f["scope"] is None]
        return ~np.isin(self.rows, lost)

    def refuse_whole_file(
        self, remedies: Mapping[str, str], tolerated: frozenset[str] = frozenset()
    ) -> None:
        """Raise InputProblems where a fault is that of the file and not of single rows.

        A reason that is `tolerated` may stand in most rows, as long as a row is left.
        """
        if self.problems:
            raise InputProblems(self.problems)
        frame = pd.DataFrame([f for f in self.faults if f["scope"] is None])
        if frame.empty:
            return
        if self.kept.any():
            frame = frame[~frame["reason"].isin(tolerated)]
        problems = []
        for (column, reason), group in frame.groupby(["field", "reason"], sort=True):
            share = group["source_row"].nunique() / len(self.rows)
            hit = group["source_row"].nunique()
            if share > WHOLE_FILE and hit > 1:
                first = group.iloc[0]
                what = f"{reason}, in {hit} of {len(self.rows)} rows"
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
    validator: RowValidator,
    reader: str,
    *,
    warnings: Iterable[str] = (),
    counts: Mapping[str, int] | None = None,
    remedies: Mapping[str, str] | None = None,
    tolerated: frozenset[str] = frozenset(),
) -> Reading:
    """Return the reading: kept rows checked against their contract, the others in quarantine."""
    validator.refuse_whole_file(remedies or {}, tolerated)
    kept = validator.kept
    total = {"read": len(kept), "quarantined": int((~kept).sum()), "kept": int(kept.sum())}
    return Reading(
        table.name,
        table.conform(frame[kept]) if kept.any() else table.empty(),
        validator.frame(),
        MappingProxyType({**total, **(counts or {})}),
        reader,
        tuple(dict.fromkeys((*warnings, *validator.said))),
    )


def check_keys(raw: pd.Series, column: str, validator: RowValidator) -> pd.Series:
    """Return the source's own keys; blank and repeated ones are set aside."""
    keys = raw.str.strip()
    validator.drop(keys == "", column, NO_KEY)
    validator.drop((keys != "") & keys.duplicated(), column, REPEATED)
    return keys


def key_remedies(field_name: str) -> dict[str, str]:
    """Return what to do about keys that are missing or repeated."""
    return {
        REPEATED: f"Map {field_name} to a column that is unique",
        NO_KEY: f"Map {field_name} to a column that is filled",
    }


def identifier(source_id: str, keys: Iterable[Any]) -> list[str]:
    """Return the hash of source and the source's own key, 16 hex digits each."""
    return [hashlib.sha256(f"{source_id}\n{key}".encode()).hexdigest()[:16] for key in keys]


def tally(reading: Reading) -> pd.DataFrame:
    """Return the flow of records of a reading whose deaths have been fitted or not.

    Parameters
    ----------
    reading
        From `read`; of deaths, with the records that `fit` returned or not.

    Returns
    -------
    DataFrame
        source_id, step (read, quarantined, excluded, used), reason, records: rows, not faults. A
        row with several faults counts under the first one; a row that was kept without one of its
        fields is used.

    Raises
    ------
    ContractError
        If what was read is not the sum of the others.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["towers"]
    >>> counts = sources.tally(sources.read(path, role="towers", source_id="own"))
    >>> counts[["step", "records"]].values.tolist()
    [['read', 2], ['used', 2]]
    """
    source = _source(reading)
    lines: list[tuple[str, str, int]] = []
    rows = reading.quarantine[reading.quarantine["scope"].isna()]
    first = rows.drop_duplicates("source_row")
    for reason, count in first["reason"].value_counts().sort_index().items():
        lines.append(("quarantined", str(reason), int(count)))
    used = len(reading.records)
    if "exclusion_reason" in reading.records:
        excluded = reading.records["exclusion_reason"].dropna().value_counts().sort_index()
        lines += [("excluded", str(reason), int(count)) for reason, count in excluded.items()]
        used -= int(excluded.sum())
    lines.append(("used", "", used))
    total = sum(count for _, _, count in lines)
    if total != reading.counts["read"]:
        raise ContractError(
            f"{source or reading.reader}: {reading.counts['read']} rows were read, and {total} are "
            "accounted for; report this with the file's header"
        )
    frame = pd.DataFrame([("read", "", total), *lines], columns=["step", "reason", "records"])
    frame.insert(0, "source_id", source)
    return frame


def _source(reading: Reading) -> str:
    for frame in (reading.records, reading.quarantine):
        if len(frame):
            return str(frame["source_id"].iloc[0])
    return ""
