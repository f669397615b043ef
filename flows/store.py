"""What is done stays done: one folder a step, named by everything the step depends on.

A step works in a `.partial` folder that survives a kill, so that its inner units can be found
again; when it is whole the folder gets its final name in one rename.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.records import TABLES

DONE = "done.json"


class Store:
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
        """Return what was written down when the step finished."""
        return json.loads((self.folder(step, fingerprint) / DONE).read_text("utf-8"))

    def begin(self, step: str, fingerprint: str) -> Path:
        """Return the folder in which a step works; what an earlier attempt left is kept."""
        partial = self.folder(step, fingerprint).with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True, mode=0o700)
        return partial

    def finish(self, step: str, fingerprint: str, record: dict[str, Any]) -> Path:
        """Give a whole step its final name."""
        partial = self.folder(step, fingerprint).with_suffix(".partial")
        write_text(partial / DONE, json.dumps(record, indent=1, sort_keys=True))
        final = self.folder(step, fingerprint)
        if final.exists():
            shutil.rmtree(final)
        partial.rename(final)
        return final


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
    temporary.replace(folder / f"{name}.parquet")


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table that `write_table` wrote; empty if the step wrote none."""
    path = folder / f"{name}.parquet"
    if not path.is_file():
        return TABLES[name].empty()
    return gpd.read_parquet(path) if TABLES[name].crs else pd.read_parquet(path)
