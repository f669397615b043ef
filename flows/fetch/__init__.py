"""The only room with a network: sources into the vault, from local files or from publishers."""

from __future__ import annotations

from flows.fetch.resolve import Missing, Resolved, Ways, resolve

__all__ = ["Missing", "Resolved", "Ways", "resolve"]
