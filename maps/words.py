"""Every word of the page, one file a language."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from maps.inputs import Language

LANGUAGES: tuple[Language, ...] = ("en", "es")
"""Definition: languages of every page."""


@cache
def words(language: Language) -> dict[str, Any]:
    """Return the strings of a language."""
    text = files("maps").joinpath(f"strings_{language}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
