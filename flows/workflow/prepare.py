"""From a study's name to a question that can be answered: sources into the vault, run id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.core.settings import Home, local_data, now
from flows.core.stage import Input, Progress, Question, Skipped
from flows.core.store import Store
from flows.fetch import resolve
from flows.fetch.vault import Vault
from flows.workflow.runner import pose
from flows.workflow.studies import Located, locate
from flows.workflow.synthesis import synthetic_inputs
from geo.errors import InputProblems, Problem
from geo.study import Source, Study

FILE_OVERRIDES = ("deaths", "towers", "elevation", "landcover")


@dataclass(frozen=True)
class Options:
    """What the command line adds to a study.

    Attributes
    ----------
    offline
        Never open a socket.
    files
        Role = path of a file that replaces the study's source of that role.
    language
        Replaces the study's, where given.
    """

    offline: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)
    language: str | None = None


def prepare(named: str, home: Home, options: Options, progress: Progress) -> Question:
    """Find the study, snapshot its sources and give the run its id.

    Raises
    ------
    InputProblems
        With every problem of the study and its inputs, before any work.
    """
    located = resolved_study(named, options)
    vault = Vault(home.vault)
    if located.study.synthetic is not None:
        inputs = synthetic_inputs(located.study, Store(home.store), vault, progress)
        replaced = {s.id for s in located.study.sources if s.file and Path(s.file).is_absolute()}
        if not replaced:
            return pose(located.study, inputs, ())
    found = resolve(
        located.study,
        vault,
        offline=options.offline,
        local_data=local_data(),
        study_folder=located.folder,
        clock=now,
        progress=progress,
    )
    given = tuple(
        Input(path=vault.open(s), role=source.role, source_id=source.id, facts=s.facts())
        for source in located.study.sources
        for s in found.snapshots.get(source.id, ())
    )
    missing = tuple(Skipped(m.what, m.why, m.how) for m in found.missing)
    return pose(located.study, given, missing)


def resolved_study(named: str, options: Options) -> Located:
    """Return the study with the command line's overrides in it, and so in its fingerprint."""
    problems = [
        Problem(f"--{role}", f"there is no file {path}", "Check the path")
        for role, path in options.files.items()
        if not path.is_file()
    ]
    if problems:
        raise InputProblems(problems)
    overrides: dict[str, Any] = {}
    if options.language:
        overrides["language"] = options.language
    located = locate(named, overrides)
    if not options.files:
        return located
    sources = list(located.study.sources)
    for role, path in options.files.items():
        sources = _replaced(sources, role, path)
    study = Study.model_validate({**located.study.model_dump(), "sources": tuple(sources)})
    return replace(located, study=study)


def _replaced(sources: list[Source], role: str, path: Path) -> list[Source]:
    old = next((s for s in sources if s.role == role), None)
    new = Source(
        id=old.id if old else f"own-{role}",
        role=role,  # type: ignore[arg-type]  # checked by the model
        file=str(path.absolute()),
        columns=old.columns if old else {},
        note="given on the command line",
    )
    return [*(s for s in sources if s.role != role), new]
