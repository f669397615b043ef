"""Where units of work run: a thread pool here, or a Dask cluster by address."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import cast

from geo.errors import SourceUnreachableError


@contextmanager
def executor(workers: int, dask_address: str | None) -> Iterator[Executor]:
    """Give an executor and take it back.

    Parameters
    ----------
    workers
        Threads of the local pool. The kernels release the interpreter's lock.
    dask_address
        Address of a running Dask scheduler; None for threads.

    Raises
    ------
    SourceUnreachableError
        If no scheduler answers at the address.
    """
    if dask_address is None:
        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="funnel") as pool:
            yield pool
        return
    from distributed import Client  # noqa: PLC0415 - seconds of import that threads do not need

    try:
        client = Client(dask_address, timeout="15s")
    except (OSError, ValueError) as error:
        raise SourceUnreachableError(
            f"no Dask scheduler answers at {dask_address}; start one or leave out --dask"
        ) from error
    with client:
        yield cast("Executor", client)
