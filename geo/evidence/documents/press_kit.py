"""Pictures that a newsroom may take from a bundle, listed on its front page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from geo.evidence.documents.central import STEM
from geo.evidence.documents.figures import Figure
from geo.evidence.documents.front_words import FRONT
from geo.evidence.documents.stills import named
from geo.inference.registered.phrases import Language

_WINDOW = re.compile(r"maps/map-(?P<years>\d{4}(?:-\d\d)?)(?:\.(?P<language>\w\w))?\.png")
_SHAPE = re.compile(r"-(16x9|1x1)")


def in_language(name: str, language: Language, main: Language = "en") -> str:
    """Return the name of a page in a language: the study's own has the plain name.

    Parameters
    ----------
    name
        Of the page in the study's language.
    language, main
        Of the page, and of the study.

    Returns
    -------
    str
        With the language before the ending, where it is not the study's.

    Examples
    --------
    >>> from geo.evidence.documents.press_kit import in_language
    >>> in_language("index.html", "es"), in_language("index.html", "en")
    ('index.es.html', 'index.html')
    """
    if language == main:
        return name
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{language}.{ending}"


def press_kit(
    drawn: Sequence[Figure],
    pages: Mapping[str, str | bytes],
    sentence: str,
    language: Language,
    main: Language,
) -> str:
    """List the pictures a newsroom may take, each with its text for who cannot see it."""
    say, stem = FRONT[language], STEM if language == main else f"{STEM}.{language}"
    figure = next((f for f in drawn if f.stem == stem), None)
    rows: list[tuple[str, list[str], str]] = []
    if figure is not None:
        names = (f"{stem}.svg", named(stem, "16x9"), named(stem, "1x1"))
        rows.append((say["kit_central"], [f"figures/{n}" for n in names], figure.alt))
    for name, text in (("maps/funnel.png", "16:9"), ("maps/funnel-1x1.png", "1:1")):
        if in_language(name, language, main) in pages:
            files = [in_language(name, language, main)]
            rows.append((say["kit_map"].format(shape=text), files, f"{say['poster']}. {sentence}"))
    for name in sorted(n for n in pages if _WINDOW.fullmatch(n)):
        own = _WINDOW.fullmatch(name)
        if own is not None and own["language"] == (None if language == main else language):
            years = own["years"].replace("-", "\u2013")
            files = [name.removesuffix("png") + ending for ending in ("svg", "png")]
            told = say["kit_window_alt"].format(years=years)
            rows.append((say["kit_window"].format(years=years), files, told))
    if not rows:
        return ""
    body = "".join(
        f"<tr><td>{escape(what)}</td><td>{_links(files)}</td><td>{escape(alt)}</td></tr>"
        for what, files, alt in rows
    )
    head = "".join(f'<th scope="col">{c}</th>' for c in say["kit_columns"])
    return (
        f"<p>{say['kit_note']}</p>"
        f'<div class="wide" tabindex="0" role="region" aria-label="{say["kit"]}"><table><thead>'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _links(files: Sequence[str]) -> str:
    return " · ".join(
        f'<a href="{n}">{_SHAPE.sub("", n).rpartition(".")[2].upper()}'
        f"{' ' + found[1].replace('x', ':') if (found := _SHAPE.search(n)) else ''}</a>"
        for n in files
    )
