"""Code versions: a hash of the sources, whole and room by room.

A result depends on the code that made it. The whole hash goes into a run id; a step's own
fingerprint holds only the rooms that the step walks through, so that a changed map does not
recompute a viewshed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("geo", "flows", "maps", "data", "validation/results")
SUFFIXES = {".py", ".toml", ".yaml", ".js", ".css", ".json", ".html", ".typ", ".svg", ".csv"}


def _root(package: str) -> Path:
    """Folder of a package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"no package {package}")
    return Path(spec.origin).parent


def _files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    return sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in SUFFIXES)


@cache
def room_version(*rooms: str) -> str:
    """Return the SHA-256 over the sources of some rooms, named like "geo/terrain" or "geo/grid.py".

    Raises
    ------
    FileNotFoundError
        If a room does not exist: a step that names it is wrong.
    """
    digest = hashlib.sha256()
    for room in sorted(rooms):
        package, _, rest = room.partition("/")
        root = _root(package)
        place = root / rest if rest else root
        if not place.exists():
            raise FileNotFoundError(f"no room {room}")
        for path in _files(place):
            name = f"{package}/{path.relative_to(root).as_posix()}"
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def code_version() -> str:
    """Return the SHA-256 over the sources of all packages, and the calibration they quote."""
    return room_version(*PACKAGES)
