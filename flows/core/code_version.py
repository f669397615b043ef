"""The files of this program's packages, as they are installed."""

from __future__ import annotations

from collections.abc import Iterator
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
