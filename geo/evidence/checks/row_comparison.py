"""Tables of two bundles, row by row: for a difference, and for a run that was repeated."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import EvidenceError, Problem
from geo.evidence.checks.verify import load_tables
from geo.evidence.custody.chain import MANIFEST

DIGITS = 9
"""Numerical: significant digits at which bundles of two machines are compared."""


@dataclass(frozen=True)
class BundleComparison:
    """Whether a rerun gave the same bundle, and which comparison says so."""

    equal: bool
    how: str
    problems: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the result in words."""
        head = "the rerun gave the same bundle" if self.equal else "the rerun DIFFERS"
        return "\n".join([f"{head} ({self.how})", *(f"  - {p}" for p in self.problems)])


def compare(first: Path, second: Path) -> BundleComparison:
    """Compare a bundle with its rerun: byte by byte, else at 9 significant digits.

    Parameters
    ----------
    first, second
        Public bundles of one question.

    Returns
    -------
    BundleComparison
        Which comparison was made, and every difference.

    Raises
    ------
    EvidenceError
        If a bundle cannot be read.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> found = evidence.compare(examples.bundle(), examples.bundle())
    >>> found.equal, found.problems
    (True, ())
    """
    manifests = [(Path(p) / MANIFEST).read_bytes() for p in (first, second)]
    if manifests[0] == manifests[1]:
        return BundleComparison(equal=True, how="byte by byte")
    one, two = comparable_tables(Path(first)), comparable_tables(Path(second))
    how = f"tables at {DIGITS} significant digits; bytes differ, as they may across machines"
    unlike = []
    for name in sorted(set(one) | set(two)):
        if name not in one or name not in two:
            unlike.append(f"{name} is in one of them only")
            continue
        kinds = changed_rows(_rounded(one[name]), _rounded(two[name]))
        counts = {k: len(v) for k, v in kinds.items() if v}
        if counts:
            unlike.append(f"{name}: " + ", ".join(f"{n} rows {k}" for k, n in counts.items()))
    return BundleComparison(not unlike, how, tuple(unlike))


def comparable_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a bundle; an `EvidenceError` where those of every bundle lack."""
    problems: list[Problem] = []
    tables = load_tables(folder, problems)
    missing = {"estimates", "snapshots"} - set(tables)
    if missing:
        raise EvidenceError(f"{folder} cannot be compared; run `funnel verify` on it first")
    return tables


def changed_rows(one: pd.DataFrame, two: pd.DataFrame) -> dict[str, list[Any]]:
    """Return ids of rows that one table alone has, and every changed value with both its sides."""
    old, new = one.set_index("row_id"), two.set_index("row_id")
    both = old.index.intersection(new.index)
    columns = [c for c in old.columns if c in new.columns and c != "parents"]
    changed = []
    for column in columns:
        before, after = old.loc[both, column], new.loc[both, column]
        same = (before == after).fillna(value=False).astype(bool)  # NA where either is lacking
        unlike = ~(same | (before.isna() & after.isna()))
        changed += [
            {"row_id": i, "column": column, "before": plain(b), "after": plain(a)}
            for i, b, a in zip(
                both[unlike.to_numpy(bool)], before[unlike], after[unlike], strict=True
            )
        ]
    return {
        "added": sorted(new.index.difference(old.index)),
        "removed": sorted(old.index.difference(new.index)),
        "changed": sorted(changed, key=lambda c: (c["row_id"], c["column"])),
    }


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    out = frame.copy()
    for column in frame.select_dtypes("float64").columns:
        out[column] = [
            float(f"{v:.{DIGITS}g}") if np.isfinite(v) else v for v in out[column].to_numpy(float)
        ]
    return out


def plain(value: Any) -> Any:
    """Return a cell as Python and JSON have it; None where it is empty."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
