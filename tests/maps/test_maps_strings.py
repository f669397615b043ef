"""Both languages say everything, with the same blanks to fill."""

from __future__ import annotations

import re
from typing import Any

from madeup import inputs

import maps
from maps.words import words


def flat(value: Any, path: str = "") -> dict[str, str]:
    """Return every string by its path."""
    if isinstance(value, str):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for key, part in items for k, v in flat(part, f"{path}.{key}").items()}


def test_languages_have_the_same_strings_and_blanks() -> None:
    english, spanish = flat(words("en")), flat(words("es"))
    assert english.keys() == spanish.keys()
    for path, text in english.items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", spanish[path]))


def test_a_spanish_page_is_spanish_and_says_which_words_are_not() -> None:
    html = maps.page(inputs(language="es"))
    assert '<html lang="es"' in html
    assert "Muertes registradas" in html
    assert "Recorded deaths by" not in html
    assert "El aumento de la cobertura de torres" in html
    assert "Greater tower coverage" not in html
    assert 'href="funnel.html" hreflang="en"' in html
