"""Which column of a file holds which field: the study's mapping, then usual titles, said aloud."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from geo.errors import InputProblems, Problem
from geo.sources.layouts import shown_titles

UNITS: Mapping[str, tuple[str, float]] = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "metros", "metro", "mts", "mtrs"),
                    ("m", 1.0)),
    **dict.fromkeys(("ft", "feet", "foot", "pies"), ("ft", 0.3048)),
    **dict.fromkeys(("yd", "yds", "yard", "yards"), ("yd", 0.9144)),
    **dict.fromkeys(("km", "kms", "kilometre", "kilometres", "kilometer", "kilometers",
                     "kilometro", "kilometros"), ("km", 1000.0)),
    **dict.fromkeys(("mi", "mile", "miles", "milla", "millas"), ("mi", 1609.344)),
    **dict.fromkeys(("nm", "nmi", "nautical", "nauticas"), ("nautical mi", 1852.0)),
}  # fmt: skip
"""Definition: word of a title or cell = unit and its metres: those of definition, not measured."""
LITTLE = frozenset(("in", "en", "of", "the", "approx", "approximate"))
"""Words beside a unit that say nothing of a field."""


def words_of(title: str) -> list[str]:
    """Return the words of a column's title in lower case: `Tower_Type` and `towerType` alike."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(title))
    return [w for w in re.split(r"[^a-z0-9]+", parted.lower()) if w]


def plain(title: str) -> str:
    """Return a title without signs and units: `Height (ft)` and `height_m` are both `height`."""
    words = words_of(title)
    return " ".join(w for w in words if w not in UNITS and w not in LITTLE) or " ".join(words)


def unit_of(title: str) -> tuple[str, float] | None:
    """Return the unit that a title states, and its metres."""
    found = [UNITS[w] for w in words_of(title) if w in UNITS]
    return max(found, key=lambda unit: unit[0].startswith("nautical"), default=None)


def judge_mapping(
    header: Sequence[str],
    where: str,
    given: Mapping[str, str],
    fields: Sequence[str],
    whose: str,
) -> None:
    """Refuse a mapping of fields or columns that do not exist.

    Raises
    ------
    InputProblems
        One problem for each field that `whose` (a tower, a record) has not, and each column that
        the file has not.
    """
    problems = [
        Problem(where, f"columns maps {k!r}, which no {whose} has", f"Use one of {list(fields)}")
        for k in given
        if k not in fields
    ]
    problems += [
        Problem(
            where,
            "the column mapped to this field is not in the file",
            f"Map one of {shown_titles(header)}",
            field=k,
        )
        for k, v in given.items()
        if v not in header
    ]
    if problems:
        raise InputProblems(problems)


def guess(
    header: Sequence[str],
    given: Mapping[str, str],
    usual_titles: Mapping[str, Sequence[str]],
) -> tuple[dict[str, str], list[str]]:
    """Find the column of each field: the mapping that is given, then usual titles.

    Returns
    -------
    dict
        Field = column of the file.
    list of str
        `field from "title"` for each guess whose title is not the field's own name.
    """
    named = {c for c in header if c in usual_titles}  # a field's own name is no other field's
    titles: dict[str, str] = {}
    for title in header:
        if title not in named:
            titles.setdefault(plain(title), title)
    chosen, guessed = dict(given), []
    for name, usual in usual_titles.items():
        if name in chosen:
            continue
        taken = set(chosen.values())
        free = {t: c for t, c in titles.items() if c not in taken}
        usual_ = next((free[plain(u)] for u in usual if plain(u) in free), None)
        hit = name if name in named - taken else usual_
        if hit is not None:
            chosen[name] = hit
            if hit != name:
                guessed.append(f'{name} from "{hit}"')
    return chosen, guessed


def said(guessed: Sequence[str], where: str) -> list[str]:
    """Return the sentence that names every guess, none where nothing was guessed."""
    text = f"{where}: columns guessed: {', '.join(guessed)}. Map them in the study to be sure."
    return [text] if guessed else []
