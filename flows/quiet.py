"""Prefect without noise: its own folder, no telemetry, warnings and above only."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from flows.settings import Home
from flows.stage import Progress, Question, Stage

NOISY = ("prefect._internal", "prefect.events", "uvicorn", "aiosqlite")


class PrefectNotReadyError(RuntimeError):
    """Prefect's API did not come up; the steps themselves do not need it."""


def with_prefect(
    question: Question,
    home: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run the steps as one Prefect flow.

    Raises
    ------
    PrefectNotReadyError
        If no API answers, as on a machine that is very busy.
    """
    os.environ.setdefault("PREFECT_HOME", str(home.root / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("PREFECT_LOGGING_SERVER_LEVEL", "ERROR")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "ERROR")
    # an ephemeral server flushes its last events while its loop closes; nothing is lost, since
    # the store and not the database holds the results
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    from flows.pipeline import run_flow  # noqa: PLC0415 - reads the variables set above

    try:
        return run_flow(question, home, executor, workers, progress)
    except RuntimeError as error:
        if "ephemeral Prefect API" not in str(error):
            raise
        raise PrefectNotReadyError("Prefect's own API did not start in time") from error
