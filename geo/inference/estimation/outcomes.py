"""Passed, failed or not run: the three outcomes of a gate, and how a table holds them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Outcome(NamedTuple):
    """What became of a gate: True (passed), False (failed) or None (not run), and why.

    `reason` says why it was not run.
    """

    passed: bool | None
    reason: str = ""


WORDS = MappingProxyType({True: "pass", False: "fail", None: "not run"})
"""How an outcome is written in the column `gates`."""


def written(gates: Mapping[str, bool | None], reasons: Mapping[str, str]) -> str:
    """Write outcomes as the column `gates` holds them.

    Example
    -------
    >>> written({"interval": True, "precision": None}, {"precision": "no GPS record"})
    'interval=pass;precision=not run (no GPS record)'
    """
    out = []
    for name, passed in gates.items():
        why = reasons.get(name, "") if passed is None else ""
        plain = why.replace(";", ",").replace("=", " is ")
        out.append(f"{name}={WORDS[passed]}" + (f" ({plain})" if plain else ""))
    return ";".join(out)


def read(text: object) -> dict[str, Outcome]:
    """Read the column `gates` back; empty where there is none.

    Example
    -------
    >>> read("interval=pass;precision=not run (no GPS record)")["precision"].reason
    'no GPS record'
    """
    if not isinstance(text, str):
        return {}
    known = {word: passed for passed, word in WORDS.items()}
    found = {}
    for part in filter(None, text.split(";")):
        name, _, state = part.partition("=")
        word, _, why = state.partition(" (")
        found[name.strip()] = Outcome(known[word.strip()], why.removesuffix(")"))
    return found
