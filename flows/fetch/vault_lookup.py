"""What the vault holds of a source already, and whether that is all of it."""

from __future__ import annotations

from pathlib import Path

from flows.fetch import connectors
from flows.fetch.catalogue import Entry
from flows.fetch.vault import Snapshot, Vault
from geo.study import Source, Study


def stored(vault: Vault, source: Source, entry: Entry | None, study: Study) -> tuple[Snapshot, ...]:
    """Return what the vault holds of a source for a study, without asking anybody.

    A source that is one file is one snapshot: that of the file the study names, else the newest
    that its publisher sent. Two vintages of one table are never handed on together, and a file of
    somebody's disk that the study does not name is not used, whoever put it there.
    """
    if entry is not None and entry.kind == "folder":
        return _tiles(vault, source, study)
    named = Path(source.file or "")
    names = {named.name, f"{named.stem}.zip"}
    latest = tuple(s for s in vault.latest(source.id) if s.url is not None or s.name in names)
    if entry is None or entry.kind not in ("tiles", "years") or entry.content == "json":
        same = [s for s in latest if s.name in names]
        newest = sorted(latest, key=lambda s: s.retrieved_at)
        return tuple((same or newest)[-1:])
    wanted = connectors.wants(source.id, entry, study)
    tiles = {w.name for w in wanted} | {connectors.window_name(w, study) for w in wanted}
    return tuple(s for s in latest if s.name in tiles and s.size)


def _tiles(vault: Vault, source: Source, study: Study) -> tuple[Snapshot, ...]:
    """Return the tiles of a folder got by hand that the study touches."""
    from geo.terrain import touching  # noqa: PLC0415 - loads the raster libraries

    latest = vault.latest(source.id)
    needed = set(touching([vault.path(s) for s in latest], study.bounds_lonlat))
    return tuple(s for s in latest if vault.path(s) in needed)


def complete(vault: Vault, source: Source, entry: Entry | None, study: Study) -> bool:
    """Return whether the vault has every tile of a source that a study needs."""
    if entry is None or entry.kind != "tiles":
        return True
    there = {s.name for s in vault.latest(source.id)}
    wanted = connectors.wants(source.id, entry, study)
    return all({w.name, connectors.window_name(w, study)} & there for w in wanted)
