"""The snippet that puts a run's map into another page."""

from __future__ import annotations

import tomllib
from pathlib import Path

from flows.cli.study_commands import say
from flows.workflow.bundles import find
from geo.errors import EvidenceError
from geo.evidence import in_language
from maps import LANGUAGES, hosted


def print_snippet(run: str, *, url: str, lang: str, out: Path | None) -> int:
    """Print the snippet of a bundle, for the address at which the map is published.

    Raises
    ------
    EvidenceError
        If the bundle has no map in the language, or the address is none.
    """
    folder = find(run, out)
    main = tomllib.loads((folder / "study.toml").read_text("utf-8")).get("language", "en")
    wanted = next((known for known in LANGUAGES if known == (lang or main)), None)
    name = None if wanted is None else in_language("maps/snippet.html", wanted, main)
    if name is None or not (folder / name).is_file():
        raise EvidenceError(
            f"{folder.name} has no map in {lang or main!r}; leave --lang out, or give one of "
            f"{', '.join(LANGUAGES)}"
        )
    snippet = (folder / name).read_text("utf-8")
    say((hosted(snippet, url) if url else snippet).rstrip())
    return 0
