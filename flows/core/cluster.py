"""A Dask cluster, of this run's own or by its address, whose every worker has this program.

Other versions would give other bytes, so versions are compared on connection, and again by each
worker before its first unit of work: one that joins later has not been asked yet.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from typing import Any, cast

from distributed import Client, LocalCluster

from flows.core.code_version import code_version
from geo.errors import InputProblems, Problem, SourceUnreachableError

CARRYING = ("dask", "distributed", "cloudpickle")
"""Names of packages by which scheduler, workers and this machine speak to each other."""
COMPUTING = (
    *("numpy", "scipy", "numba", "pandas", "xarray", "zarr"),
    *("pyproj", "rasterio", "shapely", "geopandas"),
)
"""Names of packages on which the bytes of a result depend."""
OURS, PYTHON = "this program", "Python"
"""Names of what is compared beside packages."""
SAME = "Install this program from the same requirements.lock on every machine of the cluster"
USABLE = 0.8
"""Share of the machine's memory that the workers of such a cluster may have together."""
SHOWN = 12
"""Display: characters of a code version that are shown."""


@contextmanager
def local(workers: int) -> Iterator[Client]:
    """Start a cluster whose workers are processes of one thread and an even part of the memory."""
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


def connected(address: str) -> Client:
    """Connect to a running scheduler.

    Raises
    ------
    SourceUnreachableError
        If none answers.
    InputProblems
        With everything that scheduler or workers have in another version.
    """
    try:
        client = Checked(address, timeout="15s")
    except (OSError, ValueError, TypeError) as error:
        raise SourceUnreachableError(
            f"no Dask scheduler answers at {address}; start one or leave out --dask"
        ) from error
    scheduler = cast("Mapping[str, Any]", client.get_versions(check=False))["scheduler"]
    workers = cast("Mapping[str, Any]", client.run(versions, on_error="return"))
    found = differences(versions(), _of_scheduler(scheduler), workers)
    if found:
        client.close()
        raise InputProblems([Problem("--dask", what, SAME) for what in found])
    return client


class Checked(Client):
    """A client whose workers each make sure that they are as this machine before they work."""

    def submit(self, func: Callable[..., Any], *args: Any, pure: bool = True, **named: Any) -> Any:
        """Submit a call, as Dask does."""
        return super().submit(_if_same, versions(), func, *args, pure=pure, **named)


def _if_same(expected: Mapping[str, str], work: Callable[..., Any], *args: Any) -> Any:
    found = unlike(expected, versions())
    if found:
        what = f"a worker that joined later has {found[0]}; what is done is kept"
        raise InputProblems([Problem("--dask", what, SAME)])
    return work(*args)


@cache
def versions() -> dict[str, str]:
    """Return what must be the same wherever a unit of work is done: Python, packages, our files."""
    installed = {name: metadata.version(name) for name in (*CARRYING, *COMPUTING)}
    return {**_python(platform.python_version()), **installed, OURS: code_version()[:SHOWN]}


def _python(version: str) -> dict[str, str]:
    return {PYTHON: ".".join(version.split(".")[:2])}


def _of_scheduler(report: Mapping[str, Any]) -> dict[str, str]:
    """Return what a scheduler tells; it computes nothing, and need not have this program."""
    told = {name: str(report["packages"].get(name)) for name in CARRYING}
    return {**_python(str(report["host"]["python"])), **told}


def unlike(expected: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    """Say what another place has in another version than is expected."""
    return [
        f"{name} {version} where this machine has {expected[name]}"
        for name, version in there.items()
        if version != expected[name]
    ]


def differences(
    own: Mapping[str, str], scheduler: Mapping[str, str], workers: Mapping[str, Any]
) -> list[str]:
    """Say where scheduler and workers run other versions than this machine.

    Parameters
    ----------
    own, scheduler
        What must agree = version.
    workers
        Address = the same, or the error with which a worker answered.
    """
    said: dict[str, list[str]] = {}
    for what in unlike(own, scheduler):
        said.setdefault(what, []).append("the scheduler")
    for place, there in workers.items():
        if isinstance(there, BaseException):
            lacks = f"it does not have this program ({type(there).__name__})"
        for what in [lacks] if isinstance(there, BaseException) else unlike(own, there):
            said.setdefault(what, []).append(f"worker {place}")
    return [
        f"{places[0]}{f' and {len(places) - 1} more' if len(places) > 1 else ''}: {what}"
        for what, places in said.items()
    ]
