"""The command line: one module a group of commands."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

OURS = ("geo", "data", "maps")
"""Packages of ours whose names other distributions on the package index have too."""


def shadowed() -> str:
    """Say which package of another distribution stands before ours; empty where none does.

    `geo`, `data` and `maps` are common names: a file of that name in the folder in which the
    command runs, or a distribution installed later, would be imported in place of ours.
    """
    home = Path(__file__).resolve().parents[2]
    for name in OURS:
        spec = find_spec(name)
        where = spec.origin if spec is not None else None
        if where is None or Path(where).resolve().parent.parent != home:
            return (
                f"{where or name}: another package called {name!r} hides ours in {home.name}. "
                "Uninstall it, or run funnel from another folder and an environment of its own."
            )
    return ""


def main() -> None:
    """Run the command line, unless another package hides one of ours."""
    if said := shadowed():
        sys.stderr.write(f"{said}\n")
        sys.exit(2)
    from flows.core.stopping import stops_at_once  # noqa: PLC0415 - as the next

    # from the first line on: imports take seconds on a busy machine. `serve` winds down by itself
    with nullcontext() if sys.argv[1:2] == ["serve"] else stops_at_once():
        from flows.cli.app import main as run  # noqa: PLC0415 - imports what may be hidden

        run()


__all__ = ["main", "shadowed"]
