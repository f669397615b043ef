"""Copies of bundles and snapshots in a store of the team's: a folder, S3 or SFTP, through fsspec.

Both lie by content address: a bundle under the SHA-256 of its SHA256SUMS, a snapshot under its own.
What is there is never written again, and a bundle is there only when its SHA256SUMS is; the page of
a study's history alone changes with each run. Snapshots hold names of the dead, so their store must
be another one than that of the bundles.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flows.core.settings import Targets
from flows.core.stage import RunSpec
from flows.workflow.runner import MANIFEST, RUN_LOG
from geo.errors import InputProblems, Problem, SourceUnreachableError

BUNDLES, SNAPSHOTS, RUNS, HISTORY = "bundles", "snapshots", "runs", "history"
"""Names below a target: contents by hash, which run is which bundle, and what changed since."""
PACKAGES = {"s3": "s3fs", "sftp": "paramiko", "ssh": "paramiko", "gs": "gcsfs", "abfs": "adlfs"}
"""What fsspec needs beside itself for an address."""
BUCKETS, SECURE_SHELL = ("s3://", "gs://", "abfs://"), ("sftp://", "ssh://")
FORESEEN = (FileNotFoundError, ImportError, ValueError)
"""Kinds of error that say what is wrong with an address."""
AGAIN = "Run the study again: the bundle is whole here, and what is missing is copied"


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
            with _asking(f"{name}: {address} does not answer", "Try again later", FORESEEN):
                files, root = _open(address)
                files.info(root)
        except FileNotFoundError:
            if address.startswith(BUCKETS):
                what = f"there is no bucket {address}, or it is not shown to you"
                problems.append(Problem(name, what, "Make it, and check the credentials"))
        except InputProblems as error:
            problems += error.problems
        except (ImportError, ValueError) as error:
            need = PACKAGES.get(address.partition("://")[0])
            remedy = f"Install {need} on the worker" if need else "Give a folder, s3:// or sftp://"
            problems.append(Problem(name, f"{address} cannot be opened: {error}", remedy))
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


def history(folder: Path, targets: Targets) -> None:
    """Copy the page, figure and table of a study's history, over those of the run before."""
    if targets.bundles is None:
        return
    store = _Store(targets.bundles)
    for path in sorted(folder.iterdir()):
        store.write(f"{HISTORY}/{folder.name}/{path.name}", path.read_bytes())


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
        with _asking(f"{address} does not answer", AGAIN):
            self.files, self.root = _open(address)

    def put(self, path: Path, name: str) -> None:
        """Copy a file unless one of its size is there; under a hash there is only one such file."""
        there = f"{self.root}/{name}"
        with _asking(f"{self.address} did not take {name}", AGAIN):
            if self._size(there) != path.stat().st_size:
                self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
                self.files.put_file(str(path), there)

    def note(self, name: str, facts: dict[str, Any]) -> None:
        """Write a few facts, the same for the same run."""
        self.write(name, json.dumps(facts, sort_keys=True, default=str).encode())

    def write(self, name: str, content: bytes) -> None:
        """Write a small file, over an older one."""
        there = f"{self.root}/{name}"
        with _asking(f"{self.address} did not take {name}", AGAIN):
            self.files.makedirs(there.rpartition("/")[0], exist_ok=True)
            self.files.pipe_file(there, content)

    def _size(self, there: str) -> int | None:
        try:
            return int(self.files.info(there)["size"])
        except FileNotFoundError:
            return None


@contextmanager
def _asking(what: str, remedy: str, foreseen: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn what a store's package raises into a sentence, but for what is foreseen.

    Each package has errors of its own, of which many are no OSError.
    """
    try:
        yield
    except foreseen:
        raise
    except Exception as error:
        raise SourceUnreachableError(f"{what} ({type(error).__name__}). {remedy}") from error


def _open(address: str) -> tuple[Any, str]:
    import fsspec  # noqa: PLC0415 - only where a target is set

    settings: dict[str, Any] = {}
    if "://" not in address:
        settings = {"auto_mkdir": True}
    elif address.startswith(SECURE_SHELL):
        settings = {"host_key_policy": _known_hosts()}
    files, root = fsspec.core.url_to_fs(address, **settings)
    return files, str(root).rstrip("/")


def _known_hosts() -> Any:
    """Return the rule by which a server must have the key that `~/.ssh/known_hosts` has of it."""
    import paramiko  # noqa: PLC0415 - an extra, only where such a target is set

    class Known(paramiko.MissingHostKeyPolicy):
        def missing_host_key(self, _client: Any, hostname: str, key: Any) -> None:
            listed = Path("~/.ssh/known_hosts").expanduser()
            hosts = paramiko.HostKeys(str(listed) if listed.is_file() else None)
            if not hosts.check(hostname, key):
                what = f"it shows a key that {listed} does not have of it"
                remedy = "Check the key, and add it with `ssh-keyscan`"
                raise InputProblems([Problem(hostname, what, remedy)])

    return Known()


def _below(inner: str, outer: str) -> bool:
    a, b = (f"{v.removeprefix('file://').rstrip('/')}/" for v in (inner, outer))
    return a.startswith(b) or b.startswith(a)
