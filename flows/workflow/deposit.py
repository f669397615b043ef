"""Copies of bundles and snapshots in a store of the team's: a folder, S3 or SFTP, through fsspec.

Both lie by content address: a bundle under the SHA-256 of its SHA256SUMS, a snapshot under its own.
What is there is never written again, and a bundle is there only when its SHA256SUMS is. Snapshots
hold names of the dead, so their store must be another one than that of the bundles.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flows.core.settings import Targets
from flows.core.stage import RunSpec
from flows.workflow.runner import MANIFEST, RUN_LOG
from geo.errors import InputProblems, Problem, SourceUnreachableError

BUNDLES, SNAPSHOTS, RUNS = "bundles", "snapshots", "runs"
"""Names below a target: contents by hash, and which run is which bundle."""
PACKAGES = {"s3": "s3fs", "sftp": "paramiko", "ssh": "paramiko", "gs": "gcsfs", "abfs": "adlfs"}
"""What fsspec needs beside itself for an address."""


def check(targets: Targets) -> None:
    """Refuse targets that cannot be opened, or that would lay records beside public bundles.

    Raises
    ------
    InputProblems
        With every fault.
    SourceUnreachableError
        If a store does not answer.
    """
    problems = []
    for name, address in targets.named():
        try:
            _open(address)
        except (ImportError, ValueError) as error:
            need = PACKAGES.get(address.partition("://")[0])
            remedy = f"Install {need} on the worker" if need else "Give a folder, s3:// or sftp://"
            problems.append(Problem(name, f"{address} cannot be opened: {error}", remedy))
        except OSError as error:
            raise SourceUnreachableError(
                f"{name}: {address} does not answer ({type(error).__name__}). Try again later"
            ) from error
    public, private = targets.bundles, targets.snapshots
    if public and private and _below(private, public):
        what = "snapshots hold names and may not lie in the store of public bundles"
        problems.append(Problem("FUNNEL_SNAPSHOTS_TO", what, "Give a store that only you can read"))
    if problems:
        raise InputProblems(problems)


def shown(folder: Path, targets: Targets) -> str | None:
    """Return the address of a bundle at the target; None without one."""
    if targets.bundles is None:
        return None
    base = targets.shown_at or targets.bundles
    if "://" not in base:
        base = Path(base).absolute().as_uri()
    return f"{base.rstrip('/')}/{_place(folder)}"


def bundle(folder: Path, targets: Targets) -> None:
    """Copy a finished bundle; nothing without a target."""
    if targets.bundles is None:
        return
    listed = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    own = [p for p in listed if p.relative_to(folder).parts[0] != RUN_LOG and p.name != MANIFEST]
    store = _Store(targets.bundles)
    for path in [*own, folder / MANIFEST]:  # the manifest last: with it the copy is whole
        store.put(path, f"{_place(folder)}/{path.relative_to(folder).as_posix()}")
    study, run = folder.parent.name, folder.name
    facts = {"run_id": run, "study": study, "bundle": _place(folder)}
    store.note(f"{RUNS}/{study}/{run}.json", facts)


def _place(folder: Path) -> str:
    return f"{BUNDLES}/{hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()}"


def snapshots(question: RunSpec, targets: Targets) -> None:
    """Copy the snapshots of a run, which hold names, to the store that only the team reads."""
    if targets.snapshots is None:
        return
    store = _Store(targets.snapshots)
    for given in question.inputs:
        there = f"{SNAPSHOTS}/{given.sha256}"
        store.put(given.path, f"{there}/{given.path.name}")
        store.note(f"{there}/{given.source_id}.json", dict(given.facts))


class _Store:
    """A target and what was found there."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files, self.root = _open(address)

    def put(self, path: Path, name: str) -> None:
        """Copy a file unless one of its size is there; under a hash there is only one such file."""
        there = f"{self.root}/{name}"
        try:
            if self._size(there) != path.stat().st_size:
                self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
                self.files.put_file(str(path), there)
        except OSError as error:
            why = type(error).__name__
            raise SourceUnreachableError(
                f"{self.address} did not take {name} ({why}). Run the study again: "
                "the bundle is whole here, and what is missing is copied"
            ) from error

    def note(self, name: str, facts: dict[str, Any]) -> None:
        """Write a few facts, the same for the same run."""
        there = f"{self.root}/{name}"
        text = json.dumps(facts, sort_keys=True, default=str)
        try:
            self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
            self.files.pipe_file(there, text.encode())
        except OSError as error:
            raise SourceUnreachableError(
                f"{self.address} did not take {name}. Run the study again: the bundle is whole here"
            ) from error

    def _size(self, there: str) -> int | None:
        try:
            return int(self.files.info(there)["size"])
        except FileNotFoundError:
            return None


def _open(address: str) -> tuple[Any, str]:
    import fsspec  # noqa: PLC0415 - only where a target is set

    files, root = fsspec.core.url_to_fs(
        address, **({} if "://" in address else {"auto_mkdir": True})
    )
    return files, str(root).rstrip("/")


def _below(inner: str, outer: str) -> bool:
    a, b = (f"{v.removeprefix('file://').rstrip('/')}/" for v in (inner, outer))
    return a.startswith(b) or b.startswith(a)
