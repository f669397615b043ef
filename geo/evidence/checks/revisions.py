"""Two restricted trees record by record: who changed, what that did, and whom it would expose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo import records
from geo.errors import EvidenceError
from geo.evidence.custody.restricted import CASES, LINEAGE, RECORDS
from geo.evidence.tables.hardship import COMPONENTS, GROUPED, significant
from geo.evidence.tables.identifiers import PREFIX
from geo.sources.revisions import MOVED_DEGREES, RECLASSIFIED

PLACE = ["longitude_deg", "latitude_deg"]


@dataclass(frozen=True)
class Tree:
    """A restricted tree as tables: records by their key, and which group holds which key."""

    records: pd.DataFrame
    members: pd.DataFrame


@dataclass(frozen=True)
class Changes:
    """Keys of the records that changed from one tree to another, by kind of change."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    redated: tuple[str, ...]
    reclassified: tuple[str, ...]
    identified: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return kind = number of records."""
        return {name: len(keys) for name, keys in self.__dict__.items()}


def open_trees(first: Path, second: Path) -> tuple[Tree, Tree]:
    """Read two restricted trees, keyed alike: by case key where both have one, else by id.

    Parameters
    ----------
    first, second
        Restricted trees of one source, the earlier first.

    Returns
    -------
    first, second : Tree
        Keyed alike.

    Raises
    ------
    EvidenceError
        If a folder is no restricted tree, or the two share no key.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> old, new = evidence.open_trees(examples.restricted_tree(), examples.restricted_tree())
    >>> len(old.records), len(new.records)
    (60, 60)
    """
    one, two = _read(Path(first)), _read(Path(second))
    key = "case_key" if all(_keyed(t[0]) for t in (one, two)) else "death_id"
    trees = [_tree(r, m, key) for r, m in (one, two)]
    shared = trees[0].records.index.intersection(trees[1].records.index)
    if shared.empty and len(trees[0].records) and len(trees[1].records):
        raise EvidenceError("the two restricted trees share no record; give two of one source")
    return trees[0], trees[1]


def changes(first: Tree, second: Tree) -> Changes:
    """List the records that changed."""
    one, two = first.records, second.records
    both = one.index.intersection(two.index)
    old, new = one.loc[both], two.loc[both]
    moved = ((old[PLACE] - new[PLACE]).abs() > MOVED_DEGREES).any(axis=1)
    moved |= old[PLACE].isna().any(axis=1) != new[PLACE].isna().any(axis=1)
    classes = list(RECLASSIFIED)
    again = (old[classes].fillna("") != new[classes].fillna("")).any(axis=1)
    dated = old["found_on"].fillna("") != new["found_on"].fillna("")
    named = (old["identified"] == "False") & (new["identified"] == "True")
    return Changes(
        tuple(sorted(two.index.difference(one.index))),
        tuple(sorted(one.index.difference(two.index))),
        *(tuple(sorted(both[mask.to_numpy(bool)])) for mask in (moved, dated, again, named)),
    )


def causes(first: Tree, second: Tree) -> Iterator[dict[str, Any]]:
    """Yield what part of each change of a mean comes from records removed, added and changed.

    The parts are taken in that order, so that they add up to the whole change.
    """
    one, two = first.records, second.records
    both = one.index.intersection(two.index)
    for period in sorted(set(one["period_id"].dropna()) & set(two["period_id"].dropna())):
        old, new = one[one["period_id"] == period], two[two["period_id"] == period]
        kept_old = old[old.index.isin(both)]
        same = new[new.index.isin(kept_old.index)]
        grown = pd.concat([kept_old, new[~new.index.isin(both)]])
        for component, unit in COMPONENTS.items():
            means = [_mean(frame[component]) for frame in (old, kept_old, grown, new)]
            if not np.isfinite(means).all() or min(len(old), len(same)) < records.MIN_GROUP:
                continue
            removed, added, changed = np.diff(means)
            yield {
                "period": period,
                "component": component,
                "unit": unit,
                "before": significant(means[0]),
                "after": significant(means[3]),
                "removed": significant(float(removed)),
                "added": significant(float(added)),
                "changed": significant(float(changed)),
            }


def isolated(first: Tree, second: Tree, floor: int = records.MIN_GROUP) -> frozenset[str]:
    """Return the published ids in which fewer than `floor` records differ, and that can be told.

    Who holds both bundles could subtract one group's statistics from the other's and be left
    with those few records. Of a count the same holds where both stand as numbers; where a class
    stands, two classes leave a span, and the id is named only if the span is one number.

    Parameters
    ----------
    first, second
        From `open_trees`.
    floor
        Fewest records that may differ in a group whose statistics both bundles show.

    Returns
    -------
    frozenset of str
        Ids of groups and counts.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> tree = examples.restricted_tree()
    >>> evidence.isolated(*evidence.open_trees(tree, tree))
    frozenset()
    """
    components = [c for c in COMPONENTS if c in first.records and c in second.records]
    old, new = first.records[components], second.records[components]
    both = old.index.intersection(new.index)
    same = ((old.loc[both] == new.loc[both]) | (old.loc[both].isna() & new.loc[both].isna())).all(
        axis=1
    )
    changed = set(both[~same.to_numpy(bool)])
    found = set()
    groups = [tree.members.groupby("id")["key"].agg(set) for tree in (first, second)]
    for group in groups[0].index.union(groups[1].index):
        before, after = (g.get(group, set()) for g in groups)
        if not str(group).startswith("group-"):
            low, high = _told(str(group), len(before), len(after))
            if low == high and 0 < abs(low) < floor:
                found.add(str(group))
            continue
        exchanged = before ^ after
        touched = exchanged | (before & after & changed)
        shown = min(len(before), len(after)) >= floor
        # those who came or went are few even where others, who stayed, have new exposures
        if shown and any(0 < len(part) < floor for part in (exchanged, touched)):
            found.add(str(group))
    return frozenset(found)


def _told(row: str, before: int, after: int) -> tuple[float, float]:
    """Return the least and the most by which two published counts of a row can differ."""
    spans: list[tuple[float, float]] = []
    for n in (before, after):
        low, high = records.class_span(records.count_class(n))
        exact = row.startswith(f"{PREFIX['deaths_by_year']}-") and high is None
        spans.append((n, n) if exact else (low, np.inf if high is None else high))
    (a, b), (c, d) = spans
    return c - b, d - a


def withheld(tables: dict[str, pd.DataFrame], groups: frozenset[str]) -> dict[str, pd.DataFrame]:
    """Return public tables with the values of some groups left empty: the way out.

    Parameters
    ----------
    tables
        Public tables by name.
    groups
        From `isolated`.

    Returns
    -------
    dict of str to DataFrame
        The same tables; values of those groups are empty.

    Examples
    --------
    >>> from geo import evidence, examples
    >>> tables = examples.public_tables()
    >>> sorted(evidence.withheld(tables, frozenset())) == sorted(tables)
    True
    """
    out = dict(tables)
    for name in GROUPED:
        frame = out[name].copy()
        hide = frame["parents"].map(lambda p: bool(groups & set(p.split())))
        frame.loc[hide, ["value", "low", "high"]] = np.nan
        out[name] = frame
    years = out["deaths_by_year"]
    known = years["deaths"].mask(years["row_id"].isin(groups))
    out["deaths_by_year"] = years.assign(deaths=known)
    return out


def _read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not (folder / RECORDS).is_file():
        raise EvidenceError(f"{folder} is no restricted tree: it holds no {RECORDS}; name another")
    frame = pd.read_csv(folder / RECORDS, dtype=str)
    numbers = [c for c in (*PLACE, *COMPONENTS) if c in frame]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    if (folder / CASES).is_file():
        cases = pd.read_csv(folder / CASES, dtype=str)
        frame = frame.merge(cases, on="death_id", how="left")
    return frame, pd.read_csv(folder / LINEAGE, dtype=str)


def _keyed(frame: pd.DataFrame) -> bool:
    return "case_key" in frame and bool(frame["case_key"].notna().all())


def _tree(frame: pd.DataFrame, members: pd.DataFrame, key: str) -> Tree:
    keys = dict(zip(frame["death_id"], frame[key], strict=True))
    return Tree(
        frame.drop_duplicates(key).set_index(key),
        members.assign(key=members["death_id"].map(keys)),
    )


def _mean(values: pd.Series) -> float:
    return float(values.mean()) if values.notna().any() else float("nan")
