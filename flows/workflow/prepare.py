"""From a study's name to a question that can be answered: sources into the vault, run id."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from flows.core.settings import Home, local_data, now
from flows.core.stage import Input, Progress, RunSpec, Skipped
from flows.core.store import StepStore
from flows.fetch import Ways, resolve
from flows.fetch.supplied import free_name, own_names, with_sources, without_paths
from flows.fetch.vault import Vault
from flows.workflow.runner import make_run_spec
from flows.workflow.studies import LocatedStudy, locate
from flows.workflow.synthesis import synthetic_inputs
from geo.errors import FunnelError, InputProblems, Problem
from geo.study import Source, Study

READING = {"columns", "legend", "place", "date_order", "programmes"}
"""What a study says of how a file is read, which a file in its place keeps."""


@dataclass(frozen=True)
class Options:
    """What the command line adds to a study.

    Attributes
    ----------
    offline
        Never open a socket.
    files
        Role = path of a file that replaces the study's source of that role.
    credits
        Role = how that file is named in tables and pages.
    language, as_of
        Replace the study's, where given.
    refresh
        Ask publishers again for what the vault holds already.
    announce
        Told what changed at publishers since the last snapshot, a sentence a source, in counts.
    """

    offline: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)
    credits: Mapping[str, str] = field(default_factory=dict)
    language: str | None = None
    as_of: date | None = None
    refresh: bool = False
    announce: Callable[[str], None] = lambda _text: None


def prepare(named: str, home: Home, options: Options, progress: Progress) -> RunSpec:
    """Find the study, snapshot its sources and give the run its id.

    Raises
    ------
    InputProblems
        With every problem of the study and its inputs, before any work.
    """
    located = resolved_study(named, options)
    study, vault = located.study, Vault(home.vault)
    written: tuple[Input, ...] = ()
    if study.synthetic is not None:
        made_up = [s for s in study.sources if s.file and not Path(s.file).is_absolute()]
        world = study.model_copy(update={"sources": tuple(made_up)})
        written = synthetic_inputs(world, StepStore(home.store), vault, progress)
    wanted = [s for s in study.sources if s.id not in {i.source_id for i in written}]
    found = resolve(
        study.model_copy(update={"sources": tuple(wanted)}),
        vault,
        offline=options.offline,
        local_data=local_data(),
        study_folder=located.folder,
        clock=now,
        progress=progress,
        ways=Ways(refresh=options.refresh and not options.offline),
    )
    for change in found.changes:
        options.announce(change)
    given = [
        Input(vault.open(s), source.role, source.id, s.facts(), _shown(source))
        for source in wanted
        for s in found.snapshots.get(source.id, ())
    ]
    order = {s.id: n for n, s in enumerate(study.sources)}
    inputs = tuple(sorted((*written, *given), key=lambda i: order[i.source_id]))
    missing = tuple(Skipped(m.what, m.why, m.how) for m in found.missing)
    public = without_paths(study, located.folder, found.snapshots)
    made = any(i.role == "elevation" for i in written)
    public = public.model_copy(update={"grid": public.grid.model_copy(update={"exact": made})})
    return make_run_spec(on_warranted_grid(public, inputs), inputs, missing, home.root)


def _shown(source: Source) -> str:
    """Return the file as its user named it: below the folder they are in, or in full."""
    if source.file is None:
        return ""
    named = Path(source.file)
    here = Path.cwd()
    return str(named.relative_to(here) if named.is_relative_to(here) else named)


def on_warranted_grid(study: Study, inputs: Sequence[Input]) -> Study:
    """Return the study on cells no finer than its elevation, with the reason in it.

    A file that cannot be read leaves the study as it is: the check of inputs names it.
    """
    given = [i for i in inputs if i.role == "elevation"]
    if not given:
        return study
    from geo import terrain  # noqa: PLC0415 - loads the raster libraries

    try:
        native = terrain.coarsest_side_m([i.path for i in given], study.bounds_lonlat)
    except FunnelError:
        return study
    asked = study.grid.resolution_m
    side = terrain.warranted_side_m(asked, native)
    if side == asked:
        return study
    reason = (
        f"the elevation source is {given[0].source_id}, whose cells are {native:,.0f} m wide, and "
        f"no cell is finer than its source ({asked:g} m were asked for)"
    )
    grid = study.grid.model_copy(
        update={
            "resolution_m": side,
            "ensemble_m": max(side, study.grid.ensemble_m),
            "reason": reason,
        }
    )
    return study.model_copy(update={"grid": grid})


def resolved_study(named: str, options: Options) -> LocatedStudy:
    """Return the study with the command line's overrides in it, and so in its fingerprint."""
    problems = [
        Problem(f"--{role}", f"there is no file {path}", "Check the path")
        for role, path in options.files.items()
        if not path.exists()
    ]
    problems += [
        Problem(f"--{role}-credit", f"there is no --{role} to credit", f"Give --{role} FILE too")
        for role in options.credits
        if role not in options.files
    ]
    if problems:
        raise InputProblems(problems)
    overrides: dict[str, Any] = {}
    if options.language:
        overrides["language"] = options.language
    if options.as_of:
        overrides["as_of"] = options.as_of
    located = locate(named, overrides)
    study = located.study
    for role, path in options.files.items():
        study = _replaced(study, role, path, options.credits.get(role, ""))
    return replace(located, study=own_names(study, located.folder))


def _replaced(study: Study, role: str, path: Path, credit: str) -> Study:
    """Put a file of the user's in place of the study's sources of a role, under a name of its own.

    How the study reads its file of that role (columns, legend, order of dates) is kept.
    """
    old = next((s for s in study.sources if s.role == role), None)
    others = [s for s in study.sources if s.role != role]
    new = Source.model_validate(
        {
            **({} if old is None else old.model_dump(include=READING)),
            "id": free_name(f"own-{role}", {s.id for s in others}),
            "role": role,
            "file": str(path.absolute()),
            "credit": credit,
        }
    )
    if old is not None and role == "deaths":
        others = [_follows(s, old.id, new.id) for s in others]
    return with_sources(study, [*others, new])


def _follows(source: Source, old: str, new: str) -> Source:
    """Return a vintage that is one of the new file's, where it was one of the old file's."""
    return source.model_copy(update={"vintage_of": new}) if source.vintage_of == old else source
