"""What provokes a message, and which places in the code said it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from docs.messages import PART, PLAIN, ROOT, Said, everything
from geo.errors import FunnelError, Problem

Act = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """One mistake.

    Attributes
    ----------
    file
        Module that says the message.
    where, what
        What the message has to name, and words of it.
    act
        Makes the mistake in an empty folder; raises, or returns problems.
    """

    file: str
    where: str
    what: str
    act: Act


@dataclass(frozen=True)
class Provoked:
    """What a mistake led to.

    Attributes
    ----------
    text
        The message as the user sees it; "" if there was none.
    places
        Places in the code whose words stand in it.
    """

    text: str
    places: frozenset[Said]


@cache
def by_file() -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = {}
    for said in everything():
        found.setdefault(said.file, []).append(said)
    return found


def provoke(case: Case, folder: Path) -> Provoked:
    """Make the mistake and say what came of it."""
    heard: list[tuple[Said, str]] = []
    with listening(heard):
        try:
            left = case.act(folder)
        except (FunnelError, ValueError, TypeError, KeyError) as error:
            text = str(error)
        except Exception as error:  # no message of ours; its own test says so, others go on
            return Provoked(f"{type(error).__name__} escaped: {error}", frozenset())
        else:
            problems = list(left) if isinstance(left, list | tuple | Iterator) else []
            text = "\n".join(str(p) for p in problems if isinstance(p, Problem))
            text = text or (left if isinstance(left, str) else "")
    places = {said for said, words in heard if words.strip(". ") in text}
    silent = (s for s in by_file().get(case.file, ()) if s.kind in {PART, *PLAIN})
    return Provoked(text, frozenset(places | {s for s in silent if s.fits(text)}))


@contextmanager
def listening(heard: list[tuple[Said, str]]) -> Iterator[None]:
    """Note the place of every problem and error that is made meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in (Problem, FunnelError):
            patch.setattr(kind, "__init__", _noting(kind, heard))
        yield


def _noting(kind: type, heard: list[tuple[Said, str]]) -> Callable[..., None]:
    make = kind.__init__

    def init(self: object, *given: object, **named: object) -> None:
        make(self, *given, **named)
        frame = sys._getframe(1)
        path = Path(frame.f_code.co_filename)
        if not path.is_relative_to(ROOT):
            return
        line, words = frame.f_lineno, getattr(self, "what", None) or str(given[0] if given else "")
        here = by_file().get(path.relative_to(ROOT).as_posix(), ())
        said = (s for s in here if s.first <= line <= s.last and s.kind != PART)
        heard.extend((s, words) for s in islice(said, 1))

    return init


VERBS = (
    "accumulate", "add", "aggregate", "align", "ask", "check", "chmod", "choose", "compute",
    "convert", "correct", "cut", "declare", "delete", "download", "export", "extend", "fetch",
    "fill", "free", "get", "give", "go", "install", "keep", "label", "leave", "let", "look",
    "lower", "make", "map", "merge", "move", "name", "pass", "publish", "put", "raise", "read",
    "remove", "rename", "resample", "run", "save", "say", "send", "set", "spread", "start",
    "take", "try", "use", "widen", "wrap", "write", "did you mean", "rerun", "report",
)  # fmt: skip
BIDS = re.compile(
    rf"(?:^|[.;:?,!] |\n)(?:or |else |then |please )?(?:{'|'.join(VERBS)})\b", re.IGNORECASE
)


def bids(text: str) -> bool:
    """Return whether a message tells its reader to do something."""
    return BIDS.search(text) is not None
