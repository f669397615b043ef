"""The vault: what publishers published, byte for byte, under its hash, with where it came from.

    objects/<sha256>/<name>           the bytes; a name only, the hash decides
    sources/<source_id>/<...>.json    one sidecar a retrieval
    incoming/                         what is being written

Bytes come in under a temporary name and are renamed when they are whole, so that a kill leaves
no half file and two processes may store the same thing at once. The folder is 0700, files 0400.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from geo.errors import EvidenceError

BLOCK = 1 << 20
SAFE = re.compile(r"[^A-Za-z0-9._-]+")
NOT_STATED = "not stated"
"""What stands for a publisher, licence or citation that a study does not give of its own file."""


@dataclass(frozen=True)
class Snapshot:
    """One file of one source, as it was when it was retrieved.

    Attributes
    ----------
    source_id, name
        Source, and the file's own name.
    sha256, size
        Of the bytes.
    retrieved_at
        UTC, ISO 8601; for a local file the time of its last change, which is not published.
    publisher, title, licence, citation, url, note
        As in the catalogue or the study; `url` is None for a local file.
    reader
        Layout, where it is known before reading.
    etag, last_modified
        HTTP validators.
    """

    source_id: str
    name: str
    sha256: str
    size: int
    retrieved_at: str
    publisher: str = NOT_STATED
    title: str = ""
    licence: str = NOT_STATED
    citation: str = NOT_STATED
    url: str | None = None
    note: str = ""
    reader: str = ""
    etag: str | None = None
    last_modified: str | None = None

    def facts(self) -> dict[str, Any]:
        """Return the row of contract `snapshots`, without role, row_id and parents.

        When a local file was changed last is no property of its bytes: a copy of it would publish
        other bytes.
        """
        given = asdict(self)
        if self.url is None:
            given["retrieved_at"] = None
        for key in ("name", "etag", "last_modified"):
            del given[key]
        return given


class Vault:
    """Snapshots below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sound: set[tuple[str, int, int]] = set()

    def put_file(
        self,
        source_id: str,
        path: Path,
        sidecar: Mapping[str, Any],
        name: str | None = None,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> Snapshot:
        """Copy a file into the vault.

        Parameters
        ----------
        source_id
            Source it belongs to.
        path
            Read, never changed.
        sidecar
            Fields of `Snapshot`; `retrieved_at` is required.
        name
            The file's name, if not that of `path`.
        progress
            Called with (bytes copied, bytes, name).

        Returns
        -------
        Snapshot
            If these bytes are the latest ones of this file already, the earlier snapshot.
        """
        label = name or path.name
        total = path.stat().st_size
        sha256 = _hash(path)
        if self._holds(sha256, label):
            return self._record(_described(source_id, label, sha256, total, sidecar))

        def blocks() -> Iterator[bytes]:
            done = 0
            with path.open("rb") as stream:
                while block := stream.read(BLOCK):
                    done += len(block)
                    if progress is not None:
                        progress(done, total, label)
                    yield block

        return self._put(source_id, blocks(), sidecar, label)

    def put_bytes(
        self, source_id: str, content: bytes, sidecar: Mapping[str, Any], name: str
    ) -> Snapshot:
        """Store bytes; see `put_file`."""
        return self._put(source_id, iter((content,)), sidecar, name)

    def open(self, snapshot: Snapshot) -> Path:
        """Return the path of a snapshot after checking that its bytes are still the same.

        Raises
        ------
        EvidenceError
            If they are gone or altered.
        """
        path = self.path(snapshot)
        if not path.is_file():
            raise EvidenceError(
                f"{snapshot.source_id}: snapshot {snapshot.sha256[:16]} is no longer in the vault. "
                "Run `funnel fetch` again, or put the local file back."
            )
        if not self._whole(path, snapshot.sha256):
            raise EvidenceError(
                f"{snapshot.source_id}: snapshot {snapshot.sha256[:16]} in the vault was altered "
                "or damaged; it is not used. Run `funnel fetch` again, or put the local file back."
            )
        return path

    def path(self, snapshot: Snapshot) -> Path:
        """Return where a snapshot stands, without checking it."""
        return self.root / "objects" / snapshot.sha256 / snapshot.name

    def latest(self, source_id: str, name: str | None = None) -> tuple[Snapshot, ...]:
        """Return the newest snapshot of each file of a source, by name; empty if there is none."""
        newest = {s.name: s for s in self.history(source_id)}
        if name is not None:
            label = _safe(name)
            return (newest[label],) if label in newest else ()
        return tuple(newest[k] for k in sorted(newest))

    def history(self, source_id: str) -> tuple[Snapshot, ...]:
        """Return every snapshot of a source, oldest first."""
        folder = self.root / "sources" / _safe(source_id)
        known = {f.name for f in fields(Snapshot)}
        found = []
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            given = json.loads(path.read_text("utf-8"))
            found.append(Snapshot(**{k: v for k, v in given.items() if k in known}))
        return tuple(sorted(found, key=lambda s: (s.retrieved_at, s.name, s.sha256)))

    @contextmanager
    def lock(self, source_id: str) -> Iterator[None]:
        """Let one process at a time fetch a source; the lock dies with its process."""
        folder = self._folder(self.root / "locks")
        with (folder / _safe(source_id)).open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def incoming(self, key: str) -> Path:
        """Return the path of a download under way; what an earlier attempt left is still there."""
        return self._folder(self.root / "incoming") / hashlib.sha256(key.encode()).hexdigest()[:32]

    def _put(
        self, source_id: str, blocks: Iterator[bytes], sidecar: Mapping[str, Any], name: str
    ) -> Snapshot:
        temporary = self._folder(self.root / "incoming") / uuid.uuid4().hex
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as out:
                for block in blocks:
                    digest.update(block)
                    size += len(block)
                    out.write(block)
                out.flush()
                os.fsync(out.fileno())
            sha256 = digest.hexdigest()
            target = self._folder(self.root / "objects" / sha256) / _safe(name)
            if not self._holds(sha256, name):
                temporary.chmod(0o400)
                temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return self._record(_described(source_id, name, sha256, size, sidecar))

    def _holds(self, sha256: str, name: str) -> bool:
        path = self.root / "objects" / sha256 / _safe(name)
        return path.is_file() and self._whole(path, sha256)

    def _record(self, snapshot: Snapshot) -> Snapshot:
        before = self.latest(snapshot.source_id, snapshot.name)
        if before and before[0].sha256 == snapshot.sha256:
            snapshot = replace(snapshot, retrieved_at=before[0].retrieved_at)
            if before[0] == snapshot:
                return snapshot
        folder = self._folder(self.root / "sources" / _safe(snapshot.source_id))
        stamp = re.sub(r"[^0-9]", "", snapshot.retrieved_at)[:20]
        what = hashlib.sha256(f"{snapshot.name} {snapshot.sha256}".encode()).hexdigest()[:12]
        temporary = self._folder(self.root / "incoming") / uuid.uuid4().hex
        temporary.write_text(json.dumps(asdict(snapshot), indent=1, sort_keys=True), "utf-8")
        temporary.chmod(0o400)
        temporary.replace(folder / f"{stamp}-{what}.json")
        return snapshot

    def _whole(self, path: Path, sha256: str) -> bool:
        state = path.stat()
        seen = (str(path), state.st_mtime_ns, state.st_size)
        if seen in self._sound:
            return True
        if _hash(path) != sha256:
            return False
        self._sound.add(seen)
        return True

    def _folder(self, path: Path) -> Path:
        for folder in (self.root, *(p for p in reversed(path.parents) if self.root in p.parents)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        return path


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _described(
    source_id: str, name: str, sha256: str, size: int, sidecar: Mapping[str, Any]
) -> Snapshot:
    given = {k: v for k, v in sidecar.items() if k in Snapshot.__dataclass_fields__}
    given |= {"source_id": source_id, "name": _safe(name), "sha256": sha256, "size": size}
    return Snapshot(**given)


def _safe(name: str) -> str:
    return SAFE.sub("_", name).strip("._")[:120] or "file"
