"""What changed between two vintages of one source, in counts."""

from __future__ import annotations

from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOVED_DEGREES = 1e-6
RECLASSIFIED = ("cause_class", "pmi_class", "precision_class", "corridor", "sex")


@dataclass(frozen=True)
class Revision:
    """Counts of records that changed from one vintage to the next.

    Attributes
    ----------
    before, after
        Records in either vintage.
    added, added_late, removed
        New records; of these, those dated before the last date of the older vintage; records gone.
    moved, redated, reclassified, identified
        Records whose position, date, class of cause, interval, precision, corridor or sex
        changed; records identified since.
    """

    before: int
    after: int
    added: int
    added_late: int
    removed: int
    moved: int
    redated: int
    reclassified: int
    identified: int

    @property
    def unchanged(self) -> bool:
        """True where nothing of it changed."""
        return not any(getattr(self, f.name) for f in fields(self)[2:])

    def sentence(self) -> str:
        """Return the revision in one sentence."""
        if self.unchanged:
            return f"{self.after:,} records, none changed."
        return (
            f"{self.before:,} records became {self.after:,}: {self.added:,} added "
            f"({self.added_late:,} of them dated before the last date known then), "
            f"{self.removed:,} removed, {self.moved:,} moved, {self.redated:,} dated anew, "
            f"{self.reclassified:,} reclassified, {self.identified:,} identified since."
        )


def revision(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, key: str = "death_id") -> Revision:
    """Compare two vintages of recorded deaths.

    Parameters
    ----------
    old, new
        Contract `deaths`, read with the same `source_id`, so that keys agree.
    key
        Column that identifies a record.

    Returns
    -------
    Revision
        Counts only; which records they are stays with the caller.
    """
    before, after = old.set_index(key), new.set_index(key)
    added = after.index.difference(before.index)
    common = before.index.intersection(after.index)
    b, a = before.loc[common], after.loc[common]
    gap = np.hypot(
        b.geometry.x.to_numpy(float) - a.geometry.x.to_numpy(float),
        b.geometry.y.to_numpy(float) - a.geometry.y.to_numpy(float),
    )
    changed = np.zeros(len(common), bool)
    for column in RECLASSIFIED:
        changed |= _differs(b[column], a[column])
    late = after.loc[added, "found_on"] <= before["found_on"].max()
    return Revision(
        before=len(before),
        after=len(after),
        added=len(added),
        added_late=int(late.sum()),
        removed=len(before.index.difference(after.index)),
        moved=int(((gap > MOVED_DEGREES) | (np.isnan(gap) & _torn(b, a))).sum()),
        redated=int(_differs(b["found_on"], a["found_on"]).sum()),
        reclassified=int(changed.sum()),
        identified=int((~b["identified"] & a["identified"]).sum()),
    )


def _differs(left: pd.Series, right: pd.Series) -> NDArray[np.bool_]:
    same = (left == right) | (left.isna() & right.isna())
    return ~np.asarray(same.fillna(value=False), bool)


def _torn(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return np.asarray(left.geometry.isna() != right.geometry.isna(), bool)
