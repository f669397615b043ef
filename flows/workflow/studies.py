"""Find, resolve and check a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from flows.core.settings import local_data, today
from geo import sizes
from geo.errors import FunnelError, InputProblems, MissingInputError, Problem
from geo.study import Study, parse
from geo.tower_dates import coordinates_of, polygon_of


@dataclass(frozen=True)
class LocatedStudy:
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


def locate(named: str, overrides: Mapping[str, Any] | None = None) -> LocatedStudy:
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
        text, where, folder = _text(path), str(path), path.parent.absolute()
    else:
        raise InputProblems([_no_study(named, known)])

    def base(name: str) -> str:
        if name in known:
            return known[name]
        parent = (folder or Path()) / name
        if parent.is_file():
            return _text(parent)
        raise InputProblems([_no_study(name, known)])

    study = with_polygons(parse(text, where, base, overrides), where, folder)
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
    return LocatedStudy(study, folder)


def _text(path: Path) -> str:
    """Return a study file as text, with or without the mark that Windows writes first."""
    if path.stat().st_size > sizes.STUDY_BYTES:
        what = f"{path.stat().st_size / 1e6:,.0f} MB are no study; at most 1 MB is read"
        raise InputProblems([Problem(str(path), what, "Give a study as `funnel new` writes it")])
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem(str(path), "not text in UTF-8", "Save the study again in UTF-8")
        raise InputProblems([problem]) from None


def with_polygons(study: Study, where: str, folder: Path | None) -> Study:
    """Return the study with the coordinates of every polygon that a dating rule takes from a file.

    A resolved study stands alone: it names no file of the user's disk.

    Raises
    ------
    InputProblems
        With every file that is not there or holds no polygon.
    """
    problems, rules = [], []
    for n, rule in enumerate(study.tower_dates):
        if not isinstance(rule.polygon, str):
            rules.append(rule)
            continue
        try:
            found = _coordinates(rule.polygon, folder)
        except (FunnelError, ValueError) as error:
            what, _, remedy = str(error).partition(". ")
            remedy = remedy or "Give a file of polygons, or coordinates"
            problems.append(Problem(where, what, remedy, field=f"tower_dates.{n}.polygon"))
        else:
            rules.append(rule.model_copy(update={"polygon": found}))
    if problems:
        raise InputProblems(problems)
    return study.model_copy(update={"tower_dates": tuple(rules)})


def _coordinates(file: str, folder: Path | None) -> tuple[Any, ...]:
    """Return the coordinates of the polygons in a file beside the study or in local data."""
    from geo.sources.vector import open_vector  # noqa: PLC0415 - only rules with files need it

    bases = [b for b in (folder, local_data()) if b is not None]
    there = [b / file for b in bases if (b / file).is_file()]
    if not there:
        raise MissingInputError(f"there is no file {file}. Correct the path")
    coordinates = coordinates_of(open_vector(there[0], file).union_all())
    polygon_of(coordinates)
    return coordinates


def _no_study(named: str, known: Mapping[str, str]) -> Problem:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    close = get_close_matches(named, known, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    return Problem(
        named,
        "there is no such study",
        f"{hint}Built in are {', '.join(known)}; else give the path of a .toml file",
    )
