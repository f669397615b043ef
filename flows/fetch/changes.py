"""What changed at a publisher since the last snapshot, in counts."""

from __future__ import annotations

import pandas as pd

from flows.fetch.vault import Snapshot, Vault
from geo import sources
from geo.errors import FunnelError
from geo.study import Source


def describe(
    vault: Vault, source: Source, before: tuple[Snapshot, ...], after: tuple[Snapshot, ...]
) -> str:
    """Return in one sentence what changed; counts only, never a record."""
    if not before:
        size = sum(s.size for s in after) / 1e6
        return f"{source.id}: first snapshot, {len(after)} file(s), {size:,.1f} MB."
    old, new = {s.name: s.sha256 for s in before}, {s.name: s.sha256 for s in after}
    if set(old.values()) >= set(new.values()):
        return f"{source.id}: unchanged."
    if source.role == "deaths" and len(before) == len(after) == 1:
        return f"{source.id}: {_records(vault, source, before[0], after[0])}"
    added, gone = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = sum(1 for k in new.keys() & old.keys() if new[k] != old[k])
    return f"{source.id}: {changed} file(s) changed, {added} added, {gone} no longer there."


def records(vault: Vault, source: Source, before: Snapshot, after: Snapshot) -> pd.DataFrame:
    """Return record by record what changed between two vintages; for a restricted tree only.

    Raises
    ------
    LayoutError
        If one of the two cannot be read.
    """
    old, new = (_read(vault, source, s) for s in (before, after))
    return sources.revision_records(old, new)


def _records(vault: Vault, source: Source, before: Snapshot, after: Snapshot) -> str:
    """Compare two vintages in counts; a layout that changed is said with its columns."""
    frames = []
    for which, snapshot in (("earlier", before), ("new", after)):
        try:
            frames.append(_read(vault, source, snapshot))
        except FunnelError as error:
            return f"the {which} snapshot cannot be read: {error}"
    old, new = frames
    return sources.revision(old, new).sentence()


def _read(vault: Vault, source: Source, snapshot: Snapshot) -> pd.DataFrame:
    return sources.read(
        vault.open(snapshot),
        role=source.role,
        source_id=source.id,
        columns=dict(source.columns),
    ).records
