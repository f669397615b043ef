"""What a step is and what it is given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from flows.core.code_version import room_version
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
class Question:
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
    """

    study: Study
    inputs: tuple[Input, ...]
    missing: tuple[Skipped, ...]
    run_id: str
    code: str

    def of(self, *roles: str) -> tuple[Input, ...]:
        """Return the inputs of some roles."""
        return tuple(i for i in self.inputs if i.role in roles)


@dataclass(frozen=True)
class Step:
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
    """

    question: Question
    folder: Path
    done: Mapping[str, Path]
    progress: Progress
    executor: Executor
    workers: int
    out: Path

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
    rooms
        Parts of the code that it walks through; a change there makes it run again.
    settings
        Keys of the study that it reads.
    roles
        Sources that it reads from the vault.
    """

    name: str
    title: str
    needs: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    roles: tuple[str, ...] = field(default=())

    def work(self, step: Step) -> None:
        """Do the step: call `run` of the module of its name."""
        import_module(f"flows.stages.{self.name}").run(step)

    def fingerprint(self, question: Question, needed: Mapping[str, str]) -> str:
        """Return the hash of everything this step depends on."""
        study = question.study.model_dump(mode="json")
        parts = {
            "step": self.name,
            "code": room_version(*self.rooms, f"flows/stages/{self.name}.py"),
            "settings": {k: study[k] for k in self.settings},
            "inputs": [[i.role, i.source_id, i.sha256] for i in question.of(*self.roles)],
            "columns": [
                [s["id"], s["columns"], s["place"], s["date_order"], s["programmes"], s["credit"]]
                for s in study["sources"]
                if s["role"] in self.roles
            ],
            "needs": {name: needed[name] for name in self.needs},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
