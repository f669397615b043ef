"""The six notebooks as pages; executed, with their figures, where `FUNNEL_DOCS` says `full`."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

FOLDER = Path(__file__).parents[1] / "notebooks"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NOTE = "!!! note\n    This page was built without running the notebook; `make docs` runs it.\n\n"


def pages() -> dict[str, str | bytes]:
    """Return name = page or figure of every notebook."""
    whole = os.environ.get("FUNNEL_DOCS") == "full"
    found: dict[str, str | bytes] = {}
    for path in sorted(FOLDER.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        if whole:
            where = {"metadata": {"path": str(FOLDER)}}
            NotebookClient(book, timeout=600, resources=where).execute()
        text, extra = MarkdownExporter().from_notebook_node(book)
        figures = extra.get("outputs") or {}
        for name, data in figures.items():
            own = f"{path.stem}-{name}"
            text = text.replace(f"]({name})", f"]({own})")
            found[f"labs/{own}"] = data
        text = COLOURS.sub("", text)
        title, _, body = text.lstrip().partition("\n")
        found[f"labs/{path.stem}.md"] = f"{title}\n\n{'' if whole else NOTE}{body}"
    return found
