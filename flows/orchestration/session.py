"""Prefect without noise: its own folder, no telemetry, nothing printed beside our own words."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from flows.core.settings import Home
from flows.core.stage import Progress, RunSpec, Stage
from flows.orchestration.away import without_api
from geo.errors import FunnelError

NOISY = ("prefect._internal", "prefect.events", "uvicorn", "aiosqlite")


class PrefectNotReadyError(RuntimeError):
    """Prefect's API did not come up, or went away; the steps themselves do not need it."""


def with_prefect(
    question: RunSpec,
    home: Home,
    executor: Executor,
    workers: int,
    progress: Callable[[Stage], Progress],
) -> Path:
    """Run the steps as one Prefect flow.

    Raises
    ------
    PrefectNotReadyError
        If no API answers, as on a machine that is very busy, or it stops answering during the run.
    """
    prefect = os.environ.setdefault("PREFECT_HOME", str(home.root / "prefect"))
    Path(prefect).mkdir(parents=True, exist_ok=True, mode=0o700)  # Prefect makes no parents
    # what went wrong is said by the command itself, and kept in the journal
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    if "PREFECT_API_URL" not in os.environ:
        os.environ.setdefault("PREFECT_LOGGING_TO_API_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_SERVER_LEVEL", "ERROR")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "ERROR")
    # Prefect sets the level of its inner loggers itself, from this, whenever it sets up logging: an
    # API that goes away is told by the command in one line, not event by event
    os.environ.setdefault("PREFECT_INTERNAL_LOGGING_LEVEL", "CRITICAL")
    # an ephemeral server flushes its last events while its loop closes; nothing is lost, since
    # the store and not the database holds the results
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    # a server that went away is not waited for: the steps go on without it
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "2")
    from flows.orchestration.study_flow import run_flow  # noqa: PLC0415 - reads the variables set above

    try:
        return run_flow(question, home, executor, workers, progress)
    except FunnelError:
        raise
    except Exception as error:
        why = without_api(error)
        if why is None:
            raise
        _hush()
        raise PrefectNotReadyError(why) from error


def _hush() -> None:
    """Keep what still tries to reach the API from printing tracebacks when the process ends."""
    logging.raiseExceptions = False
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] == "prefect":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
