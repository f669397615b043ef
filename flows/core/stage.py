"""What a step is and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flows.core.study_view import UndeclaredError, view
from geo.study import Study

Progress = Callable[[int, int, str], None]
"""Called with (done, total, label)."""


@dataclass(frozen=True)
class Input:
    """One snapshot of one source, ready to be read.

    Attributes
    ----------
    path
        In the vault.
    role, source_id
        As in the study.
    facts
        Row of the snapshots table.
    named
        The file as its user named it, for messages on the screen alone.
    """

    path: Path
    role: str
    source_id: str
    facts: Mapping[str, Any]
    named: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return str(self.facts["sha256"])

    @property
    def label(self) -> str:
        """What messages call the file."""
        return self.named or self.path.name


@dataclass(frozen=True)
class Skipped:
    """Something that could not be computed, what is missing, and how to get it."""

    what: str
    missing: str
    how: str


@dataclass(frozen=True)
class RunSpec:
    """Everything a run's answer depends on.

    Attributes
    ----------
    study
        Resolved.
    inputs
        Snapshots in order of the study's sources.
    missing
        Optional sources that are not there.
    run_id
        Twelve hex digits.
    code
        Hash of the sources of all packages.
    environment
        Python, architecture and the distributions that the steps import, one a line.
    roles
        Roles of `inputs`; None for all.
    titles
        Source that is not there = its title in the catalogue.
    """

    study: Study
    inputs: tuple[Input, ...]
    missing: tuple[Skipped, ...]
    run_id: str
    code: str
    environment: str = ""
    roles: tuple[str, ...] | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def of(self, *roles: str) -> tuple[Input, ...]:
        """Return the inputs of some roles.

        Raises
        ------
        UndeclaredError
            If they are not roles of a step that declared its own.
        """
        undeclared = set() if self.roles is None else set(roles) - set(self.roles)
        if undeclared:
            raise UndeclaredError(
                f"sources of role {', '.join(sorted(undeclared))} are read by a step that does "
                "not declare them; add them to its roles in flows/stages/__init__.py"
            )
        return tuple(i for i in self.inputs if i.role in roles)


@dataclass(frozen=True)
class StageContext:
    """What the work of a step is given.

    Attributes
    ----------
    question
        The whole question.
    folder
        Where to write; what an interrupted attempt left is still there.
    done
        Folders of the finished steps before it, by name.
    progress
        Call it.
    executor
        `concurrent.futures`-shaped; a thread pool or a Dask client's.
    workers
        How many units to keep under way.
    out
        Folder of the public bundle; only the last step writes there.
    chain
        What each step up to this one depends on (`flows.core.fingerprint`), by name.
    """

    question: RunSpec
    folder: Path
    done: Mapping[str, Path]
    progress: Progress
    executor: Executor
    workers: int
    out: Path
    chain: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def study(self) -> Study:
        """The resolved study."""
        return self.question.study


@dataclass(frozen=True)
class Stage:
    """A step of the walk.

    Attributes
    ----------
    name, title
        Folder name, and what a person reads while it runs.
    needs
        Steps whose folders it reads.
    settings
        Keys of the study that it reads, dotted; any other is refused when it is read.
    roles
        Sources that it reads from the vault.
    whole
        Whether it reads the whole question: run id, all of the study, all facts of all sources.
    """

    name: str
    title: str
    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    whole: bool = False

    @property
    def module(self) -> str:
        """Module whose `run` does the step, and whose import closure is the step's code."""
        return f"flows.stages.{self.name}"

    def seen(self, question: RunSpec) -> RunSpec:
        """Return what the step can read of a question: what its fingerprint holds."""
        if self.whole:
            return question
        return replace(
            question,
            study=view(question.study, self.name, self.settings, self.roles),
            inputs=tuple(
                # how a file came here is printed by the last step and changes no result
                replace(i, facts={"sha256": i.sha256})
                for i in question.of(*self.roles)
            ),
            missing=(),
            run_id="",
            code="",
            environment="",
            roles=self.roles,
        )
