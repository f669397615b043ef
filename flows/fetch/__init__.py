"""The only room with a network: sources into the vault, from local files or from publishers."""

from __future__ import annotations

from flows.fetch.resolve import Missing, Resolved, resolve

__all__ = ["Missing", "Resolved", "resolve"]
