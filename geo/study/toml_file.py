"""From the text of a study file to a study, with every fault of it at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from geo.errors import InputProblems, Problem, StudyError
from geo.guard import guarded
from geo.study.model import Study
from geo.study.sections import (
    CorridorRules,
    GridSpec,
    Inference,
    Movement,
    Period,
    Planted,
    Privacy,
    Source,
    StoryNote,
    Synthetic,
)
from geo.tower_dates import TowerDates


def parse(
    text: str,
    where: str,
    base: Callable[[str], str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Study:
    """Read a study from TOML.

    Parameters
    ----------
    text
        The study file.
    where
        Its name, for messages.
    base
        Returns the TOML of the study that `extends` names.
    overrides
        Keys that replace those of the file, after `extends` is resolved.

    Returns
    -------
    Study
        Resolved and frozen.

    Raises
    ------
    InputProblems
        With every fault of the file.

    Examples
    --------
    >>> from geo import examples
    >>> from geo.study import parse
    >>> own = examples.made_up_study()
    >>> parse(own.toml(), "own.toml") == own
    True
    """
    raw = _resolve(text, where, base, seen=(where,))
    for key, value in (overrides or {}).items():
        raw[key] = value
    with guarded(where, "study"):
        try:
            return Study.model_validate(raw)
        except ValidationError as error:
            raise InputProblems(_problem(where, e) for e in error.errors()) from None


def _resolve(
    text: str, where: str, base: Callable[[str], str] | None, seen: tuple[str, ...]
) -> dict[str, Any]:
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        problem = Problem(where, "nested too deeply to be a study", "Write it as `funnel new` does")
        raise InputProblems([problem]) from None
    except ValueError as error:  # TOMLDecodeError is one; a number of 5,000 digits another
        raise InputProblems(
            [Problem(where, f"not valid TOML: {error}", "Correct the line it names")]
        ) from None
    parent = raw.pop("extends", None)
    if parent is None:
        return raw
    if not isinstance(parent, str):
        what = f"extends is {parent!r:.40}, not the name of a study"
        remedy = 'Write extends = "arizona", or the path of a study file'
        raise InputProblems([Problem(where, what, remedy, field="extends")])
    if parent in seen:
        raise StudyError(f"{where}: extends goes in a circle through {parent}; remove one of them")
    if base is None:
        raise StudyError(
            f"{where}: extends {parent!r}, which cannot be looked up here; give the whole study"
        )
    old = _resolve(base(parent), parent, base, (*seen, parent))
    for key in ("title", "question"):
        if key in raw:  # the Spanish of another title would name another study
            old.pop(f"{key}_es", None)
    return _merge(old, raw)


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(both.get(key), dict):
            both[key] = _merge(both[key], value)
        else:
            both[key] = value
    return both


def _problem(where: str, error: Any) -> Problem:
    field = ".".join(str(part) for part in error["loc"])
    remedy = "Correct the value; a file that `funnel new` writes explains every key"
    if error["type"] == "extra_forbidden":
        remedy = _suggest(error["loc"])
    elif error["type"] == "missing":
        remedy = "Add the key"
    return Problem(where, error["msg"].removeprefix("Value error, "), remedy, field=field)


def _suggest(loc: tuple[Any, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    known: set[str] = set()
    models = (
        *(Study, GridSpec, Period, Source, Movement, Privacy, Inference, Synthetic),
        *(CorridorRules, TowerDates, Planted, StoryNote),
    )
    for model in models:
        known |= set(model.model_fields)
    close = get_close_matches(str(loc[-1]), sorted(known), n=1)
    return f"Did you mean {close[0]}?" if close else "Remove the key, or look for its right name"
