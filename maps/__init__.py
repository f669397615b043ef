"""One self-contained page from the published tables and rasters, and its embed."""

from __future__ import annotations

from maps.inputs import Helpline, MapInputs
from maps.render import embed, page, snippet
from maps.snippets import hosted
from maps.still import picture
from maps.windows import windows
from maps.words import LANGUAGES

__all__ = [
    "LANGUAGES",
    "Helpline",
    "MapInputs",
    "embed",
    "hosted",
    "page",
    "picture",
    "snippet",
    "windows",
]
