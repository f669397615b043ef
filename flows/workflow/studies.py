"""Find, resolve and check a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from flows.core.settings import today
from geo.errors import InputProblems, Problem
from geo.study import Study, parse


@dataclass(frozen=True)
class Located:
    """A study and the folder that its relative paths start from (None for a built-in one)."""

    study: Study
    folder: Path | None


def builtin() -> dict[str, str]:
    """Return the TOML of every built-in study by name."""
    folder = resources.files("data").joinpath("studies")
    return {
        p.name.removesuffix(".toml"): p.read_text("utf-8")
        for p in sorted(folder.iterdir(), key=lambda p: p.name)
        if p.name.endswith(".toml")
    }


def locate(named: str, overrides: Mapping[str, Any] | None = None) -> Located:
    """Read a built-in study by name, or one of the user's by path.

    Raises
    ------
    InputProblems
        If there is no such study, or with every fault of it.
    """
    known = builtin()
    path = Path(named)
    if named in known:
        text, where, folder = known[named], named, None
    elif path.suffix == ".toml" and path.is_file():
        text, where, folder = path.read_text("utf-8"), str(path), path.parent.absolute()
    else:
        raise InputProblems([_no_study(named, known)])

    def base(name: str) -> str:
        if name in known:
            return known[name]
        parent = (folder or Path()) / name
        if parent.is_file():
            return parent.read_text("utf-8")
        raise InputProblems([_no_study(name, known)])

    study = parse(text, where, base, overrides)
    if study.as_of > today():
        raise InputProblems(
            [
                Problem(
                    where,
                    f"as_of {study.as_of} is in the future (today is {today()} UTC)",
                    "A study is retrospective: set as_of to today or earlier",
                    field="as_of",
                )
            ]
        )
    return Located(study, folder)


def _no_study(named: str, known: Mapping[str, str]) -> Problem:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    close = get_close_matches(named, known, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    return Problem(
        named,
        "there is no such study",
        f"{hint}Built in are {', '.join(known)}; else give the path of a .toml file",
    )
