"""Files that a user supplies: named as theirs, never as a publisher's, and used by nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.fetch.catalogue import load, shipped_files
from flows.fetch.vault import NOT_STATED, Snapshot, Vault
from geo.study import Source, Study

SUPPLIER = "supplied by the user"
SLOT = "supplied-by-users"
"""Folder of their sidecars in the vault; no source of the catalogue has this name."""


def is_supplied(source: Source, study_folder: Path | None) -> bool:
    """Return whether a source is a file of the user's and not one that a built-in study names.

    A path of one's own, a file beside one's own study, and any other name than that of the
    built-in studies are the user's; so is a source that a run left with its hash alone.
    """
    if source.file is None:
        return source.sha256 is not None
    named = Path(source.file).expanduser()
    if named.is_absolute() or (source.id, source.file) not in shipped_files():
        return True
    return study_folder is not None and (study_folder / named).exists()


def own_names(study: Study, study_folder: Path | None) -> Study:
    """Return the study with its supplied sources out of the publishers' slots.

    A supplied file under the name of a source of the catalogue becomes `own-<role>`, and vintages
    follow their deaths. Files of made-up studies are none: they are written, not supplied.
    """
    taken = {s.id for s in study.sources}
    renamed: dict[tuple[str, str], str] = {}
    for source in study.sources:
        writes = study.synthetic is not None and not Path(source.file or "").is_absolute()
        if writes or source.id not in load() or not is_supplied(source, study_folder):
            continue
        name = free_name(f"own-{source.role}", taken)
        taken.add(name)
        renamed[source.id, source.role] = name
    return with_sources(study, [_renamed(s, renamed) for s in study.sources])


def free_name(wanted: str, taken: set[str]) -> str:
    """Return a source id that no other source has."""
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(n for n in (wanted, *numbered) if n not in taken)


def _renamed(source: Source, names: Mapping[tuple[str, str], str]) -> Source:
    new = {"id": names.get((source.id, source.role), source.id)}
    if source.vintage_of is not None:
        new["vintage_of"] = names.get((source.vintage_of, "deaths"), source.vintage_of)
    if source.stands_in_for is not None:
        better = source.stands_in_for, source.role
        new["stands_in_for"] = names.get(better, source.stands_in_for)
    return source.model_copy(update=new)


def with_sources(study: Study, sources: list[Source]) -> Study:
    """Return the study with other sources, checked as a whole."""
    return Study.model_validate({**study.model_dump(), "sources": tuple(sources)})


def described(source: Source) -> dict[str, Any]:
    """Return what a sidecar says of a supplied file: the user's name for it, and no publisher."""
    name = source.credit or f"File of the role {source.role}"
    return {
        "title": f"{name} ({SUPPLIER})",
        "publisher": SUPPLIER,
        "licence": NOT_STATED,
        "citation": f"{name}, {SUPPLIER}",
        "note": source.note,
    }


def cited(snapshot: Snapshot) -> Snapshot:
    """Return a supplied snapshot whose citation holds its hash, and whose name is of the hash."""
    return replace(snapshot, citation=f"{snapshot.citation}. SHA-256 {snapshot.sha256}")


def by_hash(vault: Vault, source: Source) -> tuple[Snapshot, ...]:
    """Return the supplied files that a study names by their hashes, if this vault holds them."""
    known = {s.sha256: s for s in vault.history(SLOT)}
    wanted = (source.sha256 or "").split()
    facts = {**described(source), "source_id": source.id}
    if not set(wanted) <= set(known):
        return ()
    return tuple(cited(replace(known[digest], **facts)) for digest in wanted)


def without_paths(
    study: Study, study_folder: Path | None, snapshots: Mapping[str, tuple[Snapshot, ...]]
) -> Study:
    """Return the study as it is made public: supplied files by hash, never by path."""
    kept = []
    for source in study.sources:
        writes = study.synthetic is not None and not Path(source.file or "").is_absolute()
        if not writes and is_supplied(source, study_folder):
            found = snapshots.get(source.id, ())
            digest = " ".join(s.sha256 for s in found) or source.sha256
            kept.append(source.model_copy(update={"file": None, "sha256": digest}))
        else:
            kept.append(source)
    return with_sources(study, kept)
