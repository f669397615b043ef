"""Every source of a study as snapshots in the vault, or why it is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.fetch import local, supplied
from flows.fetch.catalogue import Entry, load
from flows.fetch.http_policy import HttpPolicy
from flows.fetch.missing import FIRST_COUNTS, FLAGS, WHAT, Missing, how_to_get, second_best
from flows.fetch.vault import Snapshot, Vault
from flows.fetch.vault_lookup import complete, stored
from geo.errors import InputProblems, Problem, SourceUnreachableError
from geo.study import Source, Study

if TYPE_CHECKING:
    from flows.fetch.publisher import Publisher

Progress = Callable[[int, int, str], None]

_UNSEEN = "this file of a user's is known by its hash alone, and this vault does not hold it"
RASTERS = ("elevation", "landcover")
"""Roles of which a folder is a folder of tiles, each a snapshot of its own."""


@dataclass(frozen=True)
class Ways:
    """How publishers are asked.

    Attributes
    ----------
    refresh
        Ask them even where the vault has a snapshot, and say what changed.
    announce
        Told of terms of use, large downloads and repeated attempts.
    catalogue
        Entries by source id; None for those of the package.
    manners
        Limits of retrievals.
    """

    refresh: bool = False
    announce: Callable[[str], None] = lambda _text: None
    catalogue: Mapping[str, Entry] | None = None
    manners: HttpPolicy = field(default_factory=HttpPolicy)


@dataclass(frozen=True)
class Resolved:
    """What was found.

    Attributes
    ----------
    snapshots
        Of each source, in the order of the study.
    missing
        Optional sources that are not there.
    changes
        Sentences on what is new since the last snapshot of each source, in counts.
    """

    snapshots: dict[str, tuple[Snapshot, ...]]
    missing: tuple[Missing, ...]
    changes: tuple[str, ...] = ()


def resolve(
    study: Study,
    vault: Vault,
    *,
    offline: bool,
    local_data: Path | None,
    study_folder: Path | None,
    clock: Callable[[], datetime],
    progress: Progress,
    ways: Ways | None = None,
) -> Resolved:
    """Bring every source of a study into the vault.

    A source is looked for as the file it names (absolute, beside the study, in `local_data`), then
    in the vault, then, unless `offline`, at its publisher. A file of the user's is that file or
    none: neither the vault nor a publisher stands in for it, and it stands in for nobody's. With
    `ways.refresh` the publisher comes before the vault, and what changed is said; a publisher that
    cannot be reached then leaves the earlier snapshot in use.

    Parameters
    ----------
    study
        Resolved study, command-line files already in it.
    vault
        Where snapshots go.
    offline
        Open no socket.
    local_data, study_folder
        Folders that relative files are looked for in.
    clock
        Returns the time, UTC.
    progress
        Called with (sources done, sources, label).
    ways
        How publishers are asked.

    Raises
    ------
    InputProblems
        With every required source that is not there.
    SourceUnreachableError
        If a required source is nowhere else and its publisher cannot be reached.
    """
    ways = ways or Ways()
    if offline:
        return _walk(_Place(study, vault, None, local_data, study_folder, ways), progress)
    # a run that finds everything in the vault should not wait for what only a retrieval needs
    from flows.fetch.publisher import Publisher  # noqa: PLC0415
    from flows.fetch.web import Web  # noqa: PLC0415

    with Web(ways.manners, ways.announce) as web:
        publisher = Publisher(web, vault, clock)
        return _walk(_Place(study, vault, publisher, local_data, study_folder, ways), progress)


def _walk(place: _Place, progress: Progress) -> Resolved:
    study, refresh = place.study, place.ways.refresh
    snapshots: dict[str, tuple[Snapshot, ...]] = {}
    missing: list[Missing] = []
    voids: list[Missing] = []
    problems: list[Problem] = []
    changes: list[str] = []
    settled: set[str] = set()
    for done, source in enumerate(study.sources):
        progress(done, len(study.sources), source.id)
        if source.role in FIRST_COUNTS and source.role in settled:
            continue
        if source.stands_in_for in snapshots:
            continue
        before = place.kept(source)
        found, gap = place.bring(source)
        if found and refresh:
            from flows.fetch.changes import describe  # noqa: PLC0415 - loads every reader

            changes.append(describe(place.vault, source, before, found))
        if found:
            snapshots[source.id] = found
            settled.add(source.role)
            voids += place.voids(source, found)
        elif source.required and gap.unreachable is not None:
            raise gap.unreachable
        elif source.required:
            problems.append(Problem(source.file or source.id, gap.why, gap.how, field=gap.role))
        else:
            missing.append(gap)
    if problems:
        raise InputProblems(problems)
    stand_ins = {s.stands_in_for: s.id for s in study.sources if s.id in snapshots}
    gaps = [second_best(m, settled, stand_ins.get(m.source_id)) for m in missing]
    return Resolved(snapshots, (*gaps, *voids), tuple(changes))


@dataclass(frozen=True)
class _Place:
    """Where sources are looked for; `publisher` is None offline."""

    study: Study
    vault: Vault
    publisher: Publisher | None
    local_data: Path | None
    study_folder: Path | None
    ways: Ways

    def entry(self, source: Source) -> Entry | None:
        """Return what the catalogue says of a source."""
        return (self.ways.catalogue or load()).get(source.id)

    def _about(self, source: Source, entry: Entry | None) -> dict[str, Any]:
        """Return who published a source; an earlier state of the deaths is their publisher's."""
        if entry is not None:
            return entry.about()
        today = self.study.current(source)
        own = (self.ways.catalogue or load()).get(today) if source.role == "vintage" else None
        if own is None:
            return {"title": source.id}
        about = own.about()
        return {**about, "title": f"{about['title']}, an earlier state ({source.id})"}

    def kept(self, source: Source) -> tuple[Snapshot, ...]:
        """Return what the vault holds of a source."""
        return stored(self.vault, source, self.entry(source), self.study)

    def bring(self, source: Source) -> tuple[tuple[Snapshot, ...], Missing]:
        """Return the snapshots of a source, or none and why."""
        if supplied.is_supplied(source, self.study_folder):
            return self._own(source)
        entry = self.entry(source)
        about = self._about(source, entry)
        how = how_to_get(source, entry, offline=self.publisher is None)
        name = f"{entry.title} ({source.id})" if entry else source.id
        why = f"{name} is neither in a local folder nor in the vault"
        gap = Missing(source.id, source.role, WHAT[source.role], why, how)
        path = local.find(source, self.study_folder, self.local_data) or local.packaged(entry)
        if path is not None:
            return self._local(source, path, about), gap
        kept = self.kept(source)
        whole = complete(self.vault, source, entry, self.study)
        if kept and whole and not self.ways.refresh:
            return kept, gap
        if self.publisher is None or entry is None or not entry.fetchable:
            return kept, gap
        try:
            return self.publisher.retrieve(source.id, entry, self.study), gap
        except SourceUnreachableError as error:
            if kept:
                self.ways.announce(f"{error} The snapshot of {kept[0].retrieved_at} is used.")
            # a reason stands in a line of others, each of which sets its own full stop
            return kept, replace(gap, why=str(error).removesuffix("."), unreachable=error)

    def _own(self, source: Source) -> tuple[tuple[Snapshot, ...], Missing]:
        """Return a file of the user's: the one they name, and no other."""
        # what is missing is printed in public: the file's name, never the way to it
        why = f"there is no file {Path(source.file).name}" if source.file else _UNSEEN
        how = "correct its path in the study" if source.file else "name the file in the study"
        if source.role in FLAGS:
            how += f", or pass --{source.role} FILE"
        gap = Missing(source.id, source.role, WHAT[source.role], why, how)
        path = local.find(source, self.study_folder, self.local_data)
        if path is None:
            return () if source.file else supplied.by_hash(self.vault, source), gap
        found = self._local(source, path, supplied.described(source), supplied.SLOT)
        return tuple(supplied.cited(replace(s, source_id=source.id)) for s in found), gap

    def _local(
        self, source: Source, path: Path, about: Mapping[str, Any], slot: str = ""
    ) -> tuple[Snapshot, ...]:
        """Return a local file, or each raster of a folder of tiles that the study touches."""
        if not (path.is_dir() and source.role in RASTERS):
            return (local.put(self.vault, slot or source.id, path, about, source.note),)
        from geo.terrain import tiles_in  # noqa: PLC0415 - loads the raster libraries

        tiles = tiles_in(path, self.study.bounds_lonlat)
        sidecar = {**about, "note": source.note or about.get("note", "")}
        return local.put_tiles(self.vault, slot or source.id, path, tiles, sidecar)

    def voids(self, source: Source, found: tuple[Snapshot, ...]) -> list[Missing]:
        """Name the degrees for which elevation that came as tiles by hand has none."""
        entry = self.entry(source)
        if source.role != "elevation" or (entry is not None and entry.fetchable):
            return []
        from geo.terrain import absent_degrees  # noqa: PLC0415 - loads the raster libraries

        absent = absent_degrees([self.vault.path(s) for s in found], self.study.bounds_lonlat)
        if not absent:
            return []
        what = f"land in {', '.join(absent)}, which is left void"
        why = f"{source.id} has no tile of {len(absent)} of the area's degrees"
        how = "put these tiles beside the others; where it is all sea nothing is lost"
        return [Missing(source.id, source.role, what, why, how)]
