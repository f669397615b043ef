"""Files of recorded deaths of anybody: columns, and words of causes, intervals and places."""

from __future__ import annotations

from geo.sources.deaths.columns import GUESSES, choose

__all__ = ["GUESSES", "choose"]
