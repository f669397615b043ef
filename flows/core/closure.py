"""The import closure of a module: every file of ours, and every distribution, that it runs on.

A file is parsed once in its life: what it takes in is kept by its hash, so that a finished run
answers without parsing anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flows.core import distributions
from flows.core.code_version import PACKAGES, package_files, version_of
from flows.core.distributions import Installed
from flows.core.syntax import Taken, taken

KEPT = "imports.json"


@dataclass(frozen=True)
class Closure:
    """What a module runs on.

    Attributes
    ----------
    files
        Name ("geo/grid.py") = SHA-256, of modules and of package data.
    distributions
        Normalised names of the distributions that are imported, and all that those need.
    """

    files: Mapping[str, str]
    distributions: tuple[str, ...]

    @property
    def code(self) -> str:
        """Hash of all files."""
        lines = (f"{name}\0{digest}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class Program:
    """The sources of this program and the distributions it stands on.

    Parameters
    ----------
    kept
        Folder in which to keep what files take in; None keeps nothing.
    """

    def __init__(self, kept: Path | None = None) -> None:
        self._files: dict[str, Path | bytes] = {
            name: path for package in PACKAGES for name, path in package_files(package)
        }
        self._kept = None if kept is None else kept / KEPT
        self._closures: dict[str, Closure] = {}
        readers = [self._files[f"flows/core/{n}.py"] for n in ("syntax", "distributions")]
        parts = [distributions.stamp().encode(), *map(_content, readers)]
        self._stamp = _digest(b"\0".join(parts))

    def content(self, name: str) -> bytes:
        """Return a file of this program."""
        return _content(self._files[name])

    def changed(
        self, files: Mapping[str, bytes] | None = None, installed: Installed | None = None
    ) -> Program:
        """Return this program with other content of some files, or other distributions."""
        hashes, (known, there) = dict(self.hashes), self._memory
        known = dict(known)
        for name, content in (files or {}).items():
            hashes[name] = _digest(content)
            if name.endswith(".py"):
                module = next(m for m, f in self._modules.items() if f == name)
                package = name.endswith("/__init__.py")
                known[hashes[name]] = taken(content, module, is_package=package)
        other = copy(self)
        vars(other).update(
            _files={**self._files, **(files or {})},
            _closures={},
            hashes=hashes,
            _memory=(known, installed or there),
        )
        return other

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Name = SHA-256 of every file."""
        return {name: _digest(_content(f)) for name, f in self._files.items()}

    @property
    def version(self) -> str:
        """Hash of all sources: the code version of a run."""
        return version_of(self.hashes)

    @property
    def installed(self) -> Installed:
        """The distributions of the environment."""
        return self._memory[1]

    def closure(self, module: str) -> Closure:
        """Return the closure of a module of this program.

        Raises
        ------
        ModuleNotFoundError
            If this program has no such module.
        """
        if module not in self._closures:
            self._closures[module] = self._walk(module)
        return self._closures[module]

    def environment(self, modules: Iterable[str]) -> str:
        """Return Python, architecture and the distributions in the closures of some modules."""
        found = {d for module in modules for d in self.closure(module).distributions}
        return self.installed.text(found)

    def dynamic(self, module: str) -> dict[str, tuple[str, ...]]:
        """Return the files of a closure that import what no syntax tree shows, and how.

        A package that looks names up when they are asked for is one of them only where a file of
        the closure asks it for something that is no module of its own.
        """
        known, files = self._memory[0], self.closure(module).files
        taken_in = {n: known[h] for n, h in files.items() if n.endswith(".py")}
        asked = {m for taking in taken_in.values() for m in taking.modules}
        found = {}
        for name, taking in taken_in.items():
            package = name.removesuffix("/__init__.py").replace("/", ".")
            lazily = {m for m in asked if m.rpartition(".")[0] == package} - set(self._modules)
            if taking.dynamic and (lazily or not name.endswith("/__init__.py")):
                found[name] = (*taking.dynamic, *sorted(lazily))
        return found

    def _walk(self, module: str) -> Closure:
        if module not in self._modules:
            raise ModuleNotFoundError(f"this program has no module {module}")
        known = self._memory[0]
        todo, seen, files, outside = [module], set(), set(), set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            top = name.split(".")[0]
            if top not in PACKAGES:
                outside |= {top} - sys.stdlib_module_names
                continue
            if "." in name:
                todo.append(name.rpartition(".")[0])
            if name in self._modules:
                file = self._modules[name]
                files.add(file)
                todo.extend(known[self.hashes[file]].modules)
                for data in known[self.hashes[file]].data:
                    files |= self._data(data)
        names = self.installed.closure(sorted(outside))
        return Closure({n: self.hashes[n] for n in sorted(files)}, names)

    def _data(self, named: str) -> set[str]:
        if named in self._files:
            return {named}
        return {n for n in self._files if n.startswith(f"{named}/") and not n.endswith(".py")}

    @cached_property
    def _modules(self) -> dict[str, str]:
        """Dotted name = file."""
        python = [n for n in self._files if n.endswith(".py")]
        return {n[:-3].removesuffix("/__init__").replace("/", "."): n for n in python}

    @cached_property
    def _memory(self) -> tuple[dict[str, Taken], Installed]:
        """What every file takes in, by hash, and what is installed."""
        kept = self._read()
        known = {h: Taken(*map(tuple, t)) for h, t in kept.get("taken", {}).items()}
        new = {m: f for m, f in self._modules.items() if self.hashes[f] not in known}
        for module, file in new.items():
            content = _content(self._files[file])
            package = file.endswith("/__init__.py")
            known[self.hashes[file]] = taken(content, module, is_package=package)
        there = kept.get("installed")
        installed = distributions.look() if there is None else _installed(there)
        if self._kept is not None and (new or there is None):
            self._write(known, installed)
        return known, installed

    def _read(self) -> dict[str, Any]:
        """Return what was kept; nothing where it is of another program or damaged."""
        if self._kept is None:
            return {}
        try:
            head, _, body = self._kept.read_text("utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return {}
        if head != f"{self._stamp} {_digest(body.encode())}":
            return {}
        found: dict[str, Any] = json.loads(body)
        return found

    def _write(self, known: Mapping[str, Taken], installed: Installed) -> None:
        assert self._kept is not None  # noqa: S101 - the caller asked
        there = set(self.hashes.values())
        body = json.dumps(
            {
                "taken": {h: list(asdict(t).values()) for h, t in known.items() if h in there},
                "installed": asdict(installed),
            }
        )
        self._kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = self._kept.with_name(f".{self._kept.name}.{os.getpid()}")
        temporary.write_text(f"{self._stamp} {_digest(body.encode())}\n{body}", "utf-8")
        temporary.replace(self._kept)


def _installed(kept: Mapping[str, Any]) -> Installed:
    holds, needs = ({k: tuple(v) for k, v in kept[n].items()} for n in ("holds", "needs"))
    return Installed(holds, kept["versions"], needs)


def _content(file: Path | bytes) -> bytes:
    return file if isinstance(file, bytes) else file.read_bytes()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
