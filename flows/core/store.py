"""What is done stays done: one folder a step, named by everything the step depends on.

A step works in a `.partial` folder that survives a kill, so that its inner units can be found
again; when it is whole the folder gets its final name in one rename. One process at a time works
on a step: runs of different studies share the steps that they have in common. The store knows its
bytes: `done.json` holds size and SHA-256 of every file, and a step is used only where they hold.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa  # noqa: F401 - what pandas reads and writes Parquet with: part of every step

from flows.core.manifest import NOTES, differing, keep_whole, manifest, note
from geo.records import TABLES

DONE = "done.json"
SEAL = "sha256"
"""Key of a record that holds the hash of all others."""


class StepStore:
    """Finished steps below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, step: str, fingerprint: str) -> Path:
        """Return where a finished step stands, or will stand."""
        return self.root / step / fingerprint[:16]

    def finished(self, step: str, fingerprint: str) -> Path | None:
        """Return the folder of a step if it is whole."""
        folder = self.folder(step, fingerprint)
        return folder if (folder / DONE).is_file() else None

    def record(self, step: str, fingerprint: str) -> dict[str, Any]:
        """Return what was written down when the step finished; empty where it is damaged."""
        return read_record(self.folder(step, fingerprint) / DONE)

    def damage(self, step: str, fingerprint: str) -> list[str]:
        """Return the files of a finished step that are not as they were written."""
        record = self.record(step, fingerprint)
        if not record:
            return [DONE]
        files = {name: (size, digest) for name, (size, digest) in record["files"].items()}
        return differing(self.folder(step, fingerprint), files, DONE)

    def set_aside(self, step: str, fingerprint: str) -> Path:
        """Take a damaged step out of use, and return where it stands now."""
        folder = self.folder(step, fingerprint)
        aside = folder.with_suffix(".damaged")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        return aside

    @contextmanager
    def working(
        self, step: str, fingerprint: str, waiting: Callable[[], None]
    ) -> Iterator[Path | None]:
        """Let one process at a time work on a step.

        Parameters
        ----------
        step, fingerprint
            The step.
        waiting
            Called once if another process is at work on it.

        Yields
        ------
        Path or None
            Its folder, if the other process has finished it meanwhile.
        """
        with locked(self.folder(step, fingerprint).with_suffix(".lock"), waiting):
            yield self.finished(step, fingerprint)

    def begin(self, step: str, fingerprint: str, said: Callable[[str], None]) -> Path:
        """Return the folder in which a step works; what an earlier attempt left whole is kept.

        The caller holds the step's lock, so a file with a temporary name has no writer any more.
        What is damaged is named (`said`) and removed, to be computed again.
        """
        partial = self.folder(step, fingerprint).with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True, mode=0o700)
        for orphan in partial.rglob(".*"):
            shutil.rmtree(orphan) if orphan.is_dir() else orphan.unlink()
        for unit in keep_whole(partial):
            said(f"{unit} of an interrupted attempt is damaged; computing it again")
        return partial

    def finish(self, step: str, fingerprint: str, record: dict[str, Any]) -> Path:
        """Give a whole step its final name."""
        partial = self.folder(step, fingerprint).with_suffix(".partial")
        whole = {**record, "files": manifest(partial)}
        (partial / NOTES).unlink(missing_ok=True)
        write_text(partial / DONE, json.dumps({**whole, SEAL: _seal(whole)}, indent=1))
        final = self.folder(step, fingerprint)
        _put_in_place(partial, final)
        return final


def read_record(path: Path) -> dict[str, Any]:
    """Return the record of a finished step; empty where it is not as it was written."""
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        seal = record.pop(SEAL, None)
    except (OSError, ValueError, AttributeError):
        return {}
    return record if seal == _seal(record) else {}


def _seal(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


@contextmanager
def redone(folder: Path, kept: str) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` when the block ends well.

    Parameters
    ----------
    folder
        What stands there stays as it is until the new one is whole.
    kept
        Name of a folder inside that moves over from the old one.

    Yields
    ------
    Path
        Where to write, beside `folder`: a half-written one never bears its name.
    """
    room = folder.with_name(f".{folder.name}")
    draft, before = room / "draft", room / "before"
    if before.is_dir() and not folder.exists():
        before.rename(folder)
    shutil.rmtree(room, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        yield draft
        if (folder / kept).is_dir():
            shutil.copytree(folder / kept, draft / kept)
        if folder.exists():
            folder.rename(before)
        draft.rename(folder)
    finally:
        if not before.is_dir() or folder.exists():
            shutil.rmtree(room, ignore_errors=True)


def _put_in_place(new: Path, final: Path) -> None:
    """Rename a folder; one that stands there goes away whole, never piece by piece."""
    if final.exists():
        old = final.with_suffix(".old")
        shutil.rmtree(old, ignore_errors=True)
        final.rename(old)
        new.rename(final)
        shutil.rmtree(old)
    else:
        new.rename(final)


@contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock file; call `waiting` once if another process holds it. Dies with the process."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


def write_table(folder: Path, name: str, data: Any) -> None:
    """Check a table against its contract and write it as Parquet."""
    frame = TABLES[name].conform(data)
    temporary = folder / f".{name}.{os.getpid()}"
    frame.to_parquet(temporary, index=False)
    note(folder, f"{name}.parquet", temporary)
    temporary.replace(folder / f"{name}.parquet")


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table that `write_table` wrote; empty if the step wrote none."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return TABLES[name].empty()
    return gpd.read_parquet(path) if TABLES[name].crs else pd.read_parquet(path)
