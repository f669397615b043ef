"""Where units of work run: threads, a Dask cluster of this run's own, or one by its address.

Threads are the default: the kernels release the interpreter's lock, rasters are shared instead of
sent, and nothing has to be started. A cluster is for memory that must be bounded a worker, or for
more machines. The bytes are the same everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from geo.errors import SourceUnreachableError

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
"""In place of an address: a cluster of processes on this machine, for this run."""
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
        return Client(address, timeout="15s")
    except (OSError, ValueError, TypeError) as error:
        raise SourceUnreachableError(
            f"no Dask scheduler answers at {address}; start one or leave out --dask"
        ) from error
