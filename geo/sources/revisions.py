"""What changed between two vintages of one source, in counts."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.records import VINTAGES
from geo.sources.reading import Reading, identifier

MOVED_DEGREES = 1e-6
"""Numerical: a tenth of a metre: the last digit that publishers give."""
CHANGES = ("added", "removed", "moved", "redated", "reclassified", "identified")
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


def as_vintage(reading: Reading, source_id: str) -> Reading:
    """Return deaths read under the id of today's source as an earlier state of it.

    Keys stay those of today's source, so that a record is the same in both; rows lead back to the
    file of the vintage.

    Parameters
    ----------
    reading
        Contract `deaths`, read with the `source_id` of today's deaths.
    source_id
        Of the vintage.

    Returns
    -------
    Reading
        Contract `vintages`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["deaths"]
    >>> columns = examples.DEATH_COLUMNS
    >>> today = sources.read(path, role="deaths", source_id="own", columns=columns)
    >>> sources.as_vintage(today, "own-2012").records["source_id"].unique().tolist()
    ['own-2012']
    """
    frames = (f.assign(source_id=source_id) for f in (reading.records, reading.quarantine))
    records, quarantine = frames
    return replace(reading, table=VINTAGES.name, records=records, quarantine=quarantine)


def keyed(records: pd.DataFrame, source_id: str) -> bool:
    """Say whether records have keys of their own; without, they are known by their row alone.

    Parameters
    ----------
    records
        Contract `deaths`.
    source_id
        The one that they were read with.

    Returns
    -------
    bool
        True where every record has a key of its own.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo import examples, sources
    >>> path = examples.write_files(Path(tempfile.mkdtemp()))["deaths"]
    >>> columns = examples.DEATH_COLUMNS
    >>> today = sources.read(path, role="deaths", source_id="own", columns=columns)
    >>> sources.keyed(today.records, "own")
    True
    """
    return list(records["death_id"]) != identifier(source_id, records["source_row"])


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

    Examples
    --------
    >>> from geo import examples, sources
    >>> today = examples.deaths()
    >>> found = sources.revision(today[5:], today)
    >>> found.added, found.removed
    (5, 0)
    """
    rows = revision_records(old, new, key)
    number = rows["change"].value_counts()
    known = old["found_on"].max()
    added = rows.loc[rows["change"] == "added", key]
    late = new.loc[new[key].isin(added), "found_on"] <= known
    return Revision(
        before=len(old),
        after=len(new),
        added_late=int(late.sum()),
        **{change: int(number.get(change, 0)) for change in CHANGES},
    )


def revision_records(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, key: str = "death_id"
) -> pd.DataFrame:
    """Say record by record what changed; for a restricted tree only.

    Parameters
    ----------
    old, new
        Contract `deaths`, read with the same `source_id`.
    key
        Column that identifies a record.

    Returns
    -------
    DataFrame
        `key` and `change` (one of added, removed, moved, redated, reclassified, identified); a
        record that changed in several ways stands in several rows.

    Examples
    --------
    >>> from geo import examples, sources
    >>> today = examples.deaths()
    >>> sources.revision_records(today[1:], today).values.tolist()
    [['d-0000', 'added']]
    """
    before, after = old.set_index(key), new.set_index(key)
    common = before.index.intersection(after.index)
    b, a = before.loc[common], after.loc[common]
    gap = np.hypot(
        b.geometry.x.to_numpy(float) - a.geometry.x.to_numpy(float),
        b.geometry.y.to_numpy(float) - a.geometry.y.to_numpy(float),
    )
    classes = np.zeros(len(common), bool)
    for column in RECLASSIFIED:
        classes |= _differs(b[column], a[column])
    found = {
        "added": after.index.difference(before.index),
        "removed": before.index.difference(after.index),
        "moved": common[(gap > MOVED_DEGREES) | (np.isnan(gap) & _torn(b, a))],
        "redated": common[_differs(b["found_on"], a["found_on"])],
        "reclassified": common[classes],
        "identified": common[np.asarray(~b["identified"] & a["identified"], bool)],
    }
    parts = [pd.DataFrame({key: ids, "change": change}) for change, ids in found.items()]
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values([key, "change"], ignore_index=True)


def _differs(left: pd.Series, right: pd.Series) -> NDArray[np.bool_]:
    same = (left == right) | (left.isna() & right.isna())
    return ~np.asarray(same.fillna(value=False), bool)


def _torn(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return np.asarray(left.geometry.isna() != right.geometry.isna(), bool)
