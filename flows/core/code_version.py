"""The files of this program's packages, as they are installed, and the version they make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("geo", "flows", "maps", "data", "validation")
"""All packages that a run may import or read."""


def package_files(package: str) -> Iterator[tuple[str, Path]]:
    """Yield name ("geo/grid.py") and path of every file of a package, without importing it."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"no package {package}; install the program again")
    root = Path(spec.origin).parent
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(p.startswith(".") or p == "__pycache__" for p in parts)
        if path.is_file() and not hidden:
            yield "/".join((package, *parts)), path


def version_of(hashes: Mapping[str, str]) -> str:
    """Return the code version of a run: one hash of name = SHA-256 of every source."""
    lines = (f"{name}\0{digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def code_version() -> str:
    """Return the code version of the program as it is installed."""
    files = (found for package in PACKAGES for found in package_files(package))
    return version_of({n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files})
