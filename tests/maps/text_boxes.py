"""Measures every line of text of a page: none lies on another, none is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MEASURE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
OPEN = "open => document.querySelectorAll('details').forEach(fold => { fold.open = open; })"
MANY = 40


def text_problems(page: Any, *, unfold: bool = True) -> list[str]:
    """Return texts that lie on one another or are cut, in light and in dark.

    Parameters
    ----------
    page
        An open page.
    unfold
        Whether to measure once more with everything open; what an embed unfolds lies over the map.
    """
    found: set[str] = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for unfolded in (False, True) if unfold else (False,):
            page.evaluate(OPEN, unfolded)
            said = page.evaluate(MEASURE)
            assert said["lines"] > MANY, "a page without text has nothing that could be cut"
            found |= {f"{scheme}: {problem}" for problem in said["problems"]}
    page.evaluate(OPEN, False)
    return sorted(found)
