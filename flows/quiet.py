"""Prefect without noise: its own folder, no telemetry, warnings and above only."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flows.settings import Home


@contextmanager
def prefect_ready(place: Home) -> Iterator[None]:
    """Set what Prefect reads when it is imported, and keep its goodbye off the terminal."""
    os.environ.setdefault("PREFECT_HOME", str(place.root / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("PREFECT_LOGGING_SERVER_LEVEL", "ERROR")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "ERROR")
    # an ephemeral server flushes its last events while the loop closes; nothing is lost, the
    # store and not the database holds the results
    for name in ("prefect._internal", "prefect.events", "uvicorn", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    yield
