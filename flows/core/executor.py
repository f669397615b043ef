"""Where units of work run: threads, a Dask cluster of this run's own, or one by its address.

Threads are the default: the kernels release the interpreter's lock, rasters are shared instead of
sent, and nothing has to be started. A cluster is for memory that must be bounded a worker, or for
more machines. The bytes are the same everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from geo.errors import InputProblems, Problem, SourceUnreachableError

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
"""In place of an address: a cluster of processes on this machine, for this run."""
SAME_PACKAGES = ("dask", "distributed", "cloudpickle", "numpy", "pandas")
"""Names of packages whose versions must agree, as far as Dask reports them."""
SAME = "Install this program from the same requirements.lock on every machine of the cluster"
USABLE = 0.8
"""Share of the machine's memory that the workers of such a cluster may have together."""


@contextmanager
def executor(workers: int, dask: str | None) -> Iterator[Executor]:
    """Give an executor and take it back.

    Parameters
    ----------
    workers
        Threads of the local pool, or processes of a local cluster.
    dask
        Address of a running Dask scheduler (tcp:// or tls://; certificates as Dask's own
        configuration names them), or "local"; None for threads.

    Raises
    ------
    SourceUnreachableError
        If no scheduler answers at the address.
    InputProblems
        With every package that scheduler or workers have in another version: bytes would differ.
    """
    if dask is None:
        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="funnel") as pool:
            yield pool
    elif dask == LOCAL:
        with _local(workers) as client:
            yield cast("Executor", client)
    else:
        with _connected(dask) as client:
            yield cast("Executor", client)


@contextmanager
def _local(workers: int) -> Iterator[Client]:
    """Start a cluster whose workers are processes of one thread and an even part of the memory."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - seconds that threads do not need

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=int(USABLE * memory / workers),
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _connected(address: str) -> Client:
    from distributed import Client  # noqa: PLC0415

    try:
        client = Client(address, timeout="15s")
    except (OSError, ValueError, TypeError) as error:
        raise SourceUnreachableError(
            f"no Dask scheduler answers at {address}; start one or leave out --dask"
        ) from error
    found = differences(cast("Mapping[str, Any]", client.get_versions(check=False)))
    if found:
        client.close()
        raise InputProblems([Problem("--dask", what, SAME) for what in found])
    return client


def differences(versions: Mapping[str, Any]) -> list[str]:
    """Say where scheduler and workers run other versions than this machine.

    Parameters
    ----------
    versions
        As a Dask client reports them. A worker that joins later is not in it.
    """
    own = _told(versions["client"])
    others = {"the scheduler": versions["scheduler"], **versions["workers"]}
    said: dict[str, list[str]] = {}
    for place, report in others.items():
        theirs = _told(report)
        for package, version in own.items():
            if theirs.get(package) != version:
                where = place if place == "the scheduler" else f"worker {place}"
                here = f"{package} {theirs.get(package)} where this machine has {version}"
                said.setdefault(here, []).append(where)
    return [
        f"{places[0]}{f' and {len(places) - 1} more' if len(places) > 1 else ''}: {what}"
        for what, places in said.items()
    ]


def _told(report: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions that must agree: those that compute and those that carry."""
    python = ".".join(str(report["host"]["python"]).split(".")[:2])
    return {"python": python, **{p: str(report["packages"].get(p)) for p in SAME_PACKAGES}}
