"""Hashes of what a step wrote, taken when it was written and checked when it is used.

A step notes each of its files, or folders of files, with size and SHA-256 before it gets its name.
A finished step's manifest is made of these notes; what an interrupted attempt left is kept only
where it is what was noted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

NOTES = "written.jsonl"
"""One line a unit, while the step is at work."""
Files = dict[str, tuple[int, str]]
"""Relative path = size [byte] and SHA-256."""


def hashed(folder: Path) -> Files:
    """Return size and hash of every file below a folder."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {p.relative_to(folder).as_posix(): _hash(p) for p in found}


def note(folder: Path, unit: str, written: Path) -> None:
    """Note what a unit holds, before it gets its name.

    Parameters
    ----------
    folder
        Of the step.
    unit
        Path below it that the unit will have.
    written
        Where it stands now: a file, or a folder of files.
    """
    line = json.dumps({"unit": unit, "files": _unit(unit, written)}) + "\n"
    with (folder / NOTES).open("a", encoding="utf-8") as file:
        file.write(line)


def noted(folder: Path) -> dict[str, Files]:
    """Return unit = files as noted last; lines that a kill cut off do not count."""
    path, found = folder / NOTES, {}
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    for line in lines:
        try:
            entry = json.loads(line)
            found[str(entry["unit"])] = {
                n: (int(s), str(h)) for n, (s, h) in entry["files"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return found


def keep_whole(folder: Path) -> list[str]:
    """Remove what is not as it was noted, and return the names of noted units among it."""
    damaged, kept = [], {NOTES}
    for unit, files in noted(folder).items():
        path = folder / unit
        if not path.exists():
            continue
        if _unit(unit, path) == files:
            kept |= set(files)
        else:
            damaged.append(unit)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in kept:
            path.unlink()
    return damaged


def manifest(folder: Path) -> Files:
    """Return what a whole step holds: as noted when it was written, and hashed now if it was not.

    Hashing now would bless what changed between writing and finishing.
    """
    known = {name: facts for files in noted(folder).values() for name, facts in files.items()}
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    there.pop(NOTES, None)
    return {name: known.get(name) or _hash(path) for name, path in sorted(there.items())}


def differing(folder: Path, files: Mapping[str, tuple[int, str]], apart: str) -> list[str]:
    """Return the files that are missing, added or not as a manifest says, but for one."""
    there = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    there.pop(apart, None)
    wrong = set(there) ^ set(files)
    for name in set(there) & set(files):
        size, digest = files[name]
        if there[name].stat().st_size != size or _hash(there[name])[1] != digest:
            wrong.add(name)
    return sorted(wrong)


def _unit(unit: str, path: Path) -> Files:
    if path.is_dir():
        return {f"{unit}/{name}": facts for name, facts in hashed(path).items()}
    return {unit: _hash(path)}


def _hash(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return os.fstat(stream.fileno()).st_size, digest
