"""Every source of a study as snapshots in the vault, or why it is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.fetch import local
from flows.fetch.catalogue import Entry, load
from flows.vault import Snapshot, Vault
from geo.errors import InputProblems, Problem
from geo.study import Source, Study

Progress = Callable[[int, int, str], None]

FIRST_COUNTS = ("elevation", "landcover")
"""Roles of which the first source that is there is used, and the others are not looked for."""
WHAT = {
    "deaths": "everything about recorded deaths",
    "towers": "tower analyses: views, doses, the test of displacement",
    "elevation": "slope, energy, routes and views",
    "landcover": "the ground's part in energy and time",
    "border": "distance from the border, routes",
    "roads": "distance to roads",
    "places": "towns as destinations",
    "corridors": "the study's own corridors",
    "infrastructure": "the infrastructure layer",
    "crosscheck": "the cross-check with another publisher",
}


@dataclass(frozen=True)
class Missing:
    """A source that is not there: what is skipped, why, and how to get it."""

    source_id: str
    role: str
    what: str
    why: str
    how: str


@dataclass(frozen=True)
class Resolved:
    """Snapshots of each source, in the order of the study, and the sources that are not there."""

    snapshots: dict[str, tuple[Snapshot, ...]]
    missing: tuple[Missing, ...]


def resolve(
    study: Study,
    vault: Vault,
    *,
    offline: bool,
    local_data: Path | None,
    study_folder: Path | None,
    clock: Callable[[], datetime],
    progress: Progress,
    catalogue: Mapping[str, Entry] | None = None,
) -> Resolved:
    """Bring every source of a study into the vault.

    A source is looked for as the file it names (absolute, beside the study, in `local_data`); then,
    unless `offline`, at its publisher; then in the vault.

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
    catalogue
        Entries by source id; those of the package by default.

    Raises
    ------
    InputProblems
        With every required source that is not there.
    """
    place = _Place(vault, offline, local_data, study_folder, catalogue or load())
    snapshots: dict[str, tuple[Snapshot, ...]] = {}
    missing: list[Missing] = []
    problems: list[Problem] = []
    settled: set[str] = set()
    for done, source in enumerate(study.sources):
        progress(done, len(study.sources), source.id)
        if source.role in FIRST_COUNTS and source.role in settled:
            continue
        found, gap = place.bring(source)
        if found:
            snapshots[source.id] = found
            settled.add(source.role)
        elif source.required:
            problems.append(Problem(source.file or source.id, gap.why, gap.how, field=gap.role))
        else:
            missing.append(gap)
    if problems:
        raise InputProblems(problems)
    return Resolved(snapshots, tuple(_second_best(m, settled) for m in missing))


def _second_best(gap: Missing, settled: set[str]) -> Missing:
    if gap.role in FIRST_COUNTS and gap.role in settled:
        return replace(gap, what=f"the better {gap.role}; the study's next source stands in for it")
    return gap


@dataclass(frozen=True)
class _Place:
    """Where sources are looked for."""

    vault: Vault
    offline: bool
    local_data: Path | None
    study_folder: Path | None
    catalogue: Mapping[str, Entry]

    def bring(self, source: Source) -> tuple[tuple[Snapshot, ...], Missing]:
        """Return the snapshots of a source, or none and why."""
        entry = self.catalogue.get(source.id)
        about: dict[str, Any] = entry.about() if entry else {"title": source.id}
        path = local.find(source, self.study_folder, self.local_data)
        why = f"{source.id} is neither in a local folder nor in the vault"
        if source.file and entry is None:
            why = f"there is no file {source.file}"
        found: tuple[Snapshot, ...] = ()
        if path is not None:
            found = (local.put(self.vault, source, path, about),)
        else:
            found = self.vault.latest(source.id)
        how = self._how(source, entry)
        return found, Missing(source.id, source.role, WHAT[source.role], why, how)

    def _how(self, source: Source, entry: Entry | None) -> str:
        parts = []
        if entry is not None:
            parts.append(f"{entry.publisher} publishes it: {entry.landing}")
        parts.append("name the file in the study or put it into the folder FUNNEL_LOCAL_DATA")
        if source.role in ("deaths", "towers", "elevation", "landcover"):
            parts.append(f"or pass --{source.role} FILE")
        if self.offline and entry is not None and entry.fetchable:
            parts.append("or run once without --offline")
        return "; ".join(parts)
