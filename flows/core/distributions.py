"""Installed distributions: which one holds a module, what it needs, and in which version."""

from __future__ import annotations

import csv
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Installed:
    """The distributions of an environment, by normalised name.

    Attributes
    ----------
    holds
        Top-level module = distributions that install it.
    versions
        Distribution = version.
    needs
        Distribution = distributions it needs here, those of extras it is asked for included.
    """

    holds: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, str]
    needs: Mapping[str, tuple[str, ...]]

    def closure(self, modules: Iterable[str]) -> tuple[str, ...]:
        """Return the distributions that hold some top-level modules, and all they need, sorted."""
        todo = [d for module in modules for d in self.holds.get(module, ())]
        found: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.needs.get(name, ()))
        return tuple(sorted(found & set(self.versions)))

    def text(self, distributions: Iterable[str]) -> str:
        """Return Python, architecture and the versions of some distributions, one a line."""
        python = ".".join(platform.python_version_tuple()[:2])
        head = [f"python=={python}", f"architecture=={platform.machine()}"]
        lines = [f"{name}=={self.versions[name]}" for name in sorted(set(distributions))]
        return "\n".join([*head, *lines]) + "\n"


def stamp() -> str:
    """Return what changes when a distribution is installed, upgraded or removed; cheap."""
    found: list[str] = []
    for folder in dict.fromkeys(sys.path):
        paths = sorted(Path(folder or ".").glob("*.dist-info/METADATA"))
        found += [f"{path} {path.stat().st_mtime_ns}" for path in paths]
    return "\n".join(found)


@cache
def look() -> Installed:
    """Read the metadata of everything that is installed."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - a finished run needs it not

    holds: dict[str, set[str]] = {}
    versions: dict[str, str] = {}
    wanted: dict[str, list[Requirement]] = {}
    for found in metadata.distributions():
        name = normalised(found.metadata["Name"] or "")
        if not name or name in versions:
            continue  # what stands first on the path is what is imported
        versions[name] = found.version
        wanted[name] = [Requirement(r) for r in found.requires or ()]
        for module in _top_level(found):
            holds.setdefault(module, set()).add(name)
    extras: dict[str, set[str]] = {}
    for requirement in (r for listed in wanted.values() for r in listed):
        if requirement.extras and _applies(requirement, {""}):
            extras.setdefault(normalised(requirement.name), set()).update(requirement.extras)
    needs = {
        name: tuple(
            sorted(
                normalised(r.name) for r in listed if _applies(r, {"", *extras.get(name, set())})
            )
        )
        for name, listed in wanted.items()
    }
    return Installed({m: tuple(sorted(d)) for m, d in holds.items()}, versions, needs)


def normalised(name: str) -> str:
    """Return the name of a distribution as indexes write it."""
    return name.lower().replace("_", "-").replace(".", "-")


def _applies(requirement: Any, extras: Iterable[str]) -> bool:
    return requirement.marker is None or any(
        requirement.marker.evaluate({"extra": extra}) for extra in extras
    )


def _top_level(found: metadata.Distribution) -> set[str]:
    stated = (found.read_text("top_level.txt") or "").split()
    if stated:
        return set(stated)
    # the paths as RECORD lists them: as objects they cost ten times as much
    record = found.read_text("RECORD")
    if record is None:
        paths = [str(path) for path in found.files or ()]
    else:
        paths = [row[0] for row in csv.reader(record.splitlines()) if row]
    code = (path for path in paths if path.endswith((".py", ".so", ".pyd")))
    return {path.partition("/")[0].split(".")[0] for path in code}
