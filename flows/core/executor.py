"""Where units of work run: threads, a Dask cluster of this run's own, or one by its address.

Threads are the default: the kernels release the interpreter's lock, rasters are shared instead of
sent, and nothing has to be started. A cluster is for memory that must be bounded a worker, or for
more machines. The bytes are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import cast

LOCAL = "local"
"""In place of an address: a cluster of processes on this machine, for this run."""


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
        With everything that scheduler or workers have in another version: bytes would differ.
    """
    if dask is None:
        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="funnel") as pool:
            yield pool
        return
    from flows.core import cluster  # noqa: PLC0415 - seconds that threads do not need

    with cluster.local(workers) if dask == LOCAL else cluster.connected(dask) as client:
        yield cast("Executor", client)
